//! What every backend must do: one suite, run by each.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::sync::Arc;
use store::{Disk, FilesDisk, Index, LockStore, MemoryDisk, MemoryIndex, SledIndex, SwapError};

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
    assert_eq!(disk.list("a").unwrap(), ["c"]);
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

fn blobs_conform(disk: Arc<dyn Disk>) -> store::Blobs {
    let blobs = store::Blobs::new(Arc::clone(&disk));
    let digest = blobs.put("收据".as_bytes()).unwrap();
    assert_eq!(blobs.put("收据".as_bytes()).unwrap(), digest);
    assert_eq!(blobs.get(&digest).unwrap().as_deref(), Some("收据".as_bytes()));
    assert_eq!(blobs.get(&ledger::hash::Hash::EMPTY).unwrap(), None);
    assert!(blobs.put(&vec![0; store::MAX_BLOB]).is_ok());
    assert!(matches!(blobs.put(&vec![0; store::MAX_BLOB + 1]), Err(store::StoreError::TooLarge { .. })));
    let hex = digest.to_hex();
    disk.write(&format!("blobs/{}/{hex}", &hex[..2]), b"something else").unwrap();
    assert!(matches!(blobs.get(&digest), Err(store::StoreError::Damaged { .. })));
    blobs
}

#[test]
fn blobs_are_named_by_their_digest_and_survive_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    blobs_conform(Arc::new(FilesDisk::open(dir.path()).unwrap()));
    let disk = Arc::new(MemoryDisk::new());
    let blobs = blobs_conform(Arc::clone(&disk) as _);
    let digest = blobs.put(b"kept").unwrap();
    disk.crash();
    assert_eq!(blobs.get(&digest).unwrap().as_deref(), Some(b"kept".as_slice()));
}
