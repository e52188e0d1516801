//! Heads that are not this ledger's, or not of these leaves (C-01 to C-04, B-05 to B-07, G-10).

use crate::support::{Folder, audit, fails, run};
use crate::world::*;
use ledger::checkpoint::Checkpoint;
use ledger::hash::Hash;
use ledger::json::Object;
use ledger::leaf;
use ledger::note;

/// A folder whose checkpoint says something else, signed by a key.
fn with_head(world: &World, size: u64, root: Hash, origin: &str, key: &Key) -> Folder {
    let folder = Folder::of(world);
    let text = Checkpoint { origin: origin.to_owned(), size, root }.text();
    folder.put("log/checkpoint", note::assemble(&text, &[key.sign(&text)]).as_bytes());
    folder
}

fn root(world: &World) -> Hash {
    Hash::from_base64(world.checkpoint_text().lines().nth(2).unwrap()).unwrap()
}

/// B-05: pinned is the charter, signatures and all.
#[test]
fn another_charter_does_not_hold() {
    let (world, other) = (World::demo(), World::with(1, 2, &["quorum none".to_owned()]));
    let (mine, theirs) = (Folder::of(&world), Folder::of(&other));
    let crossed = mine.audit_of(theirs.log().to_str().unwrap());
    assert_eq!((crossed.code, crossed.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{crossed:?}");
    // The same text signed by one authority key more is another charter too.
    let text = leaf::read(&world.charter_note).unwrap().note.text.to_owned();
    let extra = Key::note("mazhang.example/authority/7", 71);
    let keys = [&world.log, &world.authority[0], &extra];
    let mut folder = Folder::of(&world);
    let mut changed = world.clone();
    changed.shelf.leaves[0] = leaf::seal(&text, keys.iter().map(|k| k.sign(&text)).collect()).into_bytes();
    let last = changed.shelf.leaves.pop().unwrap();
    changed.shelf.leaves.push(last.clone());
    changed.replace_last(last);
    let trust = folder.get("trust.toml");
    folder = Folder::of(&changed);
    folder.put("trust.toml", &trust);
    let run = folder.audit();
    assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{run:?}");
}

/// C-03, B-06.
#[test]
fn a_checkpoint_by_another_key_or_of_another_origin_does_not_hold() {
    let world = World::demo();
    let (stranger, cosigner) = (Key::note(ORIGIN, 99), Key::cosigner(ORIGIN, 1));
    for key in [&stranger, &cosigner, &world.town, &world.authority[0]] {
        let run = with_head(&world, 14, root(&world), ORIGIN, key).audit();
        assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{run:?}");
    }
    let run = with_head(&world, 14, root(&world), "other.example/ledger", &world.log).audit();
    assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{run:?}");
}

/// Sizes that the log signed but the folder does not have: files are missing, so nothing can be said; a root that
/// is not the leaves': it does not hold. Neither convicts the log, though it signed them.
#[test]
fn a_checkpoint_of_another_size_or_root_never_holds() {
    let world = World::demo();
    for size in [0, 1, 2, 8, 13, 15, 256, 257, 1 << 40, u64::MAX] {
        for root in [root(&world), Hash::EMPTY] {
            let run = with_head(&world, size, root, ORIGIN, &world.log).audit();
            assert!(run.code == 1 || run.code == 2, "size {size}: {run:?}");
            assert!(!run.out.contains("FAILED_"), "size {size}: {run:?}");
        }
    }
    let run = with_head(&world, 14, Hash::EMPTY, ORIGIN, &world.log).audit();
    assert_eq!((run.code, run.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{run:?}");
}

/// C-02: this ledger's checkpoints have three lines.
#[test]
fn extension_lines_are_not_this_ledgers() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let text = format!("{}extension\n", world.checkpoint_text());
    folder.put("log/checkpoint", note::assemble(&text, &[world.log.sign(&text)]).as_bytes());
    assert!([1, 2].contains(&folder.audit().code));
}

/// C-04: lines of keys that nobody knows may be added by anyone, and change nothing.
#[test]
fn unknown_signature_lines_on_the_checkpoint_are_ignored() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let text = world.checkpoint_text();
    let lines =
        [world.witnesses[0].cosign(NOW, &text), world.log.sign(&text), Key::note("x.example", 9).sign("y\n")];
    folder.put("log/checkpoint", note::assemble(&text, &lines).as_bytes());
    let run = folder.audit();
    assert_eq!((run.code, run.json()["verdict"].as_str()), (0, Some("OK_UNWITNESSED")));
}

/// G-10: a change of the log key that was not made as it must be.
#[test]
fn a_log_key_that_changes_otherwise_does_not_hold() {
    let world = World::demo();
    let (old, new) = (world.log.clone(), Key::note(ORIGIN, 2));
    let body = Object::new().with("vkey", new.vkey.to_string());
    let resigned = |world: &mut World, key: &Key| {
        let text = leaf::read(world.shelf.leaves.last().unwrap()).unwrap().note.text.to_owned();
        world.log = key.clone();
        world.replace_last(leaf::seal(&text, vec![key.sign(&text)]).into_bytes());
    };
    // The new key already signs the head that contains the change.
    let mut early = world.clone();
    let act = early.act(DISTRICT, 1, "log_key", body.clone(), &[&new]);
    early.take(vec![act], NOW);
    early.publish(NOW);
    let good = early.clone();
    resigned(&mut early, &new);
    assert_eq!(audit(&early).code, 1);
    // The old key signs a head too many.
    let mut late = good.clone();
    late.log = new.clone();
    late.publish(NOW + 1);
    resigned(&mut late, &old);
    assert_eq!(audit(&late).code, 1);
    // Index leaf by the key in force, the head by the other; and the other way round.
    let mut mixed = good.clone();
    mixed.log = new.clone();
    let note = mixed.entry(UNIT, 5, "notice");
    mixed.take(vec![note], NOW + 1);
    mixed.publish(NOW + 1);
    assert_eq!(audit(&mixed).code, 0);
    mixed.log = old.clone();
    mixed.sign(&[]);
    fails(&mixed, "CANNOT_SHOW");
    // G-03: the new key did not sign its enrolment, so the old one stays in force; and no one else's act counts.
    for signers in [vec![&world.authority[0]], vec![&new], vec![&old, &new]] {
        let mut bad = world.clone();
        bad.force(seal(&bad.draft(DISTRICT, 1, "log_key", body.clone()), &signers));
        bad.publish(NOW);
        fails(&bad, "FAILED_SEAL");
        bad.log = old.clone();
        bad.publish(NOW + 1);
        fails(&bad, "FAILED_SEAL");
    }
}

/// `--log-vkey`: what needs no village rules. The same folder holds under its key, and under no other.
#[test]
fn a_log_without_village_rules_is_held_against_its_key() {
    let mut world = World::demo();
    world.force(b"no rule of a village says what this is".to_vec());
    world.publish(NOW);
    let folder = Folder::of(&world);
    let (log, key) = (folder.log(), world.log.vkey.to_string());
    let plain = |key: &str| run(&["audit", "--log-vkey", key, log.to_str().unwrap(), "--json"]);
    let good = plain(&key);
    assert_eq!((good.code, good.json()["size"].as_u64()), (0, Some(16)), "{good:?}");
    assert!(!good.json()["not_checked"].as_array().unwrap().is_empty());
    let other = plain(&Key::note(ORIGIN, 99).vkey.to_string());
    assert_eq!((other.code, other.json()["verdict"].as_str()), (1, Some("CANNOT_SHOW")));
    for file in folder.files() {
        let bytes = folder.get(&file);
        folder.put(&file, &crate::support::flipped(&bytes, bytes.len() * 4));
        assert!([1, 2].contains(&plain(&key).code), "{file}");
        folder.put(&file, &bytes);
    }
    assert_eq!(plain(&key).code, 0);
}

/// C2SP tlog-checkpoint lets other logs add extension lines, and signed-note a key name that is not the origin.
#[test]
fn logs_of_others_may_have_extension_lines_and_another_key_name() {
    let world = World::demo();
    let folder = Folder::of(&world);
    let key = Key::note("signer.example", 5);
    let log = folder.log();
    let plain = || run(&["audit", "--log-vkey", &key.vkey.to_string(), log.to_str().unwrap(), "--json"]);
    for extension in ["", "an extension\n", "two\nlines\n"] {
        let text = format!("{}{extension}", world.checkpoint_text());
        folder.put("log/checkpoint", note::assemble(&text, &[key.sign(&text)]).as_bytes());
        assert_eq!(plain().code, 0, "{extension:?}: {:?}", plain());
    }
}
