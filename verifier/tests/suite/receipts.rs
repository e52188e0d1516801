//! Receipts: one entry's inclusion, offline (P-01 to P-03).

use crate::support::{Folder, Run, flipped};
use crate::world::*;
use ledger::merkle::prove_inclusion;
use ledger::note;
use ledger::proof::TlogProof;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The receipt of a leaf under the newest head.
fn proof(world: &World, index: u64) -> TlogProof {
    TlogProof {
        extra: Some(world.shelf.leaves[index as usize].clone()),
        index,
        path: prove_inclusion(&world.shelf.tree, index, world.shelf.leaves.len() as u64).unwrap(),
        checkpoint: world.shelf.checkpoint.clone(),
    }
}

fn refused(run: &Run) {
    assert_eq!(run.code, 1, "{run:?}");
    let json = run.json();
    assert_eq!(json["verdict"], "CANNOT_SHOW", "a file handed in convicts nobody");
    assert!(json["what"].as_str().is_some_and(|what| !what.is_empty()));
}

#[test]
fn a_good_receipt_holds_and_says_what_it_does_not_show() {
    let world = World::demo();
    let folder = Folder::of(&world);
    for index in [2, 8, 9, 11, 12] {
        let run = folder.check(&proof(&world, index).encode());
        let json = run.json();
        assert_eq!((run.code, json["verdict"].as_str()), (0, Some("OK_UNWITNESSED")), "{run:?}");
        assert_eq!(json["ledger"].as_str().unwrap(), world.ledger.as_str());
        assert!(json["not_checked"].as_array().unwrap().len() >= 3);
    }
    let (file, trust) = (folder.path("receipt.tlog-proof"), folder.path("trust.toml"));
    let said = crate::support::run(&["check", file.to_str().unwrap(), "--trust", trust.to_str().unwrap()]);
    assert_eq!(said.code, 0);
    assert!(
        said.out.contains("成立") && said.out.contains("没有查的") && said.out.contains(UNIT),
        "{}",
        said.out
    );
}

/// P-02: the bytes in `extra` are hashed; others than the log's do not fit, and nor does a receipt without them.
#[test]
fn a_receipt_with_another_leaf_index_or_path_does_not_verify() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let good = proof(&world, 9);
    let other = world.shelf.leaves[8].clone();
    let mut spoiled: Vec<TlogProof> =
        (0..14).filter(|i| *i != 9).map(|index| TlogProof { index, ..good.clone() }).collect();
    spoiled.push(TlogProof { extra: Some(other), ..good.clone() });
    spoiled.push(TlogProof { extra: None, ..good.clone() });
    spoiled.push(TlogProof { extra: Some(Vec::new()), ..good.clone() });
    spoiled.push(TlogProof { path: Vec::new(), ..good.clone() });
    spoiled.push(TlogProof { path: good.path[1..].to_vec(), ..good.clone() });
    spoiled.push(TlogProof { path: proof(&world, 8).path, ..good.clone() });
    spoiled.push(TlogProof { checkpoint: b"<html>\n\nnot found</html>\n".to_vec(), ..good.clone() });
    spoiled.push(TlogProof { checkpoint: Vec::new(), ..good.clone() });
    for bad in spoiled {
        refused(&folder.check(&bad.encode()));
    }
    assert!(folder.check(&good.encode()).holds());
    // Charter and index leaves are in the log, and are no entries.
    for index in [0, 1, 13] {
        refused(&folder.check(&proof(&world, index).encode()));
    }
}

/// Another ledger under the same keys, another log key, a leaf of another ledger in this log.
#[test]
fn a_receipt_of_another_ledger_or_log_key_does_not_verify() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let mut other = World::with(1, 2, &["quorum none".to_owned()]);
    other.enrol();
    let note = other.entry(UNIT, 1, "notice");
    other.take(vec![note.clone()], NOW);
    other.publish(NOW);
    refused(&folder.check(&proof(&other, 8).encode()));

    let text = world.checkpoint_text();
    for key in [
        Key::note(ORIGIN, 99),
        Key::note("other.example/ledger", 1),
        world.town.clone(),
        Key::cosigner(ORIGIN, 1),
    ] {
        let checkpoint = note::assemble(&text, &[key.sign(&text)]).into_bytes();
        refused(&folder.check(&TlogProof { checkpoint, ..proof(&world, 9) }.encode()));
    }

    let mut mixed = world;
    mixed.force(note);
    mixed.publish(NOW);
    refused(&folder.check(&proof(&mixed, 14).encode()));
}

