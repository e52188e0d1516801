//! Sealed names over real TCP: brought, shown while posted, withdrawn, gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::Settings;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value};
use ledger::payment_rows::{RowProof, verify_row};
use ledger::sealed::{Access, Openings};
use std::sync::atomic::{AtomicU64, Ordering};
use village::beside::{
    Sealed, Upload, holding, id, list, must_bring, notice, post, posting, redaction, sealing, supervised,
    today,
};
use village::{Running, VILLAGE, Village, now};

const NAME: &str = "欧阳*明";

fn seen(running: &Running, seq: u64) -> Openings {
    let answer = running.get(&format!("/api/v1/openings/{VILLAGE}/{seq}"));
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{}", answer.text());
    Openings::parse(&answer.body).unwrap()
}

/// First fault of a refused batch: code and field.
fn fault(answer: &village::http::Answer) -> (String, String) {
    assert_eq!(answer.problem(), "refused", "{}", answer.text());
    let json = answer.json();
    let text = |name: &str| json["errors"][0][name].as_str().unwrap().to_owned();
    (text("code"), text("field"))
}

fn refused(field: &str) -> (String, String) {
    ("beside".to_owned(), field.to_owned())
}

/// SPEC H-13, H-14, E-62.
#[test]
fn a_name_is_brought_beside_its_entry_and_shown_while_posted() {
    let (village, running) = Village::founded(0);
    let first = notice(&village, 1, NAME, Access::Posted, posting(today(), 7));
    let second = notice(&village, 2, "李*", Access::Posted, Object::new());
    let third = notice(&village, 3, "王*", Access::Inspectors, posting(today(), 7));
    for sealed in [&first, &second, &third] {
        must_bring(&running, sealed);
    }
    assert_eq!(seen(&running, 1).text(), first.openings.text());
    assert!(seen(&running, 2).is_empty(), "without a posting nothing is shown");
    assert!(seen(&running, 3).is_empty(), "what is for inspectors is not for all");
    let answer = running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.text(), format!("1 {}\n", first.openings.text()));
    assert_eq!(running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=2")).text(), "");
    assert_eq!(running.get(&format!("/api/v1/openings/{VILLAGE}/9")).status, 404);
    assert!(running.get("/metrics").text().contains("village_ledger_openings_total 2"));
    // The log itself knows no name.
    let logged = running.get("/tile/entries/000.p/11").body;
    assert!(!logged.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
}

/// SPEC E-62, P-16, P-17: each fault by its path, and nothing is logged.
#[test]
fn openings_that_do_not_open_are_refused() {
    let (village, running) = Village::founded(0);
    let good = notice(&village, 1, NAME, Access::Posted, Object::new());
    let other = notice(&village, 1, "李*", Access::Posted, Object::new());
    let brought = |note: &Sealed, openings: String| post(&running, &[(&note.note, openings)]);
    let path = "approvals.0.name";
    assert_eq!(fault(&brought(&good, "[]".into())), refused(path), "withheld");
    assert_eq!(fault(&running.post(std::slice::from_ref(&good.note))), refused(path));
    assert_eq!(fault(&brought(&good, other.openings.text())), refused(path));
    let text = good.openings.text();
    for altered in [
        text.replace(NAME, "欧阳*亮"),
        text.replace("\"posted\"", "\"household\""),
        text.replace("approvals.0", "approvals.1"),
    ] {
        assert_eq!(fault(&brought(&good, altered)).0, "beside");
    }
    let transplanted = notice(&village, 2, NAME, Access::Posted, Object::new());
    assert_eq!(fault(&brought(&good, transplanted.openings.text())).1, path);
    let full = notice(&village, 1, "欧阳小明", Access::Posted, Object::new());
    let answer = brought(&full, full.openings.text());
    assert_eq!(fault(&answer), refused(path));
    assert!(!answer.text().contains("欧阳小明"), "no answer repeats a name");
    let twice = format!("[{0},{0}]", text.trim_matches(['[', ']']));
    assert_eq!(fault(&brought(&good, twice)), refused("openings"));
    // A salt of another length, a field too many, a list too many.
    let short = text.replace("\"salt\":\"", "\"salt\":\"AA");
    assert_eq!(fault(&brought(&good, short)), refused("openings.0"));
    let unknown = brought(&good, text.replace("\"value\":", "\"name\":"));
    assert_eq!(fault(&unknown), refused("openings"));
    assert!(!unknown.text().contains(NAME));
    let more = post(&running, &[(&good.note, text.clone()), ("x", text)]);
    assert_eq!(fault(&more).0, "spelling");
    assert_eq!(running.get(&format!("/api/v1/units/{VILLAGE}")).json()["count"], 0);
    must_bring(&running, &good);
}

static DAYS: AtomicU64 = AtomicU64::new(0);

fn later() -> u64 {
    now() + DAYS.load(Ordering::Relaxed) * 86_400
}

/// SPEC H-13, P-19, E-98, E-99: a posting ends with its last day, corrections applied.
#[test]
fn a_name_goes_with_the_last_day_of_its_posting() {
    let village = Village::new();
    let running = village.serve_with(|s| Settings { clock: later, ..s });
    running.must_post(&village.founding());
    let supervision = supervised(&village, &running);
    let sealed = notice(&village, 1, NAME, Access::Posted, posting(today(), 3));
    must_bring(&running, &sealed);
    let early =
        redaction(&village, &supervision, 2, (1, sealed.leaf()), &["approvals.0.name"], "posting_ended");
    assert_eq!(fault(&running.post(&[early])).0, "target", "not before it ended");
    let page = |running: &Running| {
        let pages = [format!("/u/{VILLAGE}"), format!("/u/{VILLAGE}/1")].map(|path| running.get(&path));
        for page in &pages {
            assert_eq!((page.status, page.header("cache-control")), (200, Some("private, no-store")));
        }
        let has = pages.map(|page| page.text().contains(NAME));
        assert_eq!(has[0], has[1]);
        has[0]
    };
    let (from, to) = (today(), today().plus(2));
    let correct = |(path, old): (&str, ledger::time::Date), new: ledger::time::Date, seq| {
        let field =
            Object::new().with("path", path).with("old", old.to_string()).with("new", new.to_string());
        let target = Object::new().with("seq", 1).with("leaf", sealed.leaf().to_base64());
        let body = Object::new()
            .with("target", target)
            .with("fields", vec![Value::Object(field)])
            .with("reason", "typo")
            .with("explanation", "公示期写错了");
        village.sign(&village.json(VILLAGE, seq, "correction", body), &[&village.seal])
    };
    DAYS.store(2, Ordering::Relaxed);
    assert!(!seen(&running, 1).is_empty() && page(&running));
    // A correction by the town alone hides no name (E-99), and makes the posting longer while it lasts.
    for note in
        [correct(("posting.to", to), to.plus(-1), 2), correct(("posting.from", from), from.plus(1), 2)]
    {
        assert_eq!(fault(&running.post(&[note])), ("target".to_owned(), "body.fields".to_owned()));
    }
    running.must_post(&[correct(("posting.to", to), from.plus(9), 2)]);
    DAYS.store(3, Ordering::Relaxed);
    assert!(!seen(&running, 1).is_empty() && page(&running));
    DAYS.store(10, Ordering::Relaxed);
    assert!(seen(&running, 1).is_empty() && !page(&running));
    assert_eq!(running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=1")).text(), "");
    let again = running.post(&[correct(("posting.to", from.plus(9)), from.plus(20), 3)]);
    assert_eq!(fault(&again).0, "target", "what was let go does not come back");
    let ended =
        redaction(&village, &supervision, 3, (1, sealed.leaf()), &["approvals.0.name"], "posting_ended");
    running.must_post(&[ended]);
    assert!(!page(&running));
    running.must_post(&[village.notice(4)]);
    let plain = running.get(&format!("/u/{VILLAGE}/4"));
    assert_eq!((plain.status, plain.header("cache-control")), (200, Some("public, max-age=2")));
    assert_eq!(running.get(&format!("/u/{VILLAGE}/5")).status, 404);
}

/// SPEC P-36, E-57, and the test: after a redaction no file of the server holds the value, and every old proof still verifies.
#[test]
fn what_was_withdrawn_is_in_no_file_of_the_server() {
    let (village, running) = Village::founded(0);
    let supervision = supervised(&village, &running);
    let first = notice(&village, 1, NAME, Access::Posted, posting(today(), 30));
    let (second, rows) = list(&village, 2, 3, posting(today(), 30));
    let file = Upload::public("text/csv", b"a,b\nwithdrawn,later\n");
    must_bring(&running, &first);
    let put = Upload::public("text/x.village-ledger.rows", rows.text().as_bytes());
    assert_eq!((put.put(&village, &running).status, file.put(&village, &running).status), (201, 201));
    must_bring(&running, &second);
    let third = file.notice(&village, 3, "明细");
    running.must_post(std::slice::from_ref(&third));
    let proof = running.get(&format!("/api/v1/proof/{VILLAGE}/1")).body;
    let one = second.openings.get("rows.1.name").unwrap();
    let salts = [first.openings.iter().next().unwrap().salt, one.salt];
    let kept = |what: &[u8]| !holding(&village.data(), what).is_empty();
    let spelled = |salt: &[u8; 32]| Hash::from_bytes(*salt).to_base64();
    assert!(kept(NAME.as_bytes()) && salts.iter().all(|salt| kept(spelled(salt).as_bytes())));

    let leaf = leaf_hash(third.as_bytes());
    for note in [
        redaction(&village, &supervision, 4, (1, first.leaf()), &["approvals.0.name"], "privacy_law"),
        redaction(&village, &supervision, 5, (2, second.leaf()), &["rows.1.name"], "court"),
        redaction(&village, &supervision, 6, (3, leaf), &["attachments.0"], "court"),
    ] {
        running.must_post(&[note]);
    }
    let look = |running: &Running| {
        assert_eq!(holding(&village.data(), NAME.as_bytes()), Vec::<String>::new());
        for salt in &salts {
            assert_eq!(holding(&village.data(), spelled(salt).as_bytes()), Vec::<String>::new());
            assert_eq!(holding(&village.data(), salt), Vec::<String>::new());
        }
        assert_eq!(holding(&village.data(), b"withdrawn,later"), Vec::<String>::new());
        assert!(seen(running, 1).is_empty());
        assert!(!running.get(&format!("/u/{VILLAGE}")).text().contains(NAME));
        let left = seen(running, 2);
        assert_eq!((left.iter().count(), left.get("rows.1.name")), (2, None), "the others stay");
        assert_eq!(running.get(&file.path()).problem(), "withdrawn");
        assert_eq!(running.get(&file.path()).status, 410);
        assert_eq!(file.put(&village, running).status, 410, "it can't come back");
        assert_eq!(running.get(&format!("/api/v1/proof/{VILLAGE}/1")).status, 200);
    };
    look(&running);
    // A known entry again is answered as the first time, with or without what opened it; and nothing comes back.
    must_bring(&running, &first);
    running.must_post(std::slice::from_ref(&first.note));
    running.must_post(std::slice::from_ref(&third));
    look(&running);
    running.stop();
    assert!(store::check::fsck(&village.data(), |_, _| ()).unwrap().holds());
    let running = village.serve();
    look(&running);
    let proof = ledger::proof::TlogProof::parse(&proof).unwrap();
    assert!(proof.verify(first.note.as_bytes()).is_ok(), "an old proof still verifies");
}

/// SPEC P-36: what was uploaded as a file that an attachment may be is no list, or one withdrawal would take both.
#[test]
fn rows_uploaded_as_text_are_no_list() {
    let (village, running) = Village::founded(0);
    let (sealed, rows) = list(&village, 1, 3, posting(today(), 7));
    assert_eq!(Upload::public("text/plain", rows.text().as_bytes()).put(&village, &running).status, 201);
    assert_eq!(fault(&post(&running, &[(&sealed.note, sealed.openings.text())])), refused("body.list"));
}

/// SPEC H-14, P-12: who approved a correction may be sealed too, and is shown like any other name.
#[test]
fn names_that_an_amendment_seals_are_shown_and_withdrawn() {
    let (village, running) = Village::founded(1);
    let supervision = supervised(&village, &running);
    let note = running.get(&format!("/api/v1/entries/{VILLAGE}/1")).body;
    let target = Object::new().with("seq", 1).with("leaf", leaf_hash(&note).to_base64());
    let field = Object::new().with("path", "title").with("old", "公告").with("new", "公告一");
    let body = Object::new()
        .with("target", target)
        .with("fields", vec![Value::Object(field)])
        .with("reason", "typo")
        .with("explanation", "题目写错了");
    let sealed = sealing(&village, 2, "correction", NAME, Access::Posted, posting(today(), 7), body);
    must_bring(&running, &sealed);
    let lines = || running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=1")).text();
    assert_eq!(lines(), format!("2 {}\n", sealed.openings.text()));
    assert!(running.get(&format!("/u/{VILLAGE}")).text().contains(NAME));
    running.must_post(&[redaction(
        &village,
        &supervision,
        3,
        (2, sealed.leaf()),
        &["approvals.0.name"],
        "court",
    )]);
    assert_eq!((lines(), seen(&running, 2)), (String::new(), Openings::default()));
    assert!(!running.get(&format!("/u/{VILLAGE}")).text().contains(NAME));
}

/// SPEC H-17, P-23, P-24: a list of 10,000 rows, and one household's proof out of it.
#[test]
fn a_list_of_10000_rows_goes_in_and_one_row_is_proved() {
    let (village, running) = Village::founded(0);
    let (sealed, rows) = list(&village, 1, 10_000, posting(today(), 7));
    let blob = Upload::public("text/x.village-ledger.rows", rows.text().as_bytes());
    let brought = || post(&running, &[(&sealed.note, sealed.openings.text())]);
    assert_eq!(fault(&brought()), refused("body.list"), "the rows come first");
    let other = list(&village, 1, 2, Object::new()).1;
    let wrong = Upload { digest: blob.digest, ..Upload::public(&blob.media, other.text().as_bytes()) };
    assert_eq!(wrong.put(&village, &running).problem(), "digest");
    assert_eq!(blob.put(&village, &running).status, 201);
    let mut one_less: Vec<_> = sealed.openings.iter().cloned().collect();
    one_less.retain(|opening| opening.path != "rows.77.name");
    let one_less = Openings::new(one_less).unwrap().text();
    assert_eq!(fault(&post(&running, &[(&sealed.note, one_less)])), refused("rows.77.name"));
    let answer = brought();
    assert_eq!(answer.status, 200, "{}", answer.text());

    let place = 7_345;
    let path = format!("/api/v1/rows/{VILLAGE}/1");
    let answer = running.get(&format!("{path}/{place}"));
    assert!(answer.status == 200 && answer.body.len() < 2_048, "{} bytes", answer.body.len());
    let proof = RowProof::parse(&answer.body).unwrap();
    let opening = sealed.openings.get(&format!("rows.{place}.name")).unwrap();
    let code = ledger::payment_rows::RowCode::of(place, opening);
    verify_row(&proof, &code, &id(&village, 1), &rows.summary().root, 10_000).unwrap();
    for missing in ["10000", "007", "-1", "x"] {
        assert_eq!(running.get(&format!("{path}/{missing}")).status, 404, "{missing}");
    }
    assert_eq!(seen(&running, 1).iter().count(), 10_000);
    assert_eq!(
        running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=1")).text(),
        "",
        "rows by entry only"
    );
    assert_eq!(running.get(&blob.path()).body, rows.text().as_bytes());
}
