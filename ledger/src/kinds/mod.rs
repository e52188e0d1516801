//! Kinds of entries (SPEC section 4, rules E-41 to E-49 and E-63 to E-80): the kind layer of an entry's body.
//!
//! A kind is data: its fields in their order with their types, where it may stand, and one rule over its own
//! body. **Adding a kind is one file here and one line in [`KINDS`].** Readers that do not know a kind still
//! compute the same index root; they show its title and summary.

mod asset;
mod asset_event;
mod audit_note;
mod authority;
mod budget;
mod candidate_review;
mod catalogue;
mod closed;
mod contract;
mod contract_event;
mod correction;
mod deliberation;
mod distribution;
mod log_key;
mod notice;
mod opening_balance;
mod overrides;
mod parts;
mod party_notice;
mod payment_list;
mod period_close;
mod policy;
mod project;
mod receivable_payable;
mod redaction;
mod release;
mod resolution;
mod resource;
mod schema;
mod seal;
mod statement_of_no_activity;
mod supersede;
mod supervision_opinion;
mod trade;
mod unit;
mod voucher;

pub(crate) use parts::{DUE, SEALS};
pub(crate) use schema::check;
pub use schema::{Field, Type};

use crate::entry::{Entry, FieldError};
use crate::json::{Object, Value};
use crate::unit::Level;

/// Every kind of this version, one line each.
pub const KINDS: &[&Kind] = &[
    &asset::KIND,
    &asset_event::KIND,
    &audit_note::KIND,
    &authority::KIND,
    &budget::KIND,
    &candidate_review::KIND,
    &catalogue::KIND,
    &closed::KIND,
    &contract::KIND,
    &contract_event::KIND,
    &correction::KIND,
    &deliberation::KIND,
    &distribution::KIND,
    &log_key::KIND,
    &notice::KIND,
    &opening_balance::KIND,
    &overrides::KIND,
    &party_notice::KIND,
    &payment_list::KIND,
    &period_close::KIND,
    &policy::KIND,
    &project::KIND,
    &receivable_payable::KIND,
    &redaction::KIND,
    &release::KIND,
    &resolution::KIND,
    &resource::KIND,
    &seal::KIND,
    &statement_of_no_activity::KIND,
    &supersede::KIND,
    &supervision_opinion::KIND,
    &trade::KIND,
    &unit::KIND,
    &voucher::KIND,
];

/// Where entries of a kind may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In units with accounts, never in a registry.
    Accounts,
    /// Only in registries of one of these levels.
    Registry(&'static [Level]),
    /// In both.
    Anywhere,
}

/// One kind of entry.
#[derive(Debug)]
pub struct Kind {
    /// Stable English key: the value of `kind`.
    pub name: &'static str,
    /// Chinese label.
    pub zh: &'static str,
    /// Where it may stand.
    pub place: Place,
    /// The body's fields in their order.
    pub fields: &'static [Field],
    /// What must hold within the entry itself beyond types: sums, dates, distinct paths.
    pub rule: fn(&Entry) -> Result<(), FieldError>,
    /// A body that is right, as it stands in SPEC.md.
    pub example: &'static str,
}

/// The kind of a name in a table of kinds.
pub fn find<'k>(kinds: &[&'k Kind], name: &str) -> Option<&'k Kind> {
    kinds.iter().find(|k| k.name == name).copied()
}

impl Kind {
    /// Checks an entry's body: names, order, types, place and the kind's own rule.
    ///
    /// # Errors
    /// [`FieldError`] with the dotted path of the first field that is wrong.
    pub fn check(&self, entry: &Entry) -> Result<(), FieldError> {
        let unit = entry.unit();
        let stands = match self.place {
            Place::Anywhere => true,
            Place::Accounts => !unit.is_registry(),
            Place::Registry(levels) => unit.is_registry() && levels.contains(&unit.level()),
        };
        if !stands {
            return Err(FieldError::new(
                "unit",
                "这类条目不能放在这个单位，请核对 / this kind may not stand in this unit; check both [E-42]",
            ));
        }
        schema::check(entry.body(), self.fields).map_err(|e| schema::below("body", e))?;
        (self.rule)(entry)
    }
}

/// The rule of kinds whose types say everything.
fn no_rule(_: &Entry) -> Result<(), FieldError> {
    Ok(())
}

/// The rule of kinds that tell of a period: the envelope names it.
fn period(entry: &Entry) -> Result<(), FieldError> {
    if entry.period.is_some() {
        return Ok(());
    }
    Err(FieldError::new("period", "应写明所属期间 / the period it is about is to be named [E-49]"))
}

/// The objects of a list of the body.
fn rows<'a>(entry: &'a Entry, list: &str) -> impl Iterator<Item = &'a Object> {
    entry.body().list_of(list).iter().filter_map(Value::object)
}

/// The rule that one column of these rows adds up to the body's `total`.
fn sums<'a>(
    rows: impl Iterator<Item = &'a Object>,
    column: &str,
    entry: &Entry,
    total: &str,
) -> Result<(), FieldError> {
    let sum: i64 = rows.filter_map(|row| row.int_of(column)).sum();
    let stated = entry.body().int_of(total).unwrap_or_default();
    if sum == stated {
        return Ok(());
    }
    let what = format!(
        "分项合计 {sum} 分，与总额 {stated} 分不等，请核对 / the parts add up to {sum} fen, not to {stated}; check them [E-43]"
    );
    Err(FieldError::new(format!("body.{total}"), what))
}
