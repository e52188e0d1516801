//! `trade` (交易): how an asset, a resource or works were put out and who got them. `price` is a year's for a lease, `unit_price` fen per mu and year.

use super::parts::{self, COUNTERPARTY, METHODS, NOTE, PROCESS, SUBJECTS, TERM};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "trade",
    zh: "交易",
    place: Place::Accounts,
    fields: &[
        Field::must("subject_kind", Type::Choice(SUBJECTS)),
        Field::must("subject", Type::Text(100)),
        Field::must("method", Type::Choice(METHODS)),
        Field::may("announced", Type::Date),
        Field::may("closed", Type::Date),
        Field::may("floor_price", Type::Fen),
        Field::may("floor_unit_price", Type::Fen),
        Field::may("bidders", Type::Count),
        Field::may("bids", Type::List(BIDS)),
        Field::may("winner", Type::Object(COUNTERPARTY)),
        Field::may("price", Type::Fen),
        Field::may("unit_price", Type::Fen),
        Field::may("area", Type::Count),
        Field::may("term", Type::Object(TERM)),
        Field::may("platform", Type::Text(100)),
        Field::may("objections", Type::Count),
        Field::may("contract_no", Type::Text(60)),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"subject_kind":"resource","subject":"1号虾塘","method":"auction","floor_unit_price":105000,"bidders":3,"winner":{"kind":"person"},"price":7164500,"unit_price":115000,"area":6230,"term":{"months":60},"contract_no":"RW-2026-001","resolution_no":"RW-JY-2025-19","process":{"id":"RW-2026-001","stage":"trade"}}"#,
};

const BIDS: &[Field] = &[Field::may("bidder", Type::Object(COUNTERPARTY)), Field::must("amount", Type::Fen)];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "winner")?;
    parts::prices(entry)?;
    for at in 0..entry.body().list_of("bids").len() {
        parts::counterparty(entry, &format!("bids.{at}.bidder"))?;
    }
    if entry.body().get("winner").is_some() && entry.body().get("price").is_none() {
        return Err(FieldError::new("body.price", "写了得主就要写成交价 / a winner has a price [E-76]"));
    }
    parts::term(entry)
}
