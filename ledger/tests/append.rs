//! Rules at append (E-50 to E-58, E-60 to E-62): an entry on each side of every refusal code.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::{Admission, Refusal, RefusalCode, Submission};
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value, parse};
use ledger::kinds::KINDS;
use ledger::leaf;
use support::*;

/// The one refusal of one note.
fn refusal(world: &World, note: Vec<u8>) -> Refusal {
    let mut refused = world.clone().submit(vec![note], NOW).unwrap_err();
    assert_eq!((refused.len(), refused[0].0), (1, 0));
    refused.remove(0).1
}

fn code(world: &World, note: Vec<u8>) -> (RefusalCode, String) {
    let refusal = refusal(world, note);
    (refusal.code, refusal.field)
}

fn takes(world: &World, note: Vec<u8>) -> bool {
    world.clone().submit(vec![note], NOW).is_ok()
}

fn notice(world: &World, seq: u64) -> Object {
    world.draft(UNIT, seq, "notice", example("notice"))
}

fn by_town(world: &World, json: &Object) -> Vec<u8> {
    seal(json, &[&world.town])
}

#[test]
fn e50_spelling() {
    let world = World::demo();
    let good = String::from_utf8(world.entry(UNIT, 5, "notice")).unwrap();
    assert!(takes(&world, good.clone().into_bytes()));
    for bad in [
        good.replace("\"seq\":5", "\"seq\": 5"),
        good.replace("entry/v1", "entry/v3"),
        good.trim_end().into(),
        String::new(),
    ] {
        assert_eq!(code(&world, bad.into_bytes()), (RefusalCode::Spelling, String::new()));
    }
}

#[test]
fn e51_only_entries() {
    let world = World::demo();
    for leaf in [&world.charter_note, world.shelf.leaves.last().unwrap()] {
        assert_eq!(code(&world, leaf.clone()).0, RefusalCode::NotAnEntry);
    }
}

#[test]
fn e52_this_ledger_and_this_start_of_it() {
    let world = World::demo();
    let other = World::with(1, 2, &["quorum none".to_owned()]);
    assert_eq!(
        code(&world, seal(&notice(&other, 5), &[&world.town])),
        (RefusalCode::WrongLedger, "ledger".into())
    );
}

#[test]
fn e53_kinds_and_fields() {
    let world = World::demo();
    let draft = world.draft(UNIT, 5, "lottery", Object::new());
    assert_eq!(code(&world, by_town(&world, &draft)), (RefusalCode::UnknownKind, "kind".into()));
    for (json, path) in [
        (set(&notice(&world, 5), "title", Some("".into())), "title"),
        (set(&notice(&world, 5), "body", Some(Object::new().into())), "body.text"),
        (notice(&world, 5).with("late", 1), "late"),
        (world.draft(DISTRICT, 1, "notice", example("notice")), "unit"),
    ] {
        assert_eq!(code(&world, by_town(&world, &json)), (RefusalCode::Field, path.into()));
    }
}

