//! Evidence out of signed heads and signed posters (section 8.5, R-30 to R-34).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::checkpoint::Checkpoint;
use ledger::contradiction::{Contradiction, Heads, MAX_ACTS, MAX_EVIDENCE, check};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::note::assemble;
use ledger::poster::Poster;
use ledger::sections::SectionError;
use ledger::verdict::{Code, Level};
use support::*;

/// A ledger of 14 leaves, and the same grown in two ways by one log key.
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

/// `one`'s head against `other`'s, proved out of `tree`.
fn heads(one: &World, other: &World, tree: &World) -> Heads {
    let pair = [one.shelf.checkpoint.as_slice(), other.shelf.checkpoint.as_slice()];
    Heads::prove(&one.charter_note, &[], pair, &tree.shelf).unwrap().unwrap()
}

fn judged(heads: &Heads, charter: Hash) -> Code {
    let found = Contradiction::Heads(Box::new(heads.clone()));
    let verdict = found.judge(Some(charter));
    let file = found.file();
    assert_eq!(Contradiction::read(file.as_bytes()), Ok(Some(found)));
    assert_eq!(check(file.as_bytes(), Some(charter)), Ok(verdict.clone()), "the file alone says the same");
    assert_eq!(verdict.evidence, (verdict.code.level() == Level::Red).then_some(file));
    verdict.code
}

#[test]
fn r30_r31_two_histories_of_one_log() {
    let (trunk, a, mut b) = fork();
    let charter = trunk.charter_hash;
    assert_eq!(judged(&heads(&a, &b, &a), charter), Code::FailedRewritten, "two heads of one size");
    assert_eq!(judged(&heads(&b, &a, &a), charter), Code::FailedRewritten);
    for time in NOW + 1..NOW + 6 {
        b.publish(time);
        let found = heads(&b, &a, &b);
        assert!(found.extension.is_some(), "given in any order");
        assert_eq!(judged(&found, charter), Code::FailedRewritten);
        assert_eq!(judged(&found, Hash::EMPTY), Code::CannotShow, "another charter is another ledger");
        let unpinned = Contradiction::Heads(Box::new(found)).judge(None);
        assert_eq!(unpinned.code, Code::FailedRewritten);
        // What both have in common.
        assert_eq!(judged(&heads(&trunk, &b, &b), charter), Code::CannotShow);
    }
    assert_eq!(judged(&heads(&a, &a, &a), charter), Code::CannotShow);
}

#[test]
fn r31_a_bent_proof_shows_nothing() {
    let (_, a, mut b) = fork();
    b.publish(NOW + 1);
    b.publish(NOW + 2);
    let good = heads(&a, &b, &b);
    assert_eq!(judged(&good, a.charter_hash), Code::FailedRewritten);
    let bent = |change: &dyn Fn(&mut Heads)| {
        let mut heads = good.clone();
        change(&mut heads);
        assert_eq!(judged(&heads, a.charter_hash), Code::CannotShow);
    };
    let bent_proof = |change: &dyn Fn(&mut ledger::peaks::Extension)| {
        bent(&|heads: &mut Heads| change(heads.extension.as_mut().unwrap()));
    };
    bent_proof(&|e| e.peaks[0] = Hash::EMPTY);
    bent_proof(&|e| e.subtrees[0] = Hash::EMPTY);
    bent_proof(&|e| e.subtrees.push(Hash::EMPTY));
    bent_proof(&|e| e.peaks.clear());
    bent_proof(&|e| e.old = 14);
    bent_proof(&|e| e.new = 17);
    bent(&|h| h.extension = None);
    bent(&|h| std::mem::swap(&mut h.older, &mut h.newer));
    bent(&|h| h.older = b"garbage".to_vec());
    bent(&|h| h.charter = b"garbage".to_vec());
    let resigned = |text: &str, key: &Key| assemble(text, &[key.sign(text)]).into_bytes();
    bent(&|h| h.older = resigned(&a.checkpoint_text(), &Key::note(ORIGIN, 9)));
    bent(&|h| h.older = resigned(&a.checkpoint_text(), &a.town));
    let elsewhere = Key::note("other.example/ledger", 1);
    let text = Checkpoint { origin: elsewhere.name().into(), size: 16, root: Hash::EMPTY }.text();
    bent(&|h| h.older = resigned(&text, &elsewhere));
    // Same sizes need no proof, and have none.
    let same = Heads { extension: good.extension.clone(), ..heads(&a, &a, &a) };
    assert_eq!(judged(&same, a.charter_hash), Code::CannotShow);
    let garbage = [b"garbage".as_slice(), &a.shelf.checkpoint];
    assert_eq!(Heads::prove(&a.charter_note, &[], garbage, &a.shelf), Ok(None));
}

