//! What lies beside the log when somebody is quick, greedy or forgetful: files between judgment and log, files that nobody
//! names, lost marks and openings, and who may read the folder.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::hash::Hash;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::check::fsck;
use store::{Log, MemoryDisk, Options, StoreError, SubmitError};
use support::folder::{ALL, GROUP, NAMES, folder, grep, open, take, unit};
use support::{NOW, UNIT, Village, bring, log_key, options, place, run, start, submit, upload};

/// SPEC E-62: a file that was withdrawn or replaced after it was judged is named by nothing that is logged.
#[test]
fn a_file_that_goes_between_judgment_and_the_log_is_not_named() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 0);
    submit(&log, vec![village.supervisor(), village.profile(3, GROUP)]).unwrap();
    let (digest, about) = upload(&log, b"withdrawn meanwhile", None);
    let first = village.sealed(UNIT, 1, NAMES, &[(digest, &about)]);
    take(&log, &first);
    // Judged while the file was there, as every core does beside the queue.
    let judged = bring(&log, &village.sealed(GROUP, 1, NAMES, &[(digest, &about)]));
    submit(&log, vec![village.redaction(2, (1, &first.note), &["attachments.0"])]).unwrap();
    let Err(SubmitError::Refused(refused)) = run(log.submit(vec![judged])) else { panic!("it was taken") };
    let (_, refusal) = &refused[0];
    assert_eq!((refusal.code.name(), refusal.field.as_str()), ("beside", "attachments.0"));
    // Uploaded anew as something else between the two.
    let (other, about) = upload(&log, b"another", None);
    let judged = bring(&log, &village.sealed(GROUP, 1, NAMES, &[(other, &about)]));
    let mut writer = log.blobs().writer();
    writer.write(b"another").unwrap();
    writer.finish(&other, store::About { media: "text/csv".to_owned(), ..about.clone() }).unwrap();
    assert!(matches!(run(log.submit(vec![judged])), Err(SubmitError::Refused(_))));
    upload(&log, b"another", None);
    take(&log, &village.sealed(GROUP, 1, NAMES, &[(other, &about)]));
}

/// What no entry names is counted for its uploader, small files for more than they are, and goes while the log runs.
#[test]
fn what_no_entry_names_is_counted_and_swept() {
    static DAYS: AtomicU64 = AtomicU64::new(0);
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    run(start(&village, &disk, 0).shutdown());
    let clock = || NOW + DAYS.load(Ordering::Relaxed) * 86_400;
    let log = Log::open(place(&disk), log_key(), Options { clock, ..options() }).unwrap();
    let (_, about) = upload(&log, b"of nobody", None);
    let put = |log: &Log, file: &[u8]| {
        let mut writer = log.blobs().writer_of("seal+00", None);
        writer.write(file).unwrap();
        assert!(writer.is(&Hash::of(file)) && !writer.is(&Hash::of(b"other")));
        let about = store::About { size: file.len() as u64, ..about.clone() };
        writer.finish(&Hash::of(file), about.clone()).unwrap();
        (Hash::of(file), about)
    };
    let large = put(&log, &[b'x'; 100_000]);
    let small = put(&log, b"small");
    let least = 64 * 1024;
    assert_eq!(log.blobs().unnamed("seal+00"), (100_000 + least, 100_000 + 2 * least));
    take(&log, &village.sealed(UNIT, 1, NAMES, &[(large.0, &large.1)]));
    assert_eq!(log.blobs().unnamed("seal+00"), (least, 2 * least));
    run(log.shutdown());
    let log = Log::open(place(&disk), log_key(), Options { clock, ..options() }).unwrap();
    assert_eq!(log.blobs().unnamed("seal+00"), (least, 2 * least), "a start knows it, too");
    DAYS.store(7, Ordering::Relaxed);
    assert_eq!(log.sweep().unwrap(), 0);
    DAYS.store(8, Ordering::Relaxed);
    assert_eq!(log.sweep().unwrap(), 2);
    assert_eq!(log.blobs().unnamed("seal+00"), (0, 0));
    assert_eq!(log.blobs().about(&small.0).unwrap(), None);
    assert!(log.blobs().about(&large.0).unwrap().is_some());
}

