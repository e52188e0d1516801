//! Findings over real TCP: what should be looked at beside entries that are published all the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use ledger::append::Submission;
use ledger::catalogue::{Catalogue, STANDARD};
use ledger::json::{self, Object};
use ledger::kinds::KINDS;
use serde_json::Value;
use store::{Log, Options};
use tokio::runtime::Runtime;
use village::{Running, VILLAGE, VILLAGE_REGISTRY, Village};

/// An entry of the village: its kind, its fields beside the body, its body.
type Row = (&'static str, &'static str, String);

fn opening() -> Row {
    let body = r#"{"accounts":[{"account":"bank","amount":10000000}],"amount":10000000}"#;
    ("opening_balance", r#"{"occurred":"2026-01-01"}"#, body.to_owned())
}

fn voucher(no: u32, direction: &str, amount: u32, method: &str) -> Row {
    let body = format!(
        r#"{{"voucher_no":"记-{no:04}","direction":"{direction}","lines":[{{"account":"其他","amount":{amount}}}],"amount":{amount},"method":"{method}"}}"#
    );
    ("voucher", r#"{"occurred":"2026-01-10"}"#, body)
}

fn close(opening: u32, income: u32, expense: u32) -> Row {
    let closing = opening + income - expense;
    let body =
        format!(r#"{{"opening":{opening},"income":{income},"expense":{expense},"closing":{closing}}}"#);
    ("period_close", r#"{"period":"2026-01"}"#, body)
}

fn resolution(present: u32) -> Row {
    let body = format!(
        r#"{{"resolution_no":"J-1","track":"village","organ":"villager_representatives","held_on":"2026-01-10","motion":"修路","eligible":31,"present":{present},"for":20,"against":0,"abstain":0,"passed":true}}"#
    );
    ("resolution", "{}", body)
}

fn notice(posting: &'static str) -> Row {
    ("notice", posting, r#"{"text":["公告"]}"#.to_owned())
}

/// A book in which nothing is to be looked at.
fn clean() -> Vec<Row> {
    vec![
        opening(),
        voucher(1, "income", 50_000, "transfer"),
        voucher(2, "expense", 20_000, "cash"),
        close(10_000_000, 50_000, 20_000),
        resolution(21),
        ("statement_of_no_activity", r#"{"period":"2026-02"}"#, r#"{"classes":["finance"]}"#.to_owned()),
        notice(r#"{"posting":{"from":"2026-03-01","to":"2026-03-15"}}"#),
    ]
}

/// A book with breaches, and clean entries between.
fn planted() -> Vec<Row> {
    vec![
        opening(),
        voucher(1, "income", 50_000, "transfer"),
        voucher(3, "expense", 600_000, "cash"),
        voucher(3, "expense", 10, "transfer"),
        close(9_000_000, 50_000, 600_010),
        voucher(4, "expense", 10, "transfer"),
        resolution(20),
        notice(r#"{"posting":{"from":"2026-03-01","to":"2026-03-05"}}"#),
        notice("{}"),
    ]
}

/// What is found in it.
const FOUND: [(u64, &str, &str); 8] = [
    (3, "cash", "body.amount"),
    (3, "voucher_gap", "body.voucher_no"),
    (4, "voucher_repeat", "body.voucher_no"),
    (5, "opening", "body.opening"),
    (5, "close", "body.closing"),
    (6, "after_close", "occurred"),
    (7, "quorum", "body.present"),
    (8, "posting_short", "posting"),
];

fn notes(village: &Village, rows: &[Row]) -> Vec<String> {
    let note = |(seq, (kind, rest, body)): (u64, &Row)| {
        let [rest, body] = [*rest, body].map(|text| json::parse(text).unwrap());
        village.sign(&village.full(VILLAGE, seq, kind, rest, body), &[&village.seal])
    };
    (1..).zip(rows).map(note).collect()
}

fn of_unit(running: &Running) -> Value {
    let answer = running.get(&format!("/api/v1/units/{VILLAGE}/findings"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Number, code and field of each; a sentence in both languages is there.
fn told(list: &Value) -> Vec<(u64, String, String)> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let told = |finding: &Value| {
        let (zh, en) = (text(finding, "zh"), text(finding, "en"));
        assert!(zh != en && zh.ends_with('。') && en.ends_with('.') && !zh.contains('{'), "{finding}");
        (finding["seq"].as_u64().unwrap(), text(finding, "code"), text(finding, "field"))
    };
    list.as_array().unwrap().iter().map(told).collect()
}

fn found() -> Vec<(u64, String, String)> {
    FOUND.map(|(seq, code, field)| (seq, code.to_owned(), field.to_owned())).to_vec()
}

/// SPEC H-11.
#[test]
fn a_clean_book_has_none() {
    let (village, running) = Village::founded(0);
    let answer = running.must_post(&notes(&village, &clean()));
    for place in answer["entries"].as_array().unwrap() {
        assert_eq!(place["findings"].as_array().map(Vec::len), Some(0), "{place}");
    }
    let all = of_unit(&running);
    assert_eq!((all["unit"].as_str(), all["count"].as_u64()), (Some(VILLAGE), Some(7)));
    assert_eq!(told(&all["findings"]), []);
}

/// SPEC H-04, H-11.
#[test]
fn planted_breaches_are_told_with_the_answer_for_the_unit_and_for_the_entry() {
    let (village, running) = Village::founded(0);
    let notes = notes(&village, &planted());
    // In two batches: what the second has depends on the first.
    let mut beside = Vec::new();
    for part in [&notes[..4], &notes[4..]] {
        let answer = running.must_post(part);
        for place in answer["entries"].as_array().unwrap() {
            let own = told(&place["findings"]);
            assert!(own.iter().all(|(seq, ..)| *seq == place["seq"].as_u64().unwrap()), "{place}");
            beside.extend(own);
        }
    }
    assert_eq!(beside, found());
    let all = of_unit(&running);
    assert_eq!((told(&all["findings"]), all["count"].as_u64()), (found(), Some(9)));
    for seq in 1..=9 {
        let one = running.get(&format!("/api/v1/entries/{VILLAGE}/{seq}/findings")).json();
        let own: Vec<_> = found().into_iter().filter(|(of, ..)| *of == seq).collect();
        assert_eq!((told(&one["findings"]), one["count"].as_u64()), (own, Some(9)));
    }
    // The same batch again: the same answer.
    let again = running.must_post(&notes[4..]);
    assert_eq!(told(&again["entries"][0]["findings"]), found()[3..5]);
    let metrics = running.get("/metrics").text();
    assert!(metrics.contains(r#"village_ledger_findings_total{code="quorum"} 2"#), "{metrics}");
}

/// SPEC H-11.
#[test]
fn findings_survive_a_restart_and_go_on_from_there() {
    let (village, running) = Village::founded(0);
    let notes = notes(&village, &planted());
    running.must_post(&notes[..5]);
    let before = of_unit(&running);
    running.stop();
    let running = village.serve();
    assert_eq!(of_unit(&running), before);
    running.stop();
    // Nobody asked before this batch: what it has depends on entries that the server has to read again.
    let running = village.serve();
    let answer = running.must_post(&notes[5..]);
    assert_eq!(told(&answer["entries"][0]["findings"]), found()[5..6]);
    assert_eq!(told(&of_unit(&running)["findings"]), found());
}

/// SPEC H-11: as of the published head, whatever was asked before.
#[test]
fn units_and_entries_that_are_not_there_have_no_findings() {
    let (village, running) = Village::founded(1);
    for (path, status) in [
        ("/api/v1/units/440811100999-00/findings".to_owned(), 404),
        ("/api/v1/units/4408/findings".to_owned(), 400),
        (format!("/api/v1/entries/{VILLAGE}/2/findings"), 404),
        (format!("/api/v1/entries/{VILLAGE}/0/findings"), 400),
    ] {
        let answer = running.get(&path);
        assert_eq!(answer.status, status, "{path}");
        answer.problem();
    }
    // A registry, and a unit with a profile that has no entry yet.
    let unit = Object::new().with("unit", "440811100391-01").with("name", "一组").with("parent", "榕溪村");
    running
        .must_post(&[village.sign(&village.json(VILLAGE_REGISTRY, 2, "unit", unit), &[&village.authority])]);
    for (unit, count) in [(VILLAGE_REGISTRY, 2), ("440811100391-01", 0)] {
        let none = running.get(&format!("/api/v1/units/{unit}/findings")).json();
        assert_eq!((none["count"].as_u64(), told(&none["findings"])), (Some(count), vec![]));
    }
}

/// SPEC H-11: a long book is read once, then carried on.
#[test]
fn a_book_of_three_thousand_entries_is_told_whole() {
    let (village, running) = Village::founded(0);
    let mut rows: Vec<Row> = vec![opening()];
    // Every thousandth number is left out.
    rows.extend((1..3_003).filter(|no| no % 1_000 != 0).map(|no| voucher(no, "income", 1, "transfer")));
    let notes = notes(&village, &rows);
    for part in notes.chunks(1_000) {
        running.must_post(part);
    }
    let gaps = of_unit(&running);
    assert_eq!(gaps["count"], 3_000);
    let seqs: Vec<u64> = told(&gaps["findings"])
        .iter()
        .map(|(seq, code, _)| {
            assert_eq!(code, "voucher_gap");
            *seq
        })
        .collect();
    assert_eq!(seqs, [1_001, 2_000, 2_999]);
    running.stop();
    assert_eq!(of_unit(&village.serve()), gaps);
}

/// 2026-01-02, when the village of [`founded_in_january`] got its book.
const JANUARY: u64 = 1_767_340_800;
const DISTRICT_REGISTRY: &str = "440811000000-99";

/// A ledger whose district names a catalogue of this digest, or none, and whose village is there since January.
fn founded_in_january(digest: Option<&str>) -> Village {
    let village = Village::new_at(JANUARY);
    let named = digest.map(|digest| {
        let item = Object::new().with("item", "F01").with("seals", vec!["township".into()]);
        let body = Object::new().with("version", "t").with("digest", digest).with("items", vec![item.into()]);
        village.sign(&village.json(DISTRICT_REGISTRY, 1, "catalogue", body), &[&village.authority])
    });
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let options = Options { clock: || JANUARY, ..Options::default() };
        let log = Log::open_path(&village.data(), village.log.open(), options).unwrap();
        for note in village.founding().into_iter().chain(named) {
            let mut submission = Submission::parse(note.into_bytes(), KINDS).unwrap();
            submission.verify(&log.registry()).unwrap();
            log.submit(vec![submission]).await.unwrap();
        }
        log.shutdown().await;
    });
    village
}

/// A voucher of an item and a period.
fn disclosed(village: &Village, seq: u64, no: u32, item: &str, period: &str) -> String {
    let (kind, _, body) = voucher(no, "income", 1, "transfer");
    let rest = Object::new().with_some("item", (!item.is_empty()).then_some(item)).with("period", period);
    village.sign(&village.full(VILLAGE, seq, kind, rest, json::parse(&body).unwrap()), &[&village.seal])
}

/// The built-in catalogue with other deadlines, and its file.
fn other_catalogue() -> (String, tempfile::TempDir) {
    let file = STANDARD.replace(r#""days":15}"#, r#""days":10}"#);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("catalogue.jsonl"), &file).unwrap();
    (file, folder)
}

/// SPEC H-12, G-19, G-21: what is to be disclosed by a day was logged after it, or names no item; not judged by another
/// catalogue than the registry's.
#[test]
fn items_and_lateness_are_told_by_the_catalogue_that_the_registry_names() {
    let (file, folder) = other_catalogue();
    let path = folder.path().join("catalogue.jsonl");
    let digest = Catalogue::parse(&file).unwrap().digest().to_hex();
    let village = founded_in_january(Some(&digest));
    let running = village.serve_with(|s| api::Settings { catalogue: Some(path), ..s });
    // The first period was over before the village had a book.
    let rows = [(1, "F02", "2025-11"), (1, "F02", "2026-01"), (2, "", "2026-01"), (3, "D02", "2026-01")];
    let note = |(seq, (no, item, period))| disclosed(&village, seq, no, item, period);
    let notes: Vec<_> = (1..).zip(rows).map(note).collect();
    let answer = running.must_post(&notes);
    assert_eq!(told(&answer["entries"][0]["findings"]), []);
    assert_eq!(told(&answer["entries"][1]["findings"]), [(2, "late".to_owned(), "period".to_owned())]);
    for (at, seq) in [(2, 3), (3, 4)] {
        assert_eq!(told(&answer["entries"][at]["findings"]), [(seq, "item".to_owned(), "item".to_owned())]);
    }
    let found = of_unit(&running);
    assert!(found["findings"][0]["zh"].as_str().unwrap().contains("2月10日"), "{found}");
    assert!(found["findings"][1]["zh"].as_str().unwrap().contains("F02 F03"), "{found}");
    let served = running.get("/catalogue");
    assert_eq!((served.status, served.text()), (200, file));
    running.stop();
    let running = village.serve();
    assert_eq!(told(&of_unit(&running)["findings"]), []);
    assert_eq!(running.get("/catalogue").text(), STANDARD);
}

/// SPEC G-16: where the registry names no catalogue, the built-in one judges, as it does for an auditor, and no other.
#[test]
fn a_catalogue_that_nobody_names_judges_nothing() {
    let (_, folder) = other_catalogue();
    let path = folder.path().join("catalogue.jsonl");
    let village = founded_in_january(None);
    let running = village.serve_with(|s| api::Settings { catalogue: Some(path), ..s });
    running
        .must_post(&[disclosed(&village, 1, 1, "F02", "2026-01"), disclosed(&village, 2, 2, "", "2026-01")]);
    assert_eq!(told(&of_unit(&running)["findings"]), []);
    running.stop();
    let running = village.serve();
    assert_eq!(told(&of_unit(&running)["findings"]), [(1, "late".to_owned(), "period".to_owned())]);
}

/// SPEC H-11: at most a thousand at one time, an entry's together.
#[test]
fn very_many_findings_are_told_in_parts() {
    let (village, running) = Village::founded(0);
    // In cash and over the limit each, and all but the first one's number is taken.
    let rows: Vec<Row> = (0..600).map(|_| voucher(1, "expense", 600_000, "cash")).collect();
    running.must_post(&notes(&village, &rows));
    let part = |from: &str| running.get(&format!("/api/v1/units/{VILLAGE}/findings{from}"));
    let first = part("").json();
    let list = told(&first["findings"]);
    let seqs = |list: &[(u64, String, String)]| (list[0].0, list.last().unwrap().0);
    assert_eq!((list.len(), seqs(&list), first["next"].as_u64()), (999, (1, 500), Some(501)));
    let rest = part("?from=501").json();
    let list = told(&rest["findings"]);
    assert_eq!((list.len(), seqs(&list), rest.get("next")), (200, (501, 600), None));
    // One more than the last thousand, and exactly the last thousand.
    let parts = |from: u64| {
        let answer = part(&format!("?from={from}")).json();
        (told(&answer["findings"]).len(), answer["next"].as_u64())
    };
    assert_eq!((parts(100), parts(101)), ((1_000, Some(600)), (1_000, None)));
    assert_eq!((parts(601), parts(u64::MAX)), ((0, None), (0, None)));
    for wrong in ["?from=0", "?from=-1", "?from=", "?form=1"] {
        assert_eq!(part(wrong).status, 400, "{wrong}");
        part(wrong).problem();
    }
}

#[test]
fn a_server_does_not_start_with_a_file_that_is_no_catalogue() {
    let village = Village::new();
    let path = village.folder.path().join("catalogue.jsonl");
    std::fs::write(&path, "no catalogue\n").unwrap();
    let settings = api::Settings { catalogue: Some(path), ..api::Settings::new(village.data()) };
    let runtime = Runtime::new().unwrap();
    let started = runtime.block_on(api::Server::start(settings, village.log.open()));
    assert!(started.err().unwrap().to_string().contains("--catalogue"));
}
