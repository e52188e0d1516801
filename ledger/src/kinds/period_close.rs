//! `period_close` (结账): what came in, went out and is left at the end of a period.
//!
//! That opening + income − expense = closing is a soft rule: a close that does not add up must be published
//! and found, not refused.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, period};

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
        NOTE,
    ],
    rule: period,
    example: r#"{"opening":48850050,"income":6100000,"expense":5354020,"closing":49596030}"#,
};
