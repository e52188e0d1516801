//! Bundles that hold, and those that don't: sections 8.1 to 8.3 (B-01 to B-18).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::{Ask, BuildError, Bundle, Head, Item, MAX_BUNDLE, TYPE_LINE, build, verify};
use ledger::hash::Hash;
use ledger::index::{IndexTree, Line};
use ledger::json::Object;
use ledger::sections::{Reader, SectionError, Writer};
use ledger::unit::UnitId;
use ledger::verdict::Code;
use support::*;

fn code(world: &World, bundle: &Bundle) -> Code {
    verify(&bundle.encode(), &world.ask()).verdict.code
}

/// The code of the demo unit's bundle after something was done to it.
fn after(world: &World, change: impl Fn(&mut Bundle)) -> Code {
    let mut bundle = world.bundle(UNIT, 3, None);
    change(&mut bundle);
    code(world, &bundle)
}

#[test]
fn b03_bundles_of_every_unit_from_every_number() {
    let world = World::demo();
    for (of, count) in [(UNIT, 4), (TOWN, 2), (VILLAGE, 3), (DISTRICT, 0)] {
        for from in 1..=count + 1 {
            let bundle = world.bundle(of, from, Some(8));
            assert_eq!(Bundle::parse(&bundle.encode()).unwrap(), bundle);
            let outcome = verify(&bundle.encode(), &Ask { unit: Some(unit(of)), ..world.ask() });
            assert_eq!(
                outcome.verdict.code,
                Code::OkUnwitnessed,
                "{of} from {from}: {}",
                outcome.verdict.detail
            );
            let verified = outcome.verified.unwrap();
            let seqs: Vec<u64> = verified.entries.iter().map(|e| e.line.seq).collect();
            assert_eq!(seqs, (from..=count).collect::<Vec<_>>());
            assert_eq!(verified.since.is_none(), from == 1);
            assert_eq!((verified.size, verified.row.count, verified.time), (14, count, CREATED + 300));
        }
    }
    let verified = world.check(UNIT, 2).verified.unwrap();
    assert_eq!((verified.since, verified.quorum_time), (Some(CREATED + 200), None));
    assert_eq!(verified.profile.unwrap().name, "榕溪村");
    assert_eq!(verified.division.iter().map(|r| r.unit).collect::<Vec<_>>(), [unit(UNIT), unit(VILLAGE)]);
    assert!(matches!(build(&world.shelf, unit(GROUP), 1, None), Err(BuildError::NoUnit(_))));
    assert_eq!(world.bundle(UNIT, 99, None).from, 5);
    let mut blind = world.shelf.clone();
    blind.lines.get_mut(&unit(UNIT)).unwrap().pop();
    assert!(matches!(build(&blind, unit(UNIT), 1, None), Err(BuildError::Index(_))));
}

#[test]
fn b01_b02_containers() {
    let bytes = Writer::new("type/v1").with("a", b"x\ny").with("b", b"").finish();
    assert_eq!(bytes, b"type/v1\na 3\nx\ny\nb 0\n\n");
    let read = |bytes: &[u8]| {
        let mut reader = Reader::open(bytes, "type/v1")?;
        let (a, b) = (reader.must("a")?.to_vec(), reader.must("b")?.to_vec());
        reader.finish().map(|()| (a, b))
    };
    assert_eq!(read(&bytes), Ok((b"x\ny".to_vec(), Vec::new())));
    for (bad, why) in [
        ("type/v2\na 3\nx\ny\nb 0\n\n", SectionError::Version),
        ("type/v1", SectionError::Version),
        ("type/v1\nb 0\n\na 3\nx\ny\n", SectionError::Missing("a")),
        ("type/v1\na 3\nx\ny\na 3\nx\ny\nb 0\n\n", SectionError::Missing("b")),
        ("type/v1\na 3\nx\ny\n", SectionError::Missing("b")),
        ("type/v1\na 03\nx\ny\nb 0\n\n", SectionError::Form),
        ("type/v1\na +3\nx\ny\nb 0\n\n", SectionError::Form),
        ("type/v1\na \nx\ny\nb 0\n\n", SectionError::Form),
        ("type/v1\na 2\nx\ny\nb 0\n\n", SectionError::Form),
        ("type/v1\na 99999999999\nx", SectionError::Form),
        ("type/v1\na 9999999999999\nx", SectionError::Form),
        ("type/v1\na 3\nx\ny\nb 0\n\n\n", SectionError::Form),
        ("type/v1\na 3\nx\ny\nb 0\n", SectionError::Form),
    ] {
        assert_eq!(read(bad.as_bytes()), Err(why), "{bad:?}");
    }
}

