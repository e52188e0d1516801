//! Rules at append that look back (E-59, E-90 to E-97): an entry on each side of each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::amend::{Amendment, MAX_CORRECTIONS};
use ledger::append::{Past, Refusal, RefusalCode as Code, check_past};
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value, parse};
use ledger::unit::UnitId;
use std::cell::RefCell;
use support::*;

fn refusal(world: &World, note: Vec<u8>) -> Refusal {
    let mut refused = world.clone().submit(vec![note], NOW).unwrap_err();
    assert_eq!((refused.len(), refused[0].0), (1, 0));
    refused.remove(0).1
}

/// Code, field and rule of the one refusal.
fn told(world: &World, note: Vec<u8>) -> (Code, String, String) {
    let refusal = refusal(world, note);
    let rule = refusal.rule().to_owned();
    (refusal.code, refusal.field, rule)
}

fn refused(code: Code, field: &str, rule: &str) -> (Code, String, String) {
    (code, field.to_owned(), rule.to_owned())
}

fn takes(world: &World, note: Vec<u8>) -> bool {
    world.clone().submit(vec![note], NOW).is_ok()
}

/// Number and leaf hash of an entry of the demo unit, as amendments name them; waiting entries are given.
fn named(world: &World, seq: u64, waiting: Option<&[u8]>) -> Object {
    let leaf = world.shelf.leaf(&unit(UNIT), seq).or(waiting.map(<[u8]>::to_vec)).unwrap_or_default();
    Object::new().with("seq", seq as i64).with("leaf", leaf_hash(&leaf).to_base64())
}

fn entry(world: &World, seq: u64, kind: &str, body: Object) -> Vec<u8> {
    seal(&world.draft(UNIT, seq, kind, body), &[&world.town])
}

fn corrections(world: &World, seq: u64, target: Object, fields: &[(&str, Value, Value)]) -> Vec<u8> {
    let field = |(path, old, new): &(&str, Value, Value)| {
        Object::new().with("path", *path).with("old", old.clone()).with("new", new.clone()).into()
    };
    let fields: Vec<Value> = fields.iter().map(field).collect();
    let body = Object::new().with("target", target).with("fields", fields);
    entry(world, seq, "correction", body.with("reason", "typo").with("explanation", "录入错误"))
}

fn correction(world: &World, seq: u64, target: Object, path: &str, old: &str, new: &str) -> Vec<u8> {
    corrections(world, seq, target, &[(path, old.into(), new.into())])
}

/// A correction of a voucher's amount and of its one line.
fn amount(world: &World, seq: u64, target: Object, old: i64, new: i64) -> Vec<u8> {
    let fields = ["body.amount", "body.lines.0.amount"].map(|path| (path, old.into(), new.into()));
    corrections(world, seq, target, &fields)
}

fn supersede(world: &World, seq: u64, target: Object, by: Object) -> Vec<u8> {
    let body = Object::new().with("target", target).with("by", by).with("reason", "重新公布");
    entry(world, seq, "supersede", body)
}

#[test]
fn e59_e46_corrections() {
    let mut world = World::demo();
    let fix = |w: &World, seq, old: i64, new: i64| amount(w, seq, named(w, 2, None), old, new);
    let old = refused(Code::Target, "body.fields.0.old", "E-59");
    assert_eq!(told(&world, fix(&world, 5, 1, 2)), old);
    let first = fix(&world, 5, 128_640, 128_641);
    world.submit(vec![first.clone()], NOW).unwrap();
    // What is published now is the corrected value: while it waits, and once it is committed.
    for publish in [false, true] {
        if publish {
            world.publish(NOW);
        }
        assert_eq!(told(&world, fix(&world, 6, 128_640, 7)), old);
        assert!(takes(&world, fix(&world, 6, 128_641, 7)));
    }
    let text = |target| correction(&world, 6, target, "title", "x", "y");
    assert_eq!(told(&world, text(named(&world, 2, None))), old, "there is none");
    let amendment = refused(Code::Target, "body.target", "E-59");
    assert_eq!(told(&world, text(named(&world, 5, Some(&first)))), amendment);
    let other = Object::new().with("seq", 2).with("leaf", leaf_hash(b"another leaf").to_base64());
    assert_eq!(told(&world, text(other)), refused(Code::Target, "body.target.leaf", "E-59"));
    // A target that is not there although its number is lower: the past could not be read.
    let mut blind = world.clone();
    blind.shelf.lines.clear();
    assert_eq!(told(&blind, fix(&world, 6, 128_641, 7)), refused(Code::Target, "body.target.seq", "E-59"));
}

