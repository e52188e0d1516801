//! Receipts for one QR code (section 2.10, R-01 to R-04).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::checkpoint::Checkpoint;
use ledger::compact::{CompactError, MAX_COMPACT, QR_BYTES, decode, encode, trim};
use ledger::leaf::MAX_LEAF;
use ledger::merkle::{prove_inclusion, root_of};
use ledger::note::{MAX_SIGNATURES, Signature, assemble};
use ledger::policy::{MAX_NAMES, Policy};
use ledger::proof::{MAX_PATH, TlogProof};
use proptest::prelude::*;
use support::lazy::SparseTree;
use support::*;

fn witness(i: u8) -> Key {
    Key::cosigner(&format!("witness{i}.example/w"), 50 + i)
}

/// Any one of `n` witnesses.
fn policy(n: u8) -> Policy {
    let lines = (0..n).map(|i| format!("witness w{i} {}\n", witness(i).vkey));
    Policy::parse(&format!("{}quorum w0\n", lines.collect::<String>())).unwrap()
}

fn log() -> Key {
    Key::note(ORIGIN, 1)
}

/// The proof of the leaf at `index` in a log of `size` leaves, cosigned by these witnesses.
fn proof(index: u64, size: u64, by: &[u8]) -> TlogProof {
    let tree = SparseTree::new([index]);
    let text = Checkpoint { origin: ORIGIN.into(), size, root: root_of(&tree, size).unwrap() }.text();
    let cosigned = by.iter().map(|i| witness(*i).cosign(NOW + u64::from(*i), &text));
    let lines: Vec<Signature> = [log().sign(&text)].into_iter().chain(cosigned).collect();
    TlogProof {
        extra: Some(index.to_be_bytes().to_vec()),
        index,
        path: prove_inclusion(&tree, index, size).unwrap(),
        checkpoint: assemble(&text, &lines).into_bytes(),
    }
}

fn there_and_back(proof: &TlogProof, policy: &Policy) -> Vec<u8> {
    let bytes = encode(proof, &log().vkey, policy).unwrap();
    let back = decode(&bytes, proof.extra.as_ref().unwrap(), &log().vkey, policy).unwrap();
    assert_eq!(back.encode(), proof.encode(), "byte by byte");
    bytes
}

#[test]
fn r01_r02_both_ways_at_every_place() {
    let policy = policy(3);
    for size in 1..=33 {
        for index in 0..size {
            let file = proof(index, size, &[2, 0]);
            let bytes = there_and_back(&file, &policy);
            assert_eq!(bytes.len(), 81 + 32 * file.path.len() + 2 * 73);
        }
    }
    for (index, size) in [(0, 1 << 20), ((1 << 20) - 1, 1 << 20), (1 << 52, (1 << 53) - 1)] {
        there_and_back(&proof(index, size, &[]), &policy);
    }
    // Of a real ledger, which has an entry where the other tree has a number.
    let world = World::witnessed();
    let (index, size) = (world.shelf.lines[&unit(UNIT)][1].0.index, world.shelf.leaves.len() as u64);
    let file = TlogProof {
        extra: Some(world.shelf.leaves[index as usize].clone()),
        index,
        path: prove_inclusion(&world.shelf, index, size).unwrap(),
        checkpoint: world.shelf.checkpoint.clone(),
    };
    there_and_back(&file, &policy);
}

/// Of the 1,588 codewords of version 25, level M keeps 21 blocks of 28 for errors; mode and length take 20 bits.
#[test]
fn r04_three_witnesses_at_depth_20_fit_one_code() {
    assert_eq!(QR_BYTES, ((1_588 - 21 * 28) * 8 - 4 - 16) / 8);
    let bytes = there_and_back(&proof(700_001, 1 << 20, &[0, 1, 2]), &policy(3));
    assert_eq!(bytes.len(), 940);
    let code = |bytes: &[u8]| {
        use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};
        let v25 = Version::new(25);
        let segments = [QrSegment::make_bytes(bytes)];
        QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, v25, v25, None, false)
    };
    assert!(code(&bytes).is_ok());
    assert!(code(&[0; QR_BYTES]).is_ok() && code(&[0; QR_BYTES + 1]).is_err());
}

