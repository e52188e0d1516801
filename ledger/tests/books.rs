//! Completeness: lines, rows, index leaves and f (U-01 to U-11).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::books::{Books, Class};
use ledger::charter::LedgerId;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::{IndexLeaf, Line, Row, UnitTrees};
use ledger::json::Object;
use ledger::leaf::{self, LeafType};
use ledger::merkle::{MemoryTree, root_of};
use ledger::unit::UnitId;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::*;

fn ledger() -> LedgerId {
    LedgerId::from_text("x.example/l#00000000000000000000000000000000")
}

fn books() -> Books {
    Books::new(ledger(), "440811")
}

/// An entry of a unit that nobody signed well: f does not look.
fn entry(of: &str, seq: u64, kind: &str) -> Vec<u8> {
    let json = Object::new()
        .with("ledger", ledger().as_str())
        .with("unit", of)
        .with("seq", seq as i64)
        .with("kind", kind)
        .with("body", Object::new())
        .with("signed_at", 0);
    seal(&json, &[&Key::note("nobody.example/x", 99)])
}

fn add(books: &mut Books, bytes: &[u8]) -> Class {
    let class = books.classify(bytes);
    books.add(leaf_hash(bytes), &class);
    class
}

fn index_leaf(index: &IndexLeaf) -> Vec<u8> {
    let text = index.text();
    leaf::seal(&text, vec![Key::note("x.example/l", 1).sign(&text)]).into_bytes()
}

/// f, written down once more and slowly: rows from scratch out of (leaf, time of its index leaf).
fn rows(leaves: &[(UnitId, bool, Hash, u64, u64)]) -> Vec<Row> {
    let mut units: BTreeMap<UnitId, (MemoryTree, MemoryTree)> = BTreeMap::new();
    units.insert(unit(DISTRICT), Default::default());
    for (of, amendment, leaf, index, time) in leaves {
        for registry in of.registries() {
            units.entry(registry).or_default();
        }
        let (all, amendments) = units.entry(*of).or_default();
        let line = Line { seq: all.size() + 1, index: *index, time: *time, leaf: *leaf };
        all.append(leaf_hash(line.text().as_bytes()));
        if *amendment {
            amendments.append(leaf_hash(line.text().as_bytes()));
        }
    }
    let root = |t: &MemoryTree| root_of(t, t.size()).unwrap();
    let row = |(unit, (all, amended)): (UnitId, (MemoryTree, MemoryTree))| Row {
        unit,
        count: all.size(),
        root: root(&all),
        amendments: amended.size(),
        amendment_root: root(&amended),
    };
    units.into_iter().map(row).collect()
}

fn index_root(rows: &[Row]) -> Hash {
    let tree = MemoryTree::new(rows.iter().map(|r| leaf_hash(r.text().as_bytes())).collect());
    root_of(&tree, tree.size()).unwrap()
}

#[test]
fn u01_lines_have_one_spelling() {
    let line = Line { seq: 3, index: 17, time: 1_790_000_000, leaf: Hash::EMPTY };
    let text = "3 17 1790000000 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    assert_eq!((line.text().as_str(), line.hash()), (text, leaf_hash(text.as_bytes())));
    assert_eq!(Line::parse(text), Some(line));
    let t = text.trim_end();
    for bad in [
        format!("0{t}"),
        format!("+{t}"),
        format!(" {t}"),
        format!("{t} "),
        t.replacen(' ', "  ", 1),
        t[2..].into(),
        t.replace('=', ""),
        String::new(),
        format!("{t}\n\n"),
        "1 2 18446744073709551616 x".into(),
    ] {
        assert_eq!(Line::parse(&bad), None, "{bad}");
    }
}

