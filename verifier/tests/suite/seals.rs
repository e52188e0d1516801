//! Entries in a signed log whose seals do not suffice (section 5).

use crate::support::{audit, fails, holds, notes};
use crate::world::*;
use ledger::books::Class;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::leaf::{self, LeafType};

/// Logs an entry that the rules at append refuse, and goes on as if nothing were wrong.
fn forced(mut world: World, note: Vec<u8>) -> World {
    assert!(matches!(world.force(note), Class::Entry { .. }));
    world.publish(NOW);
    world
}

/// FAILED_SEAL, with leaf index, unit and number in the JSON; and only this.
fn spoiled(world: &World, place: (u64, &str, u64)) {
    let report = fails(world, "FAILED_SEAL");
    let seals = notes(&report, "faults", "seal");
    assert_eq!((seals.len(), report["faults"]["count"].as_u64()), (1, Some(1)), "{report:#}");
    let found = (seals[0]["index"].as_u64(), seals[0]["unit"].as_str(), seals[0]["seq"].as_u64());
    assert_eq!(found, (Some(place.0), Some(place.1), Some(place.2)));
    assert!(seals[0]["what"].as_str().is_some_and(|what| !what.is_empty()));
}

fn notice(world: &World, seq: u64, keys: &[&Key]) -> Vec<u8> {
    seal(&world.draft(UNIT, seq, "notice", example("notice")), keys)
}

/// G-05, G-06, G-11.
#[test]
fn an_entry_with_a_wrong_or_absent_seal_fails() {
    let world = World::demo();
    let stranger = Key::note(&format!("{ORIGIN}/seal/{TOWN_SCOPE}/township"), 99);
    let elsewhere = Key::note("x.example/seal/440811200/township", 98);
    for keys in [
        vec![&stranger],
        vec![&elsewhere],
        vec![&world.supervision],
        vec![&world.authority[0]],
        vec![&world.log],
        vec![&world.town, &stranger],
        vec![&world.town, &world.authority[0]],
    ] {
        spoiled(&forced(world.clone(), notice(&world, 5, &keys)), (14, UNIT, 5));
    }
    // A signature over another text, under the right name and id.
    let text = leaf::text(LeafType::Entry, &world.draft(UNIT, 5, "notice", example("notice")));
    let other = leaf::seal(&text, vec![world.town.sign("another text\n")]).into_bytes();
    spoiled(&forced(world, other), (14, UNIT, 5));
}

/// G-01: a seal counts between its enrolment and its end, all of it within one bundle.
#[test]
fn a_seal_before_its_enrolment_or_after_its_end_fails() {
    // Before: the key is unknown when the entry stands, though it is enrolled a leaf later.
    let mut early = World::new();
    let town = Object::new().with("unit", "440811100000-00").with("name", "麻章镇");
    let profile = Object::new().with("unit", UNIT).with("name", "榕溪村");
    let acts = [early.act(TOWN, 1, "unit", town, &[]), early.act(VILLAGE, 1, "unit", profile, &[])];
    early.take(acts.into(), NOW);
    let note = notice(&early, 1, &[&early.town]);
    assert!(matches!(early.force(note), Class::Entry { .. }));
    let add = seal_add(&early.town, "township", TOWN_SCOPE);
    let act = early.act(TOWN, 2, "seal", add, &[&early.town.clone()]);
    early.take(vec![act], NOW);
    early.publish(NOW);
    spoiled(&early, (4, UNIT, 1));

    // After a revocation, and after a rotation.
    let mut revoked = World::demo();
    let body = seal_body("revoke", &revoked.town, "township", TOWN_SCOPE);
    let act = revoked.act(TOWN, 3, "seal", body, &[]);
    revoked.take(vec![act], NOW);
    let note = notice(&revoked, 5, &[&revoked.town]);
    spoiled(&forced(revoked, note), (15, UNIT, 5));

    let mut rotated = World::demo();
    let new = Key::note("k2.example/seal/440811100/township", 77);
    let body =
        seal_body("rotate", &new, "township", TOWN_SCOPE).with("replaces", rotated.town.vkey.to_string());
    let act = rotated.act(TOWN, 3, "seal", body, &[&new]);
    rotated.take(vec![act], NOW);
    let note = notice(&rotated, 5, &[&rotated.town]);
    spoiled(&forced(rotated, note), (15, UNIT, 5));
}

