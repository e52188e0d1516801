//! What strangers, greedy clients and stolen seals try over real TCP: everyone else is served all the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::{Settings, Times, WitnessSettings};
use ledger::hash::Hash;
use ledger::json::Object;
use ledger::sealed::{Access, Opening, Openings, paths};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use village::beside::{
    Sealed, Upload, holding, issue, list, must_bring, notice, post, posting, redaction, salt, sign,
    supervised, today,
};
use village::http::Answer;
use village::watch::{Post, fast, until, watched};
use village::{Running, TOWN_REGISTRY, VILLAGE, Village, now};

const ROWS: &str = "text/x.village-ledger.rows";

/// First fault of a refused batch: code and field.
fn fault(answer: &Answer) -> (String, String) {
    assert_eq!(answer.problem(), "refused", "{}", answer.text());
    let json = answer.json();
    let text = |name: &str| json["errors"][0][name].as_str().unwrap().to_owned();
    (text("code"), text("field"))
}

fn few(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

/// SPEC H-06, E-57: what is public anyone may send again; nobody's quota pays for it.
#[test]
fn notes_sent_again_use_up_nobodys_quota() {
    let village = Village::new();
    let running = village.serve_with(|s| Settings { per_minute: few(3), ..s });
    let acts = village.founding();
    running.must_post(&acts);
    let first = running.must_post(&[village.notice(1)]);
    let note = String::from_utf8(running.get(&format!("/api/v1/entries/{VILLAGE}/1")).body).unwrap();
    for _ in 0..10 {
        let again = running.must_post(std::slice::from_ref(&note));
        assert_eq!(again["entries"], first["entries"]);
        running.must_post(&acts);
    }
    let revoke = Object::new()
        .with("act", "revoke")
        .with("vkey", village.seal.vkey())
        .with("role", "township")
        .with("scope", "440811100")
        .with("holder", "麻章镇人民政府");
    // Beside what is known, only what is new counts.
    running.must_post(&[note, village.notice(2)]);
    let third = running.post(&[village.notice(3)]);
    assert_eq!((third.status, third.problem().as_str()), (429, "quota"));
    let json = village.json(TOWN_REGISTRY, 2, "seal", revoke);
    running.must_post(&[village.sign(&json, &[&village.authority])]);
}

/// SPEC H-13: where nothing is for this reader, nothing is read.
#[test]
fn names_that_are_not_posted_cost_nothing() {
    let (village, running) = Village::founded(0);
    let sealed = notice(&village, 1, "李*明", Access::Posted, Object::new());
    must_bring(&running, &sealed);
    let third = notice(&village, 2, "李*明", Access::Inspectors, posting(today(), 7));
    must_bring(&running, &third);
    let path = |seq: u64| village.data().join(format!("openings/{VILLAGE}/{seq}.json"));
    let token = issue(&village, "inspectors", "440811100", "1");
    let bearer = format!("Bearer {token}");
    let of = |seq: u64, headers: &[(&str, &str)]| {
        running.get_with(&format!("/api/v1/openings/{VILLAGE}/{seq}"), headers)
    };
    assert_eq!(of(1, &[("authorization", &bearer)]).body, sealed.openings.text().as_bytes());
    let metrics = running.get("/metrics").text();
    assert!(!metrics.contains("village_ledger_openings_total "), "inspectors are not counted: {metrics}");
    for seq in [1, 2] {
        std::fs::write(path(seq), "[{").unwrap();
        assert_eq!((of(seq, &[]).status, of(seq, &[]).text().as_str()), (200, "[]"), "{seq}");
        assert_eq!(of(seq, &[("authorization", &bearer)]).status, 500);
    }
    assert_eq!(running.get(&format!("/api/v1/units/{VILLAGE}/openings?from=1")).text(), "");
}

/// SPEC H-17: a list is read once for many proofs.
#[test]
fn a_list_is_kept_for_its_next_proof() {
    let (village, running) = Village::founded(0);
    let (sealed, rows) = list(&village, 1, 50, posting(today(), 7));
    assert_eq!(Upload::public(ROWS, rows.text().as_bytes()).put(&village, &running).status, 201);
    must_bring(&running, &sealed);
    let path = format!("/api/v1/rows/{VILLAGE}/1/7");
    let proof = running.get(&path);
    assert_eq!(proof.status, 200);
    std::fs::remove_dir_all(village.data().join("blobs")).unwrap();
    assert_eq!(running.get(&path).body, proof.body);
}

/// A payment list that names a file as its rows, with openings for so many.
fn naming(village: &Village, seq: u64, digest: Hash, count: u32) -> Sealed {
    let list = Object::new()
        .with("digest", digest.to_hex())
        .with("root", Hash::of(b"").to_base64())
        .with("access", "posted");
    let body = Object::new()
        .with("policy", "补贴")
        .with("count", i64::from(count))
        .with("amount", 1)
        .with("list", list);
    let opening = |i: u32| Opening {
        path: paths::of_row(i),
        salt: salt(),
        value: "李*明".to_owned(),
        access: Access::Posted,
    };
    let note =
        village.sign(&village.full(VILLAGE, seq, "payment_list", Object::new(), body), &[&village.seal]);
    Sealed { note, openings: Openings::new((0..count).map(opening).collect()).unwrap() }
}

fn bring(running: &Running, entries: &[Sealed]) -> Answer {
    let entries: Vec<_> = entries.iter().map(|s| (s.note.as_str(), s.openings.text())).collect();
    post(running, &entries)
}

/// SPEC E-62, P-23: a batch costs what was sent with it, whatever it names.
#[test]
fn a_batch_that_names_a_long_list_many_times_is_refused_soon() {
    let (village, running) = Village::founded(0);
    let long = list(&village, 1, 20_000, Object::new()).1;
    let long = Upload::public(ROWS, long.text().as_bytes());
    assert_eq!(long.put(&village, &running).status, 201);
    // No list: plain text, and rows that are not public.
    let text = Upload::public("text/plain", b"hello\n");
    let closed = Upload::closed("text/plain", "inspectors", b"secret\n");
    assert_eq!((text.put(&village, &running).status, closed.put(&village, &running).status), (201, 201));
    let list_field = ("beside".to_owned(), "body.list".to_owned());
    for digest in [text.digest, closed.digest, Hash::of(b"nowhere"), long.digest] {
        assert_eq!(fault(&bring(&running, &[naming(&village, 1, digest, 1)])), list_field);
    }
    // Without openings no list is looked at.
    let bare = Sealed { openings: Openings::default(), ..naming(&village, 1, long.digest, 20_000) };
    assert_eq!(fault(&bring(&running, &[bare])).1, "rows.0.name");
    let began = Instant::now();
    let many: Vec<Sealed> = (1..=400).map(|seq| naming(&village, seq, long.digest, 1)).collect();
    assert_eq!(fault(&bring(&running, &many)), list_field);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let different: Vec<Sealed> =
        (1..=101).map(|seq| naming(&village, seq, Hash::of(&seq.to_be_bytes()), 1)).collect();
    assert_eq!(bring(&running, &different).problem(), "too_many_entries");
    running.must_post(&[village.notice(1)]);
}

/// SPEC H-15: one seal has only so many uploads at one time, and another's go on.
#[test]
fn a_seal_that_holds_its_places_holds_no_others() {
    let village = Village::new();
    let times = Times { grace: Duration::from_secs(60), ..Times::default() };
    let running = village.serve_with(|s| Settings { times, ..s });
    running.must_post(&village.founding());
    let supervision = supervised(&village, &running);
    let large = Upload::public("text/plain", &vec![b'a'; 1 << 20]);
    let request = large.request(&sign(&large.ticket(&village), &village.seal));
    let held: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(running.address).unwrap();
            stream.write_all(&request[..request.len() - 1]).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let small = Upload::public("text/plain", b"minutes\n");
    let answer = small.put(&village, &running);
    assert_eq!((answer.status, answer.problem().as_str()), (503, "busy"));
    assert_eq!(small.send(&running, &sign(&small.ticket(&village), &supervision)).status, 201);
    drop(held);
    let freed = Upload::public("text/plain", b"later\n");
    let began = Instant::now();
    while freed.put(&village, &running).status != 201 {
        assert!(began.elapsed() < Duration::from_secs(5), "places are free again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// SPEC H-15: an upload keeps up from its beginning.
#[test]
fn an_upload_that_trickles_is_cut_early() {
    let village = Village::new();
    let times = Times { grace: Duration::from_millis(500), ..Times::default() };
    let running = village.serve_with(|s| Settings { times, ..s });
    running.must_post(&village.founding());
    let large = Upload::public("text/plain", &vec![b'a'; 20 << 20]);
    let request = large.request(&sign(&large.ticket(&village), &village.seal));
    let head = request.len() - (20 << 20);
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(&request[..head]).unwrap();
    let (began, mut answer) = (Instant::now(), [0; 32]);
    for byte in &request[head..] {
        let _ = stream.write_all(&[*byte]);
        if stream.read(&mut answer).is_ok() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "a trickle is cut");
    }
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
}

/// SPEC H-15: a file that is not the ticket's is told so before anyone looks into it.
#[test]
fn the_digest_is_compared_before_the_guard_looks() {
    let (village, running) = Village::founded(0);
    let text = "身份证 11010519491231002X\n";
    let found = Upload::public("text/plain", text.as_bytes());
    assert_eq!(found.put(&village, &running).problem(), "privacy");
    let other = Upload { digest: Hash::of(b"x"), ..found };
    assert_eq!(other.put(&village, &running).problem(), "digest");
    let closed = Upload::closed("text/plain", "members", b"minutes\n");
    assert_eq!(closed.put(&village, &running).status, 201);
}

static DAYS: AtomicU64 = AtomicU64::new(0);

fn later() -> u64 {
    now() + DAYS.load(Ordering::Relaxed) * 86_400
}

/// SPEC H-15, P-36: what no entry names is bounded, and goes while the server runs.
#[test]
fn files_that_no_entry_names_are_bounded_and_go() {
    let village = Village::new();
    let kib = 1 << 10;
    let running = village.serve_with(|s| Settings {
        unnamed: [130 * kib, 200 * kib],
        sweep: Duration::from_millis(100),
        clock: later,
        ..s
    });
    running.must_post(&village.founding());
    let supervision = supervised(&village, &running);
    let file = |n: u8| Upload::public("text/plain", &[b'0' + n, b'\n']);
    let put = |n: u8, key| file(n).send(&running, &sign(&file(n).ticket(&village), key));
    assert_eq!((put(0, &village.seal).status, put(1, &village.seal).status), (201, 201));
    let full = put(2, &village.seal);
    assert_eq!((full.status, full.problem().as_str()), (507, "unnamed"));
    assert_eq!(put(1, &village.seal).status, 200, "it is here already");
    assert_eq!(put(3, &supervision).status, 201);
    assert_eq!(put(4, &supervision).problem(), "unnamed", "the server's own limit");
    running.must_post(&[file(0).notice(&village, 1, "表")]);
    assert_eq!(put(2, &village.seal).status, 201, "one is named");
    DAYS.store(8, Ordering::Relaxed);
    let began = Instant::now();
    while holding(&village.data().join("blobs"), b"").len() > 2 {
        assert!(began.elapsed() < Duration::from_secs(10), "they go after a week");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(running.get(&file(0).path()).status, 200);
}

/// SPEC P-36: a drawn page lets a name go when its withdrawal is committed, not only when witnesses have seen it.
#[test]
fn a_page_does_not_outlive_its_names() {
    let (village, mut posts) = watched(1, 1);
    let running = village.serve_with(|s| {
        let s = fast(s);
        Settings { witnesses: WitnessSettings { patience: Duration::from_secs(20), ..s.witnesses }, ..s }
    });
    running.must_post(&village.founding());
    let supervision = supervised(&village, &running);
    let sealed = notice(&village, 1, "欧阳*明", Access::Posted, posting(today(), 7));
    must_bring(&running, &sealed);
    let page = || running.get(&format!("/u/{VILLAGE}")).text();
    until("the name is on the page", || page().contains("欧阳*明").then_some(()));
    let _silent: Vec<_> = posts.iter_mut().map(Post::hang).collect();
    let path = "approvals.0.name";
    let answer =
        running.must_post(&[redaction(&village, &supervision, 2, (1, sealed.leaf()), &[path], "court")]);
    assert_eq!(answer["published"], false, "its publication waits for a witness");
    assert!(!page().contains("欧阳*明"));
}
