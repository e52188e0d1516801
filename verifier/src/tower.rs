//! The tree over what was read: its root, and its tiles above level 0 held against those that are served.

use client::MirrorError;
use ledger::hash::Hash;
use ledger::merkle::complete_root;
use ledger::peaks::CompactRange;
use ledger::tile::{TileKind, TilePath, Tiles, WIDTH, decode_tile};

/// Grows by whole bundles; memory is one tile a level.
#[derive(Debug)]
pub struct Tower<'a, T> {
    tiles: &'a T,
    range: CompactRange,
    /// Hashes of the unfinished tile of levels 1, 2, …
    levels: Vec<Vec<Hash>>,
    /// Size whose root is wanted, and that root once it is known.
    watch: Option<u64>,
    watched: Option<Hash>,
    compared: u64,
    misfits: Vec<TilePath>,
}

impl<'a, T: Tiles<Error = MirrorError>> Tower<'a, T> {
    /// The empty tree; the root at size `watch` is kept on the way.
    pub fn new(tiles: &'a T, watch: Option<u64>) -> Self {
        Tower {
            tiles,
            range: CompactRange::new(),
            levels: Vec::new(),
            watch,
            watched: None,
            compared: 0,
            misfits: Vec::new(),
        }
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.range.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.range.root()
    }

    /// The tree so far, to go on from.
    pub fn range(&self) -> CompactRange {
        self.range.clone()
    }

    /// The root at the size that was watched for, when the tree came by it.
    pub fn watched(&self) -> Option<Hash> {
        self.watched
    }

    /// Tiles compared, level 0 included.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// Tiles that are not what the entries hash to.
    pub fn misfits(&self) -> &[TilePath] {
        &self.misfits
    }

    /// Adds a bundle's hashes; `root` is theirs when the bundle is full, `fits` whether its level-0 tile held them.
    ///
    /// # Errors
    /// [`MirrorError`] when a tile that is now complete can't be had.
    pub fn push(
        &mut self,
        hashes: &[Hash],
        root: Option<Hash>,
        fits: bool,
        path: TilePath,
    ) -> Result<(), MirrorError> {
        let first = self.range.size();
        self.note(TilePath::new(TileKind::Hashes(0), path.index(), path.width()), fits);
        if let Some(at) = self.watch.filter(|at| (first..=first + hashes.len() as u64).contains(at)) {
            let mut range = self.range.clone();
            hashes.iter().take((at - first) as usize).for_each(|hash| range.append(*hash));
            self.watched = Some(range.root());
        }
        match root {
            Some(root) if self.range.append_subtree(8, root) => self.raise(root),
            _ => {
                hashes.iter().for_each(|hash| self.range.append(*hash));
                Ok(())
            }
        }
    }

    /// A hash of level 1, and of each level above whose tile it fills.
    fn raise(&mut self, mut hash: Hash) -> Result<(), MirrorError> {
        for level in 1_u8.. {
            if self.levels.len() < usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(tile) = self.levels.get_mut(usize::from(level) - 1) else { break };
            tile.push(hash);
            if (tile.len() as u64) < WIDTH {
                break;
            }
            let tile = std::mem::take(tile);
            self.compare(level, &tile)?;
            let Some(root) = complete_root(&tile) else { break };
            hash = root;
        }
        Ok(())
    }

    /// Compares the unfinished tiles of the right edge.
    ///
    /// # Errors
    /// [`MirrorError`] when one can't be had.
    pub fn finish(&mut self) -> Result<(), MirrorError> {
        for (level, tile) in (1..).zip(std::mem::take(&mut self.levels)) {
            if !tile.is_empty() {
                self.compare(level, &tile)?;
            }
        }
        Ok(())
    }

    fn compare(&mut self, level: u8, hashes: &[Hash]) -> Result<(), MirrorError> {
        // The tile that ends where the tree now ends, at this level.
        let last = (self.range.size() >> (8 * u32::from(level))).saturating_sub(1);
        let Some(path) = TilePath::new(TileKind::Hashes(level), last / WIDTH, hashes.len() as u16) else {
            return Ok(());
        };
        let served = decode_tile(&self.tiles.tile(&path)?, path.width())?;
        self.note(Some(path), served == hashes);
        Ok(())
    }

    fn note(&mut self, path: Option<TilePath>, fits: bool) {
        self.compared += 1;
        self.misfits.extend(path.filter(|_| !fits && self.misfits.len() < crate::findings::NAMED));
    }
}
