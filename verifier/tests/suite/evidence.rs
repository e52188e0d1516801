//! Evidence files (V-02 to V-05): exit 1 when one convicts, 2 when it shows nothing.

use crate::support::{Folder, Run, run};
use crate::world::*;
use ledger::bundle::{Ask, verify};

/// A ledger that showed two histories, and the file that says so.
fn convicting() -> (World, String) {
    let trunk = World::demo();
    let (mut one, mut other) = (trunk.clone(), trunk);
    for (world, kind) in [(&mut one, "notice"), (&mut other, "voucher")] {
        let note = world.entry(UNIT, 5, kind);
        world.take(vec![note], NOW);
        world.publish(NOW);
    }
    let ask = Ask { memory: Some(one.head(UNIT)), ..one.ask() };
    let outcome = verify(&other.bundle(UNIT, 1, Some(16)).encode(), &ask);
    (one, outcome.verdict.evidence.unwrap())
}

fn judge(folder: &Folder, file: &[u8], trusted: bool) -> Run {
    folder.put("evidence.txt", file);
    let (file, trust) = (folder.path("evidence.txt"), folder.path("trust.toml"));
    let mut args = vec!["evidence", "check", file.to_str().unwrap()];
    if trusted {
        args.extend(["--trust", trust.to_str().unwrap()]);
    }
    run(&args)
}

#[test]
fn a_convicting_file_convicts_with_and_without_trust() {
    let (world, file) = convicting();
    let folder = Folder::of(&world);
    for trusted in [true, false] {
        let run = judge(&folder, file.as_bytes(), trusted);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains("FAILED_REWRITTEN") && run.out.contains("证据成立"), "{run:?}");
        assert_eq!(run.out.contains("--trust"), !trusted, "whose charter was believed is said");
    }
}

/// A file against one ledger says nothing about another.
#[test]
fn a_file_against_another_ledger_shows_nothing() {
    let (_, file) = convicting();
    let other = Folder::of(&World::with(1, 2, &["quorum none".to_owned()]));
    assert_eq!(judge(&other, file.as_bytes(), true).code, 2);
}

#[test]
fn a_changed_file_shows_nothing() {
    let (world, file) = convicting();
    let folder = Folder::of(&world);
    let step = if long() { 7 } else { 211 };
    for at in (0..file.len()).step_by(step) {
        let mut bytes = file.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let run = judge(&folder, &bytes, true);
        assert_eq!(run.code, 2, "byte {at}: {run:?}");
    }
    for bytes in [b"".as_slice(), b"<html>", &file.as_bytes()[..file.len() / 2], &[0xff; 100]] {
        assert_eq!(judge(&folder, bytes, true).code, 2);
    }
}

/// V-05: a file made of an honest ledger's bundles and heads convicts nobody.
#[test]
fn a_file_of_an_honest_ledger_shows_nothing() {
    let mut world = World::demo();
    let memory = world.head(UNIT);
    let note = world.entry(UNIT, 5, "notice");
    world.take(vec![note], NOW);
    world.publish(NOW);
    let folder = Folder::of(&world);
    let bundle = world.bundle(UNIT, 1, Some(14)).encode();
    for memory in [None, Some(memory.as_slice())] {
        let run = judge(&folder, ledger::evidence::write(&bundle, memory).as_bytes(), true);
        assert_eq!(run.code, 2, "{run:?}");
    }
}
