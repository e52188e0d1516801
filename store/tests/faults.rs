//! The order of writes: cut a publication at every step, in both flavours, and every answered entry is there
//! (D-01 to D-05).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::bundle::{Ask, Source, build, verify};
use ledger::hash::leaf_hash;
use ledger::merkle::{prove_inclusion, root_of, verify_inclusion};
use ledger::unit::UnitId;
use ledger::verdict::Code;
use std::sync::Arc;
use store::{Disk, Fault, Log, MemoryDisk, SubmitError};
use support::{NOW, UNIT, Village, log_key, options, place, run, start, submit};

/// Everything the log says of itself fits: root, index leaf, lines, and a phone's whole check of the unit.
fn assert_whole(log: &Log) {
    let snapshot = log.snapshot();
    let published = log.published();
    assert_eq!(root_of(&snapshot, published.size).unwrap(), published.root);
    for index in 0..published.size {
        let leaf = snapshot.leaf(index).unwrap();
        let path = prove_inclusion(&snapshot, index, published.size).unwrap();
        verify_inclusion(&leaf_hash(&leaf), index, published.size, &path, &published.root).unwrap();
    }
    let unit = UnitId::parse(UNIT).unwrap();
    let bundle = build(&snapshot, unit, 1, None).unwrap().encode();
    let outcome = verify(&bundle, &Ask { now: NOW, ..Ask::default() });
    assert_eq!(outcome.verdict.code, Code::OkUnwitnessed, "{}", outcome.verdict.detail);
}

/// How often each step is cut with a power cut of another sort.
const CUTS: u64 = 6;

/// Everything unsynced is lost, or, by other seeds than 0, some of it.
fn crash(disk: &MemoryDisk, seed: u64) {
    match seed {
        0 => disk.crash(),
        seed => disk.power_cut(seed),
    }
}

fn count(log: &Log) -> u64 {
    let unit = UnitId::parse(UNIT).unwrap();
    log.published().rows.iter().find(|row| row.unit == unit).map_or(0, |row| row.count)
}

/// SPEC D-01, D-02, D-03, D-05.
#[test]
fn a_publication_cut_at_any_step_loses_no_answered_entry() {
    let village = Village::new();
    // How many changing operations one publication and its settling take.
    let disk = Arc::new(MemoryDisk::new());
    let log = start(&village, &disk, 3);
    let before = disk.operations();
    submit(&log, vec![village.notice(4, "四")]).unwrap();
    run(log.shutdown());
    let steps = disk.operations() - before;
    assert!(steps > 8, "a publication has {steps} steps");

    let mut answered_cut = 0;
    for fault in [Fault::NotDone, Fault::YetDone] {
        for (step, cut) in (0..steps).flat_map(|step| (0..=CUTS).map(move |cut| (step, cut))) {
            let disk = Arc::new(MemoryDisk::new());
            let log = start(&village, &disk, 3);
            disk.fail_at(step, fault);
            let note = village.notice(4, "四");
            let answer = submit(&log, vec![note.clone()]);
            run(log.shutdown());
            crash(&disk, cut);

            let log = Log::open(place(&disk), log_key(), options())
                .unwrap_or_else(|e| panic!("step {step} {fault:?}: {e}"));
            assert_whole(&log);
            match answer {
                Ok(receipts) => {
                    assert_eq!(count(&log), 4, "step {step} {fault:?}: answered and gone");
                    let line = log.snapshot().line(&receipts[0].unit, 4).unwrap().unwrap();
                    assert_eq!((line.index, line.leaf), (receipts[0].index, receipts[0].leaf));
                }
                Err(SubmitError::Stopped(_)) => {
                    answered_cut += 1;
                    assert!([3, 4].contains(&count(&log)));
                }
                Err(e) => panic!("step {step} {fault:?}: {e}"),
            }
            // Asking again is harmless either way, and the log goes on.
            let again = submit(&log, vec![note]).unwrap();
            assert_eq!(again[0].seq, 4);
            submit(&log, vec![village.notice(5, "五")]).unwrap();
            assert_eq!(count(&log), 5);
            assert_whole(&log);
            run(log.shutdown());
        }
    }
    assert!(answered_cut > 0, "no cut ever hit a publication");
}

