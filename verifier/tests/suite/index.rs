//! Index leaves that the log signed and that are not what the leaves before them say (U-07 to U-10, B-07).

use crate::support::{fails, holds, notes};
use crate::world::*;
use ledger::books::Class;
use ledger::charter::LedgerId;
use ledger::hash::Hash;
use ledger::index::IndexLeaf;
use ledger::leaf;

/// One more entry, under an index leaf that was bent before it was signed; then honest ones again.
fn cheated(cheat: fn(IndexLeaf) -> IndexLeaf) -> World {
    let mut world = World::demo();
    let note = world.entry(UNIT, 5, "notice");
    world.take(vec![note], NOW);
    world.cheat = Some(cheat);
    world.publish(NOW);
    world.cheat = None;
    world
}

fn grown(mut world: World) -> World {
    let note = world.entry(UNIT, 6, "notice");
    world.take(vec![note], NOW);
    world.publish(NOW);
    world
}

#[test]
fn a_bent_index_leaf_fails_as_the_last_leaf_and_in_the_middle() {
    let cheats: [fn(IndexLeaf) -> IndexLeaf; 4] = [
        |leaf| IndexLeaf { root: Hash::EMPTY, ..leaf },
        |leaf| IndexLeaf { units: leaf.units + 1, ..leaf },
        |leaf| IndexLeaf {
            ledger: LedgerId::from_text("mazhang.example/ledger#00000000000000000000000000000000"),
            ..leaf
        },
        // U-09: time falls.
        |leaf| IndexLeaf { time: CREATED + 1, ..leaf },
    ];
    for cheat in cheats {
        let report = fails(&cheated(cheat), "FAILED_INDEX");
        assert!(notes(&report, "faults", "index_leaf").iter().any(|n| n["index"] == 15), "{report:#}");
        let report = fails(&grown(cheated(cheat)), "FAILED_INDEX");
        assert!(notes(&report, "faults", "index_leaf").iter().any(|n| n["index"] == 15), "{report:#}");
    }
}

/// U-08: an index leaf that the log signed for another place is void for f, and never holds: not as the last leaf,
/// and not in the middle, though everything after it is as f says.
#[test]
fn an_index_leaf_for_another_place_never_holds() {
    fails(&cheated(|leaf| IndexLeaf { covers: leaf.covers + 1, ..leaf }), "FAILED_INDEX");
    fails(&cheated(|leaf| IndexLeaf { covers: 3, ..leaf }), "FAILED_INDEX");

    let mut world = World::demo();
    let (earlier, _) = world.clone().state.books.close(NOW, Vec::new());
    let text = IndexLeaf { covers: 9_999, ..earlier }.text();
    let signed = leaf::seal(&text, vec![world.log.sign(&text)]).into_bytes();
    assert_eq!(world.force(signed), Class::Void);
    let report = fails(&grown_by_5(world), "FAILED_INDEX");
    assert!(notes(&report, "faults", "index_leaf").iter().any(|n| n["index"] == 14), "{report:#}");
}

/// The same text without the log's signature is nobody's statement: void, told, and it holds.
#[test]
fn an_index_leaf_out_of_place_that_the_log_did_not_sign_is_a_void_leaf() {
    let mut world = World::demo();
    let (earlier, _) = world.clone().state.books.close(NOW, Vec::new());
    let text = IndexLeaf { covers: 9_999, ..earlier }.text();
    world.force(leaf::seal(&text, vec![world.town.sign(&text)]).into_bytes());
    let report = holds(&grown_by_5(world), "OK_UNWITNESSED");
    assert_eq!(notes(&report, "findings", "void").len(), 1);
}

fn grown_by_5(mut world: World) -> World {
    let note = world.entry(UNIT, 5, "notice");
    world.take(vec![note], NOW);
    world.publish(NOW);
    world
}

#[test]
fn an_index_leaf_that_another_key_signed_fails() {
    let mut world = cheated(|leaf| leaf);
    holds(&world, "OK_UNWITNESSED");
    let last = world.shelf.leaves.last().unwrap().clone();
    let text = leaf::read(&last).unwrap().note.text.to_owned();
    let stranger = Key::note(ORIGIN, 99);
    for key in [&stranger, &world.town.clone()] {
        world.replace_last(leaf::seal(&text, vec![key.sign(&text)]).into_bytes());
        fails(&world, "FAILED_INDEX");
    }
}

/// B-07, U-08: the last leaf of a published tree is its index leaf.
#[test]
fn a_signed_head_without_its_index_leaf_fails() {
    let mut world = World::demo();
    let note = world.entry(UNIT, 5, "notice");
    world.shelf.leaves.push(note.clone());
    world.shelf.tree.append(ledger::hash::leaf_hash(&note));
    world.sign(&[]);
    fails(&world, "FAILED_INDEX");
}

/// A publication without anything new: no rule of SPEC forbids it, so it is a finding and no fault.
#[test]
fn two_index_leaves_in_a_row_are_told() {
    let mut world = World::demo();
    world.publish(NOW);
    let report = holds(&world, "OK_UNWITNESSED");
    let empty = notes(&report, "findings", "empty");
    assert_eq!((empty.len(), empty[0]["index"].as_u64()), (1, Some(14)), "{report:#}");
    assert_eq!(report["publications"], 5);
}
