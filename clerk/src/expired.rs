//! `redact --expired`: entries whose posting has ended and whose names are still kept beside the log (SPEC E-98).

use crate::failure::Failure;
use crate::redact::{Withdrawal, book};
use client::LedgerApi;
use ledger::amend::apply_correction;
use ledger::entry::{Entry, is_amendment};
use ledger::json::Value;
use ledger::payment_rows::list_of;
use ledger::sealed::{Access, Openings, Sealed, paths, redacted};
use ledger::time::Date;
use ledger::unit::{Scope, UnitId};
use std::collections::BTreeMap;

/// What is to be withdrawn from the books of a scope because its posting ended before `today`. With a token of
/// inspectors (`sees_all`) only what the server still keeps; without one, all that was posted and not withdrawn.
///
/// # Errors
/// [`Failure`].
pub fn expired(
    api: &LedgerApi,
    scope: &Scope,
    today: Date,
    sees_all: bool,
) -> Result<Vec<Withdrawal>, Failure> {
    let mut found = Vec::new();
    for row in api.units()?.units {
        let Some(unit) = UnitId::parse(&row.unit).filter(|unit| row.count > 0 && scope.covers(unit)) else {
            continue;
        };
        let book = book(api, &unit, 1, row.count)?;
        let later: Vec<&Entry> = book.iter().map(|l| &l.entry).filter(|e| is_amendment(e.kind())).collect();
        let first = book.first().map_or(1, |first| first.entry.seq());
        let kept = if sees_all { api.unit_openings(&unit, first)? } else { Vec::new() };
        let kept: BTreeMap<u64, Openings> = kept.into_iter().collect();
        for logged in &book {
            let (seq, mut paths) = (logged.entry.seq(), ended(&logged.entry, &later, today));
            if sees_all {
                // Rows are got by their entry.
                let is_list = paths.iter().any(|path| path == "rows");
                let rows = if is_list { api.openings(&unit, seq)? } else { None };
                let opens = |of: &Openings, path: &str| of.iter().any(|o| paths::is_below(&o.path, &[path]));
                paths.retain(|path| kept.get(&seq).into_iter().chain(&rows).any(|of| opens(of, path)));
            }
            if !paths.is_empty() {
                found.push(Withdrawal { target: logged.clone(), paths });
            }
        }
    }
    Ok(found)
}

/// The paths of an entry that were shown while it was posted, is no longer, and that no redaction withdrew.
fn ended(entry: &Entry, later: &[&Entry], today: Date) -> Vec<String> {
    let (mut json, seq) = (entry.json.clone(), entry.seq());
    later.iter().for_each(|amendment| apply_correction(&mut json, seq, amendment));
    let last = json.at_path("posting.to").and_then(Value::as_text).and_then(Date::parse);
    if last.is_none_or(|last| last >= today) {
        return Vec::new();
    }
    let sealed = Sealed::of(entry).unwrap_or_default();
    let posted = sealed.into_iter().filter(|field| field.access == Access::Posted).map(|field| field.path);
    let rows = list_of(entry).filter(|list| list.access == Access::Posted).map(|_| "rows".to_owned());
    let before: Vec<&str> = redacted(seq, later.iter().copied()).into_iter().map(|(path, _)| path).collect();
    posted.chain(rows).filter(|path| !paths::is_below(path, &before)).collect()
}
