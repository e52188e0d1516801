//! A log to be read, wherever it lies: a server, or a folder with the same layout (C2SP tlog-tiles).

use crate::http::{Http, HttpError};
use ledger::checkpoint::MAX_CHECKPOINT;
use ledger::leaf::MAX_LEAF;
use ledger::tile::{
    TileError, TileKind, TilePath, Tiles, WIDTH, decode_bundle, decode_tile, grouped, truncate_bundle,
};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Hash tiles kept in memory: 8 MiB at most.
const KEPT_TILES: usize = 1_024;

/// Why a file of a log can't be had. Never a verdict: a hole in a mirror is not yet tampering.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The log has no such file.
    #[error("{0}：没有这个文件 / the log has no such file")]
    NotFound(String),
    /// Longer than such a file can be.
    #[error("{path}：超过 {limit} 字节 / longer than such a file can be")]
    TooLong {
        /// The path.
        path: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// A tile is not as wide as its path says.
    #[error("瓦片内容与路径不符 / a tile is not what its path says: {0}")]
    Tile(#[from] TileError),
    /// The server gave nothing usable.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The folder gave nothing usable.
    #[error("{path}：读取失败：{source} / reading failed", path = path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A log's files on a server.
#[derive(Debug)]
pub struct HttpTiles {
    http: Http,
    kept: Mutex<HashMap<TilePath, Vec<u8>>>,
}

/// A log's files in a folder.
#[derive(Debug, Clone)]
pub struct FolderTiles {
    folder: PathBuf,
}

/// A log to be read.
#[derive(Debug)]
pub enum Mirror {
    /// On a server.
    Http(HttpTiles),
    /// In a folder.
    Folder(FolderTiles),
}

impl HttpTiles {
    /// The log behind an address: `<base>/checkpoint`, `<base>/tile/…`.
    pub fn new(http: Http) -> Self {
        HttpTiles { http, kept: Mutex::new(HashMap::new()) }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        self.http.get(path, limit).map_err(|e| match e {
            e if e.is_not_found() => MirrorError::NotFound(self.http.url(path)),
            e => e.into(),
        })
    }
}

impl FolderTiles {
    /// The log in a folder: `<folder>/checkpoint`, `<folder>/tile/…`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        FolderTiles { folder: folder.into() }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        let file = self.folder.join(path);
        let io = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => MirrorError::NotFound(file.display().to_string()),
            _ => MirrorError::Io { path: file.clone(), source },
        };
        if std::fs::metadata(&file).map_err(io)?.len() > limit {
            return Err(MirrorError::TooLong { path: file.display().to_string(), limit });
        }
        std::fs::read(&file).map_err(io)
    }
}

impl Mirror {
    /// A log by its address (`http://`, `https://`) or folder.
    ///
    /// # Errors
    /// [`HttpError::Address`], or a folder that is not there.
    pub fn open(place: &str) -> Result<Self, MirrorError> {
        if place.starts_with("http://") || place.starts_with("https://") {
            return Ok(Mirror::Http(HttpTiles::new(Http::new(place)?)));
        }
        if !Path::new(place).is_dir() {
            return Err(MirrorError::NotFound(place.to_owned()));
        }
        Ok(Mirror::Folder(FolderTiles::new(place)))
    }

    /// A file of the log by its path without a leading slash, at most `limit` bytes.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        match self {
            Mirror::Http(http) => http.read(path, limit),
            Mirror::Folder(folder) => folder.read(path, limit),
        }
    }

    /// The newest checkpoint, as bytes.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        self.read("checkpoint", MAX_CHECKPOINT as u64)
    }

    /// The published checkpoint of a size; `None` when it is not kept.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn checkpoint_at(&self, size: u64) -> Result<Option<Vec<u8>>, MirrorError> {
        // A server answers by number; in a folder no folder holds more than a thousand files.
        let name = match self {
            Mirror::Http(_) => size.to_string(),
            Mirror::Folder(_) => grouped(size),
        };
        match self.read(&format!("checkpoints/{name}"), MAX_CHECKPOINT as u64) {
            Err(MirrorError::NotFound(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Lets go of the tiles in memory: whoever found one wrong asks for it again.
    pub fn forget(&self) {
        if let Mirror::Http(http) = self {
            http.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        }
    }
}

/// Most bytes of a tile.
fn limit(path: &TilePath) -> u64 {
    match path.kind() {
        TileKind::Hashes(_) => WIDTH * 32,
        TileKind::Entries => WIDTH * (MAX_LEAF as u64 + 2),
    }
}

/// A tile exactly as wide as its path says. A partial one that is gone is cut out of the full one.
fn tile(
    path: &TilePath,
    read: impl Fn(&str, u64) -> Result<Vec<u8>, MirrorError>,
) -> Result<Vec<u8>, MirrorError> {
    let bytes = match read(&path.to_string(), limit(path)) {
        Err(MirrorError::NotFound(_)) if path.is_partial() => {
            let full = read(&path.full().to_string(), limit(path))?;
            match path.kind() {
                TileKind::Entries => truncate_bundle(&full, path.width())?.to_vec(),
                TileKind::Hashes(_) => {
                    full.get(..usize::from(path.width()) * 32).ok_or(TileError::Width)?.to_vec()
                }
            }
        }
        read => read?,
    };
    match path.kind() {
        TileKind::Entries => drop(decode_bundle(&bytes, path.width())?),
        TileKind::Hashes(_) => drop(decode_tile(&bytes, path.width())?),
    }
    Ok(bytes)
}

impl Tiles for HttpTiles {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        let keep = matches!(path.kind(), TileKind::Hashes(_));
        let kept = || self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(found) = keep.then(|| kept().get(path).cloned()).flatten() {
            return Ok(found);
        }
        let bytes = tile(path, |p, limit| self.read(p, limit))?;
        if keep {
            let mut kept = kept();
            if kept.len() >= KEPT_TILES {
                kept.clear();
            }
            kept.insert(*path, bytes.clone());
        }
        Ok(bytes)
    }
}

impl Tiles for FolderTiles {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        tile(path, |p, limit| self.read(p, limit))
    }
}

impl Tiles for Mirror {
    type Error = MirrorError;

    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        match self {
            Mirror::Http(http) => http.tile(path),
            Mirror::Folder(folder) => folder.tile(path),
        }
    }
}
