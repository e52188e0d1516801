//! The transcripts of `transcripts/`: requests and the exact answers to them, every status of C2SP tlog-witness.
//!
//! `cargo test -p witness --test transcripts -- --ignored` writes them anew.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod http;

use book::{Book, ORIGIN, body, log_signer};
use http::{Answer, Running, exchange};
use keys::{Role, Signer};
use ledger::hash::Hash;
use ledger::note;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use witness::LogConfig;
use witness::witness::origin_hash;

const QUIET: &str = "quiet.example/ledger";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn running() -> Running {
    Running::with(|settings| {
        settings.clock = || 1_790_000_000;
        let key = Signer::from_secret(QUIET, Role::Log, &[3; 32]).unwrap();
        let vkeys = vec![key.vkey().clone()];
        settings.logs.push(LogConfig { origin: QUIET.to_owned(), vkeys, follow: None });
    })
}

/// Sends a request file; its head's lines are ended as HTTP wants it, and the length is added.
fn send(running: &Running, request: &str) -> Answer {
    let (line, body) = request.split_once("\n\n").unwrap();
    exchange(running.address(), line, body.as_bytes())
}

fn written(answer: &Answer) -> String {
    format!("{}\ncontent-type: {}\n\n{}", answer.line, answer.media, answer.body)
}

#[test]
fn every_request_gets_its_answer() {
    let names = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path());
    let mut requests: Vec<PathBuf> =
        names.filter(|p| p.extension().is_some_and(|e| e == "request")).collect();
    requests.sort();
    let (running, mut seen) = (running(), BTreeSet::new());
    for path in requests {
        let answer = send(&running, &std::fs::read_to_string(&path).unwrap());
        let wanted = std::fs::read_to_string(path.with_extension("response")).unwrap();
        assert_eq!(written(&answer), wanted, "{}", path.display());
        seen.insert(answer.status);
    }
    assert_eq!(seen, BTreeSet::from([200, 400, 403, 404, 405, 409, 422]));
}

fn requests() -> Vec<(&'static str, String)> {
    let post = |body: String| format!("POST /add-checkpoint HTTP/1.1\n\n{body}");
    let get = |path: String| format!("GET {path} HTTP/1.1\n\n");
    let monitor = |origin: &str| get(format!("/{}/checkpoint", origin_hash(origin)));
    let signed_by = |text: &str, secret: u8| {
        let origin = text.split('\n').next().unwrap();
        let key = Signer::from_secret(origin, Role::Log, &[secret; 32]).unwrap();
        note::assemble(text, &[key.sign_note(text).unwrap()])
    };
    let (small, large) = (Book::honest(5), Book::honest(12));
    let fork = Book::forked(12, 5, "another book");
    let stranger = signed_by(&large.text(), 9);
    let broken = log_signer().sign_note(&small.text()).unwrap();
    let broken = note::assemble(&large.text(), &[broken]);
    let unknown = signed_by(&large.text().replace(ORIGIN, "unknown.example/ledger"), 4);
    let wrong_empty = Book::honest(0).text().replace(&Hash::EMPTY.to_base64(), &small.root().to_base64());
    let mut proof = large.proof(5);
    proof.swap(0, 1);
    vec![
        ("not-yet", monitor(ORIGIN)),
        ("old-size-unknown", post(body(3, &[], &small.signed()))),
        ("empty-tree-wrong-root", post(body(0, &[], &signed_by(&wrong_empty, 1)))),
        ("proof-from-nothing", post(body(0, &[Hash::EMPTY], &small.signed()))),
        ("empty-tree", post(Book::honest(0).body(0))),
        ("first", post(small.body(0))),
        ("asked-with-zero", post(large.body(0))),
        ("unknown-key", post(body(5, &large.proof(5), &stranger))),
        ("broken-signature", post(body(5, &large.proof(5), &broken))),
        ("unknown-origin", post(body(0, &[], &unknown))),
        ("old-larger-than-new", post(body(12, &[], &small.signed()))),
        ("proof-out-of-order", post(body(5, &proof, &large.signed()))),
        ("no-proof", post(body(5, &[], &large.signed()))),
        ("proof-of-64-lines", post(body(5, &[Hash::EMPTY; 64], &large.signed()))),
        ("other-root-same-size", post(body(5, &[], &Book::forked(5, 2, "another book").signed()))),
        ("grows", post(large.body(5))),
        ("grows-again", post(large.body(5))),
        ("refresh", post(large.body(12))),
        ("fork", post(body(12, &[], &fork.signed()))),
        (
            "extension-line",
            post(body(12, &[], &signed_by(&large.text(), 1).replacen("\n\n", "\nmore\n\n", 1))),
        ),
        ("leading-zero", post(large.body(12).replacen("old 12", "old 012", 1))),
        ("no-empty-line", post("old 12\n".to_owned())),
        ("nothing", post(String::new())),
        ("monitoring", monitor(ORIGIN)),
        ("monitoring-a-log-never-cosigned", monitor(QUIET)),
        ("monitoring-an-unknown-log", monitor("unknown.example/ledger")),
        ("not-a-post", get("/add-checkpoint".to_owned())),
    ]
}

#[test]
#[ignore = "writes the files that the other test reads"]
fn write_transcripts() {
    let running = running();
    for (number, (name, request)) in requests().into_iter().enumerate() {
        let path = folder().join(format!("{:02}-{name}.request", number + 1));
        std::fs::write(&path, &request).unwrap();
        let answer = send(&running, &request);
        std::fs::write(path.with_extension("response"), written(&answer)).unwrap();
    }
}