/// E-45, E-59: `lines.00.amount` is no second path of `lines.0.amount`.
#[test]
fn e45_a_place_has_one_path() {
    let world = World::demo();
    let (amount, line) = ("body.amount", "body.lines.0.amount");
    for (alias, good) in [(line, true), ("body.lines.00.amount", false), ("body.lines.000.amount", false)] {
        let fields = [amount, alias].map(|path| (path, 128_640.into(), 7.into()));
        let note = corrections(&world, 5, named(&world, 2, None), &fields);
        match good {
            true => assert!(takes(&world, note)),
            false => {
                assert_eq!(told(&world, note), refused(Code::Target, "body.fields.1.old", "E-59"), "{alias}");
            }
        }
    }
}

/// What is read of the log, and by which number, when an entry is held against its past.
struct Counted<'a>(&'a Shelf, RefCell<Vec<u64>>);

impl Past for Counted<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        self.1.borrow_mut().push(seq);
        self.0.leaf(unit, seq)
    }
    fn stands(&self, unit: &UnitId, seq: u64, leaf: &Hash) -> bool {
        self.0.stands(unit, seq, leaf)
    }
    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        self.0.amendments(unit, target)
    }
}

/// E-97: what one correction costs the writer of all units has an end, whatever else a unit has logged.
#[test]
fn e97_a_correction_reads_only_the_amendments_of_its_target_and_those_have_an_end() {
    let mut world = World::demo();
    let last = MAX_CORRECTIONS as u64;
    for n in 0..last {
        let note = amount(&world, 5 + n, named(&world, 2, None), 128_640 + n as i64, 128_641 + n as i64);
        world.take(vec![note], NOW);
        if n % 8 == 3 {
            world.publish(NOW);
        }
    }
    let next = 5 + last;
    let limit = refused(Code::Target, "body.target", "E-97");
    // Waiting, then committed.
    for publish in [false, true] {
        if publish {
            world.publish(NOW);
        }
        let note = amount(&world, next, named(&world, 2, None), 128_640 + last as i64, 7);
        assert_eq!(told(&world, note), limit);
        assert!(takes(&world, supersede(&world, next, named(&world, 2, None), named(&world, 3, None))));
    }
    let reads = |note: Vec<u8>| {
        let past = Counted(&world.shelf, RefCell::default());
        let entry = Entry::of_leaf(&note).unwrap();
        let held = check_past(&entry, &past, &world.state.books, &world.state.registry);
        (held.is_ok(), past.1.into_inner())
    };
    assert_eq!(reads(amount(&world, next, named(&world, 3, None), 128_640, 7)), (true, vec![3]));
    assert_eq!(reads(amount(&world, next, named(&world, 2, None), 1, 7)), (false, vec![2]));
    let swap = supersede(&world, next, named(&world, 2, None), named(&world, 3, None));
    assert_eq!(reads(swap), (true, vec![2, 3]));
    // References are held against hashes alone.
    let leaf = leaf_hash(&world.shelf.leaf(&unit(UNIT), 2).unwrap());
    let refer = |leaf: Hash| {
        let reference = Object::new().with("rel", "x").with("unit", UNIT).with("seq", 2);
        let list: Vec<Value> = vec![reference.with("leaf", leaf.to_base64()).into()];
        let draft = world.draft(UNIT, next, "notice", example("notice"));
        seal(&set(&draft, "refs", Some(list.into())), &[&world.town])
    };
    assert_eq!(reads(refer(leaf)), (true, vec![]));
    assert_eq!(told(&world, refer(Hash::EMPTY)), refused(Code::Reference, "refs.0", "E-60"));
}

