//! A log's copy on disk, in the layout of a log's own folder: `checkpoint`, `checkpoints/…`, `tile/…`.

use crate::folder::{DiskFolder, Folder as _, NEW, ReplaceError, replace};
use client::MirrorError;
use ledger::hash::Hash;
use ledger::merkle::root_of;
use ledger::tile::{
    HEIGHT, MAX_LEVEL, TileKind, TileNodes, TilePath, Tiles, WIDTH, grouped, truncate_bundle,
};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The head that is kept, and served.
pub const HEAD: &str = "checkpoint";

/// The folder of a copy. One thread writes; any may read.
#[derive(Debug)]
pub struct LogCopy(DiskFolder);

/// Place of the checkpoint of a size.
pub fn checkpoint(size: u64) -> String {
    format!("checkpoints/{}", grouped(size))
}

/// The tiles and the bundle that a tree of this size has only in part, highest level first.
pub fn partials(size: u64) -> Vec<TilePath> {
    let levels = (0..=MAX_LEVEL).rev().map(TileKind::Hashes);
    let last = |kind| {
        let level = if let TileKind::Hashes(level) = kind { level } else { 0 };
        let nodes = size >> (u32::from(level) * u32::from(HEIGHT));
        TilePath::new(kind, nodes / WIDTH, (nodes % WIDTH) as u16)
    };
    levels.chain([TileKind::Entries]).filter_map(last).collect()
}

impl LogCopy {
    /// A copy in a folder.
    pub fn new(folder: DiskFolder) -> Self {
        LogCopy(folder)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// A file by its path in the folder; `None` when there is none.
    ///
    /// # Errors
    /// Anything but absence.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }

    /// Gives a file its content, whole at any time. The name is durable after [`LogCopy::sync`].
    ///
    /// # Errors
    /// The file is then the old one or the new one.
    pub fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if let Some(above) = self.folder().join(path).parent() {
            fs::create_dir_all(above)?;
        }
        self.0.write(NEW, bytes)?;
        self.0.rename(NEW, path)
    }

    /// Makes the names of files durable, and those of the folders they are in.
    ///
    /// # Errors
    /// Nothing may then be assumed of their durability.
    pub fn sync(&self, paths: &[String]) -> io::Result<()> {
        let folders: BTreeSet<&Path> =
            paths.iter().flat_map(|path| Path::new(path).ancestors().skip(1)).collect();
        folders.into_iter().try_for_each(|folder| File::open(self.folder().join(folder))?.sync_all())
    }

    /// Puts a head in the place of the one that is kept; durable when this returns.
    ///
    /// # Errors
    /// [`ReplaceError`].
    pub fn keep_head(&self, size: u64, note: &str) -> Result<(), ReplaceError> {
        let name = checkpoint(size);
        self.put(&name, note.as_bytes()).and_then(|()| self.sync(&[name])).map_err(ReplaceError::Not)?;
        replace(&self.0, HEAD, note.as_bytes())
    }

    /// Removes what a tree of `old` leaves had in part and one of `new` leaves has wider. That a file stays does no harm.
    pub fn tidy(&self, old: u64, new: u64) {
        let kept = partials(new);
        for path in partials(old).iter().filter(|path| !kept.contains(path)) {
            let file = self.folder().join(path.to_string());
            let _ = fs::remove_file(&file);
            // Fails while another width is in it.
            let _ = file.parent().map(fs::remove_dir);
        }
    }

    /// The copy as a tree of `size` leaves.
    pub fn tree(&self, size: u64) -> Tree<'_> {
        Tree { copy: self, size }
    }
}

/// A copy as a tree of some size: each tile is cut out of the one that such a tree has.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    copy: &'a LogCopy,
    size: u64,
}

impl Tree<'_> {
    /// Its root.
    ///
    /// # Errors
    /// When a tile of its right edge can't be read.
    pub fn root(&self) -> Result<Hash, MirrorError> {
        root_of(&TileNodes { tiles: self, size: self.size }, self.size)
    }
}

impl Tiles for Tree<'_> {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        let missing = || MirrorError::NotFound(path.to_string());
        let whole = TilePath::in_tree(path.kind(), path.index(), self.size).ok_or_else(missing)?;
        let file = whole.to_string();
        let failed = |source| MirrorError::Io { path: self.copy.folder().join(&file), source };
        let mut bytes = self.copy.read(&file).map_err(failed)?.ok_or_else(missing)?;
        if path.width() > whole.width() {
            return Err(missing());
        }
        let length = match path.kind() {
            TileKind::Entries => truncate_bundle(&bytes, path.width())?.len(),
            TileKind::Hashes(_) => usize::from(path.width()) * 32,
        };
        bytes.truncate(length);
        Ok(bytes)
    }
}
