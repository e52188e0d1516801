//! A unit's book without seals: what tests of the soft rules fill, entry by entry.
#![allow(dead_code)] // each test binary uses its own part of it

use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::json::{Object, Value, parse};
use ledger::kinds::{KINDS, find};
use ledger::rules::{Facts, Finding, FindingCode, Limits, Said};
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-04-10 in Asia/Shanghai.
pub const APRIL: u64 = 1_775_800_000;

/// `occurred` on a day of that month.
pub const DAY: &str = r#""occurred":"2026-04-09","#;

/// What a finding says, without its number.
pub type Told = (FindingCode, &'static str, Vec<Said>);

/// An entry that its kind takes; `head` is what stands before the body, with its commas.
pub fn entry(seq: u64, kind: &str, head: &str, body: &str) -> Entry {
    let text = format!(
        r#"{{"ledger":"l","unit":"440811100391-00","seq":{seq},"kind":"{kind}",{head}"body":{body},"signed_at":1}}"#
    );
    let entry = Entry::of(parse(&text).unwrap()).unwrap_or_else(|e| panic!("{e}: {text}"));
    find(KINDS, kind).unwrap().check(&entry).unwrap_or_else(|e| panic!("{e}: {text}"));
    entry
}

/// `occurred` on a day.
pub fn on(day: &str) -> String {
    format!(r#""occurred":"{day}","#)
}

/// `period`.
pub fn of(period: &str) -> String {
    format!(r#""period":"{period}","#)
}

/// A voucher's body; the number `x` is another one each time; `more` is what follows the amount, with its comma.
pub fn voucher(no: &str, direction: &str, amount: i64, more: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let own = format!("{}x", NEXT.fetch_add(1, Ordering::Relaxed));
    let no = if no == "x" { &own } else { no };
    format!(
        r#"{{"voucher_no":"{no}","direction":"{direction}","lines":[{{"account":"x","amount":{amount}}}],"amount":{amount}{more}}}"#
    )
}

/// A correction's body.
pub fn correction(target: u64, fields: &[(&str, Value, Value)]) -> String {
    let field = |(path, old, new): &(&str, Value, Value)| {
        Object::new().with("path", *path).with("old", old.clone()).with("new", new.clone()).into()
    };
    let body = Object::new()
        .with("target", target_of(target))
        .with("fields", fields.iter().map(field).collect::<Vec<Value>>())
        .with("reason", "typo")
        .with("explanation", "录入错误");
    body.text()
}

/// The body of a correction of one amount.
pub fn fix(target: u64, path: &str, old: i64, new: i64) -> String {
    correction(target, &[(path, old.into(), new.into())])
}

/// A supersession's body.
pub fn supersede(target: u64, by: u64) -> String {
    Object::new()
        .with("target", target_of(target))
        .with("by", target_of(by))
        .with("reason", "重新公布")
        .text()
}

fn target_of(seq: u64) -> Object {
    Object::new().with("seq", seq as i64).with("leaf", Hash::EMPTY.to_base64())
}

/// Fen.
pub fn fen<const N: usize>(values: [i64; N]) -> Vec<Said> {
    values.map(Said::Fen).into()
}

/// Counts.
pub fn counts<const N: usize>(values: [i64; N]) -> Vec<Said> {
    values.map(Said::Count).into()
}

/// A book and what the rules know of it.
pub struct Book {
    pub facts: Facts,
    pub limits: Limits,
    pub seq: u64,
    /// When the next entry is logged.
    pub time: u64,
}

impl Book {
    /// A whole book.
    pub fn new() -> Self {
        Book { facts: Facts::new(), limits: Limits::default(), seq: 0, time: APRIL }
    }

    /// The next entry; what is found.
    pub fn add(&mut self, kind: &str, head: &str, body: &str) -> Vec<Told> {
        self.seq += 1;
        let found = self.facts.take(&entry(self.seq, kind, head, body), self.time, &self.limits);
        let told = |f: Finding| {
            assert_eq!(f.seq, self.seq);
            (f.code, f.field, f.values)
        };
        found.into_iter().map(told).collect()
    }

    /// The next entry, beside which nothing is found.
    pub fn quiet(&mut self, kind: &str, head: &str, body: &str) -> u64 {
        assert_eq!(self.add(kind, head, body), [], "{kind} {head} {body}");
        self.seq
    }

    /// An opening balance at the beginning of 2026.
    pub fn open(amount: i64) -> Self {
        let mut book = Book::new();
        let body = format!(r#"{{"accounts":[{{"account":"bank","amount":{amount}}}],"amount":{amount}}}"#);
        book.quiet("opening_balance", &on("2026-01-01"), &body);
        book
    }

    /// A voucher on a day, beside which nothing is found.
    pub fn pay(&mut self, day: &str, no: &str, direction: &str, amount: i64, more: &str) -> u64 {
        self.quiet("voucher", &on(day), &voucher(no, direction, amount, more))
    }
}
