//! A log in a real folder: it goes on after a restart, rebuilds its index, and refuses to start when damaged
//! (D-06 to D-09).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::append::RefusalCode;
use std::fs;
use std::path::Path;
use store::check::{fsck, reindex};
use store::{Log, StoreError, SubmitError, init_path};
use support::{NOW, Village, log_key, options, run, submit};

fn open(dir: &Path) -> Result<Log, StoreError> {
    Log::open_path(dir, log_key(), options())
}

/// A log of 300 notices in a folder, closed again: one full tile and one partial.
fn filled(dir: &Path) -> Village {
    let village = Village::new();
    init_path(dir, &village.charter, &village.log, NOW).unwrap();
    let log = open(dir).unwrap();
    submit(&log, village.registry()).unwrap();
    for first in [1, 101, 201] {
        let notes = (first..first + 100).map(|seq| village.notice(seq, &format!("公告 {seq}"))).collect();
        submit(&log, notes).unwrap();
    }
    run(log.shutdown());
    village
}

fn refusal(dir: &Path) -> String {
    match open(dir) {
        Ok(_) => panic!("a damaged log started"),
        Err(e) => e.to_string(),
    }
}

/// SPEC D-06.
#[test]
fn it_goes_on_after_a_restart_and_fsck_holds() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path());
    let report = fsck(dir.path(), |_, _| {}).unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!((report.size, report.entries, report.publications), (308, 302, 5));
    let log = open(dir.path()).unwrap();
    assert_eq!(log.published().size, 308);
    let receipts = submit(&log, vec![village.notice(301, "又一条")]).unwrap();
    assert_eq!((receipts[0].seq, receipts[0].index), (301, 308));
    assert!(dir.path().join("tile/entries/000").exists());
    assert!(!dir.path().join("tile/entries/000.p").exists(), "partial tiles go once the full one stands");
    let cut = log.read_file("tile/entries/000.p/3").unwrap().unwrap();
    assert_eq!(ledger::tile::decode_bundle(&cut, 3).unwrap().len(), 3);
    run(log.shutdown());
    assert!(fsck(dir.path(), |_, _| {}).unwrap().holds());
}

/// SPEC D-07.
#[test]
fn a_second_start_and_a_missing_log_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    assert!(refusal(dir.path()).contains("village-ledger init"));
    let village = filled(dir.path());
    assert!(matches!(init_path(dir.path(), &village.charter, &village.log, NOW), Err(StoreError::Exists)));
    let _log = open(dir.path()).unwrap();
    assert!(refusal(dir.path()).contains("正被另一个程序使用"));
}

/// SPEC D-08.
#[test]
fn the_query_index_is_rebuilt_when_lost_and_known_entries_keep_their_places() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path());
    let log = open(dir.path()).unwrap();
    let known = submit(&log, vec![village.notice(7, "公告 7")]).unwrap();
    run(log.shutdown());
    drop(log);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let log = open(dir.path()).unwrap();
    assert_eq!(submit(&log, vec![village.notice(7, "公告 7")]).unwrap(), known);
    assert_eq!(log.published().size, 308, "a known entry makes no publication");
    run(log.shutdown());
    drop(log);
    assert_eq!(reindex(dir.path()).unwrap(), 308);
    let log = open(dir.path()).unwrap();
    assert_eq!(submit(&log, vec![village.notice(7, "公告 7")]).unwrap(), known);
}

/// SPEC E-61.
#[test]
fn a_batch_with_one_bad_entry_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path());
    let log = open(dir.path()).unwrap();
    let batch = vec![village.notice(301, "好"), village.notice(303, "跳号"), village.notice(7, "改写")];
    let Err(SubmitError::Refused(refused)) = submit(&log, batch) else { panic!("taken") };
    let codes: Vec<_> = refused.iter().map(|(at, r)| (*at, r.code, r.next_seq)).collect();
    assert_eq!(
        codes,
        [(1, RefusalCode::WrongSeq, Some(302)), (2, RefusalCode::SeqTaken, Some(302))],
        "each faulty entry is named"
    );
    assert_eq!(log.published().size, 308);
    submit(&log, vec![village.notice(301, "好")]).unwrap();
    run(log.shutdown());
    assert!(fsck(dir.path(), |_, _| {}).unwrap().holds());
}

/// SPEC D-09, D-04.
#[test]
fn damage_stops_the_start_with_instructions() {
    let damage = [
        ("tile/0/001.p/52", flip as fn(&Path)),
        ("tile/entries/001.p/52", flip),
        ("tile/1/000.p/1", |path| fs::remove_file(path).unwrap()),
        ("tile/entries/001.p/52", |path| fs::remove_file(path).unwrap()),
        ("lock-store/checkpoint", flip),
    ];
    for (path, harm) in damage {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        harm(&dir.path().join(path));
        let why = refusal(dir.path());
        assert!(why.contains("拒绝启动") && why.contains("fsck"), "{path}: {why}");
    }
}

#[test]
fn a_foreign_checkpoint_and_a_foreign_key_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let other = keys::Signer::from_secret(support::ORIGIN, keys::Role::Log, &[9; 32]).unwrap();
    let Err(e) = Log::open_path(dir.path(), other, options()) else { panic!("opened") };
    assert!(e.to_string().contains("账本密钥应为"), "{e}");
}

#[test]
fn fsck_finds_every_flipped_file() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    for path in [
        "tile/0/000",
        "tile/0/001.p/52",
        "tile/1/000.p/1",
        "tile/entries/000",
        "checkpoints/308",
        "checkpoint",
    ] {
        let at = dir.path().join(path);
        let good = fs::read(&at).unwrap();
        flip(&at);
        let found = fsck(dir.path(), |_, _| {});
        assert!(!found.is_ok_and(|report| report.holds()), "{path}: a flipped byte went unseen");
        fs::write(&at, good).unwrap();
    }
    assert!(fsck(dir.path(), |_, _| {}).unwrap().holds());
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}
