//! Every named limit has tests on both sides, and stands in SPEC section 11.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::{Bundle, MAX_BUNDLE};
use std::path::Path;
use support::*;

fn sources(folder: &Path) -> String {
    let mut out = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.push_str(&sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    out
}

#[test]
fn every_limit_is_named_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (source, tests) = (sources(&root.join("src")), sources(&root.join("tests")));
    let names: Vec<&str> =
        source.split("pub const MAX").skip(1).map(|rest| rest.split_once(':').unwrap().0).collect();
    assert!(names.len() >= 14, "{names:?}");
    for name in names {
        // The amount's limit is called by its type.
        let called = if name.is_empty() { "Fen::MAX".to_owned() } else { format!("MAX{name}") };
        assert!(tests.matches(&called).count() >= 2, "no test names {called}");
    }
}

#[test]
fn the_specification_has_their_numbers() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SPEC.md")).unwrap();
    let limits = spec.split("## 11. Limits").nth(1).unwrap().split("## 12.").next().unwrap();
    let grouped = |n: usize| -> String {
        let digits = n.to_string();
        let from_right = |(i, d): (usize, char)| {
            let comma = i > 0 && (digits.len() - i).is_multiple_of(3);
            if comma { format!(",{d}") } else { d.to_string() }
        };
        digits.chars().enumerate().map(from_right).collect()
    };
    for number in [
        ledger::leaf::MAX_TEXT,
        ledger::leaf::MAX_LEAF,
        ledger::note::MAX_SIGNATURES,
        ledger::checkpoint::MAX_CHECKPOINT,
        ledger::proof::MAX_PATH,
        ledger::proof::MAX_PROOF,
        ledger::policy::MAX_POLICY,
        ledger::policy::MAX_NAMES,
        ledger::json::MAX_DEPTH,
        ledger::json::MAX_FIELDS,
        ledger::entry::MAX_TITLE,
        ledger::entry::MAX_SUMMARY,
        ledger::tile::MAX_LEVEL.into(),
        MAX_BUNDLE,
        ledger::sealed::MAX_SEALED_PATH,
        ledger::sealed::MAX_VALUE,
        ledger::sealed::MAX_OPENINGS,
        ledger::sealed::MAX_OPENINGS_FILE,
        ledger::payment_rows::MAX_ROWS,
        ledger::payment_rows::MAX_ROW,
        ledger::payment_rows::MAX_ROWS_BLOB,
        ledger::payment_rows::MAX_ROW_PROOF,
        ledger::payment_rows::MAX_ROW_CODE,
        ledger::entry::MAX_ATTACHMENT as usize,
        ledger::entry::MAX_MEDIA,
        ledger::upload::MAX_TICKET,
        ledger::upload::MAX_AGE as usize,
    ] {
        assert!(limits.contains(&grouped(number)), "{number}");
    }
    assert!(limits.contains("2^53 − 1") && limits.contains("10^13 fen"));
    assert_eq!((ledger::json::MAX_INTEGER, ledger::money::Fen::MAX), ((1 << 53) - 1, 10_000_000_000_000));
}

/// B-03: a bundle of exactly the limit is read, one byte more is not.
#[test]
fn bundles_have_at_most_32_mib() {
    let world = World::demo();
    let mut bundle = world.bundle(UNIT, 1, None);
    let sized = |bundle: &mut Bundle, want: usize| {
        let now = bundle.encode().len();
        let note = &mut bundle.entries.last_mut().unwrap().note;
        // Twice: the lengths in the headings grow with the note.
        note.resize((note.len() + want).saturating_sub(now), b'x');
        bundle.encode()
    };
    for want in [MAX_BUNDLE, MAX_BUNDLE + 1] {
        sized(&mut bundle, want);
        let bytes = sized(&mut bundle, want);
        assert_eq!((bytes.len(), Bundle::parse(&bytes).is_ok()), (want, want == MAX_BUNDLE));
    }
}
