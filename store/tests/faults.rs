//! The order of writes: cut a publication at every step, in both flavours, and every answered entry is there
//! (D-01 to D-05), its openings with it, and nothing that a redaction withdrew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::append::Submission;
use ledger::bundle::{Ask, Source, build, verify};
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{prove_inclusion, root_of, verify_inclusion};
use ledger::sealed::Openings;
use ledger::unit::UnitId;
use ledger::verdict::Code;
use std::sync::Arc;
use store::{Disk, Fault, Log, MemoryDisk, SubmitError};
use support::{
    NOW, UNIT, Village, bring, holding, log_key, options, parse, place, run, secrets, start, submit, upload,
};

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

/// Everything unsynced is lost, or, by other seeds than 0, some of it; by 1 nothing is: only the program was killed.
fn crash(disk: &MemoryDisk, seed: u64) {
    match seed {
        0 => disk.crash(),
        1 => disk.fail_at(u64::MAX / 2, Fault::NotDone),
        seed => disk.power_cut(seed),
    }
}

fn count(log: &Log) -> u64 {
    let unit = UnitId::parse(UNIT).unwrap();
    log.published().rows.iter().find(|row| row.unit == unit).map_or(0, |row| row.count)
}

/// A publication that is cut.
struct Cut<'a> {
    /// A log that has what it builds on.
    start: &'a dyn Fn(&Arc<MemoryDisk>) -> Log,
    /// What it brings: one entry of the unit.
    batch: &'a dyn Fn(&Log) -> Vec<Submission>,
    /// What must hold on the disk right after the power cut when it was answered.
    answered: &'a dyn Fn(&MemoryDisk),
    /// What must hold after the next start, of an entry that is in the log, or is not.
    holds: &'a dyn Fn(&MemoryDisk, &Log, bool),
}

fn cut_at_every_step(cut: &Cut) {
    // How many changing operations one publication and its settling take.
    let disk = Arc::new(MemoryDisk::new());
    let log = (cut.start)(&disk);
    let (first, village) = (count(&log), Village::new());
    let before = disk.operations();
    run(log.submit((cut.batch)(&log))).unwrap();
    run(log.shutdown());
    let steps = disk.operations() - before;
    assert!(steps > 8, "a publication has {steps} steps");

    let mut answered_cut = 0;
    for fault in [Fault::NotDone, Fault::YetDone] {
        for (step, seed) in (0..steps).flat_map(|step| (0..=CUTS).map(move |seed| (step, seed))) {
            let disk = Arc::new(MemoryDisk::new());
            let log = (cut.start)(&disk);
            disk.fail_at(step, fault);
            let batch = (cut.batch)(&log);
            let answer = run(log.submit(batch.clone()));
            run(log.shutdown());
            crash(&disk, seed);
            if answer.is_ok() {
                (cut.answered)(&disk);
            }

            let log = Log::open(place(&disk), log_key(), options())
                .unwrap_or_else(|e| panic!("step {step} {fault:?}: {e}"));
            assert_whole(&log);
            match answer {
                Ok(receipts) => {
                    assert_eq!(count(&log), first + 1, "step {step} {fault:?}: answered and gone");
                    let line = log.snapshot().line(&receipts[0].unit, first + 1).unwrap().unwrap();
                    assert_eq!((line.index, line.leaf), (receipts[0].index, receipts[0].leaf));
                }
                Err(SubmitError::Stopped(_)) => {
                    answered_cut += 1;
                    assert!([first, first + 1].contains(&count(&log)));
                }
                Err(e) => panic!("step {step} {fault:?}: {e}"),
            }
            (cut.holds)(&disk, &log, count(&log) > first);
            // Asking again is harmless either way, and the log goes on.
            let again = run(log.submit(batch)).unwrap();
            assert_eq!(again[0].seq, first + 1);
            (cut.holds)(&disk, &log, true);
            submit(&log, vec![village.notice(first + 2, "五")]).unwrap();
            assert_eq!(count(&log), first + 2);
            assert_whole(&log);
            run(log.shutdown());
            // What the start set right stays so, whatever becomes of it now.
            crash(&disk, seed + 2);
            let log = Log::open(place(&disk), log_key(), options()).unwrap();
            (cut.holds)(&disk, &log, true);
            run(log.shutdown());
        }
    }
    assert!(answered_cut > 0, "no cut ever hit a publication");
}

