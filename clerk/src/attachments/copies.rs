//! Cleaned copies beside a draft: gathered in a folder of their own, which takes the old one's place once all is well.

use crate::failure::Failure;
use crate::private;
use ledger::hash::Hash;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The copies of one import.
#[derive(Debug)]
pub struct Copies {
    /// `<draft>.files`.
    place: PathBuf,
    /// Where they are gathered.
    new: PathBuf,
}

impl Copies {
    /// Those of the draft that will be written to `out`.
    ///
    /// # Errors
    /// [`Failure::Io`] when what an earlier import left behind can't be removed.
    pub fn beside(out: &Path) -> Result<Self, Failure> {
        let named = |ending: &str| -> PathBuf {
            let mut name = OsString::from(out);
            name.push(ending);
            name.into()
        };
        let copies = Copies { place: named(".files"), new: named(".files.new") };
        remove(&copies.new)?;
        Ok(copies)
    }

    /// Writes a copy; returns its path from the draft's folder, as it will be.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn put(&self, digest: &Hash, bytes: &[u8]) -> Result<String, Failure> {
        let name = digest.to_hex();
        let path = self.new.join(&name);
        std::fs::create_dir_all(&self.new).map_err(|source| Failure::Io {
            path: self.new.clone(),
            doing: "创建",
            source,
        })?;
        private::write(&path, bytes)?;
        let folder = self.place.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(format!("{}/{name}", folder.unwrap_or_default()))
    }

    /// Puts the copies where the draft looks for them; those of the draft that was there before are gone. It comes
    /// before the draft is written: a draft that can be read has its files.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn settle(self) -> Result<(), Failure> {
        remove(&self.place)?;
        if self.new.exists() {
            let io = |source| Failure::Io { path: self.place.clone(), doing: "写入", source };
            std::fs::rename(&self.new, &self.place).map_err(io)?;
        }
        Ok(())
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // After an import that failed; the next one removes what this could not.
        let _ = remove(&self.new);
    }
}

/// Removes a folder of copies; one that holds anything else stays, and is an error.
fn remove(folder: &Path) -> Result<(), Failure> {
    let remove = || -> std::io::Result<()> {
        for file in std::fs::read_dir(folder)? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if Hash::from_hex(name).is_some() {
                std::fs::remove_file(path)?;
            }
        }
        std::fs::remove_dir(folder)
    };
    match remove() {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(Failure::Io { path: folder.to_owned(), doing: "删除旧的附件副本", source })
        }
        _ => Ok(()),
    }
}
