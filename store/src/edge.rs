//! The right edge of the log: what has to be in memory to append and to make the new tiles.

use crate::error::{StoreError, damaged};
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::complete_root;
use ledger::peaks::{CompactRange, prove_peaks};
use ledger::tile::{
    MAX_LEVEL, TileError, TileKind, TileNodes, TilePath, Tiles, WIDTH, decode_bundle, decode_tile,
    encode_bundle, encode_tile, new_tiles,
};

/// Peaks, the tiles that are not full yet, and the entry bundle that is not full yet.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    range: CompactRange,
    levels: Vec<Vec<Hash>>,
    bundle: Vec<Vec<u8>>,
    /// Tiles that became full since the last [`Edge::tiles_since`].
    full: Vec<(TilePath, Vec<u8>)>,
}

impl Edge {
    /// The edge of the tree of `size` leaves, read from its tiles; `root` is the signed one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the tiles are not those of the root.
    pub fn load<T: Tiles<Error = StoreError>>(tiles: &T, size: u64, root: &Hash) -> Result<Self, StoreError> {
        let mut edge = Edge::default();
        let nodes = TileNodes { tiles, size };
        edge.range = CompactRange::from_peaks(size, prove_peaks(&nodes, size)?).ok_or(TileError::Width)?;
        if edge.range.root() != *root {
            return damaged(format!(
                "{size} 个叶子的数据块与已签的根不符 / the tiles of {size} leaves do not give the signed root"
            ));
        }
        for level in 0..=MAX_LEVEL {
            let nodes = size >> (8 * u32::from(level));
            let partial = TilePath::in_tree(TileKind::Hashes(level), nodes / WIDTH, size);
            edge.levels.push(match partial {
                Some(path) => decode_tile(&tiles.tile(&path)?, path.width())?,
                None => Vec::new(),
            });
        }
        if let Some(path) = TilePath::in_tree(TileKind::Entries, size / WIDTH, size) {
            let bytes = tiles.tile(&path)?;
            edge.bundle = decode_bundle(&bytes, path.width())?.into_iter().map(<[u8]>::to_vec).collect();
            let hashes: Vec<Hash> = edge.bundle.iter().map(|leaf| leaf_hash(leaf)).collect();
            if edge.levels.first() != Some(&hashes) {
                return damaged(format!("{path} 与数据块不符 / {path} does not hash to its tile"));
            }
        }
        Ok(edge)
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.range.size()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.range.root()
    }

    /// Appends a leaf whose hash is known.
    ///
    /// # Errors
    /// [`TileError::TooLong`] for a leaf that no bundle can carry.
    pub fn append(&mut self, leaf: Vec<u8>, hash: Hash) -> Result<(), StoreError> {
        let index = self.range.size() / WIDTH;
        self.range.append(hash);
        self.bundle.push(leaf);
        if self.bundle.len() as u64 == WIDTH {
            let bytes = encode_bundle(self.bundle.iter().map(Vec::as_slice))?;
            self.full.extend(TilePath::new(TileKind::Entries, index, WIDTH as u16).map(|path| (path, bytes)));
            self.bundle.clear();
        }
        self.raise(hash);
        Ok(())
    }

    /// Adds a hash to level 0; each tile that it fills becomes a hash of the next level.
    fn raise(&mut self, mut hash: Hash) {
        for level in 0..=MAX_LEVEL {
            if self.levels.len() <= level.into() {
                self.levels.push(Vec::new());
            }
            let Some(tile) = self.levels.get_mut(usize::from(level)) else { return };
            tile.push(hash);
            let Some(root) = (tile.len() as u64 == WIDTH).then(|| complete_root(tile)).flatten() else {
                return;
            };
            let bytes = encode_tile(tile);
            tile.clear();
            let index = (self.range.size() >> (8 * (u32::from(level) + 1))) - 1;
            self.full.extend(
                TilePath::new(TileKind::Hashes(level), index, WIDTH as u16).map(|path| (path, bytes)),
            );
            hash = root;
        }
    }

    /// The tiles that a head of the present size adds to one of `old` leaves: those filled since, and the
    /// partial ones.
    ///
    /// # Errors
    /// [`TileError::TooLong`].
    pub fn tiles_since(&mut self, old: u64) -> Result<Vec<(TilePath, Vec<u8>)>, StoreError> {
        let mut tiles = std::mem::take(&mut self.full);
        for path in new_tiles(old, self.size()).into_iter().filter(TilePath::is_partial) {
            let bytes = match path.kind() {
                TileKind::Entries => encode_bundle(self.bundle.iter().map(Vec::as_slice))?,
                TileKind::Hashes(level) => {
                    self.levels.get(usize::from(level)).map_or_else(Vec::new, |t| encode_tile(t))
                }
            };
            tiles.push((path, bytes));
        }
        Ok(tiles)
    }
}