/// SPEC D-01, D-02, D-03, D-05.
#[test]
fn a_publication_cut_at_any_step_loses_no_answered_entry() {
    let village = Village::new();
    cut_at_every_step(&Cut {
        start: &|disk| start(&village, disk, 3),
        batch: &|log| parse(log, vec![village.notice(4, "四")]),
        answered: &|_| {},
        holds: &|_, _, _| {},
    });
}

/// SPEC D-02, D-05, D-10, P-14: an entry has its openings as soon as it is in the log, and none are there before.
#[test]
fn openings_cut_at_any_step_are_there_with_their_entry_and_not_without() {
    let village = Village::new();
    let sealed = village.sealed(UNIT, 4, ["李*明", "王*"], &[]);
    let unit = UnitId::parse(UNIT).unwrap();
    cut_at_every_step(&Cut {
        start: &|disk| start(&village, disk, 3),
        batch: &|log| vec![bring(log, &sealed)],
        answered: &|disk| assert_eq!(holding(disk, &secrets(&sealed.openings)).len(), 1),
        holds: &|disk, log, logged| {
            let found = log.openings(&unit, 4).unwrap();
            assert_eq!(found, logged.then(|| sealed.openings.clone()));
            let file = format!("openings/{UNIT}/4.json");
            let wanted = if logged { vec![file] } else { Vec::new() };
            assert_eq!(holding(disk, &secrets(&sealed.openings)), wanted);
        },
    });
}

/// Cuts a redaction of some of what an entry with two sealed names and an attachment keeps.
fn cut_a_redaction_of(paths: &[&str]) {
    let village = Village::new();
    let unit = UnitId::parse(UNIT).unwrap();
    let (file, salt) = ("残疾证明，李小明".as_bytes(), [9; 32]);
    let prepare = |log: &Log| {
        let (digest, about) = upload(log, file, Some(salt));
        (digest, village.sealed(UNIT, 4, ["李*明", "王*"], &[(digest, &about)]))
    };
    let (digest, sealed) = prepare(&start(&village, &Arc::new(MemoryDisk::new()), 0));
    let left = sealed.openings.without(paths);
    let gone = sealed.openings.iter().filter(|opening| left.get(&opening.path).is_none());
    let mut withdrawn = secrets(&Openings::new(gone.cloned().collect()).unwrap());
    let with_file = paths.contains(&"attachments.0");
    if with_file {
        withdrawn.extend([file.to_vec(), Hash::from_bytes(salt).to_base64().into_bytes()]);
    }
    cut_at_every_step(&Cut {
        start: &|disk| {
            let log = start(&village, disk, 3);
            submit(&log, vec![village.supervisor()]).unwrap();
            run(log.submit(vec![bring(&log, &prepare(&log).1)])).unwrap();
            log
        },
        batch: &|log| parse(log, vec![village.redaction(5, (4, &sealed.note), paths)]),
        answered: &|disk| assert_eq!(holding(disk, &withdrawn), Vec::<String>::new()),
        holds: &|disk, log, logged| {
            let kept = if logged { &left } else { &sealed.openings };
            assert_eq!(log.openings(&unit, 4).unwrap().unwrap_or_default(), *kept);
            assert_eq!(log.blobs().is_withdrawn(&digest).unwrap(), logged && with_file);
            assert_eq!(log.blobs().about(&digest).unwrap().is_none(), logged && with_file);
            assert_eq!(log.blobs().read(&digest).unwrap().is_none(), logged && with_file);
            assert_eq!(holding(disk, &withdrawn).is_empty(), logged);
            assert_eq!(log.named(&digest).unwrap(), Some((unit, 4)), "the entry names it for ever");
        },
    });
}

/// SPEC D-11, E-91, P-36: what a redaction withdrew is gone durably before the redaction is answered, and after the next
/// start when that was cut; all else stays, and without the redaction everything.
#[test]
fn a_redaction_cut_at_any_step_takes_what_it_names_and_only_then() {
    cut_a_redaction_of(&["approvals.0.name", "attachments.0"]);
}

/// SPEC D-11.
#[test]
fn a_redaction_of_all_openings_cut_at_any_step_takes_their_file() {
    cut_a_redaction_of(&["approvals.0.name", "counterparty.name"]);
}

