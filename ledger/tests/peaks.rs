//! Compact ranges and extensions (L-10 to L-13).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{MemoryTree, ProofError, prove_consistency, root_of, verify_consistency};
use ledger::peaks::{CompactRange, Extension, prove_extension, prove_peaks, roots_of};
use proptest::prelude::*;
use support::lazy::SparseTree;

const SMALL: u64 = 130;

fn leaf(i: u64) -> Hash {
    leaf_hash(&i.to_be_bytes())
}

fn extension<N: ledger::merkle::Nodes<Error: std::fmt::Debug>>(nodes: &N, old: u64, new: u64) -> Extension {
    let peaks = prove_peaks(nodes, old).unwrap();
    Extension { old, new, peaks, subtrees: prove_extension(nodes, old, new).unwrap() }
}

#[test]
fn l10_peaks_grow_leaf_by_leaf_to_the_root_of_every_small_tree() {
    let tree = MemoryTree::new((0..SMALL).map(leaf).collect());
    let mut range = CompactRange::new();
    for size in 0..=SMALL {
        assert_eq!((range.size(), range.root()), (size, root_of(&tree, size).unwrap()));
        assert_eq!(range.peaks(), prove_peaks(&tree, size).unwrap());
        let peaks = range.peaks().to_vec();
        assert_eq!(CompactRange::from_peaks(size, peaks.clone()), Some(range.clone()));
        assert_eq!(CompactRange::from_peaks(size + 1, peaks.clone()).is_some(), {
            (size + 1).count_ones() == size.count_ones()
        });
        let mut long = peaks;
        long.push(Hash::EMPTY);
        assert_eq!(CompactRange::from_peaks(size, long), None);
        range.append(leaf(size));
    }
}

#[test]
fn l11_l12_extensions_between_all_small_trees() {
    let tree = MemoryTree::new((0..SMALL).map(leaf).collect());
    let roots: Vec<Hash> = (0..=SMALL).map(|n| root_of(&tree, n).unwrap()).collect();
    for new in 0..=SMALL {
        for old in 0..=new {
            let e = extension(&tree, old, new);
            assert_eq!(roots_of(&e), Ok((roots[old as usize], roots[new as usize])));
            for at in 0..e.subtrees.len() {
                let mut short = e.clone();
                short.subtrees.remove(at);
                assert_eq!(roots_of(&short), Err(ProofError::Length));
                let mut other = e.clone();
                other.subtrees[at] = Hash::EMPTY;
                let (old_root, new_root) = roots_of(&other).unwrap();
                assert!(old_root == roots[old as usize] && new_root != roots[new as usize]);
            }
            for at in 0..e.peaks.len() {
                let mut other = e.clone();
                other.peaks[at] = Hash::EMPTY;
                let (old_root, new_root) = roots_of(&other).unwrap();
                assert!(old_root != roots[old as usize] && new_root != roots[new as usize]);
                other.peaks.remove(at);
                assert_eq!(roots_of(&other), Err(ProofError::Length));
            }
            let mut long = e.clone();
            long.subtrees.push(Hash::EMPTY);
            assert_eq!(roots_of(&long), Err(ProofError::Length));
            let turned = Extension { old: new + 1, ..e };
            assert_eq!(roots_of(&turned), Err(ProofError::Bounds));
        }
    }
}

#[test]
fn l11_only_aligned_subtrees_are_appended() {
    let mut range = CompactRange::new();
    assert!(range.append_subtree(3, leaf(0)));
    assert!(!range.append_subtree(4, leaf(1)));
    assert!(range.append_subtree(3, leaf(1)));
    assert!(!range.append_subtree(64, leaf(1)) && !range.append_subtree(u32::MAX, leaf(1)));
    assert_eq!((range.size(), range.peaks().len()), (16, 1));
}

/// L-13: for old = 2^k the RFC form accepts *any* old root that its proof begins with; the peaks form does not.
#[test]
fn l13_the_rfc_form_never_contradicts_a_power_of_two() {
    let tree = MemoryTree::new((0..13).map(leaf).collect());
    let (lie, new_root) = (leaf(99), root_of(&tree, 13).unwrap());
    let proof = prove_consistency(&tree, 8, 13).unwrap();
    // The proof does not hold, but nothing in it shows what the old root is: any proof would fail as well.
    assert_eq!(verify_consistency(8, 13, &lie, &new_root, &proof), Err(ProofError::Root));
    let (old_root, rebuilt) = roots_of(&extension(&tree, 8, 13)).unwrap();
    assert!(rebuilt == new_root && old_root == root_of(&tree, 8).unwrap() && old_root != lie);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 4_000 } else { 300 }))]

    #[test]
    fn l12_extensions_of_large_trees(new in 1_u64..1 << 62, old in any::<u64>()) {
        let old = old % (new + 1);
        let tree = SparseTree::new([0, old.saturating_sub(1), old, new / 3, new - 1]);
        let e = extension(&tree, old, new);
        prop_assert_eq!(roots_of(&e), Ok((root_of(&tree, old).unwrap(), root_of(&tree, new).unwrap())));
    }

    #[test]
    fn l06_roots_of_is_total(old in any::<u64>(), new in any::<u64>(), peaks in 0_usize..70, subtrees in 0_usize..140) {
        for (old, new) in [(old, new), (old, u64::MAX), (u64::MAX, u64::MAX), (0, new)] {
            let peaks = (0..peaks as u64).map(leaf).collect();
            let _ = roots_of(&Extension { old, new, peaks, subtrees: (0..subtrees as u64).map(leaf).collect() });
        }
    }
}
