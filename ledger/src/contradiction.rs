//! Evidence that needs no reader's memory: two signed heads of one log, or signed posters, that contradict each other
//! (SPEC section 8.5, rules; [`crate::evidence`] is what a reader makes).

use crate::bundle::{Ask, MAX_BUNDLE, Verified, verify};
use crate::charter::{Charter, LedgerId};
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::entry::Entry;
use crate::evidence::{self, TYPE_LINE, unwrap, wrap};
use crate::hash::{Hash, leaf_hash};
use crate::index::decimal;
use crate::merkle::Nodes;
use crate::note::Note;
use crate::peaks::{Extension, prove_extension, prove_peaks, roots_of};
use crate::poster::{self, Paper, Poster, Signed};
use crate::registry::Registry;
use crate::sections::{Reader, SectionError, Writer, hash_lines, read_hash_lines};
use crate::verdict::{Code, Verdict};

/// Longest evidence file that is read, in bytes.
pub const MAX_EVIDENCE: usize = MAX_BUNDLE / 2 * 3;
/// Most registry acts in an evidence file of two heads.
pub const MAX_ACTS: usize = 64;

/// Signed statements that can't all be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// Two signed heads of one log.
    Heads(Box<Heads>),
    /// One signed poster that a ledger contradicts, or two of one seal that contradict each other.
    Posters {
        /// A signed note.
        poster: Vec<u8>,
        /// The other one, when it is not the ledger that contradicts.
        other: Option<Vec<u8>>,
        /// A bundle of their unit: whose seals they are, and what the ledger says.
        bundle: Vec<u8>,
    },
}

/// Two signed heads of one log, with the proof that the older one is no beginning of the newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Leaf 0: the log's first key.
    pub charter: Vec<u8>,
    /// The district registry's `authority` and `log_key` acts, in order, that lead to the keys of these heads; none
    /// when the charter's key signed both.
    pub acts: Vec<Vec<u8>>,
    /// The signed checkpoint of the smaller size.
    pub older: Vec<u8>,
    /// The other one.
    pub newer: Vec<u8>,
    /// When the sizes differ: from the older to the newer, out of the newer head's tree (SPEC L-13).
    pub extension: Option<Extension>,
}

impl Contradiction {
    /// The evidence file, whether it convicts or not.
    pub fn file(&self) -> String {
        let mut writer = Writer::new(TYPE_LINE);
        match self {
            Contradiction::Heads(heads) => {
                writer = writer.with("charter", &heads.charter);
                for act in &heads.acts {
                    writer = writer.with("act", act);
                }
                writer = writer.with("older", &heads.older).with("newer", &heads.newer);
                if let Some(e) = &heads.extension {
                    writer = writer
                        .with("extension", format!("{} {}\n", e.old, e.new).as_bytes())
                        .with("extension-peaks", &hash_lines(&e.peaks))
                        .with("extension-subtrees", &hash_lines(&e.subtrees));
                }
            }
            Contradiction::Posters { poster, other, bundle } => {
                return file_of_posters(poster, other.as_deref(), bundle);
            }
        }
        wrap(&writer.finish())
    }

    /// Takes a file apart; `None` when it is of the kind that a reader makes.
    ///
    /// # Errors
    /// [`SectionError`]; the size limit comes first.
    pub fn read(file: &[u8]) -> Result<Option<Self>, SectionError> {
        if file.len() > MAX_EVIDENCE {
            return Err(SectionError::Form);
        }
        let container = unwrap(file)?;
        let mut reader = Reader::open(&container, TYPE_LINE)?;
        let found = if let Some(charter) = reader.take("charter")? {
            let mut acts = Vec::new();
            while let Some(act) = reader.take("act")? {
                acts.push(act.to_vec());
            }
            let (older, newer) = (reader.must("older")?.to_vec(), reader.must("newer")?.to_vec());
            let extension = read_extension(&mut reader)?;
            Contradiction::Heads(Box::new(Heads { charter: charter.to_vec(), acts, older, newer, extension }))
        } else if let Some(poster) = reader.take("poster")? {
            let (poster, other) = (poster.to_vec(), reader.take("poster")?.map(<[u8]>::to_vec));
            Contradiction::Posters { poster, other, bundle: reader.must("bundle")?.to_vec() }
        } else {
            return Ok(None);
        };
        reader.finish()?;
        Ok(Some(found))
    }

