//! The token layer (E-01 to E-08).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::json::{MAX_DEPTH, MAX_FIELDS, MAX_INTEGER, Object, Value, is_allowed, parse};
use proptest::prelude::*;

fn refused(text: &str) {
    assert!(parse(text).is_err(), "taken: {text:?}");
}

fn taken(text: &str) {
    assert_eq!(parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).text(), text);
}

#[test]
fn e01_one_object_without_white_space() {
    taken("{}");
    taken(r#"{"a":{},"b":[],"c":[1,[2,{"d":true}],false]}"#);
    for text in [
        "",
        " ",
        "{",
        "}",
        "[]",
        "1",
        "\"a\"",
        "true",
        "{}{}",
        "{} ",
        " {}",
        "\u{FEFF}{}",
        "{}\n",
        r#"{ "a":1}"#,
        r#"{"a" :1}"#,
        r#"{"a": 1}"#,
        r#"{"a":1 }"#,
        r#"{"a":1, "b":2}"#,
        r#"{"a":[ ]}"#,
        r#"{"a":[1 ,2]}"#,
        "{\"a\":\t1}",
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,1]}"#,
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{:1}"#,
        r#"{a:1}"#,
        r#"{'a':1}"#,
        r#"{"a":1"b":2}"#,
        r#"{"a":1]"#,
        r#"{"a":[1}"#,
        r#"{"a":"#,
        r#"{"a":""#,
        r#"{"a":[1"#,
        r#"{"a":1}}"#,
        r#"{"a":1//}"#,
        r#"{"a"=1}"#,
        r#"{"a":1;"b":2}"#,
    ] {
        refused(text);
    }
}

#[test]
fn e02_integers_in_plain_decimal() {
    for n in ["0", "1", "-1", "10", "9007199254740991", "-9007199254740991"] {
        taken(&format!("{{\"a\":{n}}}"));
    }
    for n in [
        "1.0",
        "1e3",
        "1E3",
        "-0",
        "01",
        "-01",
        "00",
        "+1",
        "-",
        ".5",
        "5.",
        "0x10",
        "1_000",
        "9007199254740992",
        "-9007199254740992",
        "99999999999999999999",
        "Infinity",
        "NaN",
        "--1",
        "１",
    ] {
        refused(&format!("{{\"a\":{n}}}"));
    }
    assert_eq!(MAX_INTEGER, 9_007_199_254_740_991);
}

