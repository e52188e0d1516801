//! Kinds of entries (SPEC section 4, rules E-41 to E-49): the kind layer of an entry's body.
//!
//! A kind is data: its fields in their order with their types, where it may stand, and one rule over its own
//! body. **Adding a kind is one file here and one line in [`KINDS`].** Readers that do not know a kind still
//! compute the same index root; they show its title and summary.

mod authority;
mod catalogue;
mod closed;
mod correction;
mod log_key;
mod notice;
mod opening_balance;
mod period_close;
mod policy;
mod schema;
mod seal;
mod unit;
mod voucher;

pub use schema::{Field, Type};

use crate::entry::{Entry, FieldError};
use crate::unit::Level;

/// Every kind of this version, one line each.
pub const KINDS: &[&Kind] = &[
    &authority::KIND,
    &catalogue::KIND,
    &closed::KIND,
    &correction::KIND,
    &log_key::KIND,
    &notice::KIND,
    &opening_balance::KIND,
    &period_close::KIND,
    &policy::KIND,
    &seal::KIND,
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
                "这类条目不能放在这个单位 / this kind may not stand in this unit",
            ));
        }
        schema::check(entry.body(), self.fields, "body")?;
        (self.rule)(entry)
    }
}

/// The rule of kinds whose types say everything.
fn no_rule(_: &Entry) -> Result<(), FieldError> {
    Ok(())
}

/// The sum of `amount` over a list of the body.
fn sum(entry: &Entry, list: &str) -> i64 {
    entry.body().list_of(list).iter().filter_map(|v| v.object()?.int_of("amount")).sum()
}

/// The rule that a list's amounts add up to the body's `amount`.
fn sums_up(entry: &Entry, list: &str) -> Result<(), FieldError> {
    let (sum, amount) = (sum(entry, list), entry.body().int_of("amount").unwrap_or_default());
    if sum == amount {
        return Ok(());
    }
    let what = format!(
        "分项合计 {sum} 分，与总额 {amount} 分不等 / the {list} add up to {sum} fen, not to {amount}"
    );
    Err(FieldError::new("body.amount", what))
}
