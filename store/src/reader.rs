//! Reading a log's tiles and leaves, with a small cache of full ones.

use crate::disk::Disk;
use crate::error::{StoreError, damaged};
use crate::query::Query;
use ledger::entry::Entry;
use ledger::hash::leaf_hash;
use ledger::tile::{TileKind, TilePath, Tiles, WIDTH, decode_bundle, truncate_bundle};
use ledger::unit::UnitId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Full tiles and entry bundles kept in memory; a bundle of large entries is about a quarter of a megabyte.
const CACHED: usize = 48;

/// A reader of tiles. Clones share the cache.
#[derive(Clone)]
pub struct Reader {
    disk: Arc<dyn Disk>,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Default)]
struct Cache {
    tiles: HashMap<TilePath, Arc<Vec<u8>>>,
    order: VecDeque<TilePath>,
}

impl Reader {
    /// A reader over a disk.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Reader { disk, cache: Arc::default() }
    }

    /// Any file of the log.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(path)
    }

    /// A tile as wide as asked for, cut out of the full one when its own file is gone; `None` when there is
    /// neither.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn tile_file(&self, path: &TilePath) -> Result<Option<Arc<Vec<u8>>>, StoreError> {
        let full = path.full();
        if let Some(bytes) = self.cached(&full) {
            return cut(bytes, path).map(Some);
        }
        if path.is_partial()
            && let Some(bytes) = self.disk.read(&path.to_string())?
        {
            return Ok(Some(Arc::new(bytes)));
        }
        // After the partial one: when a publication fills a tile, the full file stands before the others go.
        let Some(bytes) = self.disk.read(&full.to_string())? else { return Ok(None) };
        let bytes = Arc::new(bytes);
        self.keep(full, Arc::clone(&bytes));
        cut(bytes, path).map(Some)
    }

    /// The leaf at an index of a log of `size` leaves.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when its bundle is missing or cut short.
    pub fn leaf(&self, index: u64, size: u64) -> Result<Vec<u8>, StoreError> {
        let missing =
            || StoreError::Damaged { what: format!("没有叶子 {index} / leaf {index} is missing") };
        let path = TilePath::in_tree(TileKind::Entries, index / WIDTH, size).ok_or_else(missing)?;
        let bytes = self.tile_file(&path)?.ok_or_else(missing)?;
        let entries = decode_bundle(&bytes, path.width())?;
        entries.get((index % WIDTH) as usize).map(|leaf| leaf.to_vec()).ok_or_else(missing)
    }

    /// The leaf of a unit's entry in a log of `size` leaves; `None` when the unit has no such number.
    ///
    /// # Errors
    /// [`StoreError::Index`] when the query index leads elsewhere, [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn entry(
        &self,
        query: &Query,
        unit: &UnitId,
        seq: u64,
        size: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(line) = query.line(unit, seq)? else { return Ok(None) };
        let wrong =
            || StoreError::Index(format!("{unit} 第 {seq} 号指错 / {unit} number {seq} points elsewhere"));
        if line.index >= size {
            return Err(wrong());
        }
        // The leaf itself decides, not the index that led to it.
        let bytes = self.leaf(line.index, size)?;
        let ours = Entry::of_leaf(&bytes).is_ok_and(|entry| entry.unit() == *unit && entry.seq() == seq);
        if ours && leaf_hash(&bytes) == line.leaf { Ok(Some(bytes)) } else { Err(wrong()) }
    }

    fn cached(&self, path: &TilePath) -> Option<Arc<Vec<u8>>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).tiles.get(path).cloned()
    }

    fn keep(&self, path: TilePath, bytes: Arc<Vec<u8>>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.tiles.insert(path, bytes).is_none() {
            cache.order.push_back(path);
        }
        if cache.order.len() > CACHED
            && let Some(oldest) = cache.order.pop_front()
        {
            cache.tiles.remove(&oldest);
        }
    }
}

fn cut(full: Arc<Vec<u8>>, path: &TilePath) -> Result<Arc<Vec<u8>>, StoreError> {
    if !path.is_partial() {
        return Ok(full);
    }
    let beginning = match path.kind() {
        TileKind::Entries => truncate_bundle(&full, path.width())?,
        TileKind::Hashes(_) => match full.get(..usize::from(path.width()) * 32) {
            Some(beginning) => beginning,
            None => return damaged(format!("{path} 太短 / {path} is too short")),
        },
    };
    Ok(Arc::new(beginning.to_vec()))
}

impl Tiles for Reader {
    type Error = StoreError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, StoreError> {
        match self.tile_file(path)? {
            Some(bytes) => Ok(bytes.to_vec()),
            None => damaged(format!("缺少 {path} / {path} is missing")),
        }
    }
}
