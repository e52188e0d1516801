//! `overrides` (地方规定): what the county sets otherwise than the catalogue: deadlines, posting days, seals, limits, approval tiers.

use super::parts::{self, DUE, SEALS};
use super::{Field, Kind, Place, Type, rows};
use crate::deadline::Due;
use crate::entry::{Entry, FieldError};
use crate::json::{Object, Value};
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "overrides",
    zh: "地方规定",
    place: Place::Registry(&[Level::District]),
    fields: &[
        Field::must("version", Type::Text(40)),
        Field::must("effective", Type::Date),
        Field::may("items", Type::List(ITEMS)),
        Field::may("limits", Type::List(LIMITS)),
        Field::may("tiers", Type::List(TIERS)),
    ],
    rule,
    example: r#"{"version":"2026-01","effective":"2026-01-01","items":[{"item":"F02","seals":["township","supervision"],"posting_days":15,"due":{"rule":"after_period","days":15}}],"limits":[{"limit":"cash_payment","amount":500000}],"tiers":[{"from":2000000,"approver":"镇长"}]}"#,
};

const ITEMS: &[Field] = &[
    Field::must("item", Type::Item),
    Field::may("seals", Type::Many(SEALS)),
    Field::may("posting_days", Type::Count),
    Field::may("due", Type::Object(DUE)),
];
/// `cash_payment`: largest payment in cash. `cash_holding`: most cash at a close. `resolution`: payments from which
/// on a resolution is wanted. `tender`: awards from which on competition is wanted.
const LIMITS: &[Field] = &[
    Field::must("limit", Type::Choice(&["cash_payment", "cash_holding", "resolution", "tender"])),
    Field::must("amount", Type::Fen),
];
const TIERS: &[Field] = &[Field::must("from", Type::Fen), Field::must("approver", Type::Text(60))];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    for (list, key) in [("items", "item"), ("limits", "limit"), ("tiers", "from")] {
        parts::distinct(entry, list, key)?;
    }
    let due = |item: &Object| item.get("due").and_then(Value::object).is_none_or(|d| Due::parse(d).is_some());
    let Some(at) = rows(entry, "items").position(|item| !due(item)) else { return Ok(()) };
    let what = "每年的期限写月、日，其余写天数 / a yearly deadline has month and day, the others days [E-77]";
    Err(FieldError::new(format!("body.items.{at}.due"), what))
}
