//! Sealed names, a household's own row, whole lists and files, of a bundle that [`crate::check`] has verified: these
//! functions judge only what came beside it, and the worker hands them no other bundle.

use crate::{lang, say};
use ledger::bundle::{Bundle, Item};
use ledger::entry::Entry;
use ledger::index::IndexLeaf;
use ledger::leaf;
use ledger::time::Date;
use views::beside::{self, Book};
use wasm_bindgen::prelude::wasm_bindgen;

/// What stands in the page's slots for names: parts that each end with a NUL, the name of the verdict that it comes
/// to, else nothing; then slot and HTML by turns. `openings` is what H-14 answered, `now` the clock in Unix seconds.
/// Without any slot, names could not be fetched.
#[wasm_bindgen]
pub fn names(bundle: &[u8], openings: &str, now: f64) -> String {
    let mut answer = String::new();
    if let (Some(lang), Some((entries, days))) = (lang(), entries(bundle, now)) {
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
    let place = entry(bundle, seq).and_then(|entry| views::row::place(&entry, code));
    place.map_or(-1.0, f64::from)
}

/// What is said of a household's row, as HTML; `proof` is what H-17 answered, nothing when no answer came. Empty when
/// this can't be checked.
#[wasm_bindgen]
pub fn row(bundle: &[u8], seq: f64, code: &str, proof: Option<Vec<u8>>) -> String {
    let entry = lang().zip(entry(bundle, seq));
    entry.map(|(lang, entry)| views::row::said(lang, &entry, code, proof.as_deref())).unwrap_or_default()
}

/// What is said of an attachment of entry `seq` by its digest in hex, without one of its list: parts that each end with a
/// NUL, the name of the verdict that it comes to, else nothing; the media type of bytes that may be shown or kept, else
/// nothing; HTML. `bytes` is what H-16 answered, nothing for 410; `openings` what H-13 answered, `now` the clock in Unix
/// seconds. Empty when this can't be checked.
///
/// LIMIT: a file stands in memory twice while it is judged, 40 MB for the largest.
#[wasm_bindgen]
pub fn beside(
    bundle: &[u8],
    seq: f64,
    digest: &str,
    bytes: Option<Vec<u8>>,
    openings: Option<String>,
    now: f64,
) -> String {
    let mut answer = String::new();
    if let (Some(lang), Some((entries, days))) = (lang(), entries(bundle, now))
        && let Some(entry) = entries.iter().find(|entry| entry.seq() == seq as u64)
    {
        let book = Book { entries: &entries, days };
        let said = beside::said(lang, entry, book, digest, bytes.as_deref(), openings.as_deref());
        say(&mut answer, said.code.map_or("", |code| code.name()));
        say(&mut answer, &said.media);
        say(&mut answer, &said.html);
    }
    answer
}

fn entry(bundle: &[u8], seq: f64) -> Option<Entry> {
    let bundle = Bundle::parse(bundle).ok()?;
    let at = (seq as u64).checked_sub(bundle.from)?;
    of_item(bundle.entries.get(usize::try_from(at).ok()?)?)
}

/// The entries; the day of the head, and the phone's.
fn entries(bundle: &[u8], now: f64) -> Option<(Vec<Entry>, [Date; 2])> {
    let bundle = Bundle::parse(bundle).ok()?;
    let index = IndexLeaf::parse(&leaf::read(&bundle.head.index_leaf).ok()?)?;
    let days = [index.time, now as u64].map(Date::of_unix);
    Some((bundle.entries.iter().map(of_item).collect::<Option<_>>()?, days))
}

fn of_item(item: &Item) -> Option<Entry> {
    Entry::of(leaf::read(&item.note).ok()?.json).ok()
}