/// A publication that was staged and never committed leaves nothing, even when the removal of its staged file is
/// undone by the next power cut, after the log has gone on.
///
/// SPEC D-02.
#[test]
fn a_staged_publication_that_never_happened_does_not_come_back() {
    let village = Village::new();
    for cut in 1..=20 {
        let disk = Arc::new(MemoryDisk::new());
        let log = start(&village, &disk, 3);
        // Cut right before the compare-and-swap: staged are three entries at once.
        disk.fail_at(2, Fault::NotDone);
        let lost = (4..=6).map(|seq| village.notice(seq, "没有发生")).collect();
        assert!(matches!(submit(&log, lost), Err(SubmitError::Stopped(_))));
        run(log.shutdown());
        disk.power_cut(cut);
        let mut log = Log::open(place(&disk), log_key(), options()).unwrap();
        assert_eq!(disk.list("staged").unwrap(), Vec::<String>::new());
        assert_eq!(disk.read("checkpoints/015").unwrap(), None, "a head that never was would be served");
        for seq in 4..=9 {
            submit(&log, vec![village.notice(seq, "发生了")]).unwrap();
            disk.fail_at(0, Fault::NotDone);
            run(log.shutdown());
            disk.power_cut(cut * 100 + seq);
            log = Log::open(place(&disk), log_key(), options()).unwrap();
            assert_eq!(count(&log), seq);
            assert_whole(&log);
        }
    }
}

/// SPEC D-02.
#[test]
fn a_staged_publication_of_the_committed_size_and_another_root_is_not_applied() {
    let village = Village::new();
    for round in 0..8 {
        let disk = Arc::new(MemoryDisk::new());
        let log = start(&village, &disk, 3);
        disk.fail_at(2, Fault::NotDone);
        assert!(submit(&log, vec![village.notice(4, &format!("没有发生 {round}"))]).is_err());
        run(log.shutdown());
        let name = disk.list("staged").unwrap().pop().unwrap();
        let stale = disk.read(&format!("staged/{name}")).unwrap().unwrap();
        disk.crash();
        let log = Log::open(place(&disk), log_key(), options()).unwrap();
        submit(&log, vec![village.notice(4, "发生了")]).unwrap();
        run(log.shutdown());
        disk.write(&format!("staged/{name}"), &stale).unwrap();
        let log = Log::open(place(&disk), log_key(), options()).unwrap();
        assert_eq!(count(&log), 4);
        assert_whole(&log);
    }
}

/// SPEC D-05.
#[test]
fn many_publications_survive_a_power_cut_before_anything_settled() {
    let village = Village::new();
    for cut in 0..=CUTS {
        let disk = Arc::new(MemoryDisk::new());
        // Beyond one full tile, whose partial ones are removed, and beyond one settling.
        let log = start(&village, &disk, 150);
        assert_eq!(count(&log), 150);
        // No shutdown: files in place were never synced, only their staged files were.
        disk.fail_at(0, Fault::NotDone);
        run(log.shutdown());
        crash(&disk, cut);
        let log = Log::open(place(&disk), log_key(), options()).unwrap();
        assert_eq!(count(&log), 150);
        assert_whole(&log);
    }
}

/// SPEC D-04.
#[test]
fn a_start_cut_while_it_recovers_recovers_again() {
    let village = Village::new();
    let disk = Arc::new(MemoryDisk::new());
    let log = start(&village, &disk, 5);
    disk.fail_at(0, Fault::NotDone);
    run(log.shutdown());
    disk.crash();
    for (step, cut) in (0..30).flat_map(|step| (0..=CUTS).map(move |cut| (step, cut))) {
        disk.fail_at(step, if cut % 2 == 0 { Fault::YetDone } else { Fault::NotDone });
        if let Ok(log) = Log::open(place(&disk), log_key(), options()) {
            run(log.shutdown());
        }
        crash(&disk, cut);
    }
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert_eq!(count(&log), 5);
    assert_whole(&log);
}
