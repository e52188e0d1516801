//! What the server knows that a draft needs: the ledger's id, the units' next numbers, what is logged already.

use crate::draft::{Draft, DraftEntry, DraftReceipt};
use crate::failure::Failure;
use crate::fault::Fault;
use client::LedgerApi;
use ledger::bundle::Bundle;
use ledger::charter::LedgerId;
use ledger::entry::{Entry, Visibility};
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Entries of a unit that are looked through for what is logged already, newest first.
///
/// LIMIT: a draft that is published again after more entries than these is not recognised.
const WINDOW: u64 = 5_000;

/// Asks the server for ledger and numbers, and marks what it has logged already. Entries whose number or ledger
/// changes lose their seals.
///
/// # Errors
/// [`Failure`]: no answer, units without a profile, or a draft that is published in another ledger.
pub fn refresh(draft: &mut Draft, api: &LedgerApi) -> Result<(), Failure> {
    let units = api.units()?;
    if draft.ledger.as_ref().is_some_and(|l| *l != units.ledger) {
        if draft.published() > 0 {
            return Err(other_ledger(draft, &units.ledger));
        }
        draft.entries.iter_mut().for_each(|e| {
            e.seq = None;
            e.unseal();
        });
    }
    draft.ledger = Some(units.ledger);
    let wanted: BTreeSet<UnitId> = draft.entries.iter().filter_map(|e| e.unit()).collect();
    let counts: BTreeMap<String, u64> = units.units.into_iter().map(|u| (u.unit, u.count)).collect();
    let mut faults = Vec::new();
    for unit in wanted {
        match counts.get(unit.as_str()) {
            None => faults.push(Fault::new(
                0,
                unit.as_str(),
                "账本里还没有登记这个单位，请主管机关先运行 village-clerk units / the unit has no profile: the authority runs village-clerk units first",
            )),
            Some(count) => {
                let next = mark_logged(draft, api, &unit, *count)?.max(count + 1);
                draft.next.insert(unit.to_string(), next);
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults(faults)) }
}

/// The draft was numbered for one ledger and the server runs another.
pub fn other_ledger(draft: &Draft, server: &str) -> Failure {
    Failure::refused(format!(
        "草稿属于账本 {}，这台服务器是账本 {server}，未公布。请核对服务器地址 / the draft is for another ledger: check the address",
        draft.ledger.as_deref().unwrap_or_default()
    ))
}

/// Gives every entry that is not published its number, unit by unit in the draft's order.
///
/// # Errors
/// [`Failure::Refused`] with what to run first.
pub fn number(draft: &mut Draft) -> Result<(), Failure> {
    let unknown = || {
        Failure::refused(
            "还不知道账本和编号。请先运行 village-clerk check 草稿 --server 网址，或在本命令加上 --server / ledger and numbers are not known yet: run check with --server first, or add --server here",
        )
    };
    draft.ledger.as_ref().ok_or_else(unknown)?;
    let mut next = draft.next.clone();
    for entry in draft.entries.iter_mut().filter(|e| e.receipt.is_none()) {
        let unit = entry.unit().map(|u| u.to_string()).unwrap_or_default();
        let number = next.get_mut(&unit).ok_or_else(unknown)?;
        if entry.seq != Some(*number) {
            entry.seq = Some(*number);
            entry.unseal();
        }
        *number += 1;
    }
    Ok(())
}

/// Marks entries that the unit has already; returns the number after the last one seen.
fn mark_logged(draft: &mut Draft, api: &LedgerApi, unit: &UnitId, count: u64) -> Result<u64, Failure> {
    if count == 0 {
        return Ok(1);
    }
    let from = count.saturating_sub(WINDOW) + 1;
    let unreadable =
        || client::HttpError::Shape { url: api.http().base().to_owned(), what: format!("bundle of {unit}") };
    let bundle = Bundle::parse(&api.bundle(unit, Some(from), None)?).map_err(|_| unreadable())?;
    let ours = |e: &DraftEntry| e.unit() == Some(*unit);
    let known: BTreeSet<u64> =
        draft.entries.iter().filter(|e| ours(e)).filter_map(|e| e.receipt.as_ref()).map(|r| r.seq).collect();
    let mut logged: BTreeMap<String, VecDeque<(DraftReceipt, Object)>> = BTreeMap::new();
    for (seq, item) in (from..).zip(&bundle.entries).filter(|(seq, _)| !known.contains(seq)) {
        let receipt = DraftReceipt { seq, index: item.index, leaf: leaf_hash(&item.note).to_base64() };
        if let Ok(entry) = Entry::of_leaf(&item.note) {
            logged.entry(content(&entry.json)).or_default().push_back((receipt, entry.json));
        }
    }
    for entry in draft.entries.iter_mut().filter(|e| e.receipt.is_none() && ours(e)) {
        let found = logged.get_mut(&content(&entry.entry.0)).and_then(VecDeque::pop_front);
        let Some((receipt, json)) = found else { continue };
        // Published from another draft: what it was sealed with is there, and would be wrong on leaflets from here.
        if !opens(entry, &receipt, &json) {
            entry.names.clear();
            entry.list.clear();
        }
        entry.receipt = Some(receipt);
    }
    Ok(from + bundle.entries.len() as u64)
}

/// Whether a logged entry was sealed with the salts of this draft.
fn opens(entry: &DraftEntry, receipt: &DraftReceipt, json: &Object) -> bool {
    let ledger = LedgerId::from_text(json.text_of("ledger").unwrap_or_default());
    let ours = entry.complete(&ledger, receipt.seq, 0, None);
    ["sealed", "body.list"].iter().all(|path| ours.at_path(path) == json.at_path(path))
}

/// What an entry says, apart from where, when and about which leaf, and from what its salts make of it: names, lists
/// and files that not everyone may see have other commitments in each import.
fn content(json: &Object) -> String {
    let without = |object: &Object, names: &[&str]| {
        let rest = object.fields().iter().filter(|(name, _)| !names.contains(&name.as_str()));
        rest.fold(Object::new(), |out, (name, value)| out.with(name, value.clone()))
    };
    let mut said = without(json, &["ledger", "seq", "signed_at", "sealed"]);
    if let Some(Value::Object(body)) = json.get("body") {
        said.replace_at("body", without(body, &["target"]).into());
    }
    for path in ["body.list.digest", "body.list.root"] {
        said.replace_at(path, Value::from(""));
    }
    for (at, file) in json.list_of("attachments").iter().enumerate() {
        if file.object().and_then(|file| file.text_of("access")) != Some(Visibility::Public.name()) {
            said.replace_at(&format!("attachments.{at}.digest"), Value::from(""));
        }
    }
    said.text()
}
