//! The audit of a ledger: every leaf, every tile, every index leaf, every seal (SPEC sections 5, 6 and 8).
//!
//! The log's statements are replayed in order; signatures, the expensive part, are verified on all cores. What
//! contradicts a signed statement is a fault; what the log may hold but somebody should look at is a finding.

use crate::progress::Progress;
use crate::report::{Note, Notes, Report};
use crate::source::{Leaves, Source, SourceError};
use client::{Mirror, Trust};
use ledger::books::{Books, Class};
use ledger::charter::{Charter, LedgerId};
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::kinds::{self, KINDS};
use ledger::leaf::{self, Leaf};
use ledger::note::VerifierKey;
use ledger::policy::Policy;
use ledger::registry::{Registry, is_authority_act};
use ledger::seal::SealFault;
use ledger::verdict::Code;
use rayon::prelude::*;
use std::collections::BTreeMap;

const NOT_CHECKED: &[&str] = &[
    "钱花得对不对、条目是否属实 / whether what the entries say is true",
    "有没有从未入账的事项 / what was never submitted",
    "密封字段的揭示值和附件 / openings of sealed fields and attachments",
    "这份账本是否给别人看过另一个样子 / whether others were shown another view of this ledger",
];
const NO_WITNESSES: &str =
    "见证人：本账本没有见证人，时间是账本自己的 / this ledger has no witnesses; times are its own";

/// An entry leaf taken apart, its signatures verified against the registry of an earlier moment.
struct Prepared<'a> {
    hash: Hash,
    leaf: Option<Leaf<'a>>,
    entry: Option<Entry>,
    signers: Result<Vec<VerifierKey>, SealFault>,
}

/// Replays a log from its tiles.
///
/// # Errors
/// [`SourceError`] when the log can't be read to its end: nothing is then said about it.
pub fn audit(mirror: &Mirror, trust: &Trust, progress: &mut Progress) -> Result<Report, SourceError> {
    let mut source = Source::open(mirror)?;
    let mut misfits = Vec::new();
    let mut leaves = source.next(&mut misfits)?;
    let mut audit = match Audit::begin(&leaves, trust) {
        Ok(audit) => audit,
        Err(note) => return Ok(refused(&source, note)),
    };
    // A head of the first log key or a later one; which of them may sign it shows at the end.
    while !leaves.is_empty() {
        audit.take(&leaves);
        progress.at(source.read(), source.size());
        leaves = if source.read() < source.size() { source.next(&mut misfits)? } else { Leaves::new() };
    }
    for misfit in misfits {
        audit.faults.push(Note::whole("tile", misfit.0));
    }
    Ok(audit.end(&source))
}

/// The report on a log whose leaf 0 is not the pinned charter: nothing further is worth reading.
fn refused(source: &Source<'_>, note: Note) -> Report {
    let mut faults = Notes::default();
    faults.push(note);
    let head = &source.head.checkpoint;
    Report {
        verdict: Code::CannotShow.name().to_owned(),
        ledger: head.origin.clone(),
        size: head.size,
        root: head.root.to_string(),
        time: 0,
        units: 0,
        kinds: BTreeMap::new(),
        publications: 0,
        seals: 0,
        tiles: source.tiles,
        faults,
        findings: Notes::default(),
        not_checked: NOT_CHECKED.to_vec(),
    }
}

struct Audit {
    books: Books,
    registry: Registry,
    /// Acts that wait for their logged time.
    acts: Vec<u64>,
    /// Position of the last index leaf, and the one before it.
    head: u64,
    previous: u64,
    publications: u64,
    seals: u64,
    kinds: BTreeMap<String, u64>,
    faults: Notes,
    findings: Notes,
    /// The gravest code found.
    code: Option<Code>,
}

