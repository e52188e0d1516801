//! A published head with everything that proves it: what bundles and receipts are made from.

use crate::error::StoreError;
use crate::log::Published;
use crate::query::Query;
use crate::reader::Reader;
use ledger::amend::Amendment;
use ledger::bundle::Source;
use ledger::hash::Hash;
use ledger::index::{Line, Row};
use ledger::merkle::Nodes;
use ledger::tile::TileNodes;
use ledger::unit::UnitId;
use std::sync::Arc;

/// A view that does not change while the log grows.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) published: Arc<Published>,
    pub(crate) reader: Reader,
    pub(crate) query: Query,
}

impl Snapshot {
    /// The head.
    pub fn published(&self) -> &Arc<Published> {
        &self.published
    }

    /// The line of a unit's entry, when it is in this head.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn line(&self, unit: &UnitId, seq: u64) -> Result<Option<Line>, StoreError> {
        Ok(self.query.line(unit, seq)?.filter(|line| line.index < self.published.size))
    }

    /// Whether a unit's entry is committed, and in a later head than this one.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn is_coming(&self, unit: &UnitId, seq: u64) -> Result<bool, StoreError> {
        Ok(self.query.line(unit, seq)?.is_some_and(|line| line.index >= self.published.size))
    }

    /// The amendments of a unit's entry that are in this head, numbers rising.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn amendments(&self, unit: &UnitId, target: u64) -> Result<Vec<Amendment>, StoreError> {
        let count = self.published.rows.iter().find(|row| row.unit == *unit).map_or(0, |row| row.count);
        let mut amendments = self.query.amendments(unit, target)?;
        amendments.retain(|amendment| amendment.seq <= count);
        Ok(amendments)
    }
}

impl Nodes for Snapshot {
    type Error = StoreError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        TileNodes { tiles: &self.reader, size: self.published.size }.node(level, index)
    }
}

impl Source for Snapshot {
    fn checkpoint(&self) -> (&[u8], u64) {
        (&self.published.checkpoint, self.published.size)
    }

    fn rows(&self) -> &[Row] {
        &self.published.rows
    }

    fn leaf(&self, index: u64) -> Result<Vec<u8>, StoreError> {
        self.reader.leaf(index, self.published.size)
    }

    fn lines(&self, unit: &UnitId, count: u64) -> Result<Vec<Line>, StoreError> {
        self.query.lines(unit, count)
    }
}
