//! Replaying f over committed leaves: how the query index is built, brought up to date, and checked.

use crate::error::{StoreError, damaged};
use crate::query::{Covered, Noted};
use ledger::books::{Books, Class};
use ledger::charter::{Charter, LedgerId};
use ledger::entry::Entry;
use ledger::hash::leaf_hash;
use ledger::leaf;
use ledger::registry::{Registry, is_authority_act};

/// Books and registry after some leaves.
pub struct Replay {
    /// The books.
    pub books: Books,
    /// The registry.
    pub registry: Registry,
    noted: Noted,
}

/// What an index leaf closed.
pub struct Closed {
    /// The lines it covers anew.
    pub lines: Vec<Covered>,
    /// What was noted of them.
    pub noted: Noted,
    /// Whether the index leaf is the one that f demands.
    pub holds: bool,
}

impl Replay {
    /// Before leaf 0, which is opened here.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when leaf 0 is no charter.
    pub fn new(leaf_0: &[u8]) -> Result<Self, StoreError> {
        let (charter, hash) = Charter::open(leaf_0)
            .or_else(|e| damaged(format!("0 号叶子不是有效的章程 / leaf 0 is no charter: {e}")))?;
        let books = Books::new(LedgerId::new(&charter.origin, &hash), &charter.district);
        Ok(Replay::resume(books, Registry::new(&charter)))
    }

    /// Goes on from books and registry right after an index leaf.
    pub fn resume(books: Books, registry: Registry) -> Self {
        Replay { books, registry, noted: Noted::default() }
    }

    /// Takes the next leaf; `Some` when it is an index leaf.
    pub fn take(&mut self, bytes: &[u8]) -> Option<Closed> {
        let (hash, index) = (leaf_hash(bytes), self.books.size());
        let read = leaf::read(bytes).ok();
        let class = read.as_ref().map_or(Class::Void, |leaf| self.books.classify_leaf(leaf));
        if let Class::Index(found) = &class {
            let (wanted, lines) = self.books.close(found.time, found.witnessed.clone());
            let noted = std::mem::take(&mut self.noted);
            for act in &noted.acts {
                self.registry.set_time(*act, wanted.time);
            }
            return Some(Closed { lines, noted, holds: wanted == *found });
        }
        self.books.add(hash, &class);
        if let (Class::Entry { .. }, Some(leaf)) = (&class, read)
            && let Ok(entry) = Entry::of(leaf.json)
        {
            self.noted.take(&entry, index);
            if is_authority_act(&entry) {
                // Admitted once, so judged once; that it was judged rightly is for fsck and auditors.
                self.registry.apply(&entry, index, 0);
            }
        }
        None
    }
}
