//! The charter (E-15 to E-18, K-02, K-03).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::charter::{Charter, LedgerId, is_key_name, is_origin};
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value, parse};
use ledger::leaf::{self, LeafType};
use ledger::note::VerifierKey;
use support::*;

/// The charter's JSON of [`World::new`].
fn json() -> Object {
    let world = World::new();
    leaf::read(&world.charter_note).unwrap().json
}

/// The same with one field changed or taken away, names kept in order.
fn with(name: &str, value: Option<Value>) -> Object {
    let names = ["origin", "log", "authority", "threshold", "district", "policy", "catalogue", "created"];
    names.iter().fold(Object::new(), |out, n| {
        let field = if *n == name { value.clone() } else { json().get(n).cloned() };
        out.with_some(n, field)
    })
}

fn signed(json: &Object, keys: &[&Key]) -> Vec<u8> {
    let text = leaf::text(LeafType::Charter, json);
    leaf::seal(&text, keys.iter().map(|k| k.sign(&text)).collect()).into_bytes()
}

/// Opens a charter signed by the log key and the first authority key, whatever it says.
fn opens(json: &Object) -> bool {
    Charter::open(&signed(json, &[&Key::note(ORIGIN, 1), &Key::note("mazhang.example/authority/1", 10)]))
        .is_ok()
}

fn list(texts: &[&str]) -> Option<Value> {
    Some(texts.iter().map(|t| Value::from(*t)).collect::<Vec<_>>().into())
}

#[test]
fn e15_names_order_and_types() {
    assert!(opens(&json()));
    assert!(opens(&with("catalogue", Some(Hash::EMPTY.to_hex().into()))));
    for name in ["origin", "log", "authority", "threshold", "district", "policy", "created"] {
        assert!(!opens(&with(name, None)), "{name} missing");
        for wrong in [Value::Bool(true), Value::Object(Object::new()), Value::List(vec![Value::Int(1)])] {
            assert!(!opens(&with(name, Some(wrong))), "{name}");
        }
    }
    assert!(!opens(&json().with("extra", 1)));
    let turned = json().fields().iter().rev().fold(Object::new(), |o, (n, v)| o.with(n, v.clone()));
    assert!(!opens(&turned));
    for (name, value) in [
        ("threshold", Value::from("1")),
        ("created", Value::Int(-1)),
        ("created", "1".into()),
        ("catalogue", "abc".into()),
        ("catalogue", Hash::EMPTY.to_hex().to_uppercase().into()),
        ("catalogue", Value::Int(1)),
        ("district", "44081".into()),
        ("district", "4408110".into()),
        ("district", "44081a".into()),
        ("policy", Value::from("quorum none")),
        ("policy", vec![Value::from("quorum none"), Value::Int(1)].into()),
    ] {
        assert!(!opens(&with(name, Some(value.clone()))), "{name}: {value:?}");
    }
}