#[test]
fn e04_two_escapes() {
    taken(r#"{"a":"say \"x\" and \\"}"#);
    assert_eq!(parse(r#"{"a":"\"\\"}"#).unwrap().text_of("a"), Some("\"\\"));
    for s in [
        r"\n", r"\t", r"\/", r"\b", r"\f", r"\r", r"\u0041", r"\u4e2d", r"\ud800", r"\x41", r"\'", "\\",
        r"\\\",
    ] {
        refused(&format!("{{\"a\":\"{s}\"}}"));
    }
    refused("{\"a\":\"raw\nnewline\"}");
    refused(r#"{"a":"open}"#);
    // Neither in names.
    refused(r#"{"\u0061":1}"#);
    refused(r#"{"\"":1}"#);
}

#[test]
fn e05_names() {
    taken(r#"{"az09_":1,"b":{"az09_":2}}"#);
    for name in ["", "A", "a b", "a-b", "a.b", "é", "中", "a\u{200B}"] {
        refused(&format!("{{\"{name}\":1}}"));
    }
    refused(r#"{"a":1,"a":1}"#);
    refused(r#"{"a":1,"b":2,"a":3}"#);
    refused(r#"{"x":{"a":1,"a":2}}"#);
    refused(r#"{"x":[{"a":1,"a":2}]}"#);
}

#[test]
fn e06_depth_and_number_of_names() {
    // The line's object is the first of eight.
    let nested = |n: usize| format!("{{\"a\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    taken(&nested(MAX_DEPTH - 1));
    refused(&nested(MAX_DEPTH));
    let objects = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    taken(&objects(MAX_DEPTH));
    refused(&objects(MAX_DEPTH + 1));
    refused(&"{\"a\":".repeat(100_000));
    refused(&format!("{{\"a\":{}", "[".repeat(100_000)));
    let wide = |n: usize| {
        let fields: Vec<String> = (0..n).map(|i| format!("\"n{i}\":1")).collect();
        format!("{{{}}}", fields.join(","))
    };
    taken(&wide(MAX_FIELDS));
    refused(&wide(MAX_FIELDS + 1));
}

/// The characters of SPEC E-07, written down once more, from the specification.
fn denied(c: u32) -> bool {
    let ranges = [
        (0, 0x1F),
        (0x7F, 0xA0),
        (0xAD, 0xAD),
        (0x61C, 0x61C),
        (0x1680, 0x1680),
        (0x180E, 0x180E),
        (0x2000, 0x200F),
        (0x2028, 0x202F),
        (0x205F, 0x206F),
        (0xE000, 0xF8FF),
        (0xFDD0, 0xFDEF),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0xE0000, 0xE007F),
        (0xF0000, 0x10FFFF),
    ];
    ranges.iter().any(|(lo, hi)| (*lo..=*hi).contains(&c)) || c % 0x1_0000 >= 0xFFFE
}

#[test]
fn e07_every_character_of_unicode() {
    for c in '\0'..=char::MAX {
        assert_eq!(is_allowed(c), !denied(c as u32), "U+{:04X}", c as u32);
        // The reader itself, around every border and through everything below U+3100.
        let borders = denied(c as u32) != denied((c as u32).saturating_sub(1)) || (c as u32) < 0x3100;
        if borders && c != '"' && c != '\\' {
            assert_eq!(
                parse(&format!("{{\"a\":\"x{c}x\"}}")).is_ok(),
                !denied(c as u32),
                "U+{:04X}",
                c as u32
            );
        }
    }
    for allowed in ['\u{D7FF}', '\u{3000}', ' ', '𠮷', '李', '〇', '—', '“', '\u{FE0F}', '\u{DFFFD}']
    {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in
        ['\u{E000}', '\u{FFFE}', '\u{1FFFF}', '\u{10FFFD}', '\u{E0041}', '\u{202E}', '\u{2066}', '\u{A0}']
    {
        assert!(!is_allowed(refused), "{refused:?}");
    }
}

#[test]
fn e08_no_null_and_no_other_words() {
    taken(r#"{"a":true,"b":false}"#);
    for word in ["null", "nul", "True", "TRUE", "tru", "truee", "falsey", "undefined", "t", "f"] {
        refused(&format!("{{\"a\":{word}}}"));
    }
}

#[test]
fn paths_read_and_replace() {
    let mut json = parse(r#"{"a":{"b":[{"c":1},{"c":2}]},"d":"x"}"#).unwrap();
    assert_eq!(json.at_path("a.b.1.c"), Some(&Value::Int(2)));
    for path in [
        "a.b.2.c",
        "a.b.x",
        "a.b.1.c.d",
        "",
        "z",
        "a..b",
        "d.0",
        "a.b.01.c",
        "a.b.00.c",
        "a.b.+1.c",
        "a.b.+.c",
    ] {
        assert_eq!(json.at_path(path), None, "{path}");
        assert!(!json.replace_at(path, Value::Int(9)), "{path}");
    }
    assert!(json.replace_at("a.b.1.c", Value::Int(9)));
    assert_eq!(json.text(), r#"{"a":{"b":[{"c":1},{"c":9}]},"d":"x"}"#);
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>().prop_filter("allowed", |c| is_allowed(*c)), 0..20)
        .prop_map(|chars| chars.into_iter().collect())
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    proptest::collection::btree_map("[a-z0-9_]{1,8}", value, 0..6)
        .prop_map(|fields| fields.into_iter().fold(Object::new(), |o, (n, v)| o.with(&n, v)))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::Int),
        text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            object(inner).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if crate::support::long() { 20_000 } else { 600 }))]

    /// Whatever is written is read back, in one spelling.
    #[test]
    fn e01_what_is_written_is_read(object in object(value())) {
        let text = object.text();
        prop_assert_eq!(&parse(&text).unwrap(), &object);
        // Another implementation agrees on what it means.
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(theirs.as_object().unwrap().len(), object.fields().len());
    }

    /// Whatever is read was the one spelling: a change of any byte is another object or refused.
    #[test]
    fn e01_what_is_read_was_the_one_spelling(object in object(value()), at in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = object.text().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) && let Ok(read) = parse(&text) {
            prop_assert_eq!(read.text(), text);
        }
    }

    #[test]
    fn e01_parse_is_total(text in ".{0,200}", json in r#"[{}\[\]",:a0-9.\\tfn e-]{0,60}"#) {
        for text in [text, json] {
            if let Ok(read) = parse(&text) {
                prop_assert_eq!(read.text(), text);
            }
        }
    }
}
