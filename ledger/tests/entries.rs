//! Leaves, envelopes, units, scopes, money, dates (E-03, E-09 to E-11, E-20 to E-24, E-30, E-31).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::entry::{Entry, Envelope, FIELDS, MAX_SUMMARY, MAX_TITLE};
use ledger::hash::Hash;
use ledger::json::{Object, Value, parse};
use ledger::leaf::{self, LeafError, LeafType, MAX_LEAF, MAX_TEXT};
use ledger::money::Fen;
use ledger::note::assemble;
use ledger::time::{Date, Period};
use ledger::unit::{Level, Scope, UnitId};
use proptest::prelude::*;
use support::*;

fn draft() -> Object {
    World::new().draft(UNIT, 1, "notice", example("notice"))
}

fn path_of(json: &Object) -> Option<String> {
    Entry::of(json.clone()).err().map(|e| e.path)
}

#[test]
fn e09_two_lines_of_a_known_type() {
    let key = Key::note("a", 1);
    let read = |text: &str| leaf::read(assemble(text, &[key.sign(text)]).as_bytes()).map(|l| l.leaf_type);
    for kind in [LeafType::Charter, LeafType::Entry, LeafType::Index] {
        assert_eq!(read(&format!("{}\n{{}}\n", kind.line())), Ok(kind));
        assert_eq!(read(&leaf::text(kind, &Object::new())), Ok(kind));
    }
    for text in [
        "village-ledger/entry/v1\n",
        "village-ledger/entry/v2\n{}\n",
        "village-ledger/entry/v1\n{}\n{}\n",
        "{}\n",
        "\n{}\n",
        "village-ledger/entry/v1 \n{}\n",
        "village-ledger/entry/v1\n\n{}\n",
        "village-ledger/entry/v1\n{}\n\n",
        "Village-ledger/entry/v1\n{}\n",
    ] {
        assert_eq!(read(text), Err(LeafError::Lines), "{text:?}");
    }
    assert!(matches!(read("village-ledger/entry/v1\n{ }\n"), Err(LeafError::Token(_))));
    assert!(matches!(leaf::read(b"village-ledger/entry/v1\n{}\n"), Err(LeafError::Note(_))));
}

/// A leaf whose text and whole have these sizes.
fn sized(text: usize, whole: usize) -> Vec<u8> {
    let json = |n: usize| leaf::text(LeafType::Entry, &Object::new().with("a", "x".repeat(n)));
    let text = json(text - json(0).len());
    // An empty line, then "— <name> <base64>" and a newline: the name fills what base64 can't.
    let rest = whole - text.len() - 1 - "—   ".len();
    let name = 1 + (rest - 1) % 4;
    let mut line = Key::note("a", 1).sign(&text);
    line.name = "n".repeat(name);
    line.bytes = vec![0; (rest - name) / 4 * 3 - 4];
    let note = assemble(&text, &[line]).into_bytes();
    assert_eq!(note.len(), whole);
    note
}

#[test]
fn e10_limits_of_leaves() {
    assert!(leaf::read(&sized(MAX_TEXT, MAX_TEXT + 60)).is_ok());
    let text = leaf::read(&sized(MAX_TEXT + 1, MAX_TEXT + 60)).map(|_| ());
    assert_eq!(text, Err(LeafError::TooLong { bytes: MAX_TEXT + 1, limit: MAX_TEXT }));
    assert!(leaf::read(&sized(1_000, MAX_LEAF)).is_ok());
    let whole = leaf::read(&sized(1_000, MAX_LEAF + 1)).map(|_| ());
    assert_eq!(whole, Err(LeafError::TooLong { bytes: MAX_LEAF + 1, limit: MAX_LEAF }));
    assert_eq!((MAX_TEXT, MAX_LEAF), (49_152, 65_535));
}

