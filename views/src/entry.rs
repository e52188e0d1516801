//! One entry: what it was for, how much, when, and what was corrected, old beside new.

use crate::account::{Change, Shown, changes};
use crate::book::money;
use crate::format::{date, day, fill, instant, period as period_text, yuan};
use crate::words::Lang;
use ledger::json::{Object, Value};
use ledger::time::{Date, Period};
use ledger::verdict::Code;
use maud::{Markup, html};

/// Fields of a body that hold fen.
const MONEY: [&str; 7] = ["amount", "balance", "opening", "income", "expense", "closing", "cash"];

/// An entry in the list. Dates inside the period's year stand without their year.
pub(crate) fn entry(lang: Lang, period: Option<Period>, shown: &Shown<'_>) -> Markup {
    let (words, json, verified) = (lang.words(), &shown.json, shown.verified);
    let seq = verified.line.seq;
    let kind = json.text_of("kind").unwrap_or_default();
    let label = match (kind, json.at_path("body.direction").and_then(Value::as_text)) {
        ("voucher", Some(direction)) => direction,
        (kind, _) => kind,
    };
    let label = words.kinds.get(label).unwrap_or(words.other_kind);
    let plain = ["summary", "title"].into_iter().find_map(|field| json.text_of(field)).unwrap_or(label);
    let occurred = json.text_of("occurred").and_then(Date::parse);
    let year = period.map(|p| p.first_day().year());
    let when = occurred.map(|d| if Some(d.year()) == year { day(lang, d) } else { date(lang, d) });
    // A notice's amount was neither received nor spent: it stands among its details.
    let amount = ["body.amount", "body.closing"].into_iter().find_map(|path| json.at_path(path));
    let amount = amount.filter(|_| kind != "notice");
    html! {
        li id={ "e" (seq) } {
            p.head {
                span { (fill(words.number, &[&seq.to_string()])) }
                span.kind { (label) }
                @if let Some(when) = when { span data-fact={ "date " (seq) } { (when) } }
            }
            p.plain data-fact={ "text " (seq) } { (plain) }
            @if let Some(Value::Int(fen)) = amount {
                p.amount data-fact={ "amount " (seq) } { (money(words, *fen)) }
            }
            @if kind == "correction" { (correction(lang, shown)) }
            @if !shown.changes.is_empty() {
                (tag(lang, Code::Corrected))
                (old_and_new(lang, shown.changes.iter()))
            }
            @if verified.standing.marked { (tag(lang, Code::Marked)) }
            details {
                summary { (words.more) }
                dl { (fields(lang, plain, shown)) }
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

/// What a correction says, in its own place in the list.
fn correction(lang: Lang, shown: &Shown<'_>) -> Markup {
    let words = lang.words();
    let target = ledger::amend::target_of(&shown.verified.entry).unwrap_or_default();
    let changes: Vec<Change<'_>> = changes(shown.verified).collect();
    html! {
        p { a.jump href={ "#e" (target) } { (fill(words.corrects, &[&target.to_string()])) } }
        (old_and_new(lang, changes.iter()))
    }
}

/// Old and new value side by side. A voucher's lines are left out where its amount says the same.
fn old_and_new<'c>(lang: Lang, changes: impl Iterator<Item = &'c Change<'c>> + Clone) -> Markup {
    let words = lang.words();
    let whole = changes.clone().any(|c| c.path == "body.amount");
    let told = changes.clone().filter(|c| !(whole && c.path.starts_with("body.lines.")));
    let mut reasons: Vec<(u64, String)> = changes
        .map(|c| {
            let body = c.by.entry.body();
            let reason = words.reasons.word(body.text_of("reason").unwrap_or_default());
            let more = body.text_of("explanation").unwrap_or_default();
            (c.by.line.seq, format!("{reason}。{more}"))
        })
        .collect();
    reasons.dedup();
    html! {
        ul.changes {
            @for change in told {
                li {
                    span { (name_of(lang, change.path)) } " "
                    span.old { (words.old) " " del { (value(lang, change.path, change.old)) } } " "
                    span.new { (words.new) " " ins { (value(lang, change.path, change.new)) } }
                }
            }
        }
        @for (seq, reason) in &reasons {
            p.reason { (words.reason) (reason) " (" (fill(words.number, &[&seq.to_string()])) ")" }
        }
    }
}

/// The name of a field by its path.
fn name_of(lang: Lang, path: &str) -> &str {
    let fields = lang.words().fields;
    let whole = path.strip_prefix("body.").unwrap_or(path);
    let last = path.rsplit('.').next().unwrap_or(path);
    fields.get(whole).or(fields.get(last)).unwrap_or(path)
}

fn value(lang: Lang, path: &str, value: &Value) -> String {
    let words = lang.words();
    let field = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::Int(fen) if MONEY.contains(&field) => money(words, *fen),
        Value::Int(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Text(text) => match field {
            "fund_source" => words.funds.word(text).to_owned(),
            "method" => words.methods.word(text).to_owned(),
            "direction" => words.kinds.word(text).to_owned(),
            "occurred" => Date::parse(text).map_or_else(|| text.clone(), |d| date(lang, d)),
            "period" => Period::parse(text).map_or_else(|| text.clone(), |p| period_text(lang, p)),
            _ => text.clone(),
        },
        Value::List(list) => list.iter().map(|v| self::value(lang, field, v)).collect::<Vec<_>>().join("\n"),
        Value::Object(object) => composed(lang, field, object),
    }
}

/// The few objects that have a form of their own; of any other, its values.
fn composed(lang: Lang, field: &str, object: &Object) -> String {
    let words = lang.words();
    let text = |name| object.text_of(name).unwrap_or_default();
    match field {
        "counterparty" => {
            object.text_of("name").unwrap_or_else(|| words.parties.word(text("kind"))).to_owned()
        }
        "quantity" => format!("{} {}", yuan(object.int_of("hundredths").unwrap_or_default()), text("unit")),
        "posting" => {
            let day = |name| Date::parse(text(name)).map(|d| date(lang, d)).unwrap_or_default();
            format!("{} – {}", day("from"), day("to"))
        }
        "approvals" => {
            let on = Date::parse(text("on")).map(|d| date(lang, d)).unwrap_or_default();
            format!("{} {on}", words.approvers.word(text("role")))
        }
        "accounts" => {
            let account = object.text_of("name").unwrap_or_else(|| words.fields.word(text("account")));
            format!("{account} {}", money(words, object.int_of("amount").unwrap_or_default()))
        }
        "lines" => {
            let account = format!("{} {}", text("account_code"), text("account"));
            format!("{} {}", account.trim(), money(words, object.int_of("amount").unwrap_or_default()))
        }
        _ => {
            let all = object.fields().iter().map(|(name, v)| value(lang, name, v));
            all.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Everything else the entry says, in its own order, as corrected; nothing of it is left out.
fn fields(lang: Lang, plain: &str, shown: &Shown<'_>) -> Markup {
    let json = &shown.json;
    let ours = |name: &str| {
        !["ledger", "unit", "seq", "kind", "summary", "body", "refs", "sealed", "signed_at"].contains(&name)
    };
    let envelope = json.fields().iter().filter(|(name, _)| ours(name));
    let envelope = envelope.filter(|(name, v)| name != "title" || v.as_text() != Some(plain));
    let body = json.get("body").and_then(Value::object).map(Object::fields).unwrap_or_default();
    let hidden: &[&str] = match json.text_of("kind") {
        Some("correction") => &["target", "fields", "reason", "explanation"],
        Some("voucher") => &["direction", "amount"],
        _ => &[],
    };
    let body = body.iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
    html! {
        @for (name, v) in envelope.chain(body) {
            @let label = if name == "lines" { "account" } else if name == "accounts" { "amount" } else { name };
            div { dt { (name_of(lang, label)) } dd { (value(lang, name, v)) } }
        }
        div { dt { (name_of(lang, "logged")) } dd { (instant(lang, shown.verified.line.time)) } }
    }
}
