//! 期初余额 and 结账. Whether balances follow from one another is for the ledger's soft rules to find.

use super::told::Told;
use crate::columns::{AMOUNT, BALANCE, PERIOD, TEXT};
use crate::fault::Fault;
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::money::Fen;

/// 期初余额: bank and cash, as 摘要 says.
///
/// # Errors
/// No amount, or accounts that do not add up to it.
pub fn opening(record: &Record) -> Result<Told, Fault> {
    let amount = record.amount.ok_or_else(|| record.fault(AMOUNT, "没有填写 / it is empty"))?;
    let words = record.words();
    let accounts: Vec<(&str, Fen)> = [("银行存款", "bank"), ("库存现金", "cash")]
        .into_iter()
        .filter_map(|(word, account)| Some((account, words.amount(&[word])?)))
        .collect();
    let sum: i64 = accounts.iter().map(|(_, fen)| fen.get()).sum();
    if accounts.is_empty() || sum != amount.get() {
        let what = format!(
            "应写明“银行存款…元，库存现金…元”，合计等于金额 {amount} 元 / name bank and cash, adding up to the amount"
        );
        return Err(record.fault(TEXT, what));
    }
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|(account, fen)| Object::new().with("account", *account).with("amount", fen.get()).into())
        .collect();
    let body = Object::new().with("accounts", accounts).with("amount", amount.get());
    let summary = format!("期初结存{amount}元");
    Ok(Told { title: record.line(), ..record.told("opening_balance", summary, body) })
}

/// 结账: what the row states, and nothing that it does not: counting is for whoever reads the book.
///
/// # Errors
/// No amount or period, or a balance that is not the amount.
pub fn close(record: &Record) -> Result<Told, Fault> {
    let empty = |column| record.fault(column, "没有填写 / it is empty");
    let closing = record.amount.ok_or_else(|| empty(AMOUNT))?;
    record.period.ok_or_else(|| empty(PERIOD))?;
    if record.balance.is_some_and(|b| b != closing) {
        return Err(record.fault(BALANCE, format!("与金额 {closing} 元不同 / not the same as the amount")));
    }
    let words = record.words();
    let stated = |word| words.amount(&[word]).map(Fen::get);
    let body = Object::new()
        .with_some("opening", stated("期初"))
        .with_some("income", stated("收入"))
        .with_some("expense", stated("支出"))
        .with("closing", closing.get());
    Ok(record.told("period_close", format!("期末结存{closing}元"), body))
}
