//! Records: rows whose every cell has been read, with all faults named before anything stops.

use crate::cell;
use crate::columns::*;
use crate::divisions::{Division, Divisions};
use crate::fault::Fault;
use crate::mapping::process::Step;
use crate::matter;
use crate::people;
use crate::privacy::{self, Names, Party};
use crate::table::Row;
use ledger::entry::Posting;
use ledger::money::Fen;
use ledger::sealed::Access;
use ledger::time::{Date, Period};
use ledger::unit::UnitId;

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// 收入.
    Income,
    /// 支出.
    Expense,
    /// 转账 within the unit.
    Transfer,
    /// 代发 and others that don't touch the unit's own money.
    Other,
}

/// A row that has been read.
#[derive(Clone, Debug)]
pub struct Record {
    /// Row as the spreadsheet counts.
    pub row: usize,
    /// The unit.
    pub unit: UnitId,
    /// 公开大类 as written.
    pub class: Option<String>,
    /// 公开事项.
    pub matter: String,
    /// 所属期间.
    pub period: Option<Period>,
    /// 业务日期.
    pub occurred: Option<Date>,
    /// 凭证号.
    pub voucher: Option<String>,
    /// 摘要, paragraph by paragraph, names withheld.
    pub text: Vec<String>,
    /// The one name that 摘要 gives, masked.
    pub named: Option<String>,
    /// 会计科目: code and name.
    pub account: Option<(Option<String>, String)>,
    /// 资金来源 as written.
    pub fund: Option<String>,
    /// 收支方向, and as written.
    pub direction: Option<(Direction, String)>,
    /// 金额.
    pub amount: Option<Fen>,
    /// 货币资金余额.
    pub balance: Option<Fen>,
    /// 结算方式 as written.
    pub method: Option<String>,
    /// 对方单位或个人.
    pub party: Option<Party>,
    /// 数量 in hundredths, and 计量单位.
    pub quantity: Option<(i64, String)>,
    /// 合同编号.
    pub contract: Option<String>,
    /// 决议编号.
    pub resolution: Option<String>,
    /// Roles that are filled in, each with the masked name of who did so; none where an office did.
    pub approvals: Vec<(&'static str, Option<String>)>,
    /// Who may see the row's names.
    pub names: Access,
    /// 公示.
    pub posting: Option<Posting>,
    /// 附件张数.
    pub attachments: Option<u64>,
    /// 备注, names withheld.
    pub note: Vec<String>,
    /// 处置编号 and 处置环节.
    pub step: Option<Step>,
}

/// What reading needs to know.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The divisions table.
    pub divisions: &'a Divisions,
    /// The table's people.
    pub names: &'a Names,
    /// Faults so far.
    pub faults: Vec<Fault>,
    /// Warnings so far.
    pub warnings: Vec<Fault>,
}

