//! The whole of a payment list on a phone: each row with its name, or why it has none, when rows and openings are what the
//! verified entry says (SPEC section 4.8, rules P-16, P-19, P-21 to P-23).

use crate::beside::{Book, Said, no};
use crate::changes::jump;
use crate::files::{blob, size};
use crate::format::{fill, money, number, yuan};
use crate::names::{Seen, seen};
use crate::value::{choice, name_of};
use crate::words::{Lang, Words};
use ledger::amend::posting_of;
use ledger::bundle::Verified;
use ledger::entry::Entry;
use ledger::payment_rows::{List, Rows, list_of};
use ledger::sealed::paths::{is_below, of_row};
use ledger::sealed::{EntryId, Openings, Sealed, check, redacted};
use ledger::verdict::Code;
use maud::{Markup, html};

/// Most rows that a phone reads: a cheap one has to fetch and draw them.
pub const MOST_ROWS: u32 = 2_000;

/// Bytes of a row and its opening, about.
const ROW: u64 = 200;

/// The table of a list; `None` when these are not its rows. Openings that did not come, or are no openings, say nothing
/// about names.
pub(crate) fn list(
    lang: Lang,
    entry: &Entry,
    book: Book<'_>,
    rows: &[u8],
    openings: Option<&str>,
) -> Option<Said> {
    let words = lang.words();
    let list = list_of(entry)?;
    let rows = Rows::parse(rows).ok().filter(|rows| list.holds(rows))?;
    let mut gone = book.withdrawn(entry.seq());
    gone.retain(|(path, _)| path.starts_with("rows"));
    let mut by: Vec<u64> = gone.iter().map(|(_, by)| *by).collect();
    by.dedup();
    let paths: Vec<&str> = gone.iter().map(|(path, _)| *path).collect();
    let mut fields = Sealed::of(entry).unwrap_or_default();
    fields.append(&mut rows.sealed(list.access));
    let openings = openings.and_then(|openings| Openings::parse(openings.as_bytes()).ok());
    let report = openings.as_ref().map(|openings| check(&EntryId::of(entry), &fields, openings));
    let mut names = Vec::new();
    if let Some(report) = &report {
        let corrections: Vec<&Entry> = book.entries.iter().filter(|e| e.kind() == "correction").collect();
        let mut all = fields.iter().map(|field| field.path.as_str());
        names = seen(report, &mut all, &paths, posting_of(entry, corrections.iter().copied()), book.days);
    }
    let is = |state: Seen<'_>| names.iter().any(|(_, seen)| *seen == state);
    let is_wrong = is(Seen::Wrong) || report.as_ref().is_some_and(|report| !report.stray.is_empty());

    // Of the rows those whose name was not withdrawn, in their order, behind the entry's own fields.
    let mut known = names.iter().skip_while(|(path, _)| !path.starts_with("rows.")).peekable();
    let unit = entry.body().at_path("list.unit").and_then(|unit| unit.as_text()).unwrap_or_default();
    let counted_in = |field, unit| fill(words.named(), &[name_of(lang, "", field), unit]);
    // A list without groups, or one that counts nothing, has no column of noughts.
    let groups = rows.iter().any(|row| row.group > 0);
    let counts = rows.iter().any(|row| row.quantity > 0);
    let line = |cells: [&str; 5]| {
        let cells = cells.into_iter().zip([true, groups, true, counts, true]);
        html! { tr { @for (cell, has) in cells { @if has { td { (cell) } } } } }
    };
    let html = html! {
        p.strip.calm {
            "✓ " b { (fill(words.list_held(), &[&number(list.count), &money(lang, list.total.get())])) } " "
            (words.row_limit())
        }
        @if is(Seen::Withheld) { (no(lang.verdict(Code::NameWithheld).title)) }
        @if is_wrong { (no(words.name_wrong())) }
        @if report.is_none() { p.told { (words.names_unfetched()) } }
        @for by in by { p { (jump(words.redacted(), by)) } }
        table {
            thead {
                (line([
                    words.list_no(),
                    name_of(lang, "", "group"),
                    words.row_name(),
                    &counted_in("quantity", unit),
                    &counted_in("amount", words.list_money()),
                ]))
            }
            @for row in rows.iter() {
                @let path = of_row(row.index);
                @let name = match known.next_if(|(own, _)| *own == path) {
                    Some((_, seen)) => cell(words, *seen),
                    None if is_below(&path, &paths) => words.cell_gone(),
                    None => words.cell_unfetched(),
                };
                @let quantity = yuan(row.quantity as i64);
                @let group = if row.group == 0 { words.row_village().to_owned() } else { number(row.group) };
                (line([&number(row.index + 1), &group, name, &quantity, &yuan(row.amount.get())]))
            }
        }
    };
    let code = is(Seen::Withheld).then_some(Code::NameWithheld);
    Some(Said { code, ..html.into() })
}

/// Where a household gives its code, and the whole list. It stands outside what a phone draws anew, so that nothing typed
/// is lost.
pub(crate) fn form(lang: Lang, verified: &Verified, entry: &Entry, list: &List, scripts: bool) -> Markup {
    let (words, count) = (lang.words(), &list.count.to_string());
    let cannot = html! { p.told { (words.row_cannot()) } };
    let unscripted = html! { @if scripts { noscript { (cannot) } } @else { (cannot) } };
    let gone = redacted(entry.seq(), verified.entries.iter().map(|e| &e.entry));
    let gone = gone.iter().find(|(path, _)| *path == "rows");
    html! {
        section #row {
            h2 { (words.my_row()) }
            p { (words.row_lead()) }
            p { label for="code" { (words.row_code()) } }
            textarea #code rows="4" autocomplete="off" autocapitalize="characters" spellcheck="false" {}
            button type="button" data-do="row" { (words.row_check()) }
            div #row-said role="status" { (unscripted) }
            h2 { (words.list_title()) }
            p { (fill(words.list_names(), &[choice(lang, "access", list.access.name()).unwrap_or_default()])) }
            @if let Some((_, by)) = gone {
                p { a.jump href={ "/u/" (verified.unit) "#e" (by) } { (fill(words.redacted(), &[&by.to_string()])) } }
            } @else {
                @if list.count > MOST_ROWS { p { (fill(words.list_long(), &[count])) } }
                @else if scripts {
                    button type="button" data-do="list" data-digest=(list.digest.to_hex()) {
                        (fill(words.list_see(), &[count, &size(u64::from(list.count) * ROW)]))
                    }
                }
                div #list-said role="status" {}
                p { a.jump href=(blob(&list.digest.to_hex())) { (words.whole_list()) } }
            }
            template #row-cannot { (cannot) }
            template #row-offline { p.told { (words.row_offline()) } }
            template #row-unproved { p.told { (words.row_unproved()) } }
            template #list-unproved { (no(words.list_unproved())) }
            template #row-checking { p { "◌ " (words.row_checking()) } }
        }
    }
}

/// In the place of one name.
fn cell<'a>(words: &'static Words, seen: Seen<'a>) -> &'a str {
    match seen {
        Seen::Shown(name) => name,
        Seen::Private => words.cell_private(),
        Seen::NotPosted => words.cell_not_posted(),
        Seen::Withheld => words.cell_withheld(),
        Seen::Wrong => words.cell_wrong(),
    }
}
