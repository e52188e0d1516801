//! The seal registry (G-01 to G-14): whose signature counts, where and when.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::json::{Object, Value};
use ledger::registry::{SealFault, SealRole};
use ledger::unit::UnitId;
use support::desk::{Desk, fault};
use support::*;

#[test]
fn g01_a_seal_counts_between_its_enrolment_and_its_end() {
    let mut desk = Desk::enrolled();
    let old = desk.world.town.clone();
    for (index, good) in [(0, false), (2, false), (3, false), (4, true), (100, true)] {
        assert_eq!(desk.good(&old, index), good, "{index}");
    }
    let new = Key::note("new.example/seal/440811100/township", 40);
    let body = seal_body("rotate", &new, "township", TOWN_SCOPE).with("replaces", old.vkey.to_string());
    desk.act(TOWN, "seal", body, &[&new]).unwrap(); // leaf 6
    for (index, before, after) in [(5, true, false), (6, false, false), (7, false, true)] {
        assert_eq!((desk.good(&old, index), desk.good(&new, index)), (before, after), "{index}");
    }
    desk.act(TOWN, "seal", seal_body("revoke", &new, "township", TOWN_SCOPE), &[]).unwrap(); // leaf 7
    assert!(!desk.good(&new, 7) && !desk.good(&new, 8));
    let seal = desk.registry.seals().find(|s| s.key == new.vkey).unwrap();
    assert_eq!(
        (seal.role, seal.since, seal.until, seal.holder.as_str()),
        (SealRole::Township, 6, Some(7), "测试机关")
    );
    // What has ended ends once, and what was never enrolled never.
    for key in [&old, &new, &Key::note("never.example/440811100/township", 44)] {
        let again = desk.act(TOWN, "seal", seal_body("revoke", key, "township", TOWN_SCOPE), &[]);
        assert!(matches!(fault(again), SealFault::Unknown { .. }));
    }
}

#[test]
fn g02_m_of_n_authority_keys_and_nobody_else() {
    let profile = || Object::new().with("unit", UNIT).with("name", "村");
    let mut desk = Desk::new(2, 3);
    let keys = desk.world.authority.clone();
    let [a, b, c] = &keys[..] else { panic!() };
    assert_eq!(
        fault(desk.act_by(VILLAGE, "unit", profile(), &[a])),
        SealFault::Authority { given: 1, wanted: 2 }
    );
    for signers in [vec![a, b], vec![b, c], vec![a, b, c]] {
        desk.act_by(VILLAGE, "unit", profile(), &signers).unwrap();
    }
    let log = desk.world.log.clone();
    assert!(matches!(
        fault(desk.act_by(VILLAGE, "unit", profile(), &[a, b, &log])),
        SealFault::NotHere { .. }
    ));
    let stranger = Key::note("stranger.example/x", 44);
    assert!(matches!(
        fault(desk.act_by(VILLAGE, "unit", profile(), &[a, b, &stranger])),
        SealFault::Unknown { .. }
    ));
    assert_eq!(
        fault(desk.act_by(VILLAGE, "unit", profile(), &[&log])),
        SealFault::NotHere {
            name: ORIGIN.into(),
            why: "此时不是授权机关 / not of the authority at this position",
        }
    );
    // The closing of a unit is the authority's, not the town's.
    let mut desk = Desk::enrolled();
    let town = desk.world.town.clone();
    let closed = Object::new().with("count", 1).with("reason", "x");
    assert!(matches!(
        fault(desk.act_by(UNIT, "closed", closed.clone(), &[&town])),
        SealFault::NotHere { .. }
    ));
    desk.act(UNIT, "closed", closed, &[]).unwrap();
}

#[test]
fn g02_a_new_authority_counts_from_its_own_act_on() {
    let mut desk = Desk::new(1, 1);
    let old = desk.world.authority[0].clone();
    let (new, third) = (Key::note("new.example/authority", 40), Key::note("third.example/authority", 41));
    let set = |m: i64, keys: &[&Key]| {
        let keys: Vec<Value> = keys.iter().map(|k| k.vkey.to_string().into()).collect();
        Object::new().with("threshold", m).with("keys", keys)
    };
    // G-04: keys that stay need not be new; G-03: the new one proves that somebody holds it.
    assert!(matches!(
        fault(desk.act_by(DISTRICT, "authority", set(2, &[&old, &new]), &[&old])),
        SealFault::Possession { .. }
    ));
    desk.act_by(DISTRICT, "authority", set(2, &[&old, &new]), &[&old, &new]).unwrap(); // leaf 2
    let profile = seal(
        &desk.world.draft(VILLAGE, 1, "unit", Object::new().with("unit", UNIT).with("name", "村")),
        &[&old],
    );
    assert!(desk.judge(&profile, 2, CREATED).is_ok());
    assert_eq!(fault(desk.judge(&profile, 3, CREATED)), SealFault::Authority { given: 1, wanted: 2 });
    desk.act_by(DISTRICT, "authority", set(1, &[&third]), &[&old, &new, &third]).unwrap();
    let back = desk.act_by(DISTRICT, "authority", set(1, &[&old]), &[&old]);
    assert_eq!(fault(back), SealFault::Authority { given: 0, wanted: 1 });
    // A key that left does not come back.
    assert!(matches!(
        fault(desk.act_by(DISTRICT, "authority", set(1, &[&third, &old]), &[&third, &old])),
        SealFault::Reused { .. }
    ));
}

