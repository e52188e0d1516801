//! What lies beside the log and can be forgotten: openings, and with the blobs what redactions withdraw of both
//! (SPEC sections 4.7 and 4.9; 个人信息保护法 art. 47).
//!
//! Order: openings are durable before the compare-and-swap, so that a committed entry has them; a redaction takes
//! effect after it, so that nothing goes without one. What a crash left undone on either side, the next start does.

use crate::blobs::Blobs;
use crate::disk::Disk;
use crate::error::{StoreError, damaged};
use crate::layout;
use crate::query::Query;
use crate::reader::Reader;
use ledger::append::Submission;
use ledger::books::Books;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::sealed::{Openings, redaction_of};
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Openings and blobs of a log.
#[derive(Clone)]
pub(crate) struct Beside {
    pub blobs: Blobs,
    disk: Arc<dyn Disk>,
    query: Query,
    reader: Reader,
}

/// What a redaction withdraws.
pub(crate) struct Withdrawal {
    /// Unit of the redaction and of its target.
    pub unit: UnitId,
    /// Number of the target.
    pub target: u64,
    /// Paths: each with all below it.
    pub paths: Vec<String>,
}

impl Withdrawal {
    /// Of a redaction; `None` for other entries.
    pub fn of(entry: &Entry) -> Option<Self> {
        let (target, paths) = redaction_of(entry)?;
        let paths = paths.into_iter().map(str::to_owned).collect();
        Some(Withdrawal { unit: entry.unit(), target, paths })
    }
}

/// The file of an entry's openings; `None` when there are none.
pub(crate) fn file_of(submission: &Submission) -> Option<(String, Vec<u8>)> {
    let openings = submission.beside.as_ref().ok().filter(|openings| !openings.is_empty())?;
    let path = layout::openings(&submission.entry.unit(), submission.entry.seq());
    Some((path, openings.text().into_bytes()))
}

/// The openings in a file; `None` when there are none.
///
/// # Errors
/// [`StoreError::Damaged`], which tells nothing of what stands there; [`StoreError::Io`].
pub(crate) fn openings(disk: &dyn Disk, path: &str) -> Result<Option<Openings>, StoreError> {
    match disk.read(path)?.map(|bytes| Openings::parse(&bytes)) {
        None => Ok(None),
        Some(Ok(openings)) => Ok(Some(openings)),
        Some(Err(_)) => damaged(format!("{path} 不可读 / {path} can't be read")),
    }
}

/// The paths, of these or below one of these, that openings still open. A list has 100,000 of them, of which 100,000
/// may be withdrawn one by one.
pub(crate) fn still_open<'a>(openings: &'a Openings, paths: &[String]) -> Vec<&'a str> {
    let withdrawn: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let is_withdrawn = |path: &str| {
        let above = path.match_indices('.').filter_map(|(at, _)| path.get(..at));
        above.chain([path]).any(|path| withdrawn.contains(path))
    };
    openings.iter().map(|opening| opening.path.as_str()).filter(|path| is_withdrawn(path)).collect()
}

/// The attachments of an entry that stand at these paths.
pub(crate) fn attachments_at(entry: &Entry, paths: &[String]) -> impl Iterator<Item = Hash> {
    let is_at = |at: usize| paths.iter().any(|path| *path == format!("attachments.{at}"));
    entry.attachments.iter().enumerate().filter(move |(at, _)| is_at(*at)).map(|(_, file)| file.digest)
}

impl Beside {
    pub fn new(disk: &Arc<dyn Disk>, query: &Query, reader: &Reader, clock: fn() -> u64) -> Self {
        Beside {
            blobs: Blobs::new(Arc::clone(disk), query.clone(), clock),
            disk: Arc::clone(disk),
            query: query.clone(),
            reader: reader.clone(),
        }
    }

