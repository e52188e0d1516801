//! A log longer than what is read ahead: registry and keys are those of each leaf's place, not of the batch's.

use crate::support::{Folder, fails, holds, notes};
use crate::world::*;
use ledger::json::Object;

const ENTRIES: u64 = 5_200;
const TURN: u64 = 97;

/// Town seals that follow one another, each for 97 entries; publications that cut across bundles; three log keys.
struct Line {
    world: World,
    seals: Vec<Key>,
    acts: u64,
    logs: u64,
}

impl Line {
    fn new() -> Self {
        let world = World::demo();
        Line { seals: vec![world.town.clone()], acts: 2, logs: 0, world }
    }

    fn rotate(&mut self) {
        let n = self.seals.len() as u8;
        let key = Key::note(&format!("k{n}.example/seal/{TOWN_SCOPE}/township"), 100 + n);
        let body = seal_body("rotate", &key, "township", TOWN_SCOPE);
        let body = body.with("replaces", self.world.town.vkey.to_string());
        self.acts += 1;
        let act = self.world.act(TOWN, self.acts, "seal", body, &[&key]);
        self.world.take(vec![act], NOW);
        self.world.town = key.clone();
        self.seals.push(key);
    }

    /// A change of the log key, published by the old one.
    fn change_log_key(&mut self) {
        self.logs += 1;
        let key = Key::note(ORIGIN, 200 + self.logs as u8);
        let body = Object::new().with("vkey", key.vkey.to_string());
        let act = self.world.act(DISTRICT, self.logs, "log_key", body, &[&key]);
        self.world.take(vec![act], NOW);
        self.world.publish(NOW);
        self.world.log = key;
    }

    fn grow(&mut self, entries: u64) {
        for _ in 0..entries {
            let seq = self.world.state.books.count(&unit(UNIT)) + 1;
            if seq.is_multiple_of(TURN) {
                self.rotate();
            }
            let note = self.world.entry(UNIT, seq, "notice");
            self.world.take(vec![note], NOW);
            if seq.is_multiple_of(61) {
                self.world.publish(NOW);
            }
            if seq.is_multiple_of(2_000) {
                self.change_log_key();
            }
        }
    }
}

/// G-01, G-10: both ways: what holds at its place holds, and what does not is told at its place, though the keys were
/// enrolled long before, or are only a few leaves later.
#[test]
fn every_leaf_is_judged_by_the_registry_of_its_place() {
    let mut line = Line::new();
    line.grow(ENTRIES - 4);
    line.world.publish(NOW);
    let size = line.world.shelf.leaves.len() as u64;
    let report = holds(&line.world, "OK_UNWITNESSED");
    assert_eq!(report["size"], size);
    assert_eq!(report["kinds"]["notice"], ENTRIES - 3);
    assert_eq!(report["kinds"]["seal"], 1 + line.seals.len() as u64);
    assert_eq!(report["kinds"]["log_key"], 2);
    // Told, since trust.toml has the charter's log key; nothing else is.
    assert_eq!(
        (report["findings"]["count"].as_u64(), notes(&report, "findings", "trust").len()),
        (Some(1), 1)
    );

    // The first seal, long replaced; then one that the next leaf enrols; then one of the first bundle's.
    let next = line.world.state.books.count(&unit(UNIT)) + 1;
    let coming = Key::note(&format!("k99.example/seal/{TOWN_SCOPE}/township"), 99);
    let (first, second) = (line.seals[0].clone(), line.seals[1].clone());
    for (seq, key) in (next..).zip([&first, &coming, &second]) {
        line.world.force(seal(&line.world.draft(UNIT, seq, "notice", example("notice")), &[key]));
    }
    let body = seal_add(&coming, "township", TOWN_SCOPE);
    let act = line.world.act(TOWN, line.acts + 1, "seal", body, &[&coming]);
    line.world.take(vec![act], NOW);
    let good = seal(&line.world.draft(UNIT, next + 3, "notice", example("notice")), &[&coming]);
    line.world.take(vec![good], NOW);
    line.world.publish(NOW);
    let report = fails(&line.world, "FAILED_SEAL");
    let at: Vec<_> = notes(&report, "faults", "seal").iter().map(|n| n["index"].as_u64().unwrap()).collect();
    assert_eq!(at, [size, size + 1, size + 2]);
}

/// T-02, T-03: each tile of a log with many bundles is looked at; what a missing or foreign one leads to.
#[test]
fn every_file_of_a_longer_log_is_read() {
    let mut line = Line::new();
    line.grow(2_600);
    line.world.publish(NOW);
    let folder = Folder::of(&line.world);
    for file in folder.files() {
        let bytes = folder.get(&file);
        folder.remove(&file);
        assert_eq!(folder.audit().code, 2, "{file} missing");
        folder.put(&file, &crate::support::flipped(&bytes, bytes.len() * 4 + 3));
        let run = folder.audit();
        assert!([1, 2].contains(&run.code) && !run.out.contains("\"FAILED_"), "{file}: {run:?}");
        folder.put(&file, &bytes);
    }
    assert!(folder.audit().holds());
}
