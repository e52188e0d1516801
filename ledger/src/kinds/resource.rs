//! `resource` (资源登记): one parcel of land, forest or water in the register of collective property.

use super::parts::{self, COUNTERPARTY, NOTE};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "resource",
    zh: "资源登记",
    place: Place::Accounts,
    fields: &[
        Field::must("parcel_no", Type::Text(60)),
        Field::may("name", Type::Text(100)),
        Field::must(
            "type",
            Type::Choice(&[
                "arable",
                "garden",
                "forest",
                "grass",
                "water",
                "tidal",
                "barren",
                "construction",
            ]),
        ),
        Field::must("area", Type::Count),
        Field::may("bounds", Type::Text(200)),
        Field::may("tenure", Type::Text(60)),
        Field::must("status", Type::Choice(&["self", "contracted", "idle", "disputed"])),
        Field::may("holder", Type::Object(COUNTERPARTY)),
        NOTE,
    ],
    rule,
    example: r#"{"parcel_no":"RW-ZY-003","name":"3号虾塘","type":"water","area":8650,"bounds":"东至海堤，西至2号虾塘，南至机耕路，北至排水渠","status":"contracted","holder":{"kind":"company","name":"××水产养殖专业合作社"}}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::counterparty(entry, "holder")
}
