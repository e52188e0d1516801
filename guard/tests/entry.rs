//! The guard over entries: every text, wherever it stands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use guard::{Hit, Place, What};
use ledger::entry::Entry;
use ledger::json::Object;
use ledger::kinds::KINDS;

fn hits(rest: &str) -> Vec<Hit> {
    let head = r#"{"ledger":"village-ledger.example/zhanjiang","unit":"440811100391-00","seq":7,"#;
    guard::entry(&Entry::of(ledger::json::parse(&format!("{head}{rest}")).unwrap()).unwrap())
}

fn paths(hits: &[Hit]) -> Vec<(What, String)> {
    hits.iter().map(|hit| (hit.what, hit.place.to_string())).collect()
}

#[test]
fn every_text_is_searched_and_integers_are_not() {
    let digest = "9ae2bdd7beedc2e766c6b76585530e16925115707dc7a06ab5ee4aa2776b2c7b";
    let rest = format!(
        r#""kind":"voucher","title":"付李某13800138000","summary":"卡6222022100000123451","body":{{"amount":13800138000,"lines":[{{"text":"x"}},{{"text":"残疾补助"}}]}},"attachments":[{{"digest":"{digest}","size":13800138,"type":"image/png","title":"440811199003070019.png","access":"public"}}],"signed_at":1767225600}}"#
    );
    let hits = hits(&rest);
    let told = paths(&hits);
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[0], (What::Mobile, "title".to_owned()));
    assert_eq!(told[1], (What::BankCard, "summary".to_owned()));
    assert_eq!(told[2].1, "body.lines.1.text");
    assert_eq!(told[3], (What::IdNumber, "attachments.0.title".to_owned()));
    assert_eq!(hits[0].at, 3);
    for hit in &hits {
        let report = hit.to_string();
        assert!(
            report.contains(" / ") && !report.contains("138001") && !report.contains("440811"),
            "{report}"
        );
    }
}

#[test]
fn office_numbers_stand_in_unit_profiles_only() {
    let body = |phone: &str, office: &str| {
        format!(
            r#""body":{{"unit":"440811100391-00","contacts":[{{"office":"{office}","phone":"{phone}"}}]}},"signed_at":1}}"#
        )
    };
    let unit = |phone: &str, office: &str| paths(&hits(&format!(r#""kind":"unit",{}"#, body(phone, office))));
    assert_eq!(unit("13800138000", "村委会"), []);
    assert_eq!(unit("0759-1234567", "村委会"), []);
    assert_eq!(
        unit("0759-1234567", "李某13800138000"),
        [(What::Mobile, "body.contacts.0.office".to_owned())]
    );
    assert_eq!(unit("440811199003070019", "村委会"), [(What::IdNumber, "body.contacts.0.phone".to_owned())]);
    let notice = paths(&hits(&format!(r#""kind":"notice",{}"#, body("13800138000", "村委会"))));
    assert_eq!(notice, [(What::Mobile, "body.contacts.0.phone".to_owned())]);
}

#[test]
fn the_examples_of_all_kinds_the_catalogue_and_the_sample_pass() {
    assert!(KINDS.len() >= 34);
    for kind in KINDS {
        let body: Object = ledger::json::parse(kind.example).unwrap();
        let found = guard::patterns::scan(&body.text());
        assert_eq!(found, [], "{}", kind.name);
    }
    let catalogue = include_str!("../../ledger/data/catalogue.jsonl");
    assert_eq!(guard::patterns::scan(catalogue), []);
    let sample = include_str!("../../demo/sample_disclosures.csv");
    let hits = guard::attachment("sample.csv", "text/csv", sample.as_bytes()).unwrap();
    assert_eq!(hits, []);
}

#[test]
fn a_place_is_told_in_both_languages() {
    assert_eq!(Place::Line(3).to_string(), "第 3 行 / line 3");
    assert_eq!(Place::Cell { sheet: "名单".to_owned(), cell: "B3".to_owned() }.to_string(), "名单!B3");
}
