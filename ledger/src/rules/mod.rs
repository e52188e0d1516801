//! Soft rules: what should be looked at, beside entries that are published all the same (SPEC section 7.1).
//!
//! The disclosure of a bad act must not be refused, so what these rules find is a *finding* (疑点提示), never a
//! refusal and never a verdict. They are pure functions over a unit's entries in order, and server, auditor,
//! clerk and phone run these same ones. A reader that has only the newer part of a book begins with
//! [`Facts::of_part`] and finds less, never something else.
//!
//! `alone` needs nothing but the entry; `money`, `numbers` and `contracts` keep what the rest needs of earlier
//! entries: sums, numbers, closes, and of each payment what a correction of it would move.

mod alone;
mod contracts;
mod finding;
mod limits;
mod money;
mod numbers;
mod payment;

pub use finding::{Finding, FindingCode, Said};
pub use limits::Limits;
pub use money::{counted_in, counts_in};

use crate::amend::{changed_fields, target_of};
use crate::entry::Entry;
use crate::json::Value;
use crate::time::Period;
use contracts::Contracts;
use finding::Found;
use money::Money;
use numbers::Numbers;
use payment::Payment;

/// What the rules need to know of a unit's earlier entries.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Number of the first entry taken.
    first: Option<u64>,
    money: Money,
    numbers: Numbers,
    contracts: Contracts,
    /// Vouchers, contracts and payments under them as they read today, numbers rising.
    payments: Vec<Payment>,
}

impl Facts {
    /// Before a unit's first entry.
    pub fn new() -> Self {
        Facts::default()
    }

    /// Before an entry that is not the first: what went before is not known.
    pub fn of_part() -> Self {
        Facts::of_part_since(u64::MAX)
    }

    /// [`Facts::of_part`] where the entry before was logged at this time: what begins on a later day is known
    /// whole, since nothing that moves money is logged before its period begins (SPEC E-56).
    pub fn of_part_since(time: u64) -> Self {
        Facts { money: Money::since(time), ..Facts::default() }
    }

    /// What is left after the entries taken, in fen, when an opening balance, a close or a voucher's balance says.
    pub fn left(&self) -> Option<i64> {
        self.money.left()
    }

    /// What the entries taken say came in and went out within a period, in fen; without a period everything counts.
    pub fn flows(&self, period: Option<Period>) -> (i64, i64) {
        self.money.flows(period)
    }

    /// Takes the unit's next entry, logged at `time` (Unix seconds), and returns what should be looked at.
    pub fn take(&mut self, entry: &Entry, time: u64, limits: &Limits) -> Vec<Finding> {
        let mut found = Found::new(entry.seq());
        let period = counted_in(entry, time);
        self.first.get_or_insert(entry.seq());
        alone::look(entry, time, limits, &mut found);
        self.money.activity(entry, period, &mut found);
        // A correction may be booked by a voucher of its own.
        if let Some(no) = entry.body().text_of("voucher_no") {
            let year = period.year();
            self.numbers.take(year, no, entry.seq(), self.money.knows_year(year), &mut found);
        }
        match entry.kind() {
            "opening_balance" => self.money.open(entry, &mut found),
            "period_close" => self.money.close(entry, &mut found),
            "statement_of_no_activity" => self.money.nothing(entry, &mut found),
            "voucher" | "contract" | "contract_event" => self.pay(entry, period, &mut found),
            "correction" => self.correct(entry, period, limits, &mut found),
            "supersede" => self.supersede(entry, period, &mut found),
            _ => {}
        }
        found.list
    }

    /// LIMIT: a reader of a part finds nothing of what is paid under contracts: earlier payments are not known.
    fn pay(&mut self, entry: &Entry, period: Period, found: &mut Found) {
        let mut payment = Payment::of(entry, period.year());
        if entry.kind() == "voucher" {
            self.money.pay(entry, &payment, period, found);
        }
        if self.first == Some(1) {
            payment.contract = self.contracts.take(entry, &payment, found);
        }
        self.payments.push(payment);
    }

