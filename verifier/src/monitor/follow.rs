//! Following a log's leaves: read once, from the first to the last, and from there on as the log grows.
//!
//! LIMIT: the replay is in memory, so it begins at the first leaf again after a start, and when what was read did not
//! give the signed root. Tiles are asked for with patience, so a slow log may be read for hours.

use super::overdue::Closes;
use crate::leaves::{Prepared, What};
use crate::past::Behind;
use crate::progress::Progress;
use crate::replay::Replay;
use crate::walk::{Fold, walk};
use client::{Mirror, MirrorError};
use ledger::catalogue::Catalogue;
use ledger::charter::Charter;
use ledger::checkpoint::Checkpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::peaks::CompactRange;
use ledger::registry::Registry;
use ledger::tile::{TileError, TileKind, TilePath, Tiles, WIDTH, decode_bundle};
use ledger::unit::UnitId;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A log and its copies as one: each tile from the first that has it. A wrong one comes out at the root.
#[derive(Debug)]
pub struct Places(Vec<Mirror>);

impl Places {
    /// The log first.
    pub fn new(places: Vec<Mirror>) -> Self {
        Places(places)
    }
}

impl Tiles for Places {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        let mut first = None;
        for place in &self.0 {
            match place.tile(path) {
                Ok(bytes) => return Ok(bytes),
                Err(e) => first = first.or(Some(e)),
            }
        }
        Err(first.unwrap_or_else(|| MirrorError::NotFound(path.to_string())))
    }
}

/// A replay and what a monitor takes down beside it.
pub struct Walked<'t> {
    /// The replay.
    pub replay: Replay<'t>,
    /// What was closed.
    pub closes: Closes,
    /// The largest number that came before its turn, by unit.
    pub ahead: BTreeMap<UnitId, u64>,
    /// Leaf 0.
    pub charter: String,
    /// The acts that changed the authority's keys or the log's.
    pub acts: Vec<String>,
    range: CompactRange,
}

impl Fold for Walked<'_> {
    type Known = Registry;
    type Leaf = (Prepared, Option<String>);

    fn known(&mut self) -> Arc<Registry> {
        self.replay.known()
    }

    fn prepare(known: &Registry, bytes: &[u8], hash: Hash) -> Self::Leaf {
        let leaf = Replay::prepare(known, bytes, hash);
        let changes = match &leaf.what {
            What::Entry(signed) => {
                signed.entry.unit().is_registry() && ["authority", "log_key"].contains(&signed.entry.kind())
            }
            _ => false,
        };
        (leaf, changes.then(|| String::from_utf8_lossy(bytes).into_owned()))
    }

    fn fold(&mut self, (leaf, act): Self::Leaf) {
        let envelope = match &leaf.what {
            What::Entry(signed) => Some(&signed.entry.envelope),
            What::Untyped(envelope, _) => Some(&**envelope),
            What::Other(_) | What::Void(_) => None,
        };
        let mut counts = false;
        if let Some(e) = envelope.filter(|e| e.ledger == *self.replay.books.ledger()) {
            let next = self.replay.books.count(&e.unit) + 1;
            counts = e.seq == next;
            if let (What::Entry(signed), true) = (&leaf.what, counts) {
                self.closes.take(&signed.entry);
            }
            if e.seq > next {
                let ahead = self.ahead.entry(e.unit).or_default();
                *ahead = e.seq.max(*ahead);
            }
        }
        self.range.append(leaf.hash);
        let faults = self.replay.faults.count;
        self.replay.fold(leaf);
        // Only what the registry believed: an evidence file is judged as it is.
        self.acts.extend(act.filter(|_| counts && self.replay.faults.count == faults));
    }
}

/// Why leaves were not read to a head.
#[derive(Debug)]
pub enum Stop {
    /// Something can't be had.
    Away(String),
    /// What came does not give the head's root, or is not of this ledger.
    Misfit(&'static str),
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(e: E) -> Self {
        Stop::Away(e.to_string())
    }
}

/// One log's leaves.
pub struct Follower<'t> {
    places: &'t Places,
    charter: Hash,
    catalogue: &'t Catalogue,
    walked: Option<Walked<'t>>,
}

