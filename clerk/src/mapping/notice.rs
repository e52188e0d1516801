//! Everything that has no kind of its own: its text is kept, cell by cell.

use super::told::{Told, paragraphs};
use crate::cell::cut;
use crate::columns::MATTER;
use crate::fault::Fault;
use crate::record::Record;
use ledger::json::Object;

/// Maps any record.
pub fn map(record: &Record) -> Told {
    let rest = Object::new()
        .with_some("amount", record.amount.map(|a| a.get()))
        .with_some("counterparty", record.counterparty())
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone());
    let leftover = record.leftover("notice", &rest);
    let texts = record.text.iter().cloned().chain(leftover).chain(record.note.clone());
    let body = Object::new().with("subject", cut(&record.matter, 60)).with_some("text", paragraphs(texts));
    let body = rest.fields().iter().fold(body, |body, (name, value)| body.with(name, value.clone()));
    record.told("notice", record.line(), body)
}

/// The warning of a petition or an objection.
pub fn petition(record: &Record) -> Fault {
    let what = "诉求和异议的条目类型还没有启用，这次按公告公开 / petitions get a kind of their own later: published as a notice";
    record.fault(MATTER, what)
}
