//! Soft rules: what should be looked at, beside entries that are published all the same (SPEC section 7.1).
//!
//! The disclosure of a bad act must not be refused, so what these rules find is a *finding* (疑点提示), never a
//! refusal and never a verdict. They are pure functions over a unit's entries in order, and server, auditor,
//! clerk and phone run these same ones. A reader that has only the newer part of a book begins with
//! [`Facts::of_part`] and finds less, never something else.

mod finding;
mod limits;

pub use finding::{Finding, FindingCode, Said};
pub use limits::Limits;

use crate::entry::Entry;

/// What the rules need to know of a unit's earlier entries.
#[derive(Clone, Debug, Default)]
pub struct Facts {}

impl Facts {
    /// Before a unit's first entry.
    pub fn new() -> Self {
        Facts::default()
    }

    /// Before an entry that is not the first: what went before is not known.
    pub fn of_part() -> Self {
        Facts::default()
    }

    /// Takes the unit's next entry, logged at `time` (Unix seconds), and returns what should be looked at.
    pub fn take(&mut self, _entry: &Entry, _time: u64, _limits: &Limits) -> Vec<Finding> {
        Vec::new()
    }
}
