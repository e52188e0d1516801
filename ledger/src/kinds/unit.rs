//! `unit` (单位信息): the profile of a unit, in the registry of its division. Office numbers only.

use super::{Field, Kind, Place, Type, parts};
use crate::entry::{Entry, FieldError};
use crate::unit::{Level, UnitId};

pub(super) const KIND: Kind = Kind {
    name: "unit",
    zh: "单位信息",
    place: Place::Registry(&[Level::District, Level::Town, Level::Village]),
    fields: &[
        Field::must("unit", Type::Unit),
        Field::must("name", Type::Text(60)),
        Field::may("parent", Type::Text(60)),
        Field::may("code", Type::Text(18)),
        Field::may("predecessors", Type::Many(&Type::Unit)),
        Field::may(
            "contacts",
            Type::List(&[Field::must("office", Type::Text(40)), Field::must("phone", Type::Text(20))]),
        ),
    ],
    rule,
    example: r#"{"unit":"440811100391-00","name":"榕溪村","parent":"麻章镇","contacts":[{"office":"榕溪村务监督委员会","phone":"0759-0000001"}]}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let body = entry.body();
    let of = body.text_of("unit").and_then(UnitId::parse);
    if !of.is_some_and(|u| u.registry() == entry.unit() && !u.is_registry()) {
        let what = "单位信息应放在本级登记簿 / a profile stands in the registry of its own division [E-75]";
        return Err(FieldError::new("body.unit", what));
    }
    if body.list_of("predecessors").iter().any(|p| p.as_text() == body.text_of("unit")) {
        let what = "前身不能是本单位 / a unit is not its own predecessor [E-75]";
        return Err(FieldError::new("body.predecessors", what));
    }
    parts::distinct(entry, "predecessors", "")
}
