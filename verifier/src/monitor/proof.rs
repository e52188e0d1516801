//! Evidence files of what was found, each checked once more as a third party will.

use super::place::Contradiction;
use client::{LedgerApi, Mirror};
use ledger::bundle::{Ask, verify};
use ledger::contradiction::{self, Heads};
use ledger::hash::{Hash, leaf_hash};
use ledger::tile::{TileKind, TilePath, Tiles as _, decode_bundle};
use ledger::unit::UnitId;
use ledger::verdict::Code;

/// The evidence file of two heads that contradict each other, both signed by the charter's log key or by one that
/// `acts` enrolled.
pub fn two_heads(pinned: Hash, charter: String, acts: &[String], found: &Contradiction) -> Option<String> {
    let heads = Heads {
        charter: charter.into_bytes(),
        acts: acts.iter().map(|act| act.clone().into_bytes()).collect(),
        older: found.older.note().into_bytes(),
        newer: found.newer.note().into_bytes(),
        extension: found.extension.clone(),
    };
    contradiction::Contradiction::Heads(Box::new(heads)).judge(Some(pinned)).evidence
}

/// The pinned charter, from whoever has the first leaves of a tree of one of these sizes.
pub fn charter(pinned: Hash, sizes: &[u64], places: &[Mirror]) -> Option<String> {
    let read = |place: &Mirror, size: u64| {
        let path = TilePath::in_tree(TileKind::Entries, 0, size)?;
        let bytes = place.tile(&path).ok()?;
        let leaf = decode_bundle(&bytes, path.width()).ok()?.first()?.to_vec();
        String::from_utf8(leaf).ok().filter(|leaf| leaf_hash(leaf.as_bytes()) == pinned)
    };
    places.iter().find_map(|place| sizes.iter().find_map(|size| read(place, *size)))
}

/// The evidence file of an entry whose seals do not suffice: the bundle of its unit, as the log's own server gives it.
pub fn wrong_seal(server: &str, charter: Hash, unit: &UnitId, seq: u64, now: u64) -> Option<String> {
    let bundle = LedgerApi::new(server).ok()?.bundle(unit, Some(seq), None).ok()?;
    let ask = Ask { unit: Some(*unit), charter: Some(charter), memory: None, now };
    let verdict = verify(&bundle, &ask).verdict;
    verdict.evidence.filter(|_| verdict.code == Code::FailedSeal)
}

/// Signed heads as they came, one after the other: for people, no evidence file.
pub fn both(one: &str, other: &str) -> String {
    format!("{one}\n{other}")
}
