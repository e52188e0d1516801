//! One entry: what it was for, how much, when, what to look at, and what was corrected, old beside new.

use crate::account::{Account, Shown};
use crate::changes::{amendment, jump, old_and_new};
use crate::figures::{figures, figures_of};
use crate::files::{files, withdrawn};
use crate::findings::finding;
use crate::format::{date, day, fill, instant, number};
use crate::names::{Names, paths_of};
use crate::stages::stages;
use crate::value::{choice, name_of, value};
use crate::words::Lang;
use ledger::json::{Object, Value};
use ledger::sealed::paths::is_below;
use ledger::time::Date;
use ledger::verdict::Code;
use maud::{Markup, html};

/// An entry in the list. Dates inside the period's year stand without their year.
pub(crate) fn entry(lang: Lang, account: &Account<'_>, names: &Names, shown: &Shown<'_>) -> Markup {
    let (words, json, verified) = (lang.words(), &shown.json, shown.verified);
    let no = &number(verified.line.seq);
    let kind = json.text_of("kind").unwrap_or_default();
    let of = |field| choice(lang, field, json.at_path(&format!("body.{field}"))?.as_text()?);
    let (direction, event) = (of("direction"), of("event"));
    let label = direction.or_else(|| words.kinds().get(kind)).unwrap_or(words.other_kind());
    let plain = ["summary", "title"].into_iter().find_map(|field| json.text_of(field));
    let occurred = json.text_of("occurred").and_then(Date::parse);
    let year = account.period.map(|p| p.first_day().year());
    let when = occurred.map(|d| if Some(d.year()) == year { day(lang, d) } else { date(lang, d) });
    let gone = shown.redacted.iter().map(|(by, _)| (words.redacted(), *by));
    let gone = gone.chain(shown.replaced_by.map(|by| (words.replaced(), by)));
    html! {
        li id={ "e" (no) } {
            p.head {
                span { (fill(words.number(), &[no])) }
                span.kind { (label) @if let Some(event) = event { " · " (event) } }
                @if let Some(when) = when { span data-fact={ "date " (no) } { (when) } }
            }
            p.plain data-fact={ "text " (no) } { (plain.unwrap_or(label)) }
            (figures(lang, no, kind, json))
            @if paths_of(json).next().is_some() { (names.beside(verified.line.seq)) }
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
            @for (label, by) in gone { p.told { (jump(label, by)) } }
            @if let Some(old) = shown.replaces { p { (jump(words.replaces(), old)) } }
            (files(lang, account, shown))
            @if verified.standing.marked { (tag(lang, Code::Marked)) }
            details {
                summary { (words.more()) }
                dl { (fields(lang, kind, plain, names, shown)) }
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
fn fields(lang: Lang, kind: &str, plain: Option<&str>, names: &Names, shown: &Shown<'_>) -> Markup {
    const ELSEWHERE: &[&str] =
        &["ledger", "unit", "seq", "kind", "summary", "body", "refs", "attachments", "sealed", "signed_at"];
    let (json, body) = (&shown.json, shown.json.get("body").and_then(Value::object));
    let body = body.unwrap_or(const { &Object::EMPTY });
    let hidden: &[&str] = match kind {
        "correction" => &["target", "fields", "reason", "explanation"],
        "supersede" => &["target", "by"],
        "redaction" => &["target"],
        "payment_list" => &["list"],
        "voucher" => &["direction"],
        "asset_event" | "contract_event" => &["event"],
        _ => &[],
    };
    let told = |ours: bool, name: &str, v: &Value| match ours {
        true => !ELSEWHERE.contains(&name) && (name != "title" || v.as_text() != plain),
        false => !hidden.contains(&name) && !figures_of(kind).contains(&name),
    };
    let line = |name: &str, said: Markup| html! { div { dt { (name_of(lang, kind, name)) } dd { (said) } } };
    html! {
        @for object in [json, body] {
            @for (name, v) in object.fields().iter().filter(|(name, v)| told(std::ptr::eq(object, json), name, v)) {
                (line(name, with_names(lang, names, shown, name, v)))
            }
        }
        // Names whose field is nothing but they.
        @for path in paths_of(json) {
            @let top = path.split('.').next().unwrap_or(path);
            @if json.get(top).is_none() && body.get(top).is_none() { (line(top, name(lang, names, shown, path))) }
        }
        (line("logged", html! { (instant(lang, shown.verified.line.time)) }))
    }
}

/// A field's value with the sealed names that belong into it, those of a list each behind its item.
fn with_names(lang: Lang, names: &Names, shown: &Shown<'_>, field: &str, v: &Value) -> Markup {
    let one = |top: &str, v: &Value| {
        html! {
            (value(lang, field, v))
            @for path in below(&shown.json, top) { " " (name(lang, names, shown, path)) }
        }
    };
    match v {
        Value::List(list) if below(&shown.json, field).next().is_some() => html! {
            @for (at, v) in list.iter().enumerate() { (one(&fill("{}.{}", &[field, &at.to_string()]), v)) "\n" }
        },
        v => one(field, v),
    }
}

/// The sealed paths of a field.
fn below<'a>(json: &'a Object, top: &'a str) -> impl Iterator<Item = &'a str> {
    paths_of(json).filter(move |path| is_below(path, &[top]))
}

fn name(lang: Lang, names: &Names, shown: &Shown<'_>, path: &str) -> Markup {
    match withdrawn(shown, path) {
        Some(by) => jump(lang.words().redacted(), by),
        None => names.slot(shown.verified.line.seq, path),
    }
}
