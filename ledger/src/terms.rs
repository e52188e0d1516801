//! Terms: what a `catalogue` or an `overrides` entry of the district's registry sets, item by item (SPEC G-17).
//!
//! The entry's body is kept as it is and looked into when something is asked: the phone carries no second form.

use crate::deadline::Due;
use crate::hash::Hash;
use crate::json::{Object, Value};
use crate::seal::SealRole;

/// What one such entry sets; what it does not name stays as it is without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Object);

impl Terms {
    /// The terms that the body of a `catalogue` or `overrides` entry sets.
    pub fn of(body: &Object) -> Self {
        Terms(body.clone())
    }

    /// The version's name, when an entry gives one.
    pub fn version(&self) -> Option<&str> {
        self.0.text_of("version")
    }

    /// SHA-256 of the catalogue's file, when an entry names it.
    pub fn digest(&self) -> Option<Hash> {
        self.0.text_of("digest").and_then(Hash::from_hex)
    }

    /// The seals that entries of an item need.
    pub fn seals(&self, item: &str) -> Option<Vec<SealRole>> {
        let seals = self.row(item)?.list_of("seals").iter();
        let seals: Vec<SealRole> = seals.filter_map(|s| SealRole::parse(s.as_text()?)).collect();
        (!seals.is_empty()).then_some(seals)
    }

    /// When an item is to be disclosed.
    pub fn due(&self, item: &str) -> Option<Due> {
        Due::parse(self.row(item)?.get("due")?.object()?)
    }

    /// The items whose shortest posting is set, in days.
    pub fn postings(&self) -> impl Iterator<Item = (&str, i64)> {
        self.rows("items").filter_map(|row| Some((row.text_of("item")?, row.int_of("posting_days")?)))
    }

    /// The limit of this name (`cash_payment`, `cash_holding`, `resolution`, `tender`), in fen.
    pub fn limit(&self, name: &str) -> Option<i64> {
        self.rows("limits").find(|row| row.text_of("limit") == Some(name))?.int_of("amount")
    }

    /// Who approves payments from which amount on, in fen.
    pub fn tiers(&self) -> impl Iterator<Item = (i64, &str)> {
        self.rows("tiers").filter_map(|row| Some((row.int_of("from")?, row.text_of("approver")?)))
    }

    fn row(&self, item: &str) -> Option<&Object> {
        self.rows("items").find(|row| row.text_of("item") == Some(item))
    }

    fn rows(&self, list: &str) -> impl Iterator<Item = &Object> {
        self.0.list_of(list).iter().filter_map(Value::object)
    }
}
