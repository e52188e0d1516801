//! What was remembered, and evidence (B-20 to B-22, V-01 to V-05).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use base64::Engine as _;
use ledger::bundle::{Ask, Bundle, Outcome, verify};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::sections::{SectionError, Writer};
use ledger::verdict::{Code, Level, Verdict};
use support::*;

fn again(world: &World, memory: &[u8], bundle: &Bundle) -> Outcome {
    verify(&bundle.encode(), &Ask { memory: Some(memory.to_vec()), ..world.ask() })
}

/// A ledger at 14 leaves, and the same grown in two ways by one log key.
fn fork() -> (World, World, World) {
    let trunk = World::demo();
    let (mut a, mut b) = (trunk.clone(), trunk.clone());
    let notes = [a.entry(UNIT, 5, "notice"), b.entry(UNIT, 5, "voucher")];
    let [one, other] = notes;
    a.take(vec![one], NOW);
    b.take(vec![other], NOW);
    a.publish(NOW);
    b.publish(NOW);
    (trunk, a, b)
}

/// The evidence convicts anybody who holds only it and the charter hash.
fn convicts(world: &World, outcome: &Outcome, code: Code) {
    assert_eq!(outcome.verdict.code, code, "{}", outcome.verdict.detail);
    assert!(outcome.verified.is_none() && code.level() == Level::Red);
    let file = outcome.verdict.evidence.as_ref().unwrap();
    let found = evidence::check(file.as_bytes(), Some(world.charter_hash)).unwrap();
    assert_eq!(found.verdict.code, code);
    let elsewhere = evidence::check(file.as_bytes(), Some(Hash::EMPTY)).unwrap();
    assert_eq!(elsewhere.verdict.code, Code::CannotShow, "another charter is another ledger");
}

#[test]
fn b20_b21_visits_to_an_honest_ledger_continue() {
    let mut world = World::witnessed();
    let mut memories = Vec::new();
    for time in NOW..NOW + 6 {
        memories.push((world.shelf.leaves.len() as u64, world.head(UNIT)));
        let seq = world.state.books.count(&unit(UNIT)) + 1;
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], time);
        world.publish(time);
        world.sign(&[(0, time), (2, time)]);
        for (size, memory) in &memories {
            for from in 1..=5 {
                let outcome = again(&world, memory, &world.bundle(UNIT, from, Some(*size)));
                assert_eq!(outcome.verdict.code, Code::Ok, "{}", outcome.verdict.detail);
                let verified = outcome.verified.unwrap();
                assert!(verified.remembered && verified.head == world.head(UNIT));
            }
        }
    }
    // The same head again.
    let memory = world.head(UNIT);
    let size = world.shelf.leaves.len() as u64;
    assert_eq!(again(&world, &memory, &world.bundle(UNIT, 1, Some(size))).verdict.code, Code::Ok);
    // Remembered through another unit: the head continues, this unit's row is not known.
    let outcome = again(&world, &world.head(TOWN), &world.bundle(UNIT, 1, Some(size)));
    assert!(outcome.verified.unwrap().remembered);
}

#[test]
fn b20_an_older_head_than_the_one_remembered() {
    let (trunk, a, _) = fork();
    let outcome = again(&a, &a.head(UNIT), &trunk.bundle(UNIT, 1, None));
    assert_eq!(outcome.verdict.code, Code::CannotShow);
    assert!(outcome.verdict.evidence.is_none());
}

#[test]
fn b21_no_proof_or_a_wrong_one_is_amber() {
    let (trunk, a, _) = fork();
    let memory = trunk.head(UNIT);
    assert_eq!(again(&a, &memory, &a.bundle(UNIT, 1, None)).verdict.code, Code::CannotShow);
    assert_eq!(
        again(&a, &memory, &a.bundle(UNIT, 1, Some(8))).verdict.code,
        Code::CannotShow,
        "from another size"
    );
    let good = a.bundle(UNIT, 1, Some(14));
    assert_eq!(again(&a, &memory, &good).verdict.code, Code::OkUnwitnessed);
    let spoil = |change: fn(&mut ledger::peaks::Extension)| {
        let mut bundle = good.clone();
        change(bundle.extension.as_mut().unwrap());
        assert_eq!(again(&a, &memory, &bundle).verdict.code, Code::CannotShow);
    };
    spoil(|e| e.peaks[0] = Hash::EMPTY);
    spoil(|e| e.peaks.truncate(0));
    spoil(|e| e.subtrees[0] = Hash::EMPTY);
    spoil(|e| e.subtrees.truncate(0));
    spoil(|e| e.subtrees.push(Hash::EMPTY));
    spoil(|e| e.old = 15);
    spoil(|e| e.new = 15);
}

