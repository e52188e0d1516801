//! What an operator's day brings: restored backups, damaged indexes, checks beside a running log (D-06, D-08,
//! D-09).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::hash::Hash;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::check::{fsck, reindex};
use store::{Index, Log, MemoryDisk, MemoryIndex, Place, StoreError, SubmitError, init_path};
use support::{NOW, UNIT, Village, log_key, options, place, run, start, submit};

fn open(dir: &Path) -> Result<Log, StoreError> {
    Log::open_path(dir, log_key(), options())
}

fn filled(dir: &Path, notices: u64) -> Village {
    let village = Village::new();
    init_path(dir, &village.charter, &village.log, NOW).unwrap();
    let log = open(dir).unwrap();
    submit(&log, village.registry()).unwrap();
    for first in (1..=notices).step_by(100) {
        let last = (first + 99).min(notices);
        submit(&log, (first..=last).map(|seq| village.notice(seq, &format!("公告 {seq}"))).collect())
            .unwrap();
    }
    run(log.shutdown());
    village
}

fn refusal(dir: &Path) -> String {
    match open(dir) {
        Ok(_) => panic!("it started"),
        Err(e) => e.to_string(),
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

#[test]
fn a_known_entry_sent_again_leaves_nothing_waiting() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 2);
    submit(&log, vec![village.notice(1, "公告 1")]).unwrap();
    assert_eq!(log.stats().unpublished_for, None, "nothing waits, so health must stay green");
}

/// SPEC D-06.
#[test]
fn an_older_lock_store_brought_back_from_a_backup_never_forks_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path(), 3);
    let lock = dir.path().join("lock-store/checkpoint");
    let old = fs::read(&lock).unwrap();
    let log = open(dir.path()).unwrap();
    submit(&log, vec![village.notice(4, "四")]).unwrap();
    run(log.shutdown());
    drop(log);
    fs::write(&lock, old).unwrap();
    let why = refusal(dir.path());
    assert!(why.contains("拒绝启动") && why.contains("备份"), "{why}");
}

/// SPEC D-09.
#[test]
fn a_log_without_its_lock_store_is_damaged_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path(), 3);
    fs::remove_dir_all(dir.path().join("lock-store")).unwrap();
    let why = refusal(dir.path());
    assert!(why.contains("拒绝启动") && !why.contains("village-ledger init"), "{why}");
    assert!(init_path(dir.path(), &village.charter, &village.log, NOW).is_err(), "init would write over it");
}

/// SPEC D-09.
#[test]
fn fsck_beside_a_growing_log_finds_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path(), 3);
    let log = open(dir.path()).unwrap();
    let mut next = 4;
    let report = fsck(dir.path(), |_, _| {
        submit(&log, vec![village.notice(next, "又一条")]).unwrap();
        next += 1;
    });
    let report = report.unwrap();
    assert!(next > 4 && report.holds(), "{:?}", report.faults);
}

/// SPEC D-04: what is only staged is in the log all the same.
#[test]
fn a_log_cut_before_anything_was_put_in_place_holds_and_starts() {
    let (dir, cut) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let village = filled(dir.path(), 200);
    let log = open(dir.path()).unwrap();
    let before = files(&dir.path().join("tile"));
    submit(&log, (201..=260).map(|seq| village.notice(seq, "新")).collect()).unwrap();
    copy(dir.path(), cut.path());
    run(log.shutdown());
    // Of the copy, everything that the last publication put in place is lost, some of it half.
    let placed = files(&cut.path().join("tile"));
    for (n, path) in placed.iter().enumerate() {
        if !before.contains(&dir.path().join(path.strip_prefix(cut.path()).unwrap())) {
            if n % 2 == 0 { fs::remove_file(path).unwrap() } else { fs::write(path, b"torn").unwrap() }
        }
    }
    let report = fsck(cut.path(), |_, _| {}).unwrap();
    assert!(report.holds() && report.size == 268, "{report:?}");
    let log = open(cut.path()).unwrap();
    assert_eq!(log.published().size, 268);
    run(log.shutdown());
    assert!(fsck(cut.path(), |_, _| {}).unwrap().holds());
}

