//! Contracts and what is paid under them (S-14).
//!
//! Payments count from the contract's entry on. The same money may be told by a voucher and by an event of the
//! contract; the larger of both sums counts, so that nothing is counted twice.

use super::finding::{FindingCode, Found};
use super::payment::{Payment, Way};
use crate::entry::Entry;
use crate::json::Object;

/// The contracts of a unit so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Contracts(Vec<Contract>);

/// A contract as last published.
#[derive(Clone, Debug)]
struct Contract {
    no: String,
    seq: u64,
    /// Everything due, in fen; unknown when the contract or a later change names no amount.
    due: Option<i64>,
    scheduled: bool,
    /// Vouchers: what came in less what went out.
    vouchers: i64,
    events: i64,
}

/// What a schedule adds up to.
pub(super) fn scheduled(body: &Object) -> Option<i64> {
    let amounts = body.list_of("schedule").iter().filter_map(|v| v.object()?.int_of("amount"));
    body.get("schedule").map(|_| amounts.fold(0, i64::saturating_add))
}

impl Contracts {
    fn find(&self, entry: &Entry) -> Option<usize> {
        let no = entry.body().text_of("contract_no")?;
        self.0.iter().rposition(|c| c.no == no)
    }

    /// Takes a contract; one of the same number takes the place of the earlier.
    pub(super) fn sign(&mut self, entry: &Entry) {
        let body = entry.body();
        let Some(no) = body.text_of("contract_no") else { return };
        let scheduled = scheduled(body);
        let due = scheduled.or(body.int_of("total"));
        let contract = Contract {
            no: no.to_owned(),
            seq: entry.seq(),
            due: due.map(|due| due.saturating_add(body.int_of("deposit").unwrap_or_default())),
            scheduled: scheduled.is_some(),
            vouchers: 0,
            events: 0,
        };
        match self.find(entry).and_then(|at| self.0.get_mut(at)) {
            Some(old) => *old = contract,
            None => self.0.push(contract),
        }
    }

    /// Takes a voucher or an event; returns the contract it names.
    pub(super) fn pay(&mut self, entry: &Entry, payment: &Payment, found: &mut Found) -> Option<usize> {
        let at = self.find(entry)?;
        let contract = self.0.get_mut(at)?;
        match entry.body().text_of("event") {
            Some("amend") => contract.due = scheduled(entry.body()),
            Some("renew") => {
                contract.due = contract.due.zip(scheduled(entry.body())).map(|(a, b)| a.saturating_add(b));
            }
            None | Some("payment") => {
                let payment = Payment { contract: Some(at), ..*payment };
                self.shift(&Payment { amount: 0, ..payment }, &payment, "body.amount", found);
                return Some(at);
            }
            Some(_) => {}
        }
        None
    }

    /// A payment reads otherwise now; together they are no more than is due.
    pub(super) fn shift(
        &mut self,
        before: &Payment,
        after: &Payment,
        field: &'static str,
        found: &mut Found,
    ) {
        let Some(contract) = after.contract.and_then(|at| self.0.get_mut(at)) else { return };
        if after.seq < contract.seq {
            return;
        }
        let worth = |p: &Payment| p.flow().0.saturating_sub(p.flow().1);
        if after.way == Way::Event {
            contract.events = contract.events.saturating_add(after.amount).saturating_sub(before.amount);
        } else {
            contract.vouchers = contract.vouchers.saturating_add(worth(after)).saturating_sub(worth(before));
        }
        let together = contract.vouchers.saturating_abs().max(contract.events);
        if let Some(due) = contract.due.filter(|due| together > *due && after.amount > before.amount) {
            found.fen(FindingCode::OverSchedule, field, &[together, due]);
        }
    }

    /// An amount of a contract reads otherwise now.
    pub(super) fn correct(&mut self, seq: u64, path: &str, difference: i64) {
        let Some(contract) = self.0.iter_mut().find(|c| c.seq == seq) else { return };
        let counts = match path {
            "body.total" => !contract.scheduled,
            "body.deposit" => true,
            _ => path.starts_with("body.schedule.") && path.ends_with(".amount"),
        };
        if counts {
            contract.due = contract.due.map(|due| due.saturating_add(difference));
        }
    }

    /// A contract was replaced.
    pub(super) fn forget(&mut self, seq: u64) {
        if let Some(contract) = self.0.iter_mut().find(|c| c.seq == seq) {
            contract.due = None;
        }
    }
}
