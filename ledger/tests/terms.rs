//! What a county sets otherwise than the catalogue: where it is in force, and for what (G-02, G-06, G-12, G-16, G-17).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::charter::Charter;
use ledger::hash::Hash;
use ledger::json::{self, Object, Value};
use ledger::registry::{Registry, SealFault};
use ledger::rules::Limits;
use support::desk::{Desk, fault};
use support::*;

/// An `overrides` body that demands these seals for one item.
fn county(item: &str, seals: &[&str]) -> Object {
    let seals: Vec<Value> = seals.iter().map(|seal| Value::from(*seal)).collect();
    let items: Vec<Value> = vec![Object::new().with("item", item).with("seals", seals).into()];
    Object::new().with("version", "1").with("effective", "2026-01-01").with("items", items)
}

#[test]
fn g06_g17_the_countys_seals_go_before_the_catalogues() {
    let mut desk = Desk::enrolled();
    let (town, supervision) = (desk.world.town.clone(), desk.world.supervision.clone());
    let judge = |code: &str, keys: &[&Key], desk: &Desk, index| {
        let json = set(&desk.world.draft(UNIT, 1, "voucher", example("voucher")), "item", Some(code.into()));
        desk.judge(&seal(&json, keys), index, CREATED).map(|_| ())
    };
    let missing = |role| Err(SealFault::Missing { role });
    desk.act(DISTRICT, "catalogue", example("catalogue"), &[]).unwrap(); // leaf 6: F03 needs both
    desk.act(DISTRICT, "overrides", county("F03", &["township"]), &[]).unwrap(); // leaf 7
    assert_eq!(judge("F03", &[&town], &desk, 7), missing("supervision"), "in force above its leaf only");
    assert_eq!(judge("F03", &[&town], &desk, 8), Ok(()));
    assert_eq!(judge("F03", &[&supervision], &desk, 8), missing("township"));
    // A newer catalogue does not undo what the county set; a newer county entry takes the place of the old one.
    desk.act(DISTRICT, "catalogue", example("catalogue"), &[]).unwrap(); // leaf 8
    assert_eq!(judge("F03", &[&town], &desk, 9), Ok(()));
    desk.act(DISTRICT, "overrides", county("V01", &["township", "supervision"]), &[]).unwrap(); // leaf 9
    assert_eq!(judge("F03", &[&town], &desk, 9), Ok(()));
    assert_eq!(judge("F03", &[&town], &desk, 10), missing("supervision"), "the catalogue's again");
    assert_eq!(judge("V01", &[&town], &desk, 9), Ok(()));
    assert_eq!(judge("V01", &[&town], &desk, 10), missing("supervision"));
    assert_eq!(judge("V01", &[&town, &supervision], &desk, 10), Ok(()));
    assert_eq!(judge("V02", &[&town], &desk, 10), Ok(()), "named by neither");
}

