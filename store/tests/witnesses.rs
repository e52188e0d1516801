//! Heads and their cosignatures: what is merged, what is published, what a crash leaves (D-06, D-12, D-13, D-17).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use keys::{Role, Signer};
use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::index::IndexLeaf;
use ledger::leaf;
use ledger::note::Signature;
use std::sync::Arc;
use store::check::fsck;
use store::{Disk, Fault, Log, MAX_AHEAD, MemoryDisk, Options, Published, SubmitError, init_path};
use support::{NOW, Village, log_key, options, parse, place, run, start, submit};

fn witness(n: u8) -> Signer {
    Signer::from_secret(&format!("w{n}.example/w"), Role::Cosigner, &[40 + n; 32]).unwrap()
}

/// A village with the witnesses 0 and 1, both needed.
fn village() -> Village {
    let line = |n| format!("witness w{n} {} http://w{n}.example/", witness(n).vkey());
    Village::under(&[line(0), line(1), "group all 2 w0 w1".to_owned(), "quorum all".to_owned()])
}

fn asking() -> Options {
    Options { witnesses: true, ..options() }
}

fn text(head: &Published) -> String {
    SignedCheckpoint::parse(&head.checkpoint).unwrap().text().to_owned()
}

fn cosign(n: u8, time: u64, head: &Published) -> Signature {
    witness(n).cosign(time, &text(head)).unwrap()
}

fn newest(log: &Log) -> Arc<Published> {
    log.commits().borrow().clone()
}

/// Witnesses and times on a checkpoint; every line but the log's must be one.
fn cosigners(checkpoint: &[u8]) -> Vec<(u8, u64)> {
    let signed = SignedCheckpoint::parse(checkpoint).unwrap();
    signed.verify_log(log_key().vkey()).unwrap();
    let of = |line| {
        (0..9).find_map(|n| Some((n, cosignature::verify(witness(n).vkey(), signed.text(), line).ok()?)))
    };
    signed.signatures[1..].iter().map(|line| of(line).unwrap()).collect()
}

/// A running log of a head with two notices that is committed and not published.
fn running(village: &Village, disk: &Arc<MemoryDisk>) -> (Log, Arc<Published>) {
    run(start(village, disk, 1).shutdown());
    let log = Log::open(place(disk), log_key(), asking()).unwrap();
    log.allow();
    submit(&log, vec![village.notice(2, "二")]).unwrap();
    let head = newest(&log);
    (log, head)
}

#[test]
/// SPEC D-13.
fn of_each_witness_the_newest_line_that_holds_is_kept() {
    let (village, disk) = (village(), Arc::new(MemoryDisk::new()));
    let (log, head) = running(&village, &disk);
    let before = log.published();
    assert!(before.size < head.size, "committed and not yet published");
    let mut forged = cosign(1, NOW, &head);
    forged.bytes[30] ^= 1;
    let of_before = cosign(1, NOW, &before);
    let future = cosign(1, NOW + MAX_AHEAD + 1, &head);
    let log_line = SignedCheckpoint::parse(&head.checkpoint).unwrap().signatures[0].clone();
    let useless = [forged, of_before, future, cosign(5, NOW, &head), log_line];
    // With nothing that holds, it is published all the same: that is the caller's wish.
    assert!(log.publish(&head, &useless).unwrap());
    assert_eq!(log.published().checkpoint, head.checkpoint);
    assert!(!log.publish(&head, &useless).unwrap(), "nothing new");
    for (lines, wanted) in [
        (vec![cosign(1, NOW - 9, &head)], vec![(1, NOW - 9)]),
        (vec![cosign(1, NOW - 10, &head), cosign(1, NOW - 9, &head)], vec![(1, NOW - 9)]),
        (vec![cosign(0, NOW - 5, &head), cosign(0, NOW - 7, &head)], vec![(0, NOW - 5), (1, NOW - 9)]),
        (vec![cosign(1, NOW + MAX_AHEAD, &head)], vec![(0, NOW - 5), (1, NOW + MAX_AHEAD)]),
    ] {
        let version = log.published().version;
        let changed = log.publish(&head, &lines).unwrap();
        let published = log.published();
        assert_eq!((cosigners(&published.checkpoint), published.size), (wanted, head.size));
        assert_eq!(published.version > version, changed);
        assert_eq!(disk.read("checkpoint").unwrap().unwrap(), published.checkpoint);
        assert_eq!(
            log.read_file(&format!("checkpoints/{}", head.size)).unwrap().unwrap(),
            published.checkpoint
        );
    }
    run(log.shutdown());
}

