//! Which fields of which kind may be sealed (SPEC section 4.7, rule P-12): names of natural persons and nothing else.
//! Amounts, names of companies and titles stand in clear, always.

use super::MAX_SEALED_PATH;
use crate::index::decimal;

/// Where the envelope's signers stand; all other paths begin at the body.
pub(super) const APPROVALS: &str = "approvals.";

/// Sealable by every kind: who handled, witnessed and approved.
const OF_ALL: &[&str] = &["approvals.#.name"];

/// Kind to its sealable paths; `#` is a position in a list. Kinds that are not here seal nothing but [`OF_ALL`].
pub const SEALABLE: &[(&str, &[&str])] = &[
    ("asset_event", &["counterparty.name"]),
    ("candidate_review", &["names.#"]),
    ("contract", &["counterparty.name"]),
    ("contract_event", &["counterparty.name"]),
    ("notice", &["counterparty.name"]),
    ("party_notice", &["name"]),
    ("payment_list", &["rows.#.name"]),
    ("project", &["contractor.name"]),
    ("receivable_payable", &["counterparty.name"]),
    ("resource", &["holder.name"]),
    ("trade", &["bids.#.bidder.name", "winner.name"]),
    ("voucher", &["counterparty.name"]),
];

/// Whether an entry of this kind may seal this path.
pub fn is_sealable(kind: &str, path: &str) -> bool {
    let own = SEALABLE.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, patterns)| *patterns);
    is_path(path) && own.iter().chain(OF_ALL).any(|pattern| matches(pattern, path))
}

/// The path of a payment list's name.
pub fn of_row(index: u32) -> String {
    format!("rows.{index}.name")
}

/// Whether a path is one of these or stands below one: `rows` withdraws a whole list of 100,000 names.
pub fn is_below(path: &str, above: &[&str]) -> bool {
    let is_rest = |rest: &str| rest.is_empty() || rest.starts_with('.');
    above.iter().any(|above| path.strip_prefix(above).is_some_and(is_rest))
}

/// [`is_below`] of many paths: of a list, 100,000 names may be withdrawn one by one.
pub fn below<'a>(above: &'a [&str]) -> impl Fn(&str) -> bool + use<'a> {
    let mut above = above.to_vec();
    above.sort_unstable();
    let stands = move |path: &str| above.binary_search(&path).is_ok();
    move |path| stands(path) || path.match_indices('.').any(|(at, _)| path.get(..at).is_some_and(&stands))
}

/// `[a-z0-9_.]+`, at most [`MAX_SEALED_PATH`] bytes: nothing that could end a line of the commitment early.
pub(crate) fn is_path(path: &str) -> bool {
    (1..=MAX_SEALED_PATH).contains(&path.len())
        && path.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('.'), path.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("#"), Some(at)) if decimal(at).is_some() => {}
            (Some(want), Some(name)) if want == name => {}
            _ => return false,
        }
    }
}