/// A publication that was staged and never committed leaves nothing, even when the removal of its staged file, or of
/// its openings, is undone by the next power cut, after the log has gone on.
///
/// SPEC D-02, D-10, P-14.
#[test]
fn a_staged_publication_that_never_happened_does_not_come_back() {
    let village = Village::new();
    let sealed = [4, 5, 6].map(|seq| village.sealed(UNIT, seq, ["李*明", "王*"], &[]));
    let secrets = sealed.each_ref().map(|it| secrets(&it.openings)).concat();
    for (cut, with_openings) in (1..=20).flat_map(|cut| [(cut, false), (cut, true)]) {
        let disk = Arc::new(MemoryDisk::new());
        run(start(&village, &disk, 3).shutdown());
        let log = Log::open(place(&disk), log_key(), options()).unwrap();
        // Cut right before the compare-and-swap: staged are three entries at once.
        let plain = || (4..=6).map(|seq| village.notice(seq, "没有发生")).collect();
        let (lost, step) = match with_openings {
            true => (sealed.iter().map(|it| bring(&log, it)).collect(), 6),
            false => (parse(&log, plain()), 2),
        };
        disk.fail_at(step, Fault::NotDone);
        assert!(matches!(run(log.submit(lost)), Err(SubmitError::Stopped(_))));
        run(log.shutdown());
        assert_eq!(holding(&*disk, &secrets).len(), if with_openings { 3 } else { 0 });
        // The next start is cut as well, every second one by a kill that loses nothing yet.
        disk.fail_at(cut / 2 % 6, Fault::YetDone);
        let _ = Log::open(place(&disk), log_key(), options());
        crash(&disk, if cut % 2 == 0 { 1 } else { cut });
        let mut log = Log::open(place(&disk), log_key(), options()).unwrap();
        assert_eq!(disk.list("staged").unwrap(), Vec::<String>::new());
        assert_eq!(disk.read("checkpoints/015").unwrap(), None, "a head that never was would be served");
        for seq in 4..=9 {
            submit(&log, vec![village.notice(seq, "发生了")]).unwrap();
            disk.fail_at(0, Fault::NotDone);
            run(log.shutdown());
            disk.power_cut(cut * 100 + seq);
            assert_eq!(holding(&*disk, &secrets), Vec::<String>::new());
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

/// SPEC D-04, D-10, D-11.
#[test]
fn a_start_cut_while_it_recovers_recovers_again() {
    let village = Village::new();
    let disk = Arc::new(MemoryDisk::new());
    let log = start(&village, &disk, 5);
    submit(&log, vec![village.supervisor()]).unwrap();
    let file = "李小明的残疾证明".as_bytes();
    let (digest, about) = upload(&log, file, None);
    let sealed = village.sealed(UNIT, 6, ["李*明", "王*"], &[(digest, &about)]);
    run(log.submit(vec![bring(&log, &sealed)])).unwrap();
    // Openings of an entry that never happened, and a redaction that was committed and not carried out.
    disk.write(&format!("openings/{UNIT}/9.json"), sealed.openings.text().as_bytes()).unwrap();
    disk.sync(&[&format!("openings/{UNIT}/9.json")]).unwrap();
    disk.fail_at(2, Fault::YetDone);
    let paths = ["approvals.0.name", "attachments.0", "counterparty.name"];
    assert!(submit(&log, vec![village.redaction(7, (6, &sealed.note), &paths)]).is_err());
    run(log.shutdown());
    disk.crash();
    let secrets = [secrets(&sealed.openings), vec![file.to_vec()]].concat();
    assert_eq!(holding(&*disk, &secrets).len(), 3);
    let mut opened = false;
    for (step, cut) in (0..40).flat_map(|step| (0..=CUTS).map(move |cut| (step, cut))) {
        disk.fail_at(step, if cut % 2 == 0 { Fault::YetDone } else { Fault::NotDone });
        if let Ok(log) = Log::open(place(&disk), log_key(), options()) {
            run(log.shutdown());
            opened = true;
        }
        crash(&disk, cut);
        assert!(!opened || holding(&*disk, &secrets).is_empty(), "step {step}, cut {cut}: it came back");
    }
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert!(opened && log.blobs().is_withdrawn(&digest).unwrap());
    assert_eq!(disk.list(&format!("openings/{UNIT}")).unwrap(), Vec::<String>::new());
    assert_eq!(count(&log), 7);
    assert_whole(&log);
}
