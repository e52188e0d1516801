//! A small ledger written to a folder with fixed keys: honest unless a test bends it. Nothing here is what an
//! operator runs.
#![allow(dead_code)] // each test binary uses its own part of it
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

pub mod beside;
pub mod server;
pub mod village;

use client::Trust;
use ed25519_dalek::{Signer as _, SigningKey};
use ledger::amend::Amendment;
use ledger::append::{Past, State, Submission};
use ledger::books::Class;
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::checkpoint::Checkpoint;
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::IndexLeaf;
use ledger::json::{self, Object, Value};
use ledger::kinds::KINDS;
use ledger::leaf::{self, LeafType};
use ledger::merkle::{MemoryTree, Nodes as _, prove_inclusion, root_of};
use ledger::note::{self, Signature, VerifierKey};
use ledger::payment_rows::Rows;
use ledger::proof::TlogProof;
use ledger::sealed::Openings;
use ledger::tile::{TileKind, encode_bundle, encode_tile, new_tiles};
use ledger::unit::UnitId;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const ORIGIN: &str = "mazhang.example/ledger";
pub const CREATED: u64 = 1_790_000_000;
pub const DISTRICT: &str = "440811000000-99";
pub const TOWN: &str = "440811100000-99";
pub const VILLAGE: &str = "440811100391-99";
pub const UNIT: &str = "440811100391-00";

/// A key that signs.
#[derive(Clone)]
pub struct Key {
    pub vkey: VerifierKey,
    secret: SigningKey,
}

impl Key {
    pub fn note(name: &str, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        Key { vkey: VerifierKey::ed25519(name, secret.verifying_key().as_bytes()).unwrap(), secret }
    }
    pub fn cosigner(name: &str, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        Key { vkey: VerifierKey::cosigner(name, secret.verifying_key().as_bytes()).unwrap(), secret }
    }
    pub fn sign(&self, text: &str) -> Signature {
        let bytes = self.secret.sign(text.as_bytes()).to_bytes().to_vec();
        Signature { name: self.vkey.name().to_owned(), id: self.vkey.id(), bytes }
    }
    pub fn cosign(&self, time: u64, text: &str) -> Signature {
        let message = ledger::cosignature::message(time, text);
        let signature = self.secret.sign(message.as_bytes()).to_bytes();
        ledger::cosignature::assemble(&self.vkey, time, &signature)
    }
}

struct Logged<'a>(&'a [Vec<u8>]);

impl Logged<'_> {
    fn entries(&self, unit: &UnitId) -> impl Iterator<Item = (Entry, &Vec<u8>)> {
        let read = self.0.iter().filter_map(|leaf| Some((Entry::of_leaf(leaf).ok()?, leaf)));
        read.filter(|(entry, _)| entry.unit() == *unit)
    }
}

impl Past for Logged<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        self.entries(unit).find(|(entry, _)| entry.seq() == seq).map(|(_, leaf)| leaf.clone())
    }
    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        let amendments = self.entries(unit).filter_map(|(entry, _)| Amendment::of(&entry));
        amendments.filter(|(about, _)| *about == target).map(|(_, amendment)| amendment).collect()
    }
}

/// The ledger and everyone's keys.
#[derive(Clone)]
pub struct Log {
    pub log: Key,
    pub authority: Key,
    pub town: Key,
    pub charter: Charter,
    pub ledger: LedgerId,
    pub charter_hash: Hash,
    pub state: State,
    pub leaves: Vec<Vec<u8>>,
    /// What an index leaf is turned into before it is signed.
    pub bend: fn(IndexLeaf) -> IndexLeaf,
    pub cosigners: Vec<(Key, u64)>,
}