impl<'t> Follower<'t> {
    /// Before the first leaf of the ledger with this charter.
    pub fn new(places: &'t Places, charter: Hash, catalogue: &'t Catalogue) -> Self {
        Follower { places, charter, catalogue, walked: None }
    }

    /// The replay, when it has come to some head.
    pub fn walked(&mut self) -> Option<&mut Walked<'t>> {
        self.walked.as_mut()
    }

    /// Begins again at the first leaf.
    pub fn forget(&mut self) {
        self.walked = None;
    }

    /// Reads up to a head; what was read gives its root when this returns. Whether the log signed it is not asked.
    /// `None` when more was read already.
    ///
    /// # Errors
    /// Why not; what was read before is kept where it can be gone on from.
    pub fn advance(&mut self, head: &Checkpoint) -> Result<Option<&mut Walked<'t>>, Stop> {
        if self.walked.as_ref().is_some_and(|walked| walked.range.size() > head.size) {
            return Ok(None);
        }
        let walked = match self.walked.take() {
            None => self.begin(head.size)?,
            Some(mut walked) => {
                walked.replay.behind.grow(head.size);
                if let Err(e) = read(self.places, &mut walked, head.size) {
                    self.walked = Some(walked);
                    return Err(e.into());
                }
                walked
            }
        };
        if let Some(lost) = walked.replay.behind.lost() {
            return Err(lost.into());
        }
        if walked.range.root() != head.root {
            return Err(Stop::Misfit(
                "读到的叶子算不出存证点的根，下一轮从头再读 / the leaves don't give the head's root: read again from the first",
            ));
        }
        Ok(Some(self.walked.insert(walked)))
    }

    fn begin(&self, size: u64) -> Result<Walked<'t>, Stop> {
        let (path, bytes) = bundle(self.places, 0, size)?;
        let leaves = decode_bundle(&bytes, path.width())?;
        let leaf = leaves.first().copied().unwrap_or_default();
        if leaf_hash(leaf) != self.charter {
            return Err(Stop::Misfit(
                "0 号叶子不是 trust.toml 里的章程 / leaf 0 is not the charter of trust.toml",
            ));
        }
        let (charter, hash) = Charter::open(leaf)?;
        let behind = Behind::new(self.places, size);
        let mut walked = Walked {
            replay: Replay::new(&charter, &hash, self.catalogue.clone(), behind),
            closes: Closes::default(),
            ahead: BTreeMap::new(),
            charter: String::from_utf8_lossy(leaf).into_owned(),
            acts: Vec::new(),
            range: CompactRange::new(),
        };
        walk(self.places, size, None, &mut walked, &mut Progress::hidden())?;
        Ok(walked)
    }
}

fn bundle(places: &Places, index: u64, size: u64) -> Result<(TilePath, Vec<u8>), MirrorError> {
    let path = TilePath::in_tree(TileKind::Entries, index, size).ok_or(TileError::Width)?;
    Ok((path, places.tile(&path)?))
}

/// Goes on from where it stands.
fn read(places: &Places, walked: &mut Walked<'_>, size: u64) -> Result<(), MirrorError> {
    while walked.range.size() < size {
        let at = walked.range.size();
        let (path, bytes) = bundle(places, at / WIDTH, size)?;
        let known = walked.known();
        let leaves = decode_bundle(&bytes, path.width())?;
        let fresh = leaves.get((at % WIDTH) as usize..).unwrap_or_default();
        let prepared: Vec<_> =
            fresh.par_iter().map(|leaf| Walked::prepare(&known, leaf, leaf_hash(leaf))).collect();
        prepared.into_iter().for_each(|leaf| walked.fold(leaf));
    }
    Ok(())
}
