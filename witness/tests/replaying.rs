//! The replay cosignature: what is vouched for, what is not, and that what is not can be told from what can't be had.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod disk;
mod http;
mod scene;
mod town;

use book::{ORIGIN, log_signer};
use client::Mirror;
use client::witness::{Act, give_act, latest};
use disk::Fault as DiskFault;
use keys::{Role, Signer};
use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::hash::{Hash, leaf_hash};
use ledger::note;
use scene::{NOW, Scene, replayer};
use std::time::{Duration, Instant};
use town::Town;
use witness::follow::{Follower, REFUSED, Status};
use witness::record::{CONTRADICTION, Record};
use witness::witness::{origin_hash, system_clock};

#[test]
fn a_ledger_that_is_right_is_vouched_for_publication_by_publication() {
    let mut scene = Scene::new();
    for round in 1..=12 {
        for n in 0..round * 9 {
            scene.town.entry(&format!("{round} {n}"));
        }
        let time = NOW + round * 60;
        assert_eq!(scene.publish(time), Status::Current { size: scene.town.size() });
        assert_eq!(scene.vouched(), Some((scene.town.size(), time)));
        if round % 5 == 0 {
            scene.restart();
        }
    }
    assert!(scene.town.size() > 600, "several bundles");
}

/// f minds neither bad entries nor bytes that are none; and the base statement is about growth only.
#[test]
fn what_is_wrong_with_an_entry_is_no_reason_to_withhold() {
    let mut scene = Scene::new();
    scene.town.force(b"no note at all".to_vec());
    scene.town.entry("an entry of no known kind, with a seal that nobody enrolled");
    let again = scene.town.leaves.last().unwrap().clone();
    scene.town.force(again);
    scene.town.force(scene.town.leaves[0].clone());
    assert_eq!(scene.publish(NOW + 60), Status::Current { size: 7 });
    assert_eq!(scene.vouched(), Some((7, NOW + 60)));
}

/// SPEC C-16.
#[test]
fn one_wrong_index_leaf_ends_the_statement_for_ever() {
    let bends: [fn(ledger::index::IndexLeaf) -> ledger::index::IndexLeaf; 4] = [
        |mut index| {
            index.root = Hash::EMPTY;
            index
        },
        |mut index| {
            index.units -= 1;
            index
        },
        |mut index| {
            index.time = 1_789_000_000;
            index
        },
        |mut index| {
            index.ledger =
                ledger::charter::LedgerId::from_text("other.example/ledger#00000000000000000000000000000000");
            index
        },
    ];
    for bend in bends {
        let mut scene = Scene::new();
        scene.publish(NOW + 1);
        let good = scene.vouched();
        scene.town.bend = bend;
        scene.town.entry("hidden");
        scene.publish(NOW + 60);
        let fault = scene.refused();
        assert_eq!((&fault["code"], &fault["leaf"]), (&"index_leaf".into(), &4.into()));
        assert_ne!(fault["found"], fault["wanted"]);
        assert!(fault["found"].as_str().unwrap().starts_with("village-ledger/index/v1\n"));
        // What comes later is right, and does not help; nor does a start.
        scene.town.bend = |index| index;
        scene.publish(NOW + 120);
        scene.restart();
        scene.look();
        assert_eq!(scene.refused(), fault);
        assert_eq!(scene.vouched(), good);
    }
}

#[test]
fn an_index_leaf_that_was_wrong_long_ago_is_found_too() {
    let mut scene = Scene::new();
    scene.town.bend = |mut index| {
        index.units += 1;
        index
    };
    scene.town.entry("1");
    scene.town.publish(NOW + 1);
    scene.town.bend = |index| index;
    for n in 0..600 {
        scene.town.entry(&n.to_string());
    }
    scene.publish(NOW + 60);
    assert_eq!(scene.refused()["leaf"], 3);
    assert_eq!(scene.vouched(), None);
}

