//! Checking what lies beside the log: what redactions withdrew is gone, what entries seal and name is there.

use super::Report;
use crate::beside::{openings, still_open, withdrawn_by};
use crate::blobs::{is_accounted_for, is_kept};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::layout;
use crate::reader::Reader;
use crate::redactions::{Withdrawal, attachments_at};
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::payment_rows::list_of;
use ledger::sealed::Sealed;
use ledger::sealed::paths::of_row;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the entries so far ask of the files beside the log. It grows with what redactions withdrew and found not done; not
/// with the log.
pub(super) struct Forgotten {
    disk: Arc<dyn Disk>,
    /// Redactions whose openings were there when they were read: beside a running log they take effect a moment after
    /// they are committed, so there is a second look.
    open: Vec<Withdrawal>,
    /// Paths of attachments that redactions withdrew, by the entry that has them.
    files: BTreeMap<(UnitId, u64), Vec<String>>,
    /// Entries that lack an opening: withdrawn, or lost.
    lacking: BTreeMap<(UnitId, u64), Lacking>,
}

/// The openings that an entry has to have: of its sealed fields and of the rows of its list, less what was withdrawn.
struct Lacking {
    sealed: Vec<String>,
    rows: u32,
    withdrawn: Vec<String>,
}

impl Lacking {
    /// Of an entry of which nothing was withdrawn yet.
    fn of(entry: &Entry) -> Self {
        let sealed = Sealed::of(entry).unwrap_or_default().into_iter().map(|field| field.path).collect();
        let rows = list_of(entry).map_or(0, |list| list.count);
        Lacking { sealed, rows, withdrawn: Vec::new() }
    }

    /// The paths that are not in a file; one that is not there, or opens nothing, has none.
    fn missing(&self, disk: &dyn Disk, path: &str) -> Result<Vec<String>, StoreError> {
        if self.sealed.is_empty() && self.rows == 0 {
            return Ok(Vec::new());
        }
        let kept = match openings(disk, path) {
            Err(StoreError::Damaged { .. }) => None,
            kept => kept?,
        };
        let kept = kept.unwrap_or_default();
        let is_withdrawn = withdrawn_by(&self.withdrawn);
        let wanted = self.sealed.iter().cloned().chain((0..self.rows).map(of_row));
        Ok(wanted.filter(|path| kept.get(path).is_none() && !is_withdrawn(path)).collect())
    }
}