#[test]
fn e11_signature_lines_rise_by_name_and_id() {
    let text = leaf::text(LeafType::Entry, &draft());
    let (a, b) = (Key::note("a", 1).sign(&text), Key::note("b", 2).sign(&text));
    let a2 = Key::note("a", 3).sign(&text);
    let (first, second) = if a.id < a2.id { (a.clone(), a2) } else { (a2, a.clone()) };
    let read = |lines: &[ledger::note::Signature]| leaf::read(assemble(&text, lines).as_bytes()).map(|_| ());
    assert_eq!(read(&[a.clone(), b.clone()]), Ok(()));
    assert_eq!(read(&[first.clone(), second.clone(), b.clone()]), Ok(()));
    for lines in [vec![b.clone(), a.clone()], vec![a.clone(), a.clone()], vec![second.clone(), first.clone()]]
    {
        assert_eq!(read(&lines), Err(LeafError::SignatureOrder));
    }
    let sealed = leaf::seal(&text, vec![b.clone(), second, a.clone(), first, b]);
    assert_eq!(leaf::read(sealed.as_bytes()).unwrap().note.signatures.len(), 3);
}

#[test]
fn e03_names_in_their_order_and_no_others() {
    let good = draft();
    assert_eq!(path_of(&good), None);
    for (at, name) in FIELDS.iter().enumerate() {
        let Some(value) = good.get(name) else { continue };
        // The same field at the end, out of its order, unless it stands there.
        let mut moved = Object::new();
        for (n, v) in good.fields().iter().filter(|(n, _)| n != name) {
            moved = moved.with(n, v.clone());
        }
        let moved = moved.with(name, value.clone());
        assert_eq!(Envelope::of(&moved).is_err(), at != FIELDS.len() - 1, "{name}");
    }
    assert_eq!(path_of(&good.clone().with("extra", 1)), Some("extra".into()));
    assert_eq!(path_of(&Object::new().with("extra", 1)), Some("extra".into()));
}

#[test]
fn e23_six_fields_are_always_there_and_typed() {
    let good = draft();
    for name in ["ledger", "unit", "seq", "kind", "body", "signed_at"] {
        assert_eq!(path_of(&set(&good, name, None)), Some(name.into()));
        assert_eq!(path_of(&set(&good, name, Some(Value::Bool(true)))), Some(name.into()));
    }
    for (name, value) in [
        ("seq", Value::Int(-1)),
        ("seq", "1".into()),
        ("signed_at", Value::Int(-1)),
        ("kind", "".into()),
        ("kind", "Notice".into()),
        ("kind", "a b".into()),
        ("kind", "k1".into()),
        ("kind", "k".repeat(41).into()),
        ("body", Value::List(vec![])),
        ("unit", "x".into()),
        ("unit", "000000000000-00".into()),
        ("ledger", Value::Int(1)),
    ] {
        assert_eq!(path_of(&set(&good, name, Some(value.clone()))), Some(name.into()), "{value:?}");
    }
    let long = set(&good, "kind", Some("k".repeat(40).into()));
    assert!(Envelope::of(&long).is_ok());
    assert_eq!(
        Envelope::of(&set(&good, "seq", Some(Value::Int(0)))).unwrap().seq,
        0,
        "f finds that it is no next number"
    );
}