#[test]
fn b03_other_forms_of_a_bundle_are_refused() {
    let world = World::demo();
    let good = String::from_utf8(world.bundle(UNIT, 3, Some(8)).encode()).unwrap();
    for (from, to) in [
        (format!("{UNIT} 3\n"), format!("{UNIT} 0\n")),
        (format!("{UNIT} 3\n"), format!("{UNIT} 03")),
        (format!("{UNIT} 3\n"), format!("{UNIT}  3")),
        (format!("unit 18\n{UNIT} 3\n"), format!("unit 33\n{UNIT} 9007199254740992\n")),
        ("\npeaks 45\n".into(), "\npeaks 44\n".into()),
        ("\nextension 5\n8 14\n".into(), "\nextension 5\n8-14\n".into()),
        ("\nregistry 0\n\n".into(), "\nregistry 1\n\n\n".into()),
        ("\nbefore 60\n2 ".into(), "\nbefore 60\n02".into()),
    ] {
        assert!(good.contains(&from), "{from:?}");
        let bad = good.replacen(&from, &to, 1);
        assert!(Bundle::parse(bad.as_bytes()).is_err(), "{from:?} as {to:?}");
        assert_eq!(verify(bad.as_bytes(), &world.ask()).verdict.code, Code::CannotShow);
    }
    assert!(Bundle::parse(&good.as_bytes()[..good.len() - 1]).is_err());
    assert!(Bundle::parse(format!("{good}\n").as_bytes()).is_err());
    let mut long = format!("{TYPE_LINE}\n").into_bytes();
    long.resize(MAX_BUNDLE + 1, b'x');
    assert_eq!(Bundle::parse(&long), Err(SectionError::Form));
}

/// V-06: nothing of this convicts anybody.
#[test]
fn v06_garbage_is_cannot_show() {
    let world = World::demo();
    for bytes in ["", "x", "<html>502 Bad Gateway</html>", "village-ledger/head/v1\n", TYPE_LINE] {
        assert_eq!(
            verify(bytes.as_bytes(), &world.ask()).verdict.code,
            match bytes.starts_with(TYPE_LINE) {
                // Its own type line without a newline is no version of anything.
                true => Code::ViewerTooOld,
                false => Code::CannotShow,
            }
        );
    }
}

#[test]
fn b04_heads_alone() {
    let world = World::demo();
    let head = world.bundle(UNIT, 1, None).head;
    assert_eq!(Head::parse(&head.encode()).unwrap(), head);
    assert!(head.encode().len() < 3_500, "about 3 KB");
    assert!(Head::parse(&world.bundle(UNIT, 1, None).encode()).is_err());
    assert!(Head::parse(&head.encode()[1..]).is_err());
}

#[test]
fn b05_the_pinned_charter_and_its_signatures() {
    let world = World::demo();
    let bytes = world.bundle(UNIT, 1, None).encode();
    let asked = |charter| verify(&bytes, &Ask { charter, ..Ask::default() }).verdict.code;
    assert_eq!(asked(None), Code::OkUnwitnessed);
    assert_eq!(asked(Some(Hash::EMPTY)), Code::CannotShow);
    let unsigned = |b: &mut Bundle| {
        let text = world.charter.text();
        b.head.charter = ledger::leaf::seal(&text, vec![world.log.sign(&text)]).into_bytes();
    };
    let mut bundle = world.bundle(UNIT, 1, None);
    unsigned(&mut bundle);
    assert_eq!(verify(&bundle.encode(), &Ask::default()).verdict.code, Code::CannotShow);
}

#[test]
fn b06_b07_checkpoint_and_index_leaf() {
    let world = World::demo();
    let text = world.checkpoint_text();
    let other = Key::note(ORIGIN, 2);
    assert_eq!(
        after(&world, |b| b.head.checkpoint =
            ledger::note::assemble(&text, &[other.sign(&text)]).into_bytes()),
        Code::CannotShow
    );
    let foreign = text.replace("mazhang", "zhanjiang");
    let foreign = ledger::note::assemble(&foreign, &[world.log.sign(&foreign)]);
    assert_eq!(after(&world, |b| b.head.checkpoint = foreign.clone().into_bytes()), Code::CannotShow);
    // An older index leaf, with a path that holds; and one that another key signed.
    let older = world.shelf.leaves[10].clone();
    assert_eq!(
        after(&world, |b| {
            b.head.index_leaf = older.clone();
            b.head.index_path = ledger::merkle::prove_inclusion(&world.shelf, 10, 14).unwrap();
        }),
        Code::CannotShow
    );
    assert_eq!(after(&world, |b| b.head.charter_path[0] = Hash::EMPTY), Code::CannotShow);
    assert_eq!(after(&world, |b| b.head.index_path[0] = Hash::EMPTY), Code::CannotShow);
    let mut world = world;
    world.cheat = Some(|mut index| {
        index.covers += 1;
        index
    });
    world.publish(NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow, "covers another position");
}

