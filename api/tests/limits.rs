//! Clients that are slow, greedy or rude, and the end of a server under load.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::{Patience, Settings, Times};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use village::{Village, http};

/// What comes back, until the server closes, on a connection that sends these bytes and then nothing.
fn stall(address: SocketAddr, bytes: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut out = Vec::new();
    stream.read_to_end(&mut out).unwrap();
    (String::from_utf8_lossy(&out).into_owned(), began.elapsed())
}

const HEAD: &str = "POST /api/v1/entries HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";

#[test]
fn a_body_that_does_not_come_is_a_timeout() {
    let village = Village::new();
    let times =
        Times { body: Duration::from_millis(300), request: Duration::from_secs(5), ..Times::default() };
    let running = village.serve_with(|s| Settings { times, ..s });
    let (answer, took) = stall(running.address, HEAD);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
    assert!(answer.contains("cache-control: no-store"));
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn no_request_takes_longer_than_its_time() {
    let village = Village::new();
    let times =
        Times { body: Duration::from_secs(10), request: Duration::from_millis(300), ..Times::default() };
    let running = village.serve_with(|s| Settings { times, ..s });
    let (answer, took) = stall(running.address, HEAD);
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after"), "{answer}");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn trickled_heads_and_silent_connections_are_cut() {
    let village = Village::new();
    let (head, idle) = (Duration::from_millis(400), Duration::from_millis(400));
    let running =
        village.serve_with(|s| Settings { patience: Patience { head, idle, ..Patience::default() }, ..s });
    let (answer, took) = stall(running.address, "");
    assert!(answer.is_empty() && took < Duration::from_secs(3), "silent from the start: {answer} {took:?}");
    let (answer, took) = stall(running.address, "GET /checkpoint HTTP/1.1\r\nhost: t\r\n");
    assert!(answer.is_empty() && took < Duration::from_secs(3), "half a head: {answer} {took:?}");
    let (answer, took) = stall(running.address, "GET /checkpoint HTTP/1.1\r\nhost: t\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && took < Duration::from_secs(3),
        "then idle: {answer} {took:?}"
    );

    let mut stream = TcpStream::connect(running.address).unwrap();
    let began = Instant::now();
    stream.write_all(b"GET /checkpoint HTTP/1.1\r\n").unwrap();
    while stream.write_all(b"x: y\r\n").is_ok() {
        std::thread::sleep(Duration::from_millis(50));
        assert!(began.elapsed() < Duration::from_secs(5), "a trickle is cut");
    }
}

#[test]
fn a_client_that_takes_nothing_is_cut() {
    let (village, running) = Village::founded(300);
    running.stop();
    let write = Duration::from_millis(400);
    let running =
        village.serve_with(|s| Settings { patience: Patience { write, ..Patience::default() }, ..s });
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    // More answers than the buffers of both ends hold.
    let request = "GET /tile/entries/000 HTTP/1.1\r\nhost: t\r\n\r\n".repeat(2_000);
    let _ = stream.write_all(request.as_bytes());
    std::thread::sleep(Duration::from_secs(2));
    let mut taken = 0;
    let mut buffer = vec![0; 1 << 20];
    while let Ok(n) = stream.read(&mut buffer) {
        if n == 0 {
            break;
        }
        taken += n;
    }
    assert!(taken < 2_000 * 100_000, "the answers ended early: {taken}");
    assert_eq!(running.get("/checkpoint").status, 200);
}

#[test]
fn long_addresses_and_heads_are_refused() {
    let village = Village::new();
    let running = village.serve();
    let answer = running.get(&format!("/api/v1/units/{}", "1".repeat(2_000)));
    assert_eq!((answer.status, answer.problem().as_str()), (414, "uri_too_long"));
    let long = "x".repeat(1 << 20);
    let huge = http::send(running.address, &http::request("GET", "/checkpoint", &[("x", &long)], b""));
    assert!(huge.is_err() || huge.unwrap().status == 431);
    assert_eq!(running.raw("nonsense\r\n\r\n").status, 400);
    assert_eq!(running.get("/checkpoint").status, 200);
}

#[test]
fn a_shutdown_under_load_answers_what_it_took_and_loses_nothing() {
    let (village, running) = Village::founded(0);
    let address = running.address;
    let notes: Vec<String> = (1..=90).map(|n| village.notice(n)).collect();
    let answered = std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut answered = 0;
            for note in &notes {
                match http::try_post(address, std::slice::from_ref(note)) {
                    Ok(answer) if answer.status == 200 => answered += 1,
                    _ => break,
                }
            }
            answered
        });
        std::thread::sleep(Duration::from_millis(150));
        let began = Instant::now();
        running.stop();
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        sender.join().unwrap()
    });
    let running = village.serve();
    let count = running.get("/api/v1/units/440811100391-00").json()["count"].as_u64().unwrap();
    assert_eq!(count, answered, "answered is logged, and what was not answered was not begun");
}
