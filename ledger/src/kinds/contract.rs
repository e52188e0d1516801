//! `contract` (合同): a contract as it was signed, with what is due and when (民法典 art. 705, 707).

use super::parts::{self, COUNTERPARTY, NOTE, PROCESS, SCHEDULE, SUBJECTS, TERM};
use super::{Field, Kind, Place, Type, rows, sums};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "contract",
    zh: "合同",
    place: Place::Accounts,
    fields: &[
        Field::must("contract_no", Type::Text(60)),
        Field::must("subject_kind", Type::Choice(SUBJECTS)),
        Field::must("subject", Type::Text(100)),
        Field::must("counterparty", Type::Object(COUNTERPARTY)),
        Field::must("signed_on", Type::Date),
        Field::may("term", Type::Object(TERM)),
        Field::may("total", Type::Fen),
        Field::may("unit_price", Type::Fen),
        Field::may("area", Type::Count),
        Field::may("schedule", Type::List(SCHEDULE)),
        Field::may("escalation", Type::Text(100)),
        Field::may("deposit", Type::Fen),
        Field::may("resolution_no", Type::Text(60)),
        Field::may("town_filed", Type::Flag),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"contract_no":"RW-2026-001","subject_kind":"resource","subject":"1号虾塘","counterparty":{"kind":"person"},"signed_on":"2026-01-10","term":{"from":"2026-01-10","to":"2031-01-09","months":60},"total":14329000,"unit_price":115000,"area":6230,"schedule":[{"due":"2026-01-20","amount":7164500},{"due":"2027-01-20","amount":7164500}],"resolution_no":"RW-JY-2025-19","process":{"id":"RW-2026-001","stage":"contract"}}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "counterparty")?;
    parts::prices(entry)?;
    parts::term(entry)?;
    let body = entry.body();
    if body.get("total").is_some() && body.get("schedule").is_some() {
        return sums(rows(entry, "schedule"), "amount", entry, "total");
    }
    Ok(())
}
