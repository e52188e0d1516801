//! Values and names of fields as people read them, by what their names say of their types.
//!
//! A phone does not carry the tables of kinds; a test holds these lists against them.

use crate::format::{date, fill, instant, money, period, yuan};
use crate::words::Lang;
use ledger::json::{Object, Value};
use ledger::time::{Date, Period};

/// Names of fields that hold fen, wherever they stand.
pub const FEN: &[&str] = &[
    "amount",
    "appraisal",
    "balance",
    "budget",
    "cash",
    "closing",
    "deposit",
    "distributable",
    "distributed",
    "expense",
    "floor_price",
    "floor_unit_price",
    "from",
    "income",
    "net_value",
    "opening",
    "original_value",
    "paid",
    "per_share",
    "price",
    "principal",
    "reserve",
    "retention",
    "settled",
    "total",
    "unit_price",
    "variation",
];
/// Names of fields that hold instants.
pub const INSTANTS: &[&str] = &["signed_at", "compromised_from"];
/// The field that holds hundredths of a mu.
pub const AREA: &str = "area";

/// The name of a field of a kind, by its dotted path.
pub(crate) fn name_of(lang: Lang, kind: &str, path: &str) -> &'static str {
    let fields = lang.words().fields();
    let whole = path.strip_prefix("body.").unwrap_or(path);
    let last = path.rsplit('.').next().unwrap_or(path);
    let own = fields.get(&format!("{kind}.{whole}"));
    own.or_else(|| fields.get(whole)).or_else(|| fields.get(last)).unwrap_or_default()
}

/// The word for a stable key of an enumeration, when there is one.
pub fn choice(lang: Lang, field: &str, key: &str) -> Option<&'static str> {
    let field = match field {
        "step" | "merged_with" => "stage",
        "fund_sources" => "fund_source",
        "seals" => "role",
        other => other,
    };
    lang.words().choices().get(&format!("{field}.{key}"))
}

/// A value under its field's name.
pub(crate) fn value(lang: Lang, field: &str, value: &Value) -> String {
    let words = lang.words();
    match value {
        Value::Int(n) => match field {
            _ if FEN.contains(&field) => money(lang, *n),
            _ if INSTANTS.contains(&field) => instant(lang, n.unsigned_abs()),
            "hundredths" => yuan(*n),
            "months" => fill(words.months(), &[&n.to_string()]),
            AREA => fill(words.area(), &[&yuan(*n)]),
            _ => n.to_string(),
        },
        Value::Bool(flag) => {
            let said = choice(lang, field, if *flag { "true" } else { "false" });
            said.unwrap_or(if *flag { words.yes() } else { words.no() }).to_owned()
        }
        Value::Text(text) => said(lang, field, text),
        Value::List(list) => joined(lang, String::new(), "\n", list.iter().map(|v| (field, v))),
        Value::Object(object) => composed(lang, object),
    }
}

fn said(lang: Lang, field: &str, text: &str) -> String {
    match (Date::parse(text), choice(lang, field, text)) {
        (Some(day), _) => date(lang, day),
        (_, Some(stage)) if field == "merged_with" => fill(lang.words().merged(), &[stage]),
        (_, Some(word)) => word.to_owned(),
        _ if field == "paths" => name_of(lang, "", text.split('.').next().unwrap_or(text)).to_owned(),
        _ if field == "period" => Period::parse(text).map_or_else(|| text.to_owned(), |p| period(lang, p)),
        _ => text.to_owned(),
    }
}

/// The few objects that have a form of their own; of any other, its values.
fn composed(lang: Lang, object: &Object) -> String {
    let words = lang.words();
    let text = |name| object.text_of(name).unwrap_or_default();
    if object.get("kind").is_some() {
        let name = object.text_of("name").or_else(|| choice(lang, "kind", text("kind"))).unwrap_or_default();
        return object.text_of("code").map_or(name.to_owned(), |code| fill(words.named(), &[name, code]));
    }
    if let Some(Value::Int(seq)) = object.get("seq") {
        return fill(words.number(), &[&seq.to_string()]);
    }
    let mut said = String::new();
    let mut fields = object.fields();
    if let [(_, Value::Text(from)), (_, Value::Text(to)), rest @ ..] = fields
        && let (Some(from), Some(to)) = (Date::parse(from), Date::parse(to))
    {
        said = fill(words.span(), &[&date(lang, from), &date(lang, to)]);
        fields = rest;
    }
    joined(lang, said, " ", fields.iter().map(|(name, v)| (name.as_str(), v)))
}

/// Values one after the other, behind what is said already.
fn joined<'v>(
    lang: Lang,
    mut said: String,
    between: &str,
    values: impl Iterator<Item = (&'v str, &'v Value)>,
) -> String {
    for (field, v) in values {
        if !said.is_empty() {
            said.push_str(between);
        }
        said.push_str(&value(lang, field, v));
    }
    said
}
