//! The index tree: rs_merkle builds it, our own verifier judges it (U-12).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::{Hash, leaf_hash, node_hash};
use ledger::index::{IndexTree, verify_rows};
use ledger::merkle::{MemoryTree, prove_inclusion, root_of};
use proptest::prelude::*;

fn leaf(i: u64) -> Hash {
    leaf_hash(&i.to_be_bytes())
}

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(leaf).collect()
}

fn check(positions: &[usize], total: u64) {
    let (tree, memory) = (IndexTree::new(leaves(total).into_iter()), MemoryTree::new(leaves(total)));
    let root = tree.root();
    assert_eq!(root, root_of(&memory, total).unwrap());
    let rows: Vec<(u64, Hash)> = positions.iter().map(|p| (*p as u64, leaf(*p as u64))).collect();
    let proof = tree.prove_rows(positions);
    let holds =
        |rows: &[(u64, Hash)], total, proof: &[Hash], root: &Hash| verify_rows(rows, total, proof, root);
    assert!(holds(&rows, total, &proof, &root), "{positions:?} of {total}");
    assert!(!holds(&rows, total, &proof, &leaf(1 << 40)));
    let mut longer = proof.clone();
    longer.push(Hash::EMPTY);
    assert!(!holds(&rows, total, &longer, &root));
    for at in 0..proof.len() {
        let mut bad = proof.clone();
        bad[at] = leaf(1 << 40);
        assert!(!holds(&rows, total, &bad, &root));
        bad.remove(at);
        assert!(!holds(&rows, total, &bad, &root));
    }
    for at in 0..rows.len() {
        let mut bad = rows.clone();
        bad[at].1 = leaf(1 << 40);
        assert!(!holds(&bad, total, &proof, &root), "a forged row");
        let mut bad = rows.clone();
        bad[at].0 += 1;
        assert!(!holds(&bad, total, &proof, &root), "a row elsewhere");
        let mut bad = rows.clone();
        bad.insert(at, rows[at]);
        assert!(!holds(&bad, total, &proof, &root), "a row twice");
    }
    if rows.len() > 1 {
        let turned: Vec<_> = rows.iter().rev().copied().collect();
        assert!(!holds(&turned, total, &proof, &root));
    }
}

#[test]
fn u12_single_rows_of_all_small_trees_are_rfc6962_paths() {
    for total in 1..=130 {
        for at in 0..total {
            check(&[at as usize], total);
            let (tree, memory) = (IndexTree::new(leaves(total).into_iter()), MemoryTree::new(leaves(total)));
            assert_eq!(tree.prove_rows(&[at as usize]), prove_inclusion(&memory, at, total).unwrap());
        }
    }
}

#[test]
fn u12_every_set_of_rows_of_the_smallest_trees() {
    for total in 1..=9_usize {
        for set in 1..1_u32 << total {
            let positions: Vec<usize> = (0..total).filter(|i| set >> i & 1 == 1).collect();
            check(&positions, total as u64);
        }
    }
}

#[test]
fn u12_nothing_out_of_range_and_nothing_empty() {
    let tree = IndexTree::new(leaves(5).into_iter());
    let root = tree.root();
    assert!(!verify_rows(&[], 5, &[], &root));
    assert!(!verify_rows(&[], 0, &[], &Hash::EMPTY));
    assert!(!verify_rows(&[(0, Hash::EMPTY)], 0, &[], &Hash::EMPTY));
    assert!(!verify_rows(&[(5, leaf(4))], 5, &tree.prove_rows(&[4]), &root));
    assert!(!verify_rows(&[(u64::MAX, leaf(4))], 5, &tree.prove_rows(&[4]), &root));
    assert!(!verify_rows(&[(4, leaf(4))], 6, &tree.prove_rows(&[4]), &root));
    assert_eq!(IndexTree::new(std::iter::empty()).root(), Hash::EMPTY);
}

/// The forgery of rs_merkle's PR #52: a verifier that keeps a sorted map of positions lets a doubled position carry
/// a false leaf beside the true one, which is never looked at again.
#[test]
fn u12_a_forged_leaf_does_not_ride_on_a_doubled_position() {
    let tree = IndexTree::new(leaves(8).into_iter());
    let (proof, root, forged) = (tree.prove_rows(&[2, 5]), tree.root(), leaf(1 << 40));
    for rows in [
        vec![(2, forged), (2, leaf(2)), (5, leaf(5))],
        vec![(2, leaf(2)), (2, forged), (5, leaf(5))],
        vec![(2, leaf(2)), (5, forged), (5, leaf(5))],
        vec![(5, leaf(5)), (2, leaf(2))],
    ] {
        assert!(!verify_rows(&rows, 8, &proof, &root));
    }
    assert!(verify_rows(&[(2, leaf(2)), (5, leaf(5))], 8, &proof, &root));
    // An inner node is not a row: another depth is another number of hashes.
    let inner = node_hash(&leaf(2), &leaf(3));
    assert!(!verify_rows(&[(1, inner)], 8, &tree.prove_rows(&[2])[1..], &root));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 2_000 } else { 100 }))]

    #[test]
    fn u12_random_sets_of_large_trees(total in 1_u64..1_500, picks in proptest::collection::btree_set(any::<u64>(), 1..40)) {
        let mut positions: Vec<usize> = picks.into_iter().map(|p| (p % total) as usize).collect();
        positions.sort_unstable();
        positions.dedup();
        check(&positions, total);
    }

    #[test]
    fn u12_verify_rows_is_total(
        rows in proptest::collection::vec(any::<u64>(), 0..20), total in any::<u64>(), n in 0_u64..100
    ) {
        let mut rows: Vec<(u64, Hash)> = rows.into_iter().map(|at| (at, leaf(at))).collect();
        prop_assert!(!verify_rows(&rows, total, &leaves(n), &leaf(1 << 41)));
        rows.sort_unstable();
        prop_assert!(!verify_rows(&rows, u64::MAX, &leaves(n), &leaf(1 << 41)));
    }
}