#[test]
fn b21_two_histories_under_one_key_convict() {
    let (_, a, mut b) = fork();
    // Two heads of one size.
    convicts(&a, &again(&a, &a.head(UNIT), &b.bundle(UNIT, 1, Some(16))), Code::FailedRewritten);
    convicts(&a, &again(&a, &a.head(UNIT), &b.bundle(UNIT, 1, None)), Code::FailedRewritten);
    // A later head of the other history: L-13's form shows another old root.
    for time in NOW + 1..NOW + 4 {
        b.publish(time);
        convicts(&a, &again(&a, &a.head(UNIT), &b.bundle(UNIT, 3, Some(16))), Code::FailedRewritten);
    }
}

#[test]
fn b22_a_shorter_or_another_book_convicts() {
    let world = World::demo();
    let memory = world.head(UNIT);
    let book = |notes: &[(u64, &str)]| {
        let mut other = world.clone();
        let notes = notes.iter().map(|(seq, kind)| other.entry(UNIT, *seq, kind)).collect();
        other.rebook(UNIT, notes, |_| false, NOW);
        again(&world, &memory, &other.bundle(UNIT, 1, Some(14)))
    };
    convicts(&world, &book(&[(1, "voucher")]), Code::FailedTwoBooks);
    convicts(
        &world,
        &book(&[(1, "voucher"), (2, "voucher"), (3, "voucher"), (4, "notice")]),
        Code::FailedTwoBooks,
    );
    convicts(
        &world,
        &book(&[(1, "voucher"), (2, "voucher"), (3, "voucher"), (4, "notice"), (5, "notice")]),
        Code::FailedTwoBooks,
    );
    // A suffix that begins after what was remembered can't be held against it.
    let mut grown = World::demo();
    for seq in 5..9 {
        let note = grown.entry(UNIT, seq, "notice");
        grown.take(vec![note], NOW);
    }
    grown.publish(NOW);
    assert_eq!(again(&grown, &memory, &grown.bundle(UNIT, 8, Some(14))).verdict.code, Code::CannotShow);
    assert_eq!(again(&grown, &memory, &grown.bundle(UNIT, 6, Some(14))).verdict.code, Code::OkUnwitnessed);
}

#[test]
fn b20_memories_of_nothing_are_no_memories() {
    let world = World::demo();
    let other = World::with(1, 2, &["quorum none".to_owned()]);
    let garbage: [&[u8]; 3] = [b"", b"garbage", &world.bundle(UNIT, 1, None).encode()];
    for memory in garbage.into_iter().chain([other.bundle(DISTRICT, 1, None).head.encode().as_slice()]) {
        let outcome = again(&world, memory, &world.bundle(UNIT, 1, None));
        assert!(!outcome.verified.unwrap().remembered);
    }
}

#[test]
fn v01_names_levels_and_exit_codes() {
    let table = [
        ("CHECKING", Level::Neutral, 2),
        ("OK", Level::Calm, 0),
        ("OK_FIRST_VISIT", Level::Calm, 0),
        ("OK_NOT_REPLAYED", Level::Calm, 0),
        ("OK_NOT_WITNESSED", Level::Calm, 0),
        ("OK_UNWITNESSED", Level::Calm, 0),
        ("CORRECTED", Level::Calm, 0),
        ("MARKED", Level::Calm, 0),
        ("YOUNG_SEAL", Level::Calm, 0),
        ("STALE_HEAD", Level::Amber, 0),
        ("OVERDUE", Level::Amber, 0),
        ("NAME_WITHHELD", Level::Amber, 1),
        ("PAPER_DIFFERS", Level::Amber, 1),
        ("CANNOT_SHOW", Level::Amber, 1),
        ("OFFLINE", Level::Neutral, 2),
        ("CANNOT_CHECK", Level::Neutral, 2),
        ("VIEWER_TOO_OLD", Level::Neutral, 2),
        ("FAILED_REWRITTEN", Level::Red, 1),
        ("FAILED_TWO_BOOKS", Level::Red, 1),
        ("FAILED_SEAL", Level::Red, 1),
        ("FAILED_INDEX", Level::Red, 1),
    ];
    let all: Vec<_> = Code::ALL.iter().map(|c| (c.name(), c.level(), c.exit())).collect();
    assert_eq!(all, table);
    for code in Code::ALL {
        assert_eq!(Code::of_name(code.name()), Some(*code));
        assert_eq!(code.holds(), code.level() == Level::Calm);
        assert!(Verdict::new(*code, "x").evidence.is_none());
    }
    assert_eq!(Code::of_name("ok"), None);
}

