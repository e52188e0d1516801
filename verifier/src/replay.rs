//! The replay: f, the registry and every index leaf, leaf by leaf in log order (SPEC sections 5 and 6).
//!
//! What contradicts the log's own signature is a fault; what a log may hold but somebody should look at is a
//! finding. Neither stops the replay, and neither is a verdict before the signed root came out.

use crate::findings::{Note, Notes};
use crate::kept::Kept;
use crate::leaves::{Prepared, Signed, What, prepare};
use crate::marks::Marks;
use crate::past::Behind;
use crate::rules::Rules;
use crate::walk::Fold;
use ledger::append::check_dates;
use ledger::books::{Books, Class};
use ledger::catalogue::Catalogue;
use ledger::charter::{Charter, LedgerId};
use ledger::entry::{Entry, Envelope};
use ledger::hash::Hash;
use ledger::index::IndexLeaf;
use ledger::kinds::{self, KINDS};
use ledger::leaf::{self, LeafType};
use ledger::note::VerifierKey;
use ledger::registry::{Registry, is_authority_act};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Name under which entries of unknown kinds are counted.
const UNKNOWN: &str = "unknown";

/// Books and registry after the leaves so far, and what was found on the way.
#[derive(Debug)]
pub struct Replay<'t> {
    /// The books.
    pub books: Books,
    /// The registry.
    pub registry: Registry,
    /// Entries by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Index leaves.
    pub publications: u64,
    /// Signature lines of entries that verified.
    pub seals: u64,
    /// What contradicts the log's own signature: codes `index_leaf` and `seal`.
    pub faults: Notes,
    /// What is in the log and should be looked at.
    pub findings: Notes,
    /// Entries whose seals this program could not judge.
    pub unread: u64,
    /// Position of the last index leaf, and of the one before it.
    head: (u64, u64),
    snapshot: Option<Arc<Registry>>,
    /// Acts that wait for their logged time.
    acts: Vec<u64>,
    marks: Marks,
    /// The soft rules, and what they found.
    pub rules: Rules,
    /// The entries so far.
    pub behind: Behind<'t>,
    /// What they keep beside the log.
    pub kept: Kept,
    /// Those that wait for their index leaf and broke a rule: what they amend is left as it was.
    broken: BTreeSet<u64>,
}

impl Fold for Replay<'_> {
    type Known = Registry;
    type Leaf = Prepared;

    fn known(&mut self) -> Arc<Registry> {
        Arc::clone(self.snapshot.get_or_insert_with(|| Arc::new(self.registry.clone())))
    }

    fn prepare(known: &Registry, bytes: &[u8], hash: Hash) -> Prepared {
        prepare(known, bytes, hash)
    }

    fn fold(&mut self, leaf: Prepared) {
        let index = self.books.size();
        let class = match &leaf.what {
            What::Entry(signed) => self.books.classify_entry(&signed.entry.envelope),
            What::Untyped(envelope, _) => self.books.classify_entry(envelope),
            What::Other(bytes) => self.books.classify(bytes),
            What::Void(_) => Class::Void,
        };
        match (class, leaf.what) {
            (Class::Index(found), What::Other(bytes)) => self.close(index, &found, &bytes),
            (class, what) => {
                match (&class, what) {
                    (Class::Entry { .. }, What::Entry(signed)) => self.entry(index, *signed),
                    (Class::Entry { .. }, What::Untyped(envelope, why)) => {
                        self.untyped(index, &envelope, &why)
                    }
                    (Class::Void, what) => self.void(index, &what),
                    _ => {}
                }
                if let Class::Entry { unit, .. } = &class {
                    self.behind.push(*unit, index, leaf.hash);
                }
                self.books.add(leaf.hash, &class);
            }
        }
    }
}

