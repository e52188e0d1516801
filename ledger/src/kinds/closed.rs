//! `closed` (单位终止): the last entry of a unit that merged or closed; no entry may follow it. `root` is that of its
//! book before this entry (SPEC U-02).

use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "closed",
    zh: "单位终止",
    place: Place::Anywhere,
    fields: &[
        Field::must("count", Type::Count),
        Field::must("root", Type::Hash),
        Field::may("successor", Type::Unit),
        Field::must("reason", Type::Text(200)),
    ],
    rule,
    example: r#"{"count":17,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","successor":"440811100392-00","reason":"并入石陂村"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let count = entry.body().int_of("count").and_then(|c| u64::try_from(c).ok());
    if count == Some(entry.seq()) {
        return Ok(());
    }
    Err(FieldError::new("body.count", "应等于本条编号 / want this entry's own number [E-48]"))
}
