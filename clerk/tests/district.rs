//! The district's registry: catalogue, county rules and releases, each put in force once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::catalogue::{Catalogue, STANDARD};
use ledger::hash::Hash;
use ledger::rules::Limits;
use support::World;

const AUTHORITY: [&str; 2] = ["--key", "authority.key"];

/// What the tool says when the authority's office runs a command that must succeed.
fn act(world: &World, words: &[&str]) -> String {
    world.ok(&[words, &AUTHORITY].concat())
}

fn write(world: &World, name: &str, text: &str) {
    std::fs::write(world.dir.path().join(name), text).unwrap();
}

fn count(world: &World) -> usize {
    world.log().shelf.leaves.len()
}

#[test]
fn a_catalogue_is_put_in_force_once() {
    let world = World::enrolled();
    assert!(act(&world, &["catalogue"]).starts_with("登记 1 件，已有 0 件"));
    let registry = world.log().state.registry.clone();
    assert_eq!(registry.catalogue(u64::MAX), Some(Catalogue::standard().digest()));
    assert_eq!(Limits::of(&registry, u64::MAX).posting(Some("D02")), 5);
    let before = count(&world);
    assert!(act(&world, &["catalogue"]).starts_with("登记 0 件，已有 1 件"));
    assert_eq!(count(&world), before);
    // Another version takes its place, and the first one can come back.
    let other = STANDARD.replacen("2026-01", "2026-02", 1);
    write(&world, "other.jsonl", &other);
    assert!(act(&world, &["catalogue", "--file", "other.jsonl"]).starts_with("登记 1 件"));
    assert_eq!(world.log().state.registry.catalogue(u64::MAX), Some(Hash::of(other.as_bytes())));
    assert!(act(&world, &["catalogue"]).starts_with("登记 1 件"));
    // A faulty file is refused by its line, and nothing is posted.
    let before = count(&world);
    write(&world, "bad.jsonl", &STANDARD.replacen("\"P0\"", "\"P9\"", 1));
    let said = world.fails(1, &["catalogue", "--file", "bad.jsonl", "--key", "authority.key"]);
    assert!(said.contains("第 3 行 privacy") && said.contains("line 3"), "{said}");
    assert_eq!(count(&world), before);
    // Nobody but the authority puts it in force.
    let said = world.fails(1, &["catalogue", "--file", "other.jsonl", "--key", "440811100.key"]);
    assert!(said.contains("not sign") || said.contains("seal"), "{said}");
    assert_eq!(count(&world), before);
}

#[test]
fn the_countys_rules_are_put_in_force_from_a_file_that_people_can_read() {
    let world = World::enrolled();
    let file = world.demo("overrides.json");
    assert!(act(&world, &["overrides", "--file", &file]).starts_with("登记 1 件"));
    assert!(act(&world, &["overrides", "--file", &file]).starts_with("登记 0 件，已有 1 件"));
    let rules = || world.log().state.registry.overrides(u64::MAX).clone();
    assert_eq!(rules().limit("cash_holding"), Some(500_000));
    assert_eq!(rules().tiers().last(), Some((2_000_000, "镇长")));
    assert!(rules().due("F12").is_some() && rules().due("F03").is_none());
    // White space inside a text stays, also behind an escaped quotation mark.
    let quoted = r#"{ "version" : "a \" b \\" , "effective":"2026-01-01" }"#;
    write(&world, "quoted.json", quoted);
    act(&world, &["overrides", "--file", "quoted.json"]);
    assert_eq!(rules().version(), Some(r#"a " b \"#));
    let before = count(&world);
    for (text, what) in [
        ("{\"version\":\"1\"}", "effective"),
        (
            r#"{"version":"1","effective":"2026-01-01","items":[{"item":"F03","due":{"rule":"yearly","days":3}}]}"#,
            "body.items.0.due",
        ),
        (
            r#"{"version":"1","effective":"2026-01-01","limits":[{"limit":"hope","amount":1}]}"#,
            "body.limits.0.limit",
        ),
        (r#"{"version":"1","version":"2","effective":"2026-01-01"}"#, "twice"),
        ("version = 1", "JSON"),
    ] {
        write(&world, "bad.json", text);
        let said = world.fails(1, &["overrides", "--file", "bad.json", "--key", "authority.key"]);
        assert!(said.contains(what), "{text}: {said}");
    }
    assert_eq!(count(&world), before);
}

#[test]
fn a_release_names_every_file_and_host() {
    let world = World::enrolled();
    let folder = world.dir.path().join("viewer");
    std::fs::create_dir_all(folder.join("words")).unwrap();
    std::fs::write(folder.join("viewer.js"), "js").unwrap();
    std::fs::write(folder.join("words/zh.json"), "{}").unwrap();
    let words = |version| {
        ["release", "--version", version, "--folder", "viewer", "--host", "a.example", "--host", "b.example"]
    };
    assert!(act(&world, &words("1.0.0")).starts_with("登记 1 件"));
    assert!(act(&world, &words("1.0.0")).starts_with("登记 0 件，已有 1 件"));
    let leaf = world.log().shelf.leaves.iter().rev().find_map(|leaf| {
        let entry = ledger::entry::Entry::of_leaf(leaf).ok()?;
        (entry.kind() == "release").then_some(entry)
    });
    let body = leaf.unwrap().body().text();
    let digest = |text: &str| Hash::of(text.as_bytes()).to_hex();
    assert_eq!(
        body,
        format!(
            r#"{{"version":"1.0.0","files":[{{"path":"viewer.js","digest":"{}"}},{{"path":"words/zh.json","digest":"{}"}}],"hosts":["a.example","b.example"]}}"#,
            digest("js"),
            digest("{}")
        )
    );
    std::fs::create_dir(world.dir.path().join("empty")).unwrap();
    let empty =
        ["release", "--version", "1", "--folder", "empty", "--host", "a.example", "--key", "authority.key"];
    assert!(world.fails(1, &empty).contains("body.files"));
    let none =
        ["release", "--version", "1", "--folder", "none", "--host", "a.example", "--key", "authority.key"];
    assert!(world.fails(2, &none).contains("none"));
}

#[test]
fn without_units_the_district_is_not_known() {
    let said = World::new().fails(1, &["catalogue", "--key", "authority.key"]);
    assert!(said.contains("village-clerk units"), "{said}");
}
