//! `payment_list` (发放清单): a list of subsidies or compensation paid to households, row by row without names.

use super::parts::{NOTE, PROCESS, QUANTITY};
use super::{Field, Kind, Place, Type, rows, sums};
use crate::entry::{Entry, FieldError};
use crate::payment_rows::list_of;

pub(super) const KIND: Kind = Kind {
    name: "payment_list",
    zh: "发放清单",
    place: Place::Accounts,
    fields: &[
        Field::must("policy", Type::Text(100)),
        Field::may("year", Type::Year),
        Field::may("standard", Type::Text(100)),
        Field::may("batch", Type::Text(60)),
        Field::must("count", Type::Count),
        Field::must("amount", Type::Fen),
        Field::may("rows", Type::List(ROWS)),
        Field::may("list", Type::Object(LIST)),
        Field::may("source", Type::Digest),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"policy":"耕地地力保护补贴","year":2026,"count":2,"amount":109850,"rows":[{"group":"一组","amount":61200},{"group":"一组","amount":48650}]}"#,
};

const ROWS: &[Field] = &[
    Field::may("group", Type::Text(20)),
    Field::may("quantity", Type::Object(QUANTITY)),
    Field::must("amount", Type::Fen),
];

/// Rows in a blob of their own, names sealed; `unit` is what their quantities count.
const LIST: &[Field] = &[
    Field::must("digest", Type::Digest),
    Field::must("root", Type::Hash),
    Field::may("unit", Type::Text(20)),
    Field::must("access", Type::Choice(&["posted", "household", "inspectors"])),
];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let body = entry.body();
    if body.get("list").is_some() && (body.get("rows").is_some() || list_of(entry).is_none()) {
        let what = "有 list 时不写 rows，户数 1 到 100000，总额不为负 / with list there are no rows, 1 to 100000 households and no amount below 0 [E-81]";
        return Err(FieldError::new("body.list", what));
    }
    if body.get("rows").is_none() {
        return Ok(());
    }
    let (listed, count) = (body.list_of("rows").len(), body.int_of("count").unwrap_or_default());
    if i64::try_from(listed) != Ok(count) {
        let what = format!(
            "写的是 {count} 户，清单有 {listed} 行，请核对 / the list has {listed} rows, not {count}; check both [E-64]"
        );
        return Err(FieldError::new("body.count", what));
    }
    sums(rows(entry, "rows"), "amount", entry, "amount")
}
