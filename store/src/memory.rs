//! The backend in memory: loses on purpose what was not synced, and fails where a test tells it to.

use crate::disk::{Disk, LockStore, Stream, SwapError};
use crate::error::StoreError;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and did nothing.
    NotDone,
    /// It fails and was done all the same.
    YetDone,
}

#[derive(Default)]
struct Inner {
    /// What readers see.
    files: BTreeMap<String, Vec<u8>>,
    /// What every crash leaves.
    durable: BTreeMap<String, Vec<u8>>,
    /// Durable files that were removed, with the folder whose sync makes that durable too.
    removed: BTreeMap<String, (String, Vec<u8>)>,
    register: Option<Vec<u8>>,
    /// Changing operations so far.
    operations: u64,
    fault: Option<(u64, Fault)>,
}

impl Inner {
    /// A file as it is now, or that there is none; and so what was removed from the folders above it.
    fn make_durable(&mut self, path: &str) {
        if let Some(bytes) = self.files.get(path) {
            self.durable.insert(path.to_owned(), bytes.clone());
        }
        self.removed.retain(|p, (folder, _)| p != path && within(path, folder).is_none());
    }
}

/// A disk and a register in memory.
#[derive(Default)]
pub struct MemoryDisk(Mutex<Inner>);

impl MemoryDisk {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Loses everything that was not synced; faults are over.
    pub fn crash(&self) {
        let mut inner = self.inner();
        inner.files = inner.durable.clone();
        inner.removed.clear();
        inner.fault = None;
    }

    /// A power cut as real disks have it: of each change that was not synced, `seed` decides whether the old file
    /// is there, the new one, or a torn one, and whether a removed file comes back. Faults are over.
    pub fn power_cut(&self, seed: u64) {
        let mut inner = self.inner();
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut draw = |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        let mut left = inner.durable.clone();
        for (path, (_, bytes)) in std::mem::take(&mut inner.removed) {
            if draw(2) == 0 {
                left.insert(path, bytes);
            }
        }
        for (path, bytes) in &inner.files {
            if inner.durable.get(path) != Some(bytes) {
                match draw(3) {
                    0 => drop(left.insert(path.clone(), bytes.clone())),
                    1 => {
                        drop(left.insert(path.clone(), bytes.iter().take(bytes.len() / 2).copied().collect()))
                    }
                    _ => {}
                }
            }
        }
        inner.files = left.clone();
        inner.durable = left;
        inner.fault = None;
    }

    /// Makes the `n`-th changing operation from now on (0 is the next) and every one after it fail.
    pub fn fail_at(&self, n: u64, fault: Fault) {
        let mut inner = self.inner();
        inner.fault = Some((inner.operations + n, fault));
    }

    /// Changing operations so far.
    pub fn operations(&self) -> u64 {
        self.inner().operations
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation and does it, or not, as the fault says.
    fn change(&self, act: impl FnOnce(&mut Inner)) -> io::Result<()> {
        let mut inner = self.inner();
        let at = inner.operations;
        inner.operations += 1;
        match inner.fault {
            // After the failing operation the machine is gone: nothing more is done.
            Some((from, fault)) if at >= from => {
                if at == from && fault == Fault::YetDone {
                    act(&mut inner);
                }
                Err(io::Error::other("a fault made by the test"))
            }
            _ => {
                act(&mut inner);
                Ok(())
            }
        }
    }
}

fn within<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}

impl Disk for MemoryDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.inner().files.get(path).cloned())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let put = |inner: &mut Inner| drop(inner.files.insert(path.to_owned(), bytes.to_vec()));
        self.change(put).map_err(crate::error::io("写入", path))
    }

    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let put = |inner: &mut Inner| {
            inner.files.insert(path.to_owned(), bytes.to_vec());
            inner.make_durable(path);
        };
        self.change(put).map_err(crate::error::io("写入", path))
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let put =
            |inner: &mut Inner| inner.files.entry(path.to_owned()).or_default().extend_from_slice(bytes);
        self.change(put).map_err(crate::error::io("写入", path))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        if !self.inner().files.contains_key(from) {
            return Err(crate::error::io("写入", to)(io::ErrorKind::NotFound.into()));
        }
        let rename = |inner: &mut Inner| {
            // Its bytes may be durable; under the new name nothing is.
            let bytes = inner.files.remove(from).unwrap_or_default();
            inner.files.insert(to.to_owned(), bytes);
            let old = inner.durable.remove(from).map(|bytes| (from.to_owned(), (folder_of(from), bytes)));
            inner.removed.extend(old);
        };
        self.change(rename).map_err(crate::error::io("写入", to))
    }

    fn open(&self, path: &str) -> Result<Option<Stream>, StoreError> {
        let bytes = self.read(path)?;
        Ok(bytes.map(|bytes| (bytes.len() as u64, Box::new(io::Cursor::new(bytes)) as _)))
    }

    fn sync(&self, paths: &[&str]) -> Result<(), StoreError> {
        let sync = |inner: &mut Inner| {
            for path in paths {
                inner.make_durable(path);
            }
        };
        self.change(sync).map_err(crate::error::io("落盘", ""))
    }

    fn remove(&self, path: &str) -> Result<(), StoreError> {
        let folder = folder_of(path);
        let remove = |inner: &mut Inner| {
            let keep = |p: &String| p != path && within(p, path).is_none();
            inner.files.retain(|p, _| keep(p));
            let (kept, gone) = std::mem::take(&mut inner.durable).into_iter().partition(|(p, _)| keep(p));
            inner.durable = kept;
            let gone: BTreeMap<String, Vec<u8>> = gone;
            inner.removed.extend(gone.into_iter().map(|(p, bytes)| (p, (folder.clone(), bytes))));
        };
        self.change(remove).map_err(crate::error::io("删除", path))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let inner = self.inner();
        // A folder stays when its last file goes.
        let left = inner.removed.values().map(|(folder, _)| folder);
        let names = inner.files.keys().chain(left).filter_map(|p| within(p, folder)?.split('/').next());
        let mut names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

impl LockStore for MemoryDisk {
    fn load(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.inner().register.clone())
    }

    fn swap(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), SwapError> {
        if self.inner().register.as_deref() != expected {
            return Err(SwapError::Conflict);
        }
        let put = |inner: &mut Inner| inner.register = Some(new.to_vec());
        self.change(put).map_err(|e| SwapError::Unknown(e.to_string()))
    }
}
