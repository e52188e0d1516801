//! Submitting to a server, and its answers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a step that fails fails the test"
)]

mod support;

use client::http::{Http, HttpError};
use client::ledger_api::LedgerApi;
use client::submit::{SubmitError, Submitter, weight};
use ledger::hash::leaf_hash;
use ledger::sealed::{Access, Opening, Openings};
use ledger::unit::UnitId;
use std::time::Duration;

const UNIT: &str = "440811100391-00";

fn submitter(base: &str) -> Submitter {
    Submitter::new(Http::new(base).unwrap().first_wait(Duration::from_millis(1)))
}

fn answer(notes: &[&str]) -> Vec<u8> {
    let place = |(i, n): (usize, &&str)| {
        let leaf = leaf_hash(n.as_bytes());
        format!(r#"{{"unit":"{UNIT}","seq":{},"index":{},"leaf":"{leaf}"}}"#, i + 1, i + 9)
    };
    let places: Vec<String> = notes.iter().enumerate().map(place).collect();
    format!(r#"{{"entries":[{}],"published":true,"size":12}}"#, places.join(",")).into_bytes()
}

#[test]
fn a_taken_batch_gives_a_receipt_for_each_entry() {
    let (base, seen) = support::serve(|_, _| (200, "", answer(&["一\n", "two\n"])));
    let taken = submitter(&base).submit(&["一\n", "two\n"]).unwrap();
    assert!(taken.published && taken.size == 12);
    let [first, second] = taken.entries.as_slice() else { panic!("{taken:?}") };
    assert_eq!((first.seq, first.index, second.index), (1, 9, 10));
    assert_eq!(first.unit, UnitId::parse(UNIT).unwrap());
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].line, "POST /api/v1/entries");
    assert_eq!(seen[0].body, r#"{"entries":["一\n","two\n"],"openings":[]}"#);
}

#[test]
fn an_answer_without_a_receipt_for_each_entry_is_no_answer() {
    for notes in [&["one\n", "more\n"][..], &[][..]] {
        let body = answer(notes);
        let (base, _) = support::serve(move |_, _| (200, "", body.clone()));
        let error = submitter(&base).submit(&["one\n"]).unwrap_err();
        assert!(matches!(error, SubmitError::Http(HttpError::Shape { .. })), "{error}");
    }
}

#[test]
fn a_taken_number_comes_with_the_next_one() {
    let body = r#"{"type":"about:blank","title":"编号不对","status":409,"code":"wrong_seq","detail":"请重新编号",
        "errors":[{"at":0,"code":"wrong_seq","field":"seq","what":"应为 5 / want 5","next_seq":5}]}"#;
    let (base, seen) = support::serve(move |_, _| (409, "", body.as_bytes().to_vec()));
    let SubmitError::WrongSeq(faults) = submitter(&base).submit(&["one\n"]).unwrap_err() else { panic!() };
    assert_eq!((faults[0].at, faults[0].next_seq), (0, Some(5)));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[test]
fn a_refused_batch_names_each_fault() {
    let body = r#"{"title":"有条目不合规","code":"refused","errors":[{"at":1,"code":"field","field":"body.amount","what":"应为分"}]}"#;
    let (base, _) = support::serve(move |_, _| (422, "", body.as_bytes().to_vec()));
    let error = submitter(&base).submit(&["one\n", "two\n"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "有 1 条未被接受，整批未入账：[field] body.amount：应为分 / entries were refused, nothing was logged"
    );
}

#[test]
fn a_busy_server_gets_the_same_batch_again() {
    let (base, seen) = support::serve(|_, before| match before {
        0 => (503, "", Vec::new()),
        1 => (429, "retry-after: 0\r\n", Vec::new()),
        _ => (200, "", answer(&["one\n"])),
    });
    submitter(&base).submit(&["one\n"]).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.len() == 3 && seen.iter().all(|a| *a == seen[0]));
}

#[test]
fn openings_go_beside_their_entries() {
    let (base, seen) = support::serve(|_, _| (200, "", answer(&["one\n", "two\n"])));
    let opening =
        Opening { path: "name".to_owned(), salt: [0; 32], value: "李*".to_owned(), access: Access::Posted };
    let openings = [Openings::default(), Openings::new(vec![opening]).unwrap()];
    submitter(&base).submit_with(&["one\n", "two\n"], &openings).unwrap();
    let file = openings[1].text();
    let body = format!(r#"{{"entries":["one\n","two\n"],"openings":[[],{file}]}}"#);
    assert_eq!(seen.lock().unwrap()[0].body, body);
    assert!(weight("one\n", &openings[0]) + weight("two\n", &openings[1]) >= body.len());
    let unpaired = submitter(&base).submit_with(&["one\n"], &openings);
    assert!(matches!(unpaired, Err(SubmitError::Size)));
}

#[test]
fn what_is_too_large_is_not_sent() {
    let (base, seen) = support::serve(|_, _| (200, "", Vec::new()));
    let many = vec!["x"; 1_001];
    let long = "x".repeat(9 * 1024 * 1024);
    for batch in [&[][..], &many[..], &[long.as_str()][..]] {
        assert!(matches!(submitter(&base).submit(batch), Err(SubmitError::Size)));
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn units_numbers_bundles_and_entries_are_read() {
    let (base, seen) = support::serve(|asked, _| {
        match asked.line.as_str() {
        "GET /api/v1/units" => (
            200,
            "",
            r#"{"ledger":"m#1","size":3,"time":9,"checkpoint":"c","units":[{"unit":"440811100391-00","name":"榕溪村","parent":null,"count":2,"amendments":0}]}"#
                .into(),
        ),
        "GET /api/v1/units/440811100391-00" => (200, "", br#"{"count":2,"next_seq":3,"name":"x"}"#.to_vec()),
        "GET /api/v1/entries/440811100391-00/2" => (200, "", b"leaf".to_vec()),
        line if line.contains("/bundle") => (200, "", b"bundle".to_vec()),
        _ => (404, "", Vec::new()),
    }
    });
    let api = LedgerApi::new(&base).unwrap();
    let unit = UnitId::parse(UNIT).unwrap();
    let units = api.units().unwrap();
    assert_eq!((units.size, units.units[0].name.as_str()), (3, "榕溪村"));
    assert_eq!(api.ledger().unwrap().as_str(), "m#1");
    assert_eq!(api.unit(&unit).unwrap().unwrap().next_seq, 3);
    assert!(api.unit(&unit.registry()).unwrap().is_none());
    assert_eq!(api.entry(&unit, 2).unwrap().unwrap(), b"leaf");
    assert!(api.entry(&unit, 3).unwrap().is_none());
    assert_eq!(api.bundle(&unit, Some(1), Some(3)).unwrap(), b"bundle");
    assert!(api.proof(&unit, 1).unwrap_err().is_not_found());
    let last = seen.lock().unwrap().iter().any(|a| a.line.ends_with("/bundle?from=1&size=3"));
    assert!(last);
}
