//! The C2SP tlog-tiles interface over real TCP: paths, headers, contents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::leaf_hash;
use ledger::merkle::verify_inclusion;
use ledger::note::VerifierKey;
use ledger::peaks::CompactRange;
use ledger::tile::{decode_bundle, decode_tile};
use std::sync::LazyLock;
use village::{ORIGIN, Running, VILLAGE, Village, http};

/// Charter, index, 2 founding entries, index, 300 notices, index: 306 leaves.
static LEDGER: LazyLock<(Village, Running)> = LazyLock::new(|| Village::founded(300));
const SIZE: u64 = 306;

fn get(path: &str) -> http::Answer {
    LEDGER.1.get(path)
}

fn checkpoint() -> SignedCheckpoint {
    SignedCheckpoint::parse(&get("/checkpoint").body).unwrap()
}

/// SPEC H-01.
#[test]
fn checkpoint_is_signed_text_for_a_moment() {
    let answer = get("/checkpoint");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=2"));
    let signed = checkpoint();
    assert_eq!((signed.checkpoint.origin.as_str(), signed.checkpoint.size), (ORIGIN, SIZE));
    signed.verify_log(&VerifierKey::parse(&LEDGER.0.log.vkey()).unwrap()).unwrap();
}

/// SPEC H-02.
#[test]
fn tiles_are_immutable_bytes_and_hash_to_the_root() {
    let mut range = CompactRange::new();
    for (path, width) in [("/tile/0/000", 256), ("/tile/0/001.p/50", 50)] {
        let tile = get(path);
        assert_eq!(tile.status, 200);
        assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
        assert_eq!(tile.header("cache-control"), Some("public, max-age=31536000, immutable"));
        decode_tile(&tile.body, width).unwrap().into_iter().for_each(|h| range.append(h));
    }
    assert_eq!(range.root(), checkpoint().checkpoint.root);
    let above = get("/tile/1/000.p/1");
    let first = decode_tile(&get("/tile/0/000").body, 256).unwrap();
    assert_eq!(decode_tile(&above.body, 1).unwrap(), [ledger::merkle::complete_root(&first).unwrap()]);
}

