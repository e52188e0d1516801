//! Findings (疑点提示, SPEC section 7.1): what should be looked at beside a unit's entries, as of the published head.
//!
//! A unit's book is read once, from its first entry, by whoever asks first; what the rules remember of it is kept
//! and carried on as the book grows. The sequencer knows nothing of this: an entry is taken or not without it.

use crate::app::{App, Shared};
use crate::bundles::query;
use crate::catalogue::InForce;
use crate::entries::find;
use crate::limits::{BOOK_PAUSE, BOOK_RETRY, BOOK_TIME, MAX_FINDINGS, MAX_REMEMBERED, READ_BACK};
use crate::problem::{Code, Problem};
use crate::units::{no_unit, parse_unit};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use ledger::bundle::Source as _;
use ledger::entry::Entry;
use ledger::rules::{Facts, Finding, Limits};
use ledger::unit::UnitId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Instant;
use store::Snapshot;
use views::Lang;

/// A finding in words.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// The entry's number.
    pub seq: u64,
    /// Stable code.
    pub code: &'static str,
    /// Dotted path of the field that shows it; empty for the whole entry.
    pub field: &'static str,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
}

impl Told {
    fn of(finding: &Finding) -> Self {
        Told {
            seq: finding.seq,
            code: finding.code.name(),
            field: finding.field,
            zh: views::finding(Lang::Zh, finding),
            en: views::finding(Lang::En, finding),
        }
    }
}

/// Findings beside a unit's entries.
#[derive(Serialize)]
pub struct Answer {
    unit: String,
    /// Entries of the unit.
    count: u64,
    findings: Vec<Told>,
    /// The entry to ask from for the others, where there are more than [`MAX_FINDINGS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Which findings are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// First entry, from 1; without it, the unit's first.
    from: Option<u64>,
}

/// `GET /api/v1/units/{unit}/findings?from=`.
pub async fn of_unit(
    State(app): State<Shared>,
    Path(unit): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Answer>, Problem> {
    let (unit, from) = (parse_unit(&unit)?, query(asked)?.from.unwrap_or(1));
    if from == 0 {
        return Err(Problem::bad_request("from 从 1 开始 / from begins with 1"));
    }
    let told = app.read(move |app, log| match count(log, unit) {
        0 if log.published().registry.profile(&unit).is_none() => Err(no_unit(&unit)),
        count => answer(app, log, unit, from..=count),
    });
    told.await.map(Json)
}

/// `GET /api/v1/entries/{unit}/{seq}/findings`.
pub async fn of_entry(
    State(app): State<Shared>,
    Path((unit, seq)): Path<(String, String)>,
) -> Result<Json<Answer>, Problem> {
    let told = app.read(move |app, log| {
        let seq = find(log, &unit, &seq)?.seq;
        answer(app, log, parse_unit(&unit)?, seq..=seq)
    });
    told.await.map(Json)
}

fn answer(app: &App, log: &Snapshot, unit: UnitId, seqs: RangeInclusive<u64>) -> Result<Answer, Problem> {
    let (findings, next) = app.books.told(&app.catalogue, log, unit, seqs)?;
    Ok(Answer { unit: unit.to_string(), count: count(log, unit), findings, next })
}

/// Entries of a unit under the published head.
fn count(log: &Snapshot, unit: UnitId) -> u64 {
    log.rows().iter().find(|row| row.unit == unit).map_or(0, |row| row.count)
}

/// What the rules remember of the units' books, the longest unused forgotten first.
#[derive(Debug, Default)]
pub struct Books(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    asked: u64,
    books: BTreeMap<UnitId, Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// When it was last asked for, by the count of questions.
    asked: u64,
    /// How much is remembered: see [`MAX_REMEMBERED`].
    size: usize,
    book: Arc<Mutex<Book>>,
}

/// One unit's.
#[derive(Debug, Default)]
struct Book {
    /// Entries read.
    taken: u64,
    facts: Facts,
    /// What was found beside them, numbers rising.
    found: Vec<Finding>,
}

impl Books {
    /// Findings beside some of a unit's entries, [`MAX_FINDINGS`] at most; and the first entry whose findings are not
    /// among them.
    ///
    /// # Errors
    /// When the log can't be read; [`Code::Busy`] while another request reads the unit's book.
    pub fn told(
        &self,
        catalogue: &InForce,
        log: &Snapshot,
        unit: UnitId,
        seqs: RangeInclusive<u64>,
    ) -> Result<(Vec<Told>, Option<u64>), Problem> {
        self.read(unit, |book| {
            book.read_on(catalogue, log, unit, *seqs.end(), &[])?;
            let (found, next) = page(book.beside(&seqs), MAX_FINDINGS);
            Ok((found.iter().map(Told::of).collect(), next))
        })
    }

    /// Findings beside entries that were just logged, rising and of one unit; `None` when the head does not cover
    /// them yet, or when more would have to be read first than [`READ_BACK`], or anything, unless the unit is
    /// `alone` in its batch. They are then there to be asked for.
    ///
    /// # Errors
    /// As [`Books::told`].
    pub fn told_of(
        &self,
        catalogue: &InForce,
        log: &Snapshot,
        fresh: &[Entry],
        alone: bool,
    ) -> Result<Option<Vec<Told>>, Problem> {
        let (Some(first), Some(last)) = (fresh.first(), fresh.last()) else { return Ok(None) };
        let (unit, seqs) = (first.unit(), first.seq()..=last.seq());
        if last.seq() > count(log, unit) {
            return Ok(None);
        }
        self.read(unit, |book| {
            let behind = seqs.end().saturating_sub(book.taken + fresh.len() as u64);
            if behind > if alone { READ_BACK } else { 0 } {
                return Ok(None);
            }
            book.read_on(catalogue, log, unit, *seqs.end(), fresh)?;
            Ok(Some(book.beside(&seqs).iter().map(Told::of).collect()))
        })
    }

    fn read<T>(
        &self,
        unit: UnitId,
        work: impl FnOnce(&mut Book) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let held = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.asked += 1;
            let asked = kept.asked;
            let held = kept.books.entry(unit).or_default();
            held.asked = asked;
            Arc::clone(&held.book)
        };
        let mut held = hold(&held)?;
        // Taken out while it is worked on: what a panic leaves is an empty book, never one half read.
        let mut book = std::mem::take(&mut *held);
        let done = work(&mut book);
        let size = book.size();
        *held = book;
        drop(held);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(unit, size);
        done
    }
}

