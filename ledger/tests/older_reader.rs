//! Readers of different age (E-44, G-13, U-04): who does not know a kind computes the same books all the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::{RefusalCode, check_alone};
use ledger::books::{Books, Class};
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::Row;
use ledger::json::{Object, Value};
use ledger::kinds::{KINDS, Kind, Place};
use ledger::verdict::Code;
use support::*;

/// The kinds of the first version.
const FIRST: [&str; 12] = [
    "authority",
    "catalogue",
    "closed",
    "correction",
    "log_key",
    "notice",
    "opening_balance",
    "period_close",
    "policy",
    "seal",
    "unit",
    "voucher",
];

/// A log with an entry of every kind, the new ones in the village's and the district's books.
fn log_with_every_kind() -> World {
    let mut world = World::demo();
    for kind in KINDS.iter().filter(|kind| !FIRST.contains(&kind.name)) {
        if kind.place == Place::Accounts {
            let note = world.entry(UNIT, world.state.books.count(&unit(UNIT)) + 1, kind.name);
            // What a rule refuses at append, such as a target that is not there, f counts when it is logged.
            if !world.submit_any(vec![note.clone()], CREATED + 400) {
                world.force(note);
            }
        } else {
            let seq = world.state.books.count(&unit(DISTRICT)) + 1;
            world.take(vec![world.act(DISTRICT, seq, kind.name, example(kind.name), &[])], CREATED + 400);
        }
    }
    world.publish(CREATED + 400);
    let leaf = world.shelf.lines[&unit(UNIT)][1].0.leaf;
    let old = Object::new().with("seq", 2).with("leaf", leaf.to_base64());
    let fix = |path: &str| Object::new().with("path", path).with("old", 128_640).with("new", 1).into();
    let fixes: Vec<Value> = ["body.amount", "body.lines.0.amount"].map(fix).into();
    let correction = Object::new()
        .with("target", old)
        .with("fields", fixes)
        .with("reason", "typo")
        .with("explanation", "x");
    let seq = world.state.books.count(&unit(UNIT)) + 1;
    world.take(vec![seal(&world.draft(UNIT, seq, "correction", correction), &[&world.town])], NOW);
    let close = world.entry(UNIT, seq + 1, "period_close");
    world.take(vec![close], NOW);
    world.publish(NOW);
    world.take(vec![world.act(UNIT, seq + 2, "closed", world.closing(UNIT), &[])], NOW);
    world.publish(NOW);
    world
}

/// What a reader that knows these kinds makes of the log: rows, roots of all index leaves, entries of unknown kinds.
fn replay(world: &World, kinds: &[&Kind]) -> (Vec<Row>, Vec<Hash>, usize) {
    let mut books = Books::new(world.ledger.clone(), "440811");
    let (mut roots, mut unknown) = (Vec::new(), 0);
    for bytes in &world.shelf.leaves {
        let class = books.classify(bytes);
        if let Class::Index(index) = &class {
            assert_eq!(books.close(index.time, index.witnessed.clone()).0, *index);
            roots.push(index.root);
            continue;
        }
        if let Class::Entry { .. } = class {
            let found = check_alone(&Entry::of_leaf(bytes).unwrap(), kinds).err().map(|r| r.code);
            unknown += usize::from(found == Some(RefusalCode::UnknownKind));
        }
        books.add(leaf_hash(bytes), &class);
    }
    (books.rows(), roots, unknown)
}

#[test]
fn e44_u04_readers_of_every_age_compute_the_same_books() {
    let world = log_with_every_kind();
    let first: Vec<&Kind> = KINDS.iter().copied().filter(|kind| FIRST.contains(&kind.name)).collect();
    assert_eq!(first.len(), FIRST.len());
    let (rows, roots, unknown) = replay(&world, KINDS);
    assert_eq!((&rows, unknown), (&world.shelf.rows, 0));
    let new = KINDS.len() - FIRST.len();
    assert_eq!(replay(&world, &first), (rows.clone(), roots.clone(), new));
    let entries = rows.iter().map(|row| row.count as usize).sum();
    assert_eq!(replay(&world, &[]), (rows.clone(), roots, entries));
    // Amendments are f's own four names, known or not: supersede, redaction, correction, closed.
    let row = rows.iter().find(|row| row.unit == unit(UNIT)).unwrap();
    assert_eq!(row.amendments, 4);
}

/// G-13: bundles of it hold; so do those of a log with kinds that no reader of today knows, act and entry.
#[test]
fn g13_bundles_with_unknown_kinds_hold() {
    let mut world = log_with_every_kind();
    for of in [UNIT, DISTRICT] {
        assert_eq!(world.check(of, 1).verdict.code, Code::OkUnwitnessed, "{of}");
    }
    let later = Object::new().with("later_field", vec![Value::from(Object::new().with("x", true))]);
    let entry = seal(&world.draft(GROUP, 1, "later_kind", later.clone()), &[&world.town]);
    world.force(entry);
    let seq = world.state.books.count(&unit(DISTRICT)) + 1;
    world.force(world.act(DISTRICT, seq, "later_act", later, &[]));
    world.publish(NOW);
    for of in [UNIT, GROUP, DISTRICT] {
        assert_eq!(world.check(of, 1).verdict.code, Code::OkUnwitnessed, "{of}");
    }
    assert_eq!(replay(&world, KINDS).2, 2);
}
