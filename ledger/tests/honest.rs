//! Random honest ledgers: whatever the rules at append took, every reader finds that it holds (V-05), with every
//! memory, from every number; and a replay finds every index leaf (U-11). This is where append, registry, f and
//! the phone could disagree.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::Past as _;
use ledger::books::{Books, Class};
use ledger::bundle::{Ask, verify};
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use ledger::verdict::Code;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::*;

const UNITS: [&str; 6] =
    [UNIT, GROUP, "440811100392-00", "440811100392-01", "440811100000-00", "440811101391-00"];

#[derive(Clone, Debug)]
enum Step {
    Entry(usize, bool),
    Correct(usize, u64),
    Profile(usize),
    Close(usize),
    Enrol(usize),
    Rotate(usize),
    Revoke(usize, bool),
    Authority,
    LogKey,
    Policy,
    Catalogue,
    BadBatch(usize),
    Publish,
}

fn step() -> impl Strategy<Value = Step> {
    let unit = 0..UNITS.len();
    let seal = 0..SEALS.len();
    prop_oneof![
        8 => (unit.clone(), any::<bool>()).prop_map(|(u, item)| Step::Entry(u, item)),
        2 => (unit.clone(), 1_u64..5).prop_map(|(u, t)| Step::Correct(u, t)),
        2 => unit.clone().prop_map(Step::Profile),
        1 => unit.clone().prop_map(Step::Close),
        3 => seal.clone().prop_map(Step::Enrol),
        2 => seal.clone().prop_map(Step::Rotate),
        1 => (seal, any::<bool>()).prop_map(|(s, c)| Step::Revoke(s, c)),
        1 => Just(Step::Authority),
        1 => Just(Step::LogKey),
        1 => Just(Step::Policy),
        1 => Just(Step::Catalogue),
        2 => unit.prop_map(Step::BadBatch),
        5 => Just(Step::Publish),
    ]
}

const SEALS: [(&str, &str, &str); 5] = [
    (TOWN, "township", TOWN_SCOPE),
    ("440811101000-99", "township", "440811101"),
    (VILLAGE, "supervision", VILLAGE_SCOPE),
    (VILLAGE, "supervision", UNIT),
    ("440811100392-99", "supervision", "440811100392"),
];

struct Office {
    world: World,
    seals: BTreeMap<usize, Key>,
    log_keys: Vec<Key>,
    seed: u8,
    time: u64,
    memories: Vec<(u64, BTreeMap<&'static str, Vec<u8>>)>,
}

impl Office {
    fn new() -> Self {
        let world = World::new();
        let log_keys = vec![world.log.clone()];
        Office { world, seals: BTreeMap::new(), log_keys, seed: 100, time: NOW, memories: Vec::new() }
    }

    fn key(&mut self, name: &str) -> Key {
        self.seed = self.seed.wrapping_add(1);
        Key::note(&name.replace("{n}", &self.seed.to_string()), self.seed)
    }

    fn next(&self, of: &str) -> u64 {
        self.world.state.books.count(&unit(of)) + 1
    }

    fn act(&mut self, of: &str, kind: &str, body: Object, also: &[&Key]) -> bool {
        let note = self.world.act(of, self.next(of), kind, body, also);
        self.world.submit(vec![note], self.time).is_ok()
    }

    /// The seals that an entry of a unit gets: every living one whose scope covers it.
    fn sealed(&self, of: &str, json: &Object) -> Vec<u8> {
        let keys: Vec<&Key> =
            self.seals.iter().filter(|(i, _)| of.starts_with(SEALS[**i].2)).map(|(_, k)| k).collect();
        seal(json, &keys)
    }

