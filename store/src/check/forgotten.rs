//! Checking what lies beside the log: what redactions withdrew is gone, what entries name is there.

use super::Report;
use crate::beside::{Withdrawal, attachments_at, openings, still_open};
use crate::blobs::{is_accounted_for, is_kept};
use crate::disk::Disk;
use crate::error::StoreError;
use crate::layout;
use crate::reader::Reader;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::payment_rows::list_of;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the entries so far ask of the files beside the log. It grows with what redactions found not done, and with the
/// attachments they withdrew; not with the log.
pub(super) struct Forgotten {
    disk: Arc<dyn Disk>,
    /// Redactions whose openings were there when they were read: beside a running log they take effect a moment after
    /// they are committed, so there is a second look.
    open: Vec<Withdrawal>,
    /// Paths of attachments that redactions withdrew, by the entry that has them.
    files: BTreeMap<(UnitId, u64), Vec<String>>,
}

impl Forgotten {
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Forgotten { disk, open: Vec::new(), files: BTreeMap::new() }
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
        let Some(withdrawal) = Withdrawal::of(entry) else { return Ok(()) };
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

    /// Whether the openings of a redaction's target still open what it withdrew, or can't be read.
    fn is_open(&self, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        match openings(&*self.disk, &layout::openings(&withdrawal.unit, withdrawal.target)) {
            Ok(found) => Ok(found.is_some_and(|found| !still_open(&found, &withdrawal.paths).is_empty())),
            Err(StoreError::Damaged { .. }) => Ok(true),
            Err(e) => Err(e),
        }
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