#[test]
/// SPEC D-06, D-13.
fn what_is_published_only_grows_and_late_lines_go_to_their_own_head() {
    let (village, disk) = (village(), Arc::new(MemoryDisk::new()));
    let (log, first) = running(&village, &disk);
    submit(&log, vec![village.notice(3, "三")]).unwrap();
    let second = newest(&log);
    log.publish(&second, &[cosign(0, NOW, &second)]).unwrap();
    log.publish(&first, &[cosign(1, NOW, &first)]).unwrap();
    assert_eq!(log.published().size, second.size);
    let kept = |size| log.read_file(&format!("checkpoints/{size}")).unwrap().unwrap();
    assert_eq!(
        (cosigners(&kept(first.size)), cosigners(&kept(second.size))),
        (vec![(1, NOW)], vec![(0, NOW)])
    );
    // D-15: the index leaf repeats those of the head that was published before it.
    submit(&log, vec![village.notice(4, "四")]).unwrap();
    let third = newest(&log);
    let leaf_bytes = ledger::bundle::Source::leaf(&log.snapshot_of(&third), third.size - 1).unwrap();
    let index = IndexLeaf::parse(&leaf::read(&leaf_bytes).unwrap()).unwrap();
    assert_eq!(index.witnessed, [cosign(0, NOW, &second).line().trim_end()]);
    run(log.shutdown());
}

#[test]
/// SPEC D-13.
fn cosignatures_survive_a_crash_at_any_step() {
    let village = village();
    let steps = {
        let disk = Arc::new(MemoryDisk::new());
        let (log, head) = running(&village, &disk);
        let before = disk.operations();
        log.publish(&head, &[cosign(0, NOW, &head)]).unwrap();
        disk.operations() - before
    };
    for (step, fault) in (0..=steps).flat_map(|s| [(s, Fault::NotDone), (s, Fault::YetDone)]) {
        for seed in 0..4 {
            let disk = Arc::new(MemoryDisk::new());
            let (log, head) = running(&village, &disk);
            disk.fail_at(step, fault);
            let done = log.publish(&head, &[cosign(0, NOW, &head)]).is_ok();
            run(log.shutdown());
            match seed {
                // Only the program was killed: what is staged is put in place again.
                0 => disk.fail_at(u64::MAX / 2, Fault::NotDone),
                seed => disk.power_cut(seed),
            }
            let log = Log::open(place(&disk), log_key(), asking()).unwrap();
            let published = log.published();
            assert_eq!(published.size, head.size);
            if done {
                assert_eq!(cosigners(&published.checkpoint), [(0, NOW)], "step {step} {fault:?} {seed}");
            }
            let kept = log.read_file(&format!("checkpoints/{}", head.size)).unwrap().unwrap();
            assert!(cosigners(&kept).len() <= 1);
            log.allow();
            submit(&log, vec![village.notice(3, "三")]).unwrap();
            run(log.shutdown());
        }
    }
}

#[test]
/// SPEC D-17.
fn nothing_is_signed_before_it_is_allowed_nor_after_it_is_refused() {
    let (village, disk) = (village(), Arc::new(MemoryDisk::new()));
    run(start(&village, &disk, 1).shutdown());
    let log = Log::open(place(&disk), log_key(), asking()).unwrap();
    let opened = disk.operations();
    assert!(log.stats().awaits_witnesses);
    let refused = run(log.submit(parse(&log, vec![village.notice(2, "二")])));
    assert!(matches!(refused, Err(SubmitError::Unheard)), "{refused:?}");
    assert_eq!(disk.operations(), opened);
    log.allow();
    submit(&log, vec![village.notice(2, "二")]).unwrap();
    log.refuse("另有一份 / another".to_owned());
    log.allow();
    let size = newest(&log).size;
    let refused = run(log.submit(parse(&log, vec![village.notice(3, "三")])));
    assert!(matches!(refused, Err(SubmitError::Stopped(why)) if why.contains("another")));
    assert_eq!(newest(&log).size, size);
    assert!(log.stats().stopped.is_some());
    run(log.shutdown());
}

#[test]
fn a_log_without_witnesses_waits_for_nobody() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    run(start(&village, &disk, 1).shutdown());
    let log = Log::open(place(&disk), log_key(), asking()).unwrap();
    submit(&log, vec![village.notice(2, "二")]).unwrap();
    assert_eq!(log.published().size, newest(&log).size);
    run(log.shutdown());
}

#[test]
fn fsck_finds_cosigned_heads_whole_beside_the_running_log() {
    let (village, folder) = (village(), tempfile::tempdir().unwrap());
    init_path(folder.path(), &village.charter, &village.log, NOW).unwrap();
    let log = Log::open_path(folder.path(), log_key(), asking()).unwrap();
    log.allow();
    submit(&log, village.registry()).unwrap();
    let head = newest(&log);
    log.publish(&head, &[cosign(0, NOW, &head), cosign(1, NOW, &head)]).unwrap();
    let report = fsck(folder.path(), |_, _| {}).unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    run(log.shutdown());
    drop(log);
    assert!(fsck(folder.path(), |_, _| {}).unwrap().holds());
    let log = Log::open_path(folder.path(), log_key(), asking()).unwrap();
    assert_eq!(cosigners(&log.published().checkpoint), [(0, NOW), (1, NOW)]);
    run(log.shutdown());
}
