//! 债权债务: what is owed to the unit or by it.

use super::told::{Missing, Told};
use crate::cell::cut;
use crate::columns::PARTY;
use crate::record::Record;
use ledger::json::Object;
use ledger::money::Fen;

/// Maps a claim or a debt.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let account = record.account.as_ref();
    let account = account
        .map(|(code, name)| format!("{} {name}", code.as_deref().unwrap_or_default()).trim().to_owned());
    let named = |keys: &[&str]| {
        words.has(keys) || account.as_deref().is_some_and(|a| keys.iter().any(|key| a.contains(key)))
    };
    let (side, word) = if named(&["应付", "借款", "欠付"]) {
        ("payable", "集体欠别人")
    } else if named(&["应收", "暂付"]) {
        ("receivable", "别人欠集体")
    } else {
        return Err(Missing::text("是应收还是应付", "应付……余额43200元", "who owes whom"));
    };
    let party = record.counterparty().ok_or_else(|| Missing::cell(PARTY))?;
    let balance = words.amount(&["余额"]).or(record.amount);
    let balance = balance.ok_or_else(|| Missing::text("余额", "余额43200元", "the balance"))?;
    let age = words.text(&["账龄"]);
    let date = |keys: &[&str]| words.date(keys).map(|d| d.to_string());
    let shown = age.as_ref().map(|a| format!("，账龄{a}")).unwrap_or_default();
    let body = Object::new()
        .with("side", side)
        .with("counterparty", party)
        .with_some("principal", words.amount(&["本金", "原额"]).map(Fen::get))
        .with("balance", balance.get())
        .with_some("arose", date(&["发生于", "形成于"]))
        .with_some("due", date(&["应于", "到期日"]))
        .with_some("age", age.map(|a| cut(&a, 40)))
        .with_some("account", account.map(|a| cut(&a, 60)))
        .with_some("contract_no", record.contract.clone())
        .with_some("mortgage", words.text(&["抵押物"]).map(|t| cut(&t, 100)));
    Ok(record.told("receivable_payable", format!("{word}{balance}元{shown}"), body))
}