/// SPEC D-04.
#[test]
fn a_missing_staged_publication_is_named_with_what_to_do() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 3);
    disk.fail_at(0, store::Fault::NotDone);
    run(log.shutdown());
    for name in store::Disk::list(&*disk, "staged").unwrap() {
        disk.crash();
        store::Disk::remove(&*disk, &format!("staged/{name}")).unwrap();
    }
    let Err(e) = Log::open(place(&disk), log_key(), options()) else { panic!("it started") };
    let why = e.to_string();
    assert!(why.contains("staged/00000000000000000011-") && why.contains("fsck"), "{why}");
}

/// SPEC D-08.
#[test]
fn a_damaged_index_is_rebuilt_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let village = filled(dir.path(), 120);
    let good = tempfile::tempdir().unwrap();
    copy(dir.path(), good.path());
    for harm in 0..24 {
        let cut = tempfile::tempdir().unwrap();
        copy(good.path(), cut.path());
        for file in files(&cut.path().join("index")) {
            let mut bytes = fs::read(&file).unwrap();
            match harm {
                0 => bytes.clear(),
                1 => bytes.truncate(bytes.len() / 2),
                2 => bytes.fill(0xff),
                3 => bytes = b"not a database".to_vec(),
                _ => {
                    let step = bytes.len() / 20;
                    for at in (step * (harm - 4)..).take(64) {
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte ^= 0xa5;
                        }
                    }
                }
            }
            fs::write(&file, bytes).unwrap();
        }
        let log = open(cut.path()).unwrap_or_else(|e| panic!("harm {harm}: {e}"));
        assert_eq!(log.published().size, 127, "harm {harm}");
        let answer = submit(&log, vec![village.notice(7, "公告 7")]).unwrap();
        assert_eq!(answer[0].seq, 7);
        run(log.shutdown());
        drop(log);
        assert_eq!(reindex(cut.path()).unwrap(), 127, "harm {harm}");
    }
}

/// SPEC D-08: a number without its line must not make the clerk publish the same thing twice.
#[test]
fn an_index_that_lost_a_line_refuses_nobody_and_is_rebuilt() {
    let (village, disk, index) =
        (Village::new(), Arc::new(MemoryDisk::new()), Arc::new(MemoryIndex::default()));
    let place = Place { index: Arc::clone(&index) as _, ..place(&disk) };
    run(start(&village, &disk, 5).shutdown());
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    let known = submit(&log, vec![village.notice(2, "公告 2")]).unwrap();
    let key = [b"l", UNIT.as_bytes(), &0_u64.to_be_bytes()].concat();
    let whole = index.get(&key).unwrap().unwrap();
    for damaged in [Vec::new(), whole[..48].to_vec(), [&whole[..48], &[7; 96]].concat()] {
        let log = Log::open(place.clone(), log_key(), options()).unwrap();
        index.apply(vec![(key.clone(), damaged)]).unwrap();
        let answer = submit(&log, vec![village.notice(2, "公告 2")]);
        assert!(matches!(answer, Err(SubmitError::Stopped(_))), "{answer:?}");
        run(log.shutdown());
        let log = Log::open(place.clone(), log_key(), options()).unwrap();
        assert_eq!(submit(&log, vec![village.notice(2, "公告 2")]).unwrap(), known);
        run(log.shutdown());
    }
}

