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
use client::{HttpError, Mirror, MirrorError};
use ledger::charter::Charter;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::contradiction::{Contradiction, Heads};
use ledger::hash::{Hash, leaf_hash};
use ledger::leaf::LeafType;
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
    now: Mutex<Now>,
}

/// What is known now.
struct Now {
    kept: Option<Arc<Kept>>,
    /// Whether the tree of the head that is kept did not come out whole: until it is, nothing is served.
    torn: bool,
    contradicted: bool,
    status: Status,
}

impl Mirrored {
    /// A log's copy, as it was left.
    ///
    /// # Errors
    /// [`LoadError`]: its head is not one that this log signed, or can't be read.
    pub fn open(log: &LogConfig, charter: Hash, source: Mirror, copy: LogCopy) -> Result<Self, LoadError> {
        let io = |source| LoadError::Io { origin: log.origin.clone(), source };
        let damaged = |what: String| LoadError::Damaged { origin: log.origin.clone(), what };
        let kept = match copy.read(HEAD).map_err(io)? {
            None => None,
            Some(bytes) => {
                let checkpoint = source::open(&bytes, log).map_err(damaged)?.signed.checkpoint;
                let note = String::from_utf8(bytes).map_err(|e| damaged(e.to_string()))?;
                Some(Arc::new(Kept { checkpoint, note }))
            }
        };
        let torn = kept.as_ref().is_some_and(|kept| {
            let Checkpoint { size, root, .. } = kept.checkpoint;
            copy.tree(size).root().ok() != Some(root)
        });
        let contradicted = copy.read(EVIDENCE).map_err(io)?.is_some();
        let now = Mutex::new(Now { kept, torn, contradicted, status: Status::Reading { size: 0, of: 0 } });
        Ok(Mirrored { log: log.clone(), charter, source, copy, now })
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // It is only ever assigned to, so a panic elsewhere leaves it whole.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.now().status.clone()
    }

    /// Whether the log has ever signed two books that this copy saw.
    pub fn contradicted(&self) -> bool {
        self.now().contradicted
    }

