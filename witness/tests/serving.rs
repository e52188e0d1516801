//! The running server: what it serves, restarts, the client's side, and clients that mean no good.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod http;

use book::{Book, ORIGIN, cosigned, cosigner};
use client::HttpError;
use client::witness::{Answer, add_checkpoint, latest};
use http::{Running, read};
use ledger::cosignature;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use witness::folder::{FolderError, Home};
use witness::witness::{origin_hash, system_clock};
use witness::{ServeError, Server, Settings, Times};

const SOON: Duration = Duration::from_secs(10);

fn asks(running: &Running, book: &Book, old: u64) -> Answer {
    add_checkpoint(&running.url(), old, &book.proof(old), book.signed().as_bytes(), SOON).unwrap()
}

fn signs(running: &Running, book: &Book, old: u64) {
    let Answer::Cosigned(lines) = asks(running, book, old) else { panic!("not cosigned") };
    assert_eq!(lines.len(), 1);
    let time = cosignature::verify(cosigner().vkey(), &book.text(), &lines[0]).unwrap();
    assert!(system_clock() - time < 60);
}

#[test]
fn a_log_gets_its_cosignatures_and_a_monitor_the_head() {
    let mut running = Running::new();
    assert_eq!(latest(&running.url(), ORIGIN, SOON).unwrap(), None);
    let book = Book::honest(300);
    signs(&running, &Book::honest(7), 0);
    assert_eq!(asks(&running, &book, 0), Answer::Conflict(7));
    signs(&running, &book, 7);
    assert!(matches!(asks(&running, &Book::forked(300, 9, "x"), 300), Answer::Refused { status: 422, .. }));
    let head = latest(&running.url(), ORIGIN, SOON).unwrap().unwrap();
    assert_eq!(
        cosigned(&head),
        cosigned(running.get(&format!("/{}/checkpoint", origin_hash(ORIGIN))).body.as_bytes())
    );
    assert_eq!(cosigned(&head).root, book.root());
    running.restart();
    assert_eq!(latest(&running.url(), ORIGIN, SOON).unwrap().unwrap(), head);
    signs(&running, &book, 300);
    signs(&running, &Book::honest(301), 300);
}

