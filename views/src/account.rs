//! The three figures of a period: what came in, what went out, what is left (SPEC section 8.4).
//!
//! Entries are taken in their order by the rules of `ledger`, which count and say what should be looked at. A
//! correction counts where it stands: it moves the figures of its own period by the difference, as the town's books
//! do, and the earlier period stays as it was closed; so does a replacement.
//!
//! LIMIT: that an entry was disclosed late is not told here: it takes the catalogue's deadlines, which a phone does
//! not carry. The API and the verifier say it.

use ledger::amend::{apply_correction, target_of};
use ledger::bundle::{Verified, VerifiedEntry};
use ledger::entry::Entry;
use ledger::json::{Object, Value};
use ledger::process::{Step, line};
use ledger::rules::{Facts, Finding, Limits};
use ledger::time::{Date, Period};

/// A period's account, and the entries it is made of.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The newest period that has entries; none when no entry has a date.
    pub period: Option<Period>,
    /// What came in during the period, in fen.
    pub income: i64,
    /// What went out during the period, in fen.
    pub expense: i64,
    /// What is left after the last entry, in fen, when an opening balance, a close or a voucher's balance says.
    pub left: Option<i64>,
    /// What these entries are complete from.
    pub reach: Reach,
    /// What should be looked at, each beside its entry.
    pub findings: Vec<Finding>,
    /// Entries of the period, and those without one, in order.
    pub current: Vec<Shown<'a>>,
    /// Entries of earlier periods.
    pub earlier: Vec<Shown<'a>>,
}

/// How far back the entries reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To number 1.
    All,
    /// Everything logged after this time, which lies before the period's first day: the period is complete.
    Period(u64),
    /// Everything logged after this time; earlier entries of the period may exist.
    Since(u64),
}

/// An entry as it reads today.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The entry as logged.
    pub verified: &'a VerifiedEntry,
    /// Its fields with every correction applied.
    pub json: Object,
    /// What was corrected, in order.
    pub changes: Vec<Change<'a>>,
    /// The entry that stands in its place now.
    pub replaced_by: Option<u64>,
    /// The entry in whose place it stands.
    pub replaces: Option<u64>,
}

/// One field of an entry that was corrected.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The correction.
    pub by: &'a VerifiedEntry,
    /// Dotted path of the field.
    pub path: &'a str,
    /// What was logged.
    pub old: &'a Value,
    /// What holds now.
    pub new: &'a Value,
}

impl<'a> Account<'a> {
    /// The account of the entries carried with numbers `from` to `to`; [`Account::of_all`] takes all of them.
    pub fn of(verified: &'a Verified, from: u64, to: u64) -> Self {
        let inside = |e: &&VerifiedEntry| (from..=to).contains(&e.line.seq);
        let entries: Vec<&VerifiedEntry> = verified.entries.iter().filter(inside).collect();
        let newest = |p: &Period| (p.first_day(), p.last_day());
        let period = entries.iter().filter_map(|e| period_of(&e.entry)).max_by_key(newest);
        let before = from.checked_sub(1).and_then(|seq| verified.entries.iter().find(|e| e.line.seq == seq));
        let since = before.map(|e| e.line.time).or(verified.since.filter(|_| from <= verified.from));
        let reach = match (since, period) {
            (None, _) => Reach::All,
            (Some(t), Some(p)) if Date::of_unix(t) < p.first_day() => Reach::Period(t),
            (Some(t), _) => Reach::Since(t),
        };
        let mut facts = since.map_or_else(Facts::new, Facts::of_part_since);
        let mut findings = Vec::new();
        let mut shown = Vec::with_capacity(entries.len());
        for entry in entries {
            let limits = Limits::of(&verified.registry, entry.line.index);
            findings.append(&mut facts.take(&entry.entry, entry.line.time, &limits));
            take(&mut shown, entry);
        }
        let (income, expense) = facts.flows(period);
        let (current, earlier) =
            shown.into_iter().partition(|s: &Shown<'_>| within(period, &s.verified.entry));
        Account { period, income, expense, left: facts.left(), reach, findings, current, earlier }
    }

    /// The account of all entries carried.
    pub fn of_all(verified: &'a Verified) -> Self {
        Self::of(verified, verified.from, u64::MAX)
    }

    /// The line of a process over these entries.
    pub fn line(&self, id: &str) -> Vec<Step> {
        line(id, self.earlier.iter().chain(&self.current).map(|shown| &shown.verified.entry))
    }
}

/// The next entry, and what it changes in those before it.
fn take<'a>(shown: &mut Vec<Shown<'a>>, verified: &'a VerifiedEntry) {
    let entry = &verified.entry;
    let target = target_of(entry).unwrap_or_default();
    let by = replacement_of(entry);
    for earlier in &mut *shown {
        let seq = earlier.verified.line.seq;
        if seq == target && entry.kind() == "correction" {
            apply_correction(&mut earlier.json, target, entry);
            earlier.changes.extend(changes(verified));
        }
        if seq == target && by.is_some() {
            earlier.replaced_by = by;
        }
        if by == Some(seq) {
            earlier.replaces = Some(target);
        }
    }
    let json = entry.json.clone();
    shown.push(Shown { verified, json, changes: Vec::new(), replaced_by: None, replaces: None });
}

/// The period of an entry; without one, the month of its business date.
pub fn period_of(entry: &Entry) -> Option<Period> {
    entry.period.or_else(|| entry.occurred.map(Period::month_of))
}

fn within(period: Option<Period>, entry: &Entry) -> bool {
    match (period, period_of(entry)) {
        (Some(whole), Some(own)) => {
            own.first_day() >= whole.first_day() && own.last_day() <= whole.last_day()
        }
        (_, None) => true,
        (None, Some(_)) => false,
    }
}

/// The number of the entry that a `supersede` puts in the place of its target.
pub fn replacement_of(entry: &Entry) -> Option<u64> {
    let by = entry.body().get("by").and_then(Value::object).filter(|_| entry.kind() == "supersede")?;
    u64::try_from(by.int_of("seq")?).ok()
}

/// The fields that a correction changes.
pub fn changes(by: &VerifiedEntry) -> impl Iterator<Item = Change<'_>> {
    let fields = by.entry.body().list_of("fields").iter().filter_map(Value::object);
    fields.filter_map(move |f| {
        Some(Change { by, path: f.text_of("path")?, old: f.get("old")?, new: f.get("new")? })
    })
}
