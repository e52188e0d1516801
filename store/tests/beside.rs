//! What lies beside the log: openings, attachments, and that a redaction leaves nothing of them (D-10, D-11).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::hash::{Hash, leaf_hash};
use ledger::unit::UnitId;
use std::fs;
use std::sync::Arc;
use store::check::{fsck, reindex};
use store::{Index as _, Log, MemoryDisk, MemoryIndex, Options, Place, StoreError};
use support::folder::{ALL, GROUP, NAMES, folder, grep, open, take, unit};
use support::{
    NOW, UNIT, Village, bring, holding, log_key, options, place, run, secrets, start, submit, upload,
};

/// SPEC D-10, D-11, P-36, E-57.
#[test]
fn a_value_stands_in_its_file_alone_and_after_a_redaction_nowhere() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let file = "李小明，残疾证 1234".as_bytes();
    let salt = [9; 32];
    let (digest, about) = upload(&log, file, Some(salt));
    let sealed = village.sealed(UNIT, 1, NAMES, &[(digest, &about)]);
    take(&log, &sealed);
    let own = secrets(&sealed.openings);
    assert_eq!(grep(dir.path(), &own), [format!("openings/{UNIT}/1.json")]);
    assert_eq!(log.openings(&unit(), 1).unwrap().as_ref(), Some(&sealed.openings));
    assert_eq!(log.openings(&unit(), 2).unwrap(), None);
    let receipt = log.snapshot().line(&unit(), 1).unwrap().unwrap();

    submit(&log, vec![village.redaction(2, (1, &sealed.note), &ALL[..1])]).unwrap();
    let left = log.openings(&unit(), 1).unwrap().unwrap();
    assert_eq!(left.iter().map(|o| o.path.as_str()).collect::<Vec<_>>(), ALL[1..]);
    assert_eq!(left.get(ALL[1]), sealed.openings.get(ALL[1]));
    submit(&log, vec![village.redaction(3, (1, &sealed.note), &[ALL[1], "attachments.0"])]).unwrap();
    assert_eq!(log.openings(&unit(), 1).unwrap(), None);
    let all = [own, vec![file.to_vec(), Hash::from_bytes(salt).to_base64().into_bytes()]].concat();
    assert_eq!(grep(dir.path(), &all), Vec::<String>::new());

    // Sent again, with all that once came beside it, it is known; and nothing comes back.
    let known = run(log.submit(vec![bring(&log, &sealed)])).unwrap();
    assert_eq!((known[0].index, known[0].leaf), (receipt.index, leaf_hash(&sealed.note)));
    let mut writer = log.blobs().writer();
    writer.write(file).unwrap();
    assert!(matches!(writer.finish(&digest, about), Err(StoreError::Withdrawn)));
    assert!(log.blobs().is_withdrawn(&digest).unwrap() && log.blobs().read(&digest).unwrap().is_none());
    assert_eq!(grep(dir.path(), &all), Vec::<String>::new());
    run(log.shutdown());
    drop(log);
    let log = open(dir.path());
    assert_eq!(grep(dir.path(), &all), Vec::<String>::new());
    assert_eq!(log.snapshot().line(&unit(), 1).unwrap().unwrap(), receipt);
    run(log.shutdown());
    let report = fsck(dir.path(), |_, _| {}).unwrap();
    assert!(report.holds() && report.withdrawn == 3, "{report:?}");
}

/// SPEC D-11: what a crash, an editor or a backup that was brought back left of it, the next start removes; and fsck finds what
/// a redaction should have removed.
#[test]
fn what_came_back_is_found_and_removed() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let file = "李小明，残疾证 1234".as_bytes();
    let (digest, about) = upload(&log, file, None);
    let sealed = village.sealed(UNIT, 1, NAMES, &[(digest, &about)]);
    take(&log, &sealed);
    let hex = digest.to_hex();
    let blob = format!("blobs/{}/{hex}", &hex[..2]);
    let paths = [format!("openings/{UNIT}/1.json"), blob.clone(), blob.clone() + ".about"];
    let before = paths.clone().map(|path| fs::read(dir.path().join(path)).unwrap());
    submit(&log, vec![village.redaction(2, (1, &sealed.note), &[ALL[0], ALL[1], "attachments.0"])]).unwrap();
    run(log.shutdown());
    drop(log);
    let all = [secrets(&sealed.openings), vec![file.to_vec()]].concat();
    assert_eq!(grep(dir.path(), &all), Vec::<String>::new());
    for at in 0..paths.len() {
        fs::write(dir.path().join(&paths[at]), &before[at]).unwrap();
        let report = fsck(dir.path(), |_, _| {}).unwrap();
        assert_eq!(report.fault_count, 1, "{}: {:?}", paths[at], report.faults);
        assert!(!report.faults.iter().any(|fault| fault.contains("李*明")));
        run(open(dir.path()).shutdown());
        assert!(!dir.path().join(&paths[at]).exists());
    }
    // The mark itself lost, too.
    fs::remove_file(dir.path().join(blob.clone() + ".withdrawn")).unwrap();
    fs::write(dir.path().join(&blob), file).unwrap();
    assert!(!fsck(dir.path(), |_, _| {}).unwrap().holds());
    for left in
        [".new/3", "uploads/0", &format!("openings/{UNIT}/7.json"), &format!("openings/{GROUP}/1.json")]
    {
        let path = dir.path().join(left);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &before[0]).unwrap();
    }
    let log = open(dir.path());
    assert_eq!(grep(dir.path(), &all), Vec::<String>::new());
    assert!(log.blobs().is_withdrawn(&digest).unwrap());
    run(log.shutdown());
    assert!(fsck(dir.path(), |_, _| {}).unwrap().holds());
}