#[test]
fn a_tree_without_its_index_leaf_or_of_another_ledger_is_refused() {
    let mut scene = Scene::new();
    scene.town.entry("not covered");
    scene.town.write(scene.source.path());
    scene.look();
    assert_eq!(scene.refused()["code"], "end");

    let mut scene = Scene::new();
    let record = Record::open(&book::config(), Box::new(scene.disk.clone()), replayer().vkey()).unwrap();
    let source = Mirror::open(scene.source.path().to_str().unwrap()).unwrap();
    scene.follower = Follower::new(record, source, Hash::EMPTY).unwrap();
    assert!(matches!(scene.publish(NOW + 1), Status::Trouble { .. }), "a configuration can be wrong");
    assert_eq!(scene.disk.file(REFUSED), None);
}

/// Bytes that were bent on their way convict nobody, and leave no trace.
/// SPEC C-16.
#[test]
fn what_does_not_give_the_signed_root_is_read_again() {
    let mut scene = Scene::new();
    for n in 0..300 {
        scene.town.entry(&n.to_string());
    }
    scene.publish(NOW + 60);
    scene.clock.set(NOW + 5_000);
    scene.look();
    let good = scene.vouched();
    let mut bent = scene.town.clone();
    bent.entry("another entry");
    scene.town.entry("the entry");
    scene.town.publish(NOW + 4_990);
    bent.publish(NOW + 4_990);
    bent.write(scene.source.path());
    std::fs::write(scene.source.path().join("checkpoint"), scene.town.checkpoint()).unwrap();
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    assert_eq!(scene.vouched(), good);
    // The head from before is no news, however long ago it came.
    let mut before = scene.town.clone();
    before.leaves.truncate(good.unwrap().0 as usize);
    before.write(scene.source.path());
    assert_eq!(scene.look(), Status::Current { size: before.size() });
    scene.town.write(scene.source.path());
    assert_eq!(scene.look(), Status::Current { size: scene.town.size() });
    assert_eq!(scene.disk.file(REFUSED), None);
}

#[test]
fn a_log_that_can_not_be_had_is_tried_again_from_where_it_was() {
    let mut scene = Scene::new();
    assert!(matches!(scene.look(), Status::Trouble { .. }), "nothing is there yet");
    for n in 0..600 {
        scene.town.entry(&n.to_string());
    }
    scene.town.publish(NOW + 60);
    scene.town.write(scene.source.path());
    scene.clock.set(NOW + 60);
    let bundle = scene.source.path().join("tile/entries/001");
    let aside = scene.source.path().join("aside");
    std::fs::rename(&bundle, &aside).unwrap();
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    std::fs::rename(&aside, &bundle).unwrap();
    // What was read needs not be read again.
    std::fs::remove_file(scene.source.path().join("tile/entries/000")).unwrap();
    assert_eq!(scene.look(), Status::Current { size: scene.town.size() });
    for head in ["", "garbage", &scene.town.checkpoint().replacen("ledger\n", "ledger2\n", 1)] {
        std::fs::write(scene.source.path().join("checkpoint"), head).unwrap();
        assert!(matches!(scene.look(), Status::Trouble { .. }), "{head}");
    }
}

#[test]
fn a_head_of_a_stranger_or_an_old_one_is_no_verdict() {
    let mut scene = Scene::new();
    scene.town.write(scene.source.path());
    let old = scene.town.checkpoint();
    scene.publish(NOW + 60);
    let good = scene.vouched();
    let head = scene.source.path().join("checkpoint");
    std::fs::write(&head, &old).unwrap();
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    scene.restart();
    assert!(matches!(scene.look(), Status::Trouble { .. }), "nor after a start");
    let stranger = Signer::from_secret(ORIGIN, Role::Log, &[9; 32]).unwrap();
    let text = old.split_once("\n\n").unwrap().0.to_owned() + "\n";
    std::fs::write(&head, note::assemble(&text, &[stranger.sign_note(&text).unwrap()])).unwrap();
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    assert_eq!(scene.vouched(), good);
}

