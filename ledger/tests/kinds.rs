//! Kinds (E-41 to E-49): what all take and refuse, and a kind that a test adds. Rules of single kinds: `rules_of_kinds.rs`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::{RefusalCode, Submission};
use ledger::entry::{Entry, FieldError};
use ledger::json::{Object, Value, parse};
use ledger::kinds::{Field, KINDS, Kind, Place, Type, find};
use ledger::unit::Level;
use support::*;

fn entry_at(kind: &Kind, of: &str, seq: u64, body: Object) -> Entry {
    let json = World::new().draft(of, seq, kind.name, body);
    Entry::of(set(&json, "period", period_of(kind.name))).unwrap()
}

fn check(kind: &Kind, body: Object) -> Result<(), FieldError> {
    let (of, seq) = place(kind);
    kind.check(&entry_at(kind, of, seq, body))
}

fn kind(name: &str) -> &'static Kind {
    find(KINDS, name).unwrap()
}

/// The path of the fault of a body written as JSON.
fn fault(name: &str, body: &str) -> Option<String> {
    check(kind(name), parse(body).unwrap()).err().map(|e| e.path)
}

fn root() -> String {
    ledger::hash::Hash::EMPTY.to_base64()
}

fn without(body: &Object, name: &str) -> Object {
    body.fields().iter().filter(|(n, _)| n != name).fold(Object::new(), |o, (n, v)| o.with(n, v.clone()))
}

#[test]
fn e41_missing_unknown_mistyped_and_misplaced_fields_of_every_kind() {
    for kind in KINDS {
        let body = example(kind.name);
        check(kind, body.clone()).unwrap();
        for field in kind.fields {
            let path = format!("body.{}", field.name);
            if body.get(field.name).is_some() {
                let missing = check(kind, without(&body, field.name));
                if field.required {
                    assert_eq!(missing.unwrap_err().path, path, "{}", kind.name);
                }
                let mut wrong = body.clone();
                let other = if matches!(field.ty, Type::Flag) { Value::Int(1) } else { Value::Bool(true) };
                assert!(wrong.replace_at(field.name, other));
                assert_eq!(check(kind, wrong).unwrap_err().path, path, "{}", kind.name);
            }
        }
        let extra = check(kind, body.clone().with("zz_extra", 1)).unwrap_err();
        assert_eq!(extra.path, "body.zz_extra", "{}", kind.name);
        if body.fields().len() > 1 {
            let turned = body.fields().iter().rev().fold(Object::new(), |o, (n, v)| o.with(n, v.clone()));
            assert!(check(kind, turned).is_err(), "{}", kind.name);
            let first = body.fields().first().unwrap().0.clone();
            let last = check(kind, without(&body, &first).with(&first, body.get(&first).unwrap().clone()));
            let path = last.unwrap_err().path;
            let second = &body.fields()[1].0;
            assert!(
                path == format!("body.{first}") || path == format!("body.{second}"),
                "{}: {path}",
                kind.name
            );
        }
    }
}

#[test]
fn e42_where_a_kind_may_stand() {
    let places = [(UNIT, 17), (GROUP, 17), (DISTRICT, 17), (TOWN, 17), (VILLAGE, 17)];
    for kind in KINDS {
        for (of, seq) in places {
            let stands = match kind.place {
                Place::Anywhere => true,
                Place::Accounts => !unit(of).is_registry(),
                Place::Registry(levels) => unit(of).is_registry() && levels.contains(&unit(of).level()),
            };
            let faulty =
                kind.check(&entry_at(kind, of, seq, example(kind.name))).is_err_and(|e| e.path == "unit");
            assert_eq!(faulty, !stands, "{} in {of}", kind.name);
        }
    }
    let of = |name: &str| kind(name).place;
    assert_eq!(of("seal"), Place::Registry(&[Level::Town, Level::Village]));
    assert_eq!(of("voucher"), Place::Accounts);
    assert_eq!(of("closed"), Place::Anywhere);
}

