//! 资金收支明细: one receipt or payment.

use super::told::Told;
use crate::columns::{ACCOUNT, AMOUNT, OCCURRED, VOUCHER};
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
    let method = record.method.as_deref().map(|text| key_of(METHODS, text).unwrap_or("other"));
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

/// The plain sentence of a receipt or payment.
pub fn summary(word: &str, amount: ledger::money::Fen, text: &str) -> String {
    crate::cell::cut(&format!("{word}{amount}元：{text}"), ledger::entry::MAX_SUMMARY)
}

/// The key of a written 资金来源.
pub fn fund(text: &str) -> Option<&'static str> {
    key_of(FUNDS, text)
}

fn key_of(keys: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    keys.iter().find(|(word, _)| *word == text).map(|(_, key)| *key)
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
    ("其他", "other"),
];
const METHODS: &[(&str, &str)] = &[
    ("银行转账", "transfer"),
    ("转账", "transfer"),
    ("银行代扣", "debit"),
    ("代扣", "debit"),
    ("现金", "cash"),
    ("一卡通", "card"),
    ("抵扣", "deduction"),
    ("其他", "other"),
];