/// A file of openings that can't be read opens nothing, and its error tells nothing of it.
#[test]
fn unreadable_openings_are_an_error_and_go_with_a_redaction() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let sealed = village.sealed(UNIT, 1, NAMES, &[]);
    take(&log, &sealed);
    fs::write(dir.path().join(format!("openings/{UNIT}/1.json")), "[{\"value\":\"李*明\"").unwrap();
    let why = log.openings(&unit(), 1).unwrap_err().to_string();
    assert!(why.contains("1.json") && !why.contains('李'), "{why}");
    submit(&log, vec![village.redaction(2, (1, &sealed.note), &ALL[..1])]).unwrap();
    assert_eq!(grep(dir.path(), &secrets(&sealed.openings)), Vec::<String>::new());
}

/// SPEC P-36: one act is enough for a unit, however many of its entries name a file; no unit takes it from another.
#[test]
fn a_file_that_several_entries_name_goes_when_each_unit_withdrew_it() {
    let village = Village::new();
    let dir = folder(&village);
    let log = open(dir.path());
    let (digest, about) = upload(&log, "全县通知".as_bytes(), None);
    let (own, known) = upload(&log, "本村收据".as_bytes(), None);
    let files = [(digest, &about), (own, &known)];
    let (first, second) = (village.sealed(UNIT, 1, NAMES, &files), village.sealed(UNIT, 2, NAMES, &files));
    submit(&log, vec![village.profile(3, GROUP)]).unwrap();
    take(&log, &first);
    take(&log, &second);
    let group = UnitId::parse(GROUP).unwrap();
    take(&log, &village.sealed(GROUP, 1, NAMES, &[(digest, &about)]));
    assert_eq!(log.named(&digest).unwrap(), Some((unit(), 1)));
    assert_eq!(log.named(&Hash::EMPTY).unwrap(), None);
    submit(&log, vec![village.redaction(3, (2, &second.note), &["attachments.0", "attachments.1"])]).unwrap();
    assert!(log.blobs().is_withdrawn(&own).unwrap());
    assert_eq!(log.blobs().about(&digest).unwrap(), Some(about), "the group still publishes it");
    run(log.shutdown());
    drop(log);
    assert!(fsck(dir.path(), |_, _| {}).unwrap().holds());
    reindex(dir.path()).unwrap();
    let log = open(dir.path());
    assert!(log.blobs().is_withdrawn(&own).unwrap() && !log.blobs().is_withdrawn(&digest).unwrap());
    let namings = [log.named(&digest).unwrap(), log.named(&own).unwrap()];
    assert_eq!(namings, [Some((unit(), 1)); 2], "found by a replay as well");
    assert!(log.snapshot().line(&group, 1).unwrap().is_some());
}

/// SPEC E-91: a row of a list, and the list with all its rows; the rows' blob holds no name and stays.
#[test]
fn rows_of_a_list_are_withdrawn_one_by_one_or_all() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 0);
    submit(&log, vec![village.supervisor()]).unwrap();
    let (list, rows) = village.list(1, &["赵*明", "孙*", "欧阳*明"]);
    let (digest, about) = support::upload_rows(&log, &rows);
    let mut submission = support::parse(&log, vec![list.note.clone()]).pop().unwrap();
    submission.bring(list.openings.clone(), Some(&rows), &|_| Ok(()));
    run(log.submit(vec![submission])).unwrap();
    assert_eq!(log.named(&digest).unwrap(), Some((unit(), 1)));
    submit(&log, vec![village.redaction(2, (1, &list.note), &["rows.1.name"])]).unwrap();
    let left =
        |log: &Log| log.openings(&unit(), 1).unwrap().map(|it| it.iter().map(|o| o.path.clone()).collect());
    assert_eq!(left(&log), Some(vec!["rows.0.name".to_owned(), "rows.2.name".to_owned()]));
    submit(&log, vec![village.redaction(3, (1, &list.note), &["rows"])]).unwrap();
    assert_eq!(left(&log), None);
    assert_eq!(holding(&*disk, &secrets(&list.openings)), Vec::<String>::new());
    run(log.shutdown());
    let log = Log::open(place(&disk), log_key(), options()).unwrap();
    assert_eq!(log.blobs().about(&digest).unwrap(), Some(about));
}

