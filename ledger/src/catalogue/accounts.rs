//! The chart of accounts (会计科目): names for codes. An entry with a code that no chart has is taken all the same.

use super::lines::{DataError, distinct, read};
use crate::json::Value;
use crate::kinds::{Field, Type};

const STANDARD: &str = include_str!("../../data/accounts.jsonl");
const TYPE_LINE: &str = "village-ledger/accounts/v1";
const HEADER: &[Field] = &[Field::must("charts", Type::List(CHART))];
const CHART: &[Field] = &[
    Field::must("chart", Type::Text(40)),
    Field::must("zh", Type::Text(100)),
    Field::must("en", Type::Text(200)),
    Field::may("effective", Type::Date),
    Field::may("until", Type::Date),
];
const ACCOUNT: &[Field] = &[
    Field::must("chart", Type::Text(40)),
    Field::must("code", Type::Text(20)),
    Field::must("zh", Type::Text(60)),
    Field::must("en", Type::Text(120)),
    Field::must("class", Type::Choice(&["asset", "liability", "equity", "cost", "profit_loss"])),
];

/// One account of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The chart's name, such as `2023`.
    pub chart: String,
    /// Its code, such as `513`.
    pub code: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// `asset`, `liability`, `equity`, `cost` or `profit_loss`.
    pub class: String,
}

/// Charts of accounts; the first one is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    charts: Vec<String>,
    accounts: Vec<Account>,
}

impl Accounts {
    /// The built-in charts: 财会〔2023〕14号, in force from 2024-01-01, and 财会〔2004〕12号 before it.
    pub fn standard() -> Self {
        Self::parse(STANDARD).unwrap_or_default()
    }

    /// Reads a file of charts.
    ///
    /// # Errors
    /// [`DataError`] for the first line that is not as it must be.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let (header, rows) = read(text, TYPE_LINE, HEADER, ACCOUNT)?;
        let charts = header.list_of("charts").iter().filter_map(Value::object);
        let charts: Vec<String> = charts.filter_map(|c| Some(c.text_of("chart")?.to_owned())).collect();
        distinct(charts.iter().map(|chart| (2, chart.as_str())), "charts")?;
        let mut accounts = Vec::with_capacity(rows.len());
        let mut keys = Vec::with_capacity(rows.len());
        for (line, row) in &rows {
            let text = |name| row.text_of(name).unwrap_or_default().to_owned();
            let account = Account {
                chart: text("chart"),
                code: text("code"),
                zh: text("zh"),
                en: text("en"),
                class: text("class"),
            };
            if !charts.contains(&account.chart) {
                return Err(DataError::new(*line, "chart", "表头里没有 / the header does not name it"));
            }
            keys.push((*line, format!("{} {}", account.chart, account.code)));
            accounts.push(account);
        }
        distinct(keys.iter().map(|(line, key)| (*line, key.as_str())), "code")?;
        Ok(Accounts { charts, accounts })
    }

    /// The Chinese name of a code in the chart in force.
    pub fn name(&self, code: &str) -> Option<&str> {
        self.account(self.charts.first()?, code).map(|account| account.zh.as_str())
    }

    /// An account of a chart.
    pub fn account(&self, chart: &str, code: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.chart == chart && account.code == code)
    }

    /// All accounts in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }
}