/// A unit's book, unless another request holds it for longer than [`BOOK_TIME`]: reading a long one takes a while,
/// and whoever waited for it would take the places of those who ask for something else.
fn hold(book: &Mutex<Book>) -> Result<MutexGuard<'_, Book>, Problem> {
    let until = Instant::now() + BOOK_TIME;
    loop {
        match book.try_lock() {
            Ok(held) => return Ok(held),
            Err(TryLockError::Poisoned(held)) => return Ok(held.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(BOOK_PAUSE),
            Err(TryLockError::WouldBlock) => {
                let detail =
                    "正在通读这个单位的账，请稍后再试 / this unit's book is being read; try again later";
                return Err(Problem::new(Code::Busy, detail).retry_after(BOOK_RETRY));
            }
        }
    }
}

/// The first findings of a list, `most` unless one entry has more, and the entry whose findings come next; the
/// findings of an entry stay together.
fn page(found: &[Finding], most: usize) -> (&[Finding], Option<u64>) {
    let Some(next) = found.get(most) else { return (found, None) };
    let whole = found.partition_point(|f| f.seq < next.seq);
    let cut = if whole > 0 { whole } else { found.partition_point(|f| f.seq <= next.seq) };
    (found.get(..cut).unwrap_or_default(), found.get(cut).map(|f| f.seq))
}

impl Kept {
    /// Notes the size of a unit's book, and forgets others until all that is left is small enough.
    fn keep(&mut self, unit: UnitId, size: usize) {
        if let Some(held) = self.books.get_mut(&unit) {
            held.size = size;
        }
        let mut whole: usize = self.books.values().map(|held| held.size).sum();
        while whole > MAX_REMEMBERED {
            let others = self.books.iter().filter(|(other, _)| **other != unit);
            let Some(oldest) = others.min_by_key(|(_, held)| held.asked).map(|(other, _)| *other) else {
                break;
            };
            whole -= self.books.remove(&oldest).map_or(0, |held| held.size);
        }
    }
}

impl Book {
    /// Reads on to the entry `last`, which the head covers; those that are at hand anyway are in `fresh`.
    fn read_on(
        &mut self,
        catalogue: &InForce,
        log: &Snapshot,
        unit: UnitId,
        last: u64,
        fresh: &[Entry],
    ) -> Result<(), Problem> {
        let registry = &log.published().registry;
        while self.taken < last {
            let seq = self.taken + 1;
            let line = log.line(&unit, seq).map_err(|e| Problem::internal(&e))?;
            let line = line.ok_or_else(|| Problem::internal(&"the query index lacks lines"))?;
            let leaf;
            let at_hand = fresh.binary_search_by_key(&seq, Entry::seq).ok().and_then(|at| fresh.get(at));
            let entry = match at_hand {
                Some(entry) => Some(entry),
                None => {
                    leaf = Entry::of_leaf(&log.leaf(line.index).map_err(|e| Problem::internal(&e))?).ok();
                    leaf.as_ref()
                }
            };
            if let Some(entry) = entry {
                let limits = Limits::of(registry, line.index);
                self.found.extend(self.facts.take(entry, line.time, &limits));
                self.found.extend(catalogue.look(registry, line.index, entry, line.time));
            }
            self.taken = seq;
        }
        Ok(())
    }

    /// What was found beside some entries.
    fn beside(&self, seqs: &RangeInclusive<u64>) -> &[Finding] {
        let from = self.found.partition_point(|f| f.seq < *seqs.start());
        let to = self.found.partition_point(|f| f.seq <= *seqs.end());
        self.found.get(from..to).unwrap_or_default()
    }

    /// LIMIT: entries and findings are counted, not bytes.
    fn size(&self) -> usize {
        1 + self.taken as usize + self.found.len()
    }
}

#[cfg(test)]
mod tests;
