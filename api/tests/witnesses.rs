//! A ledger and its witnesses over real TCP (SPEC D-12 to D-18): who is asked, what is kept, when it signs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use keys::Role;
use ledger::checkpoint::SignedCheckpoint;
use ledger::index::IndexLeaf;
use ledger::json::{Object, Value};
use ledger::leaf;
use ledger::note::Signature;
use ledger::tile::decode_bundle;
use ledger::verdict::Code;
use std::time::{Duration, Instant};
use village::watch::{Post, checkpoint, copy, fast, health, signed, times, until, verdict, watched};
use village::{Key, ORIGIN, VILLAGE, Village, now};

/// D-12, D-13, D-15.
#[test]
fn all_are_asked_and_a_phone_sees_their_quorum() {
    let (village, posts) = watched(3, 2);
    let running = village.serve_with(fast);
    let answer = running.must_post(&village.founding());
    assert_eq!(answer["published"], false, "an answer does not wait for witnesses");
    signed(&running, 5, 3);
    running.must_post(&[village.notice(1)]);
    let head = signed(&running, 7, 3);
    for post in &posts {
        assert_eq!(times(&head, &post.key).len(), 1);
    }
    assert_eq!(head.signatures.len(), 4);
    assert_eq!(verdict(&village, &running), Code::OkNotReplayed);
    // Every published head keeps its own, and the next index leaf repeats them.
    let kept = SignedCheckpoint::parse(&running.get("/checkpoints/7").body).unwrap();
    assert_eq!(kept, head);
    let before = SignedCheckpoint::parse(&running.get("/checkpoints/5").body).unwrap();
    assert_eq!(before.signatures.len(), 4);
    let bundle = running.get("/tile/entries/000.p/7").body;
    let leaves = decode_bundle(&bundle, 7).unwrap();
    let index = IndexLeaf::parse(&leaf::read(leaves[6]).unwrap()).unwrap();
    let lines: Vec<String> =
        before.signatures[1..].iter().map(|s: &Signature| s.line().trim_end().to_owned()).collect();
    assert_eq!(index.witnessed, lines);
    let health = health(&running);
    assert_eq!(
        (health["status"].as_str(), health["witnesses"]["met"].as_bool()),
        (Some("green"), Some(true))
    );
    assert!(health["witnesses"]["quorum_age"].as_u64().unwrap() < 60);
    let metrics = running.get("/metrics").text();
    for line in [
        "village_ledger_witnesses 3",
        "village_ledger_witnesses_signed 3",
        "village_ledger_quorum_met 1",
        "village_ledger_awaits_witnesses 0",
        "village_ledger_witness_cosigned_total{witness=\"w2\"}",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

/// D-12: what it missed does not matter; 409 says from where the proof must lead.
#[test]
fn a_witness_that_was_down_for_long_comes_back() {
    let (village, mut posts) = watched(3, 2);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 3);
    posts[2].stop();
    for n in 1..=150 {
        running.must_post(&[village.notice(n)]);
    }
    let head = signed(&running, 305, 2);
    assert!(times(&head, &posts[2].key).is_empty());
    assert_eq!(verdict(&village, &running), Code::OkNotReplayed);
    let seat = &health(&running)["witnesses"]["each"][2];
    assert!(seat["trouble"].as_str().unwrap().contains(" / "), "{seat}");
    posts[2].start();
    let head = signed(&running, 305, 3);
    assert_eq!(times(&head, &posts[2].key).len(), 1);
    assert_eq!(SignedCheckpoint::parse(&running.get("/checkpoints/305").body).unwrap(), head);
}

/// D-13: with everybody away it takes and publishes all the same, and says that nobody signed.
#[test]
fn it_keeps_publishing_when_all_are_away() {
    let (village, mut posts) = watched(2, 2);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 2);
    posts.iter_mut().for_each(Post::stop);
    let answer = running.must_post(&[village.notice(1)]);
    assert_eq!(answer["published"], false);
    // Whoever asks for it now is told to come again.
    let path = format!("/api/v1/proof/{VILLAGE}/1");
    let early = running.get(&path);
    assert_eq!(
        (early.status, early.problem().as_str(), early.header("retry-after")),
        (503, "busy", Some("2"))
    );
    signed(&running, 7, 0);
    assert_eq!(running.get(&path).status, 200);
    assert_eq!(verdict(&village, &running), Code::OkNotWitnessed);
    posts.iter_mut().for_each(Post::start);
    signed(&running, 7, 2);
    assert_eq!(verdict(&village, &running), Code::OkNotReplayed);
}

