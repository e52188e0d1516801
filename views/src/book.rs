//! The book of a unit: three figures, what does not fit, and the entries one by one.

use crate::account::{Account, Finding, Reach};
use crate::entry::entry;
use crate::format::{fill, instant, period, yuan};
use crate::words::{Lang, Words};
use maud::{Markup, html};

/// What is marked `data-fact` is compared between the page that came and the page drawn from verified bytes.
pub(crate) fn book(lang: Lang, account: &Account<'_>) -> Markup {
    let words = lang.words();
    html! {
        h2 {
            @match account.period {
                Some(p) => (fill(words.period_of, &[&period(lang, p)])),
                None => (words.no_period),
            }
        }
        dl.figures {
            (figure(words, words.came_in, Some(account.income)))
            (figure(words, words.went_out, Some(account.expense)))
            (figure(words, words.left, account.left))
        }
        (reach(lang, account.reach))
        @for finding in &account.findings {
            p.told { (told(words, finding)) }
        }
        h2 { (words.entries) }
        ol.entries { @for shown in &account.current { (entry(lang, account.period, shown)) } }
        @if !account.earlier.is_empty() {
            details.earlier {
                summary { (fill(words.earlier, &[&account.earlier.len().to_string()])) }
                ol.entries { @for shown in &account.earlier { (entry(lang, account.period, shown)) } }
            }
        }
    }
}

fn figure(words: &Words, label: &str, fen: Option<i64>) -> Markup {
    html! {
        div {
            dt { (label) }
            dd data-fact=(label) {
                @match fen {
                    Some(fen) => (money(words, fen)),
                    None => (words.unknown),
                }
            }
        }
    }
}

/// An amount with its unit in the same element.
pub(crate) fn money(words: &Words, fen: i64) -> String {
    format!("{} {}", yuan(fen), words.yuan)
}

fn reach(lang: Lang, reach: Reach) -> Markup {
    let words = lang.words();
    let since = |label, time| fill(label, &[&instant(lang, time)]);
    html! {
        p.reach {
            @match reach {
                Reach::All => (words.all_entries),
                Reach::Period(time) => (since(words.whole_period, time)),
                Reach::Since(time) => (since(words.since_only, time)),
            }
        }
    }
}

fn told(words: &Words, finding: &Finding) -> String {
    match *finding {
        Finding::Close { counted, stated } => {
            let apart = counted.saturating_sub(stated).saturating_abs();
            fill(words.finding_close, &[&yuan(counted), &yuan(stated), &yuan(apart)])
        }
        Finding::Flows { income, expense } => fill(words.finding_flows, &[&yuan(income), &yuan(expense)]),
        Finding::Earlier { seq, target, difference } => {
            let apart = yuan(difference.saturating_abs());
            fill(words.finding_earlier, &[&seq.to_string(), &target.to_string(), &apart])
        }
    }
}