#[test]
fn e54_normal_form_c() {
    let world = World::demo();
    let with = |text: &str| {
        let body = parse(&format!(r#"{{"text":["x","{text}"]}}"#)).unwrap();
        by_town(&world, &world.draft(UNIT, 5, "notice", body))
    };
    assert!(takes(&world, with("é")) && takes(&world, with("榕溪村")));
    assert_eq!(code(&world, with("e\u{301}")), (RefusalCode::NotNfc, "body.text.1".into()));
    assert_eq!(
        code(&world, with("\u{F900}")),
        (RefusalCode::NotNfc, "body.text.1".into()),
        "a compatibility ideograph"
    );
    let titled = set(&notice(&world, 5), "title", Some("e\u{301}".into()));
    assert_eq!(code(&world, by_town(&world, &titled)), (RefusalCode::NotNfc, "title".into()));
}

#[test]
fn e55_e57_numbers() {
    let world = World::demo();
    assert!(takes(&world, world.entry(UNIT, 5, "notice")));
    for (seq, wanted) in [
        (6, RefusalCode::WrongSeq),
        (0, RefusalCode::SeqTaken),
        (4, RefusalCode::SeqTaken),
        (1, RefusalCode::SeqTaken),
    ] {
        let refusal =
            refusal(&world, by_town(&world, &set(&notice(&world, seq), "title", Some("另一条".into()))));
        assert_eq!(
            (refusal.code, refusal.field.as_str(), refusal.next_seq),
            (wanted, "seq", Some(5)),
            "{seq}"
        );
    }
    assert_eq!(refusal(&world, world.entry(GROUP, 2, "notice")).next_seq, Some(1));
    // E-57: the same text again, committed and waiting; also with another set of good signatures.
    let mut world = world;
    let waiting = world.entry(UNIT, 5, "notice");
    assert_eq!(world.submit(vec![waiting.clone()], NOW), Ok(vec![Admission::New(14)]));
    for known in [waiting, world.entry(UNIT, 4, "notice")] {
        assert_eq!(world.submit(vec![known], NOW), Ok(vec![Admission::Known]));
    }
    let both = seal(&notice(&world, 4), &[&world.town, &world.supervision]);
    assert_eq!(world.submit(vec![both], NOW), Ok(vec![Admission::Known]));
    let size = world.state.books.size();
    world.publish(NOW);
    assert_eq!((size, world.shelf.leaves.len()), (15, 16), "logged once");
}

#[test]
fn e56_nothing_from_the_future() {
    let world = World::demo();
    // NOW is 2026-09-30 in UTC+8.
    for (name, good, bad) in [
        ("occurred", "2026-09-30", "2026-10-01"),
        ("period", "2026-09", "2026-10"),
        ("period", "2026", "2027"),
        ("period", "2026-Q3", "2026-Q4"),
    ] {
        let with = |text: &str| by_town(&world, &set(&notice(&world, 5), name, Some(text.into())));
        assert!(takes(&world, with(good)), "{good}");
        assert_eq!(code(&world, with(bad)), (RefusalCode::Future, name.into()));
    }
    // Next year's budget is decided, and disclosed, in this one.
    let budget = |name: &str, value: &str| {
        let draft = world.draft(UNIT, 5, "budget", example("budget"));
        by_town(&world, &set(&draft, name, Some(value.into())))
    };
    assert!(takes(&world, budget("period", "2027")) && takes(&world, budget("period", "2027-10")));
    assert_eq!(code(&world, budget("period", "2027-11")), (RefusalCode::Future, "period".into()));
    assert_eq!(code(&world, budget("occurred", "2026-10-01")), (RefusalCode::Future, "occurred".into()));
}

#[test]
fn e58_seals() {
    let world = World::demo();
    assert_eq!(code(&world, seal(&notice(&world, 5), &[&world.supervision])).0, RefusalCode::Seal);
    assert_eq!(code(&world, seal(&notice(&world, 5), &[&Key::note("x.example/y", 44)])).0, RefusalCode::Seal);
    assert_eq!(
        code(&world, seal(&world.draft("440811100393-00", 1, "notice", example("notice")), &[&world.town])).0,
        RefusalCode::Seal
    );
    let tampered = String::from_utf8(world.entry(UNIT, 5, "notice")).unwrap().replace("虾塘", "鱼塘");
    assert_eq!(code(&world, tampered.into_bytes()).0, RefusalCode::Seal);
    // A submission whose signatures nobody verified has no signers.
    let unverified = Submission::parse(world.entry(UNIT, 5, "notice"), KINDS).unwrap();
    let refused = world.state.clone().admit(&[unverified], NOW, &world.shelf).unwrap_err();
    assert_eq!(refused[0].1.code, RefusalCode::Seal);
    // Nothing after the unit has been closed, in the same batch either.
    let mut world = world;
    let batch = vec![world.act(UNIT, 5, "closed", world.closing(UNIT), &[]), world.entry(UNIT, 6, "notice")];
    let refused = world.submit(batch, NOW).unwrap_err();
    assert_eq!((refused[0].0, refused[0].1.code), (1, RefusalCode::Seal));
    assert!(takes(&world, world.entry(UNIT, 5, "notice")), "the refused batch closed nothing");
}

#[test]
fn e60_references() {
    let mut world = World::demo();
    let reference = |of: &str, seq: u64, leaf: &[u8]| {
        let r = Object::new().with("rel", "contract").with("unit", of).with("seq", seq as i64);
        let refs: Vec<Value> = vec![r.with("leaf", leaf_hash(leaf).to_base64()).into()];
        by_town(&world, &set(&notice(&world, 6), "refs", Some(refs.into())))
    };
    let (committed, waiting) = (world.entry(UNIT, 2, "voucher"), world.entry(UNIT, 5, "notice"));
    let good = [reference(UNIT, 2, &committed), reference(UNIT, 5, &waiting)];
    let bad = [
        reference(UNIT, 2, b"another leaf"),
        reference(UNIT, 3, &committed),
        reference(GROUP, 2, &committed),
        reference(UNIT, 9, &committed),
    ];
    world.submit(vec![waiting], NOW).unwrap();
    for note in good {
        assert!(takes(&world, note));
    }
    for note in bad {
        assert_eq!(code(&world, note), (RefusalCode::Reference, "refs.0".into()));
    }
}

#[test]
fn e61_batches_are_taken_whole_or_leave_no_trace() {
    let mut world = World::demo();
    let before = (world.state.books.size(), world.state.books.waiting());
    let batch = vec![
        world.entry(UNIT, 5, "notice"),
        world.entry(UNIT, 7, "notice"),
        world.entry(GROUP, 1, "notice"),
        seal(&world.draft(GROUP, 2, "notice", example("notice")), &[&world.supervision]),
        world.act(
            VILLAGE,
            4,
            "unit",
            Object::new().with("unit", "440811100391-02").with("name", "二组"),
            &[],
        ),
    ];
    let refused = world.submit(batch, NOW).unwrap_err();
    let codes: Vec<_> = refused.iter().map(|(at, r)| (*at, r.code)).collect();
    assert_eq!(codes, [(1, RefusalCode::WrongSeq), (3, RefusalCode::Seal)]);
    assert_eq!(before, (world.state.books.size(), world.state.books.waiting()));
    assert!(world.state.registry.profile(&unit("440811100391-02")).is_none(), "the registry is as before");
    assert!(world.state.clone().close(NOW, Vec::new()).2.is_empty(), "nothing of it is written");
    // The index leaf is that of a ledger to which nobody ever sent that batch.
    let mut quiet = World::demo();
    for world in [&mut world, &mut quiet] {
        let batch = vec![world.entry(UNIT, 5, "notice"), world.entry(UNIT, 6, "voucher")];
        assert_eq!(world.submit(batch, NOW), Ok(vec![Admission::New(14), Admission::New(15)]));
        world.publish(NOW);
    }
    assert_eq!(world.shelf.checkpoint, quiet.shelf.checkpoint);
}

/// Every code is refused with somewhere above; here: names are stable and distinct.
#[test]
fn refusal_codes_are_stable() {
    let names: Vec<&str> = RefusalCode::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(
        names,
        [
            "spelling",
            "not_an_entry",
            "wrong_ledger",
            "unknown_kind",
            "field",
            "not_nfc",
            "wrong_seq",
            "seq_taken",
            "seal",
            "future",
            "target",
            "reference",
            "beside",
            "privacy",
            "closing",
        ]
    );
    let source =
        concat!(include_str!("append.rs"), include_str!("append_back.rs"), include_str!("beside.rs"));
    // The guard beside the ledger finds what is private.
    for code in RefusalCode::ALL.iter().filter(|code| **code != RefusalCode::Privacy) {
        assert!(
            source.contains(&format!("RefusalCode::{code:?},"))
                || source.contains(&format!("RefusalCode::{code:?})"))
                || source.contains(&format!("Code::{code:?},")),
            "{code:?}"
        );
    }
}

/// Parsing is total, and what it takes is what came.
#[test]
fn submissions_of_any_bytes() {
    let world = World::demo();
    let good = world.entry(UNIT, 5, "notice");
    assert_eq!(Submission::parse(good.clone(), KINDS).unwrap().bytes, good);
    for bit in (0..good.len() * 8).step_by(if long() { 1 } else { 5 }) {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(!takes(&world, bad.clone()), "bit {bit}: {}", String::from_utf8_lossy(&bad));
    }
    assert!(leaf::read(&good).is_ok());
}
