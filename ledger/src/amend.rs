//! Amendments: what a correction makes of an earlier entry (SPEC section 4, rules E-45, E-46).
//!
//! The log keeps both; readers show the corrected value beside the old one.

use crate::entry::{Entry, is_amendment};
use crate::json::{Object, Value};

/// The number of the entry that an amendment is about.
pub fn target_of(entry: &Entry) -> Option<u64> {
    match entry.body().at_path("target.seq") {
        Some(Value::Int(seq)) => u64::try_from(*seq).ok(),
        _ => None,
    }
}

/// Most amendments of an entry that may still be corrected (SPEC E-97): what a correction is held against is read
/// while everybody waits.
pub const MAX_CORRECTIONS: usize = 16;

/// What is remembered of an amendment beside the number of the entry that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Its own number.
    pub seq: u64,
    /// Whether it puts another entry in that one's place.
    pub supersedes: bool,
}

impl Amendment {
    /// The number of the entry that an amendment is about, and the amendment; `None` for what is none or names no
    /// entry.
    pub fn of(entry: &Entry) -> Option<(u64, Self)> {
        let target = target_of(entry).filter(|_| is_amendment(entry.kind()))?;
        Some((target, Amendment { seq: entry.seq(), supersedes: entry.kind() == "supersede" }))
    }
}

/// What a correction changes: path, old value, new value; of other entries, nothing.
pub fn changed_fields(correction: &Entry) -> impl Iterator<Item = (&str, &Value, &Value)> {
    let fields = if correction.kind() == "correction" { correction.body().list_of("fields") } else { &[] };
    let fields = fields.iter().filter_map(Value::object);
    fields.filter_map(|f| Some((f.text_of("path")?, f.get("old")?, f.get("new")?)))
}

/// Applies a correction of entry `seq` to that entry's JSON; other entries change nothing.
pub fn apply_correction(json: &mut Object, seq: u64, correction: &Entry) {
    if target_of(correction) != Some(seq) {
        return;
    }
    for (path, _, new) in changed_fields(correction) {
        json.replace_at(path, new.clone());
    }
}
