//! Evidence files of what was found.

use super::place::Contradiction;
use client::LedgerApi;
use ledger::bundle::{Ask, verify};
use ledger::hash::Hash;
use ledger::unit::UnitId;
use ledger::verdict::Code;

/// The evidence file of two heads that contradict each other, checked once more as a third party will.
pub fn two_heads(_charter: &[u8], _found: &Contradiction) -> Option<String> {
    None
}

/// Both heads as the log signed them, for people: not an evidence file.
pub fn both(one: &str, other: &str) -> String {
    format!("{one}\n{other}")
}

/// The evidence file of an entry whose seals do not suffice: the bundle of its unit, as the log's own server gives it.
pub fn wrong_seal(server: &str, charter: Hash, unit: &UnitId, seq: u64, now: u64) -> Option<String> {
    let bundle = LedgerApi::new(server).ok()?.bundle(unit, Some(seq), None).ok()?;
    let ask = Ask { unit: Some(*unit), charter: Some(charter), memory: None, now };
    let verdict = verify(&bundle, &ask).verdict;
    verdict.evidence.filter(|_| verdict.code == Code::FailedSeal)
}
