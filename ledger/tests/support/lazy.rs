//! A tree of up to 2^63 leaves that nobody keeps: a few marked leaves differ, all others are the same.

use ledger::hash::{Hash, leaf_hash, node_hash};
use ledger::merkle::Nodes;
use std::collections::BTreeSet;
use std::convert::Infallible;

pub struct SparseTree {
    marked: BTreeSet<u64>,
    /// The complete subtrees without a marked leaf, by level.
    plain: Vec<Hash>,
}

impl SparseTree {
    pub fn new(marked: impl IntoIterator<Item = u64>) -> Self {
        let mut plain = vec![leaf_hash(b"plain")];
        for level in 0..63 {
            plain.push(node_hash(&plain[level], &plain[level]));
        }
        SparseTree { marked: marked.into_iter().collect(), plain }
    }

    pub fn leaf(&self, index: u64) -> Hash {
        if self.marked.contains(&index) { leaf_hash(&index.to_be_bytes()) } else { self.plain[0] }
    }
}

impl Nodes for SparseTree {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let first = index << level;
        if self.marked.range(first..=first + ((1 << level) - 1)).next().is_none() {
            return Ok(self.plain[usize::from(level)]);
        }
        if level == 0 {
            return Ok(self.leaf(index));
        }
        Ok(node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}
