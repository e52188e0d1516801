//! What is remembered: through restarts, kills in the middle of a write, and damage.

use crate::host::Host;
use crate::rig::Rig;
use crate::support::{CREATED, Log, ORIGIN};
use std::fs;
use verifier::monitor::memory::{HEADS, Memory, STATE};

const NOW: u64 = CREATED + 1_000;

fn grown(log: &Log, seq: u64) -> Log {
    let mut log = log.clone();
    log.take(log.entry(seq, "notice"));
    log.publish(CREATED + 100 * seq);
    log
}

/// Every head ever seen is there, each once.
#[test]
fn every_head_is_remembered_once() {
    let mut log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    for seq in 5..10 {
        for _ in 0..2 {
            rig.round(NOW).tells(&[]);
        }
        log = grown(&log, seq);
        host.show(&log);
    }
    let memory = Memory::open(rig.memory(), ORIGIN, NOW).unwrap();
    let sizes: Vec<u64> = memory.heads().map(|seen| seen.checkpoint.size).collect();
    assert_eq!(sizes, [12, 14, 16, 18, 20]);
}

/// A kill after any byte of the file of heads: what was whole is there, and the rest never happened.
#[test]
fn heads_cut_anywhere_are_read_up_to_the_last_whole_line() {
    let one = Log::demo();
    let host = Host::of(&one);
    let rig = Rig::new(&one, &host.address, "");
    rig.round(NOW).tells(&[]);
    host.show(&grown(&one, 5));
    rig.round(NOW + 1).tells(&[]);
    let file = rig.memory().join(HEADS);
    let whole = fs::read(&file).unwrap();
    for cut in 0..=whole.len() {
        fs::write(&file, &whole[..cut]).unwrap();
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        let memory = Memory::open(rig.memory(), ORIGIN, NOW).unwrap();
        assert_eq!(memory.heads().count(), lines.div_ceil(2), "after {cut} bytes");
        assert_eq!(fs::read(&file).unwrap().iter().filter(|byte| **byte == b'\n').count(), lines);
    }
    // And it goes on from there.
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    rig.round(NOW + 2).tells(&[]);
    assert_eq!(Memory::open(rig.memory(), ORIGIN, NOW).unwrap().heads().count(), 2);
}

/// A kill between the new state's first byte and its new name leaves the old one.
#[test]
fn a_state_half_written_is_the_old_state() {
    let log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    let folder = rig.memory();
    let old = fs::read(folder.join(STATE)).unwrap();
    for cut in [0, 1, old.len() / 2] {
        fs::write(folder.join("state.new"), &old[..cut]).unwrap();
        let memory = Memory::open(folder.clone(), ORIGIN, NOW + 9).unwrap();
        assert_eq!(memory.state.since, NOW);
        memory.save().unwrap();
        assert_eq!(fs::read(folder.join(STATE)).unwrap(), old);
    }
}

/// Damage is said, and nothing is begun anew over it.
#[test]
fn a_damaged_memory_is_not_begun_anew() {
    let log = Log::demo();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    rig.round(NOW).tells(&[]);
    let folder = rig.memory();
    for (file, bytes) in [(HEADS, &b"seen 1 2\n"[..]), (HEADS, b"\xff\n"), (STATE, b"{}"), (STATE, b"")] {
        let old = fs::read(folder.join(file)).unwrap();
        fs::write(folder.join(file), bytes).unwrap();
        let e = Memory::open(folder.clone(), ORIGIN, NOW).unwrap_err();
        assert!(e.to_string().contains("不要删掉"), "{e}");
        fs::write(folder.join(file), old).unwrap();
    }
    rig.round(NOW + 1).tells(&[]);
}

/// A forked head that was seen and not held yet when the program was killed is held by the next one.
#[test]
fn a_kill_between_a_head_and_its_place_loses_nothing() {
    let trunk = Log::demo();
    let (one, mut other) = (grown(&trunk, 5), trunk.clone());
    other.take(other.entry(5, "voucher"));
    other.publish(CREATED + 500);
    let host = Host::of(&one);
    let rig = Rig::new(&one, &host.address, "");
    rig.round(NOW).tells(&[]);
    host.show(&other);
    let before = fs::read(rig.memory().join(STATE)).unwrap();
    rig.round(NOW + 1).tells(&["two_heads open"]);
    // As after a kill before anything was told.
    let whole = fs::read_to_string(rig.memory().join(HEADS)).unwrap();
    assert!(whole.trim_end().rsplit('\n').next().unwrap().starts_with("forked"), "{whole}");
    let heads = fs::read_to_string(rig.memory().join(HEADS)).unwrap();
    let seen = heads.rfind("seen").unwrap();
    let end = seen + heads[seen..].find('\n').unwrap() + 1;
    fs::write(rig.memory().join(HEADS), &heads[..end]).unwrap();
    fs::write(rig.memory().join(STATE), before).unwrap();
    rig.round(NOW + 2).tells(&["two_heads open"]);
}
