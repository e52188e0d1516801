//! f: what the leaves say is in every unit's book (SPEC section 6.3, rules U-04, U-06, U-11).
//!
//! f is total and for ever: it gives every sequence of leaves and index-leaf times one meaning. It never looks
//! at seals, catalogue or arithmetic, and of kinds only at the four names that amend; so neither a bad entry nor
//! a new kind can stop a replay or split readers of different age.

use crate::charter::LedgerId;
use crate::entry::{Envelope, is_amendment};
use crate::hash::Hash;
use crate::index::{IndexLeaf, IndexTree, Line, Row, UnitTrees};
use crate::leaf::{self, Leaf, LeafType};
use crate::unit::UnitId;
use std::collections::BTreeMap;

/// What a leaf is for f.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// The charter, at index 0 and only there.
    Charter,
    /// An index leaf at the position it names.
    Index(IndexLeaf),
    /// The next entry of a unit.
    Entry {
        /// The unit.
        unit: UnitId,
        /// Its number there.
        seq: u64,
        /// Whether it amends an earlier entry.
        amendment: bool,
    },
    /// Anything else; it is counted in the row of void leaves.
    Void,
}

/// A leaf that waits for the index leaf that covers it, and so for its logged time.
#[derive(Clone, Copy, Debug)]
struct Pending {
    unit: UnitId,
    index: u64,
    leaf: Hash,
    amendment: bool,
}

/// The books of all units after some leaves.
#[derive(Clone, Debug)]
pub struct Books {
    ledger: LedgerId,
    size: u64,
    time: u64,
    units: BTreeMap<UnitId, Book>,
    pending: Vec<Pending>,
    /// How many of the pending leaves each unit has.
    waiting: BTreeMap<UnitId, u64>,
}

/// A unit's trees with the row they give, so that an index leaf costs only what its units changed.
#[derive(Clone, Debug)]
struct Book {
    trees: UnitTrees,
    row: Row,
    hash: Hash,
}

impl Book {
    fn new(unit: UnitId, trees: UnitTrees) -> Self {
        let row = trees.row(unit);
        Book { trees, row, hash: row.hash() }
    }
}

impl Books {
    /// The books of a ledger before its first leaf; `district` is the charter's 6-digit code, whose registry
    /// always has a row.
    pub fn new(ledger: LedgerId, district: &str) -> Self {
        let mut books = Books::restore(ledger, 0, 0, BTreeMap::new());
        if let Some(registry) = UnitId::of_division(&format!("{district:0<12}"), 99) {
            books.make_room(registry);
        }
        books
    }