/// W-05, B-24: what the cosignatures under a receipt make of it, and of a reader who asks for a replay.
#[test]
fn witnesses_count_by_the_trusted_policy() {
    let mut world = World::witnessed();
    let folder = Folder::of(&world);
    for (cosigners, verdict, replayed) in [
        (vec![], "OK_NOT_WITNESSED", 1),
        (vec![(0, NOW)], "OK_NOT_WITNESSED", 1),
        (vec![(0, NOW), (1, NOW)], "OK_NOT_REPLAYED", 1),
        (vec![(0, NOW), (2, NOW)], "OK_FIRST_VISIT", 0),
    ] {
        world.sign(&cosigners);
        let run = folder.check(&proof(&world, 9).encode());
        assert_eq!((run.code, run.json()["verdict"].as_str()), (0, Some(verdict)), "{run:?}");
        let (file, trust) = (folder.path("receipt.tlog-proof"), folder.path("trust.toml"));
        let (file, trust) = (file.to_str().unwrap(), trust.to_str().unwrap());
        let strict = crate::support::run(&["check", file, "--trust", trust, "--require-replay"]);
        assert_eq!(strict.code, replayed, "{verdict}: {strict:?}");
    }
}

/// P-03, P-01: files that are no receipts.
#[test]
fn files_that_are_no_receipts_do_not_verify() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let good = proof(&world, 9).encode();
    let crlf = String::from_utf8(good.clone()).unwrap().replace('\n', "\r\n");
    let many = TlogProof { path: vec![ledger::hash::Hash::EMPTY; 65], ..proof(&world, 9) }.encode();
    for bytes in [
        b"".as_slice(),
        b"<html>",
        &good[..good.len() / 2],
        &good[1..],
        crlf.as_bytes(),
        &many,
        &world.shelf.checkpoint,
    ] {
        refused(&folder.check(bytes));
    }
    // Far over every limit: not even read.
    assert_eq!(folder.check(&vec![b'a'; 2_000_000]).code, 2);
}

/// Every single-bit flip of a receipt never holds. Excepted are only the lines that C-04 makes a verifier ignore; this
/// receipt has none of them: its checkpoint carries the log's line alone.
#[test]
fn no_flipped_receipt_holds() {
    let world = World::demo();
    let bytes = proof(&world, 9).encode();
    flip_all(&world, &bytes, |_| false);
}

/// The same with a line of an unknown cosigner under the checkpoint: the bytes of that line are the exception.
#[test]
fn flips_in_an_unknown_cosigners_line_are_the_only_ones_that_may_hold() {
    let world = World::demo();
    let text = world.checkpoint_text();
    let cosigned = world.witnesses[0].cosign(NOW, &text);
    let start = cosigned.line().len();
    let checkpoint = note::assemble(&text, &[world.log.sign(&text), cosigned]).into_bytes();
    let bytes = TlogProof { checkpoint, ..proof(&world, 9) }.encode();
    let excepted = bytes.len() - start;
    flip_all(&world, &bytes, |byte| byte >= excepted);
}

/// Flips on both cores: all bits in the long run, every 13th in the short one.
fn flip_all(world: &World, bytes: &[u8], excepted: impl Fn(usize) -> bool + Sync) {
    let step = if long() { 1 } else { 13 };
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = Folder::of(world);
                assert!(folder.check(bytes).holds());
                loop {
                    let bit = next.fetch_add(step, Ordering::Relaxed);
                    if bit >= bytes.len() * 8 {
                        return;
                    }
                    let run = folder.check(&flipped(bytes, bit));
                    assert!(!run.holds() || excepted(bit / 8), "bit {bit}: {run:?}");
                    assert!(!run.out.contains("FAILED_"), "bit {bit} convicts: {run:?}");
                }
            });
        }
    });
}
