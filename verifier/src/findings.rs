//! What was found at places of the log: the first few of each sort by name, all of them counted.

use ledger::rules::Finding;
use ledger::unit::UnitId;
use serde::Serialize;
use std::collections::BTreeMap;
use views::Lang;

/// Notes of one list that are named one by one; more are only counted.
pub const NAMED: usize = 200;

/// What stands in a list of [`Notes`].
pub trait Coded {
    /// How many a list names one by one; more are only counted.
    const NAMED: usize;

    /// Stable name of what it is.
    fn code(&self) -> &'static str;
}

/// Something at a place of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable name of what it is.
    pub code: &'static str,
    /// Leaf index, when it is about one leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Unit, when it is about an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Number in the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// In Chinese and English.
    pub what: String,
}

impl Note {
    /// A note about the whole log.
    pub fn whole(code: &'static str, what: impl Into<String>) -> Self {
        Note { code, index: None, unit: None, seq: None, what: what.into() }
    }

    /// A note about one leaf.
    pub fn leaf(code: &'static str, index: u64, what: impl Into<String>) -> Self {
        Note { index: Some(index), ..Note::whole(code, what) }
    }

    /// A note about one entry.
    pub fn entry(code: &'static str, index: u64, place: (UnitId, u64), what: impl Into<String>) -> Self {
        Note { unit: Some(place.0.to_string()), seq: Some(place.1), ..Note::leaf(code, index, what) }
    }
}

impl Coded for Note {
    const NAMED: usize = NAMED;

    fn code(&self) -> &'static str {
        self.code
    }
}

/// A finding of the soft rules beside an entry (疑点提示, SPEC section 7.1): something to look at, never a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// Stable name of what it is.
    pub code: &'static str,
    /// Unit.
    pub unit: String,
    /// Number in the unit.
    pub seq: u64,
    /// Dotted path of the field that shows it; empty for the whole entry.
    pub field: &'static str,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
}

impl Hint {
    /// A unit's finding in words.
    pub fn of(unit: UnitId, finding: &Finding) -> Self {
        Hint {
            code: finding.code.name(),
            unit: unit.to_string(),
            seq: finding.seq,
            field: finding.field,
            zh: views::finding(Lang::Zh, finding),
            en: views::finding(Lang::En, finding),
        }
    }
}

impl Coded for Hint {
    // LIMIT: a report is held in memory, so of more findings than this only the number is told.
    const NAMED: usize = 10_000;

    fn code(&self) -> &'static str {
        self.code
    }
}

/// Notes of one sort.
#[derive(Clone, Debug, Serialize)]
pub struct Notes<N = Note> {
    /// How many there are.
    pub count: u64,
    /// How many of each code.
    pub codes: BTreeMap<&'static str, u64>,
    /// The first [`Coded::NAMED`].
    pub first: Vec<N>,
}

impl<N> Default for Notes<N> {
    fn default() -> Self {
        Notes { count: 0, codes: BTreeMap::new(), first: Vec::new() }
    }
}

impl<N: Coded + Clone> Notes<N> {
    /// Adds one.
    pub fn push(&mut self, note: N) {
        self.count += 1;
        *self.codes.entry(note.code()).or_default() += 1;
        if self.first.len() < N::NAMED {
            self.first.push(note);
        }
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: &Self) {
        self.count += other.count;
        for (code, count) in &other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        let room = N::NAMED.saturating_sub(self.first.len());
        self.first.extend(other.first.iter().take(room).cloned());
    }

    /// Whether one of this code is among them.
    pub fn has(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }
}
