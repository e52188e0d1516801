//! The book of a unit: three figures, what to look at, and the entries one by one.

use crate::account::{Account, Reach, Shown};
use crate::changes::jump;
use crate::entry::entry;
use crate::format::{fill, instant, money, number, period};
use crate::names::Names;
use crate::words::Lang;
use ledger::unit::UnitId;
use maud::{Markup, PreEscaped, html};

/// What is marked `data-fact` is compared between the page that came and the page drawn from verified bytes.
pub(crate) fn book(lang: Lang, account: &Account<'_>, names: &Names) -> Markup {
    let words = lang.words();
    html! {
        h2 {
            @match account.period {
                Some(p) => (fill(words.period_of(), &[&period(lang, p)])),
                None => (words.no_period()),
            }
        }
        dl.figures {
            (figure(lang, words.came_in(), Some(account.income)))
            (figure(lang, words.went_out(), Some(account.expense)))
            (figure(lang, words.left(), account.left))
        }
        (reach(lang, account.reach))
        (looks(lang, &account.current))
        h2 { (words.entries()) }
        ol.entries { @for shown in &account.current { (entry(lang, account, names, shown)) } }
        @if !account.earlier.is_empty() {
            details.earlier {
                summary {
                    (fill(words.earlier(), &[&number(account.earlier.len() as u64)]))
                    @let looks = to_look_at(&account.earlier).count();
                    @if looks > 0 { (fill(words.earlier_looks(), &[&number(looks as u64)])) }
                }
                ol.entries { @for shown in &account.earlier { (entry(lang, account, names, shown)) } }
            }
        }
    }
}

/// One entry alone, for the server: ways to other entries (`#e<seq>`) lead to the unit's page.
pub(crate) fn one(lang: Lang, unit: &UnitId, account: &Account<'_>, names: &Names, seq: u64) -> Markup {
    let page = format!("/u/{unit}");
    let mut all = account.current.iter().chain(&account.earlier);
    let shown = all.find(|shown| shown.verified.line.seq == seq);
    let drawn = shown.map(|shown| entry(lang, account, names, shown).into_string());
    html! {
        p { a.jump href=(page) { (lang.words().whole_book()) } }
        ol.entries {
            // Nothing of an entry can hold this: its quotation marks are escaped.
            (PreEscaped(drawn.unwrap_or_default().replace("href=\"#", &format!("href=\"{page}#"))))
        }
    }
}

fn figure(lang: Lang, label: &str, fen: Option<i64>) -> Markup {
    html! {
        div {
            dt { (label) }
            dd data-fact=(label) {
                @match fen {
                    Some(fen) => (money(lang, fen)),
                    None => (lang.words().unknown()),
                }
            }
        }
    }
}

fn reach(lang: Lang, reach: Reach) -> Markup {
    let words = lang.words();
    let since = |label, time| fill(label, &[&instant(lang, time)]);
    html! {
        p.reach {
            @match reach {
                Reach::All => (words.all_entries()),
                Reach::Period(time) => (since(words.whole_period(), time)),
                Reach::Since(time) => (since(words.since_only(), time)),
            }
        }
    }
}

/// Ways to the entries of the period that should be looked at.
fn looks(lang: Lang, entries: &[Shown<'_>]) -> Markup {
    let words = lang.words();
    let looks = to_look_at(entries).count();
    html! {
        @if looks > 0 {
            p.look {
                span.icon aria-hidden="true" { "◆" } " " (fill(words.looks(), &[&number(looks as u64)]))
                @for seq in to_look_at(entries) { " " (jump(words.number(), seq)) }
            }
        }
    }
}

/// Numbers of those among entries that should be looked at.
fn to_look_at(entries: &[Shown<'_>]) -> impl Iterator<Item = u64> {
    entries.iter().filter(|shown| !shown.findings.is_empty()).map(|shown| shown.verified.line.seq)
}