#[test]
fn u05_rows_have_one_spelling() {
    let row = UnitTrees::default().row(unit(UNIT));
    let empty = Hash::EMPTY.to_base64();
    let text = format!("{UNIT} 0 {empty} 0 {empty}\n");
    assert_eq!(row.text(), text);
    assert_eq!((Row::parse(&text), row.hash()), (Some(row), leaf_hash(text.as_bytes())));
    let void = text.replace(UNIT, UnitId::VOID.as_str());
    assert_eq!(Row::parse(&void).unwrap().unit, UnitId::VOID);
    let t = text.trim_end();
    for bad in [
        t.replacen(" 0", " 00", 1),
        t.replacen(' ', "  ", 1),
        format!("{t} 1"),
        t[1..].into(),
        t.replace("440811", "000000"),
        String::new(),
    ] {
        assert_eq!(Row::parse(&bad), None, "{bad}");
    }
}

#[test]
fn u02_u03_u05_u09_u10_a_small_ledger_by_hand() {
    let mut books = books();
    assert_eq!(books.rows(), rows(&[]), "U-10: the district's registry is there from the start");
    let (first, _) = books.close(100, Vec::new());
    assert_eq!((first.covers, first.units, first.root, first.time), (0, 1, index_root(&rows(&[])), 100));

    let leaves: Vec<(&str, Vec<u8>, bool)> = vec![
        (UNIT, entry(UNIT, 1, "voucher"), false),
        ("440811100392-00", entry("440811100392-00", 1, "whatever_comes_later"), false),
        (UNIT, entry(UNIT, 2, "correction"), true),
        (UNIT, entry(UNIT, 3, "supersede"), true),
        (UNIT, entry(UNIT, 4, "redaction"), true),
        (UNIT, entry(UNIT, 5, "closed"), true),
        (UNIT, entry(UNIT, 6, "voucher"), false),
    ];
    let mut wanted = Vec::new();
    for (of, bytes, amendment) in &leaves {
        let index = books.size();
        let class = add(&mut books, bytes);
        assert!(
            matches!(class, Class::Entry { unit: u, amendment: a, .. } if u == unit(of) && a == *amendment)
        );
        wanted.push((unit(of), *amendment, leaf_hash(bytes), index, 150));
    }
    assert_eq!((books.waiting(), books.rows()), (7, rows(&[])), "rows change at the index leaf only");
    let (second, lines) = books.close(150, vec!["— w x".into()]);
    assert_eq!((second.covers, second.time, second.units), (8, 150, 6));
    assert_eq!(second.root, index_root(&rows(&wanted)));
    assert_eq!(books.rows(), rows(&wanted));
    assert!(lines.iter().all(|(_, line, _)| line.time == 150) && lines.len() == 7);
    // U-09: the clock went back; time does not.
    let (third, _) = books.close(120, Vec::new());
    assert_eq!((third.covers, third.time, books.time(), books.size()), (9, 150, 150, 10));
    assert!(books.rows().windows(2).all(|w| w[0].unit < w[1].unit));
    assert!(books.rows().iter().all(|r| r.count > 0 || r.unit.is_registry()), "U-10");
    // What a rebuildable index remembers goes on where this stands.
    let trees = books.units().map(|(u, t)| (*u, UnitTrees::decode(&t.encode()).unwrap())).collect();
    let mut restored = Books::restore(ledger(), books.size(), books.time(), trees);
    let (a, b) = (entry(UNIT, 7, "x"), entry(UNIT, 8, "closed"));
    for books in [&mut books, &mut restored] {
        add(books, &a);
        add(books, &b);
    }
    assert_eq!(books.close(200, Vec::new()).0, restored.close(200, Vec::new()).0);
    assert_eq!(UnitTrees::decode(&[0; 15]), None);
    assert_eq!(UnitTrees::decode(&[0xFF; 16]), None);
}

