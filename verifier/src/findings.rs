//! What was found at places of the log: the first few of each sort by name, all of them counted.

use ledger::unit::UnitId;
use serde::Serialize;
use std::collections::BTreeMap;

/// Notes of one list that are named one by one; more are only counted.
pub const NAMED: usize = 200;

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

/// Notes of one sort.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Notes {
    /// How many there are.
    pub count: u64,
    /// How many of each code.
    pub codes: BTreeMap<&'static str, u64>,
    /// The first [`NAMED`].
    pub first: Vec<Note>,
}

impl Notes {
    /// Adds one.
    pub fn push(&mut self, note: Note) {
        self.count += 1;
        *self.codes.entry(note.code).or_default() += 1;
        if self.first.len() < NAMED {
            self.first.push(note);
        }
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: &Notes) {
        self.count += other.count;
        for (code, count) in &other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        let room = NAMED.saturating_sub(self.first.len());
        self.first.extend(other.first.iter().take(room).cloned());
    }

    /// Whether one of this code is among them.
    pub fn has(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }
}