#[test]
fn g03_a_new_key_signs_its_own_enrolment() {
    let mut desk = Desk::new(1, 1);
    let (town, other) = (desk.world.town.clone(), desk.world.supervision.clone());
    let body = || seal_add(&town, "township", TOWN_SCOPE);
    assert!(matches!(fault(desk.act(TOWN, "seal", body(), &[])), SealFault::Possession { .. }));
    assert!(matches!(fault(desk.act(TOWN, "seal", body(), &[&other])), SealFault::Unknown { .. }));
    // The right line over another text.
    let bytes = String::from_utf8(desk.world.act(TOWN, 1, "seal", body(), &[&town])).unwrap();
    let forged = bytes.replace("测试机关", "测试机构");
    assert!(matches!(fault(desk.judge(forged.as_bytes(), 2, CREATED)), SealFault::Signature { .. }));
    desk.act(TOWN, "seal", body(), &[&town]).unwrap();
}

#[test]
fn g04_no_key_is_enrolled_twice() {
    let mut desk = Desk::enrolled();
    let town = desk.world.town.clone();
    let again = desk.act(TOWN, "seal", seal_add(&town, "township", TOWN_SCOPE), &[&town]);
    assert!(matches!(fault(again), SealFault::Reused { .. }));
    // The same public key under another name, and the log's and the authority's.
    for seed in [30, 31, 1, 10] {
        let key = Key::note("renamed.example/440811100/township", seed);
        let renamed = desk.act(TOWN, "seal", seal_add(&key, "township", TOWN_SCOPE), &[&key]);
        assert!(matches!(fault(renamed), SealFault::Reused { .. }), "{seed}");
    }
    // Not even after it was revoked.
    desk.act(TOWN, "seal", seal_body("revoke", &town, "township", TOWN_SCOPE), &[]).unwrap();
    let again = desk.act(TOWN, "seal", seal_add(&town, "township", TOWN_SCOPE), &[&town]);
    assert!(matches!(fault(again), SealFault::Reused { .. }));
    // K-02, K-03: a bad name, and no note key at all.
    let named = Key::note("Bad_Name/440811100/township", 45);
    assert!(matches!(
        fault(desk.act(TOWN, "seal", seal_add(&named, "township", TOWN_SCOPE), &[&named])),
        SealFault::Reused { .. }
    ));
}

#[test]
fn g05_g11_only_known_seals_in_their_scope() {
    let mut desk = Desk::enrolled();
    let (town, supervision) = (desk.world.town.clone(), desk.world.supervision.clone());
    let other = "440811100392-00";
    let registry = UnitId::parse(other).unwrap().registry().to_string();
    desk.act(&registry, "unit", Object::new().with("unit", other).with("name", "邻村"), &[]).unwrap();
    let judge = |of: &str, keys: &[&Key]| desk.judge(&desk.voucher(of, keys), 50, CREATED);
    assert!(
        judge(UNIT, &[&town]).is_ok()
            && judge(UNIT, &[&town, &supervision]).is_ok()
            && judge(other, &[&town]).is_ok()
    );
    assert_eq!(fault(judge(UNIT, &[&supervision])), SealFault::Missing { role: "township" });
    assert!(
        matches!(fault(judge(other, &[&town, &supervision])), SealFault::NotHere { why, .. } if why.contains("scope"))
    );
    for key in [&desk.world.authority[0], &desk.world.log] {
        assert!(
            matches!(fault(judge(UNIT, &[&town, key])), SealFault::NotHere { why, .. } if why.contains("not a seal"))
        );
    }
    let stranger = Key::note("stranger.example/x", 44);
    assert!(
        matches!(fault(judge(UNIT, &[&town, &stranger])), SealFault::Unknown { name } if name == "stranger.example/x")
    );
    let impostor = Key::note(town.name(), 44);
    assert!(
        matches!(fault(judge(UNIT, &[&impostor])), SealFault::Unknown { .. }),
        "the right name, another key"
    );
    let tampered = String::from_utf8(desk.voucher(UNIT, &[&town])).unwrap().replace("供电所", "供水所");
    assert!(matches!(fault(desk.judge(tampered.as_bytes(), 50, CREATED)), SealFault::Signature { .. }));
}

