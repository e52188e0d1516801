//! How a bundle that fits is judged (B-06, B-13, B-14, B-23, B-24).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::{Ask, verify};
use ledger::json::{Object, Value};
use ledger::verdict::Code;
use support::*;

#[test]
fn b06_the_log_key_changes() {
    let mut world = World::demo();
    let (old, new) = (world.log.clone(), Key::note(ORIGIN, 2));
    let act = world.act(DISTRICT, 1, "log_key", Object::new().with("vkey", new.vkey.to_string()), &[&new]);
    let mut early = world.clone();
    early.state.registry = world.state.registry.clone();
    world.take(vec![act], NOW);
    let memory = world.head(UNIT);
    world.publish(NOW); // G-10: the old key signs the head that contains the change.
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::OkUnwitnessed);
    world.log = new.clone();
    world.publish(NOW + 1);
    let bytes = world.bundle(UNIT, 1, Some(14)).encode();
    let outcome = verify(&bytes, &Ask { memory: Some(memory), ..world.ask() });
    assert!(outcome.verdict.code == Code::OkUnwitnessed && outcome.verified.unwrap().remembered);
    // G-10: the old key, stolen, signs nothing later than the second of its replacement.
    let mut stolen = world.clone();
    stolen.publish(NOW + 2);
    let head = stolen.shelf.leaves.len() - 1;
    let text = ledger::leaf::read(&stolen.shelf.leaves[head]).unwrap().note.text.to_owned();
    assert_eq!(stolen.check(UNIT, 1).verdict.code, Code::OkUnwitnessed);
    stolen.log = old;
    stolen.replace_last(ledger::leaf::seal(&text, vec![stolen.log.sign(&text)]).into_bytes());
    let verdict = stolen.check(UNIT, 1).verdict;
    assert!(
        verdict.code == Code::CannotShow && verdict.detail.contains("another time"),
        "{}",
        verdict.detail
    );
    // A key that no act enrolled signs nothing.
    early.log = new;
    early.sign(&[]);
    assert_eq!(early.check(UNIT, 1).verdict.code, Code::CannotShow);
}