#[test]
fn g17_limits_and_postings_in_force() {
    let mut desk = Desk::enrolled();
    let limits = |desk: &Desk, index| Limits::of(&desk.registry, index);
    let body = |rows: &str| {
        json::parse(&format!("{{\"version\":\"1\",\"effective\":\"2026-01-01\",{rows}}}")).unwrap()
    };
    let items = r#""items":[{"item":"D02","seals":["township"],"posting_days":5},{"item":"V07","seals":["township"],"posting_days":6}]"#;
    let catalogue = body(items).with("digest", "00");
    desk.act(DISTRICT, "catalogue", catalogue, &[]).unwrap(); // leaf 6
    let county = r#""items":[{"item":"D02","posting_days":7},{"item":"F03","seals":["township"]}],"limits":[{"limit":"cash_payment","amount":100},{"limit":"tender","amount":200}],"tiers":[{"from":500000,"approver":"镇长"}]"#;
    desk.act(DISTRICT, "overrides", body(county), &[]).unwrap(); // leaf 7
    let (none, of_catalogue, of_both) = (limits(&desk, 6), limits(&desk, 7), limits(&desk, 8));
    assert_eq!(none, Limits::default());
    let postings = |limits: &Limits| ["D02", "V07", "F03"].map(|item| limits.posting(Some(item)));
    assert_eq!(postings(&none), [15, 15, 15]);
    assert_eq!(postings(&of_catalogue), [5, 6, 15]);
    assert_eq!(postings(&of_both), [7, 6, 15]);
    assert_eq!(of_both.posting(None), 15);
    assert_eq!((of_catalogue.cash_payment, of_catalogue.tender), (500_000, 5_000_000));
    assert_eq!((of_both.cash_payment, of_both.tender, of_both.resolution), (100, 200, 2_000_000));
    assert_eq!(desk.registry.overrides(8).tiers().collect::<Vec<_>>(), [(500_000, "镇长")]);
    desk.act(DISTRICT, "overrides", body(r#""limits":[{"limit":"resolution","amount":300}]"#), &[]).unwrap(); // leaf 8
    let newest = limits(&desk, 9);
    assert_eq!((newest.cash_payment, newest.resolution, newest.posting(Some("D02"))), (500_000, 300, 5));
}

#[test]
fn g02_g12_county_rules_and_releases_are_the_districts_and_the_authoritys() {
    let mut desk = Desk::enrolled();
    let town = desk.world.town.clone();
    for kind in ["overrides", "release", "catalogue"] {
        for of in [TOWN, VILLAGE] {
            let elsewhere = desk.act(of, kind, example(kind), &[]);
            assert_eq!(fault(elsewhere), SealFault::Misplaced { unit: unit(of) }, "{kind}");
        }
        let by_town = desk.act_by(DISTRICT, kind, example(kind), &[&town]);
        assert!(matches!(fault(by_town), SealFault::NotHere { .. }), "{kind}");
        desk.act(DISTRICT, kind, example(kind), &[]).unwrap();
    }
    // What was refused is not in force; what was taken is.
    assert_eq!(desk.registry.overrides(6).version(), None);
    assert_eq!(desk.registry.overrides(7).version(), Some("2026-01"));
}

/// A catalogue that the charter names is in force from the start.
#[test]
fn g16_the_charters_catalogue_until_another_is_named() {
    let mut desk = Desk::new(1, 1);
    let first = Hash::of(b"first");
    let charter = Charter { catalogue: Some(first), ..desk.world.charter.clone() };
    desk.registry = Registry::new(&charter);
    let body = example("catalogue");
    let named = Hash::from_hex(body.text_of("digest").unwrap());
    desk.act(DISTRICT, "catalogue", body, &[]).unwrap(); // leaf 2
    assert_eq!((desk.registry.catalogue(0), desk.registry.catalogue(2)), (Some(first), Some(first)));
    assert_eq!(desk.registry.catalogue(3), named);
}

/// G-19: the first profile begins a unit's book; its logged time is the publication's.
#[test]
fn g19_a_units_book_begins_with_its_first_profile() {
    let mut desk = Desk::enrolled();
    let since = |desk: &Desk| desk.registry.since(&unit(UNIT));
    assert_eq!(since(&desk), Some(CREATED));
    desk.registry.set_time(3, CREATED + 50);
    assert_eq!(since(&desk), Some(CREATED + 50));
    let again = Object::new().with("unit", UNIT).with("name", "新名");
    let bytes = desk.world.act(VILLAGE, 1, "unit", again, &[]);
    desk.take(&bytes, CREATED + 90).unwrap(); // leaf 6
    desk.registry.set_time(6, CREATED + 95);
    assert_eq!((since(&desk), desk.registry.since(&unit("440811100399-00"))), (Some(CREATED + 50), None));
    assert_eq!(desk.registry.profile(&unit(UNIT)).unwrap().name, "新名");
}
