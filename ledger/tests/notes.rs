//! Notes, keys, checkpoints, cosignatures and proof files (N, C, P, K-03).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::checkpoint::{Checkpoint, CheckpointError, MAX_CHECKPOINT, SignedCheckpoint};
use ledger::cosignature;
use ledger::hash::Hash;
use ledger::merkle::prove_inclusion;
use ledger::note::{MAX_SIGNATURES, Note, NoteError, Signature, VerifierKey, assemble};
use ledger::proof::{MAX_PATH, MAX_PROOF, TlogProof, TlogProofError};
use proptest::prelude::*;
use support::*;

fn line() -> String {
    Key::note("a", 1).sign("text\n").line()
}

#[test]
fn n01_a_note_is_text_an_empty_line_and_signature_lines() {
    let line = line();
    let note = format!("text\n\nmore\n\n{line}{line}");
    let parsed = Note::parse(note.as_bytes()).unwrap();
    assert_eq!((parsed.text, parsed.signatures.len()), ("text\n\nmore\n", 2));
    assert_eq!(assemble(parsed.text, &parsed.signatures), note);
    for (bad, why) in [
        (String::new(), NoteError::Shape),
        ("text\n".into(), NoteError::Shape),
        (format!("text\n{line}"), NoteError::Shape),
        (format!("text\n\n{}", line.trim_end()), NoteError::Shape),
        (format!("text\n\n{line}\n"), NoteError::Shape),
        (format!("text\n\n{line}more\n"), NoteError::SignatureLine),
        ("text\n\n\n".into(), NoteError::Shape),
        (format!("te\rxt\n\n{line}"), NoteError::Characters),
        (format!("te\txt\n\n{line}"), NoteError::Characters),
        (format!("te\0xt\n\n{line}"), NoteError::Characters),
    ] {
        assert_eq!(Note::parse(bad.as_bytes()), Err(why), "{bad:?}");
    }
    assert_eq!(Note::parse(b"te\xFFxt\n\n"), Err(NoteError::Characters));
}

#[test]
fn n01_at_most_64_signature_lines() {
    let note = |n: usize| format!("text\n\n{}", line().repeat(n));
    assert!(Note::parse(note(MAX_SIGNATURES).as_bytes()).is_ok());
    assert_eq!(Note::parse(note(MAX_SIGNATURES + 1).as_bytes()), Err(NoteError::TooManySignatures));
}

#[test]
fn n02_signature_lines() {
    let good = line();
    assert_eq!(Signature::parse(good.trim_end()).unwrap().line(), good);
    let base64 = good.trim_end().rsplit(' ').next().unwrap();
    let packed = STANDARD.encode([1, 2, 3, 4]);
    for bad in [
        format!("- a {base64}"),
        format!("—a {base64}"),
        format!("—  {base64}"),
        format!("— a  {base64}"),
        format!("— a+b {base64}"),
        format!("— a\u{3000}b {base64}"),
        format!("— a {base64} "),
        format!("— a {}", base64.trim_end_matches('=')),
        format!("— a {packed}"),
        "— a ".into(),
        "— a".into(),
        String::new(),
    ] {
        assert_eq!(Signature::parse(&bad), Err(NoteError::SignatureLine), "{bad}");
    }
}

#[test]
fn n03_verifier_keys() {
    let key = Key::note("mazhang.example/ledger", 1).vkey;
    let text = key.to_string();
    assert_eq!(VerifierKey::parse(&text), Ok(key.clone()));
    let (head, packed) = text.rsplit_once('+').unwrap();
    let (name, id) = head.rsplit_once('+').unwrap();
    let of_type = |kind: u8| {
        let mut bytes = vec![kind];
        bytes.extend_from_slice(key.key());
        format!("{name}+{id}+{}", STANDARD.encode(bytes))
    };
    for kind in [0, 2, 3, 5, 6, 0xFF] {
        assert_eq!(VerifierKey::parse(&of_type(kind)), Err(NoteError::UnknownType), "{kind}");
    }
    assert_eq!(VerifierKey::parse(&of_type(4)), Err(NoteError::Key), "the id is of type and key");
    for bad in [
        format!("other+{id}+{packed}"),
        format!("{name}+00000000+{packed}"),
        format!("{name}+{}+{packed}", id.to_uppercase()),
        format!("{name}+{id}+{}", &packed[..packed.len() - 4]),
        format!("{name}+{id}+"),
        format!("{name}+{id}"),
        format!("+{id}+{packed}"),
        String::new(),
    ] {
        assert!(VerifierKey::parse(&bad).is_err(), "{bad}");
    }
    assert_ne!(
        VerifierKey::ed25519("a", &[1; 32]).map(|k| k.id()),
        VerifierKey::cosigner("a", &[1; 32]).map(|k| k.id())
    );
}

