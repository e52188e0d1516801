//! A published log in memory: what rules at append look back on, and what bundles are built from.

use ledger::amend::Amendment;
use ledger::append::Past;
use ledger::bundle::Source;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::index::{Line, Row};
use ledger::merkle::{MemoryTree, NoLeaves, Nodes};
use ledger::unit::UnitId;
use std::collections::BTreeMap;

/// The log as a folder would keep it.
#[derive(Clone)]
pub struct Shelf {
    pub leaves: Vec<Vec<u8>>,
    pub tree: MemoryTree,
    pub lines: BTreeMap<UnitId, Vec<(Line, bool)>>,
    pub rows: Vec<Row>,
    pub checkpoint: Vec<u8>,
}

impl Past for Shelf {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        let (line, _) = self.lines.get(unit)?.get(usize::try_from(seq).ok()?.checked_sub(1)?)?;
        self.leaves.get(line.index as usize).cloned()
    }
    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        let all = self.lines.get(unit).into_iter().flatten().filter(|(_, amends)| *amends);
        let read = all.filter_map(|(line, _)| Entry::of_leaf(&self.leaves[line.index as usize]).ok());
        read.filter_map(|e| Amendment::of(&e)).filter(|(of, _)| *of == target).map(|(_, it)| it).collect()
    }
}

impl Nodes for Shelf {
    type Error = NoLeaves;
    fn node(&self, level: u8, index: u64) -> Result<Hash, NoLeaves> {
        self.tree.node(level, index)
    }
}

impl Source for Shelf {
    fn checkpoint(&self) -> (&[u8], u64) {
        (&self.checkpoint, self.leaves.len() as u64)
    }
    fn rows(&self) -> &[Row] {
        &self.rows
    }
    fn leaf(&self, index: u64) -> Result<Vec<u8>, NoLeaves> {
        self.leaves.get(index as usize).cloned().ok_or(NoLeaves)
    }
    fn lines(&self, unit: &UnitId, count: u64) -> Result<Vec<Line>, NoLeaves> {
        let all = self.lines.get(unit).into_iter().flatten().map(|(line, _)| *line);
        Ok(all.take(count as usize).collect())
    }
}
