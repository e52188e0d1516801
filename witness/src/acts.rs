//! Acts of the authority that are in the log, and whether one that it gave to the replayer directly is among them.
//! Nobody can sit upon a revocation: a log that lacks an act a day after it was given is not vouched for.

use ledger::charter::{Charter, LedgerId};
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::leaf::{self, LeafType};
use ledger::registry::{Registry, SealFault, is_authority_act};
use ledger::unit::UnitId;
use std::collections::BTreeMap;

/// The registry after some leaves, and which acts made it.
#[derive(Clone, Debug)]
pub struct Acts {
    ledger: LedgerId,
    registry: Registry,
    /// SHA-256 of the text of each act that the registry took.
    logged: BTreeMap<(UnitId, u64), Hash>,
    /// Acts that wait for their logged time.
    waiting: Vec<u64>,
}

/// Why an act is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// It is no authority act of this ledger.
    #[error("不是本账本主管机关的条目：{0} / not an act of this ledger's authority")]
    Malformed(String),
    /// Its signatures don't suffice by the registry as it stands.
    #[error("签名不够：{0} / its signatures don't suffice")]
    NotSigned(#[from] SealFault),
    /// The authority has used its number for another act, which is in the log.
    #[error("这个编号已用于另一条，请重新编号签署 / the number is another act's: number and sign again")]
    Taken,
}

impl Acts {
    /// The registry right after the charter.
    pub fn new(charter: &Charter, ledger: LedgerId) -> Self {
        let (logged, waiting) = (BTreeMap::new(), Vec::new());
        Acts { ledger, registry: Registry::new(charter), logged, waiting }
    }

    /// Takes the entry at leaf `at`, the next of its unit; those that are no acts, or not validly signed, change
    /// nothing.
    pub fn push(&mut self, at: u64, bytes: &[u8]) {
        let Ok((entry, text)) = self.read(bytes) else { return };
        if self.judge(bytes, &entry, at).is_ok() {
            self.registry.apply(&entry, at, 0);
            self.logged.insert((entry.unit(), entry.seq()), text);
            self.waiting.push(at);
        }
    }

    /// An index leaf gives the waiting acts their logged time.
    pub fn close(&mut self, time: u64) {
        for at in std::mem::take(&mut self.waiting) {
            self.registry.set_time(at, time);
        }
    }

    /// How many acts made it.
    pub fn count(&self) -> usize {
        self.logged.len()
    }

    /// An act that was given: unit and number when the log still lacks it, `None` when it is there.
    ///
    /// # Errors
    /// [`ActError`]: the log could not take it now.
    pub fn lacks(&self, bytes: &[u8]) -> Result<Option<(UnitId, u64)>, ActError> {
        let (entry, text) = self.read(bytes)?;
        let place = (entry.unit(), entry.seq());
        match self.logged.get(&place) {
            Some(there) if *there == text => return Ok(None),
            Some(_) => return Err(ActError::Taken),
            None => {}
        }
        self.judge(bytes, &entry, u64::MAX)?;
        Ok(Some(place))
    }

    /// An act and the digest of its text; the same text with other signatures is the same act (SPEC E-57).
    fn read(&self, bytes: &[u8]) -> Result<(Entry, Hash), ActError> {
        let malformed = |what: String| ActError::Malformed(what);
        let leaf = leaf::read(bytes).map_err(|e| malformed(e.to_string()))?;
        let text = Hash::of(leaf.note.text.as_bytes());
        if leaf.leaf_type != LeafType::Entry {
            return Err(malformed(leaf.leaf_type.line().to_owned()));
        }
        let entry = Entry::of(leaf.json).map_err(|e| malformed(e.to_string()))?;
        if entry.envelope.ledger != self.ledger || !is_authority_act(&entry) {
            return Err(malformed(format!("{} {}", entry.envelope.ledger, entry.unit())));
        }
        Ok((entry, text))
    }

    fn judge(&self, bytes: &[u8], entry: &Entry, index: u64) -> Result<(), ActError> {
        let leaf = leaf::read(bytes).map_err(|e| ActError::Malformed(e.to_string()))?;
        let signers = self.registry.signers(&leaf.note, entry)?;
        self.registry.judge(entry, &signers, index, 0)?;
        Ok(())
    }
}