/// N-04, K-03: small-order keys are seen, and their all-covering signatures do not verify.
#[test]
fn n04_verification_is_strict() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = VerifierKey::ed25519("weak", &identity).unwrap();
    assert!(weak.is_weak());
    // R = identity, S = 0 satisfies the equation for every text under the identity as key.
    let mut bytes = identity.to_vec();
    bytes.extend_from_slice(&[0; 32]);
    let line = Signature { name: "weak".into(), id: weak.id(), bytes };
    assert_eq!(weak.verify(b"anything\n", &line), Err(NoteError::Signature));

    let key = Key::note("a", 1);
    assert!(!key.vkey.is_weak());
    let good = key.sign("text\n");
    assert_eq!(key.vkey.verify(b"text\n", &good), Ok(()));
    // S + L is the same scalar in another spelling.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let (mut spelled, mut carry) = (good.clone(), 0_u16);
    for (at, l) in order.iter().enumerate() {
        carry += u16::from(spelled.bytes[32 + at]) + u16::from(*l);
        spelled.bytes[32 + at] = carry as u8;
        carry >>= 8;
    }
    assert_eq!(key.vkey.verify(b"text\n", &spelled), Err(NoteError::Signature));
    for bit in 0..good.bytes.len() * 8 {
        let mut bad = good.clone();
        bad.bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(key.vkey.verify(b"text\n", &bad).is_err());
    }
}

#[test]
fn n05_a_line_belongs_to_a_key_by_name_and_id() {
    let key = Key::note("a", 1);
    let good = key.sign("text\n");
    let named = Signature { name: "b".into(), ..good.clone() };
    let other = Signature { id: good.id ^ 1, ..good.clone() };
    for line in [named, other] {
        assert_eq!(key.vkey.verify(b"text\n", &line), Err(NoteError::UnknownKey));
    }
    assert_eq!(key.vkey.verify(b"other\n", &good), Err(NoteError::Signature));
    let short = Signature { bytes: good.bytes[..63].to_vec(), ..good };
    assert_eq!(key.vkey.verify(b"text\n", &short), Err(NoteError::Signature));
}

#[test]
fn c01_c02_a_checkpoint_is_three_lines() {
    let good = Checkpoint { origin: ORIGIN.into(), size: 7, root: Hash::EMPTY };
    let text = good.text();
    assert_eq!(Checkpoint::parse(&text), Ok(good));
    let root = Hash::EMPTY.to_base64();
    for bad in [
        format!("{ORIGIN}\n7\n{root}"),
        format!("{ORIGIN}\n7\n{root}\n\n"),
        format!("{ORIGIN}\n7\n{root}\nextension\n"),
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n+7\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n-1\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("\n7\n{root}\n"),
        format!("{ORIGIN}\n7\n{}\n", &root[..43]),
        format!("{ORIGIN}\n7\n"),
        String::new(),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(CheckpointError::Text), "{bad:?}");
    }
    assert_eq!(
        Checkpoint::parse(&format!("{ORIGIN}\n18446744073709551615\n{root}\n")).unwrap().size,
        u64::MAX
    );
}

#[test]
fn c03_c04_who_signed_a_checkpoint() {
    let world = World::demo();
    let (text, log) = (world.checkpoint_text(), &world.log);
    let parse = |lines: &[Signature]| SignedCheckpoint::parse(assemble(&text, lines).as_bytes()).unwrap();
    assert_eq!(parse(&[log.sign(&text)]).verify_log(&log.vkey), Ok(()));
    let stranger = Key::note("stranger.example/x", 77).sign(&text);
    assert_eq!(parse(&[stranger.clone(), log.sign(&text)]).verify_log(&log.vkey), Ok(()), "C-04");
    let unknown = Err(CheckpointError::Note(NoteError::UnknownKey));
    assert_eq!(parse(&[stranger]).verify_log(&log.vkey), unknown);
    assert_eq!(
        parse(&[world.town.sign(&text)]).verify_log(&world.town.vkey),
        unknown,
        "its name is not the origin"
    );
    let other = Key::note(ORIGIN, 2);
    assert_eq!(parse(&[other.sign(&text)]).verify_log(&log.vkey), unknown);
    let mut bad = log.sign(&text);
    bad.bytes[0] ^= 1;
    let spoiled = parse(&[bad, log.sign(&text)]);
    assert_eq!(
        spoiled.verify_log(&log.vkey),
        Err(CheckpointError::Note(NoteError::Signature)),
        "the first line counts"
    );
}

#[test]
fn c03_a_checkpoint_has_at_most_65536_bytes() {
    let world = World::demo();
    let text = world.checkpoint_text();
    let mut padding = Signature { name: "x".into(), id: 1, bytes: vec![0; 48_000] };
    let mut sized = |want: usize| {
        for name in 0..3_000 {
            padding.name = "x".repeat(name + 1);
            let note = assemble(&text, &[world.log.sign(&text), padding.clone()]);
            if note.len() == want {
                return note.into_bytes();
            }
        }
        panic!("no note of {want} bytes");
    };
    assert!(SignedCheckpoint::parse(&sized(MAX_CHECKPOINT)).is_ok());
    assert_eq!(SignedCheckpoint::parse(&sized(MAX_CHECKPOINT + 1)), Err(CheckpointError::TooLong));
}

