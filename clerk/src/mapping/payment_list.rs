//! 补贴发放清单: the rows of one list become one entry. When they name households they become a list beside the log, each
//! with its sealed name; else they stand in the entry.
//!
//! LIMIT: a list without names whose rows do not fit into one entry is refused by `check`, which says how large an
//! entry may be.

use super::Mapped;
use super::process::Step;
use super::told::{Missing, Told, paragraphs};
use super::words::Words;
use crate::cell::cut;
use crate::columns::{AMOUNT, MEASURE, PARTY, QUANTITY};
use crate::fault::Fault;
use crate::matter::{self, Becomes};
use crate::names::{DraftRow, list_object};
use crate::record::{Direction, Record};
use ledger::json::{Object, Value};
use ledger::money::Fen;
use ledger::payment_rows::MAX_ROWS;
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

    /// What keeps rows that name households from being a list.
    pub fn faults(&self) -> Vec<Fault> {
        let named = self.lists.values().filter(|list| names_households(list));
        named.flat_map(|list| list.iter().flat_map(|record| fault_of_row(record, list))).collect()
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
        if names_households(list) {
            mapped.list = list.iter().filter_map(|r| household(r)).collect();
        }
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
        (
            (record.unit, policy, &record.matter, dates),
            (&record.approvals, &record.resolution, &record.step, record.names)
        )
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

/// A row that counts households stands for them all, and is none of a list of households.
fn households(record: &Record) -> Option<i64> {
    record.quantity.as_ref().filter(|(_, unit)| unit == "户" || unit == "人").map(|(n, _)| n / 100)
}

/// The one name of a row.
fn name(record: &Record) -> Option<&str> {
    match record.party.as_ref()?.people.as_slice() {
        [name] => Some(name),
        _ => None,
    }
}

fn names_households(list: &[&Record]) -> bool {
    list.iter().any(|r| name(r).is_some()) && list.iter().all(|r| households(r).is_none())
}

/// What is counted: the same in all rows that count.
fn measure<'r>(list: &[&'r Record]) -> Option<&'r str> {
    list.iter().find_map(|r| r.quantity.as_ref()).map(|(_, unit)| unit.as_str())
}

fn fault_of_row(record: &Record, list: &[&Record]) -> Vec<Fault> {
    let unit = record.quantity.as_ref().map(|(_, unit)| unit.as_str());
    let negative = |n: Option<i64>| n.is_some_and(|n| n < 0);
    let below = "发放清单里不能为负数 / a list has no amounts below 0";
    let faults = [
        (
            name(record).is_none(),
            PARTY,
            "同一清单的别行写了户主姓名，这一行也要写一人；发给单位的另列一份清单 / other rows of the list name a household: name one person here too; what goes to others is a list of its own",
        ),
        (
            unit.is_some() && unit != measure(list),
            MEASURE,
            "与同一清单前面的行不同，请统一或分成两份清单 / not that of the list's first rows: use one, or make two lists",
        ),
        (negative(record.amount.map(Fen::get)), AMOUNT, below),
        (negative(record.quantity.as_ref().map(|(n, _)| *n)), QUANTITY, below),
        (
            list.len() > MAX_ROWS && list.first().is_some_and(|first| first.row == record.row),
            "",
            "这份清单超过 10 万户，请分成几份 / a list has at most 100,000 households: split it",
        ),
    ];
    let found = faults.into_iter().filter(|(wrong, ..)| *wrong);
    found.map(|(_, column, what)| record.fault(column, what)).collect()
}

/// The row as it goes into the list; `None` for what is a fault.
fn household(record: &Record) -> Option<DraftRow> {
    let quantity = record.quantity.as_ref().map_or(0, |(n, _)| *n);
    Some(DraftRow {
        group: policy(record).1.and_then(|group| group_number(&group)).unwrap_or(0),
        quantity: u64::try_from(quantity).ok()?,
        amount: record.amount?.get(),
        salt: String::new(),
        value: name(record)?.to_owned(),
    })
}

/// The number of 一组, 第3组, 十二组, 第二村民小组; `None` for a group that goes by a name.
fn group_number(text: &str) -> Option<u8> {
    const KINDS: [&str; 9] = ["组", "小组", "村民小组", "居民小组", "社", "经济社", "合作社", "队", "生产队"];
    const DIGITS: &str = "零一二三四五六七八九";
    let text = text.strip_prefix('第').unwrap_or(text);
    let number = KINDS.iter().filter_map(|kind| text.strip_suffix(kind)).min_by_key(|rest| rest.len())?;
    let digit = |text: &str| match text.chars().collect::<Vec<_>>().as_slice() {
        [c] => DIGITS.chars().position(|d| d == *c).and_then(|n| u8::try_from(n).ok()),
        _ => None,
    };
    let read = || match number.split_once('十') {
        None => digit(number),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens)? };
            Some(tens * 10 + if ones.is_empty() { 0 } else { digit(ones)? })
        }
    };
    let plain = number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit()));
    plain.or_else(read).filter(|n| (1..100).contains(n))
}

fn told(first: &Record, list: &[&Record]) -> Told {
    let (whole, _) = policy(first);
    let year = Words::of([&whole]).year();
    let bare = year.and_then(|y| whole.strip_prefix(&format!("{y}年"))).filter(|p| !p.is_empty());
    let totals = list.iter().any(|r| households(r).is_some());
    let count: i64 = list.iter().map(|r| households(r).unwrap_or(1)).sum();
    let named = names_households(list);
    let rows: Vec<Object> = list.iter().map(|r| row(r)).collect();
    let sum: i64 = list.iter().filter_map(|r| r.amount).map(Fen::get).sum();
    let note = note(list, &rows, named, whole.chars().count() > 100);
    let rows: Vec<Value> = rows.into_iter().map(Value::from).collect();
    let body = Object::new()
        .with("policy", cut(bare.unwrap_or(&whole), 100))
        .with_some("year", year)
        .with("count", count)
        .with("amount", sum)
        .with_some("rows", (!totals && !named).then_some(rows))
        .with_some("list", named.then(|| list_object(measure(list), first.names)))
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
fn note(list: &[&Record], rows: &[Object], named: bool, long: bool) -> Vec<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (at, (record, row)) in list.iter().zip(rows).enumerate() {
        let texts = record.text.iter().filter(|_| long).chain(&record.note).cloned();
        let held = row.clone().with_some("resolution_no", record.resolution.clone());
        let held = held.with_some("counterparty", record.counterparty().filter(|_| named));
        // A list has numbers of groups, not their names.
        let group = policy(record).1.filter(|group| named && group_number(group).is_none());
        let group = group.map(|group| format!("组别：{group}"));
        for text in texts.chain(group).chain(record.leftover("payment_list", &held)) {
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
