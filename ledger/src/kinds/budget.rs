//! `budget` (年度预算): the year's plan by account, income and expense.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};
use crate::json::Value;

pub(super) const KIND: Kind = Kind {
    name: "budget",
    zh: "年度预算",
    place: Place::Accounts,
    fields: &[
        Field::must("year", Type::Count),
        Field::must("lines", Type::List(LINES)),
        Field::must("income", Type::Fen),
        Field::must("expense", Type::Fen),
        Field::may("revision", Type::Count),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
    ],
    rule,
    example: r#"{"year":2026,"lines":[{"direction":"income","account_code":"501","account":"经营收入","amount":14400000},{"direction":"expense","account_code":"514","account":"公益支出","amount":9000000}],"income":14400000,"expense":9000000,"resolution_no":"RX-JY-2025-18"}"#,
};

const LINES: &[Field] = &[
    Field::must("direction", Type::Choice(&["income", "expense"])),
    Field::may("account_code", Type::Text(20)),
    Field::must("account", Type::Text(60)),
    Field::must("amount", Type::Fen),
];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    for direction in ["income", "expense"] {
        let lines = entry.body().list_of("lines").iter().filter_map(Value::object);
        let ours = lines.filter(|line| line.text_of("direction") == Some(direction));
        let sum: i64 = ours.filter_map(|line| line.int_of("amount")).sum();
        let stated = entry.body().int_of(direction).unwrap_or_default();
        if sum != stated {
            let what = format!(
                "分项合计 {sum} 分，与总额 {stated} 分不等 / the lines add up to {sum} fen, not to {stated}"
            );
            return Err(FieldError::new(format!("body.{direction}"), what));
        }
    }
    Ok(())
}
