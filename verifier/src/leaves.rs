//! Leaves prepared on any core: taken apart, held against the rules that need no order, signatures verified.

use ledger::append::{Refusal, check_alone};
use ledger::entry::{Entry, Envelope};
use ledger::hash::Hash;
use ledger::kinds::KINDS;
use ledger::leaf::{self, LeafError, LeafType};
use ledger::note::{Note, VerifierKey};
use ledger::registry::Registry;
use ledger::seal::SealFault;

/// A leaf prepared.
#[derive(Debug)]
pub struct Prepared {
    /// Its hash.
    pub hash: Hash,
    /// What it may be; what it is depends on its place.
    pub what: What,
}

/// What a leaf may be.
#[derive(Debug)]
pub enum What {
    /// An entry whose every field is typed.
    Entry(Box<Signed>),
    /// An entry for f, with a field that this program can't read.
    Untyped(Box<Envelope>, String),
    /// A charter or an index leaf, rare enough to be read again where it stands.
    Other(Vec<u8>),
    /// Neither: why.
    Void(String),
}

/// An entry with its signatures verified.
#[derive(Debug)]
pub struct Signed {
    /// The entry.
    pub entry: Entry,
    /// The keys that signed.
    pub signers: Result<Vec<VerifierKey>, SealFault>,
    /// The leaf, when a key was unknown that may have been enrolled since.
    pub again: Option<Vec<u8>>,
    /// The first rule of append that the entry breaks by itself.
    pub broken: Option<Refusal>,
}

/// Prepares a leaf; keys are looked up in a registry that may be somewhat older than the leaf's place.
pub fn prepare(registry: &Registry, bytes: &[u8], hash: Hash) -> Prepared {
    let what = read(registry, bytes).unwrap_or_else(|e| What::Void(e.to_string()));
    Prepared { hash, what }
}

fn read(registry: &Registry, bytes: &[u8]) -> Result<What, LeafError> {
    let leaf = leaf::read(bytes)?;
    if leaf.leaf_type != LeafType::Entry {
        return Ok(What::Other(bytes.to_vec()));
    }
    let entry = match Entry::of(leaf.json) {
        Ok(entry) => entry,
        Err(why) => return untyped(bytes, why.to_string()),
    };
    let signers = registry.signers(&leaf.note, &entry);
    let again = matches!(signers, Err(SealFault::Unknown { .. })).then(|| bytes.to_vec());
    let broken = check_alone(&entry, KINDS).err();
    Ok(What::Entry(Box::new(Signed { entry, signers, again, broken })))
}

fn untyped(bytes: &[u8], why: String) -> Result<What, LeafError> {
    Ok(match Envelope::of(&leaf::read(bytes)?.json) {
        Ok(envelope) => What::Untyped(Box::new(envelope), why),
        Err(why) => What::Void(why.to_string()),
    })
}

impl Signed {
    /// The keys that signed, where the entry stands: a key may have been enrolled since it was prepared. Keys are
    /// never taken back or changed under one (name, id), so what was verified stays so.
    ///
    /// # Errors
    /// [`SealFault`].
    pub fn signers(&mut self, registry: &Registry) -> Result<Vec<VerifierKey>, SealFault> {
        match self.again.as_deref().map(Note::parse) {
            Some(Ok(note)) => registry.signers(&note, &self.entry),
            _ => std::mem::replace(&mut self.signers, Ok(Vec::new())),
        }
    }
}
