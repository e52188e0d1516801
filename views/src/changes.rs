//! What later entries change in earlier ones, with ways there and back: corrections, replacements, redactions.

use crate::account::{Change, Shown, changes, replacement_of};
use crate::format::fill;
use crate::value::{choice, name_of, value};
use crate::words::Lang;
use ledger::amend::target_of;
use maud::{Markup, html};

/// A link to another entry of the page.
pub(crate) fn jump(label: &str, seq: u64) -> Markup {
    let no = seq.to_string();
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
                (old_and_new(lang, "", changes.iter()))
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
pub(crate) fn old_and_new<'c>(
    lang: Lang,
    kind: &str,
    changes: impl Iterator<Item = &'c Change<'c>> + Clone,
) -> Markup {
    let words = lang.words();
    let whole = changes.clone().any(|c| c.path == "body.amount");
    let told = changes.clone().filter(|c| !(whole && c.path.starts_with("body.lines.")));
    let value = |c: &Change<'_>, v| value(lang, c.path.rsplit('.').next().unwrap_or(c.path), v);
    let mut reasons: Vec<(u64, String)> = changes
        .map(|c| {
            let body = c.by.entry.body();
            let reason = choice(lang, "reason", body.text_of("reason").unwrap_or_default());
            let more = body.text_of("explanation").unwrap_or_default();
            (c.by.line.seq, format!("{}。{more}", reason.unwrap_or_default()))
        })
        .collect();
    reasons.dedup();
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
        @for (seq, reason) in &reasons {
            p.reason {
                (fill(words.reason(), &[reason])) " "
                (fill(words.named(), &["", &fill(words.number(), &[&seq.to_string()])]))
            }
        }
    }
}
