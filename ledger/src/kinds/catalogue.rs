//! `catalogue` (公开目录版本): the digest of the catalogue in force, and which seals each of its items demands.

use super::parts::{self, SEALS};
use super::{Field, Kind, Place, Type};
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "catalogue",
    zh: "公开目录版本",
    place: Place::Registry(&[Level::District]),
    fields: &[
        Field::must("version", Type::Text(40)),
        Field::must("digest", Type::Digest),
        Field::must(
            "items",
            Type::List(&[
                Field::must("item", Type::Item),
                Field::must("seals", Type::Many(SEALS)),
                Field::may("posting_days", Type::Count),
            ]),
        ),
    ],
    rule: |entry| parts::distinct(entry, "items", "item"),
    example: r#"{"version":"2026-01","digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","items":[{"item":"F03","seals":["township","supervision"],"posting_days":15}]}"#,
};
