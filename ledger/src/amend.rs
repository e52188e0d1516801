//! Amendments: what a correction makes of an earlier entry (SPEC section 4, rules E-45, E-46).
//!
//! The log keeps both; readers show the corrected value beside the old one.

use crate::entry::{Entry, Posting, is_amendment};
use crate::json::{Object, Value};
use crate::time::Date;

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

/// Whether an entry keeps names beside the log: of sealed fields, or of the rows of its list.
pub fn has_names(entry: &Entry) -> bool {
    entry.json.get("sealed").is_some() || entry.body().get("list").is_some()
}

/// When an entry is posted, the corrections of it among these applied in their order. Of an entry with names, one after
/// which it would be posted on fewer days does not count (SPEC P-16, E-99).
pub fn posting_of<'a>(entry: &Entry, corrections: impl IntoIterator<Item = &'a Entry>) -> Option<Posting> {
    let own = corrections.into_iter().filter(|correction| target_of(correction) == Some(entry.seq()));
    own.fold(entry.posting, |posting, correction| {
        let (old, new) = (posting?, posting?.corrected(correction));
        Some(if new.contains(old) || !has_names(entry) { new } else { old })
    })
}

impl Posting {
    /// What a correction makes of it.
    #[must_use]
    pub fn corrected(mut self, correction: &Entry) -> Self {
        for (path, _, new) in changed_fields(correction) {
            match (path, new.as_text().and_then(Date::parse)) {
                ("posting.from", Some(day)) => self.from = day,
                ("posting.to", Some(day)) => self.to = day,
                _ => {}
            }
        }
        self
    }

    /// Whether it is posted on every day of another posting.
    pub fn contains(self, other: Posting) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}