/// SPEC P-36: the log remembers what was withdrawn, also when an old copy of the folder of blobs was brought back.
#[test]
fn a_mark_that_was_lost_lets_nothing_in() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let file = "李小明，残疾证 1234".as_bytes();
    let (digest, about) = upload(&log, file, None);
    let first = village.sealed(UNIT, 1, NAMES, &[(digest, &about)]);
    take(&log, &first);
    submit(&log, vec![village.redaction(2, (1, &first.note), &["attachments.0"])]).unwrap();
    run(log.shutdown());
    drop(log);
    fs::remove_dir_all(dir.path().join("blobs")).unwrap();
    let log = open(dir.path());
    let mut writer = log.blobs().writer();
    writer.write(file).unwrap();
    assert!(matches!(writer.finish(&digest, about), Err(StoreError::Withdrawn)));
    assert_eq!(grep(dir.path(), &[file.to_vec()]), Vec::<String>::new());
    assert!(log.blobs().is_withdrawn(&digest).unwrap());
}

/// Many redactions of one list in one publication cost as much as one.
#[test]
fn rows_withdrawn_together_rewrite_their_file_once() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 0);
    submit(&log, vec![village.supervisor()]).unwrap();
    let (list, rows) = village.list(1, &["赵*明", "孙*", "欧阳*明", "李*", "周*明"]);
    support::upload_rows(&log, &rows);
    let mut submission = support::parse(&log, vec![list.note.clone()]).pop().unwrap();
    submission.bring(list.openings.clone(), Some(&rows), &|_| Ok(()));
    run(log.submit(vec![submission])).unwrap();
    let cost = |notes: Vec<Vec<u8>>| {
        let before = disk.operations();
        submit(&log, notes).unwrap();
        disk.operations() - before
    };
    let redaction =
        |seq: u64, row: u64| village.redaction(seq, (1, &list.note), &[&format!("rows.{row}.name")]);
    let one = cost(vec![redaction(2, 0)]);
    let withdrawals = log.withdrawals();
    assert_eq!(cost((0..3).map(|n| redaction(3 + n, 1 + n)).collect()), one);
    assert_eq!(log.withdrawals(), withdrawals + 1);
    assert_eq!(log.openings(&unit(), 1).unwrap().unwrap().iter().count(), 1);
}

/// fsck finds an opening that is lost, and none that was withdrawn.
#[test]
fn openings_that_were_lost_are_found() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let sealed = village.sealed(UNIT, 1, NAMES, &[]);
    take(&log, &sealed);
    submit(&log, vec![village.redaction(2, (1, &sealed.note), &ALL[..1])]).unwrap();
    let holds = || {
        let report = fsck(dir.path(), |_, _| {}).unwrap();
        assert!(!report.faults.iter().any(|fault| fault.contains('王')));
        report.fault_count
    };
    assert_eq!(holds(), 0);
    let path = dir.path().join(format!("openings/{UNIT}/1.json"));
    let kept = fs::read(&path).unwrap();
    for lost in [None, Some("[]"), Some("[{")] {
        match lost {
            None => fs::remove_file(&path).unwrap(),
            Some(text) => fs::write(&path, text).unwrap(),
        }
        assert!(holds() > 0, "{lost:?}");
    }
    fs::write(&path, kept).unwrap();
    submit(&log, vec![village.redaction(3, (1, &sealed.note), &ALL[1..])]).unwrap();
    assert_eq!(holds(), 0, "all of it was withdrawn");
}

/// Nobody else on the machine reads what lies beside the log, nor what an earlier version left open.
#[test]
fn files_beside_the_log_are_the_writers_alone() {
    let village = Village::new();
    let dir = folder(&village);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let log = open(dir.path());
    let (digest, about) = upload(&log, b"minutes", Some([7; 32]));
    take(&log, &village.sealed(UNIT, 1, NAMES, &[(digest, &about)]));
    let open_ones = || {
        let (mut found, mut folders) = (Vec::new(), Vec::new());
        for top in ["openings", "blobs", "uploads", ".new"] {
            folders.extend(Some(dir.path().join(top)).filter(|path| path.is_dir()));
        }
        while let Some(folder) = folders.pop() {
            found.extend((mode(&folder) != 0o700).then(|| folder.clone()));
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if mode(&path) != 0o600 {
                    found.push(path);
                }
            }
        }
        found
    };
    assert_eq!(open_ones(), Vec::<std::path::PathBuf>::new());
    assert_eq!(mode(&dir.path().join("checkpoint")) & 0o400, 0o400);
    run(log.shutdown());
    drop(log);
    for (path, open) in [
        ("openings".to_owned(), 0o755),
        (format!("openings/{UNIT}"), 0o755),
        (format!("openings/{UNIT}/1.json"), 0o644),
    ] {
        fs::set_permissions(dir.path().join(path), fs::Permissions::from_mode(open)).unwrap();
    }
    run(open(dir.path()).shutdown());
    assert_eq!(open_ones(), Vec::<std::path::PathBuf>::new());
}
