//! Inclusion and consistency: every prover against its verifier, and what must be refused (L-04, L-05, L-06).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{
    MemoryTree, ProofError, complete_root, prove_consistency, prove_inclusion, root_of, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;
use support::lazy::SparseTree;

const SMALL: u64 = 130;

fn leaf(i: u64) -> Hash {
    leaf_hash(&i.to_be_bytes())
}

fn tree(size: u64) -> MemoryTree {
    MemoryTree::new((0..size).map(leaf).collect())
}

/// RFC 6962 section 2.1, word for word.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(b""),
        [one] => *one,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(k);
            let joined: Vec<u8> = [[1].as_slice(), mth(left).as_bytes(), mth(right).as_bytes()].concat();
            Hash::of(&joined)
        }
    }
}

/// What can be done to a proof: each of these must be refused.
fn spoiled(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut out = Vec::new();
    for at in 0..path.len() {
        let mut flipped = path.to_vec();
        let mut bytes = *flipped[at].as_bytes();
        bytes[at % 32] ^= 1;
        flipped[at] = Hash::from_bytes(bytes);
        out.push(flipped);
        let mut shorter = path.to_vec();
        shorter.remove(at);
        out.push(shorter);
        let mut longer = path.to_vec();
        longer.insert(at, path[at]);
        out.push(longer);
    }
    for extra in [Hash::EMPTY, path.last().copied().unwrap_or(Hash::EMPTY)] {
        let mut longer = path.to_vec();
        longer.push(extra);
        out.push(longer);
    }
    out
}

#[test]
fn l02_roots_of_all_small_sizes() {
    let leaves: Vec<Hash> = (0..SMALL).map(leaf).collect();
    let tree = tree(SMALL);
    for size in 0..=SMALL {
        assert_eq!(root_of(&tree, size).unwrap(), mth(&leaves[..size as usize]));
    }
    assert_eq!(complete_root(&leaves[..64]), Some(mth(&leaves[..64])));
    assert_eq!(complete_root(&leaves[..63]), None);
    assert!(root_of(&tree, SMALL + 1).is_err());
}

#[test]
fn l04_inclusion_of_every_leaf_in_every_small_tree() {
    let tree = tree(SMALL);
    for size in 1..=SMALL {
        let root = root_of(&tree, size).unwrap();
        for index in 0..size {
            let path = prove_inclusion(&tree, index, size).unwrap();
            let check = |leaf: &Hash, index, size, path: &[Hash], root: &Hash| {
                verify_inclusion(leaf, index, size, path, root)
            };
            assert_eq!(check(&leaf(index), index, size, &path, &root), Ok(()));
            assert!(check(&leaf(index + 1), index, size, &path, &root).is_err());
            assert!(check(&leaf(index), index, size, &path, &Hash::EMPTY).is_err());
            assert_eq!(check(&leaf(index), size, size, &path, &root), Err(ProofError::Bounds));
            // Another index never holds; another size can't be told from the hashes alone, unless the path
            // then has another shape (RFC 9162), so it is refused only where it changes the shape.
            for other in [index ^ 1, index + 1, index.wrapping_sub(1), size - 1 - index] {
                let held = other != index && check(&leaf(index), other, size, &path, &root).is_ok();
                assert!(!held, "index {other} for {index} of {size}");
            }
            let power = size.next_power_of_two();
            assert!(size == 1 || check(&leaf(index), index, power * 4, &path, &root).is_err());
            if index % 7 == 0 || size < 20 {
                for bad in spoiled(&path) {
                    assert!(check(&leaf(index), index, size, &bad, &root).is_err(), "{index} of {size}");
                }
            }
        }
    }
    assert!(prove_inclusion(&tree, 5, 5).unwrap().is_empty());
}

#[test]
fn l05_consistency_of_all_small_trees() {
    let tree = tree(SMALL);
    let roots: Vec<Hash> = (0..=SMALL).map(|n| root_of(&tree, n).unwrap()).collect();
    for new in 1..=SMALL {
        for old in 1..=new {
            let proof = prove_consistency(&tree, old, new).unwrap();
            let (m, n) = (&roots[old as usize], &roots[new as usize]);
            assert_eq!(verify_consistency(old, new, m, n, &proof), Ok(()), "{old} to {new}");
            assert!(verify_consistency(old, new, &Hash::EMPTY, n, &proof).is_err());
            assert!(verify_consistency(old, new, m, &Hash::EMPTY, &proof).is_err());
            assert_eq!(verify_consistency(0, new, m, n, &proof), Err(ProofError::Bounds));
            assert_eq!(verify_consistency(new + 1, new, m, n, &proof), Err(ProofError::Bounds));
            if old != new {
                assert!(verify_consistency(old, new, n, m, &proof).is_err());
                assert!(verify_consistency(old + 1, new, m, n, &proof).is_err());
            }
            if new < 20 || old % 11 == 3 {
                for bad in spoiled(&proof) {
                    assert!(verify_consistency(old, new, m, n, &bad).is_err(), "{old} to {new}");
                }
            }
        }
        assert!(prove_consistency(&tree, 0, new).unwrap().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 4_000 } else { 300 }))]

    /// Trees of up to 2^62 leaves.
    #[test]
    fn l04_l05_large_trees(size in 2_u64..1 << 62, at in 0_u64..u64::MAX, old in 1_u64..u64::MAX) {
        let (index, old) = (at % size, old % size + 1);
        let tree = SparseTree::new([index, index ^ 1, old - 1, old % size, size / 2, size - 1, 0]);
        let (root, old_root) = (root_of(&tree, size).unwrap(), root_of(&tree, old).unwrap());
        let path = prove_inclusion(&tree, index, size).unwrap();
        prop_assert_eq!(verify_inclusion(&tree.leaf(index), index, size, &path, &root), Ok(()));
        prop_assert!(verify_inclusion(&tree.leaf(index), index ^ 1, size, &path, &root).is_err());
        prop_assert!(path.len() <= 63);
        for bad in spoiled(&path).into_iter().take(20) {
            prop_assert!(verify_inclusion(&tree.leaf(index), index, size, &bad, &root).is_err());
        }
        let proof = prove_consistency(&tree, old, size).unwrap();
        prop_assert_eq!(verify_consistency(old, size, &old_root, &root, &proof), Ok(()));
        for bad in spoiled(&proof).into_iter().take(20) {
            prop_assert!(verify_consistency(old, size, &old_root, &root, &bad).is_err());
        }
    }

    /// Whatever comes, verifiers answer (L-06).
    #[test]
    fn l06_verifiers_are_total(a in any::<u64>(), b in any::<u64>(), n in 0_usize..130, seed in any::<u64>()) {
        let hashes: Vec<Hash> = (0..n as u64).map(|i| leaf(i ^ seed)).collect();
        let root = leaf(seed);
        for (x, y) in [(a, b), (a, a), (a, u64::MAX), (u64::MAX, b), (u64::MAX - 1, u64::MAX), (1, b), (0, 0)] {
            prop_assert!(verify_inclusion(&root, x, y, &hashes, &leaf(!seed)).is_err());
            prop_assert!(verify_consistency(x, y, &root, &leaf(!seed), &hashes).is_err());
        }
    }
}
