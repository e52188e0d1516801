//! Copies as they are served: read like the log by the verifier, by replay and by other mirrors, and whole after every
//! kill -9.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod disk;
mod http;
mod program;
mod scene;
mod town;
mod web;

use book::{ORIGIN, cosigner, log_signer};
use client::witness::{Answer, add_checkpoint, latest};
use client::{Http, LedgerApi, Mirror, Trust};
use http::Running;
use ledger::catalogue::Catalogue;
use ledger::charter::Charter;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::cosignature;
use program::Program;
use scene::replayer;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use town::Town;
use verifier::audit::{Ask, audit};
use verifier::beside::Wanted;
use verifier::plain;
use verifier::progress::Progress;
use verifier::shelf::Shelf;
use web::{Web, files};
use witness::LogConfig;
use witness::witness::{origin_hash, system_clock};

const SOON: Duration = Duration::from_secs(20);

fn until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn grow(town: &mut Town, folder: &Path, count: u64) {
    for n in 0..count {
        town.entry(&format!("{} {n}", town.size()));
    }
    town.publish(system_clock());
    town.write(folder);
}

fn begin(count: u64) -> (Town, TempDir, Web) {
    let (mut town, folder) = (Town::new(system_clock()), tempfile::tempdir().unwrap());
    town.write(folder.path());
    grow(&mut town, folder.path(), count);
    let web = Web::serve(folder.path());
    (town, folder, web)
}

fn config(town: &Town, url: &str) -> LogConfig {
    LogConfig { follow: Some((url.to_owned(), town.charter)), ..book::config() }
}

fn mirror(town: &Town, url: &str) -> Running {
    Running::with(|settings| {
        settings.logs = vec![config(town, url)];
        settings.mirror = true;
        settings.poll = Duration::from_millis(20);
    })
}

fn copy_of(url: &str) -> String {
    format!("{}/mirror/{}", url.trim_end_matches('/'), origin_hash(ORIGIN))
}

fn head(url: &str) -> Option<Checkpoint> {
    let bytes = Http::new(url).unwrap().get("checkpoint", 65_536).ok()?;
    let signed = SignedCheckpoint::parse(&bytes).unwrap();
    signed.verify_log(log_signer().vkey()).unwrap();
    Some(signed.checkpoint)
}

fn has(url: &str, town: &Town) {
    until("it was not copied", || head(url).is_some_and(|head| head.size == town.size()));
}

/// Everything that lies in a log's folder is served byte for byte.
fn same(url: &str, folder: &Path) {
    let http = Http::new(url).unwrap();
    for path in files(folder) {
        let asked = match path.strip_prefix("checkpoints/") {
            Some(grouped) => {
                let digits = grouped.replace(['x', '/'], "");
                format!("checkpoints/{}", digits.parse::<u64>().unwrap())
            }
            None => path.clone(),
        };
        assert_eq!(
            http.get(&asked, 20_000_000).unwrap(),
            std::fs::read(folder.join(&path)).unwrap(),
            "{path}"
        );
    }
}

/// What the verifier says of a log, but for the place.
fn audited(town: &Town, place: &str) -> serde_json::Value {
    let log = Mirror::open(place).unwrap();
    let (report, _) = plain::audit(&log, log_signer().vkey(), None, &mut Progress::hidden()).unwrap();
    assert!(report.proven && report.faults.count == 0);
    let (charter, hash) = Charter::open(&town.leaves[0]).unwrap();
    let shelf = match place.starts_with("http") {
        true => Shelf::Server(LedgerApi::new(place).unwrap(), None),
        false => Shelf::Folder(place.into(), None),
    };
    let ask = Ask {
        trust: Trust::of_charter(&charter, hash),
        remembered: None,
        catalogue: Catalogue::standard(),
        shelf,
        wanted: Wanted { attachments: false, names: false, token: false },
        now: system_clock(),
    };
    let (report, _) = audit(&log, &ask, &mut Progress::hidden()).unwrap();
    assert!(report.proven);
    serde_json::to_value(&report).unwrap()
}

#[test]
fn a_copy_is_read_as_the_log_was_and_a_copy_of_the_copy() {
    let (mut town, folder, web) = begin(600);
    let first = mirror(&town, &web.url());
    let url = copy_of(&first.url());
    for count in [3, 80] {
        has(&url, &town);
        same(&url, folder.path());
        grow(&mut town, folder.path(), count);
    }
    has(&url, &town);
    let second = mirror(&town, &url);
    let further = copy_of(&second.url());
    has(&further, &town);
    // Their first source is gone.
    web.end();
    for url in [&url, &further] {
        same(url, folder.path());
        assert_eq!(audited(&town, url), audited(&town, folder.path().to_str().unwrap()));
    }
    let kept = second.folder.path().join(origin_hash(ORIGIN)).join("mirror");
    audited(&town, kept.to_str().unwrap());
    until("the page says nothing", || first.get("/").body.contains("not now"));
    assert!(
        first.get("/metrics").body.contains(&format!("mirrored_size{{origin=\"{ORIGIN}\"}} {}", town.size()))
    );
}

