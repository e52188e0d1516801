//! Logs that kept every rule hold, and their reports count what is in them.

use crate::support::{Folder, holds, notes, run};
use crate::world::*;
use ledger::json::{Object, Value};

/// [`World::demo`] and 280 entries more, in seven publications: 301 leaves.
fn town() -> World {
    let mut world = World::demo();
    for seq in 5..285 {
        let kind = if seq % 2 == 0 { "notice" } else { "voucher" };
        let note = world.entry(UNIT, seq, kind);
        world.take(vec![note], NOW + seq);
        if seq % 40 == 4 {
            world.publish(NOW + seq);
        }
    }
    world
}

/// T-02, T-03, U-07 to U-10, B-24.
#[test]
fn a_clean_log_of_301_leaves_holds_and_is_counted() {
    let world = town();
    assert_eq!(world.shelf.leaves.len(), 301);
    let report = holds(&world, "OK_UNWITNESSED");
    assert_eq!(report["ledger"], world.ledger.as_str());
    assert_eq!(report["size"], 301);
    assert_eq!(report["root"], world.checkpoint_text().lines().nth(2).unwrap());
    assert_eq!(report["time"], NOW + 284);
    assert_eq!(report["publications"], 11);
    // Town's and village's registries, and the village's accounts.
    assert_eq!(report["units"], 3);
    let kinds =
        serde_json::json!({"notice": 141, "opening_balance": 1, "seal": 2, "unit": 3, "voucher": 142});
    assert_eq!(report["kinds"], kinds);
    // 284 entries with one seal, three acts with one authority key, two with the new seal as well.
    assert_eq!(report["seals"], 291);
    // Level 0: 256 and 45 hashes; level 1: one.
    assert_eq!(report["tiles"], 3);
    assert_eq!(report["findings"]["count"], 0);
    assert!(report["not_checked"].as_array().unwrap().len() >= 4);
}

#[test]
fn the_text_for_people_says_the_same_and_what_was_not_checked() {
    let folder = Folder::of(&World::demo());
    let (log, trust) = (folder.log(), folder.path("trust.toml"));
    let said = run(&["audit", log.to_str().unwrap(), "--trust", trust.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{said:?}");
    for part in ["成立", "OK_UNWITNESSED", "没有查的", "not checked"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains("不成立"));
    assert_eq!(said.err, "", "no bar where nobody looks");
}

/// The smallest log there is: charter and index leaf.
#[test]
fn a_ledger_that_was_only_started_holds() {
    let report = holds(&World::new(), "OK_UNWITNESSED");
    assert_eq!((report["size"].as_u64(), report["publications"].as_u64()), (Some(2), Some(1)));
}

/// G-01, G-11: what an act enrols counts for leaves above it, though both are read in one go: the demo enrols its
/// seals and uses them within one bundle, and so does this unit with all of its act, entries, rotation and end.
#[test]
fn seals_enrolled_used_rotated_and_revoked_within_one_bundle_hold() {
    let mut world = World::new();
    let (old, new) = (world.town.clone(), Key::note("k2.example/seal/440811100/township", 77));
    let profile = Object::new().with("unit", UNIT).with("name", "榕溪村");
    let town = Object::new().with("unit", "440811100000-00").with("name", "麻章镇");
    let acts = [
        world.act(TOWN, 1, "unit", town, &[]),
        world.act(TOWN, 2, "seal", seal_add(&old, "township", TOWN_SCOPE), &[&old]),
        world.act(VILLAGE, 1, "unit", profile, &[]),
    ];
    world.take(acts.into(), NOW);
    let first = world.entry(UNIT, 1, "notice");
    world.take(vec![first], NOW);
    let rotate = seal_body("rotate", &new, "township", TOWN_SCOPE).with("replaces", old.vkey.to_string());
    let rotate = world.act(TOWN, 3, "seal", rotate, &[&new]);
    world.take(vec![rotate], NOW);
    world.town = new.clone();
    let second = world.entry(UNIT, 2, "voucher");
    world.take(vec![second], NOW);
    let revoke = world.act(TOWN, 4, "seal", seal_body("revoke", &new, "township", TOWN_SCOPE), &[]);
    world.take(vec![revoke], NOW);
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    assert_eq!((report["publications"].as_u64(), report["size"].as_u64()), (Some(2), Some(10)));
}

/// G-09: what a seal signed after it was lost stays and holds; the auditor is told where it was lost.
#[test]
fn entries_of_a_compromised_seal_are_told_and_hold() {
    let mut world = World::demo();
    let body = seal_body("revoke", &world.town, "township", TOWN_SCOPE);
    let body = body.with("compromised_from", (CREATED + 250) as i64);
    let act = world.act(TOWN, 3, "seal", body, &[]);
    world.take(vec![act], NOW);
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    let marked = notes(&report, "findings", "marked");
    assert_eq!(marked.len(), 1, "{report:#}");
    assert_eq!((marked[0]["index"].as_u64(), marked[0]["unit"].as_str()), (Some(14), Some(TOWN)));
}

/// G-10: the old key signs the head that contains the change, the new one all after it.
#[test]
fn a_log_key_that_changes_as_it_must_holds() {
    let mut world = World::demo();
    let new = Key::note(ORIGIN, 2);
    let act = world.act(DISTRICT, 1, "log_key", Object::new().with("vkey", new.vkey.to_string()), &[&new]);
    world.take(vec![act], NOW);
    world.publish(NOW);
    holds(&world, "OK_UNWITNESSED");
    world.log = new;
    for seq in 5..8 {
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], NOW + seq);
        world.publish(NOW + seq);
        holds(&world, "OK_UNWITNESSED");
    }
}

/// E-10: the longest text that an entry may have.
#[test]
fn a_large_entry_holds() {
    let mut world = World::demo();
    let paragraphs: Vec<Value> = (0..15).map(|_| "账".repeat(1_060).as_str().into()).collect();
    let draft = world.draft(UNIT, 5, "notice", Object::new().with("text", paragraphs));
    let note = seal(&draft, &[&world.town]);
    assert!((47_500..49_152).contains(&note.len()), "{}", note.len());
    world.take(vec![note], NOW);
    world.publish(NOW);
    holds(&world, "OK_UNWITNESSED");
}

/// W-05, B-24: cosignatures count by the policy of the charter.
#[test]
fn witnesses_make_the_verdict_better_and_are_not_needed_for_it() {
    let mut world = World::witnessed();
    holds(&world, "OK_NOT_WITNESSED");
    world.sign(&[(0, NOW)]);
    holds(&world, "OK_NOT_WITNESSED");
    // Their times are long gone by now, or they are not: either way it holds.
    world.sign(&[(0, NOW), (2, NOW)]);
    let run = crate::support::audit(&world);
    let verdict = run.json()["verdict"].as_str().unwrap().to_owned();
    assert!(run.holds() && ["OK", "OK_FIRST_VISIT", "STALE_HEAD"].contains(&verdict.as_str()), "{verdict}");
}
