//! One entry: what it was for, how much, when, what to look at, and what was corrected, old beside new.

use crate::account::{Account, Shown};
use crate::changes::{amendment, jump, old_and_new};
use crate::figures::{figures, figures_of};
use crate::findings::finding;
use crate::format::{date, day, fill, instant};
use crate::stages::stages;
use crate::value::{choice, name_of, value};
use crate::words::Lang;
use ledger::json::{Object, Value};
use ledger::time::Date;
use ledger::verdict::Code;
use maud::{Markup, html};

/// An entry in the list. Dates inside the period's year stand without their year.
pub(crate) fn entry(lang: Lang, account: &Account<'_>, shown: &Shown<'_>) -> Markup {
    let (words, json, verified) = (lang.words(), &shown.json, shown.verified);
    let no = &verified.line.seq.to_string();
    let kind = json.text_of("kind").unwrap_or_default();
    let of = |field| choice(lang, field, json.at_path(&format!("body.{field}"))?.as_text()?);
    let (direction, event) = (of("direction"), of("event"));
    let label = direction.or_else(|| words.kinds().get(kind)).unwrap_or(words.other_kind());
    let plain = ["summary", "title"].into_iter().find_map(|field| json.text_of(field));
    let occurred = json.text_of("occurred").and_then(Date::parse);
    let year = account.period.map(|p| p.first_day().year());
    let when = occurred.map(|d| if Some(d.year()) == year { day(lang, d) } else { date(lang, d) });
    html! {
        li id={ "e" (no) } {
            p.head {
                span { (fill(words.number(), &[no])) }
                span.kind { (label) @if let Some(event) = event { " · " (event) } }
                @if let Some(when) = when { span data-fact={ "date " (no) } { (when) } }
            }
            p.plain data-fact={ "text " (no) } { (plain.unwrap_or(label)) }
            (figures(lang, no, kind, json))
            @for found in &shown.findings {
                p.look data-fact={ "look " (no) } {
                    span.icon aria-hidden="true" { "◆" } " " b { (words.look()) } (finding(lang, found))
                }
            }
            (stages(lang, account, &verified.entry))
            (amendment(lang, shown))
            @if !shown.changes.is_empty() {
                (tag(lang, Code::Corrected))
                (old_and_new(lang, kind, &shown.changes))
            }
            @if let Some(by) = shown.replaced_by { p.told { (jump(words.replaced(), by)) } }
            @if let Some(old) = shown.replaces { p { (jump(words.replaces(), old)) } }
            @if verified.standing.marked { (tag(lang, Code::Marked)) }
            details {
                summary { (words.more()) }
                dl { (fields(lang, kind, plain, shown)) }
            }
        }
    }
}

fn tag(lang: Lang, code: Code) -> Markup {
    let saying = lang.verdict(code);
    html! {
        p.told { span aria-hidden="true" { (saying.icon) " " } b { (saying.title) } }
    }
}

/// Everything else the entry says, in its own order, as corrected; nothing of it is left out.
fn fields(lang: Lang, kind: &str, plain: Option<&str>, shown: &Shown<'_>) -> Markup {
    let json = &shown.json;
    let ours = |name: &str| {
        !["ledger", "unit", "seq", "kind", "summary", "body", "refs", "sealed", "signed_at"].contains(&name)
    };
    let envelope = json.fields().iter().filter(|(name, _)| ours(name));
    let envelope = envelope.filter(|(name, v)| name != "title" || v.as_text() != plain);
    let body = json.get("body").and_then(Value::object).map(Object::fields).unwrap_or_default();
    let hidden: &[&str] = match kind {
        "correction" => &["target", "fields", "reason", "explanation"],
        "supersede" => &["target", "by"],
        "redaction" => &["target"],
        "voucher" => &["direction"],
        "asset_event" | "contract_event" => &["event"],
        _ => &[],
    };
    let told = |name: &&str| !hidden.contains(name) && !figures_of(kind).contains(name);
    let body = body.iter().filter(|(name, _)| told(&name.as_str()));
    html! {
        @for (name, v) in envelope.chain(body) {
            div { dt { (name_of(lang, kind, name)) } dd { (value(lang, name, v)) } }
        }
        div { dt { (name_of(lang, "", "logged")) } dd { (instant(lang, shown.verified.line.time)) } }
    }
}
