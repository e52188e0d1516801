//! Start-up: finish what was committed, drop what was not, and hold everything against the signed head.

use crate::disk::{Disk, LockStore};
use crate::edge::Edge;
use crate::error::{StoreError, damaged};
use crate::layout::{COMMITTED, PUBLISHED, STAGED, staged, staged_size};
use crate::query::Query;
use crate::reader::Reader;
use crate::replay::Replay;
use crate::staged::Staged;
use ledger::append::State;
use ledger::books::Books;
use ledger::charter::{Charter, LedgerId};
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
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
fn recover(disk: &dyn Disk, head: &Checkpoint) -> Result<(), StoreError> {
    for name in disk.list(STAGED)? {
        let path = format!("{STAGED}/{name}");
        if let Some(mut files) = committed_files(disk, &name, head)? {
            files.keep_cosigned(disk)?;
            let paths = files.apply(disk)?;
            disk.sync(&paths.iter().map(String::as_str).collect::<Vec<_>>())?;
            tracing::info!(publication = %name, "a committed publication was put in place again");
        }
        disk.remove(&path)?;
    }
    Ok(())
}

/// The files of a staged publication that led to `head` or to a head before it; `None` when it did not, or when
/// it was cut short.
///
/// Of a smaller size, only committed ones can still be here: the next start removed the others before it signed
/// anything, and staging anew syncs the folder they were removed from.
pub(crate) fn committed_files(
    disk: &dyn Disk,
    name: &str,
    head: &Checkpoint,
) -> Result<Option<Staged>, StoreError> {
    let path = format!("{STAGED}/{name}");
    let ours =
        staged_size(name).is_some_and(|size| size < head.size) || path == staged(head.size, &head.root);
    if !ours {
        return Ok(None);
    }
    Ok(disk.read(&path)?.and_then(|bytes| Staged::decode(&bytes)))
}

/// What to say of a place without a committed checkpoint: tiles without one are a log that lost its lock store,
/// and a new ledger would be written over it.
///
/// # Errors
/// [`StoreError::Damaged`]; [`StoreError::Io`].
pub(crate) fn check_empty(disk: &dyn Disk) -> Result<(), StoreError> {
    if disk.list("tile")?.is_empty() && disk.read(PUBLISHED)?.is_none() {
        return Ok(());
    }
    damaged(format!(
        "有数据块而没有已提交的存证点 {COMMITTED}，请从备份恢复它 / there are tiles and no {COMMITTED}; bring it back from a backup"
    ))
}

/// The committed checkpoint, taken apart.
pub(crate) fn committed(
    disk: &dyn Disk,
    lock: &dyn LockStore,
    place: &str,
) -> Result<(Vec<u8>, SignedCheckpoint), StoreError> {
    let Some(bytes) = lock.load()? else {
        check_empty(disk)?;
        return Err(StoreError::Empty(place.to_owned()));
    };
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
    let (bytes, signed) = committed(disk, lock, place)?;
    let head = &signed.checkpoint;
    check_published(disk, &signed)?;
    recover(disk, head)?;
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
    let in_force = registry.log_keys_at(last.time).any(|key| signed.verify_log(key).is_ok());
    if head.origin != charter(&leaf_0)?.0.origin || !in_force {
        return damaged(
            "已提交的存证点不是本账本密钥所签 / the committed checkpoint is not signed by this log",
        );
    }
    let (size, time) = (head.size, last.time);
    let state = State::restore(books, registry, size - 1);
    Ok(Opened { state, edge, committed: bytes, size, time })
}

/// Refuses a committed head that is older than a published one: only what was committed is ever published, so the
/// lock store comes from a backup, and the next signature would fork the log (SPEC D-06).
///
/// A published checkpoint that can't be read, or of another log, says nothing: it is not synced, and is
/// written anew at every start. Whose signature it carries is not asked, since the registry that knows may lie in
/// the part that is lost; whoever can write this file can do worse than stop a start.
fn check_published(disk: &dyn Disk, committed: &SignedCheckpoint) -> Result<(), StoreError> {
    let bytes = disk.read(PUBLISHED)?.unwrap_or_default();
    let Some(published) = SignedCheckpoint::parse(&bytes).ok().map(|signed| signed.checkpoint) else {
        return Ok(());
    };
    let head = &committed.checkpoint;
    let forks = published.size > head.size || (published.size == head.size && published.root != head.root);
    if published.origin == head.origin && forks {
        return damaged(format!(
            "公布的存证点有 {} 个叶子，已提交的只有 {} 个：锁存储来自较旧的备份，继续签署会使账本分叉；请恢复最新的 {COMMITTED} / the published checkpoint has {0} leaves, the committed one {1}: the lock store comes from an older backup, and signing on would fork the log; bring back the newest {COMMITTED}",
            published.size, head.size
        ));
    }
    Ok(())
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
    let found = remembered(reader, query, leaf_0, size)
        .and_then(|replay| replay.map(|replay| catch_up(reader, query, replay, size)).transpose());
    match found {
        Ok(Some(found)) => return Ok(found),
        Ok(None) => {}
        Err(StoreError::Index(why)) => tracing::warn!(%why, "the query index is damaged"),
        Err(e) => return Err(e),
    }
    tracing::warn!(leaves = size, "the query index is missing, stale or damaged and is built anew");
    query.clear()?;
    catch_up(reader, query, Replay::new(leaf_0)?, size)
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
            query.record(&replay.books, &closed.lines, &closed.noted)?;
        }
    }
    query.flush()?;
    Ok((replay.books, replay.registry))
}
