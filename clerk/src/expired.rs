//! `redact --expired`: entries whose posting has ended and whose names are still kept beside the log (SPEC E-98).
//!
//! LIMIT: of a unit the newest 5,000 entries are looked through.

use crate::failure::Failure;
use crate::redact::{Logged, Withdrawal, book};
use client::LedgerApi;
use ledger::amend::apply_correction;
use ledger::json::Value;
use ledger::payment_rows::list_of;
use ledger::sealed::{Access, Openings, Sealed, paths, redacted};
use ledger::time::Date;
use ledger::unit::{Scope, UnitId};
use std::collections::BTreeMap;

/// Entries of a unit that are looked through, newest first.
const WINDOW: u64 = 5_000;

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
        let from = row.count.saturating_sub(WINDOW) + 1;
        let book = book(api, &unit, from)?;
        let kept = match sees_all {
            true => Some(api.unit_openings(&unit, from)?.into_iter().collect::<BTreeMap<_, _>>()),
            false => None,
        };
        for logged in &book {
            let mut paths = ended(logged, &book, today);
            if let Some(kept) = &kept {
                let seq = logged.entry.seq();
                let rows = match paths.iter().any(|path| path == "rows") {
                    true => api.openings(&unit, seq)?.unwrap_or_default(),
                    false => Openings::default(),
                };
                let opens = |of: &Openings, path: &str| of.iter().any(|o| paths::is_below(&o.path, &[path]));
                paths.retain(|path| opens(&rows, path) || kept.get(&seq).is_some_and(|of| opens(of, path)));
            }
            if !paths.is_empty() {
                found.push(Withdrawal { target: logged.clone(), paths });
            }
        }
    }
    Ok(found)
}

/// The paths of an entry that were shown while it was posted, is no longer, and that no redaction withdrew.
fn ended(logged: &Logged, book: &[Logged], today: Date) -> Vec<String> {
    let (mut json, seq) = (logged.entry.json.clone(), logged.entry.seq());
    book.iter().for_each(|later| apply_correction(&mut json, seq, &later.entry));
    let last = json.at_path("posting.to").and_then(Value::as_text).and_then(Date::parse);
    if last.is_none_or(|last| last >= today) {
        return Vec::new();
    }
    let sealed = Sealed::of(&logged.entry).unwrap_or_default();
    let posted = sealed.into_iter().filter(|field| field.access == Access::Posted).map(|field| field.path);
    let rows = list_of(&logged.entry).filter(|list| list.access == Access::Posted).map(|_| "rows".to_owned());
    let before: Vec<&str> =
        redacted(seq, book.iter().map(|later| &later.entry)).into_iter().map(|(path, _)| path).collect();
    posted.chain(rows).filter(|path| !paths::is_below(path, &before)).collect()
}
