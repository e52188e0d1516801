//! `opening_balance` (期初余额): what was there when disclosure in this ledger began.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, rows, sums};

pub(super) const KIND: Kind = Kind {
    name: "opening_balance",
    zh: "期初余额",
    place: Place::Accounts,
    fields: &[
        Field::must(
            "accounts",
            Type::List(&[
                Field::must("account", Type::Choice(&["cash", "bank"])),
                Field::may("name", Type::Text(60)),
                Field::must("amount", Type::Fen),
            ]),
        ),
        Field::must("amount", Type::Fen),
        Field::may("source", Type::Choice(&["migration", "prior_close"])),
        NOTE,
    ],
    rule: |entry| sums(rows(entry, "accounts"), "amount", entry, "amount"),
    example: r#"{"accounts":[{"account":"bank","amount":48632050},{"account":"cash","amount":218000}],"amount":48850050}"#,
};
