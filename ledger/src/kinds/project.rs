//! `project` (工程项目): works from budget to settlement; each stage is an entry with the figures known by then.

use super::parts::{self, COUNTERPARTY, FUNDS, METHODS, NOTE, PROCESS};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "project",
    zh: "工程项目",
    place: Place::Accounts,
    fields: &[
        Field::may("project_no", Type::Text(60)),
        Field::must("name", Type::Text(100)),
        Field::may("budget", Type::Fen),
        Field::may("fund_sources", Type::Many(&Type::Choice(FUNDS))),
        Field::may("method", Type::Choice(METHODS)),
        Field::may("bidders", Type::Count),
        Field::may("contractor", Type::Object(COUNTERPARTY)),
        Field::may("contract_no", Type::Text(60)),
        Field::may("price", Type::Fen),
        Field::may("start", Type::Date),
        Field::may("finish", Type::Date),
        Field::may("variation", Type::Fen),
        Field::may("acceptors", Type::Count),
        Field::may("accepted_on", Type::Date),
        Field::may("settled", Type::Fen),
        Field::may("paid", Type::Fen),
        Field::may("retention", Type::Fen),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"name":"海堤便道修补（一段）","method":"direct","contractor":{"kind":"company","name":"湛江市××建筑工程有限公司"},"contract_no":"RW-2026-004","price":4850000}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::prices(entry)?;
    parts::counterparty(entry, "contractor")
}
