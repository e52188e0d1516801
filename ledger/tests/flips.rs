//! Every single-bit flip of a bundle, a proof file and a checkpoint: none yields "holds".
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::{Ask, verify};
use ledger::checkpoint::SignedCheckpoint;
use ledger::merkle::prove_inclusion;
use ledger::policy::Policy;
use ledger::proof::TlogProof;
use ledger::verdict::Level;
use support::*;

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[bit / 8] ^= 1 << (bit % 8);
    out
}

/// The bits to be flipped: all in the long run, every seventh in the short one.
fn bits(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let step = if long() { 1 } else { 7 };
    (0..bytes.len() * 8).step_by(step)
}

/// Where the signature lines of cosigners stand: C-04 lets anyone change or add lines that no known key signed, and a
/// spoiled cosignature becomes such a line, or is one vote less (W-05). These bytes alone are excepted, and only where
/// the policy does without them.
fn cosigner_lines(bytes: &[u8]) -> std::ops::Range<usize> {
    let text = String::from_utf8_lossy(bytes);
    let start = text.find("— witness").unwrap_or(bytes.len());
    let end = text[start..].find("\n\n").map_or(bytes.len(), |at| start + at);
    start..end
}

/// B-24: a small bundle without witnesses, whole, with an extension: no exception at all.
#[test]
fn no_flipped_bundle_holds() {
    let world = World::demo();
    let memory = world.head(UNIT);
    let bytes = world.bundle(UNIT, 3, Some(14)).encode();
    let ask = Ask { memory: Some(memory), unit: Some(unit(UNIT)), ..world.ask() };
    assert!(verify(&bytes, &ask).verdict.code.holds());
    for bit in bits(&bytes) {
        let outcome = verify(&flipped(&bytes, bit), &ask);
        assert!(!outcome.verdict.code.holds(), "bit {bit}: {}", outcome.verdict.code);
        assert_ne!(outcome.verdict.code.level(), Level::Red, "bit {bit} convicts an honest ledger");
    }
}

/// The same with cosignatures: a flip in a needed one takes the quorum away, never more than that.
#[test]
fn no_flipped_cosigned_bundle_is_more_than_it_was() {
    let mut world = World::witnessed();
    world.sign(&[(0, NOW), (2, NOW)]);
    let bytes = world.bundle(UNIT, 4, None).encode();
    let good = verify(&bytes, &world.ask()).verdict.code;
    assert_eq!(good, ledger::verdict::Code::OkFirstVisit);
    let excepted = cosigner_lines(&bytes);
    for bit in bits(&bytes) {
        let code = verify(&flipped(&bytes, bit), &world.ask()).verdict.code;
        assert!(code != good, "bit {bit}");
        if !excepted.contains(&(bit / 8)) {
            assert!(!code.holds(), "bit {bit}: {code}");
        }
    }
}

/// P-02: a proof file, checked as the verifier does: leaf out of `extra`, log key known.
#[test]
fn no_flipped_proof_file_holds() {
    let world = World::demo();
    let leaf = world.shelf.leaves[9].clone();
    let path = prove_inclusion(&world.shelf, 9, 14).unwrap();
    let proof =
        TlogProof { extra: Some(leaf.clone()), index: 9, path, checkpoint: world.shelf.checkpoint.clone() };
    let holds = |bytes: &[u8]| {
        let proof = TlogProof::parse(bytes).ok()?;
        let signed = proof.verify(proof.extra.as_deref()?).ok()?;
        signed.verify_log(&world.log.vkey).ok()
    };
    let bytes = proof.encode();
    assert!(holds(&bytes).is_some());
    for bit in bits(&bytes) {
        assert!(holds(&flipped(&bytes, bit)).is_none(), "bit {bit}");
    }
}

/// C-01 to C-04: a cosigned checkpoint under a policy that needs its only witness.
#[test]
fn no_flipped_checkpoint_holds() {
    let mut world = World::demo();
    world.sign(&[(0, NOW)]);
    let policy = Policy::parse(&format!("witness w {}\nquorum w\n", world.witnesses[0].vkey)).unwrap();
    let bytes = world.shelf.checkpoint.clone();
    let state = |bytes: &[u8]| {
        let Ok(signed) = SignedCheckpoint::parse(bytes) else { return (false, false) };
        (signed.verify_log(&world.log.vkey).is_ok(), policy.evaluate(&signed).met)
    };
    assert_eq!(state(&bytes), (true, true));
    let excepted = cosigner_lines(&bytes);
    for bit in 0..bytes.len() * 8 {
        let (log, met) = state(&flipped(&bytes, bit));
        assert!(!(log && met), "bit {bit}");
        assert!(
            !log || excepted.contains(&(bit / 8)),
            "bit {bit}: only cosigners' lines may change under the log's signature"
        );
    }
}
