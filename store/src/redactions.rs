//! What redactions withdraw, as the query index leads to it and the leaves say it.

use crate::error::StoreError;
use crate::query::Query;
use crate::reader::Reader;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::sealed::redaction_of;
use ledger::unit::UnitId;
use std::collections::BTreeMap;

/// What one redaction withdraws.
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

/// The attachments of an entry that stand at these paths.
pub(crate) fn attachments_at(entry: &Entry, paths: &[String]) -> impl Iterator<Item = Hash> {
    let is_at = |at: usize| paths.iter().any(|path| *path == format!("attachments.{at}"));
    entry.attachments.iter().enumerate().filter(move |(at, _)| is_at(*at)).map(|(_, file)| file.digest)
}

/// The redactions of a log; `size` is everywhere the committed head's.
#[derive(Clone)]
pub(crate) struct Redactions {
    pub query: Query,
    pub reader: Reader,
}

impl Redactions {
    /// An entry; `None` when the unit has no such number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry(&self, unit: &UnitId, seq: u64, size: u64) -> Result<Option<Entry>, StoreError> {
        let leaf = self.reader.entry(&self.query, unit, seq, size)?;
        Ok(leaf.and_then(|bytes| Entry::of_leaf(&bytes).ok()))
    }

    /// The paths that redactions withdrew of an entry; of one that was never amended, nothing is read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn paths(&self, unit: &UnitId, target: u64, size: u64) -> Result<Vec<String>, StoreError> {
        let mut paths = Vec::new();
        for amendment in self.query.amendments(unit, target)? {
            let entry = self.entry(unit, amendment.seq, size)?;
            paths.extend(entry.as_ref().and_then(Withdrawal::of).into_iter().flat_map(|w| w.paths));
        }
        Ok(paths)
    }

    /// Whether a blob has to go: each unit that names it has withdrawn it. One act is enough for a unit, however many
    /// of its entries name the blob; and no unit can take from another what it published.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take(&self, digest: &Hash, size: u64) -> Result<bool, StoreError> {
        let mut units = BTreeMap::new();
        for naming in self.query.namings(digest)? {
            if naming.is_list {
                return Ok(false);
            }
            let withdrawn = units.entry(naming.unit).or_insert(false);
            let paths = self.paths(&naming.unit, naming.seq, size)?;
            if !*withdrawn && !paths.is_empty() {
                let entry = self.entry(&naming.unit, naming.seq, size)?;
                *withdrawn = entry.is_some_and(|entry| attachments_at(&entry, &paths).any(|d| d == *digest));
            }
        }
        Ok(!units.is_empty() && units.into_values().all(|withdrawn| withdrawn))
    }
}