impl Reader<'_> {
    /// Reads a row; `None` when it has faults, which are then among [`Reader::faults`].
    pub fn record(&mut self, row: &Row<'_>) -> Option<Record> {
        let before = self.faults.len();
        let unit = self.unit(row);
        let matter = self.must(row, MATTER);
        let period =
            self.read(row, PERIOD, cell::period, "应为期间，如 2026-01 / want a period such as 2026-01");
        let date = "应为日期，如 2026-01-06 / want a date such as 2026-01-06";
        let occurred = self.read(row, OCCURRED, cell::date, date);
        let money = "应为数字，如 12,000.00 / want a number such as 12,000.00";
        let amount = self.read(row, AMOUNT, cell::money, money);
        let balance = self.read(row, BALANCE, cell::money, money);
        let text = self.text(row, TEXT);
        if row.raw(TEXT).trim().is_empty() {
            self.must(row, TEXT);
        }
        let record = Record {
            row: row.number,
            unit: unit.unwrap_or(UnitId::VOID),
            class: self.code(row, CLASS),
            matter,
            period,
            occurred,
            voucher: self.code(row, VOUCHER),
            named: privacy::only_name(row.raw(TEXT).trim(), &text.join("\n")),
            text,
            account: self.code(row, ACCOUNT).map(|text| account(&text)),
            fund: self.code(row, FUND),
            direction: self.direction(row),
            amount,
            balance,
            method: self.code(row, METHOD),
            party: self.party(row),
            quantity: self.quantity(row),
            contract: self.code(row, CONTRACT),
            resolution: self.code(row, RESOLUTION),
            approvals: PEOPLE.iter().flat_map(|(column, role)| self.approvals(row, column, role)).collect(),
            names: self.access(row),
            posting: self.posting(row, date),
            attachments: self.read(
                row,
                ATTACHMENTS,
                cell::count,
                "应为整数，如 2 / want a whole number such as 2",
            ),
            note: self.text(row, NOTE),
            step: self.step(row),
        };
        (self.faults.len() == before).then_some(record)
    }

    /// A fault of a cell, unless it has one: what may not be published, found first, is not to be quoted by another.
    fn fault(&mut self, row: &Row<'_>, column: &str, what: impl Into<String>) {
        let mut of_row = self.faults.iter().rev().take_while(|fault| fault.row == row.number);
        if !of_row.any(|fault| fault.column == column) {
            self.faults.push(Fault::new(row.number, column, what));
        }
    }

    fn unit(&mut self, row: &Row<'_>) -> Option<UnitId> {
        let code = self.must(row, DIVISION);
        if code.is_empty() {
            return None;
        }
        let divisions = self.divisions;
        match divisions.account(&code, &row.code(ACCOUNT_UNIT).unwrap_or_default()) {
            Ok(division) => {
                self.place(row, divisions, division);
                Some(division.unit)
            }
            Err((column, what)) => {
                self.fault(row, column, what);
                None
            }
        }
    }

    /// 乡镇 and 村 must be those of the code: a slip in the code puts an entry into another village's book.
    fn place(&mut self, row: &Row<'_>, divisions: &Divisions, division: &Division) {
        let of = |unit: Option<UnitId>| divisions.iter().find(|d| Some(d.unit) == unit);
        let town = division.unit.as_str().get(..9).map(|t| format!("{t}000"));
        let town = of(town.and_then(|t| UnitId::of_division(&t, 0)));
        let village = of(UnitId::of_division(division.unit.division(), 0));
        for (column, named) in [(TOWN, town), (VILLAGE, village)] {
            let (Some(written), Some(named)) = (row.code(column), named) else { continue };
            if written != named.name {
                let code = division.unit.division();
                let what = format!(
                    "写的是“{written}”，但代码 {code} 是“{}”，请核对 / the code is another's: check both",
                    named.name
                );
                self.fault(row, column, what);
            }
        }
    }

    fn must(&mut self, row: &Row<'_>, column: &str) -> String {
        let text = self.code(row, column).unwrap_or_default();
        if text.is_empty() {
            self.fault(row, column, "没有填写 / it is empty");
        }
        text
    }

    /// A structured cell, held against what may not be published.
    fn code(&mut self, row: &Row<'_>, column: &str) -> Option<String> {
        let text = row.code(column)?;
        self.hold(row, column, &text);
        if let Some(c) = text.chars().find(|c| !ledger::json::is_allowed(*c)) {
            self.invisible(row, column, c);
        }
        Some(text)
    }

    fn text(&mut self, row: &Row<'_>, column: &str) -> Vec<String> {
        let raw = row.raw(column);
        // A tab becomes a space in the entry, which may stand inside a number.
        self.hold(row, column, &raw.replace('\t', " "));
        match cell::paragraphs(raw) {
            Ok(paragraphs) => paragraphs.iter().map(|p| self.names.withhold(p)).collect(),
            Err(c) => {
                self.invisible(row, column, c);
                Vec::new()
            }
        }
    }

    fn hold(&mut self, row: &Row<'_>, column: &str, text: &str) {
        self.faults.extend(privacy::of_cell(row.number, column, text));
    }

    fn invisible(&mut self, row: &Row<'_>, column: &str, c: char) {
        let what = format!(
            "有看不见或不能用的字符 U+{:04X}，请删去重打 / a character that may not be used: delete and type again",
            c as u32
        );
        self.fault(row, column, what);
    }

    fn read<T>(
        &mut self,
        row: &Row<'_>,
        column: &str,
        parse: fn(&str) -> Option<T>,
        want: &str,
    ) -> Option<T> {
        let raw = row.code(column)?;
        self.hold(row, column, &raw);
        let read = parse(&raw);
        if read.is_none() {
            let slip = cell::slip(&raw);
            let what = slip.as_deref().unwrap_or(want);
            self.fault(row, column, format!("写的是“{}”，{what}", row.raw(column).trim()));
        }
        read
    }

    fn direction(&mut self, row: &Row<'_>) -> Option<(Direction, String)> {
        let Some(text) = self.code(row, DIRECTION) else {
            if matter::is_money(row.raw(MATTER)) {
                self.fault(
                    row,
                    DIRECTION,
                    "没有填写，应为 收入、支出 或 转账 / it is empty: want 收入, 支出 or 转账",
                );
            }
            return None;
        };
        let direction = match text.as_str() {
            "收入" | "收" => Direction::Income,
            "支出" | "支" | "付" => Direction::Expense,
            "转账" | "内部转账" | "转" => Direction::Transfer,
            "代发" | "代收" => Direction::Other,
            _ => {
                self.fault(
                    row,
                    DIRECTION,
                    format!("写的是“{text}”，应为 收入、支出、转账 或 代发 / want 收入, 支出, 转账 or 代发"),
                );
                return None;
            }
        };
        Some((direction, text))
    }

    fn party(&mut self, row: &Row<'_>) -> Option<Party> {
        let text = self.code(row, PARTY)?;
        privacy::party(&text).map_err(|what| self.fault(row, PARTY, what)).ok()
    }

    /// One approval for each name; a cell with a role or an office, and nobody's name, is one without.
    fn approvals(
        &mut self,
        row: &Row<'_>,
        column: &str,
        role: &'static str,
    ) -> Vec<(&'static str, Option<String>)> {
        let Some(text) = self.code(row, column) else { return Vec::new() };
        let names = people::of_cell(&text).unwrap_or_else(|what| {
            self.fault(row, column, what);
            Vec::new()
        });
        if names.is_empty() {
            vec![(role, None)]
        } else {
            names.into_iter().map(|n| (role, Some(n))).collect()
        }
    }

    fn access(&mut self, row: &Row<'_>) -> Access {
        match self.code(row, NAMES).as_deref() {
            None | Some("公开") => Access::Posted,
            Some("本户") => Access::Household,
            Some("监督") => Access::Inspectors,
            Some(_) => {
                self.fault(
                    row,
                    NAMES,
                    "应为 公开、本户 或 监督，不写则为公开 / want 公开, 本户 or 监督; 公开 when it is empty",
                );
                Access::Posted
            }
        }
    }

    fn quantity(&mut self, row: &Row<'_>) -> Option<(i64, String)> {
        let number =
            self.read(row, QUANTITY, cell::hundredths, "应为数字，如 62.30 / want a number such as 62.30")?;
        let Some(unit) = self.code(row, MEASURE) else {
            self.fault(row, MEASURE, "写了数量，没有计量单位 / a quantity without its unit");
            return None;
        };
        Some((number, unit))
    }

    fn step(&mut self, row: &Row<'_>) -> Option<Step> {
        let (id, stage) = match (self.code(row, PROCESS), self.code(row, STAGE)) {
            (None, None) => return None,
            (Some(id), Some(stage)) => (id, stage),
            (id, _) => {
                let column = if id.is_none() { PROCESS } else { STAGE };
                self.fault(row, column, "处置编号和处置环节应同时填写 / want the number and the stage");
                return None;
            }
        };
        let step = Step::read(&id, &stage);
        if step.is_none() {
            let what = format!(
                "写的是“{stage}”，应为 提议、商议、审议、决议、公示、交易、签约、收款、完成 之一，合并的两个环节用顿号隔开 / want one of these stages, or two that were one"
            );
            self.fault(row, STAGE, what);
        }
        step
    }

    fn posting(&mut self, row: &Row<'_>, want: &str) -> Option<Posting> {
        let from = self.read(row, POSTED_FROM, cell::date, want);
        let to = self.read(row, POSTED_TO, cell::date, want);
        match (from, to) {
            (Some(from), Some(to)) if from <= to => Some(Posting { from, to }),
            (Some(_), Some(_)) => {
                self.fault(row, POSTED_TO, "早于公示开始日期 / before the posting begins");
                None
            }
            (None, None) => None,
            (from, _) => {
                let column = if from.is_none() { POSTED_FROM } else { POSTED_TO };
                if row.code(column).is_none() {
                    self.fault(
                        row,
                        column,
                        "公示开始和截止日期应同时填写 / want both the first and the last day",
                    );
                }
                None
            }
        }
    }
}

/// `501 经营收入-租赁收入` is code and name; without a leading number it is all name.
fn account(text: &str) -> (Option<String>, String) {
    match text.split_once(' ') {
        Some((code, name)) if code.bytes().all(|b| b.is_ascii_digit()) => {
            (Some(code.to_owned()), name.trim().to_owned())
        }
        _ => (None, text.to_owned()),
    }
}