#[test]
fn v03_v04_the_form_of_an_evidence_file() {
    let (_, a, b) = fork();
    let bundle = b.bundle(UNIT, 1, None).encode();
    let file = evidence::write(&bundle, Some(&a.head(UNIT)));
    assert!(file.starts_with("village-ledger/evidence/v1\n") && file.ends_with('\n'));
    assert!(file.lines().all(|l| l.len() <= 76));
    let check = |file: &str| evidence::check(file.as_bytes(), Some(a.charter_hash)).map(|o| o.verdict.code);
    assert_eq!(check(&file), Ok(Code::FailedRewritten));
    assert_eq!(
        check(&file.replace('\n', "\r\n").replacen("\r\n", "\n", 1)),
        Ok(Code::FailedRewritten),
        "through mail"
    );
    assert_eq!(check(&file.replacen("v1", "v2", 1)), Err(SectionError::Version));
    assert_eq!(check(""), Err(SectionError::Version));
    assert_eq!(check(&file[..file.len() / 2]), Err(SectionError::Form));
    let body = Writer::new(evidence::TYPE_LINE)
        .with("memory", b"")
        .with("bundle", &bundle)
        .with("more", b"")
        .finish();
    let packed = base64::engine::general_purpose::STANDARD.encode(body);
    assert_eq!(check(&format!("{}\n{packed}\n", evidence::TYPE_LINE)), Err(SectionError::Form));
    // Without a memory the bundle alone speaks, and this one holds.
    assert_eq!(check(&evidence::write(&bundle, None)), Ok(Code::OkUnwitnessed));
}

/// V-02, V-05: no mixture and no mutation of what an honest ledger signed convicts it.
#[test]
fn v05_an_honest_ledger_cannot_be_convicted() {
    let mut world = World::demo();
    let mut parts = vec![(world.head(UNIT), world.bundle(UNIT, 2, Some(8)))];
    for time in [NOW, NOW + 1] {
        let seq = world.state.books.count(&unit(UNIT)) + 1;
        let notes = vec![world.entry(UNIT, seq, "notice"), world.entry(UNIT, seq + 1, "voucher")];
        world.take(notes, time);
        world.publish(time);
        parts.push((world.head(UNIT), world.bundle(UNIT, 3, Some(14))));
        parts.push((world.head(VILLAGE), world.bundle(VILLAGE, 2, Some(16))));
    }
    let innocent = |memory: &[u8], bundle: &[u8]| {
        let file = evidence::write(bundle, Some(memory));
        let code = evidence::check(file.as_bytes(), Some(world.charter_hash)).unwrap().verdict.code;
        assert_ne!(code.level(), Level::Red, "{}", String::from_utf8_lossy(bundle));
    };
    for (memory, _) in &parts {
        for (_, bundle) in &parts {
            innocent(memory, &bundle.encode());
            // Sections of one bundle in another.
            for (_, other) in &parts {
                let mut mixed = bundle.clone();
                mixed.extension = other.extension.clone();
                innocent(memory, &mixed.encode());
                mixed.registries = other.registries.clone();
                innocent(memory, &mixed.encode());
                mixed.entries = other.entries.clone();
                innocent(memory, &mixed.encode());
                let headed = Bundle { head: other.head.clone(), ..bundle.clone() };
                innocent(memory, &headed.encode());
            }
        }
    }
    let (memory, _) = &parts[0];
    let bundle = world.bundle(UNIT, 2, Some(14)).encode();
    let mut seed = 1_u64;
    for _ in 0..if long() { 40_000 } else { 1_500 } {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, byte) = ((seed >> 33) as usize, (seed >> 17) as u8);
        let (mut m, mut b) = (memory.clone(), bundle.clone());
        let target = if at % 4 == 0 { &mut m } else { &mut b };
        let len = target.len();
        match at % 5 {
            0 => drop(target.remove(at % len)),
            1 => target.insert(at % len, byte),
            2 => target.swap(at % len, (at / 7) % len),
            _ => target[at % len] = byte,
        }
        innocent(&m, &b);
    }
}
