//! 资金收支明细: one receipt or payment.

use super::{Mapped, paragraphs};
use crate::columns::{ACCOUNT, AMOUNT, OCCURRED, VOUCHER};
use crate::fault::Fault;
use crate::record::{Direction, Record};
use ledger::entry::MAX_TITLE;
use ledger::json::{Object, Value};

/// Maps a record with a direction.
pub fn map(record: &Record, direction: Direction) -> Result<Mapped, Fault> {
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
    let (fund, fund_note) = keyed(record.fund.as_deref(), FUNDS, "资金来源");
    let (method, method_note) = keyed(record.method.as_deref(), METHODS, "结算方式");
    let party =
        record.party.as_ref().map(|p| Object::new().with("kind", p.kind).with_some("name", p.name.clone()));
    let quantity = record
        .quantity
        .as_ref()
        .map(|(n, unit)| Object::new().with("hundredths", *n).with("unit", unit.as_str()));
    let whole = record.line();
    let long = if whole.chars().count() > MAX_TITLE { record.text.clone() } else { Vec::new() };
    let note = long.into_iter().chain(record.note.clone()).chain(fund_note).chain(method_note);
    let body = Object::new()
        .with("voucher_no", voucher)
        .with("direction", key)
        .with("lines", vec![Value::from(line)])
        .with("amount", amount.get())
        .with_some("fund_source", fund)
        .with_some("method", method)
        .with_some("counterparty", party)
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone())
        .with_some("quantity", quantity)
        .with_some("balance", record.balance.map(|b| b.get()))
        .with_some("invoice_count", record.attachments.and_then(|n| i64::try_from(n).ok()))
        .with_some("note", paragraphs(note));
    Ok(record.mapped("voucher", &whole, &summary(word, amount, &whole), body))
}

/// The plain sentence of a receipt or payment.
pub fn summary(word: &str, amount: ledger::money::Fen, text: &str) -> String {
    crate::cell::cut(&format!("{word}{amount}元：{text}"), ledger::entry::MAX_SUMMARY)
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

/// The stable key of a written value; what has no key of its own is `other`, and its words are kept.
fn keyed(
    written: Option<&str>,
    keys: &[(&str, &'static str)],
    column: &str,
) -> (Option<&'static str>, Option<String>) {
    match written {
        None => (None, None),
        Some(text) => match keys.iter().find(|(word, _)| *word == text) {
            Some((_, key)) => (Some(key), None),
            None => (Some("other"), Some(format!("{column}：{text}"))),
        },
    }
}
