//! A complete copy of one log: what its head proves, and nothing else (C2SP tlog-tiles; the pull side of tlog-mirror).
//!
//! A copy holds the log: tiles, bundles, published checkpoints. What lies beside a log (openings, rows, attachments) may
//! have to be forgotten and is never copied.
//!
//! LIMIT: what the disk bends after it was kept is found at the tree's right edge by the next start, elsewhere by whoever
//! audits the copy.

use crate::checked::{Checked, Trouble};
use crate::config::LogConfig;
use crate::copy::{self, HEAD, LogCopy};
use crate::lines::merged;
use crate::record::LoadError;
use crate::source::{self, Shown};
use client::{Mirror, MirrorError};
use ledger::charter::Charter;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::contradiction::{Contradiction, Heads};
use ledger::hash::{Hash, leaf_hash};
use ledger::leaf::LeafType;
use ledger::merkle::Nodes;
use ledger::note;
use ledger::peaks::{CompactRange, Extension, prove_extension, prove_peaks, roots_of};
use ledger::policy::Policy;
use ledger::tile::{TileKind, TileNodes, TilePath, Tiles, WIDTH, decode_bundle};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The evidence file of two heads that can't both be; the first such pair is kept.
pub const EVIDENCE: &str = "contradiction.evidence";

/// How a copy stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Reading tiles.
    Reading {
        /// Leaves copied, of those that the copy lacked.
        size: u64,
        /// Leaves of the head.
        of: u64,
    },
    /// The source's newest head is copied.
    Current {
        /// Its leaves.
        size: u64,
    },
    /// The source can't be had, or what it gives does not fit its head; it is tried again. No verdict.
    Trouble {
        /// What is wrong.
        what: String,
    },
    /// The source shows a head that is older than the one that is kept. The copy stays.
    Older {
        /// Leaves of what it shows.
        shown: u64,
    },
    /// The log has signed a head that contradicts the one that is kept. The copy stays.
    Forked {
        /// Leaves of the other head.
        shown: u64,
    },
}

/// A head whose tree is kept whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The whole signed checkpoint.
    pub note: String,
}

/// Why a round did not end with the source's head.
#[derive(Debug)]
pub enum Stop {
    /// Tried again.
    Trouble(Trouble),
    /// The source shows an older head.
    Older(u64),
    /// The log has signed two books; this is the head that is not kept.
    Forked(Box<Shown>),
}

impl<T: Into<Trouble>> From<T> for Stop {
    fn from(trouble: T) -> Self {
        Stop::Trouble(trouble.into())
    }
}

fn other(what: impl std::fmt::Display) -> Trouble {
    Trouble::Other(what.to_string())
}

