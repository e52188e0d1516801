//! A small ledger in memory, made with fixed keys through the ledger's own rules: what other tests are built on.
#![allow(dead_code)] // each test binary uses its own part of it

pub mod desk;
mod keys;
pub mod lazy;
mod shelf;

pub use keys::Key;
pub use shelf::Shelf;

use ledger::append::{Admission, Refusal, State, Submission};
use ledger::books::{Books, Class};
use ledger::bundle::{Ask, Bundle, Outcome, build, verify};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::checkpoint::Checkpoint;
use ledger::entry::FIELDS;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::{IndexLeaf, Line, UnitTrees};
use ledger::json::{self, Object, Value};
use ledger::kinds::{KINDS, Kind, Place};
use ledger::leaf::{self, LeafType};
use ledger::merkle::{MemoryTree, root_of};
use ledger::note;
use ledger::unit::UnitId;
use std::collections::BTreeMap;

pub const ORIGIN: &str = "mazhang.example/ledger";
pub const CREATED: u64 = 1_790_000_000;
/// 2026-09-30 in Asia/Shanghai.
pub const NOW: u64 = 1_790_700_000;
pub const DISTRICT: &str = "440811000000-99";
pub const TOWN: &str = "440811100000-99";
pub const VILLAGE: &str = "440811100391-99";
pub const UNIT: &str = "440811100391-00";
pub const GROUP: &str = "440811100391-01";
pub const TOWN_SCOPE: &str = "440811100";
pub const VILLAGE_SCOPE: &str = "440811100391";

