//! `distribution` (收益分配): what is divided among the members, what stays with the collective.

use super::parts::{NOTE, PROCESS};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "distribution",
    zh: "收益分配",
    place: Place::Accounts,
    fields: &[
        Field::must("source", Type::Choice(&["income", "land_compensation", "other"])),
        Field::may("year", Type::Year),
        Field::may("subject", Type::Text(100)),
        Field::may("area", Type::Count),
        Field::must("distributable", Type::Fen),
        Field::may("reserve", Type::Fen),
        Field::must("distributed", Type::Fen),
        Field::may("per_share", Type::Fen),
        Field::may("shares", Type::Count),
        Field::may("households", Type::Count),
        Field::may("resolution_no", Type::Text(60)),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"source":"land_compensation","distributable":9600000,"reserve":2880000,"distributed":6720000,"households":21,"resolution_no":"PL-JY-2026-02"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let fen = |name| entry.body().int_of(name).unwrap_or_default();
    let (whole, parts) = (fen("distributable"), fen("reserve").saturating_add(fen("distributed")));
    if whole == parts || entry.body().get("reserve").is_none() && parts < whole {
        return Ok(());
    }
    let what = format!(
        "留存加分配 {parts} 分，与可分配 {whole} 分不等，请核对 / kept and divided add up to {parts} fen, not to {whole}; check them [E-65]"
    );
    Err(FieldError::new("body.distributable", what))
}
