//! Everything that has no kind of its own yet: its text is kept, cell by cell.

use super::{Mapped, paragraphs};
use crate::cell::cut;
use crate::record::Record;
use ledger::json::Object;

/// Maps any record.
pub fn map(record: &Record) -> Mapped {
    let known = record.party.as_ref().and_then(|p| p.name.clone());
    let texts = record.text.clone().into_iter().chain(rest(record)).chain(record.note.clone());
    let body = Object::new()
        .with("subject", cut(&record.matter, 60))
        .with_some("text", paragraphs(texts))
        .with_some("amount", record.amount.map(|a| a.get()))
        .with_some("counterparty", known)
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone());
    let line = record.line();
    record.mapped("notice", &format!("{}：{line}", record.matter), &line, body)
}

/// The cells that a notice has no field for, as one paragraph.
fn rest(record: &Record) -> Option<String> {
    let account =
        record.account.as_ref().map(|(code, name)| format!("{} {name}", code.as_deref().unwrap_or_default()));
    let person = record.party.as_ref().filter(|p| p.name.is_none()).map(|_| "个人（姓名略）".to_owned());
    let quantity = record.quantity.as_ref().map(|(n, unit)| format!("{}{unit}", decimal(*n)));
    let parts = [
        ("凭证号", record.voucher.clone()),
        ("收支方向", record.direction.as_ref().map(|(_, word)| word.clone())),
        ("会计科目", account.map(|a| a.trim().to_owned())),
        ("资金来源", record.fund.clone()),
        ("结算方式", record.method.clone()),
        ("对方", person),
        ("数量", quantity),
        ("附件", record.attachments.filter(|n| *n > 0).map(|n| format!("{n}张"))),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter_map(|(name, v)| Some(format!("{name}：{}", v?))).collect();
    (!parts.is_empty()).then(|| parts.join("；"))
}

/// Hundredths as people write them.
fn decimal(hundredths: i64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        part => format!("{}.{part:02}", hundredths / 100),
    }
}