/// SPEC D-08, E-97: amendments are found by what they are about, also after the index was built anew; an index of
/// the layout before (amendments by unit, head under `m`) is never misread.
#[test]
fn an_index_of_an_older_layout_is_built_anew() {
    let (village, disk, index) =
        (Village::new(), Arc::new(MemoryDisk::new()), Arc::new(MemoryIndex::default()));
    let place = Place { index: Arc::clone(&index) as _, ..place(&disk) };
    let first = village.notice(1, "公告 1");
    run(start(&village, &disk, 3).shutdown());
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    submit(&log, vec![village.correction(4, (1, &first), "公告 1", "二")]).unwrap();
    submit(&log, vec![village.correction(5, (2, &village.notice(2, "公告 2")), "公告 2", "别的")]).unwrap();
    submit(&log, vec![village.correction(6, (1, &first), "二", "三")]).unwrap();
    run(log.shutdown());
    let key = |target: u64| [b"a", UNIT.as_bytes(), &target.to_be_bytes()].concat();
    let numbers = [[0, 0, 0, 0, 0, 0, 0, 4, 0], [0, 0, 0, 0, 0, 0, 0, 6, 0]].concat();
    let corrects = |old: bool| {
        let log = Log::open(place.clone(), log_key(), options()).unwrap();
        // Of another layout, it was cleared first; of this one, it stays.
        assert_eq!(index.get(b"marker").unwrap().is_none(), old);
        assert_eq!(index.get(&key(1)).unwrap().as_ref(), Some(&numbers));
        assert_eq!(index.scan(b"a").unwrap().len(), 2);
        assert!(submit(&log, vec![village.correction(7, (1, &first), "二", "四")]).is_err());
        run(log.shutdown());
    };
    index.apply(vec![(b"marker".to_vec(), vec![1])]).unwrap();
    corrects(false);
    let head = index.get(b"m3").unwrap().unwrap();
    let by_unit = [4_u64, 5, 6].map(u64::to_be_bytes).concat();
    let old = [b"a", UNIT.as_bytes()].concat();
    let kept: Vec<_> = [b"l", b"u", b"g"].iter().flat_map(|t| index.scan(*t).unwrap()).collect();
    index.clear().unwrap();
    index.apply(kept).unwrap();
    index.apply(vec![(b"m".to_vec(), head), (old, by_unit), (b"marker".to_vec(), vec![1])]).unwrap();
    corrects(true);
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    submit(&log, vec![village.correction(7, (1, &first), "三", "四")]).unwrap();
}

/// SPEC D-08: what a crash left of a later publication is written over, and a torn record is found.
#[test]
fn records_of_amendments_are_written_over_or_found_damaged() {
    let (village, disk, index) =
        (Village::new(), Arc::new(MemoryDisk::new()), Arc::new(MemoryIndex::default()));
    let place = Place { index: Arc::clone(&index) as _, ..place(&disk) };
    let first = village.notice(1, "公告 1");
    run(start(&village, &disk, 1).shutdown());
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    let before = index.get(b"m3").unwrap().unwrap();
    submit(&log, vec![village.correction(2, (1, &first), "公告 1", "二")]).unwrap();
    submit(&log, vec![village.correction(3, (1, &first), "二", "三")]).unwrap();
    run(log.shutdown());
    let key = [b"a", UNIT.as_bytes(), &1_u64.to_be_bytes()].concat();
    let whole = index.get(&key).unwrap().unwrap();
    assert_eq!(whole.len(), 18);
    index.apply(vec![(b"m3".to_vec(), before)]).unwrap();
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    assert_eq!(index.get(&key).unwrap().as_ref(), Some(&whole));
    index.apply(vec![(key.clone(), whole[..10].to_vec())]).unwrap();
    let next = || vec![village.correction(4, (1, &first), "三", "四")];
    assert!(matches!(submit(&log, next()), Err(SubmitError::Stopped(_))));
    run(log.shutdown());
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    submit(&log, next()).unwrap();
}

struct Exploding(MemoryIndex);

impl Index for Exploding {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key)
    }
    fn scan(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        self.0.scan(prefix)
    }
    fn apply(&self, puts: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        assert!(!puts.iter().any(|(k, _)| k.ends_with(&9_u64.to_be_bytes())), "a crate below us panics");
        let lines = |(k, v): &(Vec<u8>, Vec<u8>)| k.first() == Some(&b'l') && v.len() > 2 * 48;
        assert!(!puts.iter().any(lines), "a crate below us panics");
        self.0.apply(puts)
    }
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.0.clear()
    }
}

#[test]
fn a_panic_below_stops_the_log_visibly() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    run(start(&village, &disk, 2).shutdown());
    let exploding = Place { index: Arc::new(Exploding(MemoryIndex::default())), ..place(&disk) };
    let log = Log::open(exploding, log_key(), options()).unwrap();
    let answer = submit(&log, vec![village.notice(3, "三")]);
    assert!(matches!(answer, Err(SubmitError::Stopped(_))), "{answer:?}");
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(log.stats().stopped.is_some(), "health must see it");
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert_eq!(
        submit(&log, vec![village.notice(3, "三")]).unwrap()[0].leaf,
        Hash::from_bytes(*submit(&log, vec![village.notice(3, "三")]).unwrap()[0].leaf.as_bytes())
    );
}