impl Audit {
    fn begin(leaves: &Leaves, trust: &Trust) -> Result<Self, Note> {
        let refuse = |what: String| Note::leaf("charter", 0, what);
        let (bytes, hash) = leaves.first().ok_or_else(|| refuse("账本是空的 / the log is empty".into()))?;
        if *hash != trust.charter {
            return Err(refuse("0 号叶子不是信任文件里的章程 / leaf 0 is not the pinned charter".into()));
        }
        let (charter, hash) = Charter::open(bytes).map_err(|e| refuse(e.to_string()))?;
        Ok(Audit {
            books: Books::new(LedgerId::new(&charter.origin, &hash), &charter.district),
            registry: Registry::new(&charter),
            acts: Vec::new(),
            head: 0,
            previous: 0,
            publications: 0,
            seals: 0,
            kinds: BTreeMap::new(),
            faults: Notes::default(),
            findings: Notes::default(),
            code: None,
        })
    }

    fn fault(&mut self, code: Code, note: Note) {
        self.code.get_or_insert(code);
        self.faults.push(note);
    }

    /// Takes the next leaves: apart and verified on all cores, then folded in order.
    fn take(&mut self, leaves: &Leaves) {
        let registry = &self.registry;
        let prepared: Vec<Prepared<'_>> =
            leaves.par_iter().map(|(bytes, hash)| prepare(bytes, *hash, registry)).collect();
        for leaf in prepared {
            self.fold(leaf);
        }
    }

    fn fold(&mut self, p: Prepared<'_>) {
        let at = self.books.size();
        let class = p.leaf.as_ref().map_or(Class::Void, |leaf| self.books.classify_leaf(leaf));
        match &class {
            Class::Charter => {}
            Class::Index(_) => return self.index_leaf(at, &p, &class),
            Class::Void => {
                self.findings.push(Note::leaf("void", at, "不是这个账本的条目 / no entry of this ledger"));
            }
            Class::Entry { .. } => self.entry(at, &p),
        }
        self.books.add(p.hash, &class);
    }

    fn entry(&mut self, at: u64, p: &Prepared<'_>) {
        let place =
            |note: Note, unit: &str, seq| Note { unit: Some(unit.to_owned()), seq: Some(seq), ..note };
        let Some(entry) = &p.entry else {
            let what = "封套字段不合规，印章无法判断 / a field of the envelope is not of its form; its seals can't be judged";
            return self.fault(Code::FailedSeal, Note::leaf("envelope", at, what));
        };
        let (unit, seq) = (entry.unit(), entry.seq());
        *self.kinds.entry(entry.kind().to_owned()).or_default() += 1;
        let signers = match (&p.signers, &p.leaf) {
            (Ok(signers), _) => Ok(signers.clone()),
            // The key may have been enrolled since these leaves were prepared.
            (Err(SealFault::Unknown { .. }), Some(leaf)) => self.registry.signers(&leaf.note, entry),
            (Err(fault), _) => Err(fault.clone()),
        };
        self.seals += signers.as_ref().map_or(0, |s| s.len() as u64);
        match signers.and_then(|signers| self.registry.judge(entry, &signers, at, self.books.time())) {
            Ok(_) if is_authority_act(entry) => {
                self.registry.apply(entry, at, 0);
                self.acts.push(at);
            }
            Ok(_) => {}
            Err(fault) => {
                let note = place(Note::leaf("seal", at, fault.to_string()), unit.as_str(), seq);
                self.fault(Code::FailedSeal, note);
            }
        }
        let finding = match kinds::find(KINDS, entry.kind()) {
            None => Some(Note::leaf(
                "unknown_kind",
                at,
                format!("不认识的条目类型 {} / an unknown kind", entry.kind()),
            )),
            Some(kind) => kind.check(entry).err().map(|e| Note::leaf("field", at, e.to_string())),
        };
        if let Some(finding) = finding {
            self.findings.push(place(finding, unit.as_str(), seq));
        }
    }

