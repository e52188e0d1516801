//! Against independent implementations: ct-merkle and signed_note.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{
    MemoryTree, prove_consistency, prove_inclusion, root_of, verify_consistency, verify_inclusion,
};
use ledger::note::{self, Note, VerifierKey};
use sha2::Sha256;
use signed_note::Verifiers as _;
use support::*;

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|h| *h.as_bytes()).collect()
}

/// L-02, L-04, L-05: the same roots and the same proofs, byte by byte, and each verifier takes the other's.
#[test]
fn ct_merkle_makes_the_same_roots_and_proofs() {
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut ours = MemoryTree::default();
    let mut roots: Vec<(Hash, RootHash<Sha256>)> = Vec::new();
    for size in 1..=80_u64 {
        let data = format!("leaf {size}").into_bytes();
        ours.append(leaf_hash(&data));
        theirs.push(data);
        let root = root_of(&ours, size).unwrap();
        assert_eq!(theirs.root().as_bytes().as_slice(), root.as_bytes());
        for index in 0..size {
            let path = prove_inclusion(&ours, index, size).unwrap();
            let proof = theirs.prove_inclusion(index as usize);
            assert_eq!(proof.as_bytes(), bytes(&path));
            let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(&path)).unwrap();
            let data = format!("leaf {}", index + 1).into_bytes();
            assert!(theirs.root().verify_inclusion(&data, index, &proof).is_ok());
            assert!(verify_inclusion(&leaf_hash(&data), index, size, &path, &root).is_ok());
        }
        roots.push((root, theirs.root()));
        for old in 1..=size {
            let proof = prove_consistency(&ours, old, size).unwrap();
            assert_eq!(theirs.prove_consistency((size - old) as usize).as_bytes(), bytes(&proof));
            let (old_root, their_old) = &roots[old as usize - 1];
            assert!(verify_consistency(old, size, old_root, &root, &proof).is_ok());
            let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
            assert!(theirs.root().verify_consistency(their_old, &proof).is_ok());
        }
    }
}

fn agree(bytes: &[u8], keys: &[&Key]) {
    let ours = Note::parse(bytes);
    let theirs = signed_note::Note::from_bytes(bytes);
    let Ok(ours) = ours else { return assert!(theirs.is_err(), "{}", String::from_utf8_lossy(bytes)) };
    let verifiers = keys.iter().map(|k| {
        let v = signed_note::StandardVerifier::new(&k.vkey.to_string()).unwrap();
        Box::new(v) as Box<dyn signed_note::Verifier>
    });
    let list = signed_note::VerifierList::new(verifiers.collect());
    let theirs = theirs.unwrap();
    assert_eq!(theirs.text(), ours.text.as_bytes());
    for key in keys {
        assert!(list.verifier(key.name(), key.vkey.id()).is_ok());
    }
    // They fail on the first bad signature of a known key; we say it line by line.
    let verified = theirs.verify(&list).map(|(good, _)| good.len());
    let lines = ours.signatures.iter().filter(|s| keys.iter().any(|k| k.vkey.claims(s)));
    let results: Vec<bool> =
        lines.map(|s| keys.iter().any(|k| k.vkey.verify(ours.text.as_bytes(), s).is_ok())).collect();
    match verified {
        Ok(good) => assert!(good > 0 && results.iter().filter(|r| **r).count() == good),
        Err(_) => assert!(results.is_empty() || results.contains(&false)),
    }
}

/// N-01 to N-05: notes of one kind of bytes are notes of the other, and verify alike.
#[test]
fn signed_note_reads_and_verifies_the_same_notes() {
    let world = World::demo();
    let keys = [&world.log, &world.town, &world.authority[0]];
    for leaf in &world.shelf.leaves {
        agree(leaf, &keys);
    }
    agree(&world.shelf.checkpoint, &keys);
    let good = world.shelf.checkpoint.clone();
    let step = if long() { 1 } else { 3 };
    for bit in (0..good.len() * 8).step_by(step) {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        agree(&bad, &keys);
    }
    for cut in 0..good.len() {
        agree(&good[..cut], &keys);
    }
    let text = world.checkpoint_text();
    let unsigned = note::assemble(&text, &[]);
    agree(unsigned.as_bytes(), &keys);
    let twice = note::assemble(&text, &[world.log.sign(&text), world.town.sign(&text)]);
    agree(twice.as_bytes(), &keys);
}

/// N-03: the same key ids and verifier keys.
#[test]
fn signed_note_computes_the_same_key_ids() {
    for seed in 1..60 {
        let key = Key::note(&format!("k{seed}.example/x"), seed);
        let mut packed = vec![1];
        packed.extend_from_slice(key.vkey.key());
        assert_eq!(signed_note::key_id(key.name(), &packed), key.vkey.id());
        let text = key.vkey.to_string();
        assert_eq!(VerifierKey::parse(&text), Ok(key.vkey.clone()));
        assert!(signed_note::StandardVerifier::new(&text).is_ok());
        for bit in 0..text.len() * 8 {
            let mut bad = text.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let Ok(bad) = String::from_utf8(bad) else { continue };
            let (ours, theirs) = (VerifierKey::parse(&bad), signed_note::StandardVerifier::new(&bad));
            // They read upper-case key ids too; we have one spelling.
            let upper = bad.split('+').nth(1).is_some_and(|id| id.bytes().any(|b| b.is_ascii_uppercase()));
            assert_eq!(ours.is_ok(), theirs.is_ok() && !upper, "{bad}");
        }
    }
}