/// E-61: amendments of a batch that was refused are forgotten with it.
#[test]
fn e61_a_refused_batch_leaves_no_amendment() {
    let mut world = World::demo();
    let good = amount(&world, 5, named(&world, 2, None), 128_640, 1);
    let swap = supersede(&world, 6, named(&world, 2, None), named(&world, 3, None));
    let bad = amount(&world, 7, named(&world, 3, None), 1, 2);
    assert!(world.submit(vec![good.clone(), swap.clone(), bad], NOW).is_err());
    assert!(takes(&world, good.clone()));
    assert!(world.submit(vec![good, swap], NOW).is_ok());
    let after = amount(&world, 7, named(&world, 2, None), 1, 2);
    assert_eq!(told(&world, after), refused(Code::Target, "body.target", "E-90"));
}

#[test]
fn e95_what_was_corrected_is_still_an_entry() {
    let world = World::demo();
    let fix = |fields: &[(&str, Value, Value)]| corrections(&world, 5, named(&world, 2, None), fields);
    let sum = |path| (path, Value::from(128_640), Value::from(7));
    let wanted = refused(Code::Target, "body.fields", "E-95");
    // The lines no longer add up; the amount is no amount; the choice is none; a natural person would have a name.
    assert_eq!(told(&world, fix(&[sum("body.amount")])), wanted);
    assert_eq!(told(&world, fix(&[sum("body.lines.0.amount")])), wanted);
    assert!(takes(&world, fix(&[sum("body.amount"), sum("body.lines.0.amount")])));
    assert_eq!(told(&world, fix(&[("body.amount", 128_640.into(), "x".into())])), wanted);
    let other = |path, old: &str, new: &str| fix(&[(path, old.into(), new.into())]);
    assert_eq!(told(&world, other("body.direction", "expense", "gift")), wanted);
    assert!(takes(&world, other("body.direction", "expense", "income")));
    assert_eq!(told(&world, other("body.counterparty.kind", "organ", "person")), wanted);
    assert!(takes(&world, other("body.counterparty.kind", "organ", "company")));
    let refusal = refusal(&world, fix(&[sum("body.amount")]));
    assert!(refusal.what.contains("请一并更正：分项合计 128640 分"), "{refusal}");
}

#[test]
fn e56_e93_nothing_from_the_future_by_a_correction() {
    // NOW is 2026-09-30 in UTC+8.
    let mut world = World::demo();
    let posting = Object::new().with("from", "2026-09-01").with("to", "2026-12-01");
    let dated =
        [("period", "2026-08".into()), ("occurred", "2026-08-31".into()), ("posting", posting.into())];
    let draft =
        dated.into_iter().fold(world.draft(UNIT, 5, "notice", example("notice")), |draft, (name, value)| {
            set(&draft, name, Some(value))
        });
    world.take(vec![seal(&draft, &[&world.town])], NOW);
    world.publish(NOW);
    for (path, old, good, bad, rule) in [
        ("occurred", "2026-08-31", "2026-09-30", "2026-10-01", "E-56"),
        ("period", "2026-08", "2026-Q3", "2026-10", "E-56"),
        ("posting.from", "2026-09-01", "2026-10-01", "2026-10-02", "E-93"),
    ] {
        let note = |new| correction(&world, 6, named(&world, 5, None), path, old, new);
        assert!(takes(&world, note(good)), "{path}");
        assert_eq!(told(&world, note(bad)), refused(Code::Future, "body.fields.0.new", rule));
    }
    // Nor a budget's, which may itself be of next year.
    let budget = set(&world.draft(UNIT, 6, "budget", example("budget")), "period", Some("2027".into()));
    world.take(vec![seal(&budget, &[&world.town])], NOW);
    world.publish(NOW);
    let note = |new| correction(&world, 7, named(&world, 6, None), "period", "2027", new);
    assert!(takes(&world, note("2026")));
    assert_eq!(told(&world, note("2027-02")), refused(Code::Future, "body.fields.0.new", "E-56"));
    // Other texts may look like a date of the future.
    let fields = (
        "body.text.0",
        Value::from("3号虾塘协商发包：面积86.50亩，年租180元/亩，期限15年"),
        Value::from("2099-01-01"),
    );
    assert!(takes(&world, corrections(&world, 7, named(&world, 5, None), &[fields])));
}