/// D-16: an idle head is cosigned again, and the newer time takes the older one's place.
#[test]
fn an_idle_head_does_not_look_old() {
    let (village, posts) = watched(1, 1);
    let running = village.serve_with(|settings| {
        let mut settings = fast(settings);
        settings.witnesses.refresh = Duration::from_millis(700);
        settings
    });
    let first = times(&signed(&running, 2, 1), &posts[0].key);
    let later = until("a newer time", || {
        Some(times(&checkpoint(&running), &posts[0].key)).filter(|times| *times > first)
    });
    assert_eq!((first.len(), later.len()), (1, 1));
}

/// D-17: nothing is signed before enough were heard; readers are served meanwhile.
#[test]
fn a_start_waits_for_enough_witnesses_before_it_signs() {
    let (village, mut posts) = watched(3, 2);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    let head = signed(&running, 5, 3);
    running.stop();
    posts[0].stop();
    posts[1].stop();
    let running = village.serve_with(fast);
    // What was cosigned before is still there.
    assert_eq!(signed(&running, 5, 3).checkpoint, head.checkpoint);
    let refused = running.post(&[village.notice(1)]);
    assert_eq!((refused.status, refused.problem().as_str()), (503, "busy"));
    assert!(refused.header("retry-after").is_some());
    let before = health(&running);
    assert_eq!(before["status"], "red");
    assert!(
        before["checks"].as_array().unwrap().iter().any(|c| c["name"] == "witnesses" && c["ok"] == false)
    );
    assert!(running.get("/metrics").text().contains("village_ledger_awaits_witnesses 1"));
    posts[1].start();
    until("signing", || (running.post(&[village.notice(1)]).status == 200).then_some(()));
    signed(&running, 7, 2);
    assert_eq!(health(&running)["status"], "green");
}

/// D-17, D-19: a backup that is older than what witnesses have seen never signs again.
#[test]
fn an_old_backup_is_refused() {
    let (village, mut posts) = watched(3, 2);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 3);
    running.stop();
    let backup = village.folder.path().join("backup");
    copy(&village.data(), &backup);
    let running = village.serve_with(fast);
    running.must_post(&[village.notice(1)]);
    signed(&running, 7, 3);
    running.stop();
    std::fs::rename(village.data(), village.folder.path().join("newest")).unwrap();
    copy(&backup, &village.data());
    let why = match village.try_serve_with(fast) {
        Err(why) => why.to_string(),
        Ok(_) => panic!("an old backup was started"),
    };
    assert!(why.contains("不要删除任何文件") && why.contains("delete nothing"), "{why}");
    // Two of three are gone, and somebody would not wait: it signs. The third one has seen more, and ends it.
    posts[0].stop();
    posts[1].stop();
    posts[2].stop();
    let running = village.serve_with(|settings| {
        let mut settings = fast(settings);
        settings.witnesses.without = true;
        settings
    });
    let loud = health(&running);
    assert_eq!(loud["status"], "red");
    assert!(loud.to_string().contains("--without-witnesses"), "{loud}");
    assert!(running.get("/metrics").text().contains("village_ledger_without_witnesses 1"));
    running.must_post(&[village.notice_in(1, Some("2025"))]);
    posts[2].start();
    let stopped = until("the end of signing", || {
        let answer = running.post(&[village.notice(2)]);
        (answer.status == 503).then_some(answer)
    });
    assert_eq!(stopped.problem(), "stopped");
    assert!(health(&running).to_string().contains("w2"));
    running.stop();
    // The newest copy goes on as if nothing had been.
    std::fs::remove_dir_all(village.data()).unwrap();
    std::fs::rename(village.folder.path().join("newest"), village.data()).unwrap();
    posts[0].start();
    let running = village.serve_with(fast);
    running.must_post(&[village.notice(2)]);
    signed(&running, 9, 2);
}