/// SPEC C-23.
#[test]
fn paths_are_those_of_the_log_and_say_how_long_they_hold() {
    let (town, _folder, web) = begin(300);
    let running = mirror(&town, &web.url());
    has(&copy_of(&running.url()), &town);
    let under = format!("/mirror/{}", origin_hash(ORIGIN));
    let size = town.size();
    let partial = format!("/tile/0/001.p/{}", size - 256);
    for (path, cache) in [
        ("/checkpoint", "public, max-age=2"),
        ("/checkpoints/2", "public, max-age=60"),
        (&partial, "public, max-age=31536000, immutable"),
        ("/tile/entries/000", "public, max-age=31536000, immutable"),
        ("/tile/entries/000.p/7", "public, max-age=31536000, immutable"),
    ] {
        let answer = ureq_head(&format!("http://{}{under}{path}", running.address()));
        assert_eq!(answer, ("*".to_owned(), cache.to_owned(), "nosniff".to_owned()), "{path}");
    }
    for path in [
        "",
        "/",
        "/checkpoints/02",
        "/checkpoints/3",
        "/checkpoints/400",
        "/checkpoints/..%2fcheckpoint",
        &format!("/tile/0/001.p/{}", size - 255),
        "/tile/0/001",
        "/tile/0/1",
        "/tile/00/000",
        "/tile/2/000.p/1",
        "/tile/entries/002.p/1",
        "/tile/entries/..%2f..%2fcheckpoint",
        "/tile/entries/../../checkpoint",
        "/contradiction.evidence",
        "/new",
    ] {
        let answer = running.get(&format!("{under}{path}"));
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(running.get(&format!("/mirror/{}/checkpoint", "0".repeat(64))).status, 404);
    let plain = Running::new();
    assert_eq!(plain.get(&format!("{under}/checkpoint")).status, 404, "not without --mirror");
}

/// The headers that a reader in a browser and a cache go by.
fn ureq_head(url: &str) -> (String, String, String) {
    let (base, path) = url.split_once("/mirror/").unwrap();
    let http = Http::new(base).unwrap();
    let (headers, _) = http.get_with(&format!("mirror/{path}"), None, 20_000_000).unwrap();
    let value = |name| headers[name].to_str().unwrap().to_owned();
    (value("access-control-allow-origin"), value("cache-control"), value("x-content-type-options"))
}

/// The copy's head carries what this program has cosigned itself; and what replay reads is the copy.
#[test]
fn replay_reads_the_copy_and_the_head_carries_both_cosignatures() {
    let (mut town, folder, web) = begin(300);
    let running = Running::replaying(replayer(), |settings| {
        settings.logs = vec![config(&town, &web.url())];
        settings.mirror = true;
        settings.poll = Duration::from_millis(20);
    });
    let url = copy_of(&running.url());
    let replayed = |size: u64| {
        let note = latest(&format!("{}replay", running.url()), ORIGIN, SOON).unwrap();
        note.is_some_and(|note| SignedCheckpoint::parse(&note).unwrap().checkpoint.size == size)
    };
    for _ in 0..2 {
        grow(&mut town, folder.path(), 20);
        until("it was not replayed", || replayed(town.size()));
    }
    let asked = web.asked.lock().unwrap().iter().filter(|path| *path == "tile/entries/000").count();
    assert_eq!(asked, 1, "each bundle is fetched once");
    let text = town.checkpoint();
    let answer = add_checkpoint(&running.url(), 0, &[], text.as_bytes(), SOON).unwrap();
    assert!(matches!(answer, Answer::Cosigned(_)));
    let bytes = Http::new(&url).unwrap().get("checkpoint", 65_536).unwrap();
    let signed = SignedCheckpoint::parse(&bytes).unwrap();
    for key in [cosigner(), replayer()] {
        let ours = |line| cosignature::verify(key.vkey(), signed.text(), line).is_ok();
        assert!(signed.signatures.iter().any(ours), "{}", key.name());
    }

    // Two books: neither copied nor vouched for, and said so.
    let mut other = town.clone();
    grow(&mut town, folder.path(), 4);
    until("it was not replayed", || replayed(town.size()));
    other.entry("another book");
    grow(&mut other, folder.path(), 9);
    until("nothing is said", || {
        let page = running.get("/").body;
        page.contains("contradicts the copy") && page.contains("two_books")
    });
    assert_eq!(running.get("/healthz").status, 503);
    assert!(head(&url).unwrap().size == town.size() && replayed(town.size()));
}

/// 8 rounds; 60 with `VILLAGE_LONG=1`.
#[test]
fn no_kill_makes_a_copy_serve_less_or_anything_else() {
    let rounds = if std::env::var_os("VILLAGE_LONG").is_some() { 60 } else { 8 };
    let (mut town, folder, web) = begin(900);
    *web.pause.lock().unwrap() = Duration::from_millis(15);
    let program = Program::new();
    let text = std::fs::read_to_string(program.config()).unwrap();
    let follow = format!("url = {:?}\ncharter = \"{}\"\n", web.url(), town.charter.to_hex());
    std::fs::write(program.config(), text + &follow).unwrap();
    let (mut served, mut halfway) = (0, 0);
    for round in 0..rounds {
        let mut running = program.serve_with(&["--mirror"]);
        let url = copy_of(&running.url);
        let before = head(&url).map_or(0, |head| head.size);
        assert!(before >= served, "{before} after {served}");
        if before > 0 {
            // Whatever it serves, at any time, is a whole log.
            plain::audit(&Mirror::open(&url).unwrap(), log_signer().vkey(), None, &mut Progress::hidden())
                .map(|(report, _)| assert!(report.proven && report.faults.count == 0))
                .unwrap();
        }
        grow(&mut town, folder.path(), 200);
        // Another moment of a copy each round.
        std::thread::sleep(Duration::from_millis(30 + (round * 41) % 160));
        served = head(&url).map_or(served, |head| head.size);
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        halfway += u64::from(served < town.size());
    }
    assert!(halfway > rounds / 4, "{halfway} kills came in the middle");
    let running = program.serve_with(&["--mirror"]);
    let url = copy_of(&running.url);
    has(&url, &town);
    same(&url, folder.path());
}
