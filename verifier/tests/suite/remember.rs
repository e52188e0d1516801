//! An auditor who comes again (B-20, B-21), and one who keeps a copy.

use crate::support::{Folder, Run, run};
use crate::world::*;

/// An audit that remembers its head in the folder of trust material.
fn again(trust: &Folder, log: &Folder) -> Run {
    let (log, memory, trust) = (log.log(), trust.path("memory"), trust.path("trust.toml"));
    let (log, memory, trust) = (log.to_str().unwrap(), memory.to_str().unwrap(), trust.to_str().unwrap());
    run(&["audit", log, "--trust", trust, "--remember", memory, "--json"])
}

fn grown(mut world: World, kind: &str) -> World {
    let seq = world.state.books.count(&unit(UNIT)) + 1;
    let note = world.entry(UNIT, seq, kind);
    world.take(vec![note], NOW);
    world.publish(NOW);
    world
}

#[test]
fn a_log_that_only_grew_holds_and_is_remembered() {
    let mut world = World::demo();
    let home = Folder::of(&world);
    let first = again(&home, &home);
    assert_eq!((first.code, first.json()["verdict"].as_str()), (0, Some("OK_UNWITNESSED")));
    for _ in 0..3 {
        assert_eq!(home.get("memory"), world.shelf.checkpoint);
        world = grown(world, "notice");
        let run = again(&home, &Folder::of(&world));
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(home.get("memory"), world.shelf.checkpoint);
    }
}

/// Two histories, both signed: red, and the first one stays remembered.
#[test]
fn a_log_that_was_rewritten_fails_and_the_older_head_is_kept() {
    let trunk = World::demo();
    let (one, other) = (grown(trunk.clone(), "notice"), grown(trunk, "voucher"));
    let home = Folder::of(&one);
    assert_eq!(again(&home, &home).code, 0);
    for rewritten in [other.clone(), grown(other, "notice")] {
        let run = again(&home, &Folder::of(&rewritten));
        assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("FAILED_REWRITTEN")), "{run:?}");
        assert_eq!(home.get("memory"), one.shelf.checkpoint);
    }
}

/// An older copy is no evidence; it does not hold either, and is not remembered in the newer one's place.
#[test]
fn an_older_copy_does_not_hold_and_convicts_nobody() {
    let older = World::demo();
    let newer = grown(older.clone(), "notice");
    let home = Folder::of(&newer);
    assert_eq!(again(&home, &home).code, 0);
    let run = again(&home, &Folder::of(&older));
    assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{run:?}");
    assert_eq!(home.get("memory"), newer.shelf.checkpoint);
}

/// V-05: a damaged copy of a log that grew convicts nobody, and leaves the memory as it was.
#[test]
fn a_damaged_copy_does_not_rewrite_history() {
    let older = World::demo();
    let home = Folder::of(&older);
    assert_eq!(again(&home, &home).code, 0);
    let newer = Folder::of(&grown(older.clone(), "notice"));
    for file in newer.files() {
        let bytes = newer.get(&file);
        for at in [0, bytes.len() / 3, bytes.len() - 2] {
            newer.put(&file, &crate::support::flipped(&bytes, at * 8));
            let run = again(&home, &newer);
            assert!([1, 2].contains(&run.code) && !run.out.contains("\"FAILED_"), "{file} {at}: {run:?}");
            assert_eq!(home.get("memory"), older.shelf.checkpoint);
        }
        newer.put(&file, &bytes);
    }
    assert_eq!(again(&home, &newer).code, 0);
}

/// A memory that is none, or of nobody's log: nothing is found out, and nothing is written over it.
#[test]
fn a_memory_that_is_none_can_not_be_used() {
    let world = World::demo();
    let home = Folder::of(&world);
    let text = world.checkpoint_text();
    let stranger = ledger::note::assemble(&text, &[Key::note(ORIGIN, 99).sign(&text)]);
    for memory in [b"".as_slice(), b"<html>\n\n</html>\n", stranger.as_bytes(), &vec![b'a'; 100_000]] {
        home.put("memory", memory);
        let run = again(&home, &home);
        assert_eq!(run.code, 2, "{run:?}");
        assert_eq!(home.get("memory"), memory);
    }
}

/// What was kept is a log again: the same report from the copy.
#[test]
fn a_saved_copy_is_audited_like_the_log() {
    let world = grown(World::demo(), "notice");
    let home = Folder::of(&world);
    let (log, trust, copy) = (home.log(), home.path("trust.toml"), home.path("copy"));
    let (log, trust, copy) = (log.to_str().unwrap(), trust.to_str().unwrap(), copy.to_str().unwrap());
    let saved = run(&["audit", log, "--trust", trust, "--save", copy, "--json"]);
    assert_eq!(saved.code, 0, "{saved:?}");
    assert_eq!(home.audit_of(copy).json(), saved.json());
    for file in home.files() {
        let name = file.strip_prefix("log/").unwrap();
        assert_eq!(home.get(&file), home.get(&format!("copy/{name}")), "{name}");
    }
}
