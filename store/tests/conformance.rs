//! What every backend must do: one suite, run by each.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use ledger::hash::Hash;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;
use store::{
    About, Disk, FilesDisk, Index, LockStore, Log, MemoryDisk, MemoryIndex, SledIndex, StoreError, SwapError,
};
use support::{Village, start, upload};

fn disk_conforms(disk: &dyn Disk) {
    assert_eq!(disk.read("a/b").unwrap(), None);
    assert_eq!(disk.list("a").unwrap(), Vec::<String>::new());
    disk.write("a/b", b"one").unwrap();
    disk.write("a/c/d", b"deep").unwrap();
    disk.write("a/b", b"two").unwrap();
    assert_eq!(disk.read("a/b").unwrap().as_deref(), Some(b"two".as_slice()));
    assert_eq!(disk.list("a").unwrap(), ["b", "c"], "files and folders, no temporary names");
    disk.sync(&["a/b", "a/c/d", "not/there"]).unwrap();
    assert_eq!(disk.read("a").ok().flatten(), None, "a folder is no file");
    disk.write("tile/0/000.p/1", b"x").unwrap();
    disk.write("tile/0/000", b"full").unwrap();
    disk.remove("tile/0/000.p").unwrap();
    disk.remove("tile/0/000.p").unwrap();
    assert_eq!(disk.read("tile/0/000.p/1").unwrap(), None);
    assert_eq!(disk.read("tile/0/000").unwrap().as_deref(), Some(b"full".as_slice()));
    disk.remove("a/b").unwrap();
    disk.sync(&["a/b", "tile/0/000.p/1"]).unwrap();
    assert_eq!(disk.list("a").unwrap(), ["c"]);
    assert_eq!(
        disk.list("").unwrap().iter().filter(|name| *name != "lock").collect::<Vec<_>>(),
        ["a", "tile"]
    );
    disk.replace("a/c/d", b"new").unwrap();
    assert_eq!(read(disk, "a/c/d"), Some((3, b"new".to_vec())));

    assert!(disk.rename("up/1", "blobs/x").is_err());
    disk.append("up/1", b"one ").unwrap();
    disk.append("up/1", b"two").unwrap();
    let (_, mut before) = disk.open("up/1").unwrap().unwrap();
    disk.write("blobs/x", b"old").unwrap();
    disk.rename("up/1", "blobs/x").unwrap();
    assert_eq!(read(disk, "blobs/x"), Some((7, b"one two".to_vec())));
    assert_eq!(read(disk, "up/1"), None);
    assert_eq!(read(disk, "blobs"), None, "a folder is no file");
    disk.remove("blobs/x").unwrap();
    let mut bytes = Vec::new();
    before.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"one two", "what was opened can be read to its end");
}

fn read(disk: &dyn Disk, path: &str) -> Option<(u64, Vec<u8>)> {
    let (size, mut stream) = disk.open(path).unwrap()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Some((size, bytes))
}

fn lock_conforms(lock: &dyn LockStore) {
    assert_eq!(lock.load().unwrap(), None);
    assert!(matches!(lock.swap(Some(b"x"), b"y"), Err(SwapError::Conflict)));
    lock.swap(None, b"one").unwrap();
    assert!(matches!(lock.swap(None, b"two"), Err(SwapError::Conflict)));
    lock.swap(Some(b"one"), b"two").unwrap();
    assert_eq!(lock.load().unwrap().as_deref(), Some(b"two".as_slice()));
}

fn index_conforms(index: &dyn Index) {
    let put = |k: &[u8], v: &[u8]| (k.to_vec(), v.to_vec());
    index.apply(vec![put(b"l2", b"b"), put(b"l1", b"a"), put(b"m", b"c")]).unwrap();
    index.apply(vec![put(b"l1", b"z")]).unwrap();
    assert_eq!(index.get(b"l1").unwrap().as_deref(), Some(b"z".as_slice()));
    assert_eq!(index.scan(b"l").unwrap(), [put(b"l1", b"z"), put(b"l2", b"b")]);
    index.flush().unwrap();
    index.clear().unwrap();
    assert_eq!(index.get(b"m").unwrap(), None);
}

#[test]
fn files_conform() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FilesDisk::open(dir.path()).unwrap();
    disk_conforms(&disk);
    lock_conforms(&disk);
}

#[test]
fn memory_conforms() {
    let disk = Arc::new(MemoryDisk::new());
    disk_conforms(&*disk);
    lock_conforms(&*disk);
}

#[test]
fn both_indexes_conform() {
    index_conforms(&MemoryIndex::default());
    let dir = tempfile::tempdir().unwrap();
    index_conforms(&SledIndex::open(dir.path()).unwrap());
}

#[test]
fn memory_loses_what_was_not_synced() {
    let disk = MemoryDisk::new();
    disk.write("kept", b"1").unwrap();
    disk.sync(&["kept"]).unwrap();
    disk.write("kept", b"2").unwrap();
    disk.write("lost", b"1").unwrap();
    disk.crash();
    assert_eq!(disk.read("kept").unwrap().as_deref(), Some(b"1".as_slice()));
    assert_eq!(disk.read("lost").unwrap(), None);
}

