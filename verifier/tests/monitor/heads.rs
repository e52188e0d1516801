//! Heads against heads: two books, a log that goes back, what a monitor remembers.

use crate::host::{Host, Mood};
use crate::rig::{Rig, list};
use crate::support::{CREATED, Key, Log, ORIGIN, run};
use ledger::hash::Hash;
use ledger::verdict::Code;

const NOW: u64 = CREATED + 1_000;

/// Two ledgers with one beginning, and a fifth entry each of its own.
fn books() -> (Log, Log, Log) {
    let trunk = Log::demo();
    let grow = |kind: &str, count: u64| {
        let mut log = trunk.clone();
        for seq in 5..5 + count {
            log.take(log.entry(seq, kind));
        }
        log.publish(CREATED + 400);
        log
    };
    (trunk.clone(), grow("voucher", 1), grow("notice", 2))
}

fn convicts(rig: &Rig, done: &crate::rig::Done) {
    let report = done.told.iter().find(|report| report.found.evidence.is_some());
    let file = report.unwrap_or_else(|| panic!("no evidence: {done:#?}")).found.evidence.clone().unwrap();
    for trust in [&["--trust", "trust.toml"][..], &[]] {
        let run = run(rig.dir.path(), &[&["evidence", "check", &file], trust].concat());
        let out = String::from_utf8(run.stdout).unwrap();
        assert_eq!(run.status.code(), Some(1), "{out}");
        assert!(out.contains("FAILED_REWRITTEN") && out.contains(&rig.charter().to_hex()), "{out}");
    }
    // Against another ledger it shows nothing.
    let verdict = ledger::contradiction::check(&std::fs::read(file).unwrap(), Some(Hash::EMPTY)).unwrap();
    assert_eq!(verdict.code, Code::CannotShow);
}

/// L-13, V-02: two signed heads of which the older is no beginning of the newer, and a file that says so.
#[test]
fn two_books_at_a_log_and_its_copy_are_told_once_with_evidence() {
    let (_, one, other) = books();
    let (log, mirror) = (Host::of(&one), Host::of(&other));
    let rig = Rig::new(&one, &log.address, &list("mirrors", &[&mirror]));
    let done = rig.round(NOW);
    done.tells(&["two_heads open"]);
    convicts(&rig, &done);
    // Both heads as they came are beside it.
    let kept = std::fs::read_to_string(done.told[0].found.kept.as_ref().unwrap()).unwrap();
    for log in [&one, &other] {
        assert!(kept.contains(&String::from_utf8(log.checkpoint()).unwrap()), "{kept}");
    }
    for again in [NOW + 1, NOW + 2] {
        let done = rig.round(again);
        done.tells(&[]);
        assert_eq!(done.round.open, 1, "it lasts");
    }
}

/// A witness has heads and no tiles: what it holds is held against the log's own tiles.
#[test]
fn two_books_at_a_log_and_its_witness_are_told_once_the_log_has_grown_past_it() {
    let (trunk, one, other) = books();
    let log = Host::of(&trunk);
    let witness = Host::witness(other.checkpoint());
    let rig = Rig::new(&one, &log.address, &list("witnesses", &[&witness]));
    rig.rounds(|round| {
        // The log is merely behind its witness, and nothing is said of it.
        round(NOW).tells(&[]);
        log.show(&one);
        round(NOW + 1).tells(&[]);
        // For a day it could not show that the witness's head is of its book.
        round(NOW + 90_000).tells(&["cannot_show open"]);
        let mut grown = one.clone();
        for seq in 6..9 {
            grown.take(grown.entry(seq, "notice"));
        }
        grown.publish(CREATED + 500);
        log.show(&grown);
        let done = round(NOW + 90_001);
        done.tells(&["cannot_show resolved", "two_heads open"]);
        convicts(&rig, &done);
    });
}