/// 2 was superseded by 3: waiting, then committed.
fn superseded() -> [World; 2] {
    let mut world = World::demo();
    let note = supersede(&world, 5, named(&world, 2, None), named(&world, 3, None));
    world.submit(vec![note], NOW).unwrap();
    let waiting = world.clone();
    world.publish(NOW);
    [waiting, world]
}

#[test]
fn e90_what_was_superseded_stands_no_more() {
    for world in superseded() {
        let fix = |seq| amount(&world, 6, named(&world, seq, None), 128_640, 7);
        assert_eq!(told(&world, fix(2)), refused(Code::Target, "body.target", "E-90"));
        assert!(takes(&world, fix(3)));
        // Neither twice, nor by what was itself superseded: no circles.
        let note = |old, new| supersede(&world, 6, named(&world, old, None), named(&world, new, None));
        assert_eq!(told(&world, note(2, 3)), refused(Code::Target, "body.target", "E-90"));
        assert_eq!(told(&world, note(3, 2)), refused(Code::Target, "body.by", "E-90"));
        let reason = correction(&world, 6, named(&world, 5, None), "body.reason", "重新公布", "x");
        let code = told(&world, reason).0;
        assert_eq!(code, Code::Target, "an amendment can't be corrected");
    }
}

#[test]
fn e90_by_another_of_its_kind() {
    let mut world = World::demo();
    let note = |w: &World, old: Object, new: Object| supersede(w, 5, old, new);
    let at = |seq| named(&world, seq, None);
    assert!(takes(&world, note(&world, at(3), at(2))), "the later one may be the wrong one");
    assert_eq!(told(&world, note(&world, at(1), at(4))), refused(Code::Target, "body.by", "E-90"));
    let other = |seq: i64| Object::new().with("seq", seq).with("leaf", leaf_hash(b"x").to_base64());
    assert_eq!(
        told(&world, note(&world, other(2), at(3))),
        refused(Code::Target, "body.target.leaf", "E-59")
    );
    assert_eq!(told(&world, note(&world, at(2), other(3))), refused(Code::Target, "body.by.leaf", "E-59"));
    // What was logged as a notice for want of a better kind may become a voucher, never a voucher a notice.
    assert!(takes(&world, note(&world, at(4), at(3))));
    assert_eq!(told(&world, note(&world, at(3), at(4))), refused(Code::Target, "body.by", "E-90"));
    // By an entry of the same batch; amendments stay as they are.
    let again = world.entry(UNIT, 5, "notice");
    let replaced = supersede(&world, 6, at(4), named(&world, 5, Some(&again)));
    assert!(world.clone().submit(vec![again, replaced], NOW).is_ok());
    let fixes: Vec<Vec<u8>> = [(5, 128_640, 1), (6, 1, 2)]
        .map(|(seq, old, new)| amount(&world, seq, named(&world, 2, None), old, new))
        .into();
    world.take(fixes, NOW);
    world.publish(NOW);
    let note = supersede(&world, 7, named(&world, 5, None), named(&world, 6, None));
    assert_eq!(told(&world, note), refused(Code::Target, "body.target", "E-90"));
    let note = supersede(&world, 7, named(&world, 4, None), named(&world, 6, None));
    assert_eq!(told(&world, note), refused(Code::Target, "body.by", "E-90"), "nor a notice by one");
}

