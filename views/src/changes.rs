//! What later entries change in earlier ones, with ways there and back: corrections, replacements, redactions.

use crate::account::{Change, Shown, changes, replacement_of};
use crate::format::{fill, number};
use crate::value::{choice, name_of, value};
use crate::words::Lang;
use ledger::amend::target_of;
use ledger::bundle::VerifiedEntry;
use maud::{Markup, html};

/// A link to another entry of the page.
pub(crate) fn jump(label: &str, seq: u64) -> Markup {
    let no = number(seq);
    html! { a.jump href={ "#e" (no) } { (fill(label, &[&no])) } }
}

/// What an amendment says, in its own place in the list.
pub(crate) fn amendment(lang: Lang, shown: &Shown<'_>) -> Markup {
    let (words, entry) = (lang.words(), &shown.verified.entry);
    let target = target_of(entry).unwrap_or_default();
    html! {
        @match entry.kind() {
            "correction" => {
                p { (jump(words.corrects(), target)) }
                @let changes: Vec<Change<'_>> = changes(shown.verified).collect();
                (old_and_new(lang, "", &changes))
            }
            "redaction" => p { (jump(words.redacts(), target)) },
            "supersede" => p {
                (jump(words.number(), target)) " → "
                @if let Some(new) = replacement_of(entry) { (jump(words.number(), new)) }
            },
            _ => {}
        }
    }
}

/// Old and new value side by side. A voucher's lines are left out where its amount says the same.
pub(crate) fn old_and_new(lang: Lang, kind: &str, changes: &[Change<'_>]) -> Markup {
    let words = lang.words();
    let whole = changes.iter().any(|c| c.path == "body.amount");
    let told = changes.iter().filter(|c| !(whole && c.path.starts_with("body.lines.")));
    let value = |c: &Change<'_>, v| value(lang, c.path.rsplit('.').next().unwrap_or(c.path), v);
    html! {
        ul.changes {
            @for change in told {
                li {
                    span { (name_of(lang, kind, change.path)) } " "
                    span.old { (words.old_value()) " " del { (value(change, change.old)) } } " "
                    span.new { (words.new_value()) " " ins { (value(change, change.new)) } }
                }
            }
        }
        @for by in changes.chunk_by(|a, b| a.by.line.seq == b.by.line.seq).filter_map(|same| same.first()) {
            p.reason { (reason(lang, by.by)) }
        }
    }
}

fn reason(lang: Lang, by: &VerifiedEntry) -> String {
    let (words, body) = (lang.words(), by.entry.body());
    let reason = choice(lang, "reason", body.text_of("reason").unwrap_or_default()).unwrap_or_default();
    let reason = format!("{reason}。{}", body.text_of("explanation").unwrap_or_default());
    let number = fill(words.number(), &[&number(by.line.seq)]);
    format!("{} {}", fill(words.reason(), &[&reason]), fill(words.named(), &["", &number]))
}