#[test]
fn c05_c06_c07_cosignatures() {
    let world = World::demo();
    let (text, witness) = (world.checkpoint_text(), &world.witnesses[0]);
    let good = witness.cosign(NOW, &text);
    assert_eq!(good.bytes.len(), 72);
    assert_eq!(good.bytes[..8], NOW.to_be_bytes());
    assert_eq!(cosignature::message(NOW, &text), format!("cosignature/v1\ntime {NOW}\n{text}"));
    assert_eq!(cosignature::verify(&witness.vkey, &text, &good), Ok(NOW));
    let verify = |line: &Signature| cosignature::verify(&witness.vkey, &text, line);
    for time in [0, i64::MAX as u64] {
        assert_eq!(verify(&witness.cosign(time, &text)), Ok(time));
    }
    assert_eq!(verify(&witness.cosign(1 << 63, &text)), Err(NoteError::Signature), "C-06");
    let mut later = good.clone();
    later.bytes[7] ^= 1;
    assert_eq!(verify(&later), Err(NoteError::Signature), "the time is signed");
    for bytes in [&good.bytes[..71], &good.bytes[..64], &good.bytes[..8], &good.bytes[..7]] {
        assert_eq!(verify(&Signature { bytes: bytes.to_vec(), ..good.clone() }), Err(NoteError::Signature));
    }
    // C-07: the same secret under the other type is another key and never counts.
    let as_note = Key::note(witness.name(), 50);
    assert_eq!(
        cosignature::verify(&as_note.vkey, &text, &as_note.cosign(NOW, &text)),
        Err(NoteError::UnknownKey)
    );
    assert_eq!(witness.vkey.verify(text.as_bytes(), &witness.sign(&text)), Err(NoteError::UnknownKey));
}

fn proof(world: &World, index: u64) -> TlogProof {
    let leaf = world.shelf.leaves[index as usize].clone();
    let path = prove_inclusion(&world.shelf, index, world.shelf.leaves.len() as u64).unwrap();
    TlogProof { extra: Some(leaf), index, path, checkpoint: world.shelf.checkpoint.clone() }
}

#[test]
fn p01_p02_proof_files_of_every_leaf() {
    let world = World::demo();
    for index in 0..world.shelf.leaves.len() as u64 {
        let proof = proof(&world, index);
        let read = TlogProof::parse(&proof.encode()).unwrap();
        assert_eq!(read, proof);
        let leaf = read.extra.clone().unwrap();
        let signed = read.verify(&leaf).unwrap();
        assert_eq!(signed.verify_log(&world.log.vkey), Ok(()));
        assert!(read.verify(b"another leaf").is_err());
        let moved = TlogProof { index: index + 1, ..read };
        assert!(matches!(moved.verify(&leaf), Err(TlogProofError::Inclusion(_))));
    }
}

#[test]
fn p01_other_spellings_are_no_proof_files() {
    let world = World::demo();
    let good = String::from_utf8(proof(&world, 9).encode()).unwrap();
    let without_extra = TlogProof { extra: None, ..proof(&world, 9) };
    assert_eq!(TlogProof::parse(&without_extra.encode()).unwrap(), without_extra);
    for (from, to) in [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 9", "index 09"),
        ("index 9", "index -9"),
        ("index 9", "index "),
        ("index 9\n", ""),
        ("index 9\n", "index 9\nindex 9\n"),
        ("index 9\n", "index 9\n\n"),
        ("extra ", "extra  "),
        ("extra ", "extra !"),
        ("extra ", "other "),
        ("=\n\nmazhang", "=\nmazhang"),
    ] {
        assert!(good.contains(from));
        let bad = good.replacen(from, to, 1);
        let holds = TlogProof::parse(bad.as_bytes()).is_ok_and(|p| p.verify(&world.shelf.leaves[9]).is_ok());
        assert!(!holds, "{from:?} as {to:?}");
    }
    assert!(TlogProof::parse(&good.as_bytes()[1..]).is_err());
}

#[test]
fn p03_limits_of_proof_files() {
    let world = World::demo();
    let with_path = |n: usize| TlogProof { path: vec![Hash::EMPTY; n], ..proof(&world, 9) };
    assert!(TlogProof::parse(&with_path(MAX_PATH).encode()).is_ok());
    assert!(matches!(TlogProof::parse(&with_path(MAX_PATH + 1).encode()), Err(TlogProofError::Form(_))));
    assert_eq!(MAX_PROOF, 156_820);
    let mut file = proof(&world, 9).encode();
    file.resize(MAX_PROOF, b'x');
    assert!(TlogProof::parse(&file).is_ok());
    file.push(b'x');
    assert_eq!(TlogProof::parse(&file), Err(TlogProofError::TooLong));
}

proptest! {
    #[test]
    fn n01_readers_of_bytes_are_total(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = (Note::parse(bytes).is_ok(), SignedCheckpoint::parse(bytes).is_ok(), TlogProof::parse(bytes).is_ok());
        }
        let _ = (VerifierKey::parse(&text).is_ok(), Signature::parse(&text).is_ok(), Checkpoint::parse(&text).is_ok());
    }
}