pub fn unit(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

/// Whether the long loops were asked for.
pub fn long() -> bool {
    std::env::var_os("VILLAGE_LONG").is_some()
}

/// The body of a kind's example, as it stands in SPEC.md.
pub fn example(kind: &str) -> Object {
    json::parse(KINDS.iter().find(|k| k.name == kind).unwrap().example).unwrap()
}

/// A unit where a kind may stand, and a number that its example suits.
pub fn place(kind: &Kind) -> (&'static str, u64) {
    match kind.name {
        "seal" => (TOWN, 3),
        "unit" => (VILLAGE, 9),
        "closed" => (UNIT, 17),
        _ if matches!(kind.place, Place::Registry(_)) => (DISTRICT, 1),
        _ => (UNIT, 40),
    }
}

/// The period that a kind's envelope must name, if it must.
pub fn period_of(kind: &str) -> Option<Value> {
    let demands = ["period_close", "statement_of_no_activity", "supervision_opinion"].contains(&kind);
    demands.then(|| "2026-08".into())
}

/// The JSON line of an entry with a kind's example.
pub fn example_entry(kind: &Kind) -> Object {
    let (of, seq) = place(kind);
    set(&World::new().draft(of, seq, kind.name, example(kind.name)), "period", period_of(kind.name))
}

/// Sets a field of an envelope in its place, or takes it away.
pub fn set(object: &Object, name: &str, value: Option<Value>) -> Object {
    let mut out = Object::new();
    for field in FIELDS {
        let old = object.get(field).cloned();
        out = out.with_some(field, if field == name { value.clone() } else { old });
    }
    out
}

/// A whole ledger with its keys.
#[derive(Clone)]
pub struct World {
    pub log: Key,
    pub authority: Vec<Key>,
    pub town: Key,
    pub supervision: Key,
    pub witnesses: Vec<Key>,
    pub charter: Charter,
    pub charter_note: Vec<u8>,
    pub charter_hash: Hash,
    pub ledger: LedgerId,
    pub state: State,
    pub shelf: Shelf,
    pending: Vec<Vec<u8>>,
    /// What an index leaf is turned into before it is signed; f as it is, unless a test cheats.
    pub cheat: Option<fn(IndexLeaf) -> IndexLeaf>,
}

pub fn charter_of(log: &Key, authority: &[Key], threshold: usize, policy: &[String]) -> Charter {
    Charter {
        origin: ORIGIN.to_owned(),
        log: log.vkey.clone(),
        authority: Authority { keys: authority.iter().map(|k| k.vkey.clone()).collect(), threshold },
        district: "440811".to_owned(),
        policy: policy.to_vec(),
        catalogue: None,
        created: CREATED,
    }
}

impl World {
    /// A ledger whose tree has the charter and the first index leaf, without witnesses, one authority key.
    pub fn new() -> Self {
        Self::with(1, 1, &["quorum none".to_owned()])
    }

    /// The same with m of n authority keys and another witness policy.
    pub fn with(threshold: usize, n: u8, policy: &[String]) -> Self {
        let log = Key::note(ORIGIN, 1);
        let authority: Vec<Key> =
            (0..n).map(|i| Key::note(&format!("mazhang.example/authority/{}", i + 1), 10 + i)).collect();
        let charter = charter_of(&log, &authority, threshold, policy);
        let text = charter.text();
        let mut signatures: Vec<_> = authority.iter().map(|k| k.sign(&text)).collect();
        signatures.push(log.sign(&text));
        let charter_note = leaf::seal(&text, signatures).into_bytes();
        let (charter, charter_hash) = Charter::open(&charter_note).unwrap();
        let mut world = World {
            town: Key::note(&format!("{ORIGIN}/seal/{TOWN_SCOPE}/township"), 30),
            supervision: Key::note(&format!("{ORIGIN}/seal/{VILLAGE_SCOPE}/supervision"), 31),
            witnesses: (0..5).map(|i| Key::cosigner(&format!("witness{i}.example/w"), 50 + i)).collect(),
            ledger: LedgerId::new(&charter.origin, &charter_hash),
            state: State::new(&charter, &charter_hash),
            shelf: Shelf {
                leaves: Vec::new(),
                tree: MemoryTree::default(),
                lines: BTreeMap::new(),
                rows: Vec::new(),
                checkpoint: Vec::new(),
            },
            pending: vec![charter_note.clone()],
            log,
            authority,
            charter,
            charter_note,
            charter_hash,
            cheat: None,
        };
        world.publish(CREATED);
        world
    }

    /// [`World::demo`] under a policy: two of w0, w1 and the replayer w2.
    pub fn witnessed() -> Self {
        let witness =
            |i: u8| format!("witness w{i} {}", Key::cosigner(&format!("witness{i}.example/w"), 50 + i).vkey);
        let groups = ["group replayers 1 w2", "group village 2 w0 w1 replayers", "quorum village"];
        let policy: Vec<String> = (0..3).map(witness).chain(groups.map(str::to_owned)).collect();
        let mut world = Self::with(1, 1, &policy);
        world.fill();
        world
    }

    /// [`World::new`] with town and village enrolled, both seals, an opening balance, two vouchers and a close.
    pub fn demo() -> Self {
        let mut world = Self::new();
        world.fill();
        world
    }

    fn fill(&mut self) {
        let world = self;
        world.enrol();
        let entries: Vec<Vec<u8>> =
            [(1, "opening_balance"), (2, "voucher")].map(|(seq, kind)| world.entry(UNIT, seq, kind)).into();
        world.take(entries, CREATED + 200);
        world.publish(CREATED + 200);
        let entries: Vec<Vec<u8>> =
            [(3, "voucher"), (4, "notice")].map(|(seq, kind)| world.entry(UNIT, seq, kind)).into();
        world.take(entries, CREATED + 300);
        world.publish(CREATED + 300);
    }

    /// Profiles and seals of the demo's town and village, published.
    pub fn enrol(&mut self) {
        let profile = |unit: &str, name: &str| Object::new().with("unit", unit).with("name", name);
        let acts = vec![
            self.act(TOWN, 1, "unit", profile("440811100000-00", "麻章镇"), &[]),
            self.act(TOWN, 2, "seal", seal_add(&self.town, "township", TOWN_SCOPE), &[&self.town.clone()]),
            self.act(VILLAGE, 1, "unit", profile(UNIT, "榕溪村"), &[]),
            self.act(VILLAGE, 2, "unit", profile(GROUP, "榕溪村一组"), &[]),
            self.act(
                VILLAGE,
                3,
                "seal",
                seal_add(&self.supervision, "supervision", VILLAGE_SCOPE),
                &[&self.supervision.clone()],
            ),
        ];
        self.take(acts, CREATED + 100);
        self.publish(CREATED + 100);
    }

    /// The JSON line of an entry with the six fields that are always there.
    pub fn draft(&self, unit: &str, seq: u64, kind: &str, body: Object) -> Object {
        Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit)
            .with("seq", seq as i64)
            .with("kind", kind)
            .with("body", body)
            .with("signed_at", CREATED as i64)
    }

    /// An entry with its kind's example body, sealed by the town, and whom its kind demands.
    pub fn entry(&self, unit: &str, seq: u64, kind: &str) -> Vec<u8> {
        let draft = set(&self.draft(unit, seq, kind, example(kind)), "period", period_of(kind));
        // A redaction needs the supervision's seal too (G-22).
        let also = (kind == "redaction").then_some(&self.supervision);
        seal(&draft, &[&self.town].into_iter().chain(also).collect::<Vec<_>>())
    }

    /// An authority act, signed by every authority key and by `also`.
    pub fn act(&self, unit: &str, seq: u64, kind: &str, body: Object, also: &[&Key]) -> Vec<u8> {
        let signers: Vec<&Key> = self.authority.iter().chain(also.iter().copied()).collect();
        seal(&self.draft(unit, seq, kind, body), &signers)
    }

    /// The body that closes a unit after all that is published of it.
    pub fn closing(&self, of: &str) -> Object {
        let (books, of) = (&self.state.books, unit(of));
        Object::new()
            .with("count", books.count(&of) as i64 + 1)
            .with("root", books.trees(&of).map_or(Hash::EMPTY, |t| t.lines.root()).to_base64())
            .with("reason", "并村")
    }

    /// Puts a batch through the rules at append.
    pub fn submit(&mut self, batch: Vec<Vec<u8>>, now: u64) -> Result<Vec<Admission>, Vec<(usize, Refusal)>> {
        let parse = |(at, bytes)| Submission::parse(bytes, KINDS).map_err(|r| vec![(at, r)]);
        let submissions = batch.into_iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?;
        self.admit(submissions, now)
    }

    /// The same for entries that came with what they need beside them.
    pub fn admit(
        &mut self,
        mut submissions: Vec<Submission>,
        now: u64,
    ) -> Result<Vec<Admission>, Vec<(usize, Refusal)>> {
        for (at, submission) in submissions.iter_mut().enumerate() {
            // As the server does: a fault here may be cured by an act earlier in the batch.
            submission.verify(&self.state.registry).map_err(|fault| vec![(at, fault)])?;
        }
        let admitted = self.state.admit(&submissions, now, &self.shelf)?;
        for (submission, admission) in submissions.into_iter().zip(&admitted) {
            if let Admission::New(_) = admission {
                self.pending.push(submission.bytes);
            }
        }
        Ok(admitted)
    }

    /// [`World::submit`] for what may be refused; whether it was taken.
    pub fn submit_any(&mut self, batch: Vec<Vec<u8>>, now: u64) -> bool {
        self.submit(batch, now).is_ok()
    }

    /// [`World::submit`], which must succeed; one by one, so that seals enrolled on the way count.
    pub fn take(&mut self, notes: Vec<Vec<u8>>, now: u64) {
        for note in notes {
            self.submit(vec![note], now).unwrap();
        }
    }

    /// Logs bytes without asking any rule: what a dishonest operator can do.
    pub fn force(&mut self, bytes: Vec<u8>) -> Class {
        let class = self.state.books.classify(&bytes);
        self.state.books.add(leaf_hash(&bytes), &class);
        self.pending.push(bytes);
        class
    }

    /// Closes what waits with an index leaf, and signs the head.
    pub fn publish(&mut self, time: u64) {
        let key = self.state.log_key().clone();
        assert_eq!(key, self.log.vkey, "the test must change world.log after a head with a log_key act");
        let (index, lines, _) = self.state.close(time, Vec::new());
        let index = self.cheat.map_or(index.clone(), |cheat| cheat(index));
        for (unit, line, amendment) in lines {
            self.shelf.lines.entry(unit).or_default().push((line, amendment));
        }
        let text = index.text();
        self.pending.push(leaf::seal(&text, vec![self.log.sign(&text)]).into_bytes());
        for leaf in std::mem::take(&mut self.pending) {
            self.shelf.tree.append(leaf_hash(&leaf));
            self.shelf.leaves.push(leaf);
        }
        self.shelf.rows = self.state.books.rows();
        self.sign(&[]);
    }

    /// Another book of a unit: from now on the log states that these leaves, logged outside its numbers, are it.
    /// `amendments` says which of them the amendment tree is made of.
    pub fn rebook(&mut self, of: &str, notes: Vec<Vec<u8>>, amendments: fn(u64) -> bool, time: u64) {
        self.rebook_with(of, notes, amendments, time, |_| ());
    }

    /// The same with lines that a test has bent.
    pub fn rebook_with(
        &mut self,
        of: &str,
        notes: Vec<Vec<u8>>,
        amendments: fn(u64) -> bool,
        time: u64,
        bend: impl Fn(&mut Vec<Line>),
    ) {
        let first = self.state.books.size();
        let count = notes.len() as u64;
        let place = |(at, note): (u64, &Vec<u8>)| Line {
            seq: at + 1,
            index: first + at,
            time,
            leaf: leaf_hash(note),
        };
        let mut lines: Vec<Line> = (0..).zip(&notes).map(place).collect();
        bend(&mut lines);
        self.pending.extend(notes);
        let mut trees: BTreeMap<UnitId, UnitTrees> =
            self.state.books.units().map(|(u, t)| (*u, t.clone())).collect();
        let mut book = UnitTrees::default();
        let lines: Vec<(Line, bool)> = lines.into_iter().zip(1..).map(|(l, n)| (l, amendments(n))).collect();
        lines.iter().for_each(|(line, amendment)| book.push(line, *amendment));
        trees.insert(unit(of), book);
        self.shelf.lines.insert(unit(of), lines);
        let books = Books::restore(self.ledger.clone(), first + count, time, trees);
        self.state = State::restore(books, self.state.registry.clone(), first + count);
        self.publish(time);
    }

    /// Puts other bytes in the place of the last leaf, and signs that.
    pub fn replace_last(&mut self, leaf: Vec<u8>) {
        self.shelf.leaves.pop();
        self.shelf.leaves.push(leaf);
        self.shelf.tree = MemoryTree::new(self.shelf.leaves.iter().map(|l| leaf_hash(l)).collect());
        self.sign(&[]);
    }

    /// The text of the newest checkpoint.
    pub fn checkpoint_text(&self) -> String {
        let size = self.shelf.leaves.len() as u64;
        let root = root_of(&self.shelf.tree, size).unwrap();
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.text()
    }

    /// Signs the newest checkpoint, with cosignatures of these witnesses at these times.
    pub fn sign(&mut self, cosigners: &[(usize, u64)]) {
        let text = self.checkpoint_text();
        let mut lines = vec![self.log.sign(&text)];
        lines.extend(cosigners.iter().map(|(w, time)| self.witnesses[*w].cosign(*time, &text)));
        self.shelf.checkpoint = note::assemble(&text, &lines).into_bytes();
    }

    pub fn bundle(&self, of: &str, from: u64, remembered: Option<u64>) -> Bundle {
        build(&self.shelf, unit(of), from, remembered).unwrap()
    }

    /// What a reader asks who has this charter pinned.
    pub fn ask(&self) -> Ask {
        Ask { charter: Some(self.charter_hash), now: NOW, ..Ask::default() }
    }

    pub fn check(&self, of: &str, from: u64) -> Outcome {
        verify(&self.bundle(of, from, None).encode(), &self.ask())
    }

    /// The head that a reader remembers now.
    pub fn head(&self, of: &str) -> Vec<u8> {
        self.bundle(of, 1, None).head.encode()
    }
}

/// A leaf of an entry's JSON line, signed by these keys.
pub fn seal(json: &Object, keys: &[&Key]) -> Vec<u8> {
    let text = leaf::text(LeafType::Entry, json);
    let signatures = keys.iter().map(|k| k.sign(&text)).collect();
    leaf::seal(&text, signatures).into_bytes()
}

/// The body that enrols a seal.
pub fn seal_add(key: &Key, role: &str, scope: &str) -> Object {
    seal_body("add", key, role, scope)
}

pub fn seal_body(act: &str, key: &Key, role: &str, scope: &str) -> Object {
    Object::new()
        .with("act", act)
        .with("vkey", key.vkey.to_string())
        .with("role", role)
        .with("scope", scope)
        .with("holder", "测试机关")
}