    /// The head that is served.
    pub fn head(&self) -> Option<Arc<Kept>> {
        let now = self.now();
        now.kept.clone().filter(|_| !now.torn)
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
        let status = match &done {
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
        self.now().status = status;
        done.map(drop)
    }

    fn follow(&self) -> Result<u64, Stop> {
        let shown = source::head(&self.source, &self.log).map_err(other)?;
        let head = &shown.signed.checkpoint;
        let (kept, torn) = {
            let now = self.now();
            (now.kept.clone(), now.torn)
        };
        if let Some(kept) = &kept {
            self.hold(kept, &shown)?;
            if head.size < kept.checkpoint.size {
                return Err(Stop::Older(head.size));
            }
        }
        if head.size == 0 {
            return Err(other("账本还是空的 / the log is empty").into());
        }
        let old = kept.as_ref().filter(|_| !torn).map_or(0, |kept| kept.checkpoint.size);
        if old < head.size {
            self.copy(old, &shown)?;
        }
        let before = kept.as_ref().filter(|kept| kept.checkpoint == *head).map(|kept| kept.note.as_str());
        let note = self.merge(&shown, before, head.size);
        if torn || before != Some(&note) {
            self.copy.keep_head(head.size, &note).map_err(other)?;
            let new = Kept { checkpoint: head.clone(), note };
            let mut now = self.now();
            (now.kept, now.torn) = (Some(Arc::new(new)), false);
            drop(now);
            self.copy.tidy(kept.map_or(0, |kept| kept.checkpoint.size), head.size);
        }
        Ok(head.size)
    }

    /// A checkpoint with the cosignatures that came now and before. The copy holds `size` leaves.
    fn merge(&self, shown: &Shown, before: Option<&str>, size: u64) -> String {
        // LIMIT: witnesses that the registry named later are not known here: of theirs the newest answer's lines are kept.
        let policy = self.charter_leaf(size).and_then(|leaf| {
            let (charter, _) = Charter::open(&leaf).ok()?;
            Policy::parse(&charter.policy.iter().map(|line| format!("{line}\n")).collect::<String>()).ok()
        });
        let before = before.and_then(|note| SignedCheckpoint::parse(note.as_bytes()).ok());
        let before = before.map(|signed| signed.signatures).unwrap_or_default();
        let keys = policy.iter().flat_map(|policy| policy.witnesses()).map(|(_, key, _)| key);
        merged(shown, &before, keys)
    }

    /// Leaf 0 of a copy that holds `size` leaves.
    fn charter_leaf(&self, size: u64) -> Option<Vec<u8>> {
        let bundle = self.copy.tree(size).tile(&TilePath::new(TileKind::Entries, 0, 1)?).ok()?;
        decode_bundle(&bundle, 1).ok()?.first().map(|leaf| leaf.to_vec())
    }

    /// Whether a head and the one that is kept are of one book.
    fn hold(&self, kept: &Kept, shown: &Shown) -> Result<(), Stop> {
        let (ours, theirs) = (&kept.checkpoint, &shown.signed.checkpoint);
        let (older, newer) = if ours.size < theirs.size { (ours, theirs) } else { (theirs, ours) };
        let extension = if older.size == newer.size {
            None
        } else if newer == theirs {
            Some(extend(&TileNodes { tiles: &self.source, size: newer.size }, older.size)?)
        } else {
            Some(extend(&TileNodes { tiles: &self.copy.tree(newer.size), size: newer.size }, older.size)?)
        };
        let (old, new) = match &extension {
            Some(extension) => roots_of(extension).map_err(other)?,
            None => (newer.root, newer.root),
        };
        // Only what rebuilds the newer head says anything of the older one.
        if new != newer.root {
            return Err(Trouble::Misfit("tile".to_owned()).into());
        }
        if old == older.root {
            return Ok(());
        }
        self.keep_contradiction(kept, shown, extension)?;
        Err(Stop::Forked(Box::new(shown.clone())))
    }

    /// Keeps two heads of two books. Of our own the tree is in the copy.
    fn keep_contradiction(
        &self,
        ours: &Kept,
        shown: &Shown,
        extension: Option<Extension>,
    ) -> Result<(), Trouble> {
        if self.contradicted() {
            return Ok(());
        }
        let (our, their) = (ours.checkpoint.size, shown.signed.checkpoint.size);
        tracing::error!(origin = self.log.origin, our, their, "the log has signed two books");
        let theirs = note::assemble(shown.signed.text(), &shown.signatures).into_bytes();
        let pair = [ours.note.clone().into_bytes(), theirs];
        let [older, newer] = if our <= their {
            pair
        } else {
            let [a, b] = pair;
            [b, a]
        };
        // LIMIT: without the acts that changed the log's key since the charter; the heads are there all the same.
        let charter = self.charter_leaf(our).unwrap_or_default();
        let heads = Heads { charter, acts: Vec::new(), older, newer, extension };
        let file = Contradiction::Heads(Box::new(heads)).file();
        let kept = self.copy.put(EVIDENCE, file.as_bytes());
        kept.and_then(|()| self.copy.sync(&[EVIDENCE.to_owned()])).map_err(other)?;
        self.now().contradicted = true;
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
            self.now().status = Status::Reading { size: at, of: head.size };
            for (index, leaf) in (at..).zip(leaves) {
                let hash = leaf_hash(leaf);
                if index == 0 && hash != self.charter {
                    return Err(other(
                        "第 0 个叶子不是配置里的章程 / leaf 0 is not the charter that is configured",
                    )
                    .into());
                }
                range.append(hash);
                if is_index(leaf) && (old + 1..head.size).contains(&range.size()) {
                    names.extend(self.past(&range, shown)?);
                }
            }
            Ok::<(), Stop>(())
        })?;
        if range.root() != head.root {
            return Err(Trouble::Misfit("tile".to_owned()).into());
        }
        Ok(self.copy.sync(&names).map_err(other)?)
    }

    /// Keeps the checkpoint of a tree on the way to a head, where the source has it; its place.
    fn past(&self, range: &CompactRange, head: &Shown) -> Result<Option<String>, Trouble> {
        let (size, name) = (range.size(), copy::checkpoint(range.size()));
        let open = |bytes: &[u8]| {
            source::open(bytes, &self.log).ok().filter(|past| past.signed.checkpoint.size == size)
        };
        let there = self.copy.read(&name).map_err(other)?.and_then(|bytes| open(&bytes));
        // One that a head of another book left is not this one.
        if there.is_some_and(|past| past.signed.checkpoint.root == range.root()) {
            return Ok(Some(name));
        }
        let bytes = match self.source.checkpoint_at(size) {
            // A host of files says in many ways that it has none.
            Err(MirrorError::Http(HttpError::Status { status: 400..=428, .. })) | Ok(None) => {
                return Ok(None);
            }
            found => found?.unwrap_or_default(),
        };
        let Some(past) = open(&bytes) else {
            tracing::warn!(origin = self.log.origin, size, "a past checkpoint is none: not kept");
            return Ok(None);
        };
        let of = head.signed.checkpoint.size;
        if past.signed.checkpoint.root != range.root() {
            let note = note::assemble(head.signed.text(), &head.signatures);
            let ours = Kept { checkpoint: head.signed.checkpoint.clone(), note };
            let extension = extend(&TileNodes { tiles: &self.copy.tree(of), size: of }, size)?;
            self.keep_contradiction(&ours, &past, Some(extension))?;
            return Ok(None);
        }
        self.copy.put(&name, self.merge(&past, None, of).as_bytes()).map_err(other)?;
        Ok(Some(name))
    }
}

/// From `old` leaves to the tree that the nodes are of.
fn extend<T: Tiles>(nodes: &TileNodes<'_, T>, old: u64) -> Result<Extension, T::Error> {
    let (peaks, subtrees) = (prove_peaks(nodes, old)?, prove_extension(nodes, old, nodes.size)?);
    Ok(Extension { old, new: nodes.size, peaks, subtrees })
}

/// Whether a leaf may be an index leaf, after which a tree may have been published.
fn is_index(leaf: &[u8]) -> bool {
    leaf.strip_prefix(LeafType::Index.line().as_bytes()).is_some_and(|rest| rest.starts_with(b"\n"))
}
