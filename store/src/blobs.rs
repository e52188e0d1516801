//! Blobs: files beside the log, named by their SHA-256 and durable before anything refers to them.

use crate::disk::Disk;
use crate::error::{StoreError, damaged};
use crate::layout;
use ledger::hash::Hash;
use std::sync::Arc;

/// Largest blob in bytes: one attachment.
pub const MAX_BLOB: usize = 20 * 1024 * 1024;

/// The blobs of a log.
#[derive(Clone)]
pub struct Blobs {
    disk: Arc<dyn Disk>,
}

impl Blobs {
    /// The blobs on a disk.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Blobs { disk }
    }

    /// Keeps a blob and returns its digest; durable when this returns. Keeping it again does no harm.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Io`].
    pub fn put(&self, bytes: &[u8]) -> Result<Hash, StoreError> {
        if bytes.len() > MAX_BLOB {
            return Err(StoreError::TooLarge { bytes: bytes.len(), limit: MAX_BLOB });
        }
        let digest = Hash::of(bytes);
        let path = layout::blob(&digest);
        self.disk.write(&path, bytes)?;
        self.disk.sync(&[&path])?;
        Ok(digest)
    }

    /// The blob of a digest; `None` when it is not here.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file is not what its name says, [`StoreError::Io`].
    pub fn get(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        match self.disk.read(&layout::blob(digest))? {
            Some(bytes) if Hash::of(&bytes) != *digest => damaged(format!(
                "附件 {0} 的内容与名称不符 / blob {0} is not what its name says",
                digest.to_hex()
            )),
            found => Ok(found),
        }
    }
}
