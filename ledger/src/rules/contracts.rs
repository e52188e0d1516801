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
pub(super) struct Contracts {
    list: Vec<Contract>,
    /// Their places, sorted by number.
    order: Vec<usize>,
}

/// A contract as last published.
#[derive(Clone, Debug)]
struct Contract {
    no: String,
    seq: u64,
    /// The first entry that published it.
    since: u64,
    /// Everything due, in fen; unknown when the contract or a renewal names no amount.
    due: Option<i64>,
    scheduled: bool,
    /// Vouchers: what came in less what went out.
    vouchers: i64,
    events: i64,
}

impl Contract {
    fn together(&self) -> i64 {
        self.vouchers.saturating_abs().max(self.events)
    }
}

/// What a schedule adds up to.
pub(super) fn scheduled(body: &Object) -> Option<i64> {
    let amounts = body.list_of("schedule").iter().filter_map(|v| v.object()?.int_of("amount"));
    body.get("schedule").map(|_| amounts.fold(0, i64::saturating_add))
}

impl Contracts {
    /// The place in `order` of a number.
    fn find(&self, no: &str) -> Result<usize, usize> {
        self.order.binary_search_by(|at| self.list.get(*at).map_or("", |c| &c.no).cmp(no))
    }

    /// Takes a contract; one of the same number takes the place of the earlier, and what was paid goes on.
    fn sign(&mut self, entry: &Entry, no: &str) -> Option<usize> {
        let body = entry.body();
        let place = self.find(no).unwrap_or_else(|place| {
            let fresh = Contract {
                no: no.to_owned(),
                seq: 0,
                since: entry.seq(),
                due: None,
                scheduled: false,
                vouchers: 0,
                events: 0,
            };
            self.order.insert(place, self.list.len());
            self.list.push(fresh);
            place
        });
        let at = *self.order.get(place)?;
        let contract = self.list.get_mut(at)?;
        let scheduled = scheduled(body);
        let due = scheduled.or(body.int_of("total"));
        contract.seq = entry.seq();
        contract.scheduled = scheduled.is_some();
        contract.due = due.map(|due| due.saturating_add(body.int_of("deposit").unwrap_or_default()));
        Some(at)
    }

    /// Takes a contract, a voucher or an event; returns the contract that it is or pays under.
    pub(super) fn take(&mut self, entry: &Entry, payment: &Payment, found: &mut Found) -> Option<usize> {
        let no = entry.body().text_of("contract_no")?;
        if entry.kind() == "contract" {
            return self.sign(entry, no);
        }
        let at = *self.order.get(self.find(no).ok()?)?;
        let contract = self.list.get_mut(at)?;
        let scheduled = scheduled(entry.body());
        match entry.body().text_of("event") {
            Some("amend") => contract.due = scheduled.or(contract.due),
            Some("renew") => contract.due = contract.due.zip(scheduled).map(|(a, b)| a.saturating_add(b)),
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
        let Some(contract) = after.contract.and_then(|at| self.list.get_mut(at)) else { return };
        if after.seq < contract.since {
            return;
        }
        let were = contract.together();
        if after.way == Way::Event {
            contract.events = contract.events.saturating_add(after.amount).saturating_sub(before.amount);
        } else {
            let more = before.outflow().saturating_sub(after.outflow());
            contract.vouchers = contract.vouchers.saturating_add(more);
        }
        let together = contract.together();
        if let Some(due) = contract.due.filter(|due| together > *due && together > were) {
            found.fen(FindingCode::OverSchedule, field, &[together, due]);
        }
    }

    /// An amount of contract `at` reads otherwise now, as entry `seq` published it.
    pub(super) fn correct(&mut self, at: usize, seq: u64, path: &str, difference: i64) {
        let Some(contract) = self.list.get_mut(at).filter(|c| c.seq == seq) else { return };
        let counts = match path {
            "body.total" => !contract.scheduled,
            "body.deposit" => true,
            _ => path.starts_with("body.schedule.") && path.ends_with(".amount"),
        };
        if counts {
            contract.due = contract.due.map(|due| due.saturating_add(difference));
        }
    }

    /// The contract that entry `seq` published was replaced.
    pub(super) fn forget(&mut self, at: usize, seq: u64) {
        if let Some(contract) = self.list.get_mut(at).filter(|c| c.seq == seq) {
            contract.due = None;
        }
    }
}