/// D-19: witnesses that are gone for ever are replaced by an act of the authority, which takes a log that signs unheard.
/// A policy in force at once: who is new is asked, who is gone is not, and with none nobody is waited for.
#[test]
fn the_witnesses_are_those_of_the_policy_in_force() {
    let (village, mut posts) = watched(1, 1);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 1);
    running.stop();
    posts[0].stop();
    let mut post = Post::of("new", &village.log);
    post.start();
    let running = village.serve_with(|settings| {
        let mut settings = fast(settings);
        settings.witnesses.without = true;
        settings
    });
    assert_eq!(health(&running)["status"], "red");
    let policy = |seq, lines: Vec<String>| {
        let lines: Vec<Value> = lines.into_iter().map(Value::Text).collect();
        let json = village.json("440811000000-99", seq, "policy", Object::new().with("lines", lines));
        village.sign(&json, &[&village.authority])
    };
    running.must_post(&[policy(1, vec![post.line(), "quorum new".to_owned()])]);
    let head = signed(&running, 7, 1);
    assert_eq!((times(&head, &post.key).len(), health(&running)["status"].as_str()), (1, Some("green")));
    running.stop();
    // With the new one, a start needs no help.
    let running = village.serve_with(fast);
    running.must_post(&[village.notice(1)]);
    signed(&running, 9, 1);
    assert_eq!(verdict(&village, &running), Code::OkNotReplayed);
    post.stop();
    running.must_post(&[policy(2, vec!["quorum none".to_owned()])]);
    assert_eq!(running.must_post(&[village.notice(2)])["published"], true);
    assert!(health(&running).get("witnesses").is_none());
    running.must_post(&[policy(3, vec![post.line(), "quorum new".to_owned()])]);
    post.start();
    signed(&running, 15, 1);
}

/// D-14: a replayer is not asked; what it states is fetched and shown.
#[test]
fn what_a_replayer_states_is_fetched() {
    let log = Key::new(ORIGIN, Role::Log);
    let mut post = Post::of("w0", &log);
    let policy = [
        post.line(),
        post.replay_line(),
        "group replayers 1 w0-replay".to_owned(),
        "group all 2 w0 replayers".to_owned(),
        "quorum all".to_owned(),
    ];
    let village = Village::under(log, &policy, now());
    post.follow(&village.data(), village.charter);
    post.start();
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    running.must_post(&[village.notice(1)]);
    signed(&running, 7, 2);
    assert_eq!(verdict(&village, &running), Code::OkFirstVisit);
    assert_eq!(health(&running)["witnesses"]["replayed"], true);
}

/// D-12: also while entries pour in, heads get a whole quorum, and answers wait for nobody.
#[test]
fn heads_get_their_quorum_under_load() {
    let (village, _posts) = watched(3, 3);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    let mut whole = 0;
    let begun = Instant::now();
    for n in 1..=200 {
        running.must_post(&[village.notice(n)]);
        let published = health(&running);
        whole += u64::from(published["witnesses"]["met"] == true);
    }
    println!("{whole} of 200 looks saw a whole quorum, {:?}", begun.elapsed());
    assert!(whole > 50, "{whole} of 200 looks saw a whole quorum");
    signed(&running, 405, 3);
}
