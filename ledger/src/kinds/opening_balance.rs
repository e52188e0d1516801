//! `opening_balance` (期初余额): what was there when disclosure in this ledger began.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, sums_up};

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
        NOTE,
    ],
    rule: |entry| sums_up(entry, "accounts"),
    example: r#"{"accounts":[{"account":"bank","amount":48632050},{"account":"cash","amount":218000}],"amount":48850050}"#,
};
