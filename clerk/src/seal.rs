//! `sign`: a seal is put on every entry of the draft that lies in its scope.

use crate::check;
use crate::draft::Draft;
use crate::failure::Failure;
use crate::online;
use crate::tickets;
use keys::Signer;
use ledger::note::VerifierKey;
use ledger::unit::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// What a seal did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Entries sealed.
    pub entries: usize,
    /// Rows of corrections that lost an earlier seal, because what they correct got another one.
    pub again: Vec<(usize, String)>,
}

/// Puts a seal on every entry in its scope that is not published, and on tickets for what goes up before it; `now` in Unix seconds becomes the time of
/// signing of those that have none yet.
///
/// Entries are sealed in the draft's order: a correction names the leaf hash of what it corrects, which is
/// only there once that is sealed, and changes with every further seal.
///
/// # Errors
/// [`Failure`] when numbers are not known, or nothing lies in the key's scope.
pub fn seal(draft: &mut Draft, signer: &Signer, now: u64) -> Result<Sealed, Failure> {
    let scope = scope_of(signer.name()).ok_or_else(|| {
        Failure::refused(format!(
            "{} 不是印章密钥，不能盖章 / not a seal: entries are sealed with a seal's key",
            signer.name()
        ))
    })?;
    online::number(draft)?;
    let vkey = signer.vkey().to_string();
    if !draft.keys.contains(&vkey) {
        draft.keys.push(vkey);
    }
    let keys: Vec<VerifierKey> = draft.keys.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
    let mut sealed = Sealed::default();
    for at in 0..draft.entries.len() {
        let Some(entry) = draft.entries.get_mut(at) else { continue };
        if entry.receipt.is_some() || !entry.unit().is_some_and(|u| scope.covers(&u)) {
            continue;
        }
        entry.signed_at.get_or_insert(now);
        let row = entry.row;
        let text = draft.entries.get(at).and_then(|entry| draft.text(entry)).ok_or_else(|| {
            Failure::refused(format!(
                "第{row}行更正的条目还没有盖章 / what row {row} corrects is not sealed yet"
            ))
        })?;
        let signature = signer.sign_note(&text)?;
        let tickets =
            draft.entries.get(at).map(|entry| tickets::sign(draft, entry, signer, now)).transpose()?;
        let Some(entry) = draft.entries.get_mut(at) else { continue };
        let mut signatures = entry.signatures().unwrap_or_default();
        signatures.retain(|s| {
            !signer.vkey().claims(s) && keys.iter().any(|k| k.verify(text.as_bytes(), s).is_ok())
        });
        signatures.push(signature);
        entry.signatures = signatures.iter().map(|s| s.line().trim_end().to_owned()).collect();
        entry.tickets = tickets.unwrap_or_default();
        sealed.entries += 1;
    }
    if sealed.entries == 0 && draft.published() < draft.entries.len() {
        return Err(Failure::refused(format!(
            "{} 管不到草稿里任何未公布的条目，没有盖章 / no entry of the draft lies in this seal's scope",
            signer.name()
        )));
    }
    sealed.again = missing_again(draft);
    Ok(sealed)
}

/// Puts several seals, one after the other; what the last one did says what is still missing.
///
/// # Errors
/// As [`seal`]; [`Failure::Faults`] when there is what may not be published: no seal is put on it.
pub fn seal_all(draft: &mut Draft, signers: &[Signer], now: u64) -> Result<Vec<Sealed>, Failure> {
    let banned: Vec<_> =
        draft.entries.iter().filter(|e| e.receipt.is_none()).flat_map(check::guarded).collect();
    if !banned.is_empty() {
        return Err(Failure::Faults(banned));
    }
    let mut round = || signers.iter().map(|signer| seal(draft, signer, now)).collect::<Result<Vec<_>, _>>();
    let sealed = round()?;
    match sealed.last() {
        // What is corrected has all these seals now, so that each of them stays on the correction.
        Some(last) if !last.again.is_empty() => round(),
        _ => Ok(sealed),
    }
}

/// Entries that lack a seal which others of their unit have.
fn missing_again(draft: &Draft) -> Vec<(usize, String)> {
    let mut seals: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let waiting = || draft.entries.iter().filter(|e| e.receipt.is_none());
    let names = |e: &crate::draft::DraftEntry| e.signatures().unwrap_or_default().into_iter().map(|s| s.name);
    waiting().for_each(|e| seals.entry(e.unit()).or_default().extend(names(e)));
    let lacking = |e: &crate::draft::DraftEntry| {
        let has: BTreeSet<String> = names(e).collect();
        let all = seals.get(&e.unit()).into_iter().flatten();
        all.filter(|name| !has.contains(*name)).map(|name| (e.row, name.clone())).collect::<Vec<_>>()
    };
    waiting().flat_map(lacking).collect()
}

/// The scope in a seal's name.
fn scope_of(name: &str) -> Option<Scope> {
    let (rest, role) = name.rsplit_once('/')?;
    ledger::registry::SealRole::parse(role)?;
    Scope::parse(rest.rsplit_once("/seal/")?.1)
}