    /// What it proves to whoever has only it and, where given, the charter hash: a red verdict with its file, or what
    /// a bundle in it says by itself, or CANNOT_SHOW.
    pub fn judge(&self, charter: Option<Hash>) -> Verdict {
        let ask = Ask { charter, ..Ask::default() };
        match self {
            Contradiction::Heads(heads) => match heads.contradict(charter) {
                Ok(detail) => Verdict { code: Code::FailedRewritten, detail, evidence: Some(self.file()) },
                Err(why) => Verdict::new(Code::CannotShow, why),
            },
            Contradiction::Posters { poster, other, bundle } => {
                let cannot = |why: &str| Verdict::new(Code::CannotShow, why);
                let Some(signed) = Signed::parse(poster) else {
                    return cannot("the poster is not of the form");
                };
                let Some(other) = other else {
                    return poster::judge(bundle, &ask, &Paper::Signed(signed)).verdict;
                };
                let Some(other) = Signed::parse(other) else {
                    return cannot("the other poster is not of the form");
                };
                let outcome = verify(bundle, &ask);
                let Some(verified) = outcome.verified else { return outcome.verdict };
                match two_books(&signed, &other, &verified) {
                    Ok(detail) => Verdict { code: Code::FailedTwoBooks, detail, evidence: Some(self.file()) },
                    Err(why) => cannot(why),
                }
            }
        }
    }
}

/// Checks an evidence file of any kind.
///
/// # Errors
/// [`SectionError`] when it is no evidence file. Whether it convicts is the verdict.
pub fn check(file: &[u8], charter: Option<Hash>) -> Result<Verdict, SectionError> {
    match Contradiction::read(file)? {
        Some(found) => Ok(found.judge(charter)),
        None => Ok(evidence::check(file, charter)?.verdict),
    }
}

impl Heads {
    /// Two checkpoints, given in any order, as evidence; `nodes` is the tree of the larger one (of either, when their
    /// sizes are equal). `None` when one is no checkpoint.
    ///
    /// # Errors
    /// When a subtree can't be read.
    pub fn prove<N: Nodes>(
        charter: &[u8],
        acts: &[Vec<u8>],
        checkpoints: [&[u8]; 2],
        nodes: &N,
    ) -> Result<Option<Self>, N::Error> {
        let size = |bytes| SignedCheckpoint::parse(bytes).map(|signed| signed.checkpoint.size);
        let [one, other] = checkpoints;
        let (Ok(a), Ok(b)) = (size(one), size(other)) else { return Ok(None) };
        let (older, newer) = if a <= b { (one, other) } else { (other, one) };
        let (old, new) = (a.min(b), a.max(b));
        let extension = if old == new {
            None
        } else {
            let (peaks, subtrees) = (prove_peaks(nodes, old)?, prove_extension(nodes, old, new)?);
            Some(Extension { old, new, peaks, subtrees })
        };
        let (charter, acts) = (charter.to_vec(), acts.to_vec());
        Ok(Some(Heads { charter, acts, older: older.to_vec(), newer: newer.to_vec(), extension }))
    }

    /// Which signed heads contradict each other; an error says why they do not.
    fn contradict(&self, pinned: Option<Hash>) -> Result<String, String> {
        if pinned.is_some_and(|pinned| pinned != leaf_hash(&self.charter)) {
            return Err("the charter is not the pinned one".into());
        }
        let (charter, hash) = Charter::open(&self.charter).map_err(|e| e.to_string())?;
        let registry = self.registry(&charter, &hash)?;
        let old = opened(&self.older, &charter, &registry)?;
        let new = opened(&self.newer, &charter, &registry)?;
        let found = || format!("the log signed {} {} and {} {}", old.size, old.root, new.size, new.root);
        let Some(extension) = &self.extension else {
            let differ = old.size == new.size && old.root != new.root;
            return if differ { Ok(found()) } else { Err("the heads do not contradict each other".into()) };
        };
        if (extension.old, extension.new) != (old.size, new.size) || old.size >= new.size {
            return Err("the proof is not from the older head to the newer one".into());
        }
        let (old_root, new_root) = roots_of(extension).map_err(|e| e.to_string())?;
        if new_root != new.root {
            return Err("the proof does not lead to the newer head".into());
        }
        if old_root == old.root { Err("the newer head continues the older one".into()) } else { Ok(found()) }
    }

