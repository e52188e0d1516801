//! 党务公开: what the party branch makes public.

use super::asset::key;
use super::told::{Missing, Told, paragraphs};
use crate::cell::cut;
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::money::Fen;

const MATTERS: [(&str, &str); 7] = [
    ("党费", "dues"),
    ("发展党员", "development"),
    ("计划", "work_plan"),
    ("总结", "work_plan"),
    ("决策", "decision"),
    ("决定", "decision"),
    ("决议", "decision"),
];
/// Words before a number of people, and what the number is called.
const COUNTS: [(&[&str], &str); 5] = [
    (&["应缴党员", "应缴"], "应缴党员"),
    (&["已缴党员", "已缴", "实缴"], "已缴党员"),
    (&["预备党员"], "预备党员"),
    (&["积极分子"], "入党积极分子"),
    (&["发展对象"], "发展对象"),
];

/// Maps 党务; nothing can be missing.
///
/// # Errors
/// None.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let counts = COUNTS.iter().filter_map(|(keys, name)| {
        Some(Value::from(Object::new().with("name", *name).with("count", words.count(keys)?)))
    });
    let counts: Vec<Value> = counts.collect();
    let amount = record.amount.map(Fen::get);
    let rest = record.leftover("party_notice", &Object::new().with_some("amount", amount));
    let texts = record.text.iter().cloned().chain(record.note.clone()).chain(rest);
    let body = Object::new()
        .with("matter", key(&MATTERS, &record.matter).unwrap_or("other"))
        .with_some("branch", branch(&record.line()))
        .with_some("text", paragraphs(texts))
        .with_some("counts", (!counts.is_empty()).then_some(counts))
        .with_some("amount", amount);
    Ok(record.told("party_notice", record.line(), body))
}

/// `(榕溪村党支部)` names the branch.
fn branch(text: &str) -> Option<String> {
    let (before, _) = text.split_once("党支部")?;
    let name = before.rsplit(|c: char| !c.is_alphanumeric()).next().filter(|name| !name.is_empty())?;
    Some(cut(&format!("{name}党支部"), 60))
}
