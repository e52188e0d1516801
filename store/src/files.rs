//! The one-machine backend: plain files with fsync and rename, one writer by a lock on the folder.

use crate::disk::{Disk, LockStore, Stream, SwapError};
use crate::error::{StoreError, io};
use crate::layout::{BLOBS, COMMITTED, OPENINGS, UPLOADS};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Folder of files that have no name yet; what a crash left there is removed when the next writer comes.
const UNNAMED: &str = ".new";
/// Folders of what not everyone may see, and of what has no name yet: nobody else on this machine looks into them.
const PRIVATE: &[&str] = &[OPENINGS, BLOBS, UPLOADS, UNNAMED];

/// A log's folder.
#[derive(Debug)]
pub struct FilesDisk {
    root: PathBuf,
    /// Held, and with it the lock on the folder, as long as this lives; `None` for readers.
    _writer: Option<File>,
    temporary: AtomicU64,
}

impl FilesDisk {
    /// Opens a folder for its one writer, making it when it is absent.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Io`].
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        make_folder(root).map_err(io("创建", &root.display().to_string()))?;
        let failed = |e| io("锁定", "lock")(e);
        let lock =
            File::options().create(true).read(true).write(true).truncate(false).open(root.join("lock"));
        let mut lock = lock.map_err(failed)?;
        if rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _ = lock.read_to_string(&mut holder);
            return Err(StoreError::Locked {
                dir: root.display().to_string(),
                holder: holder.trim().to_owned(),
            });
        }
        lock.set_len(0).map_err(failed)?;
        lock.rewind().map_err(failed)?;
        lock.write_all(format!("pid {}\n", std::process::id()).as_bytes()).map_err(failed)?;
        let disk = FilesDisk { root: root.to_owned(), _writer: Some(lock), temporary: AtomicU64::new(0) };
        disk.remove(UNNAMED)?;
        for folder in PRIVATE {
            close(&disk.at(folder)).map_err(io("设权限", folder))?;
        }
        Ok(disk)
    }

    /// Opens a folder for reading beside its writer.
    pub fn reader(root: &Path) -> Self {
        FilesDisk { root: root.to_owned(), _writer: None, temporary: AtomicU64::new(0) }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file under another name, then gives it its own.
    fn put(&self, path: &str, bytes: &[u8], sync: bool) -> std::io::Result<()> {
        let unnamed = format!("{UNNAMED}/{}", self.temporary.fetch_add(1, Ordering::Relaxed));
        let unnamed = self.with_folder(&unnamed)?;
        let put = || {
            let mut file = options(path).write(true).create(true).truncate(true).open(&unnamed)?;
            file.write_all(bytes)?;
            if sync {
                file.sync_all()?;
            }
            fs::rename(&unnamed, self.with_folder(path)?)
        };
        put().inspect_err(|_| drop(fs::remove_file(&unnamed)))
    }

    fn with_folder(&self, path: &str) -> std::io::Result<PathBuf> {
        let target = self.at(path);
        let mode = if is_private(path) { 0o700 } else { 0o777 };
        let make = |folder| DirBuilder::new().recursive(true).mode(mode).create(folder);
        target.parent().map_or(Ok(()), make)?;
        Ok(target)
    }
}

fn is_private(path: &str) -> bool {
    PRIVATE.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Options for a file that is made when it is absent.
fn options(path: &str) -> OpenOptions {
    let mut options = File::options();
    options.mode(if is_private(path) { 0o600 } else { 0o666 });
    options
}

/// Closes a private folder of an earlier version, with all in it, to everyone else. One look when it is closed.
fn close(folder: &Path) -> std::io::Result<()> {
    let mode = match fs::metadata(folder) {
        Ok(about) => about.permissions().mode(),
        Err(e) if is_absent(&e) => return Ok(()),
        Err(e) => return Err(e),
    };
    if mode & 0o077 == 0 {
        return Ok(());
    }
    // The folder itself last: what a crash left open is looked for again.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            close(&entry.path())?;
        } else {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
        }
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

fn is_absent(e: &std::io::Error) -> bool {
    matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Makes a log's folder, whose own name has to survive a power cut as well.
fn make_folder(root: &Path) -> std::io::Result<()> {
    if root.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(root)?;
    for above in root.canonicalize()?.ancestors().skip(1) {
        // Folders of others need not be readable to us; theirs have long been durable.
        if File::open(above).and_then(|folder| folder.sync_all()).is_err() {
            break;
        }
    }
    Ok(())
}

impl Disk for FilesDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.at(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if is_absent(&e) => Ok(None),
            Err(e) => Err(io("读取", path)(e)),
        }
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(path, bytes, false).map_err(io("写入", path))
    }

    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(path, bytes, true).map_err(io("写入", path))?;
        self.sync(&[path])
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let append = || {
            let mut file = options(path).append(true).create(true).open(self.with_folder(path)?)?;
            file.write_all(bytes)
        };
        append().map_err(io("写入", path))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let rename = || fs::rename(self.at(from), self.with_folder(to)?);
        rename().map_err(io("写入", to))
    }

    fn open(&self, path: &str) -> Result<Option<Stream>, StoreError> {
        let file = match File::open(self.at(path)) {
            Ok(file) => file,
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(io("读取", path)(e)),
        };
        let about = file.metadata().map_err(io("读取", path))?;
        Ok(about.is_file().then(|| (about.len(), Box::new(file) as _)))
    }

    fn sync(&self, paths: &[&str]) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for path in paths {
            let target = self.at(path);
            match File::open(&target) {
                Ok(file) => file.sync_all().map_err(io("落盘", path))?,
                Err(e) if is_absent(&e) => {}
                Err(e) => return Err(io("落盘", path)(e)),
            }
            // A new file is durable only with its name, a new folder only with its own name, up to the root.
            let above = target.ancestors().skip(1).take_while(|f| f.starts_with(&self.root));
            folders.extend(above.map(Path::to_owned));
        }
        for folder in folders {
            let name = folder.display().to_string();
            match File::open(&folder).and_then(|f| f.sync_all()) {
                // It was removed with all in it, which the folder above it knows.
                Err(e) if is_absent(&e) => {}
                synced => synced.map_err(io("落盘", &name))?,
            }
        }
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<(), StoreError> {
        let target = self.at(path);
        let removed = if target.is_dir() { fs::remove_dir_all(&target) } else { fs::remove_file(&target) };
        match removed {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(io("删除", path)(e)),
            _ => Ok(()),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let entries = match fs::read_dir(self.at(folder)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(io("读取", folder)(e)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(io("读取", folder))?.file_name();
            names.extend(name.into_string().ok().filter(|n| n != UNNAMED));
        }
        names.sort();
        Ok(names)
    }
}

impl LockStore for FilesDisk {
    fn load(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(COMMITTED)
    }

    fn swap(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), SwapError> {
        let unknown = |e: String| SwapError::Unknown(e);
        // The lock on the folder makes this program the only writer, so read and rename are one step.
        if self.load().map_err(|e| unknown(e.to_string()))?.as_deref() != expected {
            return Err(SwapError::Conflict);
        }
        self.replace(COMMITTED, new).map_err(|e| unknown(e.to_string()))
    }
}
