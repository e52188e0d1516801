//! Rules of the house that a machine can keep: layering, names, lengths, rule ids, what must not be committed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod tidy {
    pub mod files;
    pub mod rules;
}

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use tidy::files::{File, files, root};
use tidy::rules;

/// Every edge between crates of the product, as ARCHITECTURE.md draws them.
const EDGES: [(&str, &[&str]); 11] = [
    ("ledger", &[]),
    ("keys", &["ledger"]),
    ("store", &["keys", "ledger"]),
    ("client", &["ledger"]),
    ("views", &["ledger"]),
    ("api", &["client", "guard", "keys", "ledger", "store", "views"]),
    ("clerk", &["client", "guard", "keys", "ledger", "views"]),
    ("guard", &["ledger"]),
    ("verifier", &["client", "ledger", "views"]),
    ("witness", &["client", "keys", "ledger"]),
    ("wasm-viewer", &["ledger", "views"]),
];
/// They stand above all others: they may use any crate, and none may use them.
const ABOVE: [&str; 2] = ["tests", "xtask"];
/// Longest source file.
const MAX_LINES: usize = 500;

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap()
}

/// Crate to the crates of the workspace that it is built from; test-only dependencies don't count.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let names: BTreeSet<String> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    let edges = metadata.workspace_packages().into_iter().map(|package| {
        let built = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        let ours = built.map(|d| d.name.clone()).filter(|name| names.contains(name));
        (package.name.to_string(), ours.collect())
    });
    edges.collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn layering_is_as_the_architecture_draws_it() {
    let mut found = edges();
    for name in ABOVE {
        assert!(found.remove(name).is_some(), "{name} is gone");
    }
    let wanted: BTreeMap<String, BTreeSet<String>> =
        EDGES.iter().map(|(name, to)| ((*name).to_owned(), set(to))).collect();
    assert_eq!(found, wanted);
}

#[test]
fn architecture_md_lists_the_same_edges() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (name, to) in EDGES {
        let to: Vec<String> = to.iter().map(|t| format!("`{t}`")).collect();
        let to = if to.is_empty() { "nothing".to_owned() } else { to.join(", ") };
        let line = format!("| `{name}` | {to} |");
        assert!(text.contains(&line), "ARCHITECTURE.md has no line that begins with: {line}");
    }
}

#[test]
fn the_verifier_shares_no_code_with_what_it_judges() {
    let edges = edges();
    let (mut reached, mut left) = (BTreeSet::new(), vec!["verifier".to_owned()]);
    while let Some(name) = left.pop() {
        left.extend(edges.get(&name).into_iter().flatten().cloned());
        reached.insert(name);
    }
    assert!(reached.is_disjoint(&set(&["store", "keys", "api"])), "{reached:?}");
}

#[test]
fn a_package_has_its_folders_name() {
    for package in metadata().workspace_packages() {
        let folder = package.manifest_path.parent().unwrap();
        assert_eq!(folder.file_name(), Some(package.name.as_str()));
        assert_eq!(folder.parent().unwrap().as_std_path(), root(), "{folder} lies deeper");
    }
}

/// What a program left behind where it ran is no part of the project.
#[test]
fn a_folder_is_a_crate_or_the_demos_data() {
    let known: BTreeSet<String> =
        edges().into_keys().chain([".ci", ".cargo", "demo"].map(String::from)).collect();
    let files = files();
    let folders: BTreeSet<&str> = files.iter().filter_map(|f| Some(f.path.split_once('/')?.0)).collect();
    let unknown: Vec<&str> = folders.into_iter().filter(|folder| !known.contains(*folder)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_readmes_list_the_workspace() {
    let names: BTreeSet<String> = edges().into_keys().collect();
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = std::fs::read_to_string(root().join(readme)).unwrap();
        let listed = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let listed: BTreeSet<String> = listed.map(|(name, _)| name.to_owned()).collect();
        assert_eq!(listed, names, "{readme}: the table of crates");
    }
}

#[test]
fn no_source_file_is_longer_than_500_lines() {
    let is_source = |f: &&File| ["rs", "mjs", "js", "go", "css"].contains(&f.extension());
    let long = |f: &File| (f.text.lines().count() > MAX_LINES).then(|| f.path.clone());
    let long: Vec<String> = files().iter().filter(is_source).filter_map(long).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn every_rule_of_the_specification_is_cited_by_a_test_and_no_test_cites_one_that_is_gone() {
    let files = files();
    let spec = &files.iter().find(|f| f.path == "SPEC.md").unwrap().text;
    let defined: Vec<String> = spec.lines().filter_map(rules::defined).collect();
    let rules: BTreeSet<String> = defined.iter().cloned().collect();
    assert_eq!(defined.len(), rules.len(), "an id stands twice in SPEC.md");
    let mut cited = BTreeSet::new();
    let mut unknown = Vec::new();
    for file in files.iter().filter(|f| f.is_code()) {
        for id in rules::cited(file) {
            match rules.contains(&id.name) {
                true if file.is_test() => _ = cited.insert(id.name),
                true => {}
                // A range may pass over gaps, which are free.
                false if id.is_inside_range => {}
                false => unknown.push(format!("{}: {}", file.path, id.name)),
            }
        }
    }
    let uncited: Vec<&String> = rules.difference(&cited).collect();
    assert!(unknown.is_empty(), "not in SPEC.md: {unknown:#?}");
    assert!(uncited.is_empty(), "no test cites {uncited:?}");
}

#[test]
fn nothing_is_left_to_do_in_code() {
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimplemented", "!(")];
    let found = files().into_iter().filter(File::is_code).flat_map(|f| {
        words.iter().filter(|w| f.text.contains(**w)).map(|w| format!("{}: {w}", f.path)).collect::<Vec<_>>()
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let paths = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
    let mut found = Vec::new();
    for file in files() {
        for path in paths.iter().filter(|path| file.text.contains(**path)) {
            found.push(format!("{}: {path}", file.path));
        }
        // A lock file names versions and digests; where they come from is each machine's own setting.
        let resolved = file.text.lines().filter_map(|l| l.trim().strip_prefix("\"resolved\": \""));
        found.extend(resolved.map(|url| format!("{}: {url}", file.path)));
    }
    assert!(found.is_empty(), "{found:#?}");
}