#[test]
fn b13_a_policy_whose_quorums_do_not_intersect_is_not_believed() {
    let mut world = World::demo();
    let witness = |i: usize| format!("witness w{i} {}", world.witnesses[i].vkey);
    let lines: Vec<Value> =
        [witness(0), witness(1), "group g any w0 w1".into(), "quorum g".into()].map(Value::from).into();
    // The kind refuses it at append (E-53), so only an authority and an operator together can log it.
    let act = world.act(DISTRICT, 1, "policy", Object::new().with("lines", lines), &[]);
    assert!(world.submit(vec![act.clone()], NOW).is_err());
    world.force(act);
    world.publish(NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
}

#[test]
fn b14_too_old_for_it() {
    let world = World::demo();
    let newer = String::from_utf8(world.bundle(UNIT, 1, None).encode()).unwrap().replacen(
        "bundle/v1",
        "bundle/v2",
        1,
    );
    assert_eq!(verify(newer.as_bytes(), &world.ask()).verdict.code, Code::ViewerTooOld);
    // An approver's role of a later version, signed and logged.
    let mut world = world;
    let approvals: Vec<Value> = vec![Object::new().with("role", "robot").with("on", "2026-09-01").into()];
    let json = set(&world.draft(UNIT, 5, "notice", example("notice")), "approvals", Some(approvals.into()));
    world.force(seal(&json, &[&world.town]));
    world.publish(NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::ViewerTooOld);
    // A kind of a later version is no trouble at all.
    let mut world = World::demo();
    world.force(seal(&world.draft(UNIT, 5, "later_kind", Object::new().with("x", 1)), &[&world.town]));
    world.publish(NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::OkUnwitnessed);
}

/// B-23, B-24: which verdict of those that hold, by cosignatures and clock.
#[test]
fn b23_b24_the_verdicts_that_hold() {
    let mut world = World::witnessed();
    let memory = world.head(UNIT);
    world.publish(NOW);
    let fresh = NOW - 172_800;
    for (cosigners, first, again) in [
        (vec![], Code::OkNotWitnessed, Code::OkNotWitnessed),
        (vec![(0, NOW)], Code::OkNotWitnessed, Code::OkNotWitnessed),
        (vec![(0, NOW), (3, NOW)], Code::OkNotWitnessed, Code::OkNotWitnessed),
        (vec![(0, NOW), (1, NOW)], Code::OkNotReplayed, Code::OkNotReplayed),
        (vec![(0, NOW), (2, NOW)], Code::OkFirstVisit, Code::Ok),
        (vec![(0, NOW), (1, NOW), (2, NOW)], Code::OkFirstVisit, Code::Ok),
        (vec![(0, fresh), (2, NOW)], Code::OkFirstVisit, Code::Ok),
        (vec![(0, fresh - 1), (2, NOW)], Code::StaleHead, Code::StaleHead),
        (vec![(0, fresh - 1), (1, fresh - 1)], Code::StaleHead, Code::StaleHead),
        (vec![(0, fresh - 1), (1, fresh), (2, NOW)], Code::OkFirstVisit, Code::Ok),
    ] {
        world.sign(&cosigners);
        let bytes = world.bundle(UNIT, 3, Some(14)).encode();
        assert_eq!(verify(&bytes, &world.ask()).verdict.code, first, "{cosigners:?}");
        let outcome = verify(&bytes, &Ask { memory: Some(memory.clone()), ..world.ask() });
        assert_eq!(outcome.verdict.code, again, "{cosigners:?}");
        assert!(outcome.verified.unwrap().remembered);
    }
    let demo = World::demo();
    assert_eq!(demo.check(UNIT, 1).verdict.code, Code::OkUnwitnessed);
    // C-04: a stranger's cosignature changes nothing.
    world.sign(&[(0, NOW), (2, NOW), (4, NOW)]);
    let verified = world.check(UNIT, 1).verified.unwrap();
    assert_eq!((verified.witnesses, verified.quorum_time), (vec!["w0".into(), "w2".into()], Some(NOW)));
}

#[test]
fn b24_seals_that_do_not_suffice_are_red() {
    let stranger = Key::note("stranger.example/x", 44);
    for (of, by_town, kind) in [(UNIT, false, "notice"), (UNIT, true, "notice"), (VILLAGE, true, "unit")] {
        let mut world = World::demo();
        let seq = if of == UNIT { 5 } else { 4 };
        let body =
            if of == UNIT { example(kind) } else { Object::new().with("unit", UNIT).with("name", "假名") };
        let keys: Vec<&Key> = if of == VILLAGE {
            vec![&world.town]
        } else if by_town {
            vec![&stranger, &world.town]
        } else {
            vec![&world.supervision]
        };
        world.force(seal(&world.draft(of, seq, kind, body), &keys));
        world.publish(NOW);
        let outcome = world.check(UNIT, 1);
        assert_eq!(outcome.verdict.code, Code::FailedSeal, "{}", outcome.verdict.detail);
        let verdict =
            ledger::evidence::check(outcome.verdict.evidence.unwrap().as_bytes(), Some(world.charter_hash));
        assert_eq!(verdict.unwrap().verdict.code, Code::FailedSeal);
    }
}

/// G-09, E-46: what a reader is told beside an entry: corrected later, signed after a compromise, how old its seal is.
#[test]
fn entries_carry_what_is_to_be_told_with_them() {
    let mut world = World::demo();
    let target = ledger::hash::leaf_hash(&world.entry(UNIT, 2, "voucher")).to_base64();
    let field =
        |path: &str| Object::new().with("path", path).with("old", 128_640).with("new", 128_641).into();
    let body = Object::new()
        .with("target", Object::new().with("seq", 2).with("leaf", target))
        .with("fields", vec![field("body.amount"), field("body.lines.0.amount")])
        .with("reason", "typo")
        .with("explanation", "录入错误");
    let correction = seal(&world.draft(UNIT, 5, "correction", body), &[&world.town]);
    let revoke = seal_body("revoke", &world.town, "township", TOWN_SCOPE)
        .with("compromised_from", CREATED as i64 + 300);
    world.take(vec![correction], NOW);
    let revoke = world.act(TOWN, 3, "seal", revoke, &[]);
    world.take(vec![revoke], NOW);
    world.publish(NOW);
    let verified = world.check(UNIT, 1).verified.unwrap();
    let told: Vec<(u64, bool, &[u64])> =
        verified.entries.iter().map(|e| (e.line.seq, e.standing.marked, e.corrected_by.as_slice())).collect();
    // Entries 1 and 2 were logged at CREATED + 200, 3 and 4 at + 300.
    assert_eq!(told, [(1, false, &[][..]), (2, false, &[5]), (3, true, &[]), (4, true, &[]), (5, true, &[])]);
    assert!(verified.entries.iter().all(|e| e.standing.youngest_seal == CREATED + 100));
    // The old value stays in the entry itself: both are shown.
    assert_eq!(verified.entries[1].entry.body().int_of("amount"), Some(128_640));
    let mut shown = verified.entries[1].entry.json.clone();
    ledger::amend::apply_correction(&mut shown, 2, &verified.entries[4].entry);
    assert_eq!(shown.at_path("body.amount"), Some(&Value::Int(128_641)));
    let mut other = verified.entries[1].entry.json.clone();
    ledger::amend::apply_correction(&mut other, 3, &verified.entries[4].entry);
    ledger::amend::apply_correction(&mut other, 2, &verified.entries[0].entry);
    assert_eq!(other, verified.entries[1].entry.json, "of another entry, or no correction");
}
