//! 资金收支明细: one receipt or payment.

use super::told::Told;
use super::words::Words;
use crate::columns::{ACCOUNT, AMOUNT, FUND, METHOD, OCCURRED, VOUCHER};
use crate::fault::Fault;
use crate::record::{Direction, Record};
use ledger::json::{Object, Value};

/// Maps a record with a direction.
///
/// # Errors
/// An empty cell without which money can't be accounted for.
pub fn map(record: &Record, direction: Direction) -> Result<Told, Fault> {
    let empty = |column| record.fault(column, "没有填写 / it is empty");
    let voucher = record.voucher.clone().ok_or_else(|| empty(VOUCHER))?;
    let amount = record.amount.ok_or_else(|| empty(AMOUNT))?;
    let (code, account) = record.account.clone().ok_or_else(|| empty(ACCOUNT))?;
    record.occurred.ok_or_else(|| empty(OCCURRED))?;
    let (key, word) = match direction {
        Direction::Income => ("income", "收到"),
        Direction::Expense => ("expense", "支出"),
        Direction::Transfer | Direction::Other => ("transfer", "转账"),
    };
    let line =
        Object::new().with_some("account_code", code).with("account", account).with("amount", amount.get());
    let fund = record.fund.as_deref().map(|text| fund(text).unwrap_or("other"));
    let method = record.method.as_deref().map(|text| method(text).unwrap_or("other"));
    let title = record.line();
    let summary = summary(word, amount, &title);
    let body = Object::new()
        .with("voucher_no", voucher)
        .with("direction", key)
        .with("lines", vec![Value::from(line)])
        .with("amount", amount.get())
        .with_some("fund_source", fund)
        .with_some("method", method)
        .with_some("counterparty", record.counterparty())
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone())
        .with_some("quantity", record.amount_of_things())
        .with_some("balance", record.balance.map(|b| b.get()))
        .with_some("invoice_count", record.attachments.and_then(|n| i64::try_from(n).ok()));
    Ok(Told { kind: "voucher", title, summary, body })
}

/// Cells of which no more is known than that they say something.
pub fn second_look(record: &Record) -> Vec<Fault> {
    let look = |column, cell: &Option<String>, key: fn(&str) -> Option<&'static str>, like: &str| {
        let text = cell.as_deref().filter(|text| *text != "其他" && key(text).is_none())?;
        let what =
            format!("“{text}”按“其他”公开；应为 {like} 之一 / published as “other”: want one of these");
        Some(record.fault(column, what))
    };
    let funds = "集体自有、财政补助、捐赠、征地补偿、一事一议、借款";
    let methods = "银行转账、银行代扣、现金、一卡通、抵扣";
    let looks = [look(FUND, &record.fund, fund, funds), look(METHOD, &record.method, method, methods)];
    looks.into_iter().flatten().collect()
}

/// The plain sentence of a receipt or payment.
pub fn summary(word: &str, amount: ledger::money::Fen, text: &str) -> String {
    crate::cell::cut(&format!("{word}{amount}元：{text}"), ledger::entry::MAX_SUMMARY)
}

/// The key of a written 资金来源; `None` for words that name no source, or several.
pub fn fund(text: &str) -> Option<&'static str> {
    key_of(FUNDS, text)
}

/// The key of a written 结算方式; `None` for words that name none, or several. What was partly paid in cash is cash.
pub fn method(text: &str) -> Option<&'static str> {
    let cash = Words::of([&text.to_owned()]).has(&["现金"]).then_some("cash");
    cash.or_else(|| key_of(METHODS, text))
}

/// Whether a 资金来源 or 结算方式 says no more than its key.
pub fn is_plain(text: &str) -> bool {
    FUNDS.iter().chain(METHODS).any(|(word, _)| *word == text)
}

fn key_of(keys: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    let words = Words::of([&text.to_owned()]);
    let mut found = keys.iter().filter(|(word, _)| words.has(&[word])).map(|(_, key)| *key);
    let first = found.next()?;
    found.all(|key| key == first).then_some(first)
}

const FUNDS: &[(&str, &str)] = &[
    ("集体自有", "self"),
    ("自有", "self"),
    ("财政补助", "fiscal"),
    ("财政", "fiscal"),
    ("捐赠", "donation"),
    ("征地补偿", "land_compensation"),
    ("一事一议", "levy"),
    ("借款", "loan"),
    ("贷款", "loan"),
];
const METHODS: &[(&str, &str)] = &[
    ("银行转账", "transfer"),
    ("转账", "transfer"),
    ("银行代扣", "debit"),
    ("代扣", "debit"),
    ("现金", "cash"),
    ("一卡通", "card"),
    ("抵扣", "deduction"),
];
