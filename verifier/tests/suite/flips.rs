//! No damaged copy of a log holds, and none convicts it: who served the bytes may have damaged them (V-05, V-06).

use crate::support::{Folder, flipped};
use crate::world::*;
use ledger::note;

/// Never "holds", and never red: nothing signed contradicts itself.
fn damaged(folder: &Folder, what: &str) {
    let run = folder.audit();
    assert!(run.code == 1 || run.code == 2, "{what}: {run:?}");
    assert!(!run.out.contains("\"FAILED_"), "{what} convicts an honest log: {}", run.out);
    assert!(
        run.code == 2 || run.json()["verdict"] == "CANNOT_SHOW" || run.json()["verdict"] == "VIEWER_TOO_OLD",
        "{what}"
    );
}

/// T-02, T-03, C-03. A byte here and there in each file; the long run takes every byte.
#[test]
fn a_flipped_byte_in_any_file_never_holds() {
    let folder = Folder::of(&World::demo());
    assert_eq!(folder.files(), ["log/checkpoint", "log/tile/0/000.p/14", "log/tile/entries/000.p/14"]);
    for file in folder.files() {
        let bytes = folder.get(&file);
        let step = if long() { 1 } else { (bytes.len() / 97).max(1) };
        for (count, at) in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]).enumerate() {
            folder.put(&file, &flipped(&bytes, at * 8 + count % 8));
            damaged(&folder, &format!("{file} byte {at}"));
        }
        folder.put(&file, &bytes);
    }
    assert!(folder.audit().holds());
}

/// The same where there is a full bundle, a second one and a tile of level 1.
#[test]
fn a_flipped_byte_in_any_file_of_a_larger_log_never_holds() {
    let mut world = World::demo();
    for seq in 5..285 {
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], NOW);
    }
    world.publish(NOW);
    let folder = Folder::of(&world);
    assert_eq!(folder.files().len(), 6);
    for file in folder.files() {
        let bytes = folder.get(&file);
        for at in [0, 1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            folder.put(&file, &flipped(&bytes, at * 8 + at % 8));
            damaged(&folder, &format!("{file} byte {at}"));
        }
        folder.put(&file, &bytes);
    }
    assert!(folder.audit().holds());
}

/// C-03: every bit of the checkpoint. It carries the log's own line only, so nothing is excepted.
#[test]
fn a_flipped_bit_of_the_checkpoint_never_holds() {
    let folder = Folder::of(&World::demo());
    let bytes = folder.get("log/checkpoint");
    for bit in 0..bytes.len() * 8 {
        folder.put("log/checkpoint", &flipped(&bytes, bit));
        damaged(&folder, &format!("bit {bit}"));
    }
}

/// C-04: the lines of cosigners that no policy names are excepted, and only they: a flip there leaves the verdict
/// as it was, or makes the note unreadable.
#[test]
fn flips_in_lines_of_unknown_cosigners_change_nothing() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let text = world.checkpoint_text();
    let lines = [world.log.sign(&text), world.witnesses[0].cosign(NOW, &text)];
    let bytes = note::assemble(&text, &lines).into_bytes();
    let excepted = bytes.len() - lines[1].line().len();
    for bit in (0..bytes.len() * 8).step_by(if long() { 1 } else { 5 }) {
        folder.put("log/checkpoint", &flipped(&bytes, bit));
        if bit / 8 < excepted {
            damaged(&folder, &format!("bit {bit}"));
        } else {
            let run = folder.audit();
            assert!(run.code == 2 || run.json()["verdict"] == "OK_UNWITNESSED", "bit {bit}: {run:?}");
        }
    }
}

/// Missing and cut files, and longer ones: nothing was found out, exit 2; nothing about the log is claimed.
#[test]
fn missing_or_truncated_files_cannot_be_checked() {
    let folder = Folder::of(&World::demo());
    for file in folder.files() {
        let bytes = folder.get(&file);
        folder.remove(&file);
        let run = folder.audit();
        assert_eq!(run.code, 2, "{file} missing: {run:?}");
        assert!(!run.out.contains("OK_") && !run.out.contains("FAILED_"));
        for end in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            folder.put(&file, &bytes[..end]);
            assert_eq!(folder.audit().code, 2, "{file} cut to {end}: {:?}", folder.audit());
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        folder.put(&file, &longer);
        assert_eq!(folder.audit().code, 2, "{file} longer");
        folder.put(&file, &bytes);
    }
    assert!(folder.audit().holds());
}

/// V-06: what a captive portal or a proxy puts in the place of a file.
#[test]
fn an_error_page_instead_of_a_file_cannot_be_checked() {
    let folder = Folder::of(&World::demo());
    let page =
        "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n\n<body>nginx</body></html>\n";
    for file in folder.files() {
        let bytes = folder.get(&file);
        for garbage in [page.as_bytes(), b"", b"\n\n", &[0xff; 3000], page.repeat(2000).as_bytes()] {
            folder.put(&file, garbage);
            let run = folder.audit();
            assert_eq!(run.code, 2, "{file}: {run:?}");
        }
        folder.put(&file, &bytes);
    }
    // Sections of two files swapped.
    let (tile, entries) = (folder.get("log/tile/0/000.p/14"), folder.get("log/tile/entries/000.p/14"));
    folder.put("log/tile/0/000.p/14", &entries);
    folder.put("log/tile/entries/000.p/14", &tile);
    assert_eq!(folder.audit().code, 2);
}

/// Whole leaves exchanged, dropped or given twice, with bundle and tile to match: the signed root tells.
#[test]
fn leaves_in_another_order_never_hold() {
    let world = World::demo();
    let trust = Folder::of(&world);
    let mut worlds = vec![world.clone(), world.clone(), world.clone(), world];
    worlds[0].shelf.leaves.swap(8, 9);
    worlds[1].shelf.leaves.swap(0, 1);
    let again = worlds[2].shelf.leaves[9].clone();
    worlds[2].shelf.leaves[10] = again;
    let index = worlds[3].shelf.leaves[7].clone();
    worlds[3].shelf.leaves[13] = index;
    for world in &mut worlds {
        let hashes = world.shelf.leaves.iter().map(|leaf| ledger::hash::leaf_hash(leaf)).collect();
        world.shelf.tree = ledger::merkle::MemoryTree::new(hashes);
        let folder = Folder::of(world);
        folder.put("trust.toml", &trust.get("trust.toml"));
        damaged(&folder, "another order");
    }
}
