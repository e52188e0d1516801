//! What the entries themselves say that should be looked at: the soft rules' findings, in the report, never faults.

use crate::support::{Folder, holds, run};
use crate::world::*;
use ledger::catalogue::STANDARD;
use ledger::hash::Hash;
use ledger::json::{self, Object, Value};

/// A day in seconds.
const DAY: u64 = 86_400;

/// An entry: its kind, a field of the envelope with its value, its body.
type Row<'a> = (&'a str, Object, String);

fn voucher(no: u32, day: &str, amount: u32) -> Row<'static> {
    let body = format!(
        r#"{{"voucher_no":"记-{no:04}","direction":"expense","lines":[{{"account":"其他","amount":{amount}}}],"amount":{amount}}}"#
    );
    ("voucher", Object::new().with("occurred", day), body)
}

fn close(opening: u32, expense: u32) -> Row<'static> {
    let body =
        format!(r#"{{"opening":{opening},"income":0,"expense":{expense},"closing":{}}}"#, opening - expense);
    ("period_close", Object::new().with("period", "2026-08"), body)
}

fn opening() -> Row<'static> {
    let body = r#"{"accounts":[{"account":"bank","amount":100000}],"amount":100000}"#.to_owned();
    ("opening_balance", Object::new().with("occurred", "2026-08-01"), body)
}

/// Takes entries of a unit, from its next number on.
fn log(world: &mut World, of: &str, rows: &[Row]) {
    for (kind, envelope, body) in rows {
        let seq = world.state.books.count(&unit(of)) + 1;
        let mut draft = world.draft(of, seq, kind, json::parse(body).unwrap());
        for (name, value) in envelope.fields() {
            draft = set(&draft, name, Some(value.clone()));
        }
        let note = seal(&draft, &[&world.town]);
        world.take(vec![note], NOW);
    }
}

fn world() -> World {
    let mut world = World::new();
    world.enrol();
    world
}

/// Unit, number and code of each.
fn told(report: &serde_json::Value) -> Vec<(&str, u64, &str)> {
    let list = report["hints"]["first"].as_array().unwrap();
    let told = list.iter().map(|h| {
        let text = |name: &str| h[name].as_str().unwrap();
        assert!(!text("zh").is_ascii() && !text("en").is_empty() && h["field"].is_string(), "{h}");
        (text("unit"), h["seq"].as_u64().unwrap(), text("code"))
    });
    told.collect()
}

/// Two units whose entries alternate, in two publications: what one has says nothing of the other.
fn planted() -> World {
    let mut world = world();
    log(&mut world, UNIT, &[opening(), voucher(1, "2026-08-02", 100)]);
    log(&mut world, GROUP, &[opening(), voucher(1, "2026-08-02", 100), voucher(3, "2026-08-03", 100)]);
    log(&mut world, UNIT, &[voucher(2, "2026-08-03", 100)]);
    world.publish(NOW);
    log(&mut world, GROUP, &[close(100_000, 200)]);
    log(&mut world, UNIT, &[close(100_000, 100), voucher(3, "2026-08-31", 100)]);
    world.publish(NOW + 1);
    world
}

#[test]
fn books_that_add_up_have_no_hints() {
    let mut world = world();
    log(&mut world, UNIT, &[opening(), voucher(1, "2026-08-02", 100), close(100_000, 100)]);
    log(&mut world, GROUP, &[opening(), voucher(1, "2026-08-02", 50), close(100_000, 50)]);
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    assert_eq!((report["hints"]["count"].as_u64(), report["findings"]["count"].as_u64()), (Some(0), Some(0)));
    let folder = Folder::of(&world);
    let (log, trust) = (folder.log(), folder.path("trust.toml"));
    let said = run(&["audit", log.to_str().unwrap(), "--trust", trust.to_str().unwrap()]);
    assert!(!said.out.contains("疑点"), "{}", said.out);
}

#[test]
fn planted_breaches_are_told_where_they_are_and_the_log_holds() {
    let world = planted();
    let report = holds(&world, "OK_UNWITNESSED");
    let wanted =
        [(GROUP, 3, "voucher_gap"), (UNIT, 4, "flows"), (UNIT, 4, "close"), (UNIT, 5, "after_close")];
    assert_eq!(told(&report), wanted);
    let codes = serde_json::json!({"after_close": 1, "close": 1, "flows": 1, "voucher_gap": 1});
    assert_eq!((&report["hints"]["codes"], report["hints"]["count"].as_u64()), (&codes, Some(4)));
    assert_eq!(report["findings"]["count"], 0);

    let folder = Folder::of(&world);
    let (log, trust) = (folder.log(), folder.path("trust.toml"));
    let said = run(&["audit", log.to_str().unwrap(), "--trust", trust.to_str().unwrap()]);
    assert_eq!(said.code, 0);
    let sentence = report["hints"]["first"][0]["zh"].as_str().unwrap();
    for line in [
        "疑点提示 hints　4（after_close 1，close 1，flows 1，voucher_gap 1）".to_owned(),
        format!("  [voucher_gap] {GROUP} 第 3 号 {sentence}"),
    ] {
        assert!(said.out.contains(&line), "{line}\n{}", said.out);
    }
}