#[test]
fn b08_b09_no_row_can_be_hidden() {
    let mut world = World::demo();
    let neighbours = ["440811100390-00", "440811100392-00"];
    let group = world.entry(GROUP, 1, "notice");
    world.take(vec![group], NOW);
    for other in neighbours {
        let registry = unit(other).registry().to_string();
        let act =
            world.act(&registry, 1, "unit", Object::new().with("unit", other).with("name", "邻村"), &[]);
        let note = world.entry(other, 1, "notice");
        world.take(vec![act, note], NOW);
    }
    world.publish(NOW);
    let full = world.bundle(UNIT, 1, None);
    assert_eq!(code(&world, &full), Code::OkUnwitnessed);
    let division = world.check(UNIT, 1).verified.unwrap().division;
    assert_eq!(division.len(), 3, "village, group, registry");
    // Leave out any one row, with a fresh proof for the others: needed rows are missed, the neighbours too.
    let tree = IndexTree::new(world.shelf.rows.iter().map(|r| r.hash()));
    for gone in 0..full.head.rows.len() {
        let mut bundle = full.clone();
        bundle.head.rows.remove(gone);
        let positions: Vec<usize> = bundle.head.rows.iter().map(|(at, _)| *at as usize).collect();
        bundle.head.rows_proof = tree.prove_rows(&positions);
        assert_eq!(code(&world, &bundle), Code::CannotShow, "without {}", full.head.rows[gone].1.unit);
    }
    // A row more, proved, does no harm; a changed one does not come through; a doubled one neither.
    let mut more = full.clone();
    more.head.rows = world.shelf.rows.iter().enumerate().map(|(at, r)| (at as u64, *r)).collect();
    more.head.rows_proof = Vec::new();
    assert_eq!(code(&world, &more), Code::OkUnwitnessed);
    let mut bundle = full.clone();
    bundle.head.rows[2].1.count += 1;
    assert_eq!(code(&world, &bundle), Code::CannotShow);
    let mut bundle = full.clone();
    let row = bundle.head.rows[2];
    bundle.head.rows.insert(2, row);
    assert_eq!(code(&world, &bundle), Code::CannotShow);
}

#[test]
fn b12_registries_are_complete() {
    let world = World::demo();
    for at in [1, 2] {
        assert_eq!(after(&world, |b| drop(b.registries[at].pop())), Code::CannotShow);
        assert_eq!(after(&world, |b| drop(b.registries[at].remove(0))), Code::CannotShow);
        assert_eq!(after(&world, |b| b.registries[at].swap(0, 1)), Code::CannotShow);
        assert_eq!(
            after(&world, |b| {
                let item = b.registries[at][0].clone();
                b.registries[at].push(item);
            }),
            Code::CannotShow
        );
        assert_eq!(after(&world, |b| b.registries[at][0].time += 1), Code::CannotShow);
        assert_eq!(after(&world, |b| b.registries[at][0].index += 1), Code::CannotShow);
        assert_eq!(after(&world, |b| b.registries[at][0].index = u64::MAX), Code::CannotShow);
    }
    assert_eq!(after(&world, |b| drop(b.registries.pop())), Code::CannotShow);
    assert_eq!(after(&world, |b| b.registries.push(Vec::new())), Code::CannotShow);
    assert_eq!(after(&world, |b| b.registries.swap(1, 2)), Code::CannotShow);
}

#[test]
fn b16_b17_b18_peaks_lines_and_entries() {
    let world = World::demo();
    assert_eq!(after(&world, |_| ()), Code::OkUnwitnessed);
    let cannot = |change: fn(&mut Bundle)| assert_eq!(after(&world, change), Code::CannotShow);
    cannot(|b| b.peaks.clear());
    cannot(|b| b.peaks.push(Hash::EMPTY));
    cannot(|b| b.peaks[0] = Hash::EMPTY);
    cannot(|b| b.before = None);
    cannot(|b| b.before.as_mut().unwrap().seq = 3);
    cannot(|b| b.before.as_mut().unwrap().time += 1);
    cannot(|b| b.from = 1);
    cannot(|b| b.from = 2);
    cannot(|b| b.from = 4);
    cannot(|b| b.from = ledger::json::MAX_INTEGER as u64);
    cannot(|b| drop(b.entries.pop()));
    cannot(|b| drop(b.entries.remove(0)));
    cannot(|b| b.entries.clear());
    cannot(|b| b.entries.swap(0, 1));
    cannot(|b| b.entries[0].index += 1);
    cannot(|b| b.entries[1].time += 1);
    cannot(|b| b.entries[1].note = b.entries[0].note.clone());
    cannot(|b| b.entries.push(Item { index: 12, time: CREATED + 300, note: b.entries[0].note.clone() }));
    cannot(|b| b.unit = UnitId::parse(GROUP).unwrap());
    cannot(|b| b.unit = UnitId::parse(VILLAGE).unwrap());
    let asked = Ask { unit: Some(unit(GROUP)), ..world.ask() };
    assert_eq!(verify(&world.bundle(UNIT, 1, None).encode(), &asked).verdict.code, Code::CannotShow);
    // From number 1 there is neither peak nor line before.
    let mut bundle = world.bundle(UNIT, 1, None);
    bundle.before = world.bundle(UNIT, 2, None).before;
    assert_eq!(code(&world, &bundle), Code::CannotShow);
}

