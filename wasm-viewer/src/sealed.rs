//! Sealed names and a household's own row, of a bundle that [`crate::check`] has verified: these functions judge the
//! openings and the proof alone, and the worker hands them no other bundle.

use crate::{lang, say};
use ledger::bundle::{Bundle, Item};
use ledger::entry::Entry;
use ledger::index::IndexLeaf;
use ledger::leaf;
use ledger::time::Date;
use wasm_bindgen::prelude::wasm_bindgen;

/// What stands in the page's slots for names: parts that each end with a NUL, the name of the verdict that it comes
/// to, else nothing; then slot and HTML by turns. `openings` is what H-14 answered, `now` the clock in Unix seconds.
/// Without any slot, names could not be fetched.
#[wasm_bindgen]
pub fn names(bundle: &[u8], openings: &str, now: f64) -> String {
    let mut answer = String::new();
    if let (Some(lang), Some((entries, day))) = (lang(), entries(bundle)) {
        let days = [day, Date::of_unix(now as u64)];
        let names = views::Names::of(lang, entries.iter(), days, openings);
        say(&mut answer, names.verdict().map_or("", |code| code.name()));
        for (slot, html) in names.slots() {
            say(&mut answer, &slot);
            say(&mut answer, html);
        }
    }
    answer
}

/// The place of the row to fetch for the code of a household in payment list `seq`; −1 when there is nothing to fetch.
#[wasm_bindgen]
pub fn place(bundle: &[u8], seq: f64, code: &str) -> f64 {
    let place = list(bundle, seq).and_then(|entry| views::row::place(&entry, code));
    place.map_or(-1.0, f64::from)
}

/// What is said of a household's row, as HTML; `proof` is what H-17 answered, nothing when no answer came. Empty when
/// this can't be checked.
#[wasm_bindgen]
pub fn row(bundle: &[u8], seq: f64, code: &str, proof: Option<Vec<u8>>) -> String {
    let entry = lang().zip(list(bundle, seq));
    entry.map(|(lang, entry)| views::row::said(lang, &entry, code, proof.as_deref())).unwrap_or_default()
}

fn list(bundle: &[u8], seq: f64) -> Option<Entry> {
    let bundle = Bundle::parse(bundle).ok()?;
    let at = (seq as u64).checked_sub(bundle.from)?;
    entry(bundle.entries.get(usize::try_from(at).ok()?)?)
}

/// The entries, and the day of the head.
fn entries(bundle: &[u8]) -> Option<(Vec<Entry>, Date)> {
    let bundle = Bundle::parse(bundle).ok()?;
    let index = IndexLeaf::parse(&leaf::read(&bundle.head.index_leaf).ok()?)?;
    Some((bundle.entries.iter().map(entry).collect::<Option<_>>()?, Date::of_unix(index.time)))
}

fn entry(item: &Item) -> Option<Entry> {
    Entry::of(leaf::read(&item.note).ok()?.json).ok()
}
