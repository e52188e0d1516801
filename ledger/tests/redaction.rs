//! Redactions at append: what can be withdrawn (E-91), when a posting has ended (E-98), with whose seals (G-22), and
//! what a reader takes from them (P-16).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::{Past, RefusalCode as Code, Submission};
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value, parse};
use ledger::kinds::KINDS;
use ledger::money::Fen;
use ledger::payment_rows::{Row, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings, paths, redacted};
use support::*;

/// 2026-10-17 in Asia/Shanghai: the last day on which [`posted`] is posted is the 15th.
const LATER: u64 = NOW + 17 * 86_400;

fn opening(path: &str) -> Opening {
    let salt = *Hash::of(path.as_bytes()).as_bytes();
    Opening { path: path.into(), salt, value: "李*明".into(), access: Access::Posted }
}

/// An entry of the demo's unit with what it needs beside it, signed by the town.
fn brought(world: &World, draft: &Object, openings: Vec<Opening>, rows: Option<&Rows>) -> Submission {
    let mut submission = Submission::parse(seal(draft, &[&world.town]), KINDS).unwrap();
    submission.bring(Openings::new(openings).unwrap(), rows, &|_| Ok(()));
    submission
}

/// Entry 5: a voucher with a sealed name and two attachments, posted from 2026-09-30 to 2026-10-15.
fn posted(world: &World) -> Submission {
    let id = EntryId { ledger: world.ledger.clone(), unit: unit(UNIT), seq: 5 };
    let name = opening("counterparty.name");
    let commitment = id.commit(&name.path, &name.salt, &name.value).to_base64();
    let sealed = Object::new().with("path", "counterparty.name").with("commitment", commitment);
    let file = |name: &str, access: &str| {
        let file = Object::new().with("digest", Hash::of(name.as_bytes()).to_hex()).with("size", 9);
        Value::from(file.with("type", "image/png").with("title", name).with("access", access))
    };
    let mut body = example("voucher");
    body.replace_at("counterparty", parse(r#"{"kind":"person"}"#).unwrap().into());
    let draft = world.draft(UNIT, 5, "voucher", body);
    let posting = Object::new().with("from", "2026-09-30").with("to", "2026-10-15");
    let draft = set(&draft, "posting", Some(posting.into()));
    let draft = set(&draft, "attachments", Some(vec![file("a", "public"), file("b", "members")].into()));
    let draft = set(&draft, "sealed", Some(vec![Value::from(sealed.with("access", "posted"))].into()));
    brought(world, &draft, vec![name], None)
}

/// Entry 6: a payment list of two rows without a posting.
fn list(world: &World) -> Submission {
    let id = EntryId { ledger: world.ledger.clone(), unit: unit(UNIT), seq: 6 };
    let names: Vec<Opening> = (0..2).map(|i| opening(&paths::of_row(i))).collect();
    let row = |(index, name): (u32, &Opening)| Row {
        index,
        group: 1,
        quantity: 0,
        amount: Fen::new(100).unwrap(),
        commitment: id.commit(&name.path, &name.salt, &name.value),
    };
    let rows = Rows::new((0..).zip(&names).map(row).collect()).unwrap();
    let list = Object::new()
        .with("digest", Hash::of(rows.text().as_bytes()).to_hex())
        .with("root", rows.summary().root.to_base64())
        .with("access", "posted");
    let body = Object::new().with("policy", "补贴").with("count", 2).with("amount", 200).with("list", list);
    brought(world, &world.draft(UNIT, 6, "payment_list", body), names, Some(&rows))
}

fn world() -> World {
    let mut world = World::demo();
    let entries = vec![posted(&world), list(&world)];
    world.admit(entries, NOW).unwrap();
    world.publish(NOW);
    world
}

fn target(world: &World, seq: u64) -> Object {
    let leaf = world.shelf.leaf(&unit(UNIT), seq).unwrap();
    Object::new().with("seq", seq as i64).with("leaf", leaf_hash(&leaf).to_base64())
}

fn redaction(seq: u64, target: Object, paths: &[&str], basis: &str, world: &World) -> Object {
    let paths: Vec<Value> = paths.iter().map(|p| Value::from(*p)).collect();
    let body = Object::new().with("target", target).with("paths", paths);
    world.draft(UNIT, seq, "redaction", body.with("basis", basis).with("ordered_by", "监委会"))
}

fn both(world: &World, draft: &Object) -> Vec<u8> {
    seal(draft, &[&world.town, &world.supervision])
}

/// Whether it is taken, or code, field and rule of the refusal.
fn told(world: &World, note: Vec<u8>, now: u64) -> Result<(), (Code, String, String)> {
    let refused = |mut list: Vec<(usize, ledger::append::Refusal)>| {
        let refusal = list.remove(0).1;
        let rule = refusal.rule().to_owned();
        (refusal.code, refusal.field, rule)
    };
    world.clone().submit(vec![note], now).map(drop).map_err(refused)
}

fn refused(code: Code, field: &str, rule: &str) -> Result<(), (Code, String, String)> {
    Err((code, field.to_owned(), rule.to_owned()))
}

#[test]
fn e91_only_what_lies_beside_the_log_can_be_withdrawn() {
    let world = world();
    let withdraw = |seq, paths: &[&str]| {
        told(&world, both(&world, &redaction(7, target(&world, seq), paths, "court", &world)), NOW)
    };
    for (seq, paths) in [
        (5, &["counterparty.name"][..]),
        (5, &["attachments.1"]),
        (5, &["attachments.0", "attachments.1", "counterparty.name"]),
        (6, &["rows"]),
        (6, &["rows.0.name", "rows.1.name"]),
    ] {
        assert_eq!(withdraw(seq, paths), Ok(()), "{paths:?}");
    }
    for (seq, path) in [
        (2, "counterparty.name"), // published in clear
        (5, "body.counterparty.name"),
        (5, "counterparty.code"),
        (5, "counterparty"),
        (5, "attachments.2"),
        (5, "attachments"),
        (5, "attachments.0.title"),
        (5, "rows"),
        (5, "rows.0.name"),
        (6, "rows.2.name"),
        (6, "rows.0"),
        (6, "rows.00.name"), // a place is written one way
        (6, "rows.0.amount"),
        (6, "list"),
        (6, "attachments.0"),
    ] {
        assert_eq!(withdraw(seq, &[path]), refused(Code::Target, "body.paths.0", "E-91"), "{seq} {path}");
    }
    assert_eq!(
        withdraw(5, &["counterparty.name", "amount"]),
        refused(Code::Target, "body.paths.1", "E-91"),
        "one of two"
    );
    let other = Object::new().with("seq", 5).with("leaf", leaf_hash(b"x").to_base64());
    let note = both(&world, &redaction(7, other, &["counterparty.name"], "court", &world));
    assert_eq!(told(&world, note, NOW), refused(Code::Target, "body.target.leaf", "E-59"));
}

#[test]
fn e98_a_posting_has_ended_after_its_last_day() {
    let mut world = world();
    let withdraw = |world: &World, seq, of, path: &str, now| {
        let draft = redaction(seq, target(world, of), &[path], "posting_ended", world);
        told(world, both(world, &draft), now)
    };
    let early = refused(Code::Target, "body.basis", "E-98");
    let day = 86_400;
    for (now, taken) in [(NOW, false), (LATER - 2 * day, false), (LATER - day, true), (LATER, true)] {
        let told = withdraw(&world, 7, 5, "counterparty.name", now);
        assert_eq!(told, if taken { Ok(()) } else { early.clone() }, "{now}");
    }
    // Without a posting none has ended; any other basis will do, at any time.
    assert_eq!(withdraw(&world, 7, 6, "rows", LATER), early);
    for basis in ["privacy_law", "court"] {
        let draft = redaction(7, target(&world, 6), &["rows"], basis, &world);
        assert_eq!(told(&world, both(&world, &draft), NOW), Ok(()));
    }
    // A correction gives the posting another end, waiting or published.
    let field = Object::new().with("path", "posting.to").with("old", "2026-10-15").with("new", "2026-10-17");
    let body = Object::new().with("target", target(&world, 5)).with("fields", vec![Value::from(field)]);
    let body = body.with("reason", "omission").with("explanation", "延长公示");
    let note = seal(&world.draft(UNIT, 7, "correction", body), &[&world.town]);
    world.take(vec![note], NOW);
    for published in [false, true] {
        if published {
            world.publish(NOW);
        }
        assert_eq!(withdraw(&world, 8, 5, "counterparty.name", LATER), early);
        assert_eq!(withdraw(&world, 8, 5, "counterparty.name", LATER + day), Ok(()));
    }
}

/// E-99, P-16: the posting of names is only extended, and only while it lasts.
#[test]
fn e99_a_correction_neither_hides_a_name_nor_brings_it_back() {
    let mut world = world();
    let (day, last) = (86_400, NOW + 15 * 86_400);
    let correct = |world: &World, seq, of, fields: &[(&str, &str, &str)]| {
        let field = |(path, old, new): &(&str, &str, &str)| {
            Value::from(Object::new().with("path", *path).with("old", *old).with("new", *new))
        };
        let fields: Vec<Value> = fields.iter().map(field).collect();
        let body = Object::new().with("target", target(world, of)).with("fields", fields);
        let body = body.with("reason", "typo").with("explanation", "公示期");
        seal(&world.draft(UNIT, seq, "correction", body), &[&world.town])
    };
    let (from, to) = (("posting.from", "2026-09-30"), ("posting.to", "2026-10-15"));
    let told_of = |world: &World, seq, fields: &[((&str, &str), &str)], now| {
        let fields: Vec<_> = fields.iter().map(|((path, old), new)| (*path, *old, *new)).collect();
        told(world, correct(world, seq, 5, &fields), now)
    };
    let no = refused(Code::Target, "body.fields", "E-99");
    // Longer, and never shorter, at either end; not when the whole was moved.
    for (fields, taken) in [
        (&[(to, "2026-10-16")][..], true),
        (&[(from, "2026-09-29")], true),
        (&[(from, "2026-09-29"), (to, "2026-10-16")], true),
        (&[(to, "2026-10-14")], false),
        (&[(from, "2026-10-01")], false),
        (&[(from, "1900-01-01"), (to, "1900-01-02")], false),
        (&[(from, "1900-01-01"), (to, "2026-10-14")], false),
        (&[(from, "2026-10-01"), (to, "2199-12-31")], false),
    ] {
        assert_eq!(told_of(&world, 7, fields, NOW), if taken { Ok(()) } else { no.clone() }, "{fields:?}");
    }
    // Up to its last day; what has ended is not begun again.
    assert_eq!(told_of(&world, 7, &[(to, "2026-10-20")], last), Ok(()));
    for fields in [&[(to, "2026-10-20")], &[(from, "2026-09-29")]] {
        assert_eq!(told_of(&world, 7, fields, last + day), no);
    }
    // What stands is what earlier corrections made of it, waiting or published.
    world.take(vec![correct(&world, 7, 5, &[("posting.to", "2026-10-15", "2026-10-20")])], NOW);
    for published in [false, true] {
        if published {
            world.publish(NOW);
        }
        assert_eq!(told_of(&world, 8, &[(("posting.to", "2026-10-20"), "2026-10-16")], NOW), no);
        assert_eq!(told_of(&world, 8, &[(("posting.to", "2026-10-20"), "2026-10-21")], last + day), Ok(()));
    }
    // An entry without names is corrected as before.
    let draft = world.draft(UNIT, 8, "notice", example("notice"));
    let posting = Object::new().with("from", "2026-09-30").with("to", "2026-10-15");
    world.take(vec![seal(&set(&draft, "posting", Some(posting.into())), &[&world.town])], NOW);
    world.publish(NOW);
    let note = correct(&world, 9, 8, &[("posting.to", "2026-10-15", "2026-10-01")]);
    assert_eq!(told(&world, note, last + day), Ok(()));
}

/// P-16: a correction that a dishonest ledger took against E-99 hides nothing from a reader.
#[test]
fn p16_a_correction_against_e99_does_not_count() {
    let world = world();
    let entry = |seq| Entry::of_leaf(&world.shelf.leaf(&unit(UNIT), seq).unwrap()).unwrap();
    let correction = |seq, of, new: &str| {
        let field = Object::new().with("path", "posting.to").with("old", "2026-10-15").with("new", new);
        let body = Object::new().with("target", target(&world, of)).with("fields", vec![Value::from(field)]);
        let body = body.with("reason", "typo").with("explanation", "公示期");
        Entry::of(world.draft(UNIT, seq, "correction", body)).unwrap()
    };
    let last = |entry: &Entry, corrections: &[Entry]| {
        ledger::amend::posting_of(entry, corrections).map(|posting| posting.to.to_string())
    };
    let (longer, hiding) = (correction(7, 5, "2026-10-20"), correction(8, 5, "1900-01-01"));
    let other = correction(9, 6, "2199-12-31");
    let sealed = entry(5);
    assert_eq!(last(&sealed, &[]).as_deref(), Some("2026-10-15"));
    let all = [longer.clone(), hiding.clone(), other];
    assert_eq!(last(&sealed, &all).as_deref(), Some("2026-10-20"));
    assert_eq!(last(&sealed, std::slice::from_ref(&hiding)).as_deref(), Some("2026-10-15"));
    let mut plain = sealed.clone();
    plain.json = set(&plain.json, "sealed", None);
    assert_eq!(last(&plain, &[longer, hiding]).as_deref(), Some("1900-01-01"));
    assert_eq!(last(&entry(6), &all), None, "without a posting there is none to correct");
}

/// P-16: superseding an entry leaves its names as they were: a redaction withdraws them, and nothing else does.
#[test]
fn p16_a_superseded_entry_keeps_its_names_until_a_redaction() {
    let mut world = world();
    world.take(vec![seal(&world.draft(UNIT, 7, "voucher", example("voucher")), &[&world.town])], NOW);
    world.publish(NOW);
    let body = Object::new().with("target", target(&world, 5)).with("by", target(&world, 7));
    let body = body.with("reason", "重新公布");
    world.take(vec![seal(&world.draft(UNIT, 8, "supersede", body), &[&world.town])], NOW);
    world.publish(NOW);
    let withdraw = |basis: &str, now| {
        let draft = redaction(9, target(&world, 5), &["counterparty.name"], basis, &world);
        told(&world, both(&world, &draft), now)
    };
    assert_eq!(withdraw("privacy_law", NOW), Ok(()));
    assert_eq!(withdraw("posting_ended", NOW), refused(Code::Target, "body.basis", "E-98"), "it runs on");
    assert_eq!(withdraw("posting_ended", LATER), Ok(()));
}

/// G-08, E-48, E-92: what is to be forgotten is forgotten in a closed unit too; nothing else comes after its end.
#[test]
fn g08_a_closed_unit_still_forgets() {
    let mut world = world();
    let root = world.state.books.trees(&unit(UNIT)).unwrap().lines.root().to_base64();
    let body = Object::new().with("count", 7).with("root", root).with("reason", "并入石陂村");
    world.take(vec![seal(&world.draft(UNIT, 7, "closed", body), &[&world.authority[0]])], NOW);
    world.publish(NOW);
    let draft = redaction(8, target(&world, 5), &["counterparty.name"], "court", &world);
    let note = world.draft(UNIT, 8, "notice", example("notice"));
    assert_eq!(told(&world, seal(&note, &[&world.town]), NOW), refused(Code::Seal, "", "G-08"));
    world.take(vec![both(&world, &draft)], NOW);
    world.publish(NOW);
    // And again, by the authority, where the unit's seals are gone with it.
    let draft = redaction(9, target(&world, 6), &["rows"], "privacy_law", &world);
    world.take(vec![seal(&draft, &[&world.authority[0]])], NOW);
    world.publish(NOW);
    // A phone judges by the same rules.
    let phone = |world: &World| world.check(UNIT, 1).verdict.code;
    assert_eq!(phone(&world), ledger::verdict::Code::OkUnwitnessed);
    let mut forced = world.clone();
    forced.force(seal(&forced.draft(UNIT, 10, "notice", example("notice")), &[&world.town]));
    forced.publish(NOW);
    assert_eq!(phone(&forced), ledger::verdict::Code::FailedSeal);
    let again = Object::new().with("count", 10).with("root", Hash::EMPTY.to_base64()).with("reason", "x");
    let note = seal(&world.draft(UNIT, 10, "closed", again), &[&world.authority[0]]);
    assert_eq!(told(&world, note, NOW), refused(Code::Seal, "", "G-08"));
}

/// E-95: what lies beside the log was judged against the entry as it stands in it.
#[test]
fn a_correction_changes_neither_list_nor_who_is_a_person() {
    let world = world();
    let correct = |seq: u64, path: &str, old: Value, new: Value| {
        let field = Object::new().with("path", path).with("old", old).with("new", new);
        let body = Object::new().with("target", target(&world, seq)).with("fields", vec![Value::from(field)]);
        let body = body.with("reason", "typo").with("explanation", "录入错误");
        told(&world, seal(&world.draft(UNIT, 7, "correction", body), &[&world.town]), NOW)
    };
    let no = refused(Code::Target, "body.fields", "E-95");
    assert_eq!(correct(6, "body.policy", "补贴".into(), "综合补贴".into()), Ok(()));
    assert_eq!(correct(6, "body.amount", 200.into(), 300.into()), no);
    assert_eq!(correct(6, "body.count", 2.into(), 3.into()), no);
    assert_eq!(correct(6, "body.list.access", "posted".into(), "household".into()), no);
    let digest = Entry::of_leaf(&world.shelf.leaf(&unit(UNIT), 6).unwrap()).unwrap();
    let digest = digest.body().at_path("list.digest").cloned().unwrap();
    assert_eq!(correct(6, "body.list.digest", digest, Hash::EMPTY.to_hex().into()), no);
    assert_eq!(correct(5, "body.counterparty.kind", "person".into(), "company".into()), no);
}

/// G-22: nobody withdraws a name alone.
#[test]
fn g22_a_redaction_needs_the_supervision_seal() {
    let world = world();
    let draft = redaction(7, target(&world, 5), &["counterparty.name"], "court", &world);
    let missing = refused(Code::Seal, "", "G-06");
    assert_eq!(told(&world, seal(&draft, &[&world.town]), NOW), missing);
    assert_eq!(told(&world, seal(&draft, &[&world.supervision]), NOW), missing, "nor the supervision alone");
    assert_eq!(told(&world, both(&world, &draft), NOW), Ok(()));
    // Whatever the catalogue demands of its item comes on top.
    let of_item = set(&draft, "item", Some("F03".into()));
    assert_eq!(told(&world, seal(&of_item, &[&world.town]), NOW), missing);
    assert_eq!(told(&world, both(&world, &of_item), NOW), Ok(()));
    // No other amendment needs it.
    let field = Object::new().with("path", "body.method").with("old", "debit").with("new", "cash");
    let body = Object::new().with("target", target(&world, 5)).with("fields", vec![Value::from(field)]);
    let body = body.with("reason", "typo").with("explanation", "付款方式");
    let note = seal(&world.draft(UNIT, 7, "correction", body), &[&world.town]);
    assert_eq!(told(&world, note, NOW), Ok(()));
}

/// G-22: the authority withdraws by itself, for a unit's supervision seal may be gone; no part of it does, and nobody
/// beside it.
#[test]
fn g22_the_authority_withdraws_by_itself() {
    let mut world = World::with(2, 3, &["quorum none".to_owned()]);
    let [a, b, c] = &world.authority.clone()[..] else { panic!() };
    let profile = Object::new().with("unit", UNIT).with("name", "榕溪村");
    let town = Object::new().with("unit", "440811100000-00").with("name", "麻章镇");
    let town_seal = Object::new()
        .with("act", "add")
        .with("vkey", world.town.vkey.to_string())
        .with("role", "township")
        .with("scope", TOWN_SCOPE)
        .with("holder", "麻章镇");
    let both = [a, b];
    let town_key = world.town.clone();
    let acts = vec![
        seal(&world.draft(TOWN, 1, "unit", town), &both),
        seal(&world.draft(TOWN, 2, "seal", town_seal), &[a, b, &town_key]),
        seal(&world.draft("440811100391-99", 1, "unit", profile), &both),
    ];
    world.take(acts, NOW);
    world.publish(NOW);
    for seq in 1..5 {
        let note = seal(&world.draft(UNIT, seq, "notice", example("notice")), &[&town_key]);
        world.take(vec![note], NOW);
    }
    let entry = posted(&world);
    world.admit(vec![entry], NOW).unwrap();
    world.publish(NOW);
    let draft = redaction(6, target(&world, 5), &["counterparty.name"], "court", &world);
    let by = |keys: &[&Key]| told(&world, seal(&draft, keys), NOW);
    for keys in [&[a, b][..], &[b, c], &[a, b, c]] {
        assert_eq!(by(keys), Ok(()));
    }
    assert_eq!(by(&[a]), refused(Code::Seal, "", "G-02"), "one of two");
    assert_eq!(by(&[&town_key, a, b]), refused(Code::Seal, "", "G-05"), "the town signs no act of its");
    assert_eq!(by(&[&town_key]), refused(Code::Seal, "", "G-06"));
    // And nothing else in a unit's book.
    let note = seal(&world.draft(UNIT, 6, "notice", example("notice")), &both);
    assert_eq!(told(&world, note, NOW), refused(Code::Seal, "", "G-05"));
}

/// P-16: which redaction withdrew what.
#[test]
fn redactions_say_what_they_withdrew() {
    let world = world();
    let of = |draft: Object| Entry::of(draft).unwrap();
    let entries = [
        of(redaction(7, target(&world, 6), &["rows.0.name"], "court", &world)),
        of(redaction(8, target(&world, 5), &["attachments.0", "counterparty.name"], "court", &world)),
        of(redaction(9, target(&world, 6), &["rows"], "privacy_law", &world)),
        of(world.draft(UNIT, 10, "notice", example("notice"))),
    ];
    assert_eq!(redacted(6, &entries), [("rows.0.name", 7), ("rows", 9)]);
    assert_eq!(redacted(5, &entries), [("attachments.0", 8), ("counterparty.name", 8)]);
    assert!(redacted(4, &entries).is_empty() && redacted(7, &entries).is_empty());
}

/// A list's names may be withdrawn one by one; what is left is found without looking at every pair.
#[test]
fn names_of_a_long_list_go_one_by_one() {
    let name =
        |i| Opening { salt: *Hash::of(&[i as u8, (i >> 8) as u8]).as_bytes(), ..opening(&paths::of_row(i)) };
    let all = Openings::new((0..40_000).map(name).collect()).unwrap();
    let gone: Vec<String> = (0..39_999).map(paths::of_row).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let rest = all.without(&gone);
    assert_eq!(rest.iter().map(|o| o.path.as_str()).collect::<Vec<_>>(), ["rows.39999.name"]);
    assert!(rest.without(&["rows.39999"]).is_empty() && all.without(&["rows"]).is_empty());
    assert_eq!(all.without(&["row", "rows.", "rows.1.name.x", ""]), all);
}
