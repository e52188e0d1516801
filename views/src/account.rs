//! The three figures of a period: what came in, what went out, what is left (SPEC section 8.4).
//!
//! Entries are taken in their order by the rules of `ledger`, which count and say what should be looked at. A
//! correction counts where it stands: it moves the figures of its own period by the difference, as the town's books
//! do, and the earlier period stays as it was closed; so does a replacement.
//!
//! LIMIT: that an entry was disclosed late is not told here: it takes the catalogue's deadlines, which a phone does
//! not carry. The API and the verifier say it.

use ledger::amend::{apply_correction, changed_fields, target_of};
use ledger::bundle::{Verified, VerifiedEntry};
use ledger::entry::Entry;
use ledger::json::{Object, Value};
use ledger::process::Lines;
use ledger::rules::{Facts, Finding, Limits, counts_in};
use ledger::sealed::redaction_of;
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
    /// The lines of the processes that these entries are stages of.
    pub lines: Lines,
    /// Entries that count in the period, and those without a date, in order.
    pub current: Vec<Shown<'a>>,
    /// Entries that count in other periods.
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
    /// What should be looked at beside it.
    pub findings: Vec<Finding>,
    /// What was corrected, in order.
    pub changes: Vec<Change<'a>>,
    /// Redactions by their numbers, each with the paths that it withdrew.
    pub redacted: Vec<(u64, Vec<&'a str>)>,
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
        let entries = || verified.entries.iter().filter(|e| (from..=to).contains(&e.line.seq));
        let newest = |p: &Period| (p.first_day(), p.last_day());
        let period = entries().filter_map(|e| period_of(&e.entry)).max_by_key(newest);
        let before = from.checked_sub(1).and_then(|seq| verified.entries.iter().find(|e| e.line.seq == seq));
        let since = before.map(|e| e.line.time).or(verified.since.filter(|_| from <= verified.from));
        let reach = match (since, period) {
            (None, _) => Reach::All,
            (Some(t), Some(p)) if Date::of_unix(t) < p.first_day() => Reach::Period(t),
            (Some(t), _) => Reach::Since(t),
        };
        let mut facts = since.map_or_else(Facts::new, Facts::of_part_since);
        let (mut lines, mut limits) = (Lines::default(), Limits::default());
        let mut shown = Vec::new();
        let mut known = None;
        for entry in entries() {
            // Terms change seldom: limits are made anew where they do.
            let terms = verified.registry.terms(entry.line.index).map(std::ptr::from_ref);
            if known.replace(terms) != Some(terms) {
                limits = Limits::of(&verified.registry, entry.line.index);
            }
            let findings = facts.take(&entry.entry, entry.line.time, &limits);
            lines.take(&entry.entry);
            take(&mut shown, entry, findings);
        }
        let (income, expense) = facts.flows(period);
        let counts = |s: &Shown<'_>| {
            counts_in(&s.verified.entry).is_none_or(|own| period.is_some_and(|p| p.contains(own)))
        };
        let (current, earlier) = shown.into_iter().partition(counts);
        Account { period, income, expense, left: facts.left(), reach, lines, current, earlier }
    }

    /// The account of all entries carried.
    pub fn of_all(verified: &'a Verified) -> Self {
        Self::of(verified, verified.from, u64::MAX)
    }
}

/// The next entry, and what it changes in those before it.
fn take<'a>(shown: &mut Vec<Shown<'a>>, verified: &'a VerifiedEntry, findings: Vec<Finding>) {
    let entry = &verified.entry;
    let target = target_of(entry).unwrap_or_default();
    let by = replacement_of(entry);
    if let Some(earlier) = find(shown, target) {
        apply_correction(&mut earlier.json, target, entry);
        earlier.changes.extend(changes(verified));
        earlier.redacted.extend(redaction_of(entry).map(|(_, paths)| (entry.seq(), paths)));
        earlier.replaced_by = by.or(earlier.replaced_by);
    }
    if let Some(new) = by.and_then(|by| find(shown, by)) {
        new.replaces = Some(target);
    }
    let json = entry.json.clone();
    shown.push(Shown {
        verified,
        json,
        findings,
        changes: Vec::new(),
        redacted: Vec::new(),
        replaced_by: None,
        replaces: None,
    });
}

/// Numbers rise one by one (SPEC B-18).
fn find<'s, 'a>(shown: &'s mut [Shown<'a>], seq: u64) -> Option<&'s mut Shown<'a>> {
    let at = shown.binary_search_by(|s| s.verified.line.seq.cmp(&seq)).ok()?;
    shown.get_mut(at)
}

/// The period that an entry is of; without one, the month of its business date. The newest gives the account its
/// name; what counts in it is for [`counts_in`].
fn period_of(entry: &Entry) -> Option<Period> {
    entry.period.or_else(|| entry.occurred.map(Period::month_of))
}

/// The number of the entry that a `supersede` puts in the place of its target.
pub fn replacement_of(entry: &Entry) -> Option<u64> {
    let by = entry.body().get("by").and_then(Value::object).filter(|_| entry.kind() == "supersede")?;
    u64::try_from(by.int_of("seq")?).ok()
}

/// The fields that a correction changes.
pub fn changes(by: &VerifiedEntry) -> impl Iterator<Item = Change<'_>> {
    changed_fields(&by.entry).map(move |(path, old, new)| Change { by, path, old, new })
}
