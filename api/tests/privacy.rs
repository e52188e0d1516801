//! The privacy guard over real TCP: whoever sealed it, what may not be published is not taken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use ledger::json::{self, Object};
use village::{Running, VILLAGE, VILLAGE_REGISTRY, Village};

/// A sealed notice with this text and, beside the body, these fields.
fn notice(village: &Village, seq: u64, rest: &str, text: &str) -> String {
    let body = Object::new().with("text", vec![text.into()]);
    village.sign(&village.full(VILLAGE, seq, "notice", json::parse(rest).unwrap(), body), &[&village.seal])
}

fn size(running: &Running) -> u64 {
    running.get("/api/v1/units").json()["size"].as_u64().unwrap()
}

/// SPEC E-96: numbers are made up, their check digits are right.
#[test]
fn numbers_and_words_that_name_a_person_are_refused_and_leave_no_trace() {
    let (village, running) = Village::founded(0);
    let before = size(&running);
    for (rest, text, field, masked) in [
        ("{}", "身份证11010519491231002X，已核", "body.text.0", "******************"),
        ("{}", "卡号 6222 0221 0000 0123 451", "body.text.0", "**** ****"),
        ("{}", "有事打13800138000", "body.text.0", "***********"),
        ("{}", "因患癌症补助", "body.text.0", "癌"),
        (r#"{"title":"联系13800138000"}"#, "公告", "title", "***********"),
    ] {
        let answer = running.post(&[notice(&village, 1, "{}", "公告"), notice(&village, 2, rest, text)]);
        assert_eq!(answer.status, 422, "{}", answer.text());
        let problem = answer.json();
        let error = &problem["errors"][0];
        assert_eq!((error["at"].as_u64(), error["code"].as_str()), (Some(1), Some("privacy")), "{problem}");
        assert_eq!((error["field"].as_str(), error["rule"].as_str()), (Some(field), Some("E-96")));
        let what = error["what"].as_str().unwrap();
        assert!(what.contains(masked) && what.contains(" / "), "{what}");
        // The answer is not a second place where the number can be read.
        assert!(!answer.text().contains("13800138000") && !answer.text().contains("0123 451"), "{problem}");
    }
    assert_eq!(size(&running), before);
    running.must_post(&[notice(&village, 1, "{}", "2026年1月5日至20日公示，凭证号记-0001，合同RW-2026-001")]);
}

/// SPEC E-96: an office may be reached by a mobile; the same number anywhere else is a person's.
#[test]
fn an_offices_number_stands_in_its_profile_and_nowhere_else() {
    let (village, running) = Village::founded(0);
    let next = running.get(&format!("/api/v1/units/{VILLAGE_REGISTRY}")).json()["next_seq"].as_u64().unwrap();
    let profile = |phone: &str, name: &str| {
        let body = format!(
            r#"{{"unit":"{VILLAGE}","name":"{name}","contacts":[{{"office":"村务监督委员会","phone":"{phone}"}}]}}"#
        );
        let json = village.json(VILLAGE_REGISTRY, next, "unit", json::parse(&body).unwrap());
        village.sign(&json, &[&village.authority])
    };
    let refused = running.post(&[profile("13800138000", "榕溪村13800138000")]);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["field"].as_str(), Some("body.name"));
    running.must_post(&[profile("13800138000", "榕溪村")]);
}
