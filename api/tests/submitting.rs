//! `POST /api/v1/entries` over real TCP: atomic, idempotent, with errors that say what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use serde_json::json;
use std::num::NonZeroU32;
use village::{Key, ORIGIN, Running, TOWN_REGISTRY, VILLAGE, VILLAGE_REGISTRY, Village, http};

fn size(running: &Running) -> u64 {
    running.get("/api/v1/units").json()["size"].as_u64().unwrap()
}

fn post_raw(running: &Running, headers: &[(&str, &str)], body: &[u8]) -> http::Answer {
    http::send(running.address, &http::request("POST", "/api/v1/entries", headers, body)).unwrap()
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// SPEC H-04.
#[test]
fn a_batch_is_answered_with_places_in_its_order_and_is_published() {
    let (village, running) = Village::founded(0);
    let notes = [village.notice(1), village.notice(2)];
    let answer = running.must_post(&notes);
    assert_eq!((answer["published"].as_bool(), answer["size"].as_u64()), (Some(true), Some(8)));
    for (i, note) in notes.iter().enumerate() {
        let place = json!({
            "unit": VILLAGE, "seq": i + 1, "index": 5 + i, "leaf": leaf_hash(note.as_bytes()).to_base64(),
            "findings": []
        });
        assert_eq!(answer["entries"][i], place);
        assert_eq!(running.get(&format!("/api/v1/entries/{VILLAGE}/{}", i + 1)).body, note.as_bytes());
    }
    let unit = running.get(&format!("/api/v1/units/{VILLAGE}")).json();
    assert_eq!(
        (unit["count"].as_u64(), unit["next_seq"].as_u64(), unit["name"].as_str()),
        (Some(2), Some(3), Some("榕溪村"))
    );
}

/// SPEC H-04, E-57.
#[test]
fn the_same_batch_again_gets_the_same_answer_and_logs_nothing() {
    let (village, running) = Village::founded(0);
    let notes = [village.notice(1), village.notice(2)];
    let first = running.must_post(&notes);
    let again = running.must_post(&notes);
    assert_eq!(first, again);
    assert_eq!(size(&running), 8);
    // Half known, half new, and across a restart.
    running.stop();
    let running = village.serve();
    let mixed = running.must_post(&[notes[1].clone(), village.notice(3)]);
    assert_eq!(mixed["entries"][0], first["entries"][1]);
    assert_eq!(mixed["entries"][1]["seq"], 3);
}

/// SPEC H-05, E-61.
#[test]
fn one_faulty_entry_keeps_the_whole_batch_out_and_every_fault_is_named() {
    let (village, running) = Village::founded(0);
    let before = size(&running);
    let bad_kind = village.sign(&village.json(VILLAGE, 2, "no_such_kind", Object::new()), &[&village.seal]);
    let bad_body = village.sign(&village.json(VILLAGE, 3, "notice", Object::new()), &[&village.seal]);
    let answer = running.post(&[village.notice(1), bad_kind, bad_body]);
    assert_eq!((answer.status, answer.problem().as_str()), (422, "refused"));
    let json = answer.json();
    let faults: Vec<_> = json["errors"].as_array().unwrap().iter().collect();
    assert_eq!(faults.len(), 2);
    assert_eq!(
        (&faults[0]["at"], &faults[0]["code"], &faults[0]["field"]),
        (&json!(1), &json!("unknown_kind"), &json!("kind"))
    );
    assert_eq!(
        (&faults[1]["at"], &faults[1]["code"], &faults[1]["field"]),
        (&json!(2), &json!("field"), &json!("body.text"))
    );
    assert!(faults.iter().all(|f| f["what"].as_str().unwrap().contains(" / ")), "{json}");
    assert_eq!((&faults[0]["rule"], &faults[1]["rule"]), (&json!("E-53"), &json!("E-53")));
    assert_eq!(size(&running), before);
    running.must_post(&[village.notice(1)]);
}

/// SPEC H-05.
#[test]
fn a_wrong_number_is_a_conflict_that_says_the_next_one() {
    let (village, running) = Village::founded(2);
    let answer = running.post(&[village.notice(5)]);
    assert_eq!((answer.status, answer.problem().as_str()), (409, "wrong_seq"));
    assert_eq!(answer.json()["errors"][0]["next_seq"], 3);
    assert_eq!(answer.json()["errors"][0]["code"], "wrong_seq");
    let other = village.notice_in(2, Some("2026-01"));
    let answer = running.post(&[other]);
    assert_eq!(answer.status, 409);
    assert_eq!(
        (&answer.json()["errors"][0]["code"], &answer.json()["errors"][0]["next_seq"]),
        (&json!("seq_taken"), &json!(3))
    );
}

#[test]
fn every_refusal_has_its_code() {
    let (village, running) = Village::founded(1);
    let stranger = Key::new(&format!("{ORIGIN}/seal/440811200/township"), village.seal.open().role());
    let body = || Object::new().with("text", vec![Value::from("字")]);
    let notice = |seq| village.json(VILLAGE, seq, "notice", body());
    let sealed = |json: &Object| village.sign(json, &[&village.seal]);
    let mut foreign = notice(2);
    foreign.replace_at("ledger", Value::from("other.example/ledger#00000000000000000000000000000000"));
    let future = village.full(VILLAGE, 2, "notice", Object::new().with("occurred", "2199-01-01"), body());
    let reference = Object::new()
        .with("rel", "contract")
        .with("unit", VILLAGE)
        .with("seq", 1)
        .with("leaf", ledger::hash::Hash::of(b"x").to_base64());
    let refs = Object::new().with("refs", vec![Value::Object(reference)]);
    let target = Object::new().with("seq", 1).with("leaf", ledger::hash::Hash::of(b"x").to_base64());
    let field = Object::new().with("path", "title").with("old", "公告").with("new", "通告");
    let correction = Object::new()
        .with("target", target)
        .with("fields", vec![Value::Object(field)])
        .with("reason", "typo")
        .with("explanation", "笔误");
    let forged = sealed(&notice(2)).replace("字", "子");
    let bundle = running.get("/tile/entries/000.p/2").body;
    let logged = ledger::tile::decode_bundle(&bundle, 2).unwrap();
    let leaf = |i: usize| String::from_utf8(logged[i].to_vec()).unwrap();
    let cases = [
        ("spelling", "not a note".to_owned()),
        ("spelling", sealed(&notice(2)).replace("{\"ledger\"", "{ \"ledger\"")),
        ("wrong_ledger", sealed(&foreign)),
        (
            "not_nfc",
            sealed(&village.json(
                VILLAGE,
                2,
                "notice",
                Object::new().with("text", vec![Value::from("e\u{301}")]),
            )),
        ),
        ("seal", village.sign(&notice(2), &[&stranger])),
        ("seal", village.sign(&village.json("440811100392-00", 1, "notice", body()), &[&village.seal])),
        ("seal", forged),
        ("future", sealed(&future)),
        ("reference", sealed(&village.full(VILLAGE, 2, "notice", refs, body()))),
        ("target", sealed(&village.json(VILLAGE, 2, "correction", correction))),
        ("not_an_entry", leaf(0)),
        ("not_an_entry", leaf(1)),
    ];
    for (code, note) in cases {
        let answer = running.post(&[note]);
        answer.problem();
        assert_eq!(answer.json()["errors"][0]["code"], code, "{}", answer.text());
    }
    assert_eq!(size(&running), 7);
    let metrics = running.get("/metrics").text();
    assert!(metrics.contains(r#"village_ledger_refusals_total{code="seal"} 3"#), "{metrics}");
}

/// SPEC H-03.
/// Headers and body of a request, status and code of its answer.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [u8], u16, &'a str);

#[test]
fn what_is_no_batch_is_told_so() {
    let (_, running) = Village::founded(0);
    let cases: [Case<'_>; 14] = [
        (&[], b"{}", 415, "media_type"),
        (&[("content-type", "text/plain")], b"{}", 415, "media_type"),
        (&[("content-type", "application/jsonx")], b"{}", 415, "media_type"),
        (&[JSON], b"", 400, "bad_json"),
        (&[JSON], b"{", 400, "bad_json"),
        (&[JSON], b"{}", 400, "bad_json"),
        (&[JSON], br#"{"entries":[1]}"#, 400, "bad_json"),
        (&[JSON], br#"{"entries":["x"],"more":1}"#, 400, "bad_json"),
        (&[JSON], b"{\"entries\":[\"\xff\"]}", 400, "bad_json"),
        (&[JSON], br#"{"entries":[]}"#, 400, "bad_request"),
        (&[("content-type", "Application/JSON; charset=utf-8")], br#"{"entries":["x"]}"#, 422, "refused"),
        (&[JSON], br#"{"entries":["x"],"openings":[[{}]]}"#, 422, "refused"),
        (&[JSON], br#"{"entries":["x"],"openings":[[}]]}"#, 400, "bad_json"),
        (&[JSON], br#"{"entries":["x"],"openings":[[],[]]}"#, 400, "bad_request"),
    ];
    for (headers, body, status, code) in cases {
        let answer = post_raw(&running, headers, body);
        let what = String::from_utf8_lossy(body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{what}");
    }
    let deep = format!("{{\"entries\":{}", "[".repeat(100_000));
    assert_eq!(post_raw(&running, &[JSON], deep.as_bytes()).problem(), "bad_json");
}

/// SPEC H-06.
#[test]
fn batches_over_the_limits_are_refused_before_anything_is_verified() {
    let (village, running) = Village::founded(0);
    let many = vec![String::from("x"); 1_001];
    assert_eq!(
        (running.post(&many).status, running.post(&many).problem().as_str()),
        (422, "too_many_entries")
    );
    assert_eq!(running.post(&many[..1_000]).problem(), "refused");

    let large = vec![b' '; 8 * 1024 * 1024 + 1];
    let answer = post_raw(&running, &[JSON], &large);
    assert_eq!((answer.status, answer.problem().as_str()), (413, "too_large"));
    // Without a declared length it is cut off on the way.
    let mut chunked = b"POST /api/v1/entries HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..9 {
        chunked.extend_from_slice(b"100000\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 0x10_0000));
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(http::send(running.address, &chunked).unwrap().status, 413);
    running.must_post(&[village.notice(1)]);
}

#[test]
fn a_thousand_entries_go_in_at_once() {
    let (village, running) = Village::founded(0);
    let notes: Vec<String> = (1..=1_000).map(|n| village.notice(n)).collect();
    let answer = running.must_post(&notes);
    assert_eq!(answer["entries"].as_array().unwrap().len(), 1_000);
    assert_eq!(answer["entries"][999]["seq"], 1_000);
    assert_eq!(size(&running), 5 + 1_000 + 1);
}

/// SPEC H-06.
#[test]
fn each_key_has_its_own_quota_and_nobody_uses_up_anothers() {
    let village = Village::new();
    let running = village.serve_with(|s| api::Settings { per_minute: NonZeroU32::new(3).unwrap(), ..s });
    running.must_post(&village.founding());
    // The seal signed its own enrolment: one of three is used.
    let forged = village.notice(1).replace("第 1 号公告", "第 9 号公告");
    for _ in 0..5 {
        assert_eq!(
            running.post(std::slice::from_ref(&forged)).status,
            422,
            "a forged seal counts for nobody"
        );
    }
    running.must_post(&[village.notice(1), village.notice(2)]);
    running.must_post(&[village.notice(3)]);
    let answer = running.post(&[village.notice(4)]);
    assert_eq!((answer.status, answer.problem().as_str()), (429, "quota"));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // The authority's key is another one.
    let unit = Object::new().with("unit", "440811100391-01").with("name", "一组");
    running
        .must_post(&[village.sign(&village.json(VILLAGE_REGISTRY, 2, "unit", unit), &[&village.authority])]);
    assert_eq!(size(&running), 12);
}

#[test]
fn a_seal_that_was_revoked_is_refused_from_then_on() {
    let (village, running) = Village::founded(1);
    let revoke = Object::new()
        .with("act", "revoke")
        .with("vkey", village.seal.vkey())
        .with("role", "township")
        .with("scope", "440811100")
        .with("holder", "麻章镇人民政府");
    running
        .must_post(&[village.sign(&village.json(TOWN_REGISTRY, 2, "seal", revoke), &[&village.authority])]);
    let answer = running.post(&[village.notice(2)]);
    assert_eq!(answer.json()["errors"][0]["code"], "seal");
    // What was logged before is still known.
    running.must_post(&[village.notice(1)]);
}
