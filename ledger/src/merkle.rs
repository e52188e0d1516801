//! The log's tree: roots, inclusion and consistency (SPEC section 2.2, rules L-04 to L-06; RFC 6962 section 2.1).
//!
//! Provers read complete subtrees through [`Nodes`]; verifiers need nothing but hashes and numbers, follow
//! RFC 9162 sections 2.1.3.2 and 2.1.4.2, and are total: no input makes them panic.

use crate::hash::{Hash, node_hash};

/// Complete subtrees of a log, wherever they are kept.
pub trait Nodes {
    /// Why a subtree can't be read.
    type Error;

    /// The hash of the complete subtree over the leaves [index·2^level, (index+1)·2^level).
    ///
    /// # Errors
    /// When it can't be read. Callers ask only for subtrees that lie below the size they prove for.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or sizes are out of bounds: nothing could be proved.
    #[error("index or sizes are out of bounds")]
    Bounds,
    /// More or fewer hashes than this index and size need.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Largest power of two below `n`; for n ≥ 2.
fn split(n: u64) -> u64 {
    1 << (u64::BITS - 1 - (n - 1).leading_zeros())
}

/// The root over the leaves [lo, hi), which must be a subtree that RFC 6962's splitting reaches.
fn range<N: Nodes>(nodes: &N, lo: u64, hi: u64) -> Result<Hash, N::Error> {
    let n = hi - lo;
    if n == 0 {
        return Ok(Hash::EMPTY);
    }
    if n.is_power_of_two() {
        let level = n.trailing_zeros();
        return nodes.node(level as u8, lo >> level);
    }
    let middle = lo + split(n);
    Ok(node_hash(&range(nodes, lo, middle)?, &range(nodes, middle, hi)?))
}

/// MTH(D[size]), RFC 6962 section 2.1.
///
/// # Errors
/// When a subtree can't be read.
pub fn root_of<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    range(nodes, 0, size)
}

/// PATH(index, D[size]), RFC 6962 section 2.1.1, from the leaf's sibling up; empty unless index < size.
///
/// # Errors
/// When a subtree can't be read.
pub fn prove_inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut lo, mut hi, mut path) = (0, size, Vec::new());
    while index < size && hi - lo > 1 {
        let middle = lo + split(hi - lo);
        if index < middle {
            path.push(range(nodes, middle, hi)?);
            hi = middle;
        } else {
            path.push(range(nodes, lo, middle)?);
            lo = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Verifies that `leaf` stands at `index` in the tree of `size` leaves under `root`.
///
/// # Errors
/// [`ProofError`]: what does not fit.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Bounds);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            // A right edge moves up without a sibling until it is a right child.
            let lone = at.trailing_zeros().min(u64::BITS - 1);
            (at, last) = (at >> lone, last >> lone);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// PROOF(old, D[new]), RFC 6962 section 2.1.2; empty unless 0 < old < new.
///
/// # Errors
/// When a subtree can't be read.
pub fn prove_consistency<N: Nodes>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    if old == 0 || old >= new {
        return Ok(Vec::new());
    }
    let (mut lo, mut hi, mut proof) = (0, new, Vec::new());
    // Down to the subtree that ends where the old tree ended.
    while hi != old {
        let middle = lo + split(hi - lo);
        if old <= middle {
            proof.push(range(nodes, middle, hi)?);
            hi = middle;
        } else {
            proof.push(range(nodes, lo, middle)?);
            lo = middle;
        }
    }
    // The verifier knows that subtree already when it is the whole old tree.
    if lo != 0 {
        proof.push(range(nodes, lo, hi)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Verifies that the tree of `old` leaves is a beginning of the tree of `new` leaves.
///
/// # Errors
/// [`ProofError`]; an old size of 0 is [`ProofError::Bounds`], since everything begins with nothing.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old == 0 || old > new {
        return Err(ProofError::Bounds);
    }
    if old == new {
        return match (proof.is_empty(), old_root == new_root) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root),
            _ => Err(ProofError::Length),
        };
    }
    let mut proof = proof.iter();
    let first = if old.is_power_of_two() { old_root } else { proof.next().ok_or(ProofError::Length)? };
    let up = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> up, (new - 1) >> up);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            let lone = at.trailing_zeros().min(u64::BITS - 1);
            (at, last) = (at >> lone, last >> lone);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    match (last, old_hash == *old_root && new_hash == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// A small tree kept whole in memory: for tests, drafts and lists, not for a log.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree(Vec<Hash>);

impl MemoryTree {
    /// A tree over leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> Self {
        MemoryTree(leaves)
    }

    /// Adds a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.0.push(leaf);
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }
}

/// The leaf range asked for is not in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree in memory has no such leaves")]
pub struct NoLeaves;

impl Nodes for MemoryTree {
    type Error = NoLeaves;

    fn node(&self, level: u8, index: u64) -> Result<Hash, NoLeaves> {
        let width = 1_u64.checked_shl(level.into()).ok_or(NoLeaves)?;
        let lo = index.checked_mul(width).ok_or(NoLeaves)?;
        let bounds =
            usize::try_from(lo).ok().zip(lo.checked_add(width).and_then(|hi| usize::try_from(hi).ok()));
        let leaves = bounds.and_then(|(lo, hi)| self.0.get(lo..hi)).ok_or(NoLeaves)?;
        complete_root(leaves).ok_or(NoLeaves)
    }
}

/// The root over 2^k hashes; `None` when their number is no power of two.
pub fn complete_root(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level.chunks_exact(2).filter_map(|p| Some(node_hash(p.first()?, p.last()?))).collect();
    }
    level.first().copied()
}
