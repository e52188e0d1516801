//! Compact ranges, and the peaks form of consistency that evidence needs (SPEC section 2.3, rules L-10 to L-13).
//!
//! The peaks of a tree are its complete subtrees from left to right, one for each bit of its size. They rebuild
//! the old root *and*, with the aligned subtrees up to the new size, the new one. The proof form of RFC 6962
//! does not do for evidence: for old = 2^k it omits the old root and so never contradicts it.

use crate::hash::{Hash, node_hash};
use crate::merkle::{Nodes, ProofError};

/// The peaks of a tree: enough to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    peaks: Vec<Hash>,
}

impl CompactRange {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of `size` leaves with these peaks, largest first; `None` when their number is not that of the
    /// size's bits.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(CompactRange { size, peaks })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The peaks, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.join(leaf, 0);
    }

    /// Appends a complete subtree of 2^level leaves; false (and nothing done) unless it is aligned.
    pub fn append_subtree(&mut self, level: u32, hash: Hash) -> bool {
        let aligned = 1_u64
            .checked_shl(level)
            .is_some_and(|w| self.size.is_multiple_of(w) && self.size.checked_add(w).is_some());
        if aligned {
            self.join(hash, level);
        }
        aligned
    }

    fn join(&mut self, mut hash: Hash, level: u32) {
        // Each one-bit from `level` up is a peak as large as what has been joined so far.
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1 << level;
    }

    /// The root: peaks folded from the right.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let last = peaks.next().copied().unwrap_or(Hash::EMPTY);
        peaks.fold(last, |right, left| node_hash(left, &right))
    }
}

/// From the tree of `old` leaves to the tree of `new`: peaks of the first, then the aligned subtrees of [old, new).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Old size.
    pub old: u64,
    /// New size.
    pub new: u64,
    /// Peaks of the old tree, largest first.
    pub peaks: Vec<Hash>,
    /// Roots of the subtrees of [old, new), left to right, each as large as alignment and size allow.
    pub subtrees: Vec<Hash>,
}

/// The levels of the aligned subtrees that fill [old, new), left to right.
fn levels(old: u64, new: u64) -> impl Iterator<Item = (u32, u64)> {
    let mut at = old;
    std::iter::from_fn(move || {
        let left = new.checked_sub(at).filter(|n| *n > 0)?;
        let level = at.trailing_zeros().min(u64::BITS - 1 - left.leading_zeros());
        let index = at >> level;
        at += 1 << level;
        Some((level, index))
    })
}

/// The peaks of the first `size` leaves, largest first.
///
/// # Errors
/// When a subtree can't be read.
pub fn prove_peaks<N: Nodes>(nodes: &N, size: u64) -> Result<Vec<Hash>, N::Error> {
    prove_extension(nodes, 0, size)
}

/// The subtrees of [old, new), left to right.
///
/// # Errors
/// When a subtree can't be read.
pub fn prove_extension<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    levels(old, new).map(|(level, index)| nodes.node(level as u8, index)).collect()
}

/// Rebuilds the old and the new root; whoever calls compares them with signed ones.
///
/// # Errors
/// [`ProofError::Bounds`] when old > new, [`ProofError::Length`] when a hash is missing or left over.
pub fn roots_of(extension: &Extension) -> Result<(Hash, Hash), ProofError> {
    if extension.old > extension.new {
        return Err(ProofError::Bounds);
    }
    let mut range =
        CompactRange::from_peaks(extension.old, extension.peaks.clone()).ok_or(ProofError::Length)?;
    let old_root = range.root();
    let mut subtrees = extension.subtrees.iter();
    for (level, _) in levels(extension.old, extension.new) {
        let subtree = subtrees.next().ok_or(ProofError::Length)?;
        if !range.append_subtree(level, *subtree) {
            return Err(ProofError::Length);
        }
    }
    match subtrees.next() {
        None => Ok((old_root, range.root())),
        Some(_) => Err(ProofError::Length),
    }
}
