//! `supersede` (取代): an earlier entry is replaced by another of the same unit; both stay.

use super::parts::{self, TARGET};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "supersede",
    zh: "取代",
    place: Place::Accounts,
    fields: &[
        Field::must("target", Type::Object(TARGET)),
        Field::must("by", Type::Object(TARGET)),
        Field::must("reason", Type::Text(200)),
    ],
    rule,
    example: r#"{"target":{"seq":9,"leaf":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"by":{"seq":12,"leaf":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"reason":"合同编号写错，重新公布"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let (old, new) = (parts::target(entry, "target")?, parts::target(entry, "by")?);
    if old == new {
        return Err(FieldError::new(
            "body.by.seq",
            "不能取代自己，请写新条目 / an entry can't replace itself; name the new one [E-73]",
        ));
    }
    Ok(())
}
