//! What came in, went out and is left (S-01 to S-05), what a close has closed and what was said to be nothing
//! (S-08, S-09).
//!
//! Entries count where they stand. A correction moves the figures of its own period by the difference, as the
//! town's books do, and the earlier period stays as it was closed. Where a balance is stated that does not follow,
//! both are told, and counting goes on from the stated one: each break shows once, where it is.

use super::finding::{FindingCode, Found};
use super::payment::Payment;
use crate::entry::Entry;
use crate::time::{Date, Period};

/// Sums and statements of a unit so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Money {
    /// For a reader of a part: when the entry before was logged.
    since: Option<u64>,
    left: Option<i64>,
    /// Whether `left` follows from what this reader has.
    sure: bool,
    /// The entry that stated a balance last.
    stated_by: u64,
    rows: Vec<Row>,
    closes: Vec<Close>,
    nothing: Vec<(u64, Period, [bool; 3])>,
}

/// A period's sums.
#[derive(Clone, Debug)]
struct Row {
    period: Period,
    income: i64,
    expense: i64,
    /// An entry was corrected here that this reader does not have.
    unknown: bool,
    /// The latest entry that is something, by class.
    latest: [u64; 3],
}

/// A stated balance: of a close, or, without a period, of an opening.
#[derive(Clone, Debug)]
struct Close {
    seq: u64,
    period: Option<Period>,
    /// The first day that it does not hold.
    next: Option<Date>,
    closing: i64,
}

/// Classes of disclosure, as a statement of no activity names them.
const CLASSES: [&str; 3] = ["finance", "village", "party"];

/// The period that an entry counts in: the month of its business date, unless its period is another.
pub fn counts_in(entry: &Entry) -> Option<Period> {
    match (entry.period, entry.occurred) {
        (Some(period), Some(day)) if day < period.first_day() || day > period.last_day() => Some(period),
        (_, Some(day)) => Some(Period::month_of(day)),
        (period, None) => period,
    }
}

/// [`counts_in`]; without any date, the month in which it was logged (Unix seconds).
pub fn counted_in(entry: &Entry, time: u64) -> Period {
    counts_in(entry).unwrap_or_else(|| Period::month_of(Date::of_unix(time)))
}

/// The field that [`counts_in`] goes by.
fn dated_by(entry: &Entry) -> &'static str {
    if entry.period.is_some() && counts_in(entry) == entry.period { "period" } else { "occurred" }
}

impl Row {
    fn net(&self) -> i64 {
        self.income.saturating_sub(self.expense)
    }
}

impl Money {
    /// Before an entry that is not the first.
    pub(super) fn since(time: u64) -> Self {
        Money { since: Some(time), ..Money::default() }
    }

    /// What is left.
    pub(super) fn left(&self) -> Option<i64> {
        self.left
    }

    /// What came in and went out within a period.
    pub(super) fn flows(&self, period: Option<Period>) -> (i64, i64) {
        sum(self.rows.iter().filter(|row| period.is_none_or(|whole| whole.contains(row.period))))
    }

    /// Whether everything that counts from this day on is known. Nothing that moves money is logged before its
    /// period begins.
    fn knows(&self, first: Date) -> bool {
        self.since.is_none_or(|time| Date::of_unix(time) < first)
    }

    /// Whether every entry of a year is known.
    pub(super) fn knows_year(&self, year: u16) -> bool {
        Date::new(year, 1, 1).is_some_and(|day| self.knows(day))
    }

    fn row(&mut self, period: Period) -> Option<&mut Row> {
        if !self.rows.iter().any(|row| row.period == period) {
            self.rows.push(Row { period, income: 0, expense: 0, unknown: false, latest: [0; 3] });
        }
        self.rows.iter_mut().find(|row| row.period == period)
    }

