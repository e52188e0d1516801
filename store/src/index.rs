//! The query index's table, behind a narrow trait: everything in it can be rebuilt from the tiles.

use crate::error::StoreError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// Puts of one publication.
pub type Puts = Vec<(Vec<u8>, Vec<u8>)>;

/// An ordered table of small records. Nothing in it needs to survive a crash: on opening, the log holds it
/// against the signed index leaf and replays what is missing.
pub trait Index: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All records whose key begins so, in key order.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    fn scan(&self, prefix: &[u8]) -> Result<Puts, StoreError>;

    /// Applies the puts together.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    fn apply(&self, puts: Puts) -> Result<(), StoreError>;

    /// Brings everything applied so far to the disk, as well as the backend can.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    fn flush(&self) -> Result<(), StoreError>;

    /// Empties the table.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    fn clear(&self) -> Result<(), StoreError>;
}

/// Memory that sled may use to cache records, in bytes.
const CACHE: u64 = 16 * 1024 * 1024;

/// The embedded backend.
pub struct SledIndex {
    db: sled::Db,
    folder: PathBuf,
}

fn failed(e: impl std::fmt::Display) -> StoreError {
    StoreError::Index(e.to_string())
}

impl SledIndex {
    /// Opens the index in a folder, making it when it is absent. One that can't be opened is put aside by
    /// removing it: it holds nothing of its own.
    ///
    /// # Errors
    /// [`StoreError::Index`] when even a new one can't be made.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE).flush_every_ms(None);
        let db = config.open().or_else(|e| {
            tracing::warn!(error = %e, "the query index can't be opened and is made anew");
            std::fs::remove_dir_all(folder).map_err(failed)?;
            config.open().map_err(failed)
        })?;
        Ok(SledIndex { db, folder: folder.to_owned() })
    }
}

impl Index for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get(key).map(|v| v.map(|v| v.to_vec())).map_err(failed)
    }

    fn scan(&self, prefix: &[u8]) -> Result<Puts, StoreError> {
        let pairs = self.db.scan_prefix(prefix);
        pairs.map(|pair| pair.map(|(k, v)| (k.to_vec(), v.to_vec())).map_err(failed)).collect()
    }

    fn apply(&self, puts: Puts) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        puts.into_iter().for_each(|(key, value)| batch.insert(key, value));
        self.db.apply_batch(batch).map_err(failed)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(failed)?;
        // sled 0.34's flush does not fsync on Linux: without this a power cut leaves an empty index, which costs
        // a replay.
        std::fs::File::open(self.folder.join("db")).and_then(|f| f.sync_all()).map_err(failed)
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.db.clear().map_err(failed)
    }
}

/// The index in memory, for tests and for checking a log without touching its folder.
#[derive(Default)]
pub struct MemoryIndex(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Index for MemoryIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn scan(&self, prefix: &[u8]) -> Result<Puts, StoreError> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let range = table.range(prefix.to_vec()..).take_while(|(k, _)| k.starts_with(prefix));
        Ok(range.map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    fn apply(&self, puts: Puts) -> Result<(), StoreError> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(puts);
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}
