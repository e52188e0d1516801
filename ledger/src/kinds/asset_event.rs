//! `asset_event` (资产变动): what happens to an asset: bought, let, sold, scrapped, mortgaged. `price` is a year's for a lease.

use super::parts::{self, COUNTERPARTY, METHODS, NOTE, PROCESS, QUANTITY, TERM};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "asset_event",
    zh: "资产变动",
    place: Place::Accounts,
    fields: &[
        Field::may("asset_no", Type::Text(60)),
        Field::must("name", Type::Text(100)),
        Field::must(
            "event",
            Type::Choice(&[
                "purchase",
                "lease",
                "sell",
                "scrap",
                "mortgage",
                "transfer_in",
                "transfer_out",
                "inventory_gain",
                "inventory_loss",
            ]),
        ),
        Field::may("original_value", Type::Fen),
        Field::may("appraisal", Type::Fen),
        Field::may("floor_price", Type::Fen),
        Field::may("method", Type::Choice(METHODS)),
        Field::may("bidders", Type::Count),
        Field::may("price", Type::Fen),
        Field::may("counterparty", Type::Object(COUNTERPARTY)),
        Field::may("quantity", Type::Object(QUANTITY)),
        Field::may("term", Type::Object(TERM)),
        Field::may("contract_no", Type::Text(60)),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"name":"旧小学校舍及场地","event":"lease","price":1800000,"counterparty":{"kind":"company","name":"××仓储有限公司"},"quantity":{"hundredths":82000,"unit":"平方米"},"term":{"months":420},"contract_no":"PL-2026-001","resolution_no":"PL-JY-2025-08"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "counterparty")?;
    parts::prices(entry)?;
    parts::term(entry)
}
