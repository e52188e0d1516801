//! The figures that matter of an entry: one large, or a few in a line.

use crate::format::{fill, listed, period};
use crate::value::{choice, name_of, value};
use crate::words::Lang;
use ledger::json::{Object, Value};
use ledger::time::Period;
use maud::{Markup, html};

/// Fields below `body.` that stand above the details, by kind, in their order.
pub(crate) fn figures_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "voucher" | "opening_balance" | "contract_event" => &["amount"],
        "period_close" => &["closing"],
        "payment_list" => &["amount", "count"],
        "trade" => &["price", "unit_price"],
        "asset_event" => &["price"],
        "contract" => &["total", "unit_price"],
        "project" => &["budget", "price", "settled"],
        "receivable_payable" => &["side", "balance"],
        "asset" => &["original_value"],
        "resource" => &["area", "status"],
        "budget" => &["income", "expense"],
        "distribution" => &["distributable", "reserve", "distributed"],
        "resolution" => &["eligible", "present", "for", "against", "abstain", "passed"],
        "deliberation" => &["opinions", "adopted"],
        "candidate_review" => &["submitted", "passed", "failed"],
        "supervision_opinion" => &["opinion"],
        _ => &[],
    }
}

/// The figures of an entry as it reads today.
pub(crate) fn figures(lang: Lang, no: &str, kind: &str, json: &Object) -> Markup {
    let Some(body) = json.get("body").and_then(Value::object) else { return html! {} };
    let names = figures_of(kind);
    let class = if names.len() > 2 { "counts" } else { "amount" };
    let nothing = nothing(lang, kind, json, body);
    html! {
        @if names.iter().any(|name| body.get(name).is_some()) || nothing.is_some() {
            p class=(class) data-fact={ "amount " (no) } {
                @if let Some(nothing) = nothing { (nothing) }
                @for name in names {
                    @if let Some(v) = body.get(name) {
                        // What is a word, and a plain amount, needs no name.
                        @let named = matches!(v, Value::Int(_)) && *name != "amount";
                        span { @if named { small { (name_of(lang, kind, &format!("body.{name}"))) } " " } (figure(lang, kind, name, body, v)) }
                        " "
                    }
                }
            }
        }
    }
}

/// The price of a lease is a year's.
fn figure(lang: Lang, kind: &str, name: &str, body: &Object, v: &Value) -> String {
    let said = value(lang, name, v);
    let let_out = match kind {
        "asset_event" => body.text_of("event") == Some("lease"),
        "trade" => {
            body.get("term").is_some() && matches!(body.text_of("subject_kind"), Some("asset" | "resource"))
        }
        _ => false,
    };
    if let_out && name == "price" { fill(lang.words().a_year(), &[&said]) } else { said }
}

/// A zero report says of what there was nothing.
fn nothing(lang: Lang, kind: &str, json: &Object, body: &Object) -> Option<String> {
    if kind != "statement_of_no_activity" {
        return None;
    }
    let words = lang.words();
    let when = json.text_of("period").and_then(Period::parse).map(|p| period(lang, p)).unwrap_or_default();
    let mut of = body.list_of("classes").iter().filter_map(|c| choice(lang, "classes", c.as_text()?));
    Some(fill(words.nothing(), &[&when, &listed(lang, &mut of)]))
}
