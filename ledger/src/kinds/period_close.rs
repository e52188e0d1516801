//! `period_close` (结账): what came in, went out and is left at the end of a period.
//!
//! That opening + income − expense = closing is a soft rule: a close that does not add up must be published
//! and found, not refused. `accounts`: cash and each bank account (item F04).

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, period, rows, sums};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "period_close",
    zh: "结账",
    place: Place::Accounts,
    fields: &[
        Field::may("opening", Type::Fen),
        Field::may("income", Type::Fen),
        Field::may("expense", Type::Fen),
        Field::must("closing", Type::Fen),
        Field::may("cash", Type::Fen),
        Field::may("vouchers", Type::Count),
        Field::may("accounts", Type::List(ACCOUNTS)),
        Field::may("bank_statement", Type::Digest),
        NOTE,
    ],
    rule,
    example: r#"{"opening":48850050,"income":6100000,"expense":5354020,"closing":49596030}"#,
};

const ACCOUNTS: &[Field] = &[
    Field::must("account", Type::Choice(&["cash", "bank"])),
    Field::may("name", Type::Text(60)),
    Field::may("opening", Type::Fen),
    Field::may("income", Type::Fen),
    Field::may("expense", Type::Fen),
    Field::must("closing", Type::Fen),
];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    period(entry)?;
    if entry.body().get("accounts").is_none() {
        return Ok(());
    }
    sums(rows(entry, "accounts"), "closing", entry, "closing")
}