    fn take(&mut self, step: &Step) {
        self.time += 1;
        match step {
            Step::Entry(u, item) => {
                let of = UNITS[*u];
                let mut json = self.world.draft(of, self.next(of), "voucher", example("voucher"));
                if *item {
                    json = set(&json, "item", Some("F03".into()));
                }
                let note = self.sealed(of, &json);
                self.world.submit_any(vec![note], self.time);
            }
            Step::Correct(u, target) => self.correct(UNITS[*u], *target),
            Step::Profile(u) => {
                let of = UNITS[*u];
                let registry = unit(of).registry().to_string();
                self.act(&registry, "unit", Object::new().with("unit", of).with("name", "村"), &[]);
            }
            Step::Close(u) => {
                self.publish();
                self.act(UNITS[*u], "closed", self.world.closing(UNITS[*u]), &[]);
            }
            Step::Enrol(s) | Step::Rotate(s) => {
                let (registry, role, scope) = SEALS[*s];
                let key = self.key(&format!("k{{n}}.example/seal/{scope}/{role}"));
                let old = self.seals.get(s).cloned();
                let body = match (step, &old) {
                    (Step::Rotate(_), Some(old)) => {
                        seal_body("rotate", &key, role, scope).with("replaces", old.vkey.to_string())
                    }
                    _ => seal_add(&key, role, scope),
                };
                if self.act(registry, "seal", body, &[&key]) {
                    self.seals.insert(*s, key);
                }
            }
            Step::Revoke(s, compromised) => {
                let (registry, role, scope) = SEALS[*s];
                let Some(key) = self.seals.remove(s) else { return };
                let since = compromised.then_some(self.time as i64 - 3);
                let body = seal_body("revoke", &key, role, scope).with_some("compromised_from", since);
                assert!(self.act(registry, "seal", body, &[]));
            }
            Step::Authority => {
                let key = self.key("a{n}.example/authority/x");
                let mut keys = vec![key.clone()];
                keys.extend(self.world.authority.first().cloned());
                let list: Vec<Value> = keys.iter().map(|k| k.vkey.to_string().into()).collect();
                assert!(self.act(
                    DISTRICT,
                    "authority",
                    Object::new().with("threshold", 2).with("keys", list),
                    &[&key]
                ));
                self.world.authority = keys;
            }
            Step::LogKey => {
                let key = self.key(ORIGIN);
                assert!(self.act(
                    DISTRICT,
                    "log_key",
                    Object::new().with("vkey", key.vkey.to_string()),
                    &[&key]
                ));
                self.log_keys.push(key);
            }
            Step::Policy => {
                let lines: Vec<Value> = vec![format!("# {}", self.time).into(), "quorum none".into()];
                assert!(self.act(DISTRICT, "policy", Object::new().with("lines", lines), &[]));
            }
            Step::Catalogue => assert!(self.act(DISTRICT, "catalogue", example("catalogue"), &[])),
            Step::BadBatch(u) => {
                let of = UNITS[*u];
                let registry = unit(of).registry().to_string();
                let profile = Object::new().with("unit", of).with("name", "无名");
                let good = self.world.act(&registry, self.next(&registry), "unit", profile, &[]);
                let late = self.world.draft(of, self.next(of) + 7, "notice", example("notice"));
                assert!(
                    self.world
                        .submit(vec![good, seal(&late, &[&self.world.authority[0]])], self.time)
                        .is_err()
                );
            }
            Step::Publish => self.publish(),
        }
    }

    fn correct(&mut self, of: &str, target: u64) {
        let Some(leaf) = self.world.shelf.leaf(&unit(of), target) else { return };
        let target = Object::new().with("seq", target as i64).with("leaf", leaf_hash(&leaf).to_base64());
        let field = |path: &str| Object::new().with("path", path).with("old", 128_640).with("new", 1).into();
        let body = Object::new()
            .with("target", target)
            .with("fields", vec![field("body.amount"), field("body.lines.0.amount")])
            .with("reason", "typo")
            .with("explanation", "x");
        let json = self.world.draft(of, self.next(of), "correction", body);
        let note = self.sealed(of, &json);
        self.world.submit_any(vec![note], self.time);
    }

    fn publish(&mut self) {
        let due = self.world.state.log_key().clone();
        self.world.log = self.log_keys.iter().find(|k| k.vkey == due).unwrap().clone();
        self.world.publish(self.time);
        let size = self.world.shelf.leaves.len() as u64;
        let mut heads = BTreeMap::new();
        let registries = [DISTRICT, TOWN, VILLAGE, "440811100392-99", "440811101000-99", "440811101391-99"];
        for of in UNITS.into_iter().chain(registries) {
            let Some(row) = self.world.shelf.rows.iter().find(|r| r.unit == unit(of)).copied() else {
                continue;
            };
            let froms = [1, row.count.div_ceil(2).max(1), row.count, row.count + 1];
            for from in froms.into_iter().filter(|f| *f > 0) {
                let bytes = self.world.bundle(of, from, None).encode();
                let outcome = verify(&bytes, &self.world.ask());
                assert_eq!(outcome.verdict.code, Code::OkUnwitnessed, "{of}: {}", outcome.verdict.detail);
            }
            for (old, memories) in self.memories.iter().rev().take(4) {
                let Some(memory) = memories.get(of).cloned() else { continue };
                let bytes = self.world.bundle(of, 1, Some(*old)).encode();
                let outcome = verify(&bytes, &Ask { memory: Some(memory), ..self.world.ask() });
                assert_eq!(outcome.verdict.code, Code::OkUnwitnessed, "{of}: {}", outcome.verdict.detail);
                assert!(outcome.verified.unwrap().remembered);
            }
            heads.insert(of, self.world.head(of));
        }
        self.memories.push((size, heads));
    }

    fn replay(&self) {
        let mut books = Books::new(self.world.ledger.clone(), "440811");
        for bytes in &self.world.shelf.leaves {
            match books.classify(bytes) {
                Class::Index(index) => {
                    assert_eq!(books.close(index.time, index.witnessed.clone()).0, index);
                }
                Class::Void => panic!("an honest ledger logged a void leaf"),
                class => books.add(leaf_hash(bytes), &class),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if support::long() { 300 } else { 12 })
    })]

    #[test]
    fn v05_u11_what_append_takes_every_reader_accepts(steps in proptest::collection::vec(step(), 1..60)) {
        let mut office = Office::new();
        for set in [Step::Profile(0), Step::Profile(2), Step::Enrol(0), Step::Enrol(2)].iter().chain(&steps) {
            office.take(set);
        }
        office.take(&Step::Publish);
        office.replay();
    }
}