    /// Money moves by the difference of two readings of a payment, in the period of the entry that says so.
    pub(super) fn shift(&mut self, period: Period, before: (i64, i64), after: (i64, i64), left: bool) {
        let (income, expense) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
        if (income, expense) == (0, 0) {
            return;
        }
        if left {
            self.left = self.left.map(|left| left.saturating_add(income).saturating_sub(expense));
        }
        if let Some(row) = self.row(period) {
            row.income = row.income.saturating_add(income);
            row.expense = row.expense.saturating_add(expense);
        }
    }

    /// S-01, S-08, S-24: a voucher's balance follows; it has a date, and its period is not closed.
    pub(super) fn pay(&mut self, entry: &Entry, payment: &Payment, period: Period, found: &mut Found) {
        if counts_in(entry).is_none() {
            found.say(FindingCode::Undated, "occurred", Vec::new());
        }
        let closed = |c: &&Close| c.period.is_some_and(|whole| whole.contains(period));
        if let Some(close) = self.closes.iter().rfind(closed) {
            found.entry(FindingCode::AfterClose, dated_by(entry), close.seq);
        }
        self.shift(period, (0, 0), payment.flow(), true);
        if let Some(stated) = entry.body().int_of("balance") {
            if let Some(counted) = self.left.filter(|counted| self.sure && *counted != stated) {
                found.fen(FindingCode::Balance, "body.balance", &[stated, counted]);
            }
            self.state(entry.seq(), stated, true);
        }
    }

    fn state(&mut self, seq: u64, left: i64, sure: bool) {
        (self.left, self.sure, self.stated_by) = (Some(left), sure, seq);
    }

    /// Takes an opening balance. S-02: it is what is left, where that is known.
    pub(super) fn open(&mut self, entry: &Entry, found: &mut Found) {
        let day = entry.occurred.or(entry.period.map(|p| p.first_day()));
        if let Some(amount) = entry.body().int_of("amount") {
            let opening = Close { seq: entry.seq(), period: None, next: day, closing: amount };
            self.anchor(opening, FindingCode::Opening, "body.amount", found);
        }
    }

    /// Counting goes on from a stated balance, with what has already been logged for later days. One of the same
    /// period takes the place of the earlier: there are no more of them than there are periods.
    fn anchor(&mut self, close: Close, code: FindingCode, field: &'static str, found: &mut Found) {
        let (later, sure) = self.after(close.next);
        if let Some(left) = self.left.filter(|_| self.sure && sure) {
            let counted = left.saturating_sub(later);
            if counted != close.closing {
                found.fen(code, field, &[close.closing, counted]);
            }
        }
        self.state(close.seq, close.closing.saturating_add(later), sure);
        if let Some(old) = self.closes.iter().find(|c| c.period == close.period) {
            self.forget(old.seq);
        }
        self.closes.push(close);
    }

    /// What the entries of the days from this one on add up to, and whether that is all of them.
    fn after(&self, next: Option<Date>) -> (i64, bool) {
        let Some(next) = next else { return (0, true) };
        let later = || self.rows.iter().filter(|row| row.period.first_day() >= next);
        (
            later().fold(0, |sum, row| sum.saturating_add(row.net())),
            self.knows(next) && !later().any(|r| r.unknown),
        )
    }

    /// S-02 to S-05: a close adds up, goes on from the one before, and says what its entries say.
    pub(super) fn close(&mut self, entry: &Entry, found: &mut Found) {
        let fen = |name| entry.body().int_of(name);
        let (Some(period), Some(stated)) = (entry.period, fen("closing")) else { return };
        let (first, next) = (period.first_day(), period.last_day().plus(1));
        let (opening, flows) = (fen("opening"), fen("income").zip(fen("expense")));
        if let (Some(opening), Some((income, expense))) = (opening, flows) {
            let counted = opening.saturating_add(income).saturating_sub(expense);
            if counted != stated {
                found.fen(FindingCode::CloseSum, "body.closing", &[stated, counted]);
            }
        }
        let before = self.closes.iter().rfind(|c| c.next == Some(first)).map(|c| c.closing);
        if let Some((opening, before)) = opening.zip(before).filter(|(opening, before)| opening != before) {
            found.fen(FindingCode::Opening, "body.opening", &[opening, before]);
        }
        let own = || self.rows.iter().filter(|row| period.contains(row.period));
        if let Some((income, expense)) = flows
            && (self.knows(first) && !own().any(|row| row.unknown))
            && sum(own()) != (income, expense)
        {
            let counted = sum(own());
            found.fen(FindingCode::Flows, "body.income", &[income, expense, counted.0, counted.1]);
        }
        let close = Close { seq: entry.seq(), period: Some(period), next: Some(next), closing: stated };
        self.anchor(close, FindingCode::Close, "body.closing", found);
    }

