//! The two narrow traits a backend implements: files, and one compare-and-swap register.

use crate::error::StoreError;
use std::io::Read;

/// A file's length in bytes and what is in it, piece by piece.
pub type Stream = (u64, Box<dyn Read + Send>);

/// Files under `/`-separated relative paths.
///
/// Readers never see half a file. What was written is durable only after [`Disk::sync`]; until then a power cut
/// may leave the old file, the new one, a torn one, or none. A removal is durable once its path, or another file of
/// the same folder, was synced after it; until then the file may come back. What was replaced or removed is nowhere
/// in the folder any more.
pub trait Disk: Send + Sync {
    /// The whole file; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Io`] for anything but absence.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts a file in place, atomically for readers, replacing what was there. Not yet durable.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the old file is then still there, or the new one.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Replaces a file, atomically also for a power cut: the old one is there, or the new one. Durable when this
    /// returns.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the old file is then still there, or the new one.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Adds to the end of a file, making it when it is absent. Readers may see a part; not yet durable.
    ///
    /// # Errors
    /// [`StoreError::Io`]; a part of the bytes may then be there.
    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Gives a file another name, atomically for readers, replacing what was there. Not yet durable.
    ///
    /// # Errors
    /// [`StoreError::Io`], also when there is no such file.
    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError>;

    /// A file to be read piece by piece, as it is now; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Io`] for anything but absence.
    fn open(&self, path: &str) -> Result<Option<Stream>, StoreError>;

    /// Makes these paths durable as they are now: a file with its name and every folder above it, or that there is
    /// none.
    ///
    /// # Errors
    /// [`StoreError::Io`]; nothing may then be assumed of their durability.
    fn sync(&self, paths: &[&str]) -> Result<(), StoreError>;

    /// Removes a file, or a folder with all in it; absence is no error. Not durable by itself.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn remove(&self, path: &str) -> Result<(), StoreError>;

    /// The names in a folder, sorted; an absent folder is empty.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError>;
}

/// Why a swap did not say "done".
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Another value stands there; nothing was changed.
    #[error("another checkpoint stands there / 另一个存证点已经在那里")]
    Conflict,
    /// It may have happened or not: the caller must stop and load again.
    #[error("outcome unknown / 结果不明: {0}")]
    Unknown(String),
}

/// One register that changes by compare-and-swap: the point of no return of a publication.
pub trait LockStore: Send + Sync {
    /// The value; `None` before the first swap.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn load(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Replaces `expected` by `new`; durable when this returns `Ok`.
    ///
    /// # Errors
    /// [`SwapError`].
    fn swap(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), SwapError>;
}
