//! Reading a log from its first leaf to its last, a few bundles at a time.

use client::{Mirror, MirrorError};
use ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::complete_root;
use ledger::peaks::CompactRange;
use ledger::tile::{TileKind, TilePath, Tiles, WIDTH, decode_bundle, decode_tile};
use rayon::prelude::*;

/// Bundles read and hashed together: what is held in memory at one time.
const TOGETHER: u64 = 16;

/// Why nothing, or nothing more, can be said of a log. Never a verdict.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file can't be had.
    #[error("{0}。请检查网络或文件夹后再试 / check the network or the folder and try again")]
    Mirror(#[from] MirrorError),
    /// What was served as checkpoint is none.
    #[error("存证点不可读：{0} / the checkpoint can't be read; it may be an error page of something between")]
    Checkpoint(#[from] CheckpointError),
}

/// What does not fit while a log is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit(pub String);

/// A log under one signed head.
pub struct Source<'a> {
    mirror: &'a Mirror,
    /// The checkpoint.
    pub head: SignedCheckpoint,
    range: CompactRange,
    /// Hashes of each level's tile that is not full yet.
    levels: Vec<Vec<Hash>>,
    /// Tiles compared.
    pub tiles: u64,
}

/// Leaves with their hashes, in log order.
pub type Leaves = Vec<(Vec<u8>, Hash)>;

impl<'a> Source<'a> {
    /// Reads the checkpoint; nothing is believed yet.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn open(mirror: &'a Mirror) -> Result<Self, SourceError> {
        let head = SignedCheckpoint::parse(&mirror.checkpoint()?)?;
        Ok(Source { mirror, head, range: CompactRange::new(), levels: Vec::new(), tiles: 0 })
    }

    /// Leaves of the head.
    pub fn size(&self) -> u64 {
        self.head.checkpoint.size
    }

    /// Leaves read so far.
    pub fn read(&self) -> u64 {
        self.range.size()
    }

    /// The root over the leaves read so far.
    pub fn root(&self) -> Hash {
        self.range.root()
    }

    /// The next leaves, hashed, with their tiles compared; empty at the end. Misfits between leaves and tiles
    /// are added to `misfits`.
    ///
    /// # Errors
    /// [`SourceError`] when a bundle or tile can't be had or is not of its form.
    pub fn next(&mut self, misfits: &mut Vec<Misfit>) -> Result<Leaves, SourceError> {
        let first = self.read() / WIDTH;
        let last = self.size().div_ceil(WIDTH).min(first + TOGETHER);
        let (mirror, size) = (self.mirror, self.size());
        let bundles: Vec<Leaves> = (first..last)
            .into_par_iter()
            .filter_map(|index| TilePath::in_tree(TileKind::Entries, index, size))
            .map(|path| {
                let bytes = mirror.tile(&path)?;
                let leaves = decode_bundle(&bytes, path.width()).map_err(MirrorError::from)?;
                Ok(leaves.into_iter().map(|leaf| (leaf.to_vec(), leaf_hash(leaf))).collect())
            })
            .collect::<Result<_, SourceError>>()?;
        let leaves: Leaves = bundles.into_iter().flatten().collect();
        for (_, hash) in &leaves {
            self.range.append(*hash);
            self.raise(*hash, misfits)?;
        }
        if self.read() == size {
            self.compare_edge(misfits)?;
        }
        Ok(leaves)
    }

    /// Adds a hash to level 0; each tile that it fills is compared and becomes a hash of the next level.
    fn raise(&mut self, mut hash: Hash, misfits: &mut Vec<Misfit>) -> Result<(), SourceError> {
        for level in 0.. {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(tile) = self.levels.get_mut(usize::from(level)) else { break };
            tile.push(hash);
            let Some(root) = (tile.len() as u64 == WIDTH).then(|| complete_root(tile)).flatten() else {
                break;
            };
            let tile = std::mem::take(tile);
            let index = (self.range.size() >> (8 * (u32::from(level) + 1))) - 1;
            self.compare(TilePath::new(TileKind::Hashes(level), index, WIDTH as u16), &tile, misfits)?;
            hash = root;
        }
        Ok(())
    }

    /// Compares the tiles at the right edge, which are not full.
    fn compare_edge(&mut self, misfits: &mut Vec<Misfit>) -> Result<(), SourceError> {
        for (level, tile) in (0..).zip(std::mem::take(&mut self.levels)) {
            if !tile.is_empty() {
                let index = (self.size() >> (8 * u32::from(level))) / WIDTH;
                self.compare(
                    TilePath::new(TileKind::Hashes(level), index, tile.len() as u16),
                    &tile,
                    misfits,
                )?;
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        path: Option<TilePath>,
        hashes: &[Hash],
        misfits: &mut Vec<Misfit>,
    ) -> Result<(), SourceError> {
        let Some(path) = path else { return Ok(()) };
        let found = decode_tile(&self.mirror.tile(&path)?, path.width()).map_err(MirrorError::from)?;
        self.tiles += 1;
        if found != hashes {
            misfits.push(Misfit(format!("{path} 与条目不符 / {path} is not what the entries hash to")));
        }
        Ok(())
    }
}
