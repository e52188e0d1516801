//! What a log may hold and somebody should look at: findings, never faults; and what this program can't read.

use crate::support::{audit, holds, notes};
use crate::world::*;
use ledger::books::Class;
use ledger::json::Object;
use ledger::leaf::{self, LeafType};

/// U-06, U-11: void leaves are counted, told and hold; the charter again, another ledger's entry, numbers out of
/// order, and bytes that are nothing at all.
#[test]
fn void_leaves_are_told_and_hold() {
    let mut world = World::demo();
    let other = World::with(1, 2, &["quorum none".to_owned()]);
    let text = leaf::text(LeafType::Entry, &world.draft(UNIT, 5, "notice", Object::new()));
    let leaves = vec![
        b"garbage".to_vec(),
        Vec::new(),
        vec![0xff; 65_535],
        world.charter_note.clone(),
        other.entry(UNIT, 5, "notice"),
        world.entry(UNIT, 7, "notice"),
        world.entry(UNIT, 4, "notice"),
        text.into_bytes(),
    ];
    let count = leaves.len();
    for leaf in leaves {
        assert_eq!(world.force(leaf), Class::Void);
    }
    let note = world.entry(UNIT, 5, "notice");
    world.take(vec![note], NOW);
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    let void = notes(&report, "findings", "void");
    assert_eq!(void.len(), count, "{report:#}");
    let at: Vec<_> = void.iter().map(|n| n["index"].as_u64().unwrap()).collect();
    assert_eq!(at, (14..14 + count as u64).collect::<Vec<_>>());
}

/// G-13, E-53: kinds and fields that this program does not know are told, their seals judged like any other's.
#[test]
fn unknown_kinds_and_fields_are_told_and_hold() {
    let mut world = World::demo();
    let unknown = seal(&world.draft(UNIT, 5, "of_next_year", Object::new().with("x", 1)), &[&world.town]);
    let field = seal(&world.draft(UNIT, 6, "notice", Object::new().with("x", 1)), &[&world.town]);
    let act = world.act(DISTRICT, 1, "act_of_next_year", Object::new().with("x", 1), &[]);
    for note in [unknown, field, act] {
        assert!(matches!(world.force(note), Class::Entry { .. }));
    }
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    let kinds: Vec<_> = notes(&report, "findings", "unknown_kind");
    assert_eq!(kinds.iter().map(|n| n["index"].as_u64().unwrap()).collect::<Vec<_>>(), [14, 16]);
    let fields = notes(&report, "findings", "field");
    assert_eq!(
        (fields.len(), fields[0]["unit"].as_str(), fields[0]["seq"].as_u64()),
        (1, Some(UNIT), Some(6))
    );
    // A strange kind does not excuse a missing seal.
    let bad = seal(&world.draft(UNIT, 7, "of_next_year", Object::new()), &[&world.supervision]);
    world.force(bad);
    world.publish(NOW);
    assert_eq!(audit(&world).json()["verdict"], "FAILED_SEAL");
}

/// B-14: an entry for f with a field beyond this program's types is never red, and never said to hold.
#[test]
fn an_entry_beyond_this_program_could_not_be_checked() {
    let mut world = World::demo();
    let draft = set(&world.draft(UNIT, 5, "notice", example("notice")), "period", Some("2026年八月".into()));
    assert!(matches!(world.force(seal(&draft, &[&world.town])), Class::Entry { .. }));
    world.publish(NOW);
    let run = audit(&world);
    assert_eq!((run.code, run.json()["verdict"].as_str()), (2, Some("VIEWER_TOO_OLD")), "{run:?}");
    let told = run.json().to_string();
    assert!(told.contains(UNIT) && told.contains("\"index\":14"), "{told}");
}

/// A log that names a new kind in every entry does not make the report grow with it.
#[test]
fn many_unknown_kinds_keep_the_report_small() {
    let mut world = World::demo();
    for seq in 5..405_u64 {
        let name: String = format!("k_{seq:b}")
            .chars()
            .map(|c| {
                if c == '1' {
                    'a'
                } else if c == '0' {
                    'b'
                } else {
                    c
                }
            })
            .collect();
        world.force(seal(&world.draft(UNIT, seq, &name, Object::new()), &[&world.town]));
    }
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    assert_eq!(report["findings"]["count"], 400);
    assert!(report["findings"]["first"].as_array().unwrap().len() <= 200);
    assert!(report["kinds"].as_object().unwrap().len() < 30, "{}", report["kinds"]);
}
