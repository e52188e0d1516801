//! Start-up: finish what was committed, drop what was not, and hold everything against the signed head.

use crate::disk::{Disk, LockStore};
use crate::edge::Edge;
use crate::error::{StoreError, damaged};
use crate::layout::{STAGED, staged, staged_size};
use crate::query::Query;
use crate::reader::Reader;
use crate::replay::Replay;
use crate::staged::Staged;
use ledger::append::State;
use ledger::books::Books;
use ledger::charter::{Charter, LedgerId};
use ledger::checkpoint::SignedCheckpoint;
use ledger::entry::Entry;
use ledger::index::IndexLeaf;
use ledger::leaf;
use ledger::registry::Registry;

/// A log as start-up found it.
pub(crate) struct Opened {
    pub state: State,
    pub edge: Edge,
    pub committed: Vec<u8>,
    pub size: u64,
    pub time: u64,
}

/// Applies every staged publication that was committed, in order, and drops the others; the same
/// [`Staged::apply`] as after a commit.
///
/// A staged file is removed only when what it holds is durable in its places, so whatever the last run left
/// undone is still here. One that leads beyond the committed head never happened: nobody was answered.
pub(crate) fn recover(disk: &dyn Disk, committed: u64) -> Result<(), StoreError> {
    for name in disk.list(STAGED)? {
        let path = format!("{STAGED}/{name}");
        let ours = staged_size(&name).is_some_and(|size| size <= committed);
        let files = disk.read(&path)?.filter(|_| ours).and_then(|bytes| Staged::decode(&bytes));
        if let Some(files) = files {
            let paths = files.apply(disk)?;
            disk.sync(&paths.iter().map(String::as_str).collect::<Vec<_>>())?;
            tracing::info!(publication = %name, "a committed publication was put in place again");
        }
        disk.remove(&path)?;
    }
    Ok(())
}

/// The committed checkpoint, taken apart.
pub(crate) fn committed(
    lock: &dyn LockStore,
    place: &str,
) -> Result<(Vec<u8>, SignedCheckpoint), StoreError> {
    let bytes = lock.load()?.ok_or_else(|| StoreError::Empty(place.to_owned()))?;
    let signed = SignedCheckpoint::parse(&bytes).or_else(|e| {
        damaged(format!("已提交的存证点不可读 / the committed checkpoint can't be read: {e}"))
    })?;
    Ok((bytes, signed))
}

/// Opens a log for appending.
pub(crate) fn open(
    disk: &dyn Disk,
    lock: &dyn LockStore,
    reader: &Reader,
    query: &Query,
    place: &str,
) -> Result<Opened, StoreError> {
    let (bytes, signed) = committed(lock, place)?;
    let head = &signed.checkpoint;
    recover(disk, head.size)?;
    let edge = Edge::load(reader, head.size, &head.root).or_else(|e| match e {
        StoreError::Damaged { what } => damaged(format!(
            "{what}（{} 也不在 / and {0} is not there either）",
            staged(head.size, &head.root)
        )),
        e => Err(e),
    })?;
    let last = index_leaf(reader, head.size, head.size)?;
    let leaf_0 = reader.leaf(0, head.size)?;
    let (books, registry) = books(reader, query, &leaf_0, head.size)?;
    if books.index_tree().root() != last.root || books.time() != last.time {
        return damaged("最后的索引叶与条目不符 / the last index leaf is not what the entries say");
    }
    if head.origin != books_origin(&leaf_0)? || !registry.log_keys().any(|key| signed.verify_log(key).is_ok())
    {
        return damaged(
            "已提交的存证点不是本账本密钥所签 / the committed checkpoint is not signed by this log",
        );
    }
    let (size, time) = (head.size, last.time);
    let state = State::restore(books, registry, size - 1);
    Ok(Opened { state, edge, committed: bytes, size, time })
}

fn books_origin(leaf_0: &[u8]) -> Result<String, StoreError> {
    charter(leaf_0).map(|(charter, _)| charter.origin)
}

fn charter(leaf_0: &[u8]) -> Result<(Charter, LedgerId), StoreError> {
    let (charter, hash) = Charter::open(leaf_0)
        .or_else(|e| damaged(format!("0 号叶子不是有效的章程 / leaf 0 is no charter: {e}")))?;
    let ledger = LedgerId::new(&charter.origin, &hash);
    Ok((charter, ledger))
}

/// The index leaf that closes the head of `at` leaves, read from a log of `size`.
fn index_leaf(reader: &Reader, at: u64, size: u64) -> Result<IndexLeaf, StoreError> {
    let bytes = reader.leaf(at.saturating_sub(1), size)?;
    let found = leaf::read(&bytes).ok().and_then(|leaf| IndexLeaf::parse(&leaf));
    match found.filter(|index| Some(index.covers) == at.checked_sub(1)) {
        Some(index) => Ok(index),
        None => {
            damaged(format!("{at} 个叶子的最后一个不是索引叶 / the last of {at} leaves is no index leaf"))
        }
    }
}

/// Books and registry at the committed head: from the query index when its units give the root that the index
/// leaf at its own head signs, then replayed up to the committed size; from leaf 0 otherwise.
fn books(reader: &Reader, query: &Query, leaf_0: &[u8], size: u64) -> Result<(Books, Registry), StoreError> {
    let replay = match remembered(reader, query, leaf_0, size)? {
        Some(replay) => replay,
        None => {
            tracing::warn!(leaves = size, "the query index is missing or stale and is built anew");
            query.clear()?;
            Replay::new(leaf_0)?
        }
    };
    catch_up(reader, query, replay, size)
}

fn remembered(
    reader: &Reader,
    query: &Query,
    leaf_0: &[u8],
    size: u64,
) -> Result<Option<Replay>, StoreError> {
    let Some((at, time)) = query.head()?.filter(|(at, _)| (2..=size).contains(at)) else { return Ok(None) };
    let Some(units) = query.units()? else { return Ok(None) };
    let Ok(signed) = index_leaf(reader, at, size) else { return Ok(None) };
    let (charter, ledger) = charter(leaf_0)?;
    let books = Books::restore(ledger, at, time, units);
    if books.index_tree().root() != signed.root || time != signed.time {
        return Ok(None);
    }
    let mut registry = Registry::new(&charter);
    for (index, time) in query.acts()?.into_iter().filter(|(index, _)| *index < at) {
        match Entry::of_leaf(&reader.leaf(index, size)?) {
            Ok(entry) => registry.apply(&entry, index, time),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(Replay::resume(books, registry)))
}

/// Replays the leaves that the query index lacks, recording each publication.
fn catch_up(
    reader: &Reader,
    query: &Query,
    mut replay: Replay,
    size: u64,
) -> Result<(Books, Registry), StoreError> {
    while replay.books.size() < size {
        let bytes = reader.leaf(replay.books.size(), size)?;
        if let Some(closed) = replay.take(&bytes) {
            if !closed.holds {
                return damaged(format!(
                    "索引叶 {} 与条目不符 / index leaf {0} is not what the entries say",
                    replay.books.size() - 1
                ));
            }
            query.record(&replay.books, &closed.lines, &closed.acts)?;
        }
    }
    query.flush()?;
    Ok((replay.books, replay.registry))
}