    /// Keeps the openings of entries that are about to be committed; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn keep(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        for (path, bytes) in files {
            self.disk.write(path, bytes)?;
        }
        self.sync(files.iter().map(|(path, _)| path.as_str()).collect())
    }

    /// The openings of a unit's entry.
    ///
    /// # Errors
    /// As [`openings`].
    pub fn openings(&self, unit: &UnitId, seq: u64) -> Result<Option<Openings>, StoreError> {
        openings(&*self.disk, &layout::openings(unit, seq))
    }

    /// Withdraws what committed redactions name; durable when this returns. Doing it twice does no harm. `size` is
    /// the committed head's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn withdraw(&self, withdrawals: &[Withdrawal], size: u64) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        for Withdrawal { unit, target, paths } in withdrawals {
            let path = layout::openings(unit, *target);
            if self.forget(&path, paths)? {
                changed.push(path);
            }
        }
        self.sync(changed.iter().map(String::as_str).collect())?;
        for Withdrawal { unit, target, paths } in withdrawals {
            if !paths.iter().any(|path| path.starts_with("attachments.")) {
                continue;
            }
            let Some(entry) = self.entry(unit, *target, size)? else { continue };
            for digest in attachments_at(&entry, paths) {
                if self.is_withdrawn(&digest, size)? {
                    self.blobs.withdraw(&digest)?;
                }
            }
        }
        Ok(())
    }

    /// Sets right what a crash, or a backup that was brought back, left beside the log: openings of entries that
    /// never happened go, redactions are carried out, and so on with blobs. `now` is Unix seconds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tidy(&self, books: &Books, size: u64, now: u64) -> Result<(), StoreError> {
        let (mut touched, mut count) = (Vec::new(), 0_u64);
        for folder in self.disk.list(layout::OPENINGS)? {
            let Some(unit) = UnitId::parse(&folder) else { continue };
            // The last start may have been killed between a removal and its sync.
            touched.push(layout::openings(&unit, 0));
            for name in self.disk.list(&format!("{}/{unit}", layout::OPENINGS))? {
                let Some(seq) = layout::openings_seq(&name) else { continue };
                let path = layout::openings(&unit, seq);
                if !(1..=books.count(&unit)).contains(&seq) {
                    self.disk.remove(&path)?;
                } else if !self.forget(&path, &self.redacted(&unit, seq, size)?)? {
                    continue;
                }
                touched.push(path);
                count += 1;
            }
        }
        // Durably, before a number that never happened is given to another entry.
        self.sync(touched.iter().map(String::as_str).collect())?;
        if count > 0 {
            tracing::info!(files = count, "openings without a right to be kept were removed");
        }
        self.blobs.tidy(now, &|digest| self.is_withdrawn(digest, size))
    }

    fn sync(&self, paths: Vec<&str>) -> Result<(), StoreError> {
        if paths.is_empty() { Ok(()) } else { self.disk.sync(&paths) }
    }

    /// Takes paths out of a file of openings; whether it changed. A removal is not yet durable.
    fn forget(&self, path: &str, paths: &[String]) -> Result<bool, StoreError> {
        if paths.is_empty() {
            return Ok(false);
        }
        let rest = match openings(&*self.disk, path) {
            Ok(None) => return Ok(false),
            Ok(Some(openings)) => match still_open(&openings, paths).as_slice() {
                [] => return Ok(false),
                open => openings.without(open),
            },
            // It opens nothing, and may still hold what has to go.
            Err(StoreError::Damaged { .. }) => Openings::default(),
            Err(e) => return Err(e),
        };
        if rest.is_empty() {
            self.disk.remove(path)?;
        } else {
            // Torn by a power cut, it would take with it what nobody withdrew.
            self.disk.replace(path, rest.text().as_bytes())?;
        }
        Ok(true)
    }

    fn entry(&self, unit: &UnitId, seq: u64, size: u64) -> Result<Option<Entry>, StoreError> {
        let leaf = self.reader.entry(&self.query, unit, seq, size)?;
        Ok(leaf.and_then(|bytes| Entry::of_leaf(&bytes).ok()))
    }

    /// The paths that redactions withdrew of an entry; of one that was never amended, nothing is read.
    fn redacted(&self, unit: &UnitId, target: u64, size: u64) -> Result<Vec<String>, StoreError> {
        let mut paths = Vec::new();
        for amendment in self.query.amendments(unit, target)? {
            let entry = self.entry(unit, amendment.seq, size)?;
            paths.extend(entry.as_ref().and_then(Withdrawal::of).into_iter().flat_map(|w| w.paths));
        }
        Ok(paths)
    }

    /// Whether a blob has to go: each unit that names it has withdrawn it. One act is enough for a unit, however many
    /// of its entries name the blob; and no unit can take from another what it published.
    fn is_withdrawn(&self, digest: &Hash, size: u64) -> Result<bool, StoreError> {
        let mut units = BTreeMap::new();
        for naming in self.query.namings(digest)? {
            if naming.is_list {
                return Ok(false);
            }
            let withdrawn = units.entry(naming.unit).or_insert(false);
            let paths = self.redacted(&naming.unit, naming.seq, size)?;
            if !*withdrawn && !paths.is_empty() {
                let entry = self.entry(&naming.unit, naming.seq, size)?;
                *withdrawn = entry.is_some_and(|entry| attachments_at(&entry, &paths).any(|d| d == *digest));
            }
        }
        Ok(!units.is_empty() && units.into_values().all(|withdrawn| withdrawn))
    }
}
