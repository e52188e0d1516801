//! 补贴发放清单: the rows of one list become one entry, without names.
//!
//! LIMIT: a list whose rows do not fit into one entry is refused by `check`, which says how large an entry may be.

use super::Mapped;
use super::process::Step;
use super::told::{Missing, Told, paragraphs};
use super::words::Words;
use crate::cell::cut;
use crate::columns::AMOUNT;
use crate::matter::{self, Becomes};
use crate::record::{Direction, Record};
use ledger::json::{Object, Value};
use ledger::money::Fen;
use std::collections::{BTreeMap, BTreeSet};

/// The lists of a table, by their first rows, each with its rows in the table's order.
#[derive(Debug)]
pub struct Lists<'r> {
    lists: BTreeMap<usize, Vec<&'r Record>>,
    others: BTreeSet<usize>,
}

impl<'r> Lists<'r> {
    /// Rows of one unit, policy, date, period, posting and set of approvals are one list.
    pub fn of(records: &'r [Record]) -> Self {
        let (mut firsts, mut lists) =
            (BTreeMap::new(), Lists { lists: BTreeMap::new(), others: BTreeSet::new() });
        for record in records.iter().filter(|r| is_row(r)) {
            let first = *firsts.entry(key(record)).or_insert(record.row);
            lists.lists.entry(first).or_default().push(record);
            if first != record.row {
                lists.others.insert(record.row);
            }
        }
        lists
    }

    /// Whether a row belongs to a list that began in an earlier row.
    pub fn continues(&self, record: &Record) -> bool {
        self.others.contains(&record.row)
    }

    /// The entry of the list that begins with a row.
    ///
    /// # Errors
    /// The row has no amount, so that it is none of a list.
    pub fn map(&self, record: &Record, step: Option<&Step>) -> Result<Mapped, Missing> {
        let list = self.lists.get(&record.row).ok_or_else(|| Missing::cell(AMOUNT))?;
        let Told { kind, title, summary, body } = told(record, list);
        let body = body.with_some("process", step.map(Step::object));
        let mut mapped = record.mapped(kind, &title, &summary, body);
        mapped.rows = list.iter().skip(1).map(|r| r.row).collect();
        Ok(mapped)
    }
}

fn is_row(record: &Record) -> bool {
    matches!(matter::becomes(&record.matter), Some(Becomes::PaymentList))
        && matches!(&record.direction, None | Some((Direction::Other, _)))
        && record.amount.is_some()
}

/// What rows of one list have in common: all that an entry says once.
fn key(record: &Record) -> String {
    let (policy, _) = policy(record);
    let dates = (record.occurred, record.period, record.posting);
    format!(
        "{:?}",
        (record.unit, policy, &record.matter, dates, &record.approvals, &record.resolution, &record.step)
    )
}

/// `2026年耕地地力保护补贴(一组)` is policy and group.
fn policy(record: &Record) -> (String, Option<String>) {
    let line = record.line();
    let group = line.strip_suffix([')', '）']).and_then(|t| t.rsplit_once(['(', '（']));
    match group.filter(|(_, g)| g.chars().count() <= 20 && g.ends_with(['组', '社', '队'])) {
        Some((policy, group)) if !policy.is_empty() => (policy.to_owned(), Some(group.to_owned())),
        _ => (line, None),
    }
}

fn told(first: &Record, list: &[&Record]) -> Told {
    let (whole, _) = policy(first);
    let year = Words::of([&whole]).year();
    let bare = year.and_then(|y| whole.strip_prefix(&format!("{y}年"))).filter(|p| !p.is_empty());
    // A row that counts households stands for them all, and is none of a list of households.
    let households = |r: &Record| {
        r.quantity.as_ref().filter(|(_, unit)| unit == "户" || unit == "人").map(|(n, _)| n / 100)
    };
    let totals = list.iter().any(|r| households(r).is_some());
    let count: i64 = list.iter().map(|r| households(r).unwrap_or(1)).sum();
    let rows: Vec<Object> = list.iter().map(|r| row(r)).collect();
    let sum: i64 = list.iter().filter_map(|r| r.amount).map(Fen::get).sum();
    let note = note(list, &rows, whole.chars().count() > 100);
    let rows: Vec<Value> = rows.into_iter().map(Value::from).collect();
    let body = Object::new()
        .with("policy", cut(bare.unwrap_or(&whole), 100))
        .with_some("year", year)
        .with("count", count)
        .with("amount", sum)
        .with_some("rows", (!totals).then_some(rows))
        .with_some("resolution_no", first.resolution.clone())
        .with_some("note", paragraphs(note));
    let yuan = Fen::new(sum).unwrap_or_default();
    let summary = super::told::sentence(&whole, &format!("：{count}户，共{yuan}元"));
    Told { kind: "payment_list", title: format!("{}：{whole}", first.matter), summary, body }
}

fn row(record: &Record) -> Object {
    Object::new()
        .with_some("group", policy(record).1)
        .with_some("quantity", record.amount_of_things())
        .with_some("amount", record.amount.map(Fen::get))
}

/// What the rows say beyond group and amount; what several say stands once, with the rows it is of.
fn note(list: &[&Record], rows: &[Object], long: bool) -> Vec<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (at, (record, row)) in list.iter().zip(rows).enumerate() {
        let texts = record.text.iter().filter(|_| long).chain(&record.note).cloned();
        let held = row.clone().with_some("resolution_no", record.resolution.clone());
        for text in texts.chain(record.leftover("payment_list", &held)) {
            let place = (at + 1).to_string();
            match said.iter_mut().find(|(known, _)| *known == text) {
                Some((_, places)) => places.push(place),
                None => said.push((text, vec![place])),
            }
        }
    }
    let whole = |places: &[String]| places.len() == list.len();
    said.into_iter()
        .map(
            |(text, places)| {
                if whole(&places) { text } else { format!("清单第{}行：{text}", places.join("、")) }
            },
        )
        .collect()
}
