//! `trust.toml` read and written.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a step that fails fails the test"
)]

use client::trust::{Contact, Trust, TrustError};
use ledger::charter::Authority;
use ledger::hash::Hash;
use ledger::note::VerifierKey;

const ORIGIN: &str = "mazhang.example/ledger";

fn key(name: &str, n: u8) -> VerifierKey {
    // Points found by counting: the first bytes that are a key and not a weak one.
    let mut bytes = [n; 32];
    loop {
        match VerifierKey::ed25519(name, &bytes) {
            Ok(key) if !key.is_weak() => return key,
            _ => bytes[0] = bytes[0].wrapping_add(1),
        }
    }
}

fn trust() -> Trust {
    Trust {
        charter: Hash::EMPTY,
        origin: ORIGIN.to_owned(),
        log: key(ORIGIN, 5),
        authority: Authority {
            keys: vec![key("m.example/authority/a", 20), key("m.example/authority/b", 40)],
            threshold: 2,
        },
        policy: "quorum none\n".to_owned(),
        viewer: vec!["http://127.0.0.1:8080/".to_owned()],
        contacts: vec![Contact {
            office: "麻章区纪委监委".to_owned(), phone: "0759-0000001".to_owned()
        }],
    }
}

#[test]
fn what_is_written_is_read_back() {
    let text = trust().text();
    assert_eq!(Trust::parse(&text).unwrap(), trust());
    assert!(text.contains("threshold = 2") && text.contains("[[contact]]"), "{text}");
    let bare = Trust { viewer: vec![], contacts: vec![], ..trust() };
    assert_eq!(Trust::parse(&bare.text()).unwrap(), bare);
}

#[test]
fn each_wrong_field_is_named() {
    let good = trust().text();
    let cases = [
        ("threshold = 2", "threshold = 3", "threshold"),
        ("threshold = 2", "threshold = 0", "threshold"),
        ("origin = \"mazhang.example/ledger\"", "origin = \"other.example/ledger\"", "log"),
        ("origin = \"mazhang.example/ledger\"", "origin = \"c2sp.org/x\"", "origin"),
        ("charter = \"e3b0", "charter = \"E3B0", "charter"),
        ("quorum none", "quorum w1", "policy"),
        ("authority/a+", "authority/a+0", "authority"),
    ];
    for (from, to, field) in cases {
        assert!(good.contains(from), "{from} in {good}");
        match Trust::parse(&good.replace(from, to)) {
            Err(TrustError::Field { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{to}: {other:?}"),
        }
    }
    for (from, to) in
        [("threshold = 2", ""), ("threshold = 2", "threshold = 2\nextra = 1"), ("[[contact]]", "[[")]
    {
        assert!(matches!(Trust::parse(&good.replace(from, to)), Err(TrustError::Toml(_))));
    }
}

#[test]
fn a_missing_file_says_so() {
    let error = Trust::read(std::path::Path::new("没有.toml")).unwrap_err().to_string();
    assert!(error.starts_with("读不到信任文件 没有.toml："), "{error}");
}
