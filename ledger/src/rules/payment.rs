//! What is kept of a payment: what a correction of it would move, and the rules over its amount.

use super::finding::{FindingCode, Found};
use super::limits::Limits;
use crate::entry::Entry;

/// A voucher, or a payment told as a contract's event, as it reads today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payment {
    /// The entry's number.
    pub(super) seq: u64,
    /// In fen; what is booked back is negative.
    pub(super) amount: i64,
    /// Which way the money went.
    pub(super) way: Way,
    /// Whether it was paid in cash.
    pub(super) cash: bool,
    /// Whether it names a resolution.
    pub(super) resolved: bool,
    /// Year of its voucher number.
    pub(super) year: u16,
    /// The contract it names: its place among the unit's contracts.
    pub(super) contract: Option<usize>,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Into the collective's accounts.
    In,
    /// Out of them.
    Out,
    /// Between them.
    Within,
    /// Told as an event of a contract; the voucher of the same money is another entry.
    Event,
}

impl Payment {
    /// What is to be kept of a voucher, an event or a contract.
    pub(super) fn of(entry: &Entry, year: u16) -> Self {
        let body = entry.body();
        let mut payment = Payment {
            seq: entry.seq(),
            amount: body.int_of("amount").unwrap_or_default(),
            way: Way::Event,
            cash: body.text_of("method") == Some("cash"),
            resolved: body.get("resolution_no").is_some(),
            year,
            contract: None,
        };
        if entry.kind() == "voucher" {
            payment.direct(body.text_of("direction").unwrap_or_default());
        }
        payment
    }

    /// Takes a voucher's direction.
    pub(super) fn direct(&mut self, direction: &str) {
        self.way = match direction {
            "income" => Way::In,
            "expense" => Way::Out,
            _ => Way::Within,
        };
    }

    /// What it adds to income and to expense, in fen.
    pub(super) fn flow(&self) -> (i64, i64) {
        match self.way {
            Way::In => (self.amount, 0),
            Way::Out => (0, self.amount),
            Way::Within | Way::Event => (0, 0),
        }
    }

    /// What went out less what came in, in fen.
    pub(super) fn outflow(&self) -> i64 {
        let (income, expense) = self.flow();
        expense.saturating_sub(income)
    }

    /// S-15, S-16: a large payment names its resolution, and is not made in cash.
    pub(super) fn look(&self, before: Option<&Payment>, limits: &Limits, found: &mut Found) {
        let (field, amount) = (if before.is_some() { "body.fields" } else { "body.amount" }, self.outflow());
        let unresolved = |p: &Payment| !p.resolved && p.outflow() >= limits.resolution;
        if unresolved(self) && !before.is_some_and(unresolved) {
            found.fen(FindingCode::NoResolution, field, &[amount, limits.resolution]);
        }
        let over = |p: &Payment| p.cash && p.outflow() > limits.cash_payment;
        if over(self) && !before.is_some_and(over) {
            found.fen(FindingCode::Cash, field, &[amount, limits.cash_payment]);
        }
    }
}