/// The log's key changes, after the authority's has; both under one act of the district registry.
#[test]
fn r32_keys_that_the_authority_enrolled_later() {
    let mut world = World::demo();
    let (log, authority) = (Key::note(ORIGIN, 2), Key::note("mazhang.example/authority/9", 19));
    let keys: Vec<Value> = vec![authority.vkey.to_string().into()];
    let body = Object::new().with("threshold", 1_i64).with("keys", keys);
    let first = world.act(DISTRICT, 1, "authority", body, &[&authority]);
    world.take(vec![first.clone()], NOW);
    let old_authority = std::mem::replace(&mut world.authority, vec![authority]);
    let body = Object::new().with("vkey", log.vkey.to_string());
    let second = world.act(DISTRICT, 2, "log_key", body.clone(), &[&log]);
    world.take(vec![second.clone()], NOW);
    world.publish(NOW);
    world.log = log.clone();
    let (mut a, mut b) = (world.clone(), world);
    a.publish(NOW + 1);
    b.publish(NOW + 2);
    let with = |acts: &[&Vec<u8>]| {
        let acts: Vec<Vec<u8>> = acts.iter().map(|act| (*act).clone()).collect();
        judged(&Heads { acts, ..heads(&a, &b, &a) }, a.charter_hash)
    };
    assert_eq!(with(&[&first, &second]), Code::FailedRewritten);
    assert_eq!(with(&[]), Code::CannotShow, "a key that nobody enrolled");
    assert_eq!(with(&[&second]), Code::CannotShow, "not by the authority of the charter");
    assert_eq!(with(&[&second, &first]), Code::CannotShow);
    let mut replaced = a.clone();
    replaced.authority = old_authority;
    let stale = replaced.act(DISTRICT, 2, "log_key", body.clone(), &[&log]);
    assert_eq!(with(&[&first, &stale]), Code::CannotShow, "an authority that was replaced");
    let unproved = replaced.act(DISTRICT, 1, "log_key", body, &[]);
    assert_eq!(with(&[&unproved]), Code::CannotShow, "without the new key's own signature");
    let elsewhere = World::with(1, 2, &["quorum none".to_owned()]);
    assert_ne!(elsewhere.ledger, a.ledger);
    let body = Object::new().with("vkey", log.vkey.to_string());
    let foreign = elsewhere.act(DISTRICT, 1, "log_key", body, &[&log]);
    assert_eq!(with(&[&foreign]), Code::CannotShow, "of another ledger");
    assert_eq!(with(&[&a.entry(UNIT, 5, "notice"), &first, &second]), Code::CannotShow, "no act");
    // Both sides of MAX_ACTS.
    let many = |n: usize| {
        let acts = vec![b"no act".to_vec(); n];
        let found = Contradiction::Heads(Box::new(Heads { acts, ..heads(&a, &b, &a) }));
        found.judge(None).detail.contains(&MAX_ACTS.to_string())
    };
    assert!(!many(MAX_ACTS) && many(MAX_ACTS + 1));
}

