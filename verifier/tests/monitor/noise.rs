//! Whatever else comes instead of a head is silence, and never a word against the log.

use crate::host::{Host, Mood};
use crate::rig::{Rig, list};
use crate::support::{CREATED, Log};
use std::time::{Duration, Instant};

const NOW: u64 = CREATED + 1_000;

#[test]
fn garbage_endless_and_slow_answers_are_silence() {
    let log = Log::demo();
    let host = Host::of(&log);
    let moods = [
        Mood::Page,
        Mood::Huge,
        Mood::Slow,
        Mood::HangsUp,
        Mood::Status(500),
        Mood::Status(204),
        Mood::Status(404),
    ];
    let bad = moods.map(|mood| {
        let hosts = [Host::of(&log), Host::witness(log.checkpoint())];
        hosts.iter().for_each(|host| host.be(mood));
        hosts
    });
    let [mirrors, witnesses] = [0, 1].map(|at| bad.iter().map(|hosts| &hosts[at]).collect::<Vec<_>>());
    let more = list("mirrors", &mirrors) + &list("witnesses", &witnesses);
    let rig = Rig::new(&log, &host.address, &more);
    let began = Instant::now();
    let done = rig.round(NOW);
    assert!(began.elapsed() < Duration::from_secs(20), "all are asked at once, each for two seconds at most");
    done.tells(&["silent open"; 14]);
    bad.iter().flatten().for_each(|host| host.be(Mood::Fine));
    rig.round(NOW + 1).tells(&["silent resolved"; 14]);
}

/// A head of another log, or under another key, is no head of this one.
#[test]
fn heads_of_others_are_silence() {
    let log = Log::demo();
    let mut stranger = log.clone();
    stranger.log = crate::support::Key::note(crate::support::ORIGIN, 99);
    let foreign = String::from_utf8(log.checkpoint()).unwrap().replacen("mazhang", "zhangma", 1);
    let mut cut = log.checkpoint();
    cut.truncate(100);
    let heads = [stranger.checkpoint(), foreign.into_bytes(), cut, Vec::new()];
    let witnesses = heads.map(Host::witness);
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, &list("witnesses", &witnesses.iter().collect::<Vec<_>>()));
    rig.round(NOW).tells(&["silent open"; 4]);
}

/// V-06: tiles that rebuild no signed root say nothing, whoever serves them.
#[test]
fn tiles_that_do_not_fit_are_not_a_second_book() {
    let mut log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    log.take(log.entry(5, "voucher"));
    log.publish(CREATED + 400);
    // The head of one log over the tiles of another.
    let mut other = Log::demo();
    other.take(other.entry(5, "notice"));
    other.publish(CREATED + 400);
    host.show(&other);
    let head = log.checkpoint();
    let folder = other.folder();
    std::fs::write(folder.path().join("checkpoint"), &head).unwrap();
    let place = folder.path().display().to_string();
    rig.configure("silent_after = 0", &place, "");
    let done = rig.round(NOW + 1);
    done.tells(&["cannot_show open"]);
    assert!(done.told[0].found.detail.as_ref().unwrap().contains("算不出"), "{done:?}");
    log.write(folder.path());
    rig.round(NOW + 2).tells(&["cannot_show resolved"]);
    std::fs::remove_dir_all(folder.path().join("tile")).unwrap();
    rig.round(NOW + 3).tells(&["silent open"]);
    log.write(folder.path());
    rig.round(NOW + 4).tells(&["silent resolved"]);
}