#[test]
fn e16_origin_keys_threshold_and_policy() {
    for origin in ["village-ledger/x", "cosignature/x", "c2sp.org/x", "UPPER", "a b", "", "a+b", "村"] {
        assert!(!is_origin(origin), "{origin}");
        assert!(!opens(&with("origin", Some(origin.into()))), "{origin}");
    }
    assert!(!opens(&with("origin", Some("other.example/ledger".into()))), "not the log key's name");
    let log = json().text_of("log").unwrap().to_owned();
    let a1 = Key::note("mazhang.example/authority/1", 10).vkey.to_string();
    let twice = Key::note("mazhang.example/authority/2", 10).vkey.to_string();
    let as_log = Key::note("mazhang.example/authority/2", 1).vkey.to_string();
    let cosigner = Key::cosigner("mazhang.example/authority/2", 11).vkey.to_string();
    let named = Key::note("Authority", 11).vkey.to_string();
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = VerifierKey::ed25519("mazhang.example/authority/2", &identity).unwrap().to_string();
    for other in [&a1, &twice, &as_log, &log, &cosigner, &named, &weak, &"x".to_owned()] {
        assert!(!opens(&with("authority", list(&[&a1, other]))), "{other}");
    }
    assert!(!opens(&with("authority", list(&[]))));
    let many: Vec<String> = (0..17).map(|i| Key::note(&format!("a/{i}"), 10 + i).vkey.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let open_with = |n: usize, threshold: i64| {
        let json = with("authority", list(&many[..n]));
        let json = json.fields().iter().fold(Object::new(), |o, (name, v)| {
            o.with(name, if name == "threshold" { Value::Int(threshold) } else { v.clone() })
        });
        let keys: Vec<Key> = (0..n as u8).map(|i| Key::note(&format!("a/{i}"), 10 + i)).collect();
        let log = Key::note(ORIGIN, 1);
        let signers: Vec<&Key> = keys.iter().chain([&log]).collect();
        Charter::open(&signed(&json, &signers)).is_ok()
    };
    assert!(open_with(16, 16) && open_with(16, 1) && open_with(1, 1));
    assert!(!open_with(17, 1) && !open_with(3, 4) && !open_with(3, 0) && !open_with(3, -1));
    let witness = |i: u8| format!("witness w{i} {}", Key::cosigner(&format!("w{i}"), 90 + i).vkey);
    let policy = |k: &str| {
        with("policy", list(&[&witness(0), &witness(1), &format!("group g {k} w0 w1"), "quorum g"]))
    };
    assert!(opens(&policy("all")));
    assert!(!opens(&policy("any")), "W-07: two quorums without a common witness");
    assert!(!opens(&with("policy", list(&["nonsense"]))) && !opens(&with("policy", list(&[]))));
}

#[test]
fn e17_signed_by_the_log_and_m_of_n() {
    let world = World::with(2, 3, &["quorum none".to_owned()]);
    let json = leaf::read(&world.charter_note).unwrap().json;
    let [a, b, c] = &world.authority[..] else { panic!() };
    let opens = |keys: &[&Key]| Charter::open(&signed(&json, keys)).is_ok();
    assert!(opens(&[a, b, &world.log]) && opens(&[a, c, &world.log]) && opens(&[a, b, c, &world.log]));
    for keys in
        [vec![a, &world.log], vec![a, b, c], vec![a, b], vec![&world.log], vec![a, &world.town, &world.log]]
    {
        assert!(!opens(&keys));
    }
    let text = leaf::text(LeafType::Charter, &json);
    let elsewhere = |k: &Key| k.sign("another text\n");
    let lines = vec![elsewhere(a), b.sign(&text), world.log.sign(&text)];
    assert!(Charter::open(leaf::seal(&text, lines).as_bytes()).is_err());
    let entry = seal(&json, &[a, b, &world.log]);
    assert!(Charter::open(&entry).is_err(), "another type line");
    assert!(Charter::open(b"").is_err());
}

#[test]
fn e18_charter_hash_and_ledger_id() {
    let world = World::new();
    let (charter, hash) = Charter::open(&world.charter_note).unwrap();
    assert_eq!(hash, leaf_hash(&world.charter_note));
    assert_eq!(charter.text(), world.charter.text());
    let id = LedgerId::new(ORIGIN, &hash);
    assert_eq!(id.as_str(), format!("{ORIGIN}#{}", &hash.to_hex()[..32]));
    // Another set of signatures under the same text is another ledger.
    let other = World::with(1, 2, &["quorum none".to_owned()]);
    assert_ne!(other.ledger, world.ledger);
    for leaf in &world.shelf.leaves[1..] {
        let json = leaf::read(leaf).unwrap().json;
        assert_eq!(json.text_of("ledger"), Some(world.ledger.as_str()));
    }
    assert_eq!(parse(world.charter.text().lines().nth(1).unwrap()).unwrap().text_of("origin"), Some(ORIGIN));
}

#[test]
fn k02_key_names() {
    assert!(
        is_key_name("mazhang.example/ledger/seal/440811100391-01/supervision")
            && is_key_name(&"a".repeat(200))
    );
    for bad in ["", "A", "a_b", "a b", "a+b", "村", "a\n", &"a".repeat(201)] {
        assert!(!is_key_name(bad), "{bad}");
    }
}