    /// The books as a rebuildable index remembers them: right after an index leaf, `size` leaves, its `time`.
    /// The caller compares [`Books::root`] with that index leaf before believing them.
    pub fn restore(ledger: LedgerId, size: u64, time: u64, units: BTreeMap<UnitId, UnitTrees>) -> Self {
        let units = units.into_iter().map(|(unit, trees)| (unit, Book::new(unit, trees))).collect();
        Books { ledger, size, time, units, pending: Vec::new(), waiting: BTreeMap::new() }
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Time of the last index leaf; 0 before the first.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The ledger.
    pub fn ledger(&self) -> &LedgerId {
        &self.ledger
    }

    /// Entries of a unit, waiting ones included.
    pub fn count(&self, unit: &UnitId) -> u64 {
        let waiting = self.waiting.get(unit).copied().unwrap_or_default();
        self.units.get(unit).map_or(0, |b| b.row.count) + waiting
    }

    /// The units with a row, and their trees as of the last index leaf.
    pub fn units(&self) -> impl Iterator<Item = (&UnitId, &UnitTrees)> {
        self.units.iter().map(|(unit, book)| (unit, &book.trees))
    }

    /// The trees of a unit as of the last index leaf.
    pub fn trees(&self, unit: &UnitId) -> Option<&UnitTrees> {
        self.units.get(unit).map(|book| &book.trees)
    }

    /// All rows in order, as of the last index leaf.
    pub fn rows(&self) -> Vec<Row> {
        self.units.values().map(|book| book.row).collect()
    }

    /// The index tree as of the last index leaf.
    pub fn index_tree(&self) -> IndexTree {
        IndexTree::new(self.units.values().map(|book| book.hash))
    }

    /// What the next leaf is.
    pub fn classify(&self, bytes: &[u8]) -> Class {
        match leaf::read(bytes) {
            Ok(leaf) => self.classify_leaf(&leaf),
            Err(_) => Class::Void,
        }
    }

    /// What the next leaf is, once it has been read.
    pub fn classify_leaf(&self, leaf: &Leaf<'_>) -> Class {
        match leaf.leaf_type {
            LeafType::Charter if self.size == 0 => Class::Charter,
            LeafType::Charter => Class::Void,
            LeafType::Index => match IndexLeaf::parse(leaf) {
                Some(index) if index.covers == self.size => Class::Index(index),
                _ => Class::Void,
            },
            LeafType::Entry => match Envelope::of(&leaf.json) {
                Ok(envelope) => self.classify_entry(&envelope),
                Err(_) => Class::Void,
            },
        }
    }

    /// What the next leaf is when it is a well-formed entry with this envelope.
    pub fn classify_entry(&self, e: &Envelope) -> Class {
        if e.ledger != self.ledger || e.seq != self.count(&e.unit) + 1 {
            return Class::Void;
        }
        Class::Entry { unit: e.unit, seq: e.seq, amendment: is_amendment(&e.kind) }
    }

    /// Takes the next leaf that is not an index leaf: entry, void or charter.
    pub fn add(&mut self, leaf: Hash, class: &Class) {
        let (unit, amendment) = match class {
            Class::Entry { unit, amendment, .. } => (*unit, *amendment),
            Class::Void => (UnitId::VOID, false),
            Class::Charter | Class::Index(_) => {
                self.size += 1;
                return;
            }
        };
        *self.waiting.entry(unit).or_default() += 1;
        self.pending.push(Pending { unit, index: self.size, leaf, amendment });
        self.size += 1;
    }

    /// Takes back the last `leaves` waiting leaves: a batch that is refused as a whole leaves no trace.
    pub fn take_back(&mut self, leaves: usize) {
        let keep = self.pending.len().saturating_sub(leaves);
        for p in self.pending.drain(keep..) {
            self.size -= 1;
            self.waiting.entry(p.unit).and_modify(|n| *n -= 1);
        }
        // A unit without waiting leaves must not get a row, nor its registries.
        self.waiting.retain(|_, n| *n > 0);
    }

    /// Leaves that wait for an index leaf.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Gives the waiting leaves their logged time and returns the index leaf that f demands here, together
    /// with the lines that it covers anew. The index leaf itself is counted: the next leaf stands after it.
    pub fn close(&mut self, time: u64, witnessed: Vec<String>) -> (IndexLeaf, Vec<(UnitId, Line, bool)>) {
        self.time = self.time.max(time);
        let mut lines = Vec::with_capacity(self.pending.len());
        for p in std::mem::take(&mut self.pending) {
            let time = self.time;
            let trees = &mut self.make_room(p.unit).trees;
            let line = Line { seq: trees.lines.size() + 1, index: p.index, time, leaf: p.leaf };
            trees.push(&line, p.amendment);
            lines.push((p.unit, line, p.amendment));
        }
        for unit in std::mem::take(&mut self.waiting).into_keys() {
            for registry in unit.registries() {
                self.make_room(registry);
            }
            let book = self.make_room(unit);
            *book = Book::new(unit, std::mem::take(&mut book.trees));
        }
        let leaf = IndexLeaf {
            ledger: self.ledger.clone(),
            covers: self.size,
            units: self.units.len() as u64,
            root: self.index_tree().root(),
            time: self.time,
            witnessed,
        };
        self.size += 1;
        (leaf, lines)
    }

    fn make_room(&mut self, unit: UnitId) -> &mut Book {
        self.units.entry(unit).or_insert_with(|| Book::new(unit, UnitTrees::default()))
    }
}
