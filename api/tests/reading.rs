//! Units, bundles, trust material, health and metrics over real TCP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use ledger::bundle::{Ask, Bundle, verify};
use ledger::json::Object;
use ledger::unit::UnitId;
use ledger::verdict::Code;
use village::{Running, VILLAGE, VILLAGE_REGISTRY, Village, now};

fn bundle(running: &Running, query: &str) -> Vec<u8> {
    let answer = running.get(&format!("/api/v1/units/{VILLAGE}/bundle{query}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/octet-stream")));
    answer.body
}

fn ask(village: &Village) -> Ask {
    Ask { unit: UnitId::parse(VILLAGE), charter: Some(village.charter), memory: None, now: now() }
}

/// SPEC H-08.
#[test]
fn a_bundle_holds_and_begins_with_the_newest_period() {
    let (village, running) = Village::founded(0);
    let periods = [Some("2026-01"), Some("2026-01"), None, Some("2026-02"), Some("2026"), Some("2026-02")];
    let notes: Vec<String> = (1..).zip(periods).map(|(n, p)| village.notice_in(n, p)).collect();
    running.must_post(&notes[..3]);
    assert_eq!(Bundle::parse(&bundle(&running, "")).unwrap().from, 1);
    running.must_post(&notes[3..]);
    let bytes = bundle(&running, "");
    assert_eq!(Bundle::parse(&bytes).unwrap().from, 4);
    let outcome = verify(&bytes, &ask(&village));
    assert_eq!(outcome.verdict.code, Code::OkUnwitnessed, "{}", outcome.verdict.detail);
    assert_eq!(outcome.verified.unwrap().entries.len(), 3);
    let all = verify(&bundle(&running, "?from=1"), &ask(&village)).verified.unwrap();
    assert_eq!((all.entries.len(), all.since), (6, None));
    assert_eq!(Bundle::parse(&bundle(&running, "?from=7")).unwrap().entries.len(), 0);
}

/// SPEC H-08.
#[test]
fn a_remembered_head_is_shown_to_be_a_beginning_of_this_one() {
    let (village, running) = Village::founded(2);
    let first = verify(&bundle(&running, "?from=1"), &ask(&village)).verified.unwrap();
    running.must_post(&[village.notice(3)]);
    let bytes = bundle(&running, &format!("?from=1&size={}", first.size));
    let again = verify(&bytes, &Ask { memory: Some(first.head), ..ask(&village) });
    assert!(again.verdict.code.holds(), "{} {}", again.verdict.code, again.verdict.detail);
    assert!(again.verified.unwrap().remembered);
}

#[test]
fn questions_about_units_that_are_not_there_are_answered_so() {
    let (_, running) = Village::founded(1);
    for (path, status) in [
        ("/api/v1/units/440811100999-00", 404),
        ("/api/v1/units/440811100999-00/bundle", 404),
        ("/api/v1/units/4408", 400),
        ("/api/v1/units/440811100391-0x/bundle", 400),
        ("/api/v1/units/000000000000-00/bundle", 400),
        ("/api/v1/units/440811100391-00/bundle?from=0", 400),
        ("/api/v1/units/440811100391-00/bundle?from=-1", 400),
        ("/api/v1/units/440811100391-00/bundle?until=1", 400),
        ("/api/v1/units/440811100391-00/bundle?size=99999999999999999999", 400),
        ("/api/v1/units/%00", 400),
        ("/api/v1/units/%ff", 400),
    ] {
        let answer = running.get(path);
        assert_eq!(answer.status, status, "{path}");
        answer.problem();
    }
}

/// SPEC H-07.
#[test]
fn units_are_listed_without_registries_and_with_those_that_have_no_entry_yet() {
    let (village, running) = Village::founded(1);
    let unit = Object::new().with("unit", "440811100391-01").with("name", "一组").with("parent", "榕溪村");
    running
        .must_post(&[village.sign(&village.json(VILLAGE_REGISTRY, 2, "unit", unit), &[&village.authority])]);
    let list = running.get("/api/v1/units").json();
    assert_eq!(list["ledger"], village.ledger.as_str());
    assert_eq!(list["checkpoint"], running.get("/checkpoint").text());
    let units: Vec<_> = list["units"].as_array().unwrap().iter().collect();
    assert_eq!(units.len(), 2);
    assert_eq!((units[0]["unit"].as_str(), units[0]["count"].as_u64()), (Some(VILLAGE), Some(1)));
    assert_eq!((units[1]["name"].as_str(), units[1]["count"].as_u64()), (Some("一组"), Some(0)));
    let registry = running.get(&format!("/api/v1/units/{VILLAGE_REGISTRY}")).json();
    assert_eq!(registry["next_seq"], 3);
    let contacts = running.get(&format!("/api/v1/units/{VILLAGE}")).json();
    assert_eq!(contacts["contacts"][0]["phone"], "0759-0000001");
}

/// SPEC H-10.
#[test]
fn trust_material_reads_back() {
    let (village, running) = Village::founded(0);
    let answer = running.get("/trust.toml");
    let trust = client::trust::Trust::parse(&answer.text()).unwrap();
    assert_eq!((trust.charter, trust.ledger()), (village.charter, village.ledger.clone()));
    assert_eq!(trust.log.to_string(), village.log.vkey());
    assert_eq!(trust.viewer, [format!("http://{}/", running.address)]);
    let policy = running.get("/policy.txt");
    assert_eq!(
        (policy.text().as_str(), policy.header("content-type")),
        ("quorum none\n", Some("text/plain; charset=utf-8"))
    );
    assert_eq!(trust.policy, policy.text());
}

/// SPEC H-09.
#[test]
fn a_healthy_server_is_green_and_counts() {
    let (village, running) = Village::founded(2);
    running.post(&[village.notice(9)]);
    let answer = running.get("/healthz");
    let health = answer.json();
    let free = health["free_bytes"].as_u64().unwrap();
    if free >= 1 << 30 {
        assert_eq!((answer.status, health["status"].as_str()), (200, Some("green")), "{health}");
    } else {
        assert_eq!(answer.status, 503);
    }
    let metrics = running.get("/metrics");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let text = metrics.text();
    for line in [
        "village_ledger_entries_total 4",
        "village_ledger_submissions_total 2",
        "village_ledger_tree_size 8",
        "village_ledger_commit_seconds_count 2",
        "village_ledger_publications_total",
        r#"village_ledger_refusals_total{code="wrong_seq"} 1"#,
        r#"village_ledger_problems_total{code="wrong_seq"} 1"#,
        r#"village_ledger_requests_total{route="/api/v1/entries",status="200"} 2"#,
        "village_ledger_stopped 0",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}