#[test]
fn another_book_is_never_vouched_for_and_both_heads_are_kept() {
    for (longer, restarts) in [(false, false), (false, true), (true, true)] {
        let mut scene = Scene::new();
        let mut other = scene.town.clone();
        scene.town.entry("one");
        scene.publish(NOW + 60);
        let good = scene.vouched();
        other.entry("two");
        if longer {
            other.entry("three");
        }
        other.publish(NOW + 60);
        scene.town = other;
        scene.town.write(scene.source.path());
        if restarts {
            scene.restart();
        }
        scene.look();
        assert_eq!(scene.refused()["code"], "two_books", "{longer} {restarts}");
        let heads =
            CONTRADICTION.map(|name| SignedCheckpoint::parse(&scene.disk.file(name).unwrap()).unwrap());
        for head in &heads {
            head.verify_log(log_signer().vkey()).unwrap();
        }
        assert_ne!(heads[0].checkpoint.root, heads[1].checkpoint.root);
        assert_eq!(scene.vouched(), good);
    }
}

/// A fork that is shown to a follower who runs on: its leaves no longer give the root, and are read from the start.
#[test]
fn a_longer_fork_is_found_without_a_start() {
    let mut scene = Scene::new();
    let mut other = scene.town.clone();
    scene.town.entry("one");
    scene.publish(NOW + 60);
    other.entry("two");
    other.publish(NOW + 60);
    scene.town = other;
    scene.publish(NOW + 120);
    scene.look();
    assert_eq!(scene.refused()["code"], "two_books");
}

/// SPEC C-17.
#[test]
fn a_head_whose_time_is_off_is_not_vouched_for_and_the_next_one_is() {
    let late = |status: Status, at: u64| {
        assert!(matches!(status, Status::Late { time, .. } if time == at), "{status:?}")
    };
    // Ahead of the clock, also when the clock has caught up.
    let mut scene = Scene::new();
    scene.publish(NOW + 60);
    let good = scene.vouched();
    scene.town.publish(NOW + 60 + 601);
    scene.town.write(scene.source.path());
    late(scene.look(), NOW + 661);
    scene.clock.set(NOW + 700);
    late(scene.look(), NOW + 661);
    assert_eq!(scene.vouched(), good);
    assert_eq!(scene.publish(NOW + 720), Status::Current { size: 5 });

    // Older than when it was not there yet.
    scene.clock.set(NOW + 3_000);
    assert_eq!(scene.look(), Status::Current { size: 5 });
    scene.town.publish(NOW + 3_000 - 601);
    scene.town.write(scene.source.path());
    late(scene.look(), NOW + 2_399);
    assert_eq!(scene.publish(NOW + 3_010), Status::Current { size: 7 });

    // Nor do bent leaves make us forget when we looked last.
    scene.clock.set(NOW + 6_000);
    scene.look();
    let mut bent = scene.town.clone();
    bent.entry("bent");
    bent.publish(NOW + 5_000);
    scene.town.entry("straight");
    scene.town.publish(NOW + 5_000);
    bent.write(scene.source.path());
    std::fs::write(scene.source.path().join("checkpoint"), scene.town.checkpoint()).unwrap();
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    scene.town.write(scene.source.path());
    late(scene.look(), NOW + 5_000);
    assert_eq!(scene.publish(NOW + 6_010), Status::Current { size: 10 });

    // What came while nobody looked may be older.
    scene.town.publish(NOW + 6_020);
    scene.town.write(scene.source.path());
    scene.restart();
    scene.clock.set(NOW + 90_000);
    assert_eq!(scene.look(), Status::Current { size: 11 });
    // A clock of ours that went back convicts nobody.
    scene.clock.set(NOW);
    assert!(matches!(scene.look(), Status::Trouble { .. }));
    assert_eq!(scene.disk.file(REFUSED), None);
}