#[test]
fn g06_the_catalogue_in_force_says_which_seals() {
    let mut desk = Desk::enrolled();
    let (town, supervision) = (desk.world.town.clone(), desk.world.supervision.clone());
    let item = |code: &str, keys: &[&Key], desk: &Desk, index| {
        let json = set(&desk.world.draft(UNIT, 1, "voucher", example("voucher")), "item", Some(code.into()));
        desk.judge(&seal(&json, keys), index, CREATED)
    };
    assert!(item("F03", &[&town], &desk, 50).is_ok());
    desk.act(DISTRICT, "catalogue", example("catalogue"), &[]).unwrap(); // leaf 6
    assert!(item("F03", &[&town], &desk, 6).is_ok(), "before it");
    assert_eq!(fault(item("F03", &[&town], &desk, 7)), SealFault::Missing { role: "supervision" });
    assert!(fault(item("F03", &[&town], &desk, 7)).to_string().starts_with("缺少监督章 / "));
    assert!(item("F03", &[&town, &supervision], &desk, 7).is_ok());
    assert!(item("F04", &[&town], &desk, 7).is_ok(), "an item without a demand needs the town's");
}

#[test]
fn g07_g08_units_need_a_profile_and_end_for_good() {
    let mut desk = Desk::enrolled();
    let town = desk.world.town.clone();
    let unknown = "440811100393-00";
    let result = desk.judge(&desk.voucher(unknown, &[&town]), 50, CREATED);
    assert_eq!(fault(result), SealFault::UnitUnknown { unit: unit(unknown) });
    desk.act(UNIT, "closed", Object::new().with("count", 1).with("reason", "x"), &[]).unwrap(); // leaf 6
    assert!(desk.judge(&desk.voucher(UNIT, &[&town]), 6, CREATED).is_ok());
    assert_eq!(
        fault(desk.judge(&desk.voucher(UNIT, &[&town]), 7, CREATED)),
        SealFault::UnitClosed { unit: unit(UNIT) }
    );
    assert!(desk.judge(&desk.voucher(GROUP, &[&town]), 7, CREATED).is_ok());
    let again = desk.act(UNIT, "closed", Object::new().with("count", 2).with("reason", "x"), &[]);
    assert!(matches!(fault(again), SealFault::UnitClosed { .. }));
    assert_eq!(desk.registry.profile(&unit(UNIT)).unwrap().name, "村");
}

#[test]
fn g14_units_of_other_districts_have_no_book_here() {
    let mut desk = Desk::enrolled();
    let keys: Vec<Value> = vec![desk.world.authority[0].vkey.to_string().into()];
    let set = Object::new().with("threshold", 1).with("keys", keys);
    let other = "440812000000-99";
    assert_eq!(
        fault(desk.act(other, "authority", set.clone(), &[])),
        SealFault::Foreign { unit: unit(other) }
    );
    desk.act(DISTRICT, "authority", set, &[]).unwrap();
    let voucher = desk.voucher("440812100391-00", &[&desk.world.town.clone()]);
    assert!(matches!(fault(desk.judge(&voucher, 50, CREATED)), SealFault::Foreign { .. }));
}

#[test]
fn g09_entries_after_a_compromise_are_marked_and_stay() {
    let mut desk = Desk::enrolled();
    let town = desk.world.town.clone();
    let revoke =
        seal_body("revoke", &town, "township", TOWN_SCOPE).with("compromised_from", CREATED as i64 + 100);
    desk.act(TOWN, "seal", revoke, &[]).unwrap(); // leaf 6
    let marked = |time| desk.judge(&desk.voucher(UNIT, &[&town]), 5, time).unwrap().marked;
    assert!(!marked(CREATED + 99) && marked(CREATED + 100) && marked(CREATED + 101));
    assert!(
        desk.judge(&desk.voucher(UNIT, &[&town]), 7, CREATED).is_err(),
        "after the revocation it is no seal"
    );
    desk.registry.set_time(2, CREATED + 7);
    assert_eq!(desk.judge(&desk.voucher(UNIT, &[&town]), 5, CREATED).unwrap().youngest_seal, CREATED + 7);
}

