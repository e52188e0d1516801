//! An entry before it is sealed: everything but the ledger, the time of signing and the signatures.

use ledger::charter::LedgerId;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::leaf::{LeafType, text};
use ledger::unit::UnitId;

/// An unsigned entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its unit.
    pub unit: UnitId,
    /// Its number there.
    pub seq: u64,
    /// The number of the entry that it corrects: [`Draft::text`] then needs that entry's leaf hash.
    pub corrects: Option<u64>,
    fields: Object,
}

impl Draft {
    /// A draft; `fields` are the envelope's from `kind` to before `signed_at`, in their order.
    pub fn new(unit: UnitId, seq: u64, fields: Object) -> Self {
        Draft { unit, seq, corrects: None, fields }
    }

    /// A correction of entry `target` of the same unit; `fields` have no `body.target.leaf`.
    pub fn correction(unit: UnitId, seq: u64, target: u64, fields: Object) -> Self {
        Draft { corrects: Some(target), ..Draft::new(unit, seq, fields) }
    }

    /// The line of JSON as far as it is known.
    pub fn json(&self) -> Object {
        let head = Object::new().with("unit", self.unit.as_str()).with("seq", self.seq as i64);
        join(head, &self.fields)
    }

    /// The kind's name.
    #[cfg(test)]
    pub fn kind(&self) -> &str {
        self.fields.text_of("kind").unwrap_or_default()
    }

    /// The text to be signed. `target` is the leaf hash of the entry that it corrects, if it corrects one.
    pub fn text(&self, ledger: &LedgerId, signed_at: u64, target: Option<&Hash>) -> String {
        let head = Object::new()
            .with("ledger", ledger.as_str())
            .with("unit", self.unit.as_str())
            .with("seq", self.seq as i64);
        let mut fields = self.fields.clone();
        if let (Some(seq), Some(leaf)) = (self.corrects, target) {
            let target = Object::new().with("seq", seq as i64).with("leaf", leaf.to_base64());
            fields.replace_at("body.target", Value::Object(target));
        }
        text(LeafType::Entry, &join(head, &fields).with("signed_at", signed_at as i64))
    }
}

fn join(head: Object, tail: &Object) -> Object {
    tail.fields().iter().fold(head, |all, (name, value)| all.with(name, value.clone()))
}