#[test]
fn e24_the_other_fields() {
    let good = draft();
    let hash = Hash::EMPTY.to_base64();
    let reference =
        |seq: i64| format!(r#"[{{"rel":"contract","unit":"{UNIT}","seq":{seq},"leaf":"{hash}"}}]"#);
    let value = |json: &str| parse(&format!("{{\"v\":{json}}}")).unwrap().get("v").unwrap().clone();
    let sealed = |path: &str, commitment: &str, access: &str| {
        format!(r#"[{{"path":"{path}","commitment":"{commitment}","access":"{access}"}}]"#)
    };
    let file = |access: &str, size: i64| {
        format!(
            r#"[{{"digest":"{}","size":{size},"type":"image/png","title":"x","access":"{access}"}}]"#,
            Hash::EMPTY.to_hex()
        )
    };
    let right: &[(&str, &[&str])] = &[
        ("item", &[r#""F03""#]),
        ("period", &[r#""2026""#, r#""2026-08""#, r#""2026-Q4""#]),
        ("occurred", &[r#""2026-02-28""#]),
        ("title", &[r#""x""#]),
        ("summary", &[r#""x""#]),
        ("posting", &[r#"{"from":"2026-08-01","to":"2026-08-01"}"#]),
        ("refs", &[&reference(1)]),
        ("approvals", &[r#"[{"role":"handler","on":"2026-08-01"},{"role":"town","on":"2026-08-01"}]"#]),
        ("attachments", &[&file("public", 1), &file("inspectors", 9)]),
        ("sealed", &[&sealed("rows.0.name", &hash, "posted"), &sealed("name", &hash, "inspectors")]),
    ];
    for (name, values) in right {
        for json in *values {
            assert_eq!(path_of(&set(&good, name, Some(value(json)))), None, "{name}: {json}");
        }
    }
    let wrong: &[(&str, &str, &[&str])] = &[
        ("item", "item", &[r#""f03""#, r#""F3""#, r#""F033""#, r#""""#, "1"]),
        ("period", "period", &[r#""2026-13""#, r#""2026-Q5""#, r#""26""#, r#""2026-8""#, "2026"]),
        ("occurred", "occurred", &[r#""2026-02-29""#, r#""2026-2-28""#, r#""""#, "0"]),
        ("title", "title", &[r#""""#, "1"]),
        ("summary", "summary", &[r#""""#, "[]"]),
        (
            "posting",
            "posting",
            &[
                r#"{"from":"2026-08-02","to":"2026-08-01"}"#,
                r#"{"to":"2026-08-02","from":"2026-08-01"}"#,
                "{}",
                "1",
            ],
        ),
        ("refs", "refs.0", &[&reference(0), &reference(-1), "[{}]", "[1]"]),
        ("refs", "refs", &["[]", "{}", "1"]),
        (
            "approvals",
            "approvals.0",
            &[
                r#"[{"role":"boss","on":"2026-08-01"}]"#,
                r#"[{"role":"town","on":"x"}]"#,
                r#"[{"role":"town"}]"#,
            ],
        ),
        ("attachments", "attachments.0", &[&file("all", 1), &file("public", 0), "[{}]"]),
        (
            "sealed",
            "sealed.0",
            &[
                &sealed("", &hash, "posted"),
                &sealed("A", &hash, "posted"),
                &sealed("name", "x", "posted"),
                &sealed("name", &hash, "public"),
                &sealed("name", &hash, "posted").replace(r#","access":"posted""#, ""),
                "[{}]",
            ],
        ),
    ];
    for (name, path, values) in wrong {
        for json in *values {
            assert_eq!(path_of(&set(&good, name, Some(value(json)))), Some((*path).into()), "{name}: {json}");
        }
    }
    for (name, max) in [("title", MAX_TITLE), ("summary", MAX_SUMMARY)] {
        assert_eq!(path_of(&set(&good, name, Some("村".repeat(max).into()))), None, "characters, not bytes");
        assert_eq!(path_of(&set(&good, name, Some("村".repeat(max + 1).into()))), Some(name.into()));
    }
}

#[test]
fn e20_e21_units_and_their_registries() {
    let village = unit(UNIT);
    assert_eq!(
        (village.level(), village.division(), village.is_registry()),
        (Level::Village, "440811100391", false)
    );
    assert_eq!(village.registries(), [unit(DISTRICT), unit(TOWN), unit(VILLAGE)]);
    assert_eq!(unit(GROUP).registries(), village.registries());
    assert_eq!(unit("440811100000-00").registries(), [unit(DISTRICT), unit(TOWN)]);
    assert_eq!(unit(DISTRICT).registries(), [unit(DISTRICT)]);
    assert_eq!((unit(TOWN).level(), unit(DISTRICT).level()), (Level::Town, Level::District));
    assert_eq!(village.registry(), unit(VILLAGE));
    assert!(unit(VILLAGE).is_registry() && UnitId::VOID.registries().is_empty());
    assert_eq!(UnitId::of_division("440811100391", 7), Some(unit("440811100391-07")));
    for bad in [
        "",
        "440811100391",
        "440811100391-0",
        "440811100391-000",
        "440811100391_00",
        "44081110039-000",
        "44081110039１-0",
        "000000100391-00",
        "a40811100391-00",
        " 40811100391-00",
        "000000000000-00",
    ] {
        assert_eq!(UnitId::parse(bad), None, "{bad}");
    }
}

#[test]
fn e22_scopes() {
    for (scope, registry, covers) in [
        ("440811", DISTRICT, true),
        ("440811100", TOWN, true),
        ("440811100391", VILLAGE, true),
        (UNIT, VILLAGE, true),
        (GROUP, VILLAGE, false),
        ("440811100392", "440811100392-99", false),
    ] {
        let parsed = Scope::parse(scope).unwrap();
        assert_eq!(
            (parsed.registry(), parsed.covers(&unit(UNIT))),
            (Some(unit(registry)), covers),
            "{scope}"
        );
    }
    for bad in [
        "",
        "44081",
        "4408111",
        "44081110039",
        "440811100391-",
        "440811100391-0",
        "000000",
        "44081a",
        "440811100391-000",
    ] {
        assert_eq!(Scope::parse(bad), None, "{bad}");
    }
}

#[test]
fn e30_money() {
    assert_eq!(Fen::new(Fen::MAX).map(Fen::get), Some(10_000_000_000_000));
    assert!(
        Fen::new(Fen::MAX + 1).is_none() && Fen::new(-Fen::MAX - 1).is_none() && Fen::new(i64::MIN).is_none()
    );
    for (fen, text) in [
        (0, "0"),
        (1, "0.01"),
        (-305, "-3.05"),
        (1_200_000, "12,000"),
        (123_456_789, "1,234,567.89"),
        (-100, "-1"),
        (99_999, "999.99"),
    ] {
        assert_eq!(Fen::new(fen).unwrap().to_string(), text);
    }
}

#[test]
fn e31_dates_and_periods() {
    for good in ["1900-01-01", "2000-02-29", "2024-02-29", "2199-12-31"] {
        assert_eq!(Date::parse(good).unwrap().to_string(), good);
    }
    for bad in [
        "1899-12-31",
        "2200-01-01",
        "1900-02-29",
        "2026-02-29",
        "2026-04-31",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-1-01",
        "2026/01/01",
        "+026-01-01",
        "2026-01-01 ",
        "２026-01-01",
    ] {
        assert_eq!(Date::parse(bad), None, "{bad}");
    }
    let mut days = Date::parse("1900-01-01").unwrap().days();
    let mut date = Date::parse("1900-01-01").unwrap();
    while date < Date::parse("2199-12-31").unwrap() {
        let next = date.plus(1);
        assert!(next > date && next.days() == days + 1 && Date::parse(&next.to_string()) == Some(next));
        (date, days) = (next, days + 1);
    }
    assert_eq!(Date::of_unix(0).to_string(), "1970-01-01");
    assert_eq!(Date::of_unix(1_790_697_599).to_string(), "2026-09-29");
    assert_eq!(Date::of_unix(1_790_697_600).to_string(), "2026-09-30", "the day begins at midnight in UTC+8");
    assert_eq!(Date::of_unix(u64::MAX).to_string(), "2199-12-31");
    for (period, first, last) in [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
    ] {
        let parsed = Period::parse(period).unwrap();
        assert_eq!(
            (parsed.first_day().to_string().as_str(), parsed.last_day().to_string().as_str()),
            (first, last)
        );
        assert_eq!(parsed.to_string(), period);
    }
    for bad in [
        "", "202", "2026-", "2026-00", "2026-13", "2026-Q0", "2026-Q5", "2026-q1", "2026-1", "2026-001",
        "1899", "2200", "2026-Q", "2026 01",
    ] {
        assert_eq!(Period::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn readers_of_texts_are_total(text in ".{0,30}", digits in "[0-9Q-]{0,16}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for text in [&text, &digits] {
            let _ = (UnitId::parse(text), Scope::parse(text), Date::parse(text), Period::parse(text));
        }
        let _ = (leaf::read(&bytes).is_ok(), Entry::of_leaf(&bytes).is_ok());
    }
}