#[test]
fn u04_the_first_leaf_with_a_number_wins() {
    let mut books = books();
    let class = |seq| Class::Entry { unit: unit(UNIT), seq, amendment: false };
    assert_eq!(add(&mut books, &entry(UNIT, 1, "voucher")), class(1));
    assert_eq!(add(&mut books, &entry(UNIT, 1, "notice")), Class::Void, "taken");
    assert_eq!(add(&mut books, &entry(UNIT, 3, "voucher")), Class::Void, "a hole");
    assert_eq!(add(&mut books, &entry(UNIT, 0, "voucher")), Class::Void);
    assert_eq!(add(&mut books, &entry(UNIT, 2, "voucher")), class(2));
    let other =
        String::from_utf8(entry(UNIT, 3, "voucher")).unwrap().replace("x.example/l#0", "x.example/l#1");
    assert_eq!(add(&mut books, other.as_bytes()), Class::Void, "another ledger");
    assert_eq!(books.count(&unit(UNIT)), 2);
    books.close(1, Vec::new());
    assert_eq!(books.trees(&UnitId::VOID).unwrap().lines.size(), 4);
    assert_eq!(add(&mut books, &entry(UNIT, 2, "voucher")), Class::Void, "also when it is committed");
}

#[test]
fn u06_every_leaf_is_exactly_one_thing() {
    let world = World::new();
    let mut books = Books::new(world.ledger.clone(), "440811");
    assert_eq!(add(&mut books, &world.charter_note), Class::Charter);
    assert_eq!(books.classify(&world.charter_note), Class::Void, "a charter elsewhere");
    let (index, _) = books.clone().close(5, Vec::new());
    let note = index_leaf(&index);
    assert_eq!(books.classify(&note), Class::Index(index.clone()));
    for other in [IndexLeaf { covers: 0, ..index.clone() }, IndexLeaf { covers: 2, ..index.clone() }] {
        assert_eq!(books.classify(&index_leaf(&other)), Class::Void, "covers another position");
    }
    let good = String::from_utf8(world.entry(UNIT, 1, "voucher")).unwrap();
    assert!(matches!(books.classify(good.as_bytes()), Class::Entry { .. }));
    let cut = good.trim_end().to_owned();
    for void in [
        "",
        "garbage",
        &cut,
        &good.replace("entry/v1", "entry/v2"),
        &good.replace("\"seq\":1", "\"seq\": 1"),
        &good.replace("\"seq\":1", "\"seq\":1.0"),
        &good.replace("\"kind\"", "\"kind_\""),
        &good.replace(UNIT, UnitId::VOID.as_str()),
        &good.replace("\"seq\":1,\"kind\":\"voucher\"", "\"kind\":\"voucher\",\"seq\":1"),
        &good.replace("\"voucher\"", "\"Voucher\""),
        &format!("{good}{}", good.lines().last().unwrap()),
    ] {
        assert_eq!(books.classify(void.as_bytes()), Class::Void, "{void}");
    }
    // Fields that only the kind layer judges do not matter here.
    for odd in
        [good.replace("\"body\"", "\"item\":7,\"body\""), good.replace("\"amount\":128640", "\"amount\":-1")]
    {
        assert!(matches!(books.classify(odd.as_bytes()), Class::Entry { .. }), "{odd}");
    }
}

#[test]
fn u07_index_leaves_have_one_form() {
    let index = IndexLeaf {
        ledger: ledger(),
        covers: 7,
        units: 2,
        root: Hash::EMPTY,
        time: 9,
        witnessed: vec!["— w.example/w x".into()],
    };
    let read = |text: &str| {
        let note = leaf::seal(text, vec![Key::note("a", 1).sign(text)]);
        leaf::read(note.as_bytes()).ok().and_then(|l| IndexLeaf::parse(&l))
    };
    let text = index.text();
    assert_eq!(read(&text), Some(index));
    for (from, to) in [
        ("\"covers\":7", "\"covers\":-7"),
        ("\"covers\":7,", ""),
        ("\"time\":9", "\"time\":\"9\""),
        ("\"time\":9", "\"time\":9,\"more\":1"),
        ("\"units\":2,\"root\"", "\"root\""),
        ("\"witnessed\":[", "\"witnessed\":[1,"),
        (",\"witnessed\":[\"— w.example/w x\"]", ""),
        ("index/v1", "entry/v1"),
        ("=\"", "\""),
        ("\"covers\":7,\"units\":2", "\"units\":2,\"covers\":7"),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(read(&text.replacen(from, to, 1)), None, "{from} as {to}");
    }
}