/// A log that is copied. One thread calls [`Mirrored::round`]; any may read the rest.
pub struct Mirrored {
    log: LogConfig,
    charter: Hash,
    source: Mirror,
    copy: LogCopy,
    kept: Mutex<Option<Arc<Kept>>>,
    status: Mutex<Status>,
    /// Whether the tree of the head that is kept is not known to be whole: until it is, nothing is served.
    torn: Mutex<bool>,
    contradicted: Mutex<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mirrored {
    /// A log's copy, as it was left.
    ///
    /// # Errors
    /// [`LoadError`]: its head is not one that this log signed, or can't be read.
    pub fn open(log: &LogConfig, charter: Hash, source: Mirror, copy: LogCopy) -> Result<Self, LoadError> {
        let io = |source| LoadError::Io { origin: log.origin.clone(), source };
        let kept = match copy.read(HEAD).map_err(io)? {
            None => None,
            Some(bytes) => {
                let shown = source::open(&bytes, log)
                    .map_err(|what| LoadError::Damaged { origin: log.origin.clone(), what })?;
                let note = String::from_utf8_lossy(&bytes).into_owned();
                Some(Arc::new(Kept { checkpoint: shown.signed.checkpoint, note }))
            }
        };
        let whole = |kept: &Arc<Kept>| {
            copy.tree(kept.checkpoint.size).root().is_ok_and(|root| root == kept.checkpoint.root)
        };
        let (torn, contradicted) = (!kept.as_ref().is_none_or(whole), copy.read(EVIDENCE).map_err(io)?.is_some());
        Ok(Mirrored {
            log: log.clone(),
            charter,
            source,
            copy,
            kept: Mutex::new(kept),
            status: Mutex::new(Status::Reading { size: 0, of: 0 }),
            torn: Mutex::new(torn),
            contradicted: Mutex::new(contradicted),
        })
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Whether the log has ever signed two books that this copy saw.
    pub fn contradicted(&self) -> bool {
        *lock(&self.contradicted)
    }

    /// The head that is served.
    pub fn head(&self) -> Option<Arc<Kept>> {
        let torn = *lock(&self.torn);
        lock(&self.kept).clone().filter(|_| !torn)
    }

    /// A published checkpoint of the tree that is served; `None` when it is not kept.
    ///
    /// # Errors
    /// What the system says.
    pub fn checkpoint(&self, size: u64) -> std::io::Result<Option<Vec<u8>>> {
        match self.head() {
            Some(head) if size <= head.checkpoint.size => self.copy.read(&copy::checkpoint(size)),
            _ => Ok(None),
        }
    }

    /// A tile of the tree that is served.
    ///
    /// # Errors
    /// [`MirrorError`]; `NotFound` for what is not in that tree.
    pub fn tile(&self, path: &TilePath) -> Result<Vec<u8>, MirrorError> {
        let read = || {
            let head = self.head().ok_or_else(|| MirrorError::NotFound(path.to_string()))?;
            self.copy.tree(head.checkpoint.size).tile(path)
        };
        // The head may grow, and what was partial go, between the two looks.
        read().or_else(|_| read())
    }

    /// Looks at the source once, and copies what is new. It waits for the network and the disk.
    ///
    /// # Errors
    /// [`Stop`], as the status says it.
    pub fn round(&self) -> Result<(), Stop> {
        let done = self.follow();
        let origin = &self.log.origin;
        *lock(&self.status) = match &done {
            Ok(size) => Status::Current { size: *size },
            Err(Stop::Trouble(what)) => {
                // What came may be wrong, and is asked for again.
                self.source.forget();
                tracing::warn!(origin, %what, "not mirrored");
                Status::Trouble { what: what.to_string() }
            }
            Err(Stop::Older(shown)) => {
                tracing::warn!(origin, shown, "the source shows an older head");
                Status::Older { shown: *shown }
            }
            Err(Stop::Forked(shown)) => {
                let shown = shown.signed.checkpoint.size;
                tracing::error!(origin, shown, "the log has signed two books");
                Status::Forked { shown }
            }
        };
        done.map(drop)
    }

    fn follow(&self) -> Result<u64, Stop> {
        let shown = source::head(&self.source, &self.log).map_err(other)?;
        let (head, kept) = (shown.signed.checkpoint.clone(), lock(&self.kept).clone());
        if let Some(kept) = &kept {
            self.hold(kept, &shown)?;
            if head.size < kept.checkpoint.size {
                return Err(Stop::Older(head.size));
            }
        }
        let torn = *lock(&self.torn);
        let old = kept.as_ref().filter(|_| !torn).map_or(0, |kept| kept.checkpoint.size);
        if old < head.size {
            self.copy(old, &shown)?;
        }
        let before = kept.as_ref().filter(|kept| kept.checkpoint == head);
        let note = self.merge(&shown, before.map(|kept| kept.note.as_bytes()));
        if torn || before.is_none_or(|kept| kept.note != note) {
            self.copy.keep_head(head.size, &note).map_err(other)?;
            *lock(&self.kept) = Some(Arc::new(Kept { checkpoint: head.clone(), note }));
            *lock(&self.torn) = false;
            self.copy.tidy(old, head.size);
        }
        Ok(head.size)
    }

    /// The checkpoint with the cosignatures of both answers.
    fn merge(&self, shown: &Shown, before: Option<&[u8]>) -> String {
        let policy = self.charter_leaf().and_then(|leaf| Charter::open(&leaf).ok()).and_then(|(charter, _)| {
            Policy::parse(&charter.policy.iter().map(|line| format!("{line}\n")).collect::<String>()).ok()
        });
        let before = before.and_then(|bytes| SignedCheckpoint::parse(bytes).ok());
        let before = before.map(|signed| signed.signatures).unwrap_or_default();
        let keys = policy.iter().flat_map(|policy| policy.witnesses()).map(|(_, key, _)| key);
        merged(shown, &before, keys)
    }

    /// Leaf 0, when it is in the copy.
    fn charter_leaf(&self) -> Option<Vec<u8>> {
        let path = TilePath::new(TileKind::Entries, 0, 1)?;
        let size = lock(&self.kept).as_ref().map_or(0, |kept| kept.checkpoint.size);
        let bundle = self.copy.tree(size).tile(&path).ok()?;
        decode_bundle(&bundle, 1).ok()?.first().map(|leaf| leaf.to_vec())
    }

    /// Whether a head and the one that is kept are of one book.
    fn hold(&self, kept: &Kept, shown: &Shown) -> Result<(), Stop> {
        let (ours, theirs) = (&kept.checkpoint, &shown.signed.checkpoint);
        let extension = if theirs.size == ours.size {
            if theirs.root == ours.root {
                return Ok(());
            }
            None
        } else {
            let older_is_ours = ours.size < theirs.size;
            let (older, newer) = if older_is_ours { (ours, theirs) } else { (theirs, ours) };
            let extension = if older_is_ours {
                extend(&TileNodes { tiles: &self.source, size: newer.size }, older.size, newer.size)?
            } else {
                let tree = self.copy.tree(newer.size);
                extend(&TileNodes { tiles: &tree, size: newer.size }, older.size, newer.size)?
            };
            let (old, new) = roots_of(&extension).map_err(other)?;
            if new != newer.root {
                return Err(Trouble::Misfit("tile".to_owned()).into());
            }
            if old == older.root {
                return Ok(());
            }
            Some(extension)
        };
        self.keep_contradiction(kept, shown, extension)?;
        Err(Stop::Forked(Box::new(shown.clone())))
    }

    fn keep_contradiction(&self, kept: &Kept, shown: &Shown, extension: Option<Extension>) -> Result<(), Trouble> {
        if self.contradicted() {
            return Ok(());
        }
        let theirs = note::assemble(shown.signed.text(), &shown.signatures).into_bytes();
        let ours = kept.note.clone().into_bytes();
        let (older, newer) = if kept.checkpoint.size <= shown.signed.checkpoint.size { (ours, theirs) } else { (theirs, ours) };
        // LIMIT: without the acts that changed the log's key since the charter; the heads are there all the same.
        let charter = self.charter_leaf().unwrap_or_default();
        let heads = Heads { charter, acts: Vec::new(), older, newer, extension };
        let file = Contradiction::Heads(Box::new(heads)).file();
        let name = EVIDENCE.to_owned();
        self.copy.put(EVIDENCE, file.as_bytes()).and_then(|()| self.copy.sync(&[name])).map_err(other)?;
        *lock(&self.contradicted) = true;
        Ok(())
    }

    /// Copies all that a tree of `old` leaves lacks; durable when this returns, and not served before the head is.
    fn copy(&self, old: u64, shown: &Shown) -> Result<(), Stop> {
        let head = &shown.signed.checkpoint;
        let checked = Checked::new(&self.copy, &self.source, head)?;
        let wanted = checked.wanted(old);
        for path in wanted.iter().filter(|path| path.kind() != TileKind::Entries) {
            checked.tile(path)?;
        }
        let first = old / WIDTH * WIDTH;
        let peaks = prove_peaks(&TileNodes { tiles: &self.copy.tree(head.size), size: head.size }, first)?;
        let mut range = CompactRange::from_peaks(first, peaks).unwrap_or_default();
        let mut names: Vec<String> = wanted.iter().map(TilePath::to_string).collect();
        source::leaves(&checked, first, head.size, |at, leaves| {
            *lock(&self.status) = Status::Reading { size: at, of: head.size };
            for (index, leaf) in (at..).zip(leaves) {
                let hash = leaf_hash(leaf);
                if index == 0 && hash != self.charter {
                    return Err(other("第 0 个叶子不是配置里的章程 / leaf 0 is not the charter that is configured").into());
                }
                range.append(hash);
                if is_index(leaf) && (old + 1..head.size).contains(&range.size()) {
                    names.extend(self.past(&range)?);
                }
            }
            Ok::<(), Stop>(())
        })?;
        if range.root() != head.root {
            return Err(Trouble::Misfit("tile".to_owned()).into());
        }
        Ok(self.copy.sync(&names).map_err(other)?)
    }

    /// Keeps the checkpoint of a tree on the way, where the source has it; its place.
    fn past(&self, range: &CompactRange) -> Result<Option<String>, Trouble> {
        let name = copy::checkpoint(range.size());
        if self.copy.read(&name).map_err(other)?.is_some() {
            return Ok(Some(name));
        }
        let Some(bytes) = self.source.checkpoint_at(range.size())? else { return Ok(None) };
        let fits = source::open(&bytes, &self.log).ok().filter(|past| {
            past.signed.checkpoint.size == range.size() && past.signed.checkpoint.root == range.root()
        });
        let Some(past) = fits else {
            tracing::warn!(origin = self.log.origin, size = range.size(), "a past checkpoint does not fit: not kept");
            return Ok(None);
        };
        self.copy.put(&name, self.merge(&past, None).as_bytes()).map_err(other)?;
        Ok(Some(name))
    }
}

fn extend<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Extension, N::Error> {
    let (peaks, subtrees) = (prove_peaks(nodes, old)?, prove_extension(nodes, old, new)?);
    Ok(Extension { old, new, peaks, subtrees })
}

/// Whether a leaf may be an index leaf, after which a tree may have been published.
fn is_index(leaf: &[u8]) -> bool {
    leaf.strip_prefix(LeafType::Index.line().as_bytes()).is_some_and(|rest| rest.starts_with(b"\n"))
}
