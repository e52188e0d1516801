//! The two narrow traits a backend implements: files, and one compare-and-swap register.

use crate::error::StoreError;

/// Files under `/`-separated relative paths.
///
/// Readers never see half a file. What was written is durable only after [`Disk::sync`]; until then a power cut
/// may leave the old file, the new one, a torn one, or none. A removal is durable once another file of the same
/// folder was synced after it; until then the file may come back.
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

    /// Makes these files durable, with their names and every folder above them. A path that has been removed in
    /// the meantime is passed over.
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