/// U-08, U-11: every published tree ends in its index leaf, and replaying all leaves through f gives each again.
#[test]
fn u08_a_replay_finds_every_index_leaf() {
    let mut world = World::demo();
    world.force(b"garbage".to_vec());
    world.force(world.entry(UNIT, 5, "notice"));
    world.publish(CREATED + 400);
    let mut books = Books::new(world.ledger.clone(), "440811");
    let mut found = 0;
    for (at, bytes) in world.shelf.leaves.iter().enumerate() {
        match books.classify(bytes) {
            Class::Index(index) => {
                let (wanted, _) = books.close(index.time, index.witnessed.clone());
                assert_eq!(wanted, index, "leaf {at}");
                assert_eq!(index.covers, at as u64);
                found += 1;
            }
            class => books.add(leaf_hash(bytes), &class),
        }
    }
    assert_eq!((found, books.waiting(), books.size()), (5, 0, world.shelf.leaves.len() as u64));
    assert_eq!(books.rows(), world.shelf.rows);
}

#[test]
fn u11_a_batch_taken_back_leaves_no_trace() {
    let mut books = books();
    add(&mut books, &entry(UNIT, 1, "voucher"));
    let (size, mut kept) = (books.size(), books.clone());
    add(&mut books, &entry(UNIT, 2, "voucher"));
    add(&mut books, &entry("440811100392-00", 1, "voucher"));
    add(&mut books, b"void");
    books.take_back(3);
    assert_eq!((books.size(), books.waiting(), books.count(&unit(UNIT))), (size, 1, 1));
    assert_eq!(
        books.close(9, Vec::new()),
        kept.close(9, Vec::new()),
        "no row for a unit that was never logged"
    );
    books.take_back(10);
    assert_eq!(books.waiting(), 0);
}

/// Leaves of all sorts: good ones, numbers at random, and bytes.
fn leaves() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let units = [UNIT, GROUP, TOWN, "440811100392-00", DISTRICT];
    let kinds = ["voucher", "correction", "closed", "later"];
    let leaf = prop_oneof![
        6 => (0..units.len(), 0_u64..5, 0..kinds.len()).prop_map(move |(u, seq, k)| entry(units[u], seq, kinds[k])),
        1 => proptest::collection::vec(any::<u8>(), 0..60),
        1 => (0_u64..30).prop_map(|covers| index_leaf(&IndexLeaf {
            ledger: ledger(), covers, units: 1, root: Hash::EMPTY, time: 1, witnessed: vec![],
        })),
        1 => Just(leaf::text(LeafType::Charter, &Object::new()).into_bytes()),
    ];
    proptest::collection::vec(leaf, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 2_000 } else { 60 }))]

    /// U-11: any leaves whatever are classified, and the rows are those of f written down once more.
    #[test]
    fn u11_f_is_total_and_right(leaves in leaves(), closes in any::<u64>()) {
        let mut books = books();
        let (mut wanted, mut waiting, mut time) = (Vec::new(), Vec::new(), 10);
        for (at, bytes) in leaves.iter().enumerate() {
            let index = books.size();
            match add(&mut books, bytes) {
                Class::Entry { unit, seq, amendment } => {
                    let before = wanted.iter().chain(&waiting).filter(|w: &&(UnitId, bool, Hash, u64, u64)| w.0 == unit).count();
                    prop_assert_eq!(seq, before as u64 + 1);
                    waiting.push((unit, amendment, leaf_hash(bytes), index, 0));
                }
                Class::Void => waiting.push((UnitId::VOID, false, leaf_hash(bytes), index, 0)),
                Class::Charter => prop_assert_eq!(at, 0),
                Class::Index(_) => {}
            }
            if closes >> (at % 64) & 1 == 1 {
                time += 5;
                books.close(time, Vec::new());
                wanted.extend(waiting.drain(..).map(|w| (w.0, w.1, w.2, w.3, time)));
                prop_assert_eq!(books.rows(), rows(&wanted));
                prop_assert_eq!(books.index_tree().root(), index_root(&rows(&wanted)));
            }
        }
    }
}