impl<'t> Replay<'t> {
    /// The replay before the first leaf of the ledger with this charter: with a catalogue to judge lateness by, and
    /// with the log to read entries again that amendments are about.
    pub fn new(charter: &Charter, hash: &Hash, catalogue: Catalogue, behind: Behind<'t>) -> Self {
        Replay {
            books: Books::new(LedgerId::new(&charter.origin, hash), &charter.district),
            registry: Registry::new(charter),
            kinds: BTreeMap::new(),
            publications: 0,
            seals: 0,
            faults: Notes::default(),
            findings: Notes::default(),
            unread: 0,
            head: (0, 0),
            snapshot: None,
            acts: Vec::new(),
            marks: Marks::default(),
            rules: Rules::new(catalogue),
            behind,
            kept: Kept::default(),
            broken: BTreeSet::new(),
        }
    }

    /// Position of the last index leaf.
    pub fn head(&self) -> u64 {
        self.head.0
    }

    /// The key that signs the last index leaf and the head that ends with it.
    pub fn head_key(&self) -> &VerifierKey {
        self.registry.log_key(self.head.1)
    }

    fn entry(&mut self, index: u64, mut signed: Signed) {
        let signers = signed.signers(&self.registry);
        let Signed { entry, broken, .. } = signed;
        let place = (entry.unit(), entry.seq());
        let kind = kinds::find(KINDS, entry.kind()).map_or(UNKNOWN, |kind| kind.name);
        *self.kinds.entry(kind).or_default() += 1;
        self.seals += signers.as_ref().map_or(0, |s| s.len() as u64);
        // What is wrong by itself is not held against earlier entries too.
        let broken = broken.or_else(|| self.behind.check(&entry, &self.books, &self.registry).err());
        self.behind.amends(&entry);
        if let Some(broken) = broken {
            self.broken.insert(index);
            let what = format!("{}：{} ({})", broken.field, broken.what, entry.kind());
            self.findings.push(Note::entry(broken.code.name(), index, place, what));
        }
        // Before an act of this very leaf is applied: it counts for what stands above it.
        let limits = self.rules.limits(index, &self.registry);
        // The logged time comes later; it decides marks only, and those are found at the revocation.
        let judged = signers.and_then(|signers| {
            self.registry.judge(&entry, &signers, index, 0)?;
            Ok(signers)
        });
        match judged {
            Err(fault) => {
                self.broken.insert(index);
                self.faults.push(Note::entry("seal", index, place, fault.to_string()));
            }
            Ok(_) if is_authority_act(&entry) => self.act(index, &entry),
            Ok(signers) => signers.iter().for_each(|key| self.marks.sign(key)),
        }
        self.rules.wait(index, entry, limits);
    }

    fn act(&mut self, index: u64, entry: &Entry) {
        let body = entry.body();
        let (key, from) = (body.text_of("vkey").map(VerifierKey::parse), body.int_of("compromised_from"));
        if let (Some(Ok(key)), Some(from)) = (key, from.and_then(|t| u64::try_from(t).ok())) {
            let count = self.marks.since(&key, from);
            let what = format!(
                "{} 自 {from} 起失控，其后由它盖章的 {count} 条须另行核实 / entries it sealed since then are marked",
                key.name()
            );
            self.findings.push(Note::entry("marked", index, (entry.unit(), entry.seq()), what));
        }
        self.registry.apply(entry, index, 0);
        self.acts.push(index);
        self.snapshot = None;
        self.rules.acted();
    }

    fn untyped(&mut self, index: u64, envelope: &Envelope, why: &str) {
        self.unread += 1;
        *self.kinds.entry(UNKNOWN).or_default() += 1;
        let what =
            format!("{why}，本程序读不了，印章未核对 / can't be read here; its seals were not checked");
        self.findings.push(Note::entry("unread", index, (envelope.unit, envelope.seq), what));
    }

