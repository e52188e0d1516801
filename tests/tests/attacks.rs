//! Every attack against every reader: who catches it, and how. The table in SECURITY.md is what came out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod attacks {
    pub mod readers;
}

use attacks::readers::{Readers, Said};
use ledger::bundle::{Ask, FRESH, verify};
use ledger::verdict::{Code, Level};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tests::cheat::Attack;
use tests::cheat::support::{NOW, UNIT};

const BEGIN: &str = "<!-- written by tests/tests/attacks.rs -->\n\n";
const END: &str = "\n<!-- end -->\n";

/// What each reader says, step by step, in the order of [`Attack::ALL`].
const WANTED: [(&str, [&str; 5]); 8] = [
    (
        "phone, first visit",
        [
            "OK_NOT_WITNESSED",
            "OK_FIRST_VISIT, then OK_NOT_WITNESSED",
            "OK_NOT_REPLAYED",
            "CANNOT_SHOW",
            "FAILED_SEAL + evidence",
        ],
    ),
    (
        "phone that remembers",
        [
            "FAILED_REWRITTEN + evidence",
            "CANNOT_SHOW, then FAILED_REWRITTEN + evidence",
            "OK_NOT_REPLAYED",
            "CANNOT_SHOW",
            "FAILED_SEAL + evidence",
        ],
    ),
    (
        "phone that scans a signed poster",
        [
            "FAILED_TWO_BOOKS + evidence",
            "PAPER_DIFFERS, then FAILED_TWO_BOOKS + evidence",
            "OK_NOT_REPLAYED",
            "CANNOT_SHOW",
            "FAILED_SEAL + evidence",
        ],
    ),
    (
        "`audit`",
        [
            "OK_NOT_WITNESSED",
            "OK_FIRST_VISIT, then OK_NOT_WITNESSED",
            "FAILED_INDEX",
            "CANNOT_SHOW, then FAILED_INDEX",
            "FAILED_SEAL",
        ],
    ),
    (
        "`audit --remember`",
        [
            "FAILED_REWRITTEN",
            "CANNOT_SHOW, then FAILED_REWRITTEN",
            "FAILED_INDEX",
            "CANNOT_SHOW, then FAILED_REWRITTEN",
            "FAILED_SEAL",
        ],
    ),
    (
        "`monitor`",
        [
            "cannot_show, two_heads + evidence",
            "shrank, then two_heads + evidence",
            "wrong_index",
            "cannot_show, then two_heads + evidence, wrong_index, wrong_seal",
            "wrong_seal + evidence",
        ],
    ),
    (
        "witness",
        [
            "refuses (422) + evidence",
            "refuses (409), then refuses (422) + evidence",
            "cosigns",
            "cosigns, then refuses (422) + evidence",
            "cosigns",
        ],
    ),
    (
        "witness that replays",
        [
            "refuses for ever (two_books) + evidence",
            "withholds, then refuses for ever (two_books) + evidence",
            "refuses for ever (index_leaf)",
            "withholds, then refuses for ever (index_leaf)",
            "cosigns",
        ],
    ),
];

/// An attack's steps, seen by everyone: reader by reader what was said, one step's words only when they are others.
fn see(attack: Attack) -> Vec<(&'static str, Said)> {
    let faces = attack.faces(NOW);
    let readers = Readers::of(attack, &faces[0]);
    let mut seen: Vec<(&'static str, Said)> = Vec::new();
    for face in &faces[1..] {
        for (at, (name, said)) in readers.see(face).into_iter().enumerate() {
            let Some((_, before)) = seen.get_mut(at) else {
                seen.push((name, said));
                continue;
            };
            before.level = before.level.max(said.level);
            if !said.words.is_empty() && !before.words.ends_with(&said.words) {
                before.words = format!("{}, then {}", before.words, said.words);
            }
        }
    }
    readers.end();
    seen
}

/// The bold cells are those in which somebody is told that something is wrong.
fn table(seen: &[Vec<(&'static str, Said)>]) -> String {
    let mut text = String::from("| who looks |");
    Attack::ALL.iter().for_each(|attack| write!(text, " {} |", attack.name()).unwrap());
    text += "\n| --- | --- | --- | --- | --- | --- |\n";
    for at in 0..seen[0].len() {
        write!(text, "| {} |", seen[0][at].0).unwrap();
        for column in seen {
            let Said { words, level } = &column[at].1;
            let bold = if *level >= Level::Amber { "**" } else { "" };
            write!(text, " {bold}{words}{bold} |").unwrap();
        }
        text += "\n";
    }
    text + "| the log itself, on start | | **refuses to sign** | | | |\n"
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn who_catches_what_and_the_table_says_so() {
    let seen = Attack::ALL.map(see);
    for (at, (reader, wanted)) in WANTED.iter().enumerate() {
        let found = seen.each_ref().map(|column| (column[at].0, column[at].1.words.as_str()));
        assert_eq!(found, wanted.map(|words| (*reader, words)));
    }
    assert!(seen.iter().all(|column| column.len() == WANTED.len()));
    // The log's own line is of the server's tests.
    let own = std::fs::read_to_string(root().join("api/tests/witnesses.rs")).unwrap();
    assert!(own.contains("fn an_old_backup_is_refused()"));

    let path: PathBuf = root().join("SECURITY.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (stored, tail) = rest.split_once(END).unwrap();
    let table = table(&seen);
    if std::env::var_os("VILLAGE_WRITE_ATTACKS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
        return;
    }
    assert!(
        stored == table,
        "SECURITY.md differs: run with VILLAGE_WRITE_ATTACKS=1 if that is meant:\n{table}"
    );
}

/// A first visitor, who has nothing to hold an old head against, is told after 48 hours: witnesses sign no older one.
#[test]
fn a_rolled_back_head_looks_old_after_48_hours() {
    let faces = Attack::Rollback.faces(NOW);
    let bundle = faces[1].answer(&format!("api/v1/units/{UNIT}/bundle")).unwrap();
    let at = |now| verify(&bundle, &Ask { charter: Some(faces[1].trust().charter), now, ..Ask::default() });
    assert_eq!(at(NOW + FRESH).verdict.code, Code::OkFirstVisit);
    assert_eq!(at(NOW + FRESH + 1).verdict.code, Code::StaleHead);
}