fn profile(of: &str, predecessors: &[&str]) -> Object {
    let predecessors: Vec<Value> = predecessors.iter().map(|u| Value::from(*u)).collect();
    Object::new()
        .with("unit", of)
        .with("name", "二组")
        .with_some("predecessors", (!predecessors.is_empty()).then_some(predecessors))
}

#[test]
fn e92_a_closing_says_what_the_book_is() {
    let world = World::demo();
    let close = |w: &World, of: &str, body: Object| {
        w.act(of, w.state.books.count(&unit(of)) + 1, "closed", body, &[])
    };
    assert!(takes(&world, close(&world, UNIT, world.closing(UNIT))));
    assert!(takes(&world, close(&world, GROUP, world.closing(GROUP))), "a book without entries");
    let root = set_in(&world.closing(UNIT), "root", leaf_hash(b"x").to_base64());
    assert_eq!(told(&world, close(&world, UNIT, root)), refused(Code::Closing, "body.root", "E-92"));
    // A count that is not its own number is a matter of its kind.
    let count = set_in(&world.closing(UNIT), "count", 4);
    assert_eq!(told(&world, close(&world, UNIT, count)).0, Code::Field);
    // While an entry waits, nobody has seen the root.
    let mut waiting = world.clone();
    waiting.take(vec![waiting.entry(UNIT, 5, "notice")], NOW);
    let note = close(&waiting, UNIT, waiting.closing(UNIT));
    assert_eq!(told(&waiting, note), refused(Code::Closing, "body.root", "E-92"));
    waiting.publish(NOW);
    assert!(takes(&waiting, close(&waiting, UNIT, waiting.closing(UNIT))));
    // Waiting entries of others don't matter.
    let mut other = world.clone();
    other.take(vec![other.entry(GROUP, 1, "notice")], NOW);
    assert!(takes(&other, close(&other, UNIT, other.closing(UNIT))));
}

#[test]
fn e92_who_goes_on_says_so() {
    let mut world = World::demo();
    const NEXT: &str = "440811100391-02";
    let close = |w: &World| {
        let body = w.closing(UNIT);
        let reason = body.text_of("reason").unwrap().to_owned();
        let body = Object::new()
            .with("count", 5)
            .with("root", body.text_of("root").unwrap())
            .with("successor", NEXT)
            .with("reason", reason);
        w.act(UNIT, 5, "closed", body, &[])
    };
    let wanted = refused(Code::Closing, "body.successor", "E-92");
    assert_eq!(told(&world, close(&world)), wanted, "no profile");
    for (seq, predecessors) in [(4, vec![]), (5, vec![GROUP])] {
        let note = world.act(VILLAGE, seq, "unit", profile(NEXT, &predecessors), &[]);
        world.take(vec![note], NOW);
        assert_eq!(told(&world, close(&world)), wanted, "another, or none");
    }
    let note = world.act(VILLAGE, 6, "unit", profile(NEXT, &[GROUP, UNIT]), &[]);
    world.take(vec![note], NOW);
    assert!(takes(&world, close(&world)));
}

#[test]
fn e93_a_posting_begins_on_the_next_day_at_the_latest() {
    // NOW is 2026-09-30 in UTC+8.
    let world = World::demo();
    let posted = |from: &str| {
        let posting = Object::new().with("from", from).with("to", "2026-12-01");
        let draft = world.draft(UNIT, 5, "notice", example("notice"));
        seal(&set(&draft, "posting", Some(posting.into())), &[&world.town])
    };
    assert!(takes(&world, posted("2026-10-01")) && takes(&world, posted("2026-01-01")));
    assert_eq!(told(&world, posted("2026-10-02")), refused(Code::Future, "posting.from", "E-93"));
}