    /// A close or an opening reads otherwise now.
    pub(super) fn restate(&mut self, seq: u64, new: i64) {
        let Some(close) = self.closes.iter_mut().find(|c| c.seq == seq) else { return };
        let difference = new.saturating_sub(std::mem::replace(&mut close.closing, new));
        self.restate_balance(seq, difference);
    }

    /// A stated balance reads otherwise now; it matters while no later one was stated.
    pub(super) fn restate_balance(&mut self, seq: u64, difference: i64) {
        if self.stated_by == seq {
            self.left = self.left.map(|left| left.saturating_add(difference));
        }
    }

    /// Whether a balance was stated at this entry or after it.
    pub(super) fn states_since(&self, seq: u64) -> bool {
        self.stated_by >= seq
    }

    /// An entry was changed, in the period of the one that says so, that this reader does not have.
    pub(super) fn unknown(&mut self, period: Period) {
        (self.left, self.sure) = (None, false);
        if let Some(row) = self.row(period) {
            row.unknown = true;
        }
    }

    /// A close or a statement was replaced.
    pub(super) fn forget(&mut self, seq: u64) {
        self.closes.retain(|c| c.seq != seq);
        self.nothing.retain(|(own, ..)| *own != seq);
    }

    /// S-09: what happened against what was said.
    pub(super) fn activity(&mut self, entry: &Entry, period: Period, found: &mut Found) {
        let class = match entry.kind() {
            "voucher" | "payment_list" | "distribution" | "receivable_payable" => 0,
            "contract" | "trade" | "asset_event" | "project" => 0,
            "resolution" | "deliberation" | "candidate_review" => 1,
            "party_notice" => 2,
            _ => return,
        };
        let said = |(_, whole, classes): &&(u64, Period, [bool; 3])| {
            whole.contains(period) && classes.get(class) == Some(&true)
        };
        if let Some((seq, ..)) = self.nothing.iter().rfind(said) {
            found.entry(FindingCode::NotZero, dated_by(entry), *seq);
        }
        if let Some(latest) = self.row(period).and_then(|row| row.latest.get_mut(class)) {
            *latest = entry.seq();
        }
    }

    /// S-09: what was said against what happened.
    pub(super) fn nothing(&mut self, entry: &Entry, found: &mut Found) {
        let Some(period) = entry.period else { return };
        let named = entry.body().list_of("classes");
        let classes = CLASSES.map(|class| named.iter().any(|v| v.as_text() == Some(class)));
        let own = self.rows.iter().filter(|row| period.contains(row.period));
        let latest = own.flat_map(|row| row.latest.iter().zip(classes).filter(|(_, said)| *said));
        if let Some(seq) = latest.map(|(seq, _)| *seq).max().filter(|seq| *seq > 0) {
            found.entry(FindingCode::NotZero, "body.classes", seq);
        }
        let same = |n: &&(u64, Period, [bool; 3])| (n.1, n.2) == (period, classes);
        if let Some((old, ..)) = self.nothing.iter().find(same) {
            self.forget(*old);
        }
        self.nothing.push((entry.seq(), period, classes));
    }
}

fn sum<'r>(rows: impl Iterator<Item = &'r Row>) -> (i64, i64) {
    rows.fold((0, 0), |(i, e), row| (i.saturating_add(row.income), e.saturating_add(row.expense)))
}
