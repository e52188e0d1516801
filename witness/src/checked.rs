//! The tiles of a tree whose head a log has signed, one by one proved against that head before they are kept.
//!
//! The hash tiles that are not full make the root, all others a hash of the tile above them, bundles their hashes:
//! whoever reads from the top down proves each with what was proved before.

use crate::copy::{LogCopy, Tree, partials};
use client::{Mirror, MirrorError};
use ledger::checkpoint::Checkpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{complete_root, root_of};
use ledger::tile::{
    MAX_LEVEL, TileError, TileKind, TileNodes, TilePath, Tiles, WIDTH, decode_bundle, decode_tile, new_tiles,
};
use std::collections::BTreeMap;

/// Why a copy does not come further. No verdict on the log.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A file can't be had, or the disk fails.
    #[error("{0}")]
    Files(#[from] MirrorError),
    /// A file is not of the tree that the head is of. It is asked for again.
    #[error("{0} 与签署的存证点不符，未保存，再取 / not of the signed tree: not kept, asked for again")]
    Misfit(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<TileError> for Trouble {
    fn from(e: TileError) -> Self {
        Trouble::Files(e.into())
    }
}

/// The tiles of one signed head: from the copy where it has them, else from a source, and then into the copy.
pub struct Checked<'a> {
    copy: &'a LogCopy,
    source: &'a Mirror,
    size: u64,
    /// The hash tiles that are not full; their root is the head's.
    edge: Edge,
}

struct Edge(BTreeMap<TilePath, Vec<u8>>);

impl Tiles for Edge {
    type Error = TileError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        self.0.get(path).cloned().ok_or(TileError::Width)
    }
}

impl<'a> Checked<'a> {
    /// Fetches the tree's right edge, which has to give the head's root.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn new(copy: &'a LogCopy, source: &'a Mirror, head: &Checkpoint) -> Result<Self, Trouble> {
        let mut edge = Edge(BTreeMap::new());
        for path in partials(head.size).into_iter().filter(|path| path.kind() != TileKind::Entries) {
            edge.0.insert(path, source.tile(&path)?);
        }
        if root_of(&TileNodes { tiles: &edge, size: head.size }, head.size)? != head.root {
            return Err(Trouble::Misfit("tile".to_owned()));
        }
        Ok(Checked { copy, source, size: head.size, edge })
    }

    /// Everything that a tree of `old` leaves lacks, in an order in which each tile can be proved: bundles last.
    pub fn wanted(&self, old: u64) -> Vec<TilePath> {
        let mut paths = new_tiles(old, self.size);
        paths.sort_by_key(|path| match path.kind() {
            TileKind::Hashes(level) => MAX_LEVEL - level,
            TileKind::Entries => MAX_LEVEL + 1,
        });
        paths
    }

    fn tree(&self) -> Tree<'_> {
        self.copy.tree(self.size)
    }

    /// Whether the bytes are this tile of the tree. What proves it is in the copy already.
    fn holds(&self, path: &TilePath, bytes: &[u8]) -> Result<bool, Trouble> {
        let hashes = |path: Option<TilePath>| -> Result<Vec<Hash>, Trouble> {
            let path = path.ok_or(TileError::Width)?;
            Ok(decode_tile(&self.tree().tile(&path)?, path.width())?)
        };
        let (index, width) = (path.index(), path.width());
        Ok(match path.kind() {
            TileKind::Entries => match decode_bundle(bytes, width) {
                Ok(leaves) => {
                    let own = hashes(TilePath::new(TileKind::Hashes(0), index, width))?;
                    leaves.into_iter().map(leaf_hash).eq(own)
                }
                Err(_) => false,
            },
            TileKind::Hashes(_) if path.is_partial() => {
                self.edge.0.get(path).is_some_and(|edge| edge == bytes)
            }
            TileKind::Hashes(level) => {
                let above = hashes(TilePath::in_tree(TileKind::Hashes(level + 1), index / WIDTH, self.size))?;
                let root = decode_tile(bytes, width).ok().and_then(|hashes| complete_root(&hashes));
                root.is_some() && root == above.get((index % WIDTH) as usize).copied()
            }
        })
    }
}

impl Tiles for Checked<'_> {
    type Error = Trouble;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, Trouble> {
        let name = path.to_string();
        // After a kill there may be some already; a disk may have bent them, or a head that came to nothing left them.
        let failed = |source| MirrorError::Io { path: self.copy.folder().join(&name), source };
        if let Some(bytes) = self.copy.read(&name).map_err(failed)?
            && self.holds(path, &bytes)?
        {
            return Ok(bytes);
        }
        let bytes = match self.edge.0.get(path) {
            Some(bytes) => bytes.clone(),
            None => self.source.tile(path)?,
        };
        if !self.holds(path, &bytes)? {
            return Err(Trouble::Misfit(name));
        }
        self.copy.put(&name, &bytes).map_err(failed)?;
        Ok(bytes)
    }
}