/// SPEC P-36: a week after its upload, what no entry names goes with the next start; the last upload counts.
#[test]
fn a_blob_that_no_entry_names_goes_after_a_week() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 0);
    let (named, about) = upload(&log, b"named", None);
    let (unnamed, _) = upload(&log, b"unnamed", None);
    take(&log, &village.sealed(UNIT, 1, NAMES, &[(named, &about)]));
    run(log.shutdown());
    let at = |clock: fn() -> u64| Log::open(place(&disk), log_key(), Options { clock, ..options() }).unwrap();
    let week = at(|| NOW + 7 * 86_400);
    assert!(week.blobs().about(&unnamed).unwrap().is_some());
    upload(&week, b"unnamed", None);
    run(week.shutdown());
    let later = at(|| NOW + 14 * 86_400);
    assert!(later.blobs().about(&unnamed).unwrap().is_some());
    run(later.shutdown());
    let end = at(|| NOW + 14 * 86_400 + 1);
    assert_eq!(end.blobs().about(&unnamed).unwrap(), None);
    assert!(!end.blobs().is_withdrawn(&unnamed).unwrap(), "it may be uploaded again");
    assert_eq!(end.blobs().about(&named).unwrap(), Some(about));
    assert_eq!(holding(&*disk, &[b"unnamed".to_vec()]), Vec::<String>::new());
}

/// SPEC P-35: an upload that is cut at any step is whole or not there, and is taken again.
#[test]
fn an_upload_cut_at_any_step_is_whole_or_not_there() {
    let village = Village::new();
    for (step, cut) in (0..16).flat_map(|step| (0..6).map(move |cut| (step, cut))) {
        let disk = Arc::new(MemoryDisk::new());
        let log = start(&village, &disk, 0);
        let file = b"three pieces, or so";
        let digest = Hash::of(file);
        let (_, about) = upload(&log, b"another", None);
        let about = store::About { size: file.len() as u64, ..about };
        let finish = |log: &Log| {
            let mut writer = log.blobs().writer();
            file.chunks(7).try_for_each(|piece| writer.write(piece))?;
            writer.finish(&digest, about.clone())
        };
        disk.fail_at(step, if cut % 2 == 0 { store::Fault::NotDone } else { store::Fault::YetDone });
        let answer = finish(&log);
        disk.fail_at(u64::MAX / 2, store::Fault::NotDone);
        if cut > 0 {
            run(log.shutdown());
            disk.power_cut(cut);
        }
        let log = Log::open(place(&disk), log_key(), options()).unwrap();
        let there = log.blobs().about(&digest).unwrap();
        assert!(there.is_none() || there.as_ref() == Some(&about));
        assert!(answer.is_err() || there.is_some(), "step {step}: answered and gone");
        if there.is_some() {
            let (_, mut stream) = log.blobs().read(&digest).unwrap().unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut bytes).unwrap();
            assert_eq!(bytes, file);
        }
        assert_eq!(finish(&log).unwrap(), there.is_none());
    }
}

/// What a publication without openings costs has not changed; with openings it is a write each and one sync.
#[test]
fn only_publications_with_openings_pay_for_them() {
    let (village, disk) = (Village::new(), Arc::new(MemoryDisk::new()));
    let log = start(&village, &disk, 1);
    let cost = |act: &dyn Fn()| {
        let before = disk.operations();
        act();
        disk.operations() - before
    };
    let plain = cost(&|| drop(submit(&log, vec![village.notice(2, "二")]).unwrap()));
    let sealed = cost(&|| take(&log, &village.sealed(UNIT, 3, NAMES, &[])));
    assert_eq!(sealed, plain + 2);
}

/// SPEC D-08: an index that leads to no redaction any more is built anew by the start that needs it.
#[test]
fn a_start_that_finds_the_index_damaged_builds_it_anew() {
    let (village, disk, index) =
        (Village::new(), Arc::new(MemoryDisk::new()), Arc::new(MemoryIndex::default()));
    let place = Place { index: Arc::clone(&index) as _, ..place(&disk) };
    run(start(&village, &disk, 0).shutdown());
    let log = Log::open(place.clone(), log_key(), options()).unwrap();
    submit(&log, vec![village.supervisor()]).unwrap();
    let sealed = village.sealed(UNIT, 1, NAMES, &[]);
    take(&log, &sealed);
    submit(&log, vec![village.redaction(2, (1, &sealed.note), &ALL[..1])]).unwrap();
    run(log.shutdown());
    let key = [b"a", UNIT.as_bytes(), &1_u64.to_be_bytes()].concat();
    let whole = index.get(&key).unwrap().unwrap();
    index.apply(vec![(key.clone(), whole[..4].to_vec())]).unwrap();
    let file = format!("openings/{UNIT}/1.json");
    store::Disk::write(&*disk, &file, sealed.openings.text().as_bytes()).unwrap();
    let log = Log::open(place, log_key(), options()).unwrap();
    assert_eq!(index.get(&key).unwrap(), Some(whole));
    assert_eq!(log.openings(&unit(), 1).unwrap().unwrap().iter().count(), 1);
}