    /// An earlier entry that this reader has; else the finding that it has not.
    fn target(&mut self, entry: &Entry, matters: bool, period: Period, found: &mut Found) -> Option<u64> {
        let target = target_of(entry)?;
        if self.first.is_some_and(|first| first <= target) {
            return Some(target);
        }
        if matters {
            found.entry(FindingCode::Unknown, "body.target.seq", target);
            self.money.unknown(period);
        }
        None
    }

    fn payment(&self, seq: u64) -> Option<usize> {
        self.payments.binary_search_by(|p| p.seq.cmp(&seq)).ok()
    }

    /// LIMIT: a correction of a date, a period or a contract's number moves no sums, and a resolution, posting or term
    /// is not judged again: what they were found beside stays, and [`FindingCode::Recheck`] says that it is to be
    /// looked at.
    fn correct(&mut self, entry: &Entry, period: Period, limits: &Limits, found: &mut Found) {
        let moves = |(path, ..): (&str, _, _)| matches!(path, "body.amount" | "body.direction");
        let Some(target) = self.target(entry, changed_fields(entry).any(moves), period, found) else {
            return;
        };
        let at = self.payment(target);
        let old = at.and_then(|at| self.payments.get(at)).copied();
        let mut new = old;
        let mut recheck = false;
        for field in changed_fields(entry) {
            match (field, &mut new) {
                (("body.amount", _, Value::Int(amount)), Some(payment)) => payment.amount = *amount,
                (("body.direction", _, Value::Text(text)), Some(payment)) => payment.direct(text),
                (("body.method", _, Value::Text(text)), Some(payment)) => payment.cash = text == "cash",
                (("body.voucher_no", Value::Text(no), Value::Text(now)), Some(payment)) => {
                    let year = payment.year;
                    self.numbers.take_back(year, no, target);
                    self.numbers.take(year, now, target, self.money.knows_year(year), found);
                }
                (("body.balance", Value::Int(was), Value::Int(now)), _) => {
                    self.money.restate_balance(target, now.saturating_sub(*was));
                }
                (("body.amount" | "body.closing", _, Value::Int(now)), None) => {
                    self.money.restate(target, *now);
                }
                ((path, was, now), _) => {
                    let contract = new.and_then(|p| p.contract);
                    if let (Value::Int(was), Value::Int(now), Some(at)) = (was, now, contract) {
                        self.contracts.correct(at, target, path, now.saturating_sub(*was));
                    }
                    // Free text is Chinese; dates, keys and codes are not. A voucher's lines follow its amount.
                    recheck |= now.as_text().is_none_or(str::is_ascii) && !path.starts_with("body.lines.");
                }
            }
        }
        if recheck {
            found.entry(FindingCode::Recheck, "body.fields", target);
        }
        if let (Some(at), Some(old), Some(new)) = (at, old, new) {
            new.look(Some(&old), limits, found);
            self.change(at, new, period, true, found);
        }
    }

    /// A replaced entry no longer counts, from where that is said; its replacement counts where it stands.
    fn supersede(&mut self, entry: &Entry, period: Period, found: &mut Found) {
        let by = match entry.body().at_path("by.seq") {
            Some(Value::Int(by)) => u64::try_from(*by).unwrap_or_default(),
            _ => return,
        };
        let pays = self.first.is_none_or(|first| by < first) || self.payment(by).is_some();
        let Some(target) = self.target(entry, pays, period, found) else { return };
        self.money.forget(target);
        let Some(at) = self.payment(target) else { return };
        if let Some(payment) = self.payments.get(at).copied() {
            if let Some(contract) = payment.contract {
                self.contracts.forget(contract, target);
            }
            // A balance stated with the replacement or later no longer counts what was replaced.
            let counted = !self.money.states_since(by);
            self.change(at, Payment { amount: 0, ..payment }, period, counted, found);
        }
    }

    /// A payment reads otherwise from this entry on; `left` says whether the balance moves with it.
    fn change(&mut self, at: usize, new: Payment, period: Period, left: bool, found: &mut Found) {
        if let Some(payment) = self.payments.get_mut(at) {
            let old = std::mem::replace(payment, new);
            self.money.shift(period, old.flow(), new.flow(), left);
            self.contracts.shift(&old, &new, "body.fields", found);
        }
    }
}
