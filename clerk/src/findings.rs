//! What the ledger's soft rules will find in a draft (疑点提示): seen by the clerk before anything is sealed.
//!
//! LIMIT: they go by the built-in catalogue and the project's limits, not by the county's, which stand in the
//! ledger; and of a unit whose first entry is not in the draft they know what the draft has, and find less.

use crate::draft::{Draft, DraftEntry, complete};
use crate::fault::Fault;
use ledger::catalogue::Catalogue;
use ledger::charter::LedgerId;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::rules::{Facts, Finding, Limits, Said};
use std::collections::BTreeMap;
use views::Lang;

/// Every finding, in words and by row, as if the draft were logged at `now` (Unix seconds).
pub fn of(draft: &Draft, now: u64) -> Vec<Fault> {
    let mut units: BTreeMap<&str, Vec<&DraftEntry>> = BTreeMap::new();
    for entry in &draft.entries {
        units.entry(entry.entry.0.text_of("unit").unwrap_or_default()).or_default().push(entry);
    }
    let catalogue = Catalogue::standard();
    let posting = catalogue.items().iter().map(|item| (item.code.clone(), item.posting_days)).collect();
    let limits = Limits { posting, ..Limits::default() };
    let mut found: Vec<Fault> = units.values().flat_map(|entries| of_unit(entries, now, &limits)).collect();
    found.sort_by_key(|fault| fault.row);
    found
}

/// An entry's row is its number here: the rules ask only that numbers rise, and the clerk knows rows.
fn of_unit(entries: &[&DraftEntry], now: u64, limits: &Limits) -> Vec<Fault> {
    let begins = entries.first().is_some_and(|e| e.entry.0.text_of("kind") == Some("opening_balance"));
    let mut facts = if begins { Facts::new() } else { Facts::of_part() };
    let mut found = Vec::new();
    for draft in entries {
        let target = draft.corrects_row.map(|row| (row as u64, Hash::EMPTY));
        let json = complete(&draft.entry.0, &LedgerId::from_text("draft"), draft.row as u64, now, target);
        // What is no entry is a fault, which `check` names.
        let Ok(entry) = Entry::of(json) else { continue };
        let findings = facts.take(&entry, now, limits);
        found.extend(findings.iter().map(|finding| Fault::new(draft.row, "", words(finding))));
    }
    found
}

/// Both sentences, in which entries go by their rows.
fn words(finding: &Finding) -> String {
    let [mut zh, mut en] = [Lang::Zh, Lang::En].map(|lang| views::finding(lang, finding));
    for said in &finding.values {
        if let Said::Count(n) = said {
            zh = zh.replace(&format!("第 {n} 号"), &format!("第{n}行"));
            en = en.replace(&format!("No. {n}"), &format!("row {n}"));
        }
    }
    format!("{zh} / {en}")
}
