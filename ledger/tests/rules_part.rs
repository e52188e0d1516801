//! A reader that has only the newer part of a book finds less, never something else (S-20).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/book.rs"]
mod book;

use book::*;
use ledger::amend::apply_correction;
use ledger::entry::Entry;
use ledger::json::{Object, Value};
use ledger::rules::{Facts, Finding, FindingCode as F, Limits};
use ledger::time::{Date, Period};
use std::collections::BTreeSet;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len() as u64) as usize]
    }

    fn amount(&mut self) -> i64 {
        *self.pick(&[10, 20, 30])
    }
}

/// Entries in a small world of days, numbers and amounts, so that everything collides; nothing from the future.
struct Writer {
    dice: Dice,
    day: Date,
    entries: Vec<(Entry, u64)>,
    /// The entries as they read today.
    now: Vec<Object>,
    /// What counting would say, near enough that some statements hold.
    left: i64,
}

impl Writer {
    fn write(seed: u64, length: u64) -> Vec<(Entry, u64)> {
        let day = Date::new(2025, 11, 20).unwrap();
        let mut writer = Writer { dice: Dice(seed), day, entries: vec![], now: vec![], left: 100 };
        (0..length).for_each(|_| writer.next());
        writer.entries
    }

    fn next(&mut self) {
        let days = *self.dice.pick(&[0, 0, 1, 4, 15]);
        self.day = self.day.plus(days);
        let (head, period) = self.head();
        let (kind, body) = self.body();
        let head = match kind {
            "period_close" | "statement_of_no_activity" => of(&period),
            _ => head,
        };
        let entry = entry(self.entries.len() as u64 + 1, kind, &head, &body);
        let target = ledger::amend::target_of(&entry).unwrap_or_default() as usize;
        if kind == "correction" {
            apply_correction(&mut self.now[target - 1], target as u64, &entry);
        }
        self.now.push(entry.json.clone());
        let midnight = self.day.days() as u64 * 86_400;
        self.entries.push((entry, midnight));
    }

    fn head(&mut self) -> (String, String) {
        let past = self.day.plus(-(self.dice.roll(50) as i64));
        let month = Period::month_of(past).to_string();
        let quarter = format!("{}-Q{}", past.year(), past.month().div_ceil(3));
        let period = self.dice.pick(&[month.clone(), month, quarter, past.year().to_string()]).clone();
        let occurred = on(&past.to_string());
        let later = of(&Period::month_of(self.day).to_string()) + &occurred;
        let head = match self.dice.roll(8) {
            0 => String::new(),
            1 => of(&period),
            2 => of(&period) + &occurred,
            3 => later,
            _ => occurred,
        };
        (head, period)
    }

