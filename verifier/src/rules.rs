//! The soft rules over every unit's book, the same that the server runs (SPEC section 7.1), and lateness.
//!
//! An entry's logged time stands in the index leaf that closes it, so entries wait here until then.

use crate::findings::{Hint, Notes};
use ledger::catalogue::{Catalogue, look};
use ledger::entry::Entry;
use ledger::registry::Registry;
use ledger::rules::{Facts, Limits};
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the rules remember of each unit, and what they found. Of the books only [`Facts`] are held.
#[derive(Debug)]
pub struct Rules {
    catalogue: Catalogue,
    facts: BTreeMap<UnitId, Facts>,
    /// The limits in force since the last act.
    limits: Option<Arc<Limits>>,
    /// LIMIT: entries are held whole until their index leaf; in an honest log that is one publication.
    waiting: Vec<Waiting>,
    /// What was found.
    pub hints: Notes<Hint>,
    /// Entries of an item whose lateness could not be judged, since another catalogue counts where they stand.
    pub undated: u64,
}

#[derive(Debug)]
struct Waiting {
    index: u64,
    entry: Entry,
    limits: Arc<Limits>,
}

impl Rules {
    /// Before the first leaf; items and lateness are judged by this catalogue where it counts.
    pub fn new(catalogue: Catalogue) -> Self {
        Rules {
            catalogue,
            facts: BTreeMap::new(),
            limits: None,
            waiting: Vec::new(),
            hints: Notes::default(),
            undated: 0,
        }
    }

    /// The limits in force for the leaf at `index`, when the registry has applied every act below it and no other.
    pub fn limits(&mut self, index: u64, registry: &Registry) -> Arc<Limits> {
        Arc::clone(self.limits.get_or_insert_with(|| Arc::new(Limits::of(registry, index))))
    }

    /// The entry of the leaf at `index` waits for its logged time.
    pub fn wait(&mut self, index: u64, entry: Entry, limits: Arc<Limits>) {
        self.waiting.push(Waiting { index, entry, limits });
    }

    /// An act was applied: limits may be others from here on.
    pub fn acted(&mut self) {
        self.limits = None;
    }

    /// All that wait were logged at `time`, and the registry knows the times of its acts up to there; each is handed
    /// back once it is taken.
    pub fn close(&mut self, time: u64, registry: &Registry, mut taken: impl FnMut(u64, &Entry)) {
        for Waiting { index, entry, limits } in std::mem::take(&mut self.waiting) {
            let facts = self.facts.entry(entry.unit()).or_default();
            self.undated += u64::from(entry.item.is_some() && !self.catalogue.counts(registry, index));
            let beside = look(&self.catalogue, registry, index, &entry, time);
            for finding in facts.take(&entry, time, &limits).iter().chain(&beside) {
                self.hints.push(Hint::of(entry.unit(), finding));
            }
            taken(index, &entry);
        }
    }
}
