//! `notice` (公告): anything that has no kind of its own.

use super::parts::{self, COUNTERPARTY, PROCESS};
use super::{Field, Kind, Place, Type};

pub(super) const KIND: Kind = Kind {
    name: "notice",
    zh: "公告",
    place: Place::Accounts,
    fields: &[
        Field::may("subject", Type::Text(60)),
        Field::must("text", Type::Paragraphs),
        Field::may("amount", Type::Fen),
        Field::may("counterparty", Type::Object(COUNTERPARTY)),
        Field::may("contract_no", Type::Text(60)),
        Field::may("resolution_no", Type::Text(60)),
        PROCESS,
    ],
    rule: |entry| parts::counterparty(entry, "counterparty"),
    example: r#"{"subject":"资源发包（虾塘）","text":["3号虾塘协商发包：面积86.50亩，年租180元/亩，期限15年"],"amount":1557000,"contract_no":"RW-2026-003"}"#,
};