/// The same log, asked by one person at two times.
#[test]
fn a_log_that_shows_another_book_later_is_told_after_a_restart_too() {
    let (_, one, other) = books();
    let log = Host::of(&one);
    let rig = Rig::new(&one, &log.address, "");
    rig.round(NOW).tells(&[]);
    log.show(&other);
    let done = rig.round(NOW + 1);
    done.tells(&["two_heads open"]);
    convicts(&rig, &done);
}

/// Two heads of one size need no tiles.
#[test]
fn two_roots_of_one_size_convict_by_themselves() {
    let trunk = Log::demo();
    let book = |kind: &str| {
        let mut log = trunk.clone();
        log.take(log.entry(5, kind));
        log.publish(CREATED + 400);
        log
    };
    let (one, other) = (book("voucher"), book("notice"));
    let (log, witness) = (Host::of(&one), Host::witness(other.checkpoint()));
    let rig = Rig::new(&one, &log.address, &list("witnesses", &[&witness]));
    let done = rig.round(NOW);
    done.tells(&["two_heads open"]);
    convicts(&rig, &done);
}

/// B-20: fewer leaves than before may be an old copy; both signed heads are kept, and it ends when it ends.
#[test]
fn a_log_that_goes_back_shrank_until_it_is_back() {
    let (trunk, one, other) = books();
    let log = Host::of(&one);
    let rig = Rig::new(&one, &log.address, "");
    rig.round(NOW).tells(&[]);
    log.show(&trunk);
    let done = rig.round(NOW + 1);
    done.tells(&["shrank open", "shrank open"]);
    let report = done.told.iter().find(|report| report.found.source.is_some()).unwrap();
    let kept = std::fs::read_to_string(report.found.kept.as_ref().unwrap()).unwrap();
    assert!(kept.contains("\n16\n") || kept.contains(&format!("\n{}\n", one.size())), "{kept}");
    assert!(report.found.evidence.is_none(), "an old head convicts nobody");
    rig.round(NOW + 2).tells(&[]);
    log.show(&one);
    rig.round(NOW + 3).tells(&["shrank resolved", "shrank resolved"]);
    // Rolled back and gone on from there: now it is two books.
    log.show(&other);
    rig.round(NOW + 4).tells(&["two_heads open"]);
}

/// A copy that lags is no contradiction, and stale when it lags for two days.
#[test]
fn a_copy_that_lags_is_stale_after_48_hours_until_it_has_caught_up() {
    let (trunk, one, _) = books();
    let (log, mirror) = (Host::of(&one), Host::of(&trunk));
    let rig = Rig::new(&one, &log.address, &list("mirrors", &[&mirror]));
    rig.round(NOW).tells(&[]);
    rig.round(NOW + 48 * 3_600).tells(&[]);
    rig.round(NOW + 48 * 3_600 + 1).tells(&["stale open"]);
    mirror.show(&one);
    rig.round(NOW + 48 * 3_600 + 2).tells(&["stale resolved"]);
}

/// A later log key is found in the leaves, where the authority enrolled it.
#[test]
fn a_head_under_a_new_log_key_is_believed() {
    let mut log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    let key = Key::note(ORIGIN, 77);
    log.take(log.log_key_act(1, &key));
    log.publish(CREATED + 400);
    log.log = key;
    log.take(log.entry(5, "voucher"));
    log.publish(CREATED + 500);
    host.show(&log);
    let done = rig.round(NOW + 1);
    done.tells(&[]);
    assert_eq!(done.round.unknown, 0);
    // Somebody else's key under the log's name is not.
    let mut forged = log.clone();
    forged.log = Key::note(ORIGIN, 78);
    forged.take(forged.entry(6, "voucher"));
    forged.publish(CREATED + 600);
    host.show(&forged);
    rig.round(NOW + 2).tells(&["silent open"]);
}

