//! What lies beside the log and can be forgotten: openings, and with the blobs what redactions withdraw of both
//! (SPEC sections 4.7 and 4.9; 个人信息保护法 art. 47).
//!
//! Order: openings are durable before the compare-and-swap, so that a committed entry has them; a redaction takes
//! effect after it, so that nothing goes without one. What a crash left undone on either side, the next start does.

use crate::blobs::{About, Blobs};
use crate::disk::Disk;
use crate::error::{StoreError, damaged};
use crate::layout;
use crate::query::Query;
use crate::reader::Reader;
use crate::redactions::{Redactions, Withdrawal, attachments_at};
use ledger::append::{Refusal, RefusalCode, Submission};
use ledger::books::Books;
use ledger::entry::Visibility;
use ledger::payment_rows::{ROWS_MEDIA, list_of};
use ledger::sealed::Openings;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Openings and blobs of a log.
#[derive(Clone)]
pub(crate) struct Beside {
    pub blobs: Blobs,
    disk: Arc<dyn Disk>,
    redactions: Redactions,
    /// Counts publications with redactions that took effect.
    withdrawals: Arc<AtomicU64>,
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

/// Whether a path is one of these or stands below one. A list has 100,000 of them, of which 100,000 may be withdrawn one
/// by one.
pub(crate) fn withdrawn_by(paths: &[String]) -> impl Fn(&str) -> bool {
    let withdrawn: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    move |path| {
        let above = path.match_indices('.').filter_map(|(at, _)| path.get(..at));
        above.chain([path]).any(|path| withdrawn.contains(path))
    }
}

/// The paths, of these or below one of these, that openings still open.
pub(crate) fn still_open<'a>(openings: &'a Openings, paths: &[String]) -> Vec<&'a str> {
    let is_withdrawn = withdrawn_by(paths);
    openings.iter().map(|opening| opening.path.as_str()).filter(|path| is_withdrawn(path)).collect()
}

impl Beside {
    pub fn new(disk: &Arc<dyn Disk>, query: &Query, reader: &Reader, clock: fn() -> u64) -> Self {
        let redactions = Redactions { query: query.clone(), reader: reader.clone() };
        Beside {
            blobs: Blobs::new(Arc::clone(disk), redactions.clone(), clock),
            disk: Arc::clone(disk),
            redactions,
            withdrawals: Arc::default(),
        }
    }

    /// Rises whenever redactions took effect: what was read before may hold what they withdrew.
    pub fn withdrawals(&self) -> u64 {
        self.withdrawals.load(Ordering::Acquire)
    }

    /// Holds the files that an entry names until the next publication is committed, and sees whether they are still as
    /// they were judged: since then, a redaction may have taken effect. To be called by the one writer.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn hold(&self, submission: &mut Submission) -> Result<(), StoreError> {
        let entry = &submission.entry;
        if submission.beside.is_err() {
            return Ok(());
        }
        let mut faulty = None;
        if let Some(list) = list_of(entry)
            && !self.blobs.hold(&list.digest, |about| about.media == ROWS_MEDIA)?
        {
            faulty = Some("body.list".to_owned());
        }
        for (at, file) in entry.attachments.iter().enumerate() {
            let is_it = |about: &About| {
                let ours = file.access == Visibility::Public || about.unit == entry.unit();
                ours && (about.size, &about.media, about.access) == (file.size, &file.media, file.access)
            };
            if faulty.is_none() && !self.blobs.hold(&file.digest, is_it)? {
                faulty = Some(format!("attachments.{at}"));
            }
        }
        if let Some(field) = faulty {
            let what = "这个文件刚刚被撤下或换过，请核对后重新上传、提交 / the file was withdrawn or replaced a moment ago; check it, upload it again and submit again";
            let what = what.to_owned();
            submission.beside = Err(Refusal { code: RefusalCode::Beside, field, what, next_seq: None });
        }
        Ok(())
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
        // Of a list, 100,000 rows may be withdrawn one by one: its file is written anew once.
        let mut targets = BTreeMap::<(UnitId, u64), Vec<String>>::new();
        for Withdrawal { unit, target, paths } in withdrawals {
            targets.entry((*unit, *target)).or_default().extend(paths.iter().cloned());
        }
        let mut changed = Vec::new();
        for ((unit, target), paths) in &targets {
            let path = layout::openings(unit, *target);
            if self.forget(&path, paths)? {
                changed.push(path);
            }
        }
        self.sync(changed.iter().map(String::as_str).collect())?;
        for ((unit, target), paths) in &targets {
            if !paths.iter().any(|path| path.starts_with("attachments.")) {
                continue;
            }
            let Some(entry) = self.redactions.entry(unit, *target, size)? else { continue };
            for digest in attachments_at(&entry, paths) {
                if self.redactions.take(&digest, size)? {
                    self.blobs.withdraw(&digest)?;
                }
            }
        }
        if !targets.is_empty() {
            self.withdrawals.fetch_add(1, Ordering::Release);
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
                } else if !self.forget(&path, &self.redactions.paths(&unit, seq, size)?)? {
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
        self.blobs.tidy(now, size)
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
}
