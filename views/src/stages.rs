//! The process that an entry is a stage of: its stages in a line, the skipped ones in their places.

use crate::account::{Account, Reach};
use crate::changes::jump;
use crate::value::choice;
use crate::words::Lang;
use ledger::entry::Entry;
use ledger::process;
use maud::{Markup, html};

/// The line up to the furthest stage that was done, beside the process's newest entry; the others lead there. In a
/// part of a book, what is not here may stand before it.
pub(crate) fn stages(lang: Lang, account: &Account<'_>, entry: &Entry) -> Markup {
    let words = lang.words();
    let Some(own) = process::of(entry) else { return html! {} };
    let name = |stage: process::Stage| choice(lang, "stage", stage.name()).unwrap_or_default();
    let line = account.lines.get(&own.id);
    let newest = line.iter().filter_map(|step| step.by.last()).max().copied().unwrap_or_default();
    let missing = if account.reach == Reach::All { words.skipped() } else { words.not_here() };
    html! {
        p.reason {
            (words.stages()) " " b { (name(own.stage)) }
            @if newest != entry.seq() { " " (jump(words.whole_line(), newest)) }
        }
        @if newest == entry.seq() {
            ol.stages {
                @for step in line.iter().filter(|step| step.skipped || !step.by.is_empty()) {
                    li.skipped[step.skipped] {
                        span.icon aria-hidden="true" { (if step.skipped { "○" } else { "●" }) } " "
                        span { (name(step.stage)) } " "
                        @if step.skipped { b { (missing) } }
                        @for seq in step.by.iter().filter(|seq| **seq != newest) { (jump(words.number(), *seq)) " " }
                    }
                }
            }
        }
    }
}