/// B-18: an amendment tree that leaves a correction out is seen by whoever holds all entries.
#[test]
fn b18_the_amendment_tree_is_checked_from_number_1() {
    let mut world = World::demo();
    let notes: Vec<Vec<u8>> = (1..=2)
        .map(|seq| {
            seal(
                &world.draft(UNIT, seq, "redaction", Object::new().with("x", 1)),
                &[&world.town, &world.supervision],
            )
        })
        .collect();
    let honest = |_| true;
    let mut good = world.clone();
    good.rebook(UNIT, notes.clone(), honest, NOW);
    assert_eq!(good.check(UNIT, 1).verdict.code, Code::OkUnwitnessed);
    world.rebook(UNIT, notes, |seq| seq == 1, NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
}

#[test]
fn b18_another_number_or_kind_of_leaf_in_the_book_is_not_shown() {
    let world = World::demo();
    for notes in [
        vec![world.entry(UNIT, 2, "notice")],
        vec![world.entry(GROUP, 1, "notice")],
        vec![b"garbage".to_vec()],
        vec![world.shelf.leaves[13].clone()],
    ] {
        let mut world = world.clone();
        world.rebook(UNIT, notes, |_| false, NOW);
        assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
    }
}

/// B-17: a book that the log itself signed, with places or times that no log can have.
#[test]
fn b17_places_and_times_that_cannot_be_are_not_shown() {
    let world = World::demo();
    let notes = || vec![world.entry(UNIT, 1, "voucher"), world.entry(UNIT, 2, "notice")];
    let check = |notes: Vec<Vec<u8>>, from: u64, bend: fn(&mut Vec<Line>)| {
        let mut world = world.clone();
        world.rebook_with(UNIT, notes, |_| false, NOW, bend);
        world.check(UNIT, from).verdict.code
    };
    assert_eq!(check(notes(), 1, |_| ()), Code::OkUnwitnessed);
    assert_eq!(check(notes(), 1, |lines| lines[1].time -= 1), Code::CannotShow);
    assert_eq!(check(notes(), 2, |lines| lines[1].time -= 1), Code::CannotShow);
    assert_eq!(check(notes(), 3, |lines| lines[1].seq = 7), Code::CannotShow, "the line before is no 7");
    let turned = |lines: &mut Vec<Line>| {
        lines.swap(0, 1);
        (lines[0].seq, lines[1].seq) = (1, 2);
    };
    assert_eq!(check(notes().into_iter().rev().collect(), 1, turned), Code::CannotShow);
    // At or above the index leaf there is nothing that it could cover.
    let mut world = world.clone();
    world.rebook_with(UNIT, notes(), |_| false, NOW, |lines| lines[1].index = 16);
    let mut bundle = {
        let mut blind = world.shelf.clone();
        blind.lines.get_mut(&unit(UNIT)).unwrap()[1].0.index = 15;
        build(&blind, unit(UNIT), 1, None).unwrap()
    };
    bundle.entries[1].index = 16;
    assert_eq!(code(&world, &bundle), Code::CannotShow);
}

/// B-07, B-18: an index leaf or entry of another ledger, and an index leaf that the log key did not sign.
#[test]
fn b07_b18_nothing_of_another_ledger() {
    let mut world = World::demo();
    world.cheat = Some(|mut index| {
        index.ledger =
            ledger::charter::LedgerId::from_text("mazhang.example/ledger#00000000000000000000000000000000");
        index
    });
    world.publish(NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
    let mut world = World::demo();
    let last = world.shelf.leaves.last().unwrap().clone();
    let text = ledger::leaf::read(&last).unwrap().note.text.to_owned();
    world.replace_last(ledger::leaf::seal(&text, vec![world.town.sign(&text)]).into_bytes());
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
    let other = World::with(1, 2, &["quorum none".to_owned()]);
    let mut world = World::demo();
    world.rebook(UNIT, vec![other.entry(UNIT, 1, "notice")], |_| false, NOW);
    assert_eq!(world.check(UNIT, 1).verdict.code, Code::CannotShow);
}
