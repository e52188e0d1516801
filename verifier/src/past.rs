//! Looking back (SPEC E-59, E-60, E-90 to E-92, E-98, E-99): an entry against those that stood before it.
//!
//! Of every entry place and hash are remembered, which is all that a reference needs. What an amendment is about is
//! read once more from the log's tiles, and must be what was replayed.

use client::MirrorError;
use ledger::amend::Amendment;
use ledger::append::{Past, Refusal, check_past, check_posting};
use ledger::books::Books;
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::registry::Registry;
use ledger::tile::{TileError, TileKind, TilePath, Tiles, WIDTH, decode_bundle};
use ledger::unit::UnitId;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

/// Entry bundles kept, since amendments often are about entries of one time.
const KEPT: usize = 16;

/// The entries so far, and where to read them again.
pub struct Behind<'t> {
    tiles: &'t (dyn Tiles<Error = MirrorError> + Sync),
    /// Leaves of the log.
    size: u64,
    units: BTreeMap<UnitId, Book>,
    /// LIMIT: one fetch for the target of nearly every amendment; over a slow network many of them take long.
    bundles: RefCell<VecDeque<(TilePath, Vec<u8>)>>,
    lost: Cell<Option<MirrorError>>,
}

/// One unit's entries. Memory is 40 bytes an entry.
#[derive(Default)]
struct Book {
    /// Leaf index and hash, by number.
    entries: Vec<(u64, Hash)>,
    /// Amendments, by the number of what they are about.
    amendments: BTreeMap<u64, Vec<Amendment>>,
}

impl<'t> Behind<'t> {
    /// Before the first leaf of a log of `size` leaves.
    pub fn new(tiles: &'t (dyn Tiles<Error = MirrorError> + Sync), size: u64) -> Self {
        Behind { tiles, size, units: BTreeMap::new(), bundles: RefCell::default(), lost: Cell::new(None) }
    }

    /// The log has grown to `size` leaves.
    pub fn grow(&mut self, size: u64) {
        self.size = size;
    }

    /// The entry at leaf `index`, of the unit's next number.
    pub fn push(&mut self, unit: UnitId, index: u64, hash: Hash) {
        self.units.entry(unit).or_default().entries.push((index, hash));
    }

    /// That entry, when it could be read, for those that come after.
    pub fn amends(&mut self, entry: &Entry) {
        if let Some((target, amendment)) = Amendment::of(entry) {
            let book = self.units.entry(entry.unit()).or_default();
            book.amendments.entry(target).or_default().push(amendment);
        }
    }

    /// The rules that look back, for an entry that was not pushed yet; `books` and `registry` right before it.
    ///
    /// # Errors
    /// [`Refusal`] for the first rule that does not hold.
    pub fn check(&self, entry: &Entry, books: &Books, registry: &Registry) -> Result<(), Refusal> {
        check_past(entry, self, books, registry)
    }

    /// The rules that look back and need to know between which times the entry was taken, Unix seconds.
    ///
    /// # Errors
    /// [`Refusal`] for a posting that has not ended, or that may not be changed so.
    pub fn posting(&self, entry: &Entry, between: [u64; 2]) -> Result<(), Refusal> {
        check_posting(entry, self, between)
    }

    /// Why an entry could not be read again: then nothing can be said of the log.
    pub fn lost(&self) -> Option<MirrorError> {
        self.lost.take()
    }

    fn place(&self, unit: &UnitId, seq: u64) -> Option<(u64, Hash)> {
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.units.get(unit)?.entries.get(at).copied()
    }

    fn read(&self, index: u64, hash: Hash) -> Result<Vec<u8>, MirrorError> {
        let other = || MirrorError::Tile(TileError::Width);
        let path = TilePath::in_tree(TileKind::Entries, index / WIDTH, self.size).ok_or_else(other)?;
        let mut bundles = self.bundles.borrow_mut();
        if !bundles.iter().any(|(kept, _)| *kept == path) {
            let bytes = self.tiles.tile(&path)?;
            bundles.truncate(KEPT - 1);
            bundles.push_front((path, bytes));
        }
        let bundle = bundles.iter().find(|(kept, _)| *kept == path).ok_or_else(other)?;
        let leaves = decode_bundle(&bundle.1, path.width())?;
        let leaf = leaves.get((index % WIDTH) as usize).filter(|leaf| leaf_hash(leaf) == hash);
        leaf.map(|leaf| leaf.to_vec()).ok_or_else(other)
    }
}

impl std::fmt::Debug for Behind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Behind")
    }
}

impl Past for Behind<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        let (index, hash) = self.place(unit, seq)?;
        self.read(index, hash).map_err(|e| self.lost.set(Some(e))).ok()
    }

    fn stands(&self, unit: &UnitId, seq: u64, leaf: &Hash) -> bool {
        self.place(unit, seq).is_some_and(|(_, hash)| hash == *leaf)
    }

    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        self.units.get(unit).and_then(|book| book.amendments.get(&target)).cloned().unwrap_or_default()
    }
}
