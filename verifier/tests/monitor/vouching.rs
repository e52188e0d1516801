//! Who vouches, and since when nobody did: quorum, replayers, witnesses that are silent. The clock is the test's.

use crate::host::{Host, Mood};
use crate::rig::{Rig, list};
use crate::support::{CREATED, DISTRICT, Key, Log};
use ledger::json::{Object, Value};

const NOW: u64 = CREATED + 10_000;
const TWO_DAYS: u64 = 48 * 3_600;

fn witness(n: u8) -> Key {
    Key::cosigner(&format!("witness{n}.example/w"), 50 + n)
}

/// Two of w0, w1 and the replayer w2.
fn witnessed() -> Log {
    let witness = |n: u8| format!("witness w{n} {}", witness(n).vkey);
    let groups = ["group replayers 1 w2", "group village 2 w0 w1 replayers", "quorum village"];
    let policy: Vec<String> = (0..3).map(witness).chain(groups.map(str::to_owned)).collect();
    let mut log = Log::with(&policy);
    log.fill();
    log
}

/// The log's head with cosignatures.
fn head(log: &Log, cosigners: &[(u8, u64)]) -> Vec<u8> {
    let mut log = log.clone();
    log.cosigners = cosigners.iter().map(|(n, time)| (witness(*n), *time)).collect();
    log.checkpoint()
}

/// W-09, B-23: the quorum's time is what counts, gathered from everybody who has cosignatures.
#[test]
fn no_quorum_for_48_hours_is_told_and_ends_with_one() {
    let log = witnessed();
    let host = Host::of(&log);
    let (w0, w1) = (Host::witness(head(&log, &[(0, NOW)])), Host::witness(head(&log, &[(1, NOW)])));
    let rig = Rig::new(&log, &host.address, &list("witnesses", &[&w0, &w1]));
    rig.round(NOW).tells(&[]);
    // One of them goes on, and one is no quorum.
    w0.cosigned(head(&log, &[(0, NOW + TWO_DAYS)]));
    rig.round(NOW + TWO_DAYS).tells(&[]);
    let done = rig.round(NOW + TWO_DAYS + 1);
    done.tells(&["no_quorum_48h open", "no_replay_48h open"]);
    rig.round(NOW + TWO_DAYS + 2).tells(&[]);
    w1.cosigned(head(&log, &[(1, NOW + TWO_DAYS + 3)]));
    rig.round(NOW + TWO_DAYS + 3).tells(&["no_quorum_48h resolved"]);
    w1.cosigned(head(&log, &[(1, NOW + TWO_DAYS + 3), (2, NOW + TWO_DAYS + 4)]));
    rig.round(NOW + TWO_DAYS + 4).tells(&["no_replay_48h resolved"]);
}

/// A monitor that begins today does not know what was yesterday: it counts from when it first looked.
#[test]
fn a_log_that_nobody_ever_cosigned_is_told_two_days_after_the_first_look() {
    let log = witnessed();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    rig.round(NOW + TWO_DAYS + 1).tells(&["no_quorum_48h open", "no_replay_48h open"]);
}

/// An old quorum is told at the first look.
#[test]
fn an_old_quorum_is_told_at_once() {
    let log = witnessed();
    let host = Host::of(&log);
    let old = Host::witness(head(&log, &[(0, NOW), (2, NOW)]));
    let rig = Rig::new(&log, &host.address, &list("witnesses", &[&old]));
    rig.round(NOW + TWO_DAYS + 1).tells(&["no_quorum_48h open", "no_replay_48h open"]);
}

/// A cosignature from tomorrow holds for today, and no longer.
#[test]
fn a_time_ahead_counts_as_now() {
    let log = witnessed();
    let host = Host::of(&log);
    let ahead = Host::witness(head(&log, &[(0, NOW * 2), (2, NOW * 2)]));
    let rig = Rig::new(&log, &host.address, &list("witnesses", &[&ahead]));
    rig.round(NOW).tells(&[]);
    ahead.be(Mood::Status(503));
    rig.round(NOW + TWO_DAYS + 1).tells(&["no_quorum_48h open", "no_replay_48h open", "silent open"]);
}

/// W-05: cosignatures of strangers, and those that do not verify, count for nothing.
#[test]
fn cosignatures_of_strangers_vouch_for_nothing() {
    let log = witnessed();
    let host = Host::of(&log);
    let other = witnessed_by_strangers(&log);
    let rig = Rig::new(&log, &host.address, &list("witnesses", &[&other]));
    rig.round(NOW).tells(&[]);
    rig.round(NOW + TWO_DAYS + 1).tells(&["no_quorum_48h open", "no_replay_48h open"]);
}

fn witnessed_by_strangers(log: &Log) -> Host {
    let mut log = log.clone();
    log.cosigners = (0..60).map(|n| (Key::cosigner("witness0.example/w", 100 + n), NOW + TWO_DAYS)).collect();
    Host::witness(log.checkpoint())
}

/// B-13: the policy in force is the registry's, also for a program that has not read it again yet.
#[test]
fn the_policy_is_the_registrys() {
    let mut log = Log::demo();
    let lines = vec![format!("witness w0 {}", witness(0).vkey).into(), "quorum w0".into()];
    let body = Object::new().with("lines", Value::List(lines));
    log.take(log.act(DISTRICT, 1, "policy", body, &[]));
    log.publish(CREATED + 400);
    let (host, w0) = (Host::of(&log), Host::witness(head(&log, &[(0, NOW)])));
    let rig = Rig::new(&log, &host.address, &list("witnesses", &[&w0]));
    rig.round(NOW).tells(&[]);
    rig.round(NOW + TWO_DAYS + 1).tells(&["no_quorum_48h open"]);
}

#[test]
fn a_ledger_without_witnesses_has_no_quorum_to_miss() {
    let log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    rig.round(NOW + 3 * TWO_DAYS).tells(&[]);
}

/// Silence is told when it has lasted, as silence.
#[test]
fn a_silent_witness_is_told_when_it_has_been_silent_for_so_long() {
    let log = Log::demo();
    let (host, witness) = (Host::of(&log), Host::witness(log.checkpoint()));
    let more = list("witnesses", &[&witness]);
    let rig = Rig::new(&log, &host.address, &more);
    rig.configure("silent_after = 600", &host.address, &more);
    rig.round(NOW).tells(&[]);
    witness.be(Mood::HangsUp);
    for later in [NOW + 10, NOW + 300, NOW + 609] {
        let done = rig.round(later);
        done.tells(&[]);
        assert_eq!((done.round.open, done.round.unknown), (0, 1));
    }
    let done = rig.round(NOW + 610);
    done.tells(&["silent open"]);
    assert_eq!(done.told[0].found.source.as_deref(), Some(witness.address.as_str()));
    witness.be(Mood::Fine);
    rig.round(NOW + 611).tells(&["silent resolved"]);
    // A short absence afterwards begins anew.
    witness.be(Mood::HangsUp);
    rig.round(NOW + 1_300).tells(&[]);
}
