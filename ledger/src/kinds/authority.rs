//! `authority` (授权机关密钥变更): the whole new set of authority keys and its threshold.
//!
//! Signed by m of the n keys in force before it, and by every key that is new (proof of possession).

use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "authority",
    zh: "授权机关密钥变更",
    place: Place::Registry(&[Level::District]),
    fields: &[Field::must("threshold", Type::Count), Field::must("keys", Type::Many(&Type::Vkey))],
    rule,
    example: r#"{"threshold":1,"keys":["mazhang.example/authority/3+67ed28be+AQtROtm0kkAVygkC7QeQRNOsXb7CMG8GlIwQ2o62458t"]}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let keys = entry.body().list_of("keys").len();
    let threshold = entry.body().int_of("threshold").and_then(|m| usize::try_from(m).ok()).unwrap_or(0);
    if (1..=keys).contains(&threshold) && keys <= 16 {
        return Ok(());
    }
    Err(FieldError::new("body.threshold", "应满足 1 ≤ m ≤ n ≤ 16 / want 1 ≤ m ≤ n ≤ 16 [E-79]"))
}