    /// The log keys that the authority's acts lead to, each judged as a registry judges it.
    fn registry(&self, charter: &Charter, hash: &Hash) -> Result<Registry, String> {
        let mut registry = Registry::new(charter);
        let ledger = LedgerId::new(&charter.origin, hash);
        if self.acts.len() > MAX_ACTS {
            return Err(format!("more than {MAX_ACTS} acts"));
        }
        for (at, act) in (1..).zip(&self.acts) {
            let entry = Entry::of_leaf(act).map_err(|e| e.to_string())?;
            let of_keys = matches!(entry.kind(), "authority" | "log_key") && entry.unit().is_registry();
            if entry.envelope.ledger != ledger || !of_keys {
                return Err(format!("act {at} is not a change of this ledger's keys"));
            }
            let note = Note::parse(act).map_err(|e| e.to_string())?;
            let signers = registry.signers(&note, &entry).map_err(|e| e.to_string())?;
            registry.judge(&entry, &signers, at, 0).map_err(|e| e.to_string())?;
            registry.apply(&entry, at, 0);
        }
        Ok(registry)
    }
}

/// A checkpoint of this log, signed by one of its keys.
fn opened(bytes: &[u8], charter: &Charter, registry: &Registry) -> Result<Checkpoint, String> {
    let signed = SignedCheckpoint::parse(bytes).map_err(|e| e.to_string())?;
    if signed.checkpoint.origin != charter.origin
        || !registry.log_keys().any(|k| signed.verify_log(k).is_ok())
    {
        return Err("a checkpoint is not signed by the log".into());
    }
    Ok(signed.checkpoint)
}

/// Which seal has signed two books of one unit; an error says why none has.
fn two_books(one: &Signed, other: &Signed, verified: &Verified) -> Result<String, &'static str> {
    let (a, b) = (one.poster, other.poster);
    let of_ledger = a.charter == verified.charter && a.unit == verified.unit;
    if !of_ledger || a == b || a != (Poster { root: a.root, ..b }) {
        return Err("the posters do not contradict each other about this unit of the ledger");
    }
    let others = other.seals(&verified.registry);
    let both = one.seals(&verified.registry).into_iter().find(|seal| others.contains(seal));
    let name = both.ok_or("no seal of the town has signed both posters")?.key.name();
    Ok(format!("{name} signed two books of {} with {} entries", a.unit, a.count))
}

/// The evidence file of a signed poster, with another or without, and the bundle of their unit.
pub(crate) fn file_of_posters(poster: &[u8], other: Option<&[u8]>, bundle: &[u8]) -> String {
    let writer = Writer::new(TYPE_LINE).with("poster", poster);
    let writer = other.into_iter().fold(writer, |writer, other| writer.with("poster", other));
    wrap(&writer.with("bundle", bundle).finish())
}

fn read_extension(reader: &mut Reader<'_>) -> Result<Option<Extension>, SectionError> {
    let Some(sizes) = reader.take("extension")? else { return Ok(None) };
    let sizes = std::str::from_utf8(sizes).ok().and_then(|s| s.strip_suffix('\n')?.split_once(' '));
    let (old, new) = sizes.ok_or(SectionError::Form)?;
    Ok(Some(Extension {
        old: decimal(old).ok_or(SectionError::Form)?,
        new: decimal(new).ok_or(SectionError::Form)?,
        peaks: read_hash_lines(reader.must("extension-peaks")?)?,
        subtrees: read_hash_lines(reader.must("extension-subtrees")?)?,
    }))
}