impl Forgotten {
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Forgotten { disk, open: Vec::new(), files: BTreeMap::new(), lacking: BTreeMap::new() }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry, report: &mut Report) -> Result<(), StoreError> {
        let named = entry.attachments.iter().map(|file| file.digest);
        for digest in named.chain(list_of(entry).map(|list| list.digest)) {
            if !is_accounted_for(&*self.disk, &digest)? {
                report.fault(format!(
                    "{} 第 {} 号的附件 {} 缺失或大小不符 / a blob of {0} number {1} is missing or of another size: {2}",
                    entry.unit(),
                    entry.seq(),
                    digest.to_hex()
                ));
            }
        }
        let (unit, seq) = (entry.unit(), entry.seq());
        let lacking = Lacking::of(entry);
        if !lacking.missing(&*self.disk, &layout::openings(&unit, seq))?.is_empty() {
            self.lacking.insert((unit, seq), lacking);
        }
        let Some(withdrawal) = Withdrawal::of(entry) else { return Ok(()) };
        self.note(&withdrawal);
        report.withdrawn += withdrawal.paths.len() as u64;
        let files = withdrawal.paths.iter().filter(|path| path.starts_with("attachments."));
        let files: Vec<String> = files.cloned().collect();
        if !files.is_empty() {
            self.files.entry((withdrawal.unit, withdrawal.target)).or_default().extend(files);
        }
        if self.is_open(&withdrawal)? {
            self.open.push(withdrawal);
        }
        Ok(())
    }

    fn note(&mut self, withdrawal: &Withdrawal) {
        if let Some(lacking) = self.lacking.get_mut(&(withdrawal.unit, withdrawal.target)) {
            lacking.withdrawn.extend(withdrawal.paths.iter().cloned());
        }
    }

    /// Whether the openings of a redaction's target still open what it withdrew, or can't be read.
    fn is_open(&self, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        match openings(&*self.disk, &layout::openings(&withdrawal.unit, withdrawal.target)) {
            Ok(found) => Ok(found.is_some_and(|found| !still_open(&found, &withdrawal.paths).is_empty())),
            Err(StoreError::Damaged { .. }) => Ok(true),
            Err(e) => Err(e),
        }
    }

    /// Names the entries of which openings were lost; `later` are redactions that were committed since the check began.
    pub fn lost(
        &mut self,
        later: impl FnOnce() -> Result<Vec<Withdrawal>, StoreError>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let mut lost = Vec::new();
        for (of, lacking) in &self.lacking {
            let missing = lacking.missing(&*self.disk, &layout::openings(&of.0, of.1))?;
            if !missing.is_empty() {
                lost.push((*of, missing));
            }
        }
        if lost.is_empty() {
            return Ok(());
        }
        // Only now: what was gone by then was withdrawn by one of these, or is lost.
        later()?.iter().for_each(|withdrawal| self.note(withdrawal));
        for ((unit, seq), missing) in lost {
            let withdrawn = self.lacking.get(&(unit, seq)).map_or(&[][..], |lacking| &lacking.withdrawn);
            let is_withdrawn = withdrawn_by(withdrawn);
            let count = missing.iter().filter(|path| !is_withdrawn(path)).count();
            if count > 0 {
                let path = layout::openings(&unit, seq);
                report.fault(format!(
                    "{unit} 第 {seq} 号缺少 {count} 项开启值，没有撤下条目；请从备份恢复 {path} / {count} openings of {unit} number {seq} are missing and no redaction withdrew them; bring {path} back from a backup"
                ));
            }
        }
        Ok(())
    }

    /// After the last entry of a log of `size` leaves. Entries are read once more only where a withdrawn file is looked
    /// for.
    pub fn end(&self, reader: &Reader, size: u64, report: &mut Report) -> Result<(), StoreError> {
        for withdrawal in &self.open {
            if self.is_open(withdrawal)? {
                report.fault(format!(
                    "{} 第 {} 号已撤下的内容还在 {} 里；启动一次账本即会删除 / what was withdrawn of {0} number {1} is still in {2}; the next start removes it",
                    withdrawal.unit,
                    withdrawal.target,
                    layout::openings(&withdrawal.unit, withdrawal.target)
                ));
            }
        }
        let mut withdrawn: BTreeMap<Hash, BTreeSet<UnitId>> = BTreeMap::new();
        if !self.files.is_empty() {
            entries(reader, size, |entry| {
                let paths = self.files.get(&(entry.unit(), entry.seq()));
                for digest in paths.into_iter().flat_map(|paths| attachments_at(entry, paths)) {
                    withdrawn.entry(digest).or_default().insert(entry.unit());
                }
            })?;
        }
        let mut kept = BTreeMap::new();
        for (digest, units) in withdrawn {
            if is_kept(&*self.disk, &digest)? {
                kept.insert(digest, units);
            }
        }
        if !kept.is_empty() {
            // What another unit still publishes stays.
            entries(reader, size, |entry| {
                let list = list_of(entry).map(|list| list.digest);
                kept.retain(|digest, units| {
                    let published = !units.contains(&entry.unit())
                        && entry.attachments.iter().any(|file| file.digest == *digest);
                    list != Some(*digest) && !published
                });
            })?;
        }
        for digest in kept.into_keys() {
            if is_kept(&*self.disk, &digest)? {
                report.fault(format!(
                    "已撤下的附件 {} 还在；启动一次账本即会删除 / the withdrawn blob {0} is still there; the next start removes it",
                    digest.to_hex()
                ));
            }
        }
        Ok(())
    }
}

/// Every entry of a log of `size` leaves.
fn entries(reader: &Reader, size: u64, mut take: impl FnMut(&Entry)) -> Result<(), StoreError> {
    for at in 0..size {
        if let Ok(entry) = Entry::of_leaf(&reader.leaf(at, size)?) {
            take(&entry);
        }
    }
    Ok(())
}
