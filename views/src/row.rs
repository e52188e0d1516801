//! My row (本户): one household's row of a payment list, proved on its own phone (SPEC section 4.8, rules P-24 to P-28).
//!
//! The code never leaves the phone: only the row's place is asked for.

use crate::files::blob;
use crate::format::{fill, money, yuan};
use crate::value::{choice, name_of};
use crate::words::Lang;
use ledger::entry::Entry;
use ledger::payment_rows::{List, Row, RowCode, RowError, RowProof, list_of, verify_row};
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
    let no = |text: &str| html! { p.look { span.icon aria-hidden="true" { "！" } " " (text) } };
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
            p.title { span.icon aria-hidden="true" { "✓" } " " (words.row_held()) }
            dl.figures {
                @for (label, figure) in figures {
                    @if let Some(figure) = figure { div { dt { (label) } dd { (figure) } } }
                }
            }
            p { (words.row_limit()) }
        }
    }
}

/// Of the list: who may see its names, all of it without them, and where a household gives its code. It stands outside what a phone draws anew, so that nothing typed is lost.
pub(crate) fn form(lang: Lang, list: &List, scripts: bool) -> Markup {
    let words = lang.words();
    html! {
        section #row {
            h2 { (words.my_row()) }
            p { (fill(words.list_names(), &[choice(lang, "access", list.access.name()).unwrap_or_default()])) }
            p { a.jump href=(blob(&list.digest.to_hex())) { (words.whole_list()) } }
            p { (words.row_lead()) }
            p { label for="code" { (words.row_code()) } }
            textarea #code rows="4" autocomplete="off" autocapitalize="characters" spellcheck="false" {}
            button type="button" data-do="row" { (words.row_check()) }
            @let cannot = html! { p.told { (words.row_cannot()) } };
            div #row-said role="status" { @if scripts { noscript { (cannot) } } @else { (cannot) } }
            template #row-cannot { (cannot) }
            template #row-offline { p.told { (words.row_offline()) } }
            template #row-unproved { p.told { (words.row_unproved()) } }
            template #row-checking { p { "◌ " (words.row_checking()) } }
        }
    }
}
