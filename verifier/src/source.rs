//! Reading ahead: every entry bundle with its level-0 tile, in order, while the cores are busy with earlier ones.

use client::MirrorError;
use ledger::checkpoint::CheckpointError;
use ledger::tile::{TileKind, TilePath, Tiles, WIDTH};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Threads that fetch. Each holds one bundle waiting and one in its hands, of 16 MiB at the very most.
const READERS: u64 = 4;

/// Why nothing, or nothing more, can be said of a log. Never a verdict on it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file can't be had.
    #[error(
        "{0}。什么都没有断定：请检查网络、网址或文件夹，稍后再试 / nothing was found out: check network, address or folder and try again"
    )]
    Mirror(#[from] MirrorError),
    /// What was served as checkpoint is none.
    #[error(
        "存证点不可读（{0}），可能是中间设备的错误页面。请稍后再试，或换一个网络、换一份副本 / the checkpoint can't be read; it may be an error page of something between: try later, another network or another copy"
    )]
    Checkpoint(#[from] CheckpointError),
    /// The head that was to be remembered can't be used.
    #[error("{0}")]
    Remembered(String),
}

impl SourceError {
    /// Whether the log could not be reached at all.
    pub fn is_offline(&self) -> bool {
        matches!(self, SourceError::Mirror(MirrorError::Http(client::HttpError::Unreachable { .. })))
    }
}

/// Fetched bytes, as they came and exactly as wide as their paths say.
#[derive(Debug)]
pub struct Fetched {
    /// Where the entries stand.
    pub path: TilePath,
    /// The entry bundle.
    pub entries: Vec<u8>,
    /// The tile with their hashes.
    pub hashes: Vec<u8>,
}

/// The bundles of a log, in order, read by other threads.
#[derive(Debug)]
pub struct Ahead {
    readers: Vec<Receiver<Result<Fetched, MirrorError>>>,
    next: u64,
    end: u64,
}

impl Iterator for Ahead {
    type Item = Result<Fetched, MirrorError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.end {
            return None;
        }
        let reader = self.readers.get((self.next % READERS) as usize)?;
        self.next += 1;
        // A reader that is gone before its last bundle must not look like the end of the log.
        Some(reader.recv().unwrap_or_else(|_| Err(MirrorError::NotFound("tile/entries".to_owned()))))
    }
}

/// Reads the log of `size` leaves from its first bundle to its last while `consume` runs.
pub fn read_ahead<T, R>(tiles: &T, size: u64, consume: impl FnOnce(Ahead) -> R) -> R
where
    T: Tiles<Error = MirrorError> + Sync,
{
    let end = size.div_ceil(WIDTH);
    std::thread::scope(|scope| {
        let readers = (0..READERS.min(end)).map(|first| {
            let (sender, receiver) = sync_channel(1);
            scope.spawn(move || read(tiles, size, (first..end).step_by(READERS as usize), &sender));
            receiver
        });
        consume(Ahead { readers: readers.collect(), next: 0, end })
    })
}

fn read<T: Tiles<Error = MirrorError>>(
    tiles: &T,
    size: u64,
    mine: impl Iterator<Item = u64>,
    sender: &SyncSender<Result<Fetched, MirrorError>>,
) {
    for index in mine {
        let fetched = fetch(tiles, index, size);
        let failed = fetched.is_err();
        // Nobody listens any more when the walk has ended early.
        if sender.send(fetched).is_err() || failed {
            return;
        }
    }
}

fn fetch<T: Tiles<Error = MirrorError>>(tiles: &T, index: u64, size: u64) -> Result<Fetched, MirrorError> {
    let path = |kind| TilePath::in_tree(kind, index, size).ok_or(ledger::tile::TileError::Width);
    let entries = path(TileKind::Entries)?;
    Ok(Fetched {
        path: entries,
        entries: tiles.tile(&entries)?,
        hashes: tiles.tile(&path(TileKind::Hashes(0))?)?,
    })
}