#[test]
fn r33_two_posters_of_one_seal() {
    let (_, a, b) = fork();
    let poster = |world: &World, count| {
        let root = ledger::poster::root_at(&world.bundle(UNIT, 1, None), count).unwrap();
        Poster { charter: world.charter_hash, unit: unit(UNIT), count, root }
    };
    let note = |poster: &Poster, key: &Key| {
        let text = poster.text();
        assemble(&text, &[key.sign(&text)]).into_bytes()
    };
    let (one, other) = (poster(&a, 5), poster(&b, 5));
    assert_ne!(one.root, other.root);
    let judged = |posters: &[Vec<u8>], bundle: Vec<u8>| {
        let (poster, other) = (posters[0].clone(), posters.get(1).cloned());
        let found = Contradiction::Posters { poster, other, bundle };
        let verdict = found.judge(Some(a.charter_hash));
        let file = found.file();
        assert_eq!(check(file.as_bytes(), Some(a.charter_hash)), Ok(verdict.clone()));
        assert_eq!(verdict.evidence, (verdict.code.level() == Level::Red).then_some(file));
        verdict
    };
    let bundle = a.bundle(UNIT, 1, None).encode();
    let verdict = judged(&[note(&one, &a.town), note(&other, &a.town)], bundle.clone());
    assert_eq!(verdict.code, Code::FailedTwoBooks);
    assert!(verdict.detail.contains(a.town.name()), "{}", verdict.detail);
    // Of entries that this bundle does not even carry.
    let (one_early, two_early) = (poster(&a, 1), Poster { root: Hash::EMPTY, ..poster(&a, 1) });
    let late = a.bundle(UNIT, 6, None).encode();
    let early = [note(&one_early, &a.town), note(&two_early, &a.town)];
    assert_eq!(judged(&early, late).code, Code::FailedTwoBooks);

    let stranger = Key::note(a.town.name(), 99);
    let amber = |posters: [Vec<u8>; 2]| {
        assert_eq!(judged(&posters, bundle.clone()).code, Code::CannotShow);
    };
    amber([note(&one, &a.town), note(&one, &a.town)]);
    amber([note(&one, &a.town), note(&other, &stranger)]);
    amber([note(&one, &a.town), note(&other, &a.supervision)]);
    amber([note(&one, &a.town), note(&poster(&b, 4), &a.town)]);
    amber([note(&one, &a.town), note(&Poster { unit: unit(GROUP), ..other }, &a.town)]);
    amber([note(&one, &a.town), note(&Poster { charter: Hash::EMPTY, ..other }, &a.town)]);
    amber([note(&one, &a.town), b"garbage".to_vec()]);
    let elsewhere = |p: &Poster| Poster { charter: Hash::EMPTY, ..*p };
    amber([note(&elsewhere(&one), &a.town), note(&elsewhere(&other), &a.town)]);
    amber([b"garbage".to_vec(), note(&one, &a.town)]);
    let garbage = judged(&[note(&one, &a.town), note(&other, &a.town)], b"garbage".to_vec());
    assert_eq!(garbage.code, Code::CannotShow);
    // One alone agrees with the ledger that shows it, and contradicts the other.
    assert_eq!(judged(&[note(&one, &a.town)], bundle.clone()).code, Code::OkUnwitnessed);
    assert_eq!(judged(&[note(&other, &a.town)], bundle).code, Code::FailedTwoBooks);
}