/// All of them are in the JSON; a person is shown the first two hundred.
#[test]
fn very_many_are_counted_in_the_text_and_listed_in_the_json() {
    let mut world = world();
    let again: Vec<Row> = (0..250).map(|_| voucher(1, "2026-08-02", 1)).collect();
    log(&mut world, UNIT, &again);
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    assert_eq!((told(&report).len(), report["hints"]["count"].as_u64()), (249, Some(249)));
    let folder = Folder::of(&world);
    let (log, trust) = (folder.log(), folder.path("trust.toml"));
    let said = run(&["audit", log.to_str().unwrap(), "--trust", trust.to_str().unwrap()]).out;
    assert_eq!(said.matches("[voucher_repeat]").count(), 200);
    assert!(said.contains("另有 49 处"), "{said}");
}

/// A voucher of September, to be disclosed by 15 October, logged some days after 30 September.
fn disclosed(world: &mut World, days: u64) {
    let (kind, envelope, body) = voucher(1, "2026-09-10", 100);
    log(world, UNIT, &[(kind, envelope.with("item", "F03").with("period", "2026-09"), body)]);
    world.publish(NOW + days * DAY);
}

fn name_catalogue(world: &mut World, digest: &str) {
    let item = Object::new().with("item", "F01").with("seals", vec![Value::from("township")]);
    let body = Object::new().with("version", "t").with("digest", digest).with("items", vec![item.into()]);
    let act = world.act(DISTRICT, 1, "catalogue", body, &[]);
    world.take(vec![act], NOW);
}

/// The report, with a catalogue's file.
fn with_catalogue(world: &World, file: &str) -> (i32, serde_json::Value) {
    let folder = Folder::of(world);
    folder.put("catalogue.jsonl", file.as_bytes());
    let [log, trust, catalogue] =
        ["log", "trust.toml", "catalogue.jsonl"].map(|name| folder.path(name).to_str().unwrap().to_owned());
    let run = run(&["audit", &log, "--trust", &trust, "--catalogue", &catalogue, "--json"]);
    (run.code, run.json())
}

fn not_judged(report: &serde_json::Value) -> bool {
    report["not_checked"].as_array().unwrap().iter().any(|w| w.as_str().unwrap().contains("--catalogue"))
}

#[test]
fn lateness_is_told_from_the_logged_day() {
    for (days, late) in [(15, 0), (16, 1), (32, 1)] {
        let mut world = world();
        disclosed(&mut world, days);
        let report = holds(&world, "OK_UNWITNESSED");
        assert_eq!(told(&report), [(UNIT, 1, "late")][..late]);
        assert!(!not_judged(&report));
    }
}

/// H-12: by the catalogue that the registry names, and by no other one.
#[test]
fn lateness_is_judged_by_the_catalogue_that_the_registry_names() {
    let five_more = STANDARD.replace(r#""days":15}"#, r#""days":20}"#);
    let mut world = world();
    name_catalogue(&mut world, &Hash::of(five_more.as_bytes()).to_hex());
    disclosed(&mut world, 18);
    let report = holds(&world, "OK_UNWITNESSED");
    assert!(told(&report).is_empty() && not_judged(&report), "{report}");
    let (code, report) = with_catalogue(&world, &five_more);
    assert!(code == 0 && told(&report).is_empty() && !not_judged(&report), "{report}");

    let mut world = self::world();
    name_catalogue(&mut world, &Hash::of(five_more.as_bytes()).to_hex());
    disclosed(&mut world, 21);
    let (_, report) = with_catalogue(&world, &five_more);
    assert_eq!(told(&report), [(UNIT, 1, "late")]);
    let (_, report) = with_catalogue(&world, STANDARD);
    assert!(told(&report).is_empty() && not_judged(&report), "{report}");
}

/// G-16: where the registry names none, the built-in one judges, and no other.
#[test]
fn a_catalogue_that_nobody_names_judges_nothing() {
    let mut world = world();
    disclosed(&mut world, 21);
    let (_, report) = with_catalogue(&world, &STANDARD.replace(r#""days":15}"#, r#""days":20}"#));
    assert!(told(&report).is_empty() && not_judged(&report), "{report}");
    let (_, report) = with_catalogue(&world, STANDARD);
    assert!(told(&report) == [(UNIT, 1, "late")] && !not_judged(&report), "{report}");
}

/// G-21: an item that is missing or another kind's, where the registry names the catalogue.
#[test]
fn an_entry_without_an_item_of_its_kind_is_told() {
    let planted = |named: bool| {
        let mut world = world();
        if named {
            name_catalogue(&mut world, &Hash::of(STANDARD.as_bytes()).to_hex());
        }
        let (kind, envelope, body) = voucher(1, "2026-09-10", 100);
        let items = [None, Some("F03"), Some("D02")];
        let entry = |item: &Option<&str>| (kind, envelope.clone().with_some("item", *item), body.clone());
        let mut rows: Vec<Row> = items.iter().map(entry).collect();
        // Each has its own number.
        for (row, no) in rows.iter_mut().zip(1..) {
            row.2 = row.2.replace("记-0001", &format!("记-{no:04}"));
        }
        log(&mut world, UNIT, &rows);
        world.publish(NOW);
        holds(&world, "OK_UNWITNESSED")
    };
    assert_eq!(told(&planted(true)), [(UNIT, 1, "item"), (UNIT, 3, "item")]);
    assert_eq!(told(&planted(false)), []);
}

#[test]
fn what_is_no_catalogue_is_not_taken_for_one() {
    let (code, report) = with_catalogue(&world(), "no catalogue\n");
    assert_eq!((code, report["verdict"].as_str()), (2, Some("CANNOT_CHECK")), "{report}");
}
