//! Files beside the log over real TCP: every fault of an upload by its name, and what is served, to whom and how.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

#[path = "../../guard/tests/made/mod.rs"]
mod made;
mod village;

use api::{Settings, Times};
use ledger::charter::LedgerId;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::unit::UnitId;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use village::beside::{Upload, holding, post, sign};
use village::http::{self, Answer};
use village::{Key, ORIGIN, Running, Village, now};

/// Made up, its check digit is right.
const ID_NUMBER: &str = "11010519491231002X";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.problem())
}

fn said(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Files that the server keeps of uploads, whole or in part.
fn kept(village: &Village) -> usize {
    let count = |folder: &str| match village.data().join(folder) {
        path if path.is_dir() => holding(&path, b"").len(),
        _ => 0,
    };
    count("blobs") + count("uploads")
}

/// SPEC H-15, H-16.
#[test]
fn a_file_is_taken_once_and_served_when_an_entry_names_it() {
    let (village, running) = Village::founded(0);
    let file = Upload::public("image/png", &made::png(&[]));
    assert_eq!(file.put(&village, &running).status, 201);
    assert_eq!(file.put(&village, &running).status, 200, "it is here already");
    assert_eq!(running.get(&file.path()).status, 404, "no entry names it");
    running.must_post(&[file.notice(&village, 1, "合照 “一”/2.png")]);
    let answer = running.get(&file.path());
    assert_eq!((answer.status, &answer.body), (200, &file.bytes));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-length", &file.bytes.len().to_string()),
        ("x-content-type-options", "nosniff"),
        (
            "content-disposition",
            "attachment; filename*=UTF-8''%E5%90%88%E7%85%A7%20%E2%80%9C%E4%B8%80%E2%80%9D_2.png",
        ),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("cache-control", "public, max-age=60"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("blob-salt"), None);
    let metrics = running.get("/metrics").text();
    assert!(metrics.contains(r#"village_ledger_uploads_total{result="new"} 1"#), "{metrics}");
    assert_eq!(running.get("/api/v1/blobs/x").status, 404);
}

/// SPEC E-62, P-35: an entry is refused until what it names is here, as it describes it.
#[test]
fn an_entry_waits_for_its_attachments() {
    let (village, running) = Village::founded(0);
    let file = Upload::public("text/plain", "收支明细\n".as_bytes());
    let fault = |answer: Answer| {
        assert_eq!(answer.problem(), "refused");
        let error = answer.json()["errors"][0].clone();
        assert_eq!((&error["code"], &error["field"]), (&"beside".into(), &"attachments.0".into()), "{error}");
        error["what"].as_str().unwrap().to_owned()
    };
    let entry = file.notice(&village, 1, "明细");
    assert!(fault(running.post(std::slice::from_ref(&entry))).contains("upload it first"));
    assert_eq!(file.put(&village, &running).status, 201);
    for other in [
        Upload { media: "text/csv".to_owned(), ..file.clone() },
        Upload { access: "inspectors", ..file.clone() },
        Upload { bytes: vec![0; 9], ..file.clone() },
    ] {
        assert!(fault(running.post(&[other.notice(&village, 1, "明细")])).contains("is here, but"));
    }
    // What is not public is named by entries of its unit only.
    let closed = Upload::closed("text/plain", "members", b"minutes\n");
    assert_eq!(closed.put(&village, &running).status, 201);
    let (other, registry) = ("440811100392-00", "440811100392-99");
    let profile = Object::new().with("unit", other).with("name", "竹园村");
    running.must_post(&[village.sign(&village.json(registry, 1, "unit", profile), &[&village.authority])]);
    let rest = Object::new().with("attachments", vec![Value::Object(closed.attachment("明细"))]);
    let body = Object::new().with("text", vec!["公告".into()]);
    let named = village.sign(&village.full(other, 1, "notice", rest, body), &[&village.seal]);
    assert!(fault(running.post(&[named])).contains("unit"));
    // The number in a file's title is found in the entry.
    let titled = file.notice(&village, 1, ID_NUMBER);
    assert_eq!(running.post(&[titled]).json()["errors"][0]["code"], "privacy");
    assert_eq!(post(&running, &[(&entry, "[]".to_owned())]).status, 200);
}

/// SPEC H-15, P-33, P-34: who may upload what.
#[test]
fn without_a_ticket_that_counts_nothing_is_taken() {
    let (village, running) = Village::founded(0);
    let file = Upload::public("text/plain", b"minutes\n");
    let ticket = file.ticket(&village);
    let stranger = Key::new(&format!("{ORIGIN}/seal/440811100/township"), village.seal.open().role());
    let with = |change: &dyn Fn(&mut ledger::upload::Ticket)| {
        let mut ticket = ticket.clone();
        change(&mut ticket);
        sign(&ticket, &village.seal)
    };
    let good = sign(&ticket, &village.seal);
    let other_town = UnitId::parse("440811200391-00").unwrap();
    for (what, note) in [
        ("none", String::new()),
        ("no note", "hello".to_owned()),
        ("a stranger's seal", sign(&ticket, &stranger)),
        ("altered", good.replace("text/plain", "text/csv")),
        ("another unit", with(&|t| t.unit = other_town)),
        ("a unit without a profile", with(&|t| t.unit = UnitId::parse("440811100399-00").unwrap())),
        ("expired", with(&|t| t.time = now() - 90_000)),
        ("of tomorrow", with(&|t| t.time = now() + 90_000)),
        ("another digest", with(&|t| t.digest = Hash::of(b"x"))),
        ("another ledger", with(&|t| t.ledger = LedgerId::from_text("other.example#00"))),
    ] {
        assert_eq!(told(&file.send(&running, &note)), said(401, "ticket"), "{what}");
    }
    assert_eq!(told(&file.send(&running, &with(&|t| t.size = 9))), said(422, "size"));
    assert_eq!(
        told(&file.send(&running, &with(&|t| t.media = "text/csv".to_owned()))),
        said(415, "media_type")
    );
    assert_eq!(
        told(&file.send(&running, &with(&|t| t.access = ledger::entry::Visibility::Members))),
        said(400, "bad_request")
    );
    let bare = http::request("PUT", &file.path(), &[("content-type", "text/plain")], &file.bytes);
    assert_eq!(told(&http::send(running.address, &bare).unwrap()), said(401, "ticket"));
    assert_eq!(kept(&village), 0);
    assert_eq!(file.send(&running, &good).status, 201);
}

/// SPEC H-15, P-35: length, digest, and uploads that end early or never.
#[test]
fn what_does_not_arrive_whole_leaves_nothing() {
    let village = Village::new();
    let times =
        Times { upload: Duration::from_millis(400), request: Duration::from_millis(700), ..Times::default() };
    let patience = api::Patience { head: Duration::from_millis(500), ..api::Patience::default() };
    let running = village.serve_with(|s| Settings { times, patience, ..s });
    running.must_post(&village.founding());
    let file = Upload::public("text/plain", &b"line of a file\n".repeat(40_000));
    let request = file.request(&sign(&file.ticket(&village), &village.seal));
    let head = request.len() - file.bytes.len();

    // Cut in the middle: the client goes away.
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.write_all(&request[..head + 300_000]).unwrap();
    drop(stream);
    // Stalled in the middle: the server ends it.
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.write_all(&request[..head + 300_000]).unwrap();
    let (began, mut answer) = (Instant::now(), String::new());
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(kept(&village), 0);

    let other = Upload { bytes: b"another file of the same size\n".repeat(20_000), ..file.clone() };
    assert_eq!(told(&other.put(&village, &running)), said(422, "digest"));
    let chunked = format!(
        "PUT {} HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        file.path()
    );
    assert_eq!(told(&running.raw(&chunked)), said(411, "length_required"));
    let large = chunked.replace("transfer-encoding: chunked", &format!("content-length: {}", 21 << 20));
    assert_eq!(told(&running.raw(&large)), said(413, "too_large"));
    assert_eq!(kept(&village), 0);

    // Slow, and longer than any other request may take: taken.
    let mut stream = TcpStream::connect(running.address).unwrap();
    for part in request.chunks(request.len() / 8) {
        stream.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(kept(&village), 2);
}

fn workbook(text: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(2, 1, text).unwrap();
    book.save_to_buffer().unwrap()
}

fn document(text: &str) -> Vec<u8> {
    made::page(made::HELVETICA, format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET").as_bytes(), &[])
}

/// SPEC H-15, P-31, P-35, E-96: what a file is, and what stands in it.
#[test]
fn files_that_may_not_be_published_are_refused() {
    let (village, running) = Village::founded(0);
    let html: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
    let svg: &[u8] = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    for media in ["text/html", "image/svg+xml", "application/zip", ""] {
        let path = format!("/api/v1/blobs/{}", Hash::of(html).to_hex());
        let request = http::request("PUT", &path, &[("content-type", media)], html);
        assert_eq!(told(&http::send(running.address, &request).unwrap()), said(415, "media_type"), "{media}");
    }
    for (media, bytes) in [
        ("image/png", html),
        ("image/png", svg),
        ("text/plain", html),
        ("text/csv", svg),
        ("image/jpeg", &made::png(&[])),
        ("application/pdf", b"MZ\x90\0"),
        ("text/x.village-ledger.rows", b"0 1 0 100 x\n"),
    ] {
        assert_eq!(
            told(&Upload::public(media, bytes).put(&village, &running)),
            said(422, "content"),
            "{media}"
        );
    }
    let csv = format!("户,号\n一,{ID_NUMBER}\n").into_bytes();
    for (media, bytes, place) in [
        ("text/csv", csv, "第 2 行"),
        (XLSX, workbook(ID_NUMBER), "B3"),
        ("application/pdf", document(ID_NUMBER), "第 1 页"),
        ("image/png", made::png(&[(b"tEXt", format!("Title\0{ID_NUMBER}").as_bytes())]), ""),
    ] {
        let answer = Upload::closed(media, "members", &bytes).put(&village, &running);
        assert_eq!(told(&answer), said(422, "privacy"), "{media}");
        let error = answer.json()["errors"][0].clone();
        assert!(error["field"].as_str().unwrap().contains(place), "{error}");
        assert_eq!((&error["code"], &error["rule"]), (&"privacy".into(), &"E-96".into()));
        assert!(!answer.text().contains(ID_NUMBER));
    }
    assert_eq!(kept(&village), 0);
    // A scan is for people to look at; the same types without anything to find are taken.
    for (media, bytes) in [
        (XLSX, workbook("合计")),
        ("application/pdf", document("total 100.00")),
        ("application/pdf", made::page(made::HELVETICA, b"0 0 595 842 re f", &[])),
    ] {
        let answer = Upload::public(media, &bytes).put(&village, &running);
        assert_eq!(answer.status, 201, "{media}: {}", answer.text());
    }
}

/// SPEC H-15: a full disk stops uploads before it stops the ledger.
#[test]
fn uploads_end_when_the_disk_is_nearly_full() {
    let (village, running) = Village::founded(0);
    running.stop();
    let running: Running = village.serve_with(|s| Settings { min_free: u64::MAX, ..s });
    let file = Upload::public("text/plain", b"minutes\n");
    assert_eq!(told(&file.put(&village, &running)), said(507, "disk"));
    running.must_post(&[village.notice(1)]);
    assert_eq!(kept(&village), 0);
}

/// SPEC H-06, H-15: a stolen seal can't fill the disk at once, nor keep its office from publishing.
#[test]
fn new_files_count_for_a_quota_of_their_own() {
    let village = Village::new();
    let few = std::num::NonZeroU32::new(2).unwrap();
    let running = village.serve_with(|s| Settings { uploads_per_minute: few, ..s });
    running.must_post(&village.founding());
    let put = |n: u8| Upload::public("text/plain", &[b'0' + n, b'\n']).put(&village, &running);
    assert_eq!((put(0).status, put(1).status), (201, 201));
    for _ in 0..5 {
        assert_eq!(put(1).status, 200, "what is here already costs nothing");
    }
    assert_eq!(told(&put(2)), said(429, "quota"));
    for seq in 1..=4 {
        running.must_post(&[village.notice(seq)]);
    }
}