/// What is new is read, and what was read is not read again.
#[test]
fn a_log_that_grows_is_gone_on_with() {
    let mut log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.rounds(|round| {
        for seq in 5..605 {
            if seq % 100 == 0 {
                log.publish(CREATED + seq);
                host.show(&log);
                let done = round(NOW);
                done.tells(&[]);
                assert_eq!(done.round.unknown, 0);
            }
            log.take(log.entry(seq, "notice"));
        }
        let asked = host.asked();
        let bundles = asked.iter().filter(|path| path.starts_with("tile/entries/000")).count();
        assert!(bundles <= 5, "{asked:?}");
        // Nothing new: only the head is asked for.
        round(NOW + 1).tells(&[]);
        assert_eq!(host.asked(), ["checkpoint"]);
    });
}

/// A log that is away is not a log that lies; what it showed is remembered until it is back.
#[test]
fn a_log_that_is_away_is_silent_and_the_copy_is_read() {
    let (_, one, _) = books();
    let (log, mirror) = (Host::of(&one), Host::of(&one));
    let rig = Rig::new(&one, &log.address, &list("mirrors", &[&mirror]));
    log.be(Mood::HangsUp);
    let done = rig.round(NOW);
    done.tells(&["silent open"]);
    assert!(done.told[0].found.source.as_deref() == Some(&log.address), "{done:?}");
    log.be(Mood::Fine);
    rig.round(NOW + 1).tells(&["silent resolved"]);
}

/// Evidence on heads under a later log key carries the acts that enrolled it.
#[test]
fn two_books_under_a_new_log_key_convict_too() {
    let mut log = Log::demo();
    let key = Key::note(ORIGIN, 77);
    log.take(log.log_key_act(1, &key));
    log.publish(CREATED + 400);
    log.log = key;
    let book = |kind: &str| {
        let mut log = log.clone();
        log.take(log.entry(5, kind));
        log.publish(CREATED + 500);
        log
    };
    let (one, other) = (book("voucher"), book("notice"));
    let host = Host::of(&one);
    let rig = Rig::new(&one, &host.address, "");
    rig.round(NOW).tells(&[]);
    host.show(&other);
    let done = rig.round(NOW + 1);
    done.tells(&["two_heads open"]);
    convicts(&rig, &done);
}

/// The first look: evidence takes the acts that enrolled the key, and they are read after the heads.
#[test]
fn evidence_that_takes_what_is_read_later_comes_later() {
    let mut log = Log::demo();
    let key = Key::note(ORIGIN, 77);
    log.take(log.log_key_act(1, &key));
    log.publish(CREATED + 400);
    log.log = key.clone();
    let book = |kind: &str| {
        let mut log = log.clone();
        log.take(log.entry(5, kind));
        log.publish(CREATED + 500);
        log
    };
    let (one, other) = (book("voucher"), book("notice"));
    let (host, witness) = (Host::of(&one), Host::witness(other.checkpoint()));
    let rig = Rig::new(&one, &host.address, &list("witnesses", &[&witness]));
    let mut trust = one.trust();
    trust.log = key.vkey;
    std::fs::write(rig.dir.path().join("trust.toml"), trust.text()).unwrap();
    let done = rig.round(NOW);
    done.tells(&["two_heads open"]);
    assert!(done.told[0].found.evidence.is_none() && done.told[0].found.kept.is_some());
    let done = rig.round(NOW + 1);
    done.tells(&["two_heads open"]);
    convicts(&rig, &done);
    rig.round(NOW + 2).tells(&[]);
}

/// A log that holds back its leaves holds up no word on its heads.
#[test]
fn two_books_are_told_before_leaves_are_read() {
    let (_, one, other) = books();
    let log = Host::of(&one);
    let rig = Rig::new(&one, &log.address, "");
    rig.round(NOW).tells(&[]);
    log.show(&other);
    log.slow("tile/entries/");
    let state = rig.memory().join("state.json");
    std::thread::scope(|scope| {
        let round = scope.spawn(|| rig.round(NOW + 1));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !std::fs::read_to_string(&state).unwrap().contains("two_heads") {
            assert!(std::time::Instant::now() < until);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(!round.is_finished());
        log.slow("nothing");
        log.be(Mood::HangsUp);
        round.join().unwrap();
    });
}
