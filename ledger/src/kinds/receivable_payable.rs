//! `receivable_payable` (债权债务): money owed to the collective or by it, at the end of a period.

use super::parts::{self, COUNTERPARTY, NOTE};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "receivable_payable",
    zh: "债权债务",
    place: Place::Accounts,
    fields: &[
        Field::must("side", Type::Choice(&["receivable", "payable"])),
        Field::must("counterparty", Type::Object(COUNTERPARTY)),
        Field::may("principal", Type::Fen),
        Field::must("balance", Type::Fen),
        Field::may("arose", Type::Date),
        Field::may("due", Type::Date),
        Field::may("age", Type::Text(40)),
        Field::may("account", Type::Text(60)),
        Field::may("contract_no", Type::Text(60)),
        Field::may("mortgage", Type::Text(100)),
        NOTE,
    ],
    rule,
    example: r#"{"side":"payable","counterparty":{"kind":"company","name":"湛江市××路桥工程队"},"balance":4320000,"age":"4年以上","account":"211 应付款"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "counterparty")
}