#[test]
fn a_folder_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let _first = FilesDisk::open(dir.path()).unwrap();
    let second = FilesDisk::open(dir.path()).unwrap_err().to_string();
    assert!(second.contains(&format!("pid {}", std::process::id())), "{second}");
    assert!(second.contains("请先停掉它"), "{second}");
}

#[test]
fn memory_models_what_a_power_cut_leaves_of_each_operation() {
    let after = |act: &dyn Fn(&MemoryDisk)| {
        let cut = |seed| {
            let disk = MemoryDisk::new();
            disk.write("a/old", b"old").unwrap();
            disk.append("up/1", b"new").unwrap();
            disk.sync(&["a/old", "up/1"]).unwrap();
            act(&disk);
            disk.power_cut(seed);
            disk.read("a/old").unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
        };
        (1..200).map(cut).collect::<BTreeSet<_>>()
    };
    let some = |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<BTreeSet<_>>();
    assert_eq!(after(&|d| d.rename("up/1", "a/old").unwrap()), some(&["old", "new", "n"]));
    assert_eq!(after(&|d| d.append("a/old", b"er").unwrap()), some(&["old", "older", "ol"]));
    assert_eq!(after(&|d| d.replace("a/old", b"new").unwrap()), some(&["new"]));
    let removed = after(&|d| d.remove("a/old").unwrap());
    assert_eq!(removed, BTreeSet::from([None, Some("old".to_owned())]));
    let synced = after(&|d| {
        d.remove("a/old").unwrap();
        d.sync(&["a/old"]).unwrap();
    });
    assert_eq!(synced, BTreeSet::from([None]), "a removal is durable once its path was synced");
}

#[test]
fn files_without_a_name_are_gone_when_the_next_writer_comes() {
    let dir = tempfile::tempdir().unwrap();
    drop(FilesDisk::open(dir.path()).unwrap());
    std::fs::create_dir_all(dir.path().join(".new")).unwrap();
    std::fs::write(dir.path().join(".new/7"), "李*明").unwrap();
    let disk = FilesDisk::open(dir.path()).unwrap();
    disk.write("a", b"x").unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join(".new")).unwrap().count(), 0);
}

fn logs(run: impl Fn(&Log, &dyn Fn())) {
    let village = Village::new();
    let disk = Arc::new(MemoryDisk::new());
    run(&start(&village, &disk, 0), &|| disk.crash());
    let dir = tempfile::tempdir().unwrap();
    store::init_path(dir.path(), &village.charter, &village.log, support::NOW).unwrap();
    run(&Log::open_path(dir.path(), support::log_key(), support::options()).unwrap(), &|| {});
}

#[test]
fn blobs_are_named_by_their_digest_and_survive_a_crash() {
    logs(|log, crash| {
        let blobs = log.blobs();
        let (digest, about) = upload(log, "收据".as_bytes(), None);
        let (hidden, known) = upload(log, "收据".as_bytes(), Some([7; 32]));
        assert_ne!(digest, hidden);
        assert!(!format!("{known:?}").contains('7'), "a salt is in no console's history: {known:?}");
        crash();
        for (digest, about) in [(digest, about.clone()), (hidden, known)] {
            assert_eq!(blobs.about(&digest).unwrap().as_ref(), Some(&about));
            let (found, mut stream) = blobs.read(&digest).unwrap().unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            assert_eq!((found, text.as_str()), (about, "收据"));
        }
        assert_eq!(blobs.about(&Hash::EMPTY).unwrap(), None);
        assert!(blobs.read(&Hash::EMPTY).unwrap().is_none());
        assert!(!blobs.is_withdrawn(&digest).unwrap());

        let mut again = blobs.writer();
        again.write("收据".as_bytes()).unwrap();
        let mut text = String::new();
        again.read().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "收据", "what came in can be looked through");
        assert!(!again.finish(&digest, about.clone()).unwrap(), "it is there already");
    });
}

#[test]
fn a_blob_that_is_not_what_it_says_or_too_large_leaves_nothing() {
    logs(|log, _| {
        let (digest, about) = upload(log, b"a receipt", None);
        let finish = |digest: &Hash, about: About| {
            let mut writer = log.blobs().writer();
            writer.write(b"another").unwrap();
            writer.finish(digest, about)
        };
        let size = About { size: 7, ..about.clone() };
        assert!(matches!(finish(&digest, size.clone()), Err(StoreError::Content)));
        let other = Hash::of(b"another");
        assert!(matches!(finish(&other, About { size: 8, ..about }), Err(StoreError::Content)));
        let salted = Hash::of(&[&[0; 32][..], b"another"].concat());
        let unsalted = About { access: ledger::entry::Visibility::Members, ..size.clone() };
        assert!(matches!(finish(&other, unsalted), Err(StoreError::Content)));
        let public = About { salt: Some([0; 32]), ..size.clone() };
        assert!(matches!(finish(&salted, public), Err(StoreError::Content)));
        assert_eq!(log.blobs().about(&other).unwrap(), None);

        let mut large = log.blobs().writer();
        let piece = vec![0; 1 << 20];
        (0..20).for_each(|_| large.write(&piece).unwrap());
        assert!(matches!(large.write(&[0]), Err(StoreError::TooLarge { .. })));
        drop(large);
        assert!(finish(&other, size).unwrap());
    });
}