#[test]
fn health_and_metrics_tell_how_each_log_stands() {
    let running = Running::new();
    signs(&running, &Book::honest(7), 0);
    running.post("nonsense");
    let health = running.get("/healthz");
    assert_eq!((health.status, health.media.as_str()), (200, "application/json"));
    let json: serde_json::Value = serde_json::from_str(&health.body).unwrap();
    assert_eq!((&json["status"], &json["logs"][0]["size"]), (&"green".into(), &7.into()));
    assert_eq!(json["vkey"], cosigner().vkey().to_string());
    asks(&running, &Book::forked(7, 2, "x"), 7);
    let health = running.get("/healthz");
    assert_eq!(health.status, 503);
    assert!(health.body.contains("\"contradicted\":true"), "{}", health.body);
    let metrics = running.get("/metrics").body;
    for line in [
        r#"village_witness_requests_total{origin="-",status="400"} 1"#,
        r#"village_witness_requests_total{origin="mazhang.example/ledger",status="200"} 1"#,
        r#"village_witness_requests_total{origin="mazhang.example/ledger",status="422"} 1"#,
        r#"village_witness_tree_size{origin="mazhang.example/ledger"} 7"#,
        r#"village_witness_contradicted{origin="mazhang.example/ledger"} 1"#,
        r#"village_witness_stopped{origin="mazhang.example/ledger"} 0"#,
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
}

#[test]
fn garbage_huge_bodies_and_strange_heads_are_refused_and_the_next_one_is_served() {
    let running = Running::new();
    let mut stream = TcpStream::connect(running.address()).unwrap();
    stream.write_all(&[0xff; 4096]).unwrap();
    assert!(read(&mut stream).is_none_or(|answer| answer.status == 400));
    assert_eq!(
        http::exchange(running.address(), "POST /add-checkpoint HTTP/1.1", &vec![b'a'; 5_000_000]).status,
        413
    );
    assert_eq!(http::exchange(running.address(), "POST /add-checkpoint HTTP/1.1", &[0xff; 300]).status, 400);
    // A body without a length, and without an end.
    let mut stream = TcpStream::connect(running.address()).unwrap();
    stream
        .write_all(b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = [b"4000\r\n".to_vec(), vec![b'a'; 0x4000], b"\r\n".to_vec()].concat();
    let sent = (0..1_000).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    assert!(sent < 1_000, "it took 16 MB");
    for head in [format!("POST /{} HTTP/1.1", "a".repeat(1_000_000)), "BREW / HTTP/9.9".to_owned()] {
        let mut stream = TcpStream::connect(running.address()).unwrap();
        let _ = stream.write_all(format!("{head}\r\n\r\n").as_bytes());
        assert!(read(&mut stream).is_none_or(|answer| (400..500).contains(&answer.status)), "{head:.20}");
    }
    for path in [
        "/replay",
        "/replay/x/checkpoint",
        "/../checkpoint",
        "/%2e%2e/checkpoint",
        "/x/checkpoint",
        "/witness.lock",
    ] {
        assert_eq!(running.get(path).status, 404, "{path}");
    }
    signs(&running, &Book::honest(7), 0);
}

#[test]
fn slow_clients_are_cut_off_and_hold_nobody_up() {
    let quick = Duration::from_millis(300);
    let running = Running::with(|settings| {
        settings.times = Times { body: quick, work: SOON, quiet: quick * 3 };
    });
    let began = Instant::now();
    let slow = |head: &str| {
        let mut stream = TcpStream::connect(running.address()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let mut half = slow(
        "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: 900\r\n\r\nold",
    );
    let mut heads: Vec<TcpStream> = (0..20).map(|_| slow("POST /add-che")).collect();
    let silent = TcpStream::connect(running.address()).unwrap();
    signs(&running, &Book::honest(7), 0);
    assert!(began.elapsed() < quick * 2, "{:?}", began.elapsed());
    assert_eq!(read(&mut half).unwrap().status, 408);
    // Trickled heads get no more time for it.
    let dead = |stream: &mut TcpStream| stream.write_all(b"c").is_err();
    while !heads.iter_mut().all(dead) {
        assert!(began.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(50));
    }
    silent.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!((&silent).read(&mut [0; 10]).unwrap(), 0, "ended, not timed out");
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let running = Running::new();
    let mut stream = TcpStream::connect(running.address()).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    for (old, new) in [(0, 3), (3, 5)] {
        let body = Book::honest(new).body(old);
        let head =
            format!("POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"=\n") {
            let mut part = [0; 2048];
            let n = stream.read(&mut part).unwrap();
            answer.extend_from_slice(&part[..n]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

/// A cosignature whose asker has gone is kept all the same: the next one is told so and goes on from there.
#[test]
fn an_asker_that_hangs_up_splits_nothing() {
    let running = Running::new();
    for size in 1..20_u64 {
        let body = Book::honest(size).body(0);
        let mut stream = TcpStream::connect(running.address()).unwrap();
        let head =
            format!("POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        drop(stream);
    }
    // Some of them may still be under way, and come before this one.
    let mut old = 25;
    while let Answer::Conflict(size) = asks(&running, &Book::honest(30), old) {
        old = size;
    }
    signs(&running, &Book::honest(30), 30);
}

/// SPEC C-14.
#[test]
fn a_folder_has_one_witness_and_has_to_be_begun() {
    let running = Running::new();
    let start = |data: &std::path::Path| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let settings = Settings::new(data.to_owned(), vec![book::config()]);
        runtime.block_on(Server::start(settings, cosigner(), None)).err().unwrap()
    };
    assert!(matches!(start(running.folder.path()), ServeError::Folder(FolderError::Locked { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(start(empty.path()), ServeError::Folder(FolderError::None(_))));
    assert!(matches!(Home::begin(running.folder.path()), Err(FolderError::Exists(_))));
}

/// A witness that answers as it likes.
fn impostor(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65_536]);
        let _ = stream.write_all(answer);
        std::thread::sleep(Duration::from_millis(if answer.is_empty() { 3_000 } else { 0 }));
    });
    url
}

#[test]
fn the_client_believes_no_answer_that_is_not_of_the_form() {
    let ask = |answer| {
        let began = Instant::now();
        let result = add_checkpoint(&impostor(answer), 0, &[], b"x", Duration::from_millis(700));
        assert!(began.elapsed() < Duration::from_secs(2));
        result
    };
    let refused = |answer, status| match ask(answer) {
        Ok(Answer::Refused { status: s, .. }) => assert_eq!(s, status),
        other => panic!("{other:?}"),
    };
    assert!(matches!(ask(b""), Err(HttpError::Unreachable { .. })), "silence");
    assert!(matches!(ask(b"\xff\xff\xff\xff"), Err(HttpError::Unreachable { .. } | HttpError::Address(_))));
    assert!(matches!(
        ask(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc\n"),
        Err(HttpError::Shape { .. })
    ));
    assert!(matches!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), Err(HttpError::Shape { .. })));
    assert!(matches!(
        ask(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nabc"),
        Err(HttpError::Unreachable { .. })
    ));
    refused(b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n7\n", 409);
    let size = b"HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size\r\ncontent-length: 2\r\n\r\n7\n";
    assert_eq!(ask(size).unwrap(), Answer::Conflict(7));
    let size = b"HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size\r\ncontent-length: 3\r\n\r\n+7\n";
    assert!(matches!(ask(size), Err(HttpError::Shape { .. })));
    refused(b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\nno", 503);
    refused(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 302);
    let nowhere = add_checkpoint("http://127.0.0.1:1", 0, &[], b"x", SOON);
    assert!(matches!(nowhere, Err(HttpError::Unreachable { .. })));
}

#[test]
fn a_huge_answer_is_not_read() {
    static HUGE: std::sync::LazyLock<Vec<u8>> =
        std::sync::LazyLock::new(|| [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'a'; 10_000_000]].concat());
    let result = add_checkpoint(&impostor(&HUGE), 0, &[], b"x", SOON);
    assert!(matches!(result, Err(HttpError::TooLong { .. })));
    let result = latest(&impostor(&HUGE), ORIGIN, SOON);
    assert!(matches!(result, Err(HttpError::TooLong { .. })));
}