/// G-04: a key that has ended does not come back, not even within the bundle in which it ended.
#[test]
fn a_revoked_key_that_is_enrolled_again_fails_and_stays_ended() {
    let mut world = World::demo();
    let town = world.town.clone();
    let revoke = world.act(TOWN, 3, "seal", seal_body("revoke", &town, "township", TOWN_SCOPE), &[]);
    world.take(vec![revoke], NOW);
    let again = world.act(TOWN, 4, "seal", seal_add(&town, "township", TOWN_SCOPE), &[&town]);
    world.force(again);
    let note = notice(&world, 5, &[&town]);
    world.force(note);
    world.publish(NOW);
    let report = fails(&world, "FAILED_SEAL");
    let at: Vec<_> = notes(&report, "faults", "seal").iter().map(|n| n["index"].as_u64().unwrap()).collect();
    assert_eq!(at, [15, 16], "{report:#}");
}

/// G-05, G-07, G-08, G-14: scope, profile, closed units, another district.
#[test]
fn entries_of_units_that_the_seal_or_the_ledger_does_not_reach_fail() {
    let world = World::demo();
    for of in ["440811200391-00", "440811100777-00", "440812100391-00"] {
        let note = seal(&world.draft(of, 1, "notice", example("notice")), &[&world.town]);
        spoiled(&forced(world.clone(), note), (14, of, 1));
    }
    let mut closed = world;
    let root = Hash::EMPTY.to_base64();
    let body = Object::new().with("count", 1).with("root", root).with("reason", "并村");
    let act = closed.act(GROUP, 1, "closed", body, &[]);
    closed.take(vec![act], NOW);
    let note = seal(&closed.draft(GROUP, 2, "notice", example("notice")), &[&closed.town]);
    spoiled(&forced(closed, note), (15, GROUP, 2));
}

/// G-02, G-03: acts of registries that the authority did not sign, and the keys they would have enrolled.
#[test]
fn an_unauthorised_registry_act_fails_and_enrols_nothing() {
    let world = World::demo();
    let new = Key::note("k2.example/seal/440811100/township", 77);
    let draft = world.draft(TOWN, 3, "seal", seal_add(&new, "township", TOWN_SCOPE));
    let stranger = Key::note("mazhang.example/authority/1", 66);
    let sole = seal(&draft, &[&world.authority[0]]);
    for act in
        [seal(&draft, &[&new]), seal(&draft, &[&stranger, &new]), seal(&draft, &[&world.town, &new]), sole]
    {
        let mut world = world.clone();
        world.force(act);
        spoiled(&forced(world.clone(), notice(&world, 5, &[&world.town])), (14, TOWN, 3));
        world.force(notice(&world, 5, &[&new]));
        world.publish(NOW);
        let report = fails(&world, "FAILED_SEAL");
        assert_eq!(notes(&report, "faults", "seal").len(), 2, "the new key seals nothing: {report:#}");
    }
    // Two of three must sign.
    let mut three = World::with(2, 3, &["quorum none".to_owned()]);
    three.enrol();
    let body = Object::new().with("unit", GROUP).with("name", "榕溪村一组");
    let act = seal(&three.draft(VILLAGE, 4, "unit", body), &[&three.authority[0]]);
    spoiled(&forced(three, act), (8, VILLAGE, 4));
}

/// G-04: an authority of yesterday signs nothing today; the one of today does, within the same bundle.
#[test]
fn authority_keys_count_by_position() {
    let mut world = World::demo();
    let (old, new) = (world.authority[0].clone(), Key::note("mazhang.example/authority/9", 66));
    let keys: Vec<Value> = vec![new.vkey.to_string().as_str().into()];
    let act =
        world.act(DISTRICT, 1, "authority", Object::new().with("threshold", 1).with("keys", keys), &[&new]);
    world.take(vec![act], NOW);
    let body = || Object::new().with("unit", GROUP).with("name", "榕溪一组");
    let mut good = world.clone();
    good.authority = vec![new];
    let act = good.act(VILLAGE, 4, "unit", body(), &[]);
    good.take(vec![act], NOW);
    good.publish(NOW);
    holds(&good, "OK_UNWITNESSED");
    let act = seal(&world.draft(VILLAGE, 4, "unit", body()), &[&old]);
    spoiled(&forced(world, act), (15, VILLAGE, 4));
}

/// Seals that do not suffice and an index leaf that lies: never holds, and both are told.
#[test]
fn several_faults_are_all_told() {
    let mut world = World::demo();
    world.force(notice(&world, 5, &[&world.supervision]));
    world.cheat = Some(|leaf| ledger::index::IndexLeaf { units: 1, ..leaf });
    world.publish(NOW);
    let run = audit(&world);
    let report = run.json();
    assert_eq!(run.code, 1);
    assert!(report["verdict"].as_str().unwrap().starts_with("FAILED_"));
    assert_eq!(notes(&report, "faults", "seal").len(), 1);
    assert_eq!(notes(&report, "faults", "index_leaf").len(), 1);
}