#[test]
fn entry_bundles_hash_to_the_tiles() {
    for (number, width) in [("000", 256), ("001.p/50", 50)] {
        let bundle = get(&format!("/tile/entries/{number}"));
        assert_eq!(bundle.header("content-type"), Some("application/octet-stream"));
        assert_eq!(bundle.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let entries = decode_bundle(&bundle.body, width).unwrap();
        let hashes: Vec<_> = entries.into_iter().map(leaf_hash).collect();
        assert_eq!(hashes, decode_tile(&get(&format!("/tile/0/{number}")).body, width).unwrap());
    }
}

/// SPEC T-05.
#[test]
fn partial_tiles_of_earlier_heads_are_cut_out_of_full_ones() {
    let full = get("/tile/0/000").body;
    let bundle = get("/tile/entries/000").body;
    for width in [2, 5] {
        let tile = get(&format!("/tile/0/000.p/{width}"));
        assert_eq!((tile.status, tile.body.as_slice()), (200, &full[..width * 32]));
        let part = get(&format!("/tile/entries/000.p/{width}"));
        assert_eq!(
            decode_bundle(&part.body, width as u16).unwrap(),
            decode_bundle(&bundle, 256).unwrap()[..width]
        );
    }
}

/// SPEC H-02, H-03.
#[test]
fn nothing_beyond_the_published_tree_or_the_one_spelling_is_served() {
    let paths = [
        "/tile/0/001",
        "/tile/0/001.p/51",
        "/tile/0/002.p/1",
        "/tile/1/000",
        "/tile/1/000.p/2",
        "/tile/2/000.p/1",
        "/tile/0/x01/000",
        "/tile/0/x000/000",
        "/tile/0/x001/234/067",
        "/tile/0/0",
        "/tile/0/00",
        "/tile/0/0000",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/257",
        "/tile/0/000.p/05",
        "/tile/0/000.p/65541",
        "/tile/0/000.p/-1",
        "/tile/0/000.p/+5",
        "/tile/0/000.p/",
        "/tile/0/000.p",
        "/tile/0/000.p/5/",
        "/tile/0/000/",
        "/tile/00/000",
        "/tile/+0/000",
        "/tile/-1/000",
        "/tile/63/000",
        "/tile/64/000",
        "/tile/256/000",
        "/tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "/tile/0/18446744073709551616",
        "/tile/entries/002.p/1",
        "/tile/entries/001",
        "/tile/entries/x00/000",
        "/tile/entries/",
        "/tile/entries",
        "/tile/0/",
        "/tile/0",
        "/tile/",
        "/tile",
        "/tile/0/%30%30%30",
        "/tile/0/000%2ep/5",
        "/tile/0/..%2f0/000",
        "/tile/0/../0/000",
        "/tile/data/000",
        "/TILE/0/000",
        "/tile/0/000.P/5",
        "//tile/0/000",
    ];
    for path in paths {
        let answer = get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(get("/tile/0/001.p/51").problem(), "not_found");
}

/// SPEC H-01, D-06.
#[test]
fn every_published_checkpoint_stays() {
    for size in [2, 5, SIZE] {
        let answer = get(&format!("/checkpoints/{size}"));
        assert_eq!(SignedCheckpoint::parse(&answer.body).unwrap().checkpoint.size, size);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    for path in
        ["/checkpoints/3", "/checkpoints/0", "/checkpoints/0306", "/checkpoints/307", "/checkpoints/x"]
    {
        assert_eq!(get(path).problem(), "not_found", "{path}");
    }
    assert_eq!(get("/checkpoints/..%2f..%2fetc%2fpasswd").status, 404);
}

#[test]
fn reading_is_open_to_every_origin_and_head_answers_as_get_without_a_body() {
    for path in
        ["/checkpoint", "/tile/0/000", "/tile/entries/000", "/checkpoints/5", "/api/v1/units", "/trust.toml"]
    {
        let got = get(path);
        assert_eq!(got.header("access-control-allow-origin"), Some("*"), "{path}");
        let head = http::send(LEDGER.1.address, &http::request("HEAD", path, &[], b"")).unwrap();
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in ["content-type", "cache-control", "content-length"] {
            assert_eq!(head.header(name), got.header(name), "{path} {name}");
        }
    }
}

#[test]
fn compression_is_offered_for_text_and_entry_bundles_and_never_for_hashes() {
    let ask = |path: &str, encoding: &str| LEDGER.1.get_with(path, &[("accept-encoding", encoding)]);
    for path in ["/tile/entries/000", "/api/v1/units/440811100391-00/bundle?from=1", "/checkpoint"] {
        for encoding in ["gzip", "br"] {
            let answer = ask(path, encoding);
            assert_eq!(answer.header("content-encoding"), Some(encoding), "{path}");
            assert_eq!(answer.header("vary"), Some("accept-encoding"), "{path}");
        }
        assert_eq!(get(path).header("content-encoding"), None);
    }
    assert!(ask("/tile/entries/000", "br").body.len() < get("/tile/entries/000").body.len());
    let tile = ask("/tile/0/000", "gzip, br");
    assert_eq!((tile.header("content-encoding"), tile.body.len()), (None, 8192));

    let mut unzipped = ureq::get(format!("http://{}/tile/entries/000", LEDGER.1.address)).call().unwrap();
    assert_eq!(unzipped.body_mut().read_to_vec().unwrap(), get("/tile/entries/000").body);
}

#[test]
fn only_get_and_head_read() {
    let answer = http::send(LEDGER.1.address, &http::request("DELETE", "/checkpoint", &[], b"")).unwrap();
    assert_eq!((answer.status, answer.problem().as_str()), (405, "method_not_allowed"));
    assert!(answer.header("allow").unwrap().contains("GET"));
    assert_eq!(get("/api/v1/entries").status, 405);
    assert_eq!(get("/nowhere").problem(), "not_found");
}

/// SPEC H-07, P-02.
#[test]
fn a_proof_file_shows_an_entry_in_the_checkpoint() {
    let note = get(&format!("/api/v1/entries/{VILLAGE}/17"));
    assert_eq!(note.header("content-type"), Some("text/plain; charset=utf-8"));
    let index: u64 = note.header("x-leaf-index").unwrap().parse().unwrap();
    assert_eq!(index, 5 + 16);
    assert!(note.header("x-logged-time").unwrap().parse::<u64>().unwrap() > 1_600_000_000);
    let proof = get(&format!("/api/v1/proof/{VILLAGE}/17"));
    assert_eq!(proof.header("content-type"), Some("text/plain; charset=utf-8"));
    let proof = ledger::proof::TlogProof::parse(&proof.body).unwrap();
    assert_eq!((proof.index, proof.extra.as_deref()), (index, Some(note.body.as_slice())));
    let head = checkpoint().checkpoint;
    verify_inclusion(&leaf_hash(&note.body), index, SIZE, &proof.path, &head.root).unwrap();
    for (path, status) in [
        (format!("/api/v1/entries/{VILLAGE}/301"), 404),
        (format!("/api/v1/entries/{VILLAGE}/0"), 400),
        (format!("/api/v1/entries/{VILLAGE}/01"), 400),
        (format!("/api/v1/proof/{VILLAGE}/99999999999999999999"), 400),
        ("/api/v1/entries/440811100392-00/1".to_owned(), 404),
        ("/api/v1/proof/x/1".to_owned(), 400),
    ] {
        let answer = get(&path);
        answer.problem();
        assert_eq!(answer.status, status, "{path}");
    }
}

/// SPEC H-07.
#[test]
fn two_heads_are_consistent() {
    let answer = get("/api/v1/consistency?from=5&to=306").json();
    let proof: Vec<_> = answer["proof"].as_array().unwrap().iter().map(|h| h.as_str().unwrap()).collect();
    let proof: Vec<_> = proof.into_iter().map(|h| ledger::hash::Hash::from_base64(h).unwrap()).collect();
    let old = SignedCheckpoint::parse(&get("/checkpoints/5").body).unwrap().checkpoint.root;
    ledger::merkle::verify_consistency(5, SIZE, &old, &checkpoint().checkpoint.root, &proof).unwrap();
    assert_eq!(get("/api/v1/consistency?from=5").json()["to"], SIZE);
    for query in
        ["from=0&to=5", "from=6&to=5", "from=5&to=307", "to=5", "from=x", "from=-1", "from=5&to=5&x=1", ""]
    {
        assert_eq!(get(&format!("/api/v1/consistency?{query}")).problem(), "bad_request", "{query}");
    }
}
