//! `contract_event` (合同履行): what happens to a contract: paid, in arrears, changed, ended.

use super::parts::{self, COUNTERPARTY, NOTE, PROCESS, SCHEDULE, TERM};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "contract_event",
    zh: "合同履行",
    place: Place::Accounts,
    fields: &[
        Field::must("contract_no", Type::Text(60)),
        Field::must(
            "event",
            Type::Choice(&["payment", "arrears", "amend", "sublease", "terminate", "expire", "renew"]),
        ),
        Field::may("amount", Type::Fen),
        Field::may("due", Type::Date),
        Field::may("counterparty", Type::Object(COUNTERPARTY)),
        Field::may("term", Type::Object(TERM)),
        Field::may("schedule", Type::List(SCHEDULE)),
        Field::may("reason", Type::Text(200)),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"contract_no":"RX-2024-003","event":"arrears","amount":3600000,"due":"2026-03-31","counterparty":{"kind":"company","name":"湛江市××农贸有限公司"}}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "counterparty")?;
    parts::term(entry)?;
    let needs = matches!(entry.body().text_of("event"), Some("payment" | "arrears"));
    if needs && entry.body().get("amount").is_none() {
        return Err(FieldError::new(
            "body.amount",
            "收款、欠款应写明金额 / a payment or arrears names its amount [E-69]",
        ));
    }
    Ok(())
}
