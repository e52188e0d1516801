//! `deliberation` (协商议事): a talk with villagers, what they said and what was taken up (村民委员会组织法 art. 33, 35).

use super::parts::{NOTE, PROCESS};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "deliberation",
    zh: "协商议事",
    place: Place::Accounts,
    fields: &[
        Field::must("topic", Type::Text(200)),
        Field::must("held_on", Type::Date),
        Field::may("attendance", Type::Count),
        Field::must("opinions", Type::Count),
        Field::must("adopted", Type::Count),
        Field::may("outcome", Type::Paragraphs),
        Field::may("follow_up_due", Type::Date),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"topic":"北坡巷路灯增设","held_on":"2026-02-15","opinions":11,"adopted":8,"outcome":["列入第2季度计划"]}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let count = |name| entry.body().int_of(name).unwrap_or_default();
    if count("adopted") <= count("opinions") {
        return Ok(());
    }
    Err(FieldError::new(
        "body.adopted",
        "采纳多于意见，请核对 / more adopted than there were opinions; check the counts [E-67]",
    ))
}
