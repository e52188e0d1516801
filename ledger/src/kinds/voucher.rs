//! `voucher` (收支凭证): one receipt or payment, entry by entry as the finance disclosure rules demand (逐项逐笔).
//!
//! Names of natural persons never stand here in clear: `counterparty.name` is for companies and organs.

use super::parts::{self, COUNTERPARTY, FUNDS, NOTE, PROCESS, QUANTITY};
use super::{Field, Kind, Place, Type, rows, sums};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "voucher",
    zh: "收支凭证",
    place: Place::Accounts,
    fields: &[
        Field::must("voucher_no", Type::Text(40)),
        Field::must("direction", Type::Choice(&["income", "expense", "transfer"])),
        Field::must(
            "lines",
            Type::List(&[
                Field::may("account_code", Type::Text(20)),
                Field::must("account", Type::Text(60)),
                Field::must("amount", Type::Fen),
            ]),
        ),
        Field::must("amount", Type::Fen),
        Field::may("fund_source", Type::Choice(FUNDS)),
        Field::may("method", Type::Choice(&["transfer", "debit", "cash", "card", "deduction", "other"])),
        Field::may("counterparty", Type::Object(COUNTERPARTY)),
        Field::may("contract_no", Type::Text(60)),
        Field::may("resolution_no", Type::Text(60)),
        Field::may("quantity", Type::Object(QUANTITY)),
        Field::may("balance", Type::Fen),
        Field::may("invoice_kind", Type::Choice(&["invoice", "receipt", "self_made"])),
        Field::may("invoice_count", Type::Count),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"voucher_no":"记-0003","direction":"expense","lines":[{"account_code":"514","account":"公益支出","amount":128640}],"amount":128640,"fund_source":"self","method":"debit","counterparty":{"kind":"organ","name":"供电所"},"invoice_count":1}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "counterparty")?;
    sums(rows(entry, "lines"), "amount", entry, "amount")
}
