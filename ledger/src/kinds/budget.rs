//! `budget` (年度预算): the year's plan by account, income and expense.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, rows, sums};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "budget",
    zh: "年度预算",
    place: Place::Accounts,
    fields: &[
        Field::must("year", Type::Year),
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
    ["income", "expense"].iter().try_for_each(|direction| {
        let lines = rows(entry, "lines").filter(|line| line.text_of("direction") == Some(direction));
        sums(lines, "amount", entry, direction)
    })
}
