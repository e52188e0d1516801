//! `asset` (资产登记): one asset in the register of collective property (农村集体经济组织法 art. 36).

use super::parts::{NOTE, QUANTITY};
use super::{Field, Kind, Place, Type, no_rule};

pub(super) const KIND: Kind = Kind {
    name: "asset",
    zh: "资产登记",
    place: Place::Accounts,
    fields: &[
        Field::must("asset_no", Type::Text(60)),
        Field::must("name", Type::Text(100)),
        Field::must(
            "category",
            Type::Choice(&[
                "building",
                "equipment",
                "vehicle",
                "infrastructure",
                "intangible",
                "biological",
                "other",
            ]),
        ),
        Field::may("quantity", Type::Object(QUANTITY)),
        Field::must("original_value", Type::Fen),
        Field::may("net_value", Type::Fen),
        Field::may("acquired", Type::Date),
        Field::may("place", Type::Text(100)),
        Field::may("condition", Type::Text(60)),
        Field::may("operating", Type::Flag),
        NOTE,
    ],
    rule: no_rule,
    example: r#"{"asset_no":"RX-ZC-012","name":"综合市场铺面","category":"building","original_value":32000000,"place":"榕溪村综合市场","operating":true}"#,
};
