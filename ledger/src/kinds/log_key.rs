//! `log_key` (账本密钥变更): the key that signs the heads after the one that contains this entry.
//!
//! Signed by m of n authority keys and by the new key. The old key still signs the head that contains it.

use super::{Field, Kind, Place, Type, no_rule};
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "log_key",
    zh: "账本密钥变更",
    place: Place::Registry(&[Level::District]),
    fields: &[Field::must("vkey", Type::Vkey)],
    rule: no_rule,
    example: r#"{"vkey":"mazhang.example/ledger+3b52b47d+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"}"#,
};