#[test]
fn an_idle_head_is_vouched_for_anew_each_hour() {
    let mut scene = Scene::new();
    scene.publish(NOW);
    for (later, time) in [(10, 0), (3_599, 0), (3_600, 3_600), (7_000, 3_600), (7_200, 7_200)] {
        scene.clock.set(NOW + later);
        scene.look();
        assert_eq!(scene.vouched(), Some((3, NOW + time)), "{later}");
    }
}

#[test]
fn a_disk_that_fails_vouches_for_nothing() {
    for (step, fault) in [(0, DiskFault::NotDone), (1, DiskFault::YetDone), (2, DiskFault::NotDone)] {
        let mut scene = Scene::new();
        scene.publish(NOW);
        scene.disk.fail_once(step, fault);
        scene.town.entry("one");
        assert!(matches!(scene.publish(NOW + 60), Status::Trouble { .. }));
        assert_eq!(scene.follower.state().latest.unwrap().checkpoint.size, 3);
        scene.restart();
        assert_eq!(scene.look(), Status::Current { size: 5 });
        assert_eq!(scene.vouched().unwrap().0, 5);
    }
}

/// SPEC C-15.
#[test]
fn the_server_follows_shows_and_serves() {
    let (mut town, source) = (Town::new(system_clock()), tempfile::tempdir().unwrap());
    town.write(source.path());
    let running = http::Running::replaying(replayer(), |settings| {
        settings.logs = vec![town.config(source.path())];
        settings.poll = Duration::from_millis(20);
    });
    let path = format!("/replay/{}/checkpoint", origin_hash(ORIGIN));
    let until = |size: u64| {
        let began = Instant::now();
        loop {
            let answer = running.get(&path);
            if answer.status == 200 {
                let signed = SignedCheckpoint::parse(answer.body.as_bytes()).unwrap();
                if signed.checkpoint.size == size {
                    let key = replayer();
                    let holds = |line| cosignature::verify(key.vkey(), signed.text(), line).is_ok();
                    assert!(signed.signatures.iter().any(holds));
                    return;
                }
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{}", running.get("/").body);
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    until(2);
    town.entry("one");
    town.publish(system_clock());
    town.write(source.path());
    until(4);
    // The witness's own statement is another key's, in another place.
    assert_eq!(running.get(&format!("/{}/checkpoint", origin_hash(ORIGIN))).status, 404);
    let prefix = running.url() + "replay";
    let give = |act: &str| give_act(&prefix, ORIGIN, act, Duration::from_secs(10)).unwrap();
    assert_eq!(give(&town.act(1, "麻章镇", 11)), Act::Kept);
    for (act, wanted) in [(town.act(1, "麻章镇", 99), 403), ("nonsense".to_owned(), 400)] {
        assert!(matches!(give(&act), Act::Refused { status, .. } if status == wanted));
    }
    assert!(latest(&prefix, ORIGIN, Duration::from_secs(10)).unwrap().is_some());
    let page = running.get("/").body;
    assert!(
        page.contains(&replayer().vkey().to_string()) && page.contains("every index leaf equals f"),
        "{page}"
    );
    assert!(
        running
            .get("/metrics")
            .body
            .contains("village_witness_replayed_size{origin=\"mazhang.example/ledger\"} 4")
    );
    town.bend = |mut index| {
        index.root = leaf_hash(b"");
        index
    };
    town.entry("two");
    town.publish(system_clock());
    town.write(source.path());
    let began = Instant::now();
    while running.get("/healthz").status == 200 {
        assert!(began.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(10));
    }
    let page = running.get("/").body;
    assert!(page.contains("no longer vouched for") && page.contains("index_leaf"), "{page}");
    until(4);
    assert!(
        running
            .get("/metrics")
            .body
            .contains("village_witness_replay_refused{origin=\"mazhang.example/ledger\"} 1")
    );
}
