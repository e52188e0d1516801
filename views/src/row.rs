//! My row (本户): one household's row of a payment list, proved on its own phone (SPEC section 4.8, rules P-24 to P-28).
//!
//! The code never leaves the phone: only the row's place is asked for.

use crate::beside::no;
use crate::format::{fill, money, yuan};
use crate::value::name_of;
use crate::words::Lang;
use ledger::entry::Entry;
use ledger::payment_rows::{Row, RowCode, RowError, RowProof, list_of, verify_row};
use ledger::sealed::EntryId;
use maud::{Markup, html};

/// Reads what a household typed or scanned: spaces and hyphens help the eye, small letters come from keyboards.
fn read(code: &str) -> Option<RowCode> {
    let typed = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    RowCode::parse(&typed.map(|c| c.to_ascii_uppercase()).collect::<String>()).ok()
}

/// The place of the row to ask for; `None` when there is nothing to ask: [`said`] tells why.
pub fn place(entry: &Entry, code: &str) -> Option<u32> {
    let (code, list) = (read(code)?, list_of(entry)?);
    Some(code.index).filter(|place| *place < list.count)
}

/// What is said of a row: `entry` is a verified payment list, `code` as it was typed, `proof` what the server
/// answered, `None` when the network or the server failed.
pub fn said(lang: Lang, entry: &Entry, code: &str, proof: Option<&[u8]>) -> String {
    let words = lang.words();
    let Some(code) = read(code) else { return no(words.row_typing()).into_string() };
    let Some(list) = list_of(entry).filter(|list| code.index < list.count) else {
        return no(words.row_other()).into_string();
    };
    let Some(proof) = proof else { return no(words.row_offline()).into_string() };
    let judged = RowProof::parse(proof).ok().map(|proof| {
        let judged = verify_row(&proof, &code, &EntryId::of(entry), &list.root, list.count);
        (proof.row, judged)
    });
    let said = match judged {
        Some((row, Ok(()))) => held(lang, entry, &row, &code.name),
        Some((_, Err(RowError::NotYours))) => no(words.row_other()),
        _ => no(words.row_unproved()),
    };
    said.into_string()
}

fn held(lang: Lang, entry: &Entry, row: &Row, name: &str) -> Markup {
    let words = lang.words();
    let unit = entry.body().at_path("list.unit").and_then(|unit| unit.as_text()).unwrap_or_default();
    let group = match row.group {
        0 => words.row_village().to_owned(),
        group => fill(words.row_group(), &[&group.to_string()]),
    };
    let quantity = i64::try_from(row.quantity).ok().filter(|quantity| *quantity > 0);
    let quantity = quantity.map(|quantity| fill("{} {}", &[&yuan(quantity), unit]));
    let figures = [
        (words.row_name(), Some(name.to_owned())),
        (name_of(lang, "", "amount"), Some(money(lang, row.amount.get()))),
        (name_of(lang, "", "quantity"), quantity),
        (name_of(lang, "", "group"), Some(group)),
    ];
    html! {
        div.strip.calm {
            p.title { span.icon aria-hidden="true" { "✓" } " " (fill(words.row_held(), &[&(row.index + 1).to_string()])) }
            dl.figures {
                @for (label, figure) in figures {
                    @if let Some(figure) = figure { div { dt { (label) } dd { (figure) } } }
                }
            }
            p { (words.row_limit()) }
        }
    }
}