#[test]
fn r02_what_would_not_come_back_is_refused() {
    let (log, policy) = (log(), policy(3));
    let good = proof(5, 14, &[0, 1]);
    let refused = |file: &TlogProof| encode(file, &log.vkey, &policy).unwrap_err();
    let text = String::from_utf8(good.checkpoint.clone()).unwrap();
    let (body, lines) = text.split_once("\n\n").unwrap();
    let lines: Vec<&str> = lines.split_inclusive('\n').collect();
    let with = |order: &[&str]| TlogProof {
        checkpoint: format!("{body}\n\n{}", order.concat()).into_bytes(),
        ..good.clone()
    };
    let body = format!("{body}\n");
    let (stranger, false_one) = (witness(9).cosign(NOW, &body).line(), witness(2).cosign(NOW, "x").line());
    assert!(matches!(refused(&with(&[lines[1], lines[0]])), CompactError::Line));
    assert!(matches!(refused(&with(&[lines[0], &stranger])), CompactError::Line));
    assert!(matches!(refused(&with(&[lines[0], lines[1], lines[1]])), CompactError::Form(_)));
    assert!(matches!(refused(&with(&[lines[0], &false_one])), CompactError::Signature(_)));
    assert!(matches!(refused(&with(&[&log.sign("x").line()])), CompactError::Proof(_)));
    assert!(matches!(refused(&TlogProof { extra: None, ..good.clone() }), CompactError::Form(_)));
    let other_leaf = TlogProof { extra: Some(b"other".to_vec()), ..good.clone() };
    assert!(matches!(refused(&other_leaf), CompactError::Proof(_)));
    assert!(encode(&good, &witness(0).vkey, &policy).is_err());
    // Trimmed, all of it can be carried.
    let later = witness(1).cosign(NOW + 9, &body).line();
    let everything = with(&[&stranger, lines[1], lines[2], &later, &false_one, lines[0], lines[0]]);
    let trimmed = trim(&everything, &log.vkey, &policy).unwrap();
    assert_eq!(trimmed, with(&[lines[0], lines[1], &later]));
    there_and_back(&trimmed, &policy);
    assert!(trim(&with(&[&stranger]), &log.vkey, &policy).is_err());
}

#[test]
fn r03_lengths_places_and_versions() {
    let (log, policy) = (log(), policy(3));
    let file = proof(5, 14, &[0, 1]);
    let bytes = encode(&file, &log.vkey, &policy).unwrap();
    let leaf = file.extra.clone().unwrap();
    let read = |bytes: &[u8]| decode(bytes, &leaf, &log.vkey, &policy);
    for length in 0..bytes.len() {
        // Cut behind a cosignature it is another receipt, that of a proof with fewer lines.
        let whole = length >= 81 + 4 * 32 && (length - 81 - 4 * 32).is_multiple_of(73);
        assert_eq!(read(&bytes[..length]).is_ok(), whole, "{length}");
    }
    assert!(read(&[&bytes[..], &[0]].concat()).is_err());
    let place = 81 + 4 * 32;
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        read(&bytes).unwrap_err()
    };
    assert!(matches!(changed(0, 0), CompactError::Form(_)));
    assert!(matches!(changed(0, 2), CompactError::Form(_)));
    assert!(matches!(changed(8, 14), CompactError::Form(_)), "index = size");
    assert!(matches!(changed(9, 1), CompactError::Form(_)), "a size over 2^53 - 1");
    assert!(matches!(changed(place, 3), CompactError::Line));
    assert!(matches!(changed(place, 2), CompactError::Signature(_)));
    let twice = [&bytes[..place + 73], &bytes[place..place + 73]].concat();
    assert!(matches!(read(&twice), Err(CompactError::Form(_))));
    assert!(decode(&bytes, b"another leaf", &log.vkey, &policy).is_err());
    assert!(decode(&bytes, &leaf, &Key::note(ORIGIN, 2).vkey, &policy).is_err());
    assert!(decode(&bytes, &leaf, &Key::note("other.example/ledger", 1).vkey, &policy).is_err());
    assert!(decode(&bytes, &leaf, &log.vkey, &self::policy(1)).is_err());
}

#[test]
fn r03_limits_come_first() {
    let (log, all) = (log(), policy(2 * MAX_NAMES as u8 - 1));
    let most: Vec<u8> = (0..MAX_SIGNATURES as u8 - 1).collect();
    let file = proof(1 << 52, (1 << 53) - 1, &most);
    let bytes = there_and_back(&file, &all);
    // No path has MAX_PATH hashes: sizes end at 2^53 - 1.
    assert_eq!(bytes.len(), MAX_COMPACT - (MAX_PATH - file.path.len()) * 32);
    let read = |bytes: &[u8], leaf: &[u8]| decode(bytes, leaf, &log.vkey, &all).unwrap_err();
    assert_ne!(read(&[1; MAX_COMPACT], b""), CompactError::TooLong);
    assert_eq!(read(&[1; MAX_COMPACT + 1], b""), CompactError::TooLong);
    assert_ne!(read(&bytes, &[0; MAX_LEAF]), CompactError::TooLong);
    assert_eq!(read(&bytes, &[0; MAX_LEAF + 1]), CompactError::TooLong);
}

/// No bit of a receipt can change: what is decoded verifies.
#[test]
fn r03_every_flipped_bit_is_refused() {
    let (log, policy) = (log(), policy(3));
    let file = proof(5, 14, &[0, 2]);
    let bytes = encode(&file, &log.vkey, &policy).unwrap();
    let leaf = file.extra.unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&flipped, &leaf, &log.vkey, &policy).is_err(), "bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn r02_any_receipt_comes_back(index in 0_u64..5_000, more in 1_u64..5_000, by in prop::sample::subsequence(vec![0, 1, 2, 3], 0..=4)) {
        there_and_back(&proof(index, index + more, &by), &policy(4));
    }

    #[test]
    fn r03_any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..1_200), leaf in prop::collection::vec(any::<u8>(), 0..40)) {
        let started = [&[1][..], &[0; 15], &bytes].concat();
        for bytes in [&bytes, &started] {
            prop_assert!(decode(bytes, &leaf, &log().vkey, &policy(3)).is_err());
        }
    }
}