    fn body(&mut self) -> (&'static str, String) {
        let (amount, seq) = (self.dice.amount(), self.entries.len() as u64 + 1);
        let no = *self.dice.pick(&["A", "B"]);
        match self.dice.roll(12) {
            0 if self.dice.roll(3) == 0 => {
                self.left = amount;
                let body =
                    format!(r#"{{"accounts":[{{"account":"bank","amount":{amount}}}],"amount":{amount}}}"#);
                ("opening_balance", body)
            }
            0 | 1 => {
                let closing = self.left + *self.dice.pick(&[0, 0, 1]);
                let parts = format!(r#""opening":{},"income":{amount},"expense":0,"#, closing - amount);
                let parts = if self.dice.roll(2) == 0 { parts } else { String::new() };
                ("period_close", format!(r#"{{{parts}"closing":{closing}}}"#))
            }
            2 => {
                let class = *self.dice.pick(&["finance", "party", "village"]);
                ("statement_of_no_activity", format!(r#"{{"classes":["{class}"]}}"#))
            }
            3 => ("party_notice", r#"{"matter":"dues","text":["x"]}"#.to_owned()),
            4 => {
                let due = format!(
                    r#"{{"contract_no":"{no}","subject_kind":"works","subject":"x","counterparty":{{"kind":"person"}},"signed_on":"2026-01-10","schedule":[{{"due":"2026-01-20","amount":{amount}}}]}}"#
                );
                ("contract", due)
            }
            5 => {
                let event = *self.dice.pick(&["payment", "amend", "renew"]);
                let more =
                    format!(r#","amount":{amount},"schedule":[{{"due":"2026-01-20","amount":{amount}}}]"#);
                ("contract_event", format!(r#"{{"contract_no":"{no}","event":"{event}"{more}}}"#))
            }
            6 if seq > 2 => ("correction", self.correction(seq)),
            7 if seq > 2 => {
                let (old, new) = (1 + self.dice.roll(seq - 1), 1 + self.dice.roll(seq - 1));
                let kind = |seq: u64| self.entries[seq as usize - 1].0.kind();
                if old < new && kind(old) == kind(new) && !ledger::entry::is_amendment(kind(old)) {
                    ("supersede", supersede(old, new))
                } else {
                    ("notice", r#"{"text":["x"]}"#.to_owned())
                }
            }
            _ => {
                let income = self.dice.roll(2) == 0;
                self.left += if income { amount } else { -amount };
                let number = format!("记-{:02}", 1 + seq / 3 + self.dice.roll(3));
                let balance = format!(r#","balance":{}"#, self.left + *self.dice.pick(&[0, 0, 0, 1]));
                let balance = if self.dice.roll(3) == 0 { balance } else { String::new() };
                let more = format!(r#","contract_no":"{no}"{balance}"#);
                ("voucher", voucher(&number, if income { "income" } else { "expense" }, amount, &more))
            }
        }
    }

    /// A correction of something that an earlier entry says.
    fn correction(&mut self, seq: u64) -> String {
        let target = 1 + self.dice.roll(seq - 1);
        let new = self.dice.amount();
        let json = &self.now[target as usize - 1];
        let old = |path: &str| json.at_path(path).cloned();
        let paths = [
            "body.amount",
            "body.closing",
            "body.balance",
            "body.schedule.0.amount",
            "body.direction",
            "body.voucher_no",
        ];
        let amended = ledger::entry::is_amendment(json.text_of("kind").unwrap());
        let path = paths[self.dice.roll(6) as usize];
        let new = match path {
            "body.direction" => Value::from("transfer"),
            "body.voucher_no" => Value::from(format!("记-{:02}", 1 + self.dice.roll(9))),
            _ => Value::from(new),
        };
        match old(path).filter(|old| *old != new && !amended) {
            Some(old) => correction(target, &[(path, old, new)]),
            None => correction(target, &[("title", "x".into(), "y".into())]),
        }
    }
}

fn run(mut facts: Facts, entries: &[(Entry, u64)]) -> Vec<Finding> {
    let limits = Limits { resolution: 30, ..Limits::default() };
    entries.iter().flat_map(|(entry, time)| facts.take(entry, *time, &limits)).collect()
}

#[test]
fn s20_a_part_finds_less_and_never_something_else() {
    let (mut in_whole, mut in_parts) = (BTreeSet::new(), BTreeSet::new());
    for seed in 1..=400 {
        let entries = Writer::write(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15), 60);
        let whole = run(Facts::new(), &entries);
        in_whole.extend(whole.iter().map(|f| f.code));
        for from in (1..60).step_by(7) {
            let (before, part) = entries.split_at(from);
            let since = before.last().unwrap().1;
            for (facts, dated) in [(Facts::of_part_since(since), true), (Facts::of_part(), false)] {
                let found = run(facts, part);
                let other = found.iter().find(|f| f.code != F::Unknown && !whole.contains(f));
                let lines =
                    || entries.iter().map(|(e, t)| format!("{t} {}\n", e.json.text())).collect::<String>();
                assert!(other.is_none(), "seed {seed} from {from}: {other:?}\n{}", lines());
                in_parts.extend(found.into_iter().map(|f| (f.code, dated)));
            }
        }
    }
    // It is tried on everything that looks back.
    let looks_back = [
        F::Balance,
        F::Opening,
        F::Close,
        F::Flows,
        F::VoucherGap,
        F::VoucherRepeat,
        F::AfterClose,
        F::NotZero,
        F::NoResolution,
        F::Recheck,
        F::Undated,
    ];
    for code in looks_back {
        assert!(in_whole.contains(&code) && in_parts.contains(&(code, true)), "{code} was never found");
    }
    // What was paid under a contract is known only to one who has everything.
    assert!(in_whole.contains(&F::OverSchedule) && !in_parts.contains(&(F::OverSchedule, true)));
    assert!(!in_whole.contains(&F::Unknown) && in_parts.contains(&(F::Unknown, true)));
    // Without a time nothing is said of whole periods.
    for code in [F::Close, F::Flows, F::VoucherGap] {
        assert!(!in_parts.contains(&(code, false)), "{code}");
    }
}
