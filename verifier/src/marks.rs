//! Which entries a revoked seal signed after it was compromised (SPEC G-09).
//!
//! A revocation comes after the entries that it marks, so it is remembered how many each seal signed, by time.

use ledger::note::VerifierKey;
use std::collections::BTreeMap;

/// How many entries each key signed, by logged time. Memory grows with publications a seal, not with entries.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    logged: BTreeMap<[u8; 32], Vec<(u64, u64)>>,
    waiting: BTreeMap<[u8; 32], u64>,
}

fn key_of(key: &VerifierKey) -> [u8; 32] {
    key.key().try_into().unwrap_or_default()
}

impl Marks {
    /// A key signed an entry that waits for its logged time.
    pub fn sign(&mut self, key: &VerifierKey) {
        *self.waiting.entry(key_of(key)).or_default() += 1;
    }

    /// The entries that wait were logged at this time.
    pub fn close(&mut self, time: u64) {
        for (key, count) in std::mem::take(&mut self.waiting) {
            self.logged.entry(key).or_default().push((time, count));
        }
    }

    /// Entries that the key signed and that were logged at `from` or later; those that wait will be.
    pub fn since(&self, key: &VerifierKey, from: u64) -> u64 {
        let key = key_of(key);
        let logged = self.logged.get(&key).into_iter().flatten();
        let waiting = self.waiting.get(&key).copied().unwrap_or_default();
        logged.filter(|(time, _)| *time >= from).map(|(_, count)| count).sum::<u64>() + waiting
    }
}
