//! The order of writes: cut a publication at every step, in both flavours, and every answered entry is there
//! (D-01 to D-05).

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod support;

use ledger::bundle::{Ask, Source, build, verify};
use ledger::hash::leaf_hash;
use ledger::merkle::{prove_inclusion, root_of, verify_inclusion};
use ledger::unit::UnitId;
use ledger::verdict::Code;
use std::sync::Arc;
use store::{Fault, Log, MemoryDisk, SubmitError};
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
        for step in 0..steps {
            let disk = Arc::new(MemoryDisk::new());
            let log = start(&village, &disk, 3);
            disk.fail_at(step, fault);
            let note = village.notice(4, "四");
            let answer = submit(&log, vec![note.clone()]);
            run(log.shutdown());
            disk.crash();

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

/// SPEC D-05.
#[test]
fn many_publications_survive_a_power_cut_before_anything_settled() {
    let village = Village::new();
    let disk = Arc::new(MemoryDisk::new());
    let log = start(&village, &disk, 90);
    assert_eq!(count(&log), 90);
    // No shutdown: files in place were never synced, only their staged files were.
    disk.fail_at(0, Fault::NotDone);
    run(log.shutdown());
    disk.crash();
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert_eq!(count(&log), 90);
    assert_whole(&log);
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
    for step in 0..12 {
        disk.fail_at(step, Fault::YetDone);
        if let Ok(log) = Log::open(place(&disk), log_key(), options()) {
            run(log.shutdown());
        }
        disk.crash();
    }
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert_eq!(count(&log), 5);
    assert_whole(&log);
}
