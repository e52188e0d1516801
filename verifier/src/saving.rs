//! Keeping a copy of everything read: a folder that anyone can audit again, and so the evidence of an audit.

use crate::head::Heads;
use client::MirrorError;
use ledger::tile::{TilePath, Tiles};
use std::path::{Path, PathBuf};

/// A log whose every file that is read is also written to a folder.
#[derive(Debug)]
pub struct Saving<T> {
    from: T,
    folder: Option<PathBuf>,
}

impl<T> Saving<T> {
    /// Reads `from`; with a folder, what is read is kept there.
    pub fn new(from: T, folder: Option<PathBuf>) -> Self {
        Saving { from, folder }
    }

    fn keep(&self, path: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let file = folder.join(path);
        write(&file, bytes).map_err(|source| MirrorError::Io { path: file, source })
    }
}

/// Writes beside and renames, so that a crash leaves the old or the new file, never half of one.
///
/// # Errors
/// What the system said.
pub fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".tmp");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, file)
}

impl<T: Heads> Heads for Saving<T> {
    fn head(&self) -> Result<Vec<u8>, MirrorError> {
        let bytes = self.from.head()?;
        self.keep("checkpoint", &bytes)?;
        Ok(bytes)
    }
}

impl<T: Tiles<Error = MirrorError>> Tiles for Saving<T> {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        let bytes = self.from.tile(path)?;
        self.keep(&path.to_string(), &bytes)?;
        Ok(bytes)
    }
}