/// An auditor holds a logged entry against the same rules, with what stood before it.
#[test]
fn e90_e92_server_and_auditor_share_the_rules() {
    let [_, world] = superseded();
    let note = amount(&world, 6, named(&world, 2, None), 128_640, 7);
    let entry = Entry::of_leaf(&note).unwrap();
    let (books, registry) = (&world.state.books, &world.state.registry);
    let audited = check_past(&entry, &world.shelf, books, registry);
    assert_eq!(audited, Err(refusal(&world, note)));
    let closing = world.act(UNIT, 6, "closed", world.closing(UNIT), &[]);
    let entry = Entry::of_leaf(&closing).unwrap();
    assert_eq!(check_past(&entry, &world.shelf, books, registry), Ok(()));
    let other = set_in(entry.body(), "root", leaf_hash(b"x").to_base64());
    let entry = Entry::of(set(&entry.json, "body", Some(other.into()))).unwrap();
    assert_eq!(check_past(&entry, &world.shelf, books, registry).unwrap_err().code, Code::Closing);
}

fn set_in(body: &Object, name: &str, value: impl Into<Value>) -> Object {
    let mut body = body.clone();
    assert!(body.replace_at(name, value.into()));
    body
}

/// E-94: whatever is refused says so in both languages, and names a rule.
#[test]
fn e94_each_refusal_says_what_to_do_in_both_languages() {
    let world = World::demo();
    let good = String::from_utf8(world.entry(UNIT, 5, "notice")).unwrap();
    let draft = |name: &str, value: Value| {
        let json = set(&world.draft(UNIT, 5, "notice", example("notice")), name, Some(value));
        seal(&json, &[&world.town])
    };
    let notes = [
        good.replace("\"seq\":5", "\"seq\": 5").into_bytes(),
        world.charter_note.clone(),
        seal(&world.draft(UNIT, 5, "lottery", Object::new()), &[&world.town]),
        draft("title", "".into()),
        draft("title", "e\u{301}".into()),
        draft("ledger", "x#y".into()),
        draft("seq", 9.into()),
        draft("seq", 3.into()),
        draft("occurred", "2027-01-01".into()),
        draft(
            "sealed",
            parse(&format!(r#"{{"a":[{{"path":"x","commitment":"{}"}}]}}"#, leaf_hash(b"").to_base64()))
                .unwrap()
                .get("a")
                .unwrap()
                .clone(),
        ),
        draft(
            "refs",
            parse(&format!(
                r#"{{"a":[{{"rel":"x","unit":"{UNIT}","seq":2,"leaf":"{}"}}]}}"#,
                leaf_hash(b"").to_base64()
            ))
            .unwrap()
            .get("a")
            .unwrap()
            .clone(),
        ),
        draft("body", Object::new().into()),
        seal(&world.draft(UNIT, 5, "notice", example("notice")), &[&world.supervision]),
        seal(&world.draft(UNIT, 5, "notice", example("notice")), &[&Key::note("x.example/y", 44)]),
        seal(&world.draft("440811100393-00", 1, "notice", example("notice")), &[&world.town]),
        seal(&world.draft(VILLAGE, 4, "unit", profile(GROUP, &[])), &[&world.town]),
        good.replace("虾塘", "鱼塘").into_bytes(),
    ];
    for note in notes {
        let refusal = refusal(&world, note);
        let (zh, en) = refusal.what.split_once(" / ").unwrap_or_else(|| panic!("{refusal}"));
        assert!(
            zh.chars().any(|c| c > '\u{4DFF}') && en.chars().filter(char::is_ascii_lowercase).count() > 5,
            "{refusal}"
        );
        let rule = refusal.rule().split_once('-').unwrap();
        assert!(["E", "G"].contains(&rule.0) && rule.1.len() == 2, "{refusal}: {rule:?}");
    }
}