#[test]
fn r30_the_forms_of_a_file() {
    let (_, a, b) = fork();
    let file = Contradiction::Heads(Box::new(heads(&a, &b, &a))).file();
    assert!(file.starts_with("village-ledger/evidence/v1\n") && file.lines().all(|l| l.len() <= 76));
    let code = |file: &str| check(file.as_bytes(), Some(a.charter_hash)).map(|v| v.code);
    assert_eq!(code(&file.replace('\n', "\r\n").replacen("\r\n", "\n", 1)), Ok(Code::FailedRewritten));
    assert_eq!(code(&file.replacen("v1", "v2", 1)), Err(SectionError::Version));
    assert_eq!(code(&file[..file.len() / 8 * 4]), Err(SectionError::Form));
    assert_eq!(code(""), Err(SectionError::Version));
    // What a reader made is judged as before.
    let memory = evidence::write(&b.bundle(UNIT, 1, None).encode(), Some(&a.head(UNIT)));
    assert_eq!(Contradiction::read(memory.as_bytes()), Ok(None));
    assert_eq!(code(&memory), Ok(Code::FailedRewritten));
    // Both sides of MAX_EVIDENCE: one is read in vain, the other is not read.
    let long = |n: usize| {
        let file = format!("{}\n{}", evidence::TYPE_LINE, "\n".repeat(n - evidence::TYPE_LINE.len() - 1));
        Contradiction::read(file.as_bytes())
    };
    assert_eq!(long(MAX_EVIDENCE), Err(SectionError::Version));
    assert_eq!(long(MAX_EVIDENCE + 1), Err(SectionError::Form));
}

/// A log key is of one ledger for ever: who starts again with it has signed two books.
#[test]
fn r34_a_restart_with_the_same_key() {
    let (one, other) = (World::new(), World::with(1, 2, &["quorum none".to_owned()]));
    assert_eq!((one.ledger == other.ledger, one.log.vkey == other.log.vkey), (false, true));
    assert_eq!(judged(&heads(&one, &other, &one), one.charter_hash), Code::FailedRewritten);
}

/// V-05: no pair of heads of an honest ledger convicts it, nor anything made of them.
#[test]
fn r31_an_honest_log_cannot_be_convicted() {
    let mut world = World::demo();
    let mut published = vec![world.clone()];
    for time in NOW..NOW + 5 {
        let seq = world.state.books.count(&unit(UNIT)) + 1;
        for seq in seq..seq + time % 3 {
            let note = world.entry(UNIT, seq, "notice");
            world.take(vec![note], time);
        }
        world.publish(time);
        published.push(world.clone());
    }
    let innocent = |found: &Contradiction| {
        let verdict = found.judge(Some(world.charter_hash));
        assert_ne!(verdict.code.level(), Level::Red, "{}", verdict.detail);
    };
    let mut all = Vec::new();
    for one in &published {
        for other in &published {
            let found = heads(one, other, &world);
            all.push(found.clone());
            innocent(&Contradiction::Heads(Box::new(found)));
        }
    }
    for a in &all {
        for b in &all {
            let mixed = Heads { older: b.older.clone(), ..a.clone() };
            innocent(&Contradiction::Heads(Box::new(mixed)));
            let mixed = Heads { extension: b.extension.clone(), ..a.clone() };
            innocent(&Contradiction::Heads(Box::new(mixed)));
        }
    }
    let mut seed = 3_u64;
    for _ in 0..if long() { 40_000 } else { 1_500 } {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, byte) = ((seed >> 33) as usize, (seed >> 17) as u8);
        let mut found = all[at % all.len()].clone();
        match (at / 64 % 4, &mut found.extension) {
            (0, _) => {
                let (len, bytes) = (found.older.len(), &mut found.older);
                bytes[at / 256 % len] = byte;
            }
            (1, _) => {
                let (len, bytes) = (found.newer.len(), &mut found.newer);
                bytes[at / 256 % len] = byte;
            }
            (2, Some(e)) if !e.peaks.is_empty() => {
                let len = e.peaks.len();
                e.peaks[at / 256 % len] = Hash::of(&[byte]);
            }
            (_, Some(e)) if !e.subtrees.is_empty() => {
                let len = e.subtrees.len();
                e.subtrees.swap(0, at / 256 % len);
                e.old = e.old.wrapping_add(u64::from(byte % 3)).wrapping_sub(1);
            }
            _ => {}
        }
        innocent(&Contradiction::Heads(Box::new(found)));
    }
}