#[test]
fn e43_lists_add_up() {
    for (amount, fits) in [(3, true), (2, false), (-3, false)] {
        let body = format!(
            r#"{{"accounts":[{{"account":"bank","amount":5}},{{"account":"cash","amount":-2}}],"amount":{amount}}}"#
        );
        assert_eq!(fault("opening_balance", &body), (!fits).then(|| "body.amount".to_owned()));
        let body = format!(
            r#"{{"voucher_no":"1","direction":"income","lines":[{{"account":"x","amount":5}},{{"account":"y","amount":-2}}],"amount":{amount}}}"#
        );
        assert_eq!(fault("voucher", &body), (!fits).then(|| "body.amount".to_owned()));
    }
    // Sums of the largest amounts do not wrap.
    let rows = vec![r#"{"account":"bank","amount":10000000000000}"#; 500].join(",");
    let body = format!(r#"{{"accounts":[{rows}],"amount":10000000000000}}"#);
    assert_eq!(fault("opening_balance", &body), Some("body.amount".into()));
}

#[test]
fn types_of_fields_inside_lists_and_objects() {
    let voucher = |lines: &str, more: &str| {
        fault(
            "voucher",
            &format!(r#"{{"voucher_no":"1","direction":"income","lines":{lines},"amount":1{more}}}"#),
        )
    };
    assert_eq!(voucher(r#"[{"account":"x","amount":1}]"#, ""), None);
    assert_eq!(voucher("[]", ""), Some("body.lines".into()));
    assert_eq!(voucher("[1]", ""), Some("body.lines.0".into()));
    assert_eq!(voucher(r#"[{"account":"x"}]"#, ""), Some("body.lines.0.amount".into()));
    assert_eq!(voucher(r#"[{"account":"x","amount":1,"z":1}]"#, ""), Some("body.lines.0.z".into()));
    assert_eq!(voucher(r#"[{"account":"","amount":1}]"#, ""), Some("body.lines.0.account".into()));
    assert_eq!(
        voucher(r#"[{"account":"x","amount":10000000000001}]"#, ""),
        Some("body.lines.0.amount".into())
    );
    let ok = r#"[{"account":"x","amount":1}]"#;
    assert_eq!(voucher(ok, r#","fund_source":"theft""#), Some("body.fund_source".into()));
    assert_eq!(voucher(ok, r#","invoice_count":-1"#), Some("body.invoice_count".into()));
    assert_eq!(voucher(ok, r#","note":[]"#), Some("body.note".into()));
    assert_eq!(voucher(ok, &format!(r#","note":["{}"]"#, "x".repeat(2_000))), None);
    assert_eq!(voucher(ok, &format!(r#","note":["{}"]"#, "x".repeat(2_001))), Some("body.note".into()));
    let paragraphs = |n: usize| vec!["\"x\""; n].join(",");
    assert_eq!(voucher(ok, &format!(r#","note":[{}]"#, paragraphs(200))), None);
    assert_eq!(voucher(ok, &format!(r#","note":[{}]"#, paragraphs(201))), Some("body.note".into()));
    assert_eq!(fault("catalogue", r#"{"version":"1","digest":"x","items":[]}"#), Some("body.digest".into()));
    assert_eq!(
        fault("closed", &format!(r#"{{"count":17,"root":"{}","successor":"x","reason":"y"}}"#, root())),
        Some("body.successor".into())
    );
}

#[test]
fn e45_e72_corrections() {
    let leaf = ledger::hash::Hash::EMPTY.to_base64();
    let correction = |seq: i64, fields: &str| {
        fault(
            "correction",
            &format!(
                r#"{{"target":{{"seq":{seq},"leaf":"{leaf}"}},"fields":[{fields}],"reason":"typo","explanation":"x"}}"#
            ),
        )
    };
    let ok = r#"{"path":"body.amount","old":1,"new":2}"#;
    assert_eq!(correction(1, ok), None);
    for seq in [0, 40, 41] {
        assert_eq!(correction(seq, ok), Some("body.target.seq".into()), "the entry itself is number 40");
    }
    for path in ["item", "period", "occurred", "title", "summary", "posting.to", "body.x.0.y"] {
        assert_eq!(correction(1, &format!(r#"{{"path":"{path}","old":"1","new":"2"}}"#)), None, "{path}");
    }
    for path in [
        "seq",
        "unit",
        "kind",
        "ledger",
        "signed_at",
        "refs.0.seq",
        "body",
        "posting",
        "sealed.0.path",
        "items",
    ] {
        assert_eq!(
            correction(1, &format!(r#"{{"path":"{path}","old":"1","new":"2"}}"#)),
            Some("body.fields.0".into()),
            "{path}"
        );
    }
    assert_eq!(correction(1, &format!("{ok},{ok}")), Some("body.fields.1".into()));
    assert_eq!(correction(1, r#"{"path":"body.amount","old":1,"new":1}"#), Some("body.fields.0".into()));
    assert_eq!(
        correction(1, r#"{"path":"body..amount","old":1,"new":2}"#),
        Some("body.fields.0.path".into())
    );
    assert_eq!(correction(1, r#"{"path":"body.passed","old":true,"new":false}"#), None);
    assert_eq!(correction(1, r#"{"path":"body.amount","old":[],"new":2}"#), Some("body.fields.0.old".into()));
    let long = format!("body.{}", "x".repeat(96));
    assert_eq!(
        correction(1, &format!(r#"{{"path":"{long}","old":1,"new":2}}"#)),
        Some("body.fields.0.path".into())
    );
}

#[test]
fn e47_e48_e49_rules_of_single_kinds() {
    let voucher = |party: &str| {
        fault(
            "voucher",
            &format!(
                r#"{{"voucher_no":"1","direction":"income","lines":[{{"account":"x","amount":1}}],"amount":1,"counterparty":{party}}}"#
            ),
        )
    };
    assert_eq!(voucher(r#"{"kind":"person"}"#), None);
    assert_eq!(voucher(r#"{"kind":"company","name":"某公司"}"#), None);
    assert_eq!(voucher(r#"{"kind":"person","name":"某人"}"#), Some("body.counterparty.name".into()));
    for (field, wanted) in [("name", "body.counterparty.name"), ("code", "body.counterparty.code")] {
        let party = |kind: &str| voucher(&format!(r#"{{"kind":"{kind}","{field}":"440811198001011234"}}"#));
        assert_eq!(party("person"), Some(wanted.into()));
        assert_eq!(party("group"), (field == "code").then(|| wanted.to_owned()));
        assert_eq!((party("company"), party("organ")), (None, None));
    }
    for count in [16, 17, 18] {
        let body = format!(r#"{{"count":{count},"root":"{}","reason":"x"}}"#, root());
        assert_eq!(fault("closed", &body), (count != 17).then(|| "body.count".to_owned()));
    }
    for kind in KINDS {
        let (of, seq) = place(kind);
        let entry = Entry::of(World::new().draft(of, seq, kind.name, example(kind.name))).unwrap();
        let demanded = kind.check(&entry).err().map(|e| e.path);
        assert_eq!(demanded, period_of(kind.name).map(|_| "period".to_owned()), "{}", kind.name);
    }
    let unbalanced = r#"{"opening":1,"income":1,"expense":1,"closing":7}"#;
    assert_eq!(fault("period_close", unbalanced), None, "readers find this; it is not refused");
}

#[test]
fn g12_e78_seals_stand_in_the_registry_of_their_scope() {
    let body = |act: &str, key: &Key, role: &str, scope: &str| seal_body(act, key, role, scope);
    let key = |end: &str| Key::note(&format!("k.example/{end}"), 40);
    let at = |of: &str, body: Object| {
        kind("seal").check(&entry_at(kind("seal"), of, 3, body)).err().map(|e| e.path)
    };
    assert_eq!(at(TOWN, body("add", &key("440811100/township"), "township", "440811100")), None);
    assert_eq!(at(VILLAGE, body("add", &key(&format!("{UNIT}/supervision")), "supervision", UNIT)), None);
    assert_eq!(
        at(VILLAGE, body("add", &key("440811100/township"), "township", "440811100")),
        Some("body.scope".into())
    );
    for (role, scope) in [
        ("township", "440811"),
        ("township", "440811100391"),
        ("supervision", "440811100"),
        ("supervision", "440811"),
    ] {
        let body = body("add", &key(&format!("{scope}/{role}")), role, scope);
        assert_eq!(at(TOWN, body), Some("body.scope".into()), "{role} {scope}");
    }
    for name in ["440811100/supervision", "440811101/township", "township", "440811100/township/x"] {
        assert_eq!(
            at(TOWN, body("add", &key(name), "township", "440811100")),
            Some("body.vkey".into()),
            "{name}"
        );
    }
    let cosigner = Key::cosigner("k.example/440811100/township", 40);
    assert_eq!(at(TOWN, body("add", &cosigner, "township", "440811100")), Some("body.vkey".into()));
    let old = key("440811100/township");
    let new = body("rotate", &Key::note("n.example/440811100/township", 41), "township", "440811100");
    assert_eq!(at(TOWN, new.clone()), Some("body.replaces".into()));
    assert_eq!(at(TOWN, new.with("replaces", old.vkey.to_string())), None);
    let add = body("add", &old, "township", "440811100");
    assert_eq!(at(TOWN, add.clone().with("replaces", old.vkey.to_string())), Some("body.replaces".into()));
    assert_eq!(at(TOWN, add.with("compromised_from", 1)), Some("body.compromised_from".into()));
    assert_eq!(at(TOWN, body("revoke", &old, "township", "440811100").with("compromised_from", 1)), None);
}

#[test]
fn e75_e79_other_registry_kinds_hold_to_their_own() {
    let profile = |of: &str| format!(r#"{{"unit":"{of}","name":"x"}}"#);
    assert_eq!(fault("unit", &profile(GROUP)), None);
    for of in [TOWN, VILLAGE, "440811100392-00", "440811100000-00"] {
        assert_eq!(fault("unit", &profile(of)), Some("body.unit".into()), "{of}");
    }
    let heir = |of: &str| fault("unit", &format!(r#"{{"unit":"{UNIT}","name":"x","predecessors":[{of}]}}"#));
    assert_eq!(heir(r#""440811100392-00","440811100393-00""#), None);
    assert_eq!(heir(&format!(r#""440811100392-00","{UNIT}""#)), Some("body.predecessors".into()));
    assert_eq!(fault("policy", r#"{"lines":["quorum none"]}"#), None);
    assert_eq!(fault("policy", r#"{"lines":["quorum x"]}"#), Some("body.lines".into()));
    let witness = |i: u8| Key::cosigner(&format!("w{i}"), 90 + i).vkey;
    let any = format!(
        r#"{{"lines":["witness a {}","witness b {}","group g any a b","quorum g"]}}"#,
        witness(0),
        witness(1)
    );
    assert_eq!(fault("policy", &any), Some("body.lines".into()), "W-07");
    let keys: Vec<String> =
        (0..17).map(|i| format!("\"{}\"", Key::note(&format!("a/{i}"), 60 + i).vkey)).collect();
    let authority = |m: i64, n: usize| {
        fault("authority", &format!(r#"{{"threshold":{m},"keys":[{}]}}"#, keys[..n].join(",")))
    };
    assert!(authority(1, 1).is_none() && authority(16, 16).is_none());
    for (m, n) in [(0, 1), (2, 1), (1, 17)] {
        assert_eq!(authority(m, n), Some("body.threshold".into()), "{m} of {n}");
    }
}

/// A kind that a test adds: one constant, one line in a table.
const LEASE: Kind = Kind {
    name: "lease_out",
    zh: "资源发包",
    place: Place::Accounts,
    fields: &[Field::must("area", Type::Count), Field::may("until", Type::Date)],
    rule: |_| Ok(()),
    example: r#"{"area":86,"until":"2041-01-01"}"#,
};

/// E-44: the ledger takes it once it knows it, and readers that do not know it compute the same books.
#[test]
fn e44_a_kind_that_a_test_adds() {
    let mut kinds = KINDS.to_vec();
    kinds.push(&LEASE);
    let world = World::demo();
    let note = seal(&world.draft(UNIT, 5, "lease_out", parse(LEASE.example).unwrap()), &[&world.town]);
    let refusal = Submission::parse(note.clone(), KINDS).unwrap_err();
    assert_eq!((refusal.code, refusal.field.as_str()), (RefusalCode::UnknownKind, "kind"));

    let mut state = world.state.clone();
    let mut submission = Submission::parse(note.clone(), &kinds).unwrap();
    submission.verify(&state.registry).unwrap();
    state.admit(&[submission], NOW, &world.shelf).unwrap();
    let (index, ..) = state.close(NOW, Vec::new());

    let mut reader = world.clone();
    reader.force(note);
    assert_eq!(reader.state.close(NOW, Vec::new()).0, index, "f does not look at kinds");
}
