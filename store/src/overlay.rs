//! A log's files as they will stand after the next start: what is staged and committed, over what is in place.

use crate::disk::{Disk, Stream};
use crate::error::{StoreError, io};
use crate::layout::STAGED;
use crate::open::committed_files;
use ledger::checkpoint::Checkpoint;
use std::collections::BTreeMap;

/// A disk to read from beside the writer; it changes nothing.
pub(crate) struct Overlay<D> {
    disk: D,
    staged: BTreeMap<String, Vec<u8>>,
}

impl<D: Disk> Overlay<D> {
    /// The files of the log whose committed head is `head`.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(disk: D, head: &Checkpoint) -> Result<Self, StoreError> {
        let mut staged = BTreeMap::new();
        for name in disk.list(STAGED)? {
            // Files in place are left where they are, so that this stays small.
            let mut files = committed_files(&disk, &name, head)?.unwrap_or_default();
            files.keep_cosigned(&disk)?;
            for (path, bytes) in files.0 {
                if disk.read(&path)?.as_ref() != Some(&bytes) {
                    staged.insert(path, bytes);
                }
            }
        }
        Ok(Overlay { disk, staged })
    }

    /// Files that are not in place yet.
    pub fn unplaced(&self) -> u64 {
        self.staged.len() as u64
    }
}

fn read_only(path: &str) -> StoreError {
    io("写入", path)(std::io::ErrorKind::ReadOnlyFilesystem.into())
}

impl<D: Disk> Disk for Overlay<D> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.staged.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.disk.read(path),
        }
    }

    fn write(&self, path: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(read_only(path))
    }

    fn replace(&self, path: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(read_only(path))
    }

    fn append(&self, path: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(read_only(path))
    }

    fn rename(&self, _: &str, to: &str) -> Result<(), StoreError> {
        Err(read_only(to))
    }

    /// Of what lies beside the log; nothing of that is ever staged.
    fn open(&self, path: &str) -> Result<Option<Stream>, StoreError> {
        self.disk.open(path)
    }

    fn sync(&self, paths: &[&str]) -> Result<(), StoreError> {
        paths.first().map_or(Ok(()), |path| Err(read_only(path)))
    }

    fn remove(&self, path: &str) -> Result<(), StoreError> {
        Err(read_only(path))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.disk.list(folder)
    }
}