#[test]
fn g10_a_log_key_counts_from_the_head_after_its_own() {
    let mut desk = Desk::new(1, 1);
    let (old, new) = (desk.world.log.clone(), Key::note(ORIGIN, 2));
    let body = Object::new().with("vkey", new.vkey.to_string());
    assert!(matches!(fault(desk.act(DISTRICT, "log_key", body.clone(), &[])), SealFault::Possession { .. }));
    desk.act(DISTRICT, "log_key", body, &[&new]).unwrap(); // leaf 2; its head's index leaf is at 3
    assert_eq!(
        desk.registry.log_key(1),
        &old.vkey,
        "the head that contains it comes after the index leaf at 1"
    );
    assert_eq!(desk.registry.log_key(3), &new.vkey);
    assert_eq!(desk.registry.newest_log_key(), &new.vkey);
    let signs = |time| {
        let keys: Vec<_> = desk.registry.log_keys_at(time).collect();
        (keys.contains(&&old.vkey), keys.contains(&&new.vkey))
    };
    assert_eq!((signs(CREATED - 1), signs(CREATED + 1)), ((true, false), (false, true)));
    assert_eq!(signs(CREATED), (true, true), "two heads may share the second");
    assert_eq!(desk.registry.log_keys().cloned().collect::<Vec<_>>(), [old.vkey, new.vkey]);
}

#[test]
fn g12_only_its_own_registry_can_end_a_seal() {
    let mut desk = Desk::enrolled();
    let other = "440811100392-99";
    let supervision = desk.world.supervision.clone();
    let new = Key::note("new.example/440811100392/supervision", 40);
    let rotate = seal_body("rotate", &new, "supervision", "440811100392")
        .with("replaces", supervision.vkey.to_string());
    assert!(matches!(fault(desk.act(other, "seal", rotate, &[&new])), SealFault::Unknown { .. }));
    let town = desk.world.town.clone();
    let revoke = seal_body("revoke", &town, "township", TOWN_SCOPE);
    assert!(matches!(fault(desk.act(VILLAGE, "seal", revoke, &[])), SealFault::Misplaced { .. }));
}

/// G-13: a kind of a later version in a registry, with fields that look like keys.
#[test]
fn g13_unknown_kinds_in_a_registry_are_judged_and_change_nothing() {
    let mut desk = Desk::enrolled();
    let key = Key::cosigner("witness.example/w", 60);
    let body = || Object::new().with("vkey", key.vkey.to_string()).with("replaces", key.vkey.to_string());
    let before =
        (desk.registry.seals().count(), desk.registry.log_keys().count(), desk.registry.profiles().count());
    desk.act(DISTRICT, "mirror", body(), &[]).unwrap();
    let town = desk.world.town.clone();
    assert!(matches!(fault(desk.act_by(DISTRICT, "mirror", body(), &[&town])), SealFault::NotHere { .. }));
    assert_eq!(
        before,
        (desk.registry.seals().count(), desk.registry.log_keys().count(), desk.registry.profiles().count())
    );
    assert!(desk.registry.key(key.name(), key.vkey.id()).is_none());
}

/// B-13: the policy in force.
#[test]
fn policies_change_by_position() {
    let mut desk = Desk::new(1, 1);
    let lines = vec![Value::from("# new"), Value::from("quorum none")];
    desk.act(DISTRICT, "policy", Object::new().with("lines", lines), &[]).unwrap(); // leaf 2
    assert_eq!(desk.registry.policy(2), ["quorum none"]);
    assert_eq!(desk.registry.policy(3), ["# new", "quorum none"]);
}

#[test]
fn g12_an_act_in_a_registry_where_nobody_looks_for_it_has_no_effect() {
    let mut desk = Desk::enrolled();
    let new = Key::note("new.example/seal/440811100/township", 40);
    let elsewhere = desk.act(VILLAGE, "seal", seal_body("add", &new, "township", TOWN_SCOPE), &[&new]);
    assert!(matches!(fault(elsewhere), SealFault::Misplaced { .. }));
    let profile = Object::new().with("unit", UNIT).with("name", "村");
    assert!(matches!(fault(desk.act(TOWN, "unit", profile, &[])), SealFault::Misplaced { .. }));
    let policy = Object::new().with("lines", vec![Value::from("quorum none")]);
    assert!(matches!(fault(desk.act(TOWN, "policy", policy, &[])), SealFault::Misplaced { .. }));
    desk.act(TOWN, "seal", seal_body("add", &new, "township", TOWN_SCOPE), &[&new]).unwrap();
}
