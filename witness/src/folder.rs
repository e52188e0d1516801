//! Files that are replaced whole: after a crash at any point there is the old one or the new one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The name under which a new content is written before it takes its place.
pub const NEW: &str = "new";
/// The file that makes a folder a witness's, and on which its one writer holds a lock.
const LOCK: &str = "witness.lock";

/// What one log's folder can do. Names are single path components.
pub trait Folder: Send + Sync {
    /// The whole file; `None` when there is none.
    ///
    /// # Errors
    /// Anything but absence.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a file anew; its *content* is durable when this returns, its name need not be.
    ///
    /// # Errors
    /// The file is then there in part, whole, or not.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Gives a file another name, in one step, in place of what had it.
    ///
    /// # Errors
    /// It may have happened or not.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Makes all names durable.
    ///
    /// # Errors
    /// Nothing may then be assumed of their durability.
    fn sync(&self) -> io::Result<()>;
}

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The old file is untouched.
    #[error("写入失败 / writing failed: {0}")]
    Not(io::Error),
    /// The old or the new file is there now, and which one a crash leaves is not known.
    #[error("写入结果不明 / it is not known what was written: {0}")]
    Unknown(io::Error),
}

/// Replaces a file; durable when this returns.
///
/// # Errors
/// [`ReplaceError`].
pub fn replace(folder: &dyn Folder, name: &str, bytes: &[u8]) -> Result<(), ReplaceError> {
    folder.write(NEW, bytes).map_err(ReplaceError::Not)?;
    // The content is on disk before the name points to it.
    folder.rename(NEW, name).map_err(ReplaceError::Unknown)?;
    folder.sync().map_err(ReplaceError::Unknown)
}

/// A folder on disk.
#[derive(Debug)]
pub struct DiskFolder(PathBuf);

impl DiskFolder {
    /// Opens a folder, making it when it is absent; its name is durable when this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        if !path.is_dir() {
            fs::create_dir_all(&path)?;
            if let Some(above) = path.parent() {
                File::open(above)?.sync_all()?;
            }
        }
        Ok(DiskFolder(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Folder for DiskFolder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(self.0.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }
}

/// Why a witness's folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is no witness's.
    #[error(
        "{0} 里没有见证人的记录。新开的见证人请先运行 village-witness init --data {0}；原有的请检查磁盘是否已挂载：没有记录就签署，可能替改过的账作证 / no witness's records there: for a new witness run `village-witness init` first; otherwise see whether the disk is mounted"
    )]
    None(PathBuf),
    /// It is one already.
    #[error(
        "{0} 里已有见证人的记录，不会重新开始 / a witness's records are there already; nothing is begun anew"
    )]
    Exists(PathBuf),
    /// Another program uses it.
    #[error("{path} 正被另一个程序使用（{holder}），请先停掉它 / another program uses it: end that one first", path = path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The system refused.
    #[error("{path}：{source}。请检查权限和磁盘 / check permissions and disk", path = path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A witness's whole folder, held by one program.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    /// Held, and with it the lock, as long as this lives.
    _lock: File,
}

impl Home {
    /// Begins a new witness's folder.
    ///
    /// # Errors
    /// [`FolderError::Exists`], [`FolderError::Io`].
    pub fn begin(path: &Path) -> Result<(), FolderError> {
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::AlreadyExists => FolderError::Exists(path.to_owned()),
            _ => FolderError::Io { path: path.to_owned(), source },
        };
        fs::create_dir_all(path).map_err(failed)?;
        File::create_new(path.join(LOCK)).and_then(|file| file.sync_all()).map_err(failed)?;
        for folder in path.canonicalize().map_err(failed)?.ancestors() {
            // Folders of others need not be readable to us; theirs have long been durable.
            if File::open(folder).and_then(|folder| folder.sync_all()).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Opens a witness's folder for its one writer.
    ///
    /// # Errors
    /// [`FolderError::None`], [`FolderError::Locked`], [`FolderError::Io`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::NotFound => FolderError::None(path.to_owned()),
            _ => FolderError::Io { path: path.to_owned(), source },
        };
        let mut lock = File::options().read(true).write(true).open(path.join(LOCK)).map_err(failed)?;
        if rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _ = lock.read_to_string(&mut holder);
            return Err(FolderError::Locked { path: path.to_owned(), holder: holder.trim().to_owned() });
        }
        lock.set_len(0).and_then(|()| lock.rewind()).map_err(failed)?;
        lock.write_all(format!("pid {}\n", std::process::id()).as_bytes()).map_err(failed)?;
        Ok(Home { path: path.to_owned(), _lock: lock })
    }

    /// The folder of one log, by the hash of its origin, or one in it.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn log(&self, origin_hash: &str) -> Result<DiskFolder, FolderError> {
        let path = self.path.join(origin_hash);
        DiskFolder::open(path.clone()).map_err(|source| FolderError::Io { path, source })
    }
}