    fn index_leaf(&mut self, at: u64, p: &Prepared<'_>, class: &Class) {
        let Class::Index(found) = class else { return };
        let mut wrong = Vec::new();
        if found.time < self.books.time() {
            wrong.push("时间倒退 / its time falls");
        }
        if self.publications > 0 && self.head + 1 == at {
            wrong.push("紧跟另一个索引叶 / it follows another index leaf");
        }
        let key = self.registry.log_key(self.head).clone();
        let signed = p.leaf.as_ref().is_some_and(|leaf| {
            leaf.note.signatures.iter().any(|s| key.verify(leaf.note.text.as_bytes(), s).is_ok())
        });
        if !signed {
            wrong.push("不是当时的账本密钥所签 / not signed by the log key in force");
        }
        let (wanted, lines) = self.books.close(found.time, found.witnessed.clone());
        for act in std::mem::take(&mut self.acts) {
            self.registry.set_time(act, wanted.time);
        }
        drop(lines);
        if wanted != *found {
            wrong.push("与之前的条目不符 / it is not what the leaves before it say");
        }
        for what in wrong {
            self.fault(Code::FailedIndex, Note::leaf("index_leaf", at, format!("索引叶{what}")));
        }
        (self.previous, self.head) = (self.head, at);
        self.publications += 1;
    }

    fn end(mut self, source: &Source<'_>) -> Report {
        let head = &source.head.checkpoint;
        // The head is signed by the key that signed its index leaf.
        let key = self.registry.log_key(self.previous).clone();
        if let Err(e) = source.head.verify_log(&key) {
            let what = format!(
                "存证点不是当时的账本密钥所签：{e} / the checkpoint is not signed by the log key in force"
            );
            self.fault(Code::CannotShow, Note::whole("checkpoint", what));
        }
        if source.root() != head.root {
            let what = "条目的根与存证点不符 / the leaves do not give the signed root";
            self.fault(Code::CannotShow, Note::whole("root", what));
        }
        if self.head + 1 != head.size {
            let what = "最后一个叶子不是索引叶 / the last leaf is no index leaf";
            self.fault(Code::FailedIndex, Note::whole("index_leaf", what));
        }
        if self.faults.count > 0 {
            self.code.get_or_insert(Code::CannotShow);
        }
        let mut not_checked = NOT_CHECKED.to_vec();
        let lines: String = self.registry.policy(head.size).iter().map(|line| format!("{line}\n")).collect();
        let code = match Policy::parse(&lines) {
            Ok(policy) if policy.is_none() => {
                not_checked.push(NO_WITNESSES);
                Code::OkUnwitnessed
            }
            Ok(policy) => match policy.evaluate(&source.head) {
                quorum if !quorum.met => Code::OkNotWitnessed,
                quorum if !quorum.replayed => Code::OkNotReplayed,
                _ => Code::Ok,
            },
            Err(_) => Code::CannotShow,
        };
        let units = self.books.units().filter(|(_, trees)| trees.lines.size() > 0).count() as u64;
        Report {
            verdict: self.code.unwrap_or(code).name().to_owned(),
            ledger: self.books.ledger().to_string(),
            size: head.size,
            root: head.root.to_string(),
            time: self.books.time(),
            units,
            kinds: self.kinds,
            publications: self.publications,
            seals: self.seals,
            tiles: source.tiles,
            faults: self.faults,
            findings: self.findings,
            not_checked,
        }
    }
}

fn prepare<'a>(bytes: &'a [u8], hash: Hash, registry: &Registry) -> Prepared<'a> {
    let leaf = leaf::read(bytes).ok();
    let entry = leaf
        .as_ref()
        .filter(|leaf| leaf.leaf_type == leaf::LeafType::Entry)
        .and_then(|leaf| Entry::of(leaf.json.clone()).ok());
    let signers = match (&leaf, &entry) {
        (Some(leaf), Some(entry)) => registry.signers(&leaf.note, entry),
        _ => Ok(Vec::new()),
    };
    Prepared { hash, leaf, entry, signers }
}