    fn void(&mut self, index: u64, what: &What) {
        let envelope = match what {
            What::Entry(signed) => Some(&signed.entry.envelope),
            What::Untyped(envelope, _) => Some(&**envelope),
            What::Other(_) | What::Void(_) => None,
        };
        let note = match (envelope, what) {
            (Some(e), _) if e.ledger != *self.books.ledger() => {
                let what = format!("属于另一个账本 {} / of another ledger", e.ledger);
                Note::entry("void", index, (e.unit, e.seq), what)
            }
            (Some(e), _) => {
                let next = self.books.count(&e.unit) + 1;
                let what = format!("编号不接续，应为 {next} / its number is not the unit's next");
                Note::entry("void", index, (e.unit, e.seq), what)
            }
            (None, What::Void(why)) => Note::leaf("void", index, format!("不是条目：{why} / no entry")),
            (None, What::Other(bytes)) if self.signed_index(bytes) => {
                // The log signed it, and what it says of its place is not so.
                let what = "账本签了名的索引叶不在它所说的位置，或不合格式 / an index leaf signed by the log is not where it says, or not of its form";
                return self.faults.push(Note::leaf("index_leaf", index, what));
            }
            (None, _) => {
                Note::leaf("void", index, "章程或索引叶放错了位置 / a charter or index leaf out of place")
            }
        };
        self.findings.push(note);
    }

    fn signed_index(&self, bytes: &[u8]) -> bool {
        let index = leaf::read(bytes).is_ok_and(|leaf| leaf.leaf_type == LeafType::Index);
        index && signed_by(bytes, self.registry.log_key(self.head.0))
    }

    /// An index leaf: everything that waits is closed by it, and it must be what f says.
    fn close(&mut self, index: u64, found: &IndexLeaf, bytes: &[u8]) {
        let before = self.books.time();
        let (wanted, _) = self.books.close(found.time, found.witnessed.clone());
        for what in differences(&wanted, found, before) {
            self.faults.push(Note::leaf("index_leaf", index, what));
        }
        if !signed_by(bytes, self.registry.log_key(self.head.0)) {
            let what = "索引叶不是当时的账本密钥所签 / not signed by the log key in force";
            self.faults.push(Note::leaf("index_leaf", index, what));
        }
        if self.publications > 0 && self.head.0 + 1 == index {
            let what = "没有新条目的公布 / a publication without anything new";
            self.findings.push(Note::leaf("empty", index, what));
        }
        for act in std::mem::take(&mut self.acts) {
            self.registry.set_time(act, wanted.time);
        }
        self.marks.close(wanted.time);
        let Replay { rules, registry, findings, behind, kept, broken, .. } = self;
        rules.close(wanted.time, registry, |at, entry| {
            let posting = || behind.posting(entry, [before, wanted.time]);
            let dates = check_dates(entry, wanted.time).and_then(|()| posting());
            kept.take(at, entry, dates.is_ok() && !broken.contains(&at));
            if let Err(refusal) = dates {
                let what = format!("{}：{}", refusal.field, refusal.what);
                findings.push(Note::entry(refusal.code.name(), at, (entry.unit(), entry.seq()), what));
            }
        });
        self.broken.clear();
        self.publications += 1;
        self.head = (index, self.head.0);
    }
}

/// What an index leaf says that f does not.
fn differences(wanted: &IndexLeaf, found: &IndexLeaf, before: u64) -> Vec<String> {
    let mut out = Vec::new();
    if found.ledger != wanted.ledger {
        out.push(format!("索引叶属于另一个账本 {} / it is of another ledger", found.ledger));
    }
    if found.units != wanted.units {
        out.push(format!(
            "索引叶说有 {} 个单位，按条目应为 {} / units: stated, and what the leaves give",
            found.units, wanted.units
        ));
    }
    if found.root != wanted.root {
        out.push(
            "索引叶的总目录根与之前的条目不符 / its root is not what the leaves before it give".to_owned(),
        );
    }
    if found.time < before {
        out.push(format!("索引叶的时间倒退：{before} 之后是 {} / its time falls", found.time));
    }
    if out.is_empty() && found != wanted {
        out.push("索引叶与之前的条目不符 / it is not what the leaves before it say".to_owned());
    }
    out
}

fn signed_by(bytes: &[u8], key: &VerifierKey) -> bool {
    leaf::read(bytes).is_ok_and(|leaf| {
        leaf.note.signatures.iter().any(|line| key.verify(leaf.note.text.as_bytes(), line).is_ok())
    })
}
