//! Our own vectors: language-neutral files in `tests/vectors`, each case with the verdict expected of any implementation.
//!
//! One test reads them and checks every verdict; the other makes them again from fixed keys and compares, or, with
//! `VILLAGE_WRITE_VECTORS=1`, writes them. An expectation that the reader does not know fails the run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod cases;
mod ledger_cases;
mod paper_cases;
mod run;
mod sealed_cases;
#[path = "../support/mod.rs"]
mod support;
mod tree_cases;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// One case: its name, input, and the verdict expected; `output` where there is more to be the same.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) input: Value,
    pub(crate) expect: &'static str,
    /// Whether what the check found beside its verdict is part of the vector.
    pub(crate) with_output: bool,
}

/// A file of cases for one check.
pub(crate) struct File {
    pub(crate) check: &'static str,
    pub(crate) about: &'static str,
    pub(crate) rules: &'static [&'static str],
    pub(crate) cases: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

fn text_of(file: &File) -> String {
    let cases: Vec<Value> = file
        .cases
        .iter()
        .map(|c| {
            let mut case = json!({"name": c.name, "input": c.input, "expect": c.expect});
            if c.with_output {
                case["output"] = run::run(file.check, &c.input).1;
            }
            case
        })
        .collect();
    let whole = json!({
        "format": "village-ledger/vectors/v1",
        "check": file.check,
        "about": file.about,
        "rules": file.rules,
        "cases": cases,
    });
    format!("{}\n", serde_json::to_string_pretty(&whole).unwrap())
}

fn all() -> Vec<File> {
    [cases::files(), tree_cases::files(), ledger_cases::files(), sealed_cases::files(), paper_cases::files()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn the_files_are_what_fixed_keys_make() {
    for file in all() {
        let (path, text) = (folder().join(format!("{}.json", file.check)), text_of(&file));
        if std::env::var_os("VILLAGE_WRITE_VECTORS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap();
        assert!(
            stored == text,
            "{} differs: run with VILLAGE_WRITE_VECTORS=1 if that is meant",
            path.display()
        );
    }
}

#[test]
fn every_vector_has_the_verdict_that_its_file_expects() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        files += 1;
        let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(file["format"], "village-ledger/vectors/v1", "{}", path.display());
        let check = file["check"].as_str().unwrap();
        for case in file["cases"].as_array().unwrap() {
            let name = format!("{check}: {}", case["name"]);
            let expect = case["expect"].as_str().unwrap();
            assert!(run::expectations(check).contains(&expect), "{name}: unknown expectation {expect}");
            let (found, output) = run::run(check, &case["input"]);
            assert_eq!(found, expect, "{name}");
            if let Some(wanted) = case.get("output") {
                assert_eq!(&output, wanted, "{name}");
            }
        }
        // Good and bad ones in every file.
        let expects = |e: &str| file["cases"].as_array().unwrap().iter().any(|c| c["expect"] == e);
        let seen = run::expectations(check).iter().filter(|e| expects(e)).count();
        assert!(seen >= 2, "{check} has only one kind of case");
    }
    assert_eq!(files, all().len(), "a file that nothing makes");
}