pub fn unit(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

impl Log {
    /// Charter and first index leaf.
    pub fn new() -> Self {
        Self::with(&["quorum none".to_owned()])
    }

    pub fn with(policy: &[String]) -> Self {
        let (log, authority) = (Key::note(ORIGIN, 1), Key::note("mazhang.example/authority/1", 2));
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey.clone(),
            authority: Authority { keys: vec![authority.vkey.clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: policy.to_vec(),
            catalogue: None,
            created: CREATED,
        };
        let text = charter.text();
        let note = leaf::seal(&text, vec![authority.sign(&text), log.sign(&text)]).into_bytes();
        let (charter, charter_hash) = Charter::open(&note).unwrap();
        let mut made = Log {
            log,
            authority,
            town: Key::note(&format!("{ORIGIN}/seal/440811100/township"), 3),
            ledger: LedgerId::new(ORIGIN, &charter_hash),
            state: State::new(&charter, &charter_hash),
            charter,
            charter_hash,
            leaves: vec![note],
            bend: |index| index,
            cosigners: Vec::new(),
        };
        made.publish(CREATED);
        made
    }

    /// Profiles, a seal, and some vouchers in two publications.
    pub fn demo() -> Self {
        let mut log = Self::new();
        log.fill();
        log
    }

    pub fn fill(&mut self) {
        self.enrol();
        self.take(self.entry(1, "opening_balance"));
        self.take(self.entry(2, "voucher"));
        self.publish(CREATED + 200);
        self.take(self.entry(3, "voucher"));
        self.take(self.entry(4, "notice"));
        self.publish(CREATED + 300);
    }

    pub fn enrol(&mut self) {
        let profile = |unit: &str, name: &str| Object::new().with("unit", unit).with("name", name);
        self.take(self.act(TOWN, 1, "unit", profile("440811100000-00", "麻章镇"), &[]));
        self.take(self.act(TOWN, 2, "seal", self.seal_body("add"), &[&self.town]));
        self.take(self.act(VILLAGE, 1, "unit", profile(UNIT, "榕溪村"), &[]));
        self.publish(CREATED + 100);
    }

    pub fn seal_body(&self, act: &str) -> Object {
        Object::new()
            .with("act", act)
            .with("vkey", self.town.vkey.to_string())
            .with("role", "township")
            .with("scope", "440811100")
            .with("holder", "麻章镇人民政府")
    }

    pub fn draft(&self, unit: &str, seq: u64, kind: &str, body: Object) -> Object {
        Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit)
            .with("seq", seq as i64)
            .with("kind", kind)
            .with("body", body)
            .with("signed_at", CREATED as i64)
    }

    /// An entry of the village, sealed by the town.
    pub fn entry(&self, seq: u64, kind: &str) -> Vec<u8> {
        sealed(&self.draft(UNIT, seq, kind, example(kind)), &[&self.town])
    }

    pub fn act(&self, unit: &str, seq: u64, kind: &str, body: Object, also: &[&Key]) -> Vec<u8> {
        let keys: Vec<&Key> = [&self.authority].into_iter().chain(also.iter().copied()).collect();
        sealed(&self.draft(unit, seq, kind, body), &keys)
    }

    pub fn log_key_act(&self, seq: u64, key: &Key) -> Vec<u8> {
        self.act(DISTRICT, seq, "log_key", Object::new().with("vkey", key.vkey.to_string()), &[key])
    }

    /// Through the rules at append.
    pub fn take(&mut self, bytes: Vec<u8>) {
        self.take_with(bytes, &Openings::default(), None);
    }

    /// The same with what comes beside it; attachments are there.
    pub fn take_with(&mut self, bytes: Vec<u8>, openings: &Openings, rows: Option<&Rows>) {
        let mut submission = Submission::parse(bytes, KINDS).unwrap();
        submission.verify(&self.state.registry).unwrap();
        submission.bring(openings.clone(), rows, &|_| Ok(()));
        let past = Logged(&self.leaves);
        self.state.admit(std::slice::from_ref(&submission), CREATED + 1_000_000, &past).unwrap();
        self.leaves.push(submission.bytes);
    }

    /// Past every rule: what a dishonest operator can log.
    pub fn force(&mut self, bytes: Vec<u8>) {
        let class = self.state.books.classify(&bytes);
        assert!(!matches!(class, Class::Index(_)));
        self.state.books.add(leaf_hash(&bytes), &class);
        self.leaves.push(bytes);
    }

    /// The same for an act that the operator pretends to believe.
    pub fn force_act(&mut self, bytes: Vec<u8>) {
        let entry = Entry::of_leaf(&bytes).unwrap();
        let index = self.state.books.size();
        self.force(bytes);
        self.state.registry.apply(&entry, index, 0);
    }

    pub fn publish(&mut self, time: u64) {
        let (index, _, _) = self.state.close(time, Vec::new());
        let text = (self.bend)(index).text();
        self.leaves.push(leaf::seal(&text, vec![self.log.sign(&text)]).into_bytes());
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub fn tree(&self) -> MemoryTree {
        MemoryTree::new(self.leaves.iter().map(|l| leaf_hash(l)).collect())
    }

    pub fn checkpoint(&self) -> Vec<u8> {
        let root = root_of(&self.tree(), self.size()).unwrap();
        let text = Checkpoint { origin: ORIGIN.to_owned(), size: self.size(), root }.text();
        let mut lines = vec![self.log.sign(&text)];
        lines.extend(self.cosigners.iter().map(|(key, time)| key.cosign(*time, &text)));
        note::assemble(&text, &lines).into_bytes()
    }

    pub fn trust(&self) -> Trust {
        Trust::of_charter(&self.charter, self.charter_hash)
    }

    /// The log as a folder, and `trust.toml` in it.
    pub fn write(&self, folder: &Path) {
        write_tiles(folder, &self.leaves);
        std::fs::write(folder.join("checkpoint"), self.checkpoint()).unwrap();
        std::fs::write(folder.join("trust.toml"), self.trust().text()).unwrap();
    }

    pub fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        folder
    }

    pub fn receipt(&self, index: u64) -> TlogProof {
        let path = prove_inclusion(&self.tree(), index, self.size()).unwrap();
        let extra = Some(self.leaves[index as usize].clone());
        TlogProof { extra, index, path, checkpoint: self.checkpoint() }
    }
}

/// The body of a kind's example.
pub fn example(kind: &str) -> Object {
    json::parse(KINDS.iter().find(|k| k.name == kind).unwrap().example).unwrap()
}

/// The same object with a field's value replaced.
pub fn with(object: &Object, name: &str, value: impl Into<Value>) -> Object {
    let mut out = object.clone();
    assert!(out.replace_at(name, value.into()));
    out
}

/// A leaf of an entry's JSON line, signed by these keys.
pub fn sealed(json: &Object, keys: &[&Key]) -> Vec<u8> {
    let text = leaf::text(LeafType::Entry, json);
    leaf::seal(&text, keys.iter().map(|k| k.sign(&text)).collect()).into_bytes()
}

/// Every tile and entry bundle of these leaves.
pub fn write_tiles(folder: &Path, leaves: &[Vec<u8>]) {
    let tree = MemoryTree::new(leaves.iter().map(|l| leaf_hash(l)).collect());
    for path in new_tiles(0, leaves.len() as u64) {
        let first = path.index() * 256;
        let range = first..first + u64::from(path.width());
        let bytes = match path.kind() {
            TileKind::Entries => encode_bundle(range.map(|i| leaves[i as usize].as_slice())).unwrap(),
            TileKind::Hashes(level) => {
                let hashes: Vec<Hash> = range.map(|i| tree.node(level * 8, i).unwrap()).collect();
                encode_tile(&hashes)
            }
        };
        let file = folder.join(path.to_string());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

/// Runs the real binary.
pub fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_village-verifier")).args(args).current_dir(folder).output().unwrap()
}

/// Runs an audit with `--json`: exit code and report.
pub fn audit(folder: &Path, more: &[&str]) -> (i32, serde_json::Value) {
    let args = [&["audit", ".", "--trust", "trust.toml", "--json"], more].concat();
    let output = run(folder, &args);
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), report)
}

/// The verdict of an audit, its exit code checked against it.
pub fn verdict(log: &Log) -> (String, serde_json::Value) {
    let (code, report) = audit(log.folder().path(), &[]);
    let name = report["verdict"].as_str().unwrap().to_owned();
    assert_eq!(code, i32::from(ledger::verdict::Code::of_name(&name).unwrap().exit()), "{report}");
    (name, report)
}
