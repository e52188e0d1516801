//! The three figures of a period: what came in, what went out, what is left (SPEC section 8.4).
//!
//! Entries are taken in their order. A correction counts where it stands: it moves the figures of its own period
//! by the difference, as the town's books do, and the earlier period stays as it was closed.

use ledger::amend::{apply_correction, target_of};
use ledger::bundle::{Verified, VerifiedEntry};
use ledger::entry::Entry;
use ledger::json::{Object, Value};
use ledger::time::{Date, Period};

/// A period's account, and the entries it is made of.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The newest period that has entries; none when no entry has a date.
    pub period: Option<Period>,
    /// What came in during the period, in fen.
    pub income: i64,
    /// What went out during the period, in fen.
    pub expense: i64,
    /// What is left after the last entry, in fen, when an opening balance, a close or a voucher's balance says.
    pub left: Option<i64>,
    /// What these entries are complete from.
    pub reach: Reach,
    /// Where the books do not fit together.
    pub findings: Vec<Finding>,
    /// Entries of the period, and those without one, in order.
    pub current: Vec<Shown<'a>>,
    /// Entries of earlier periods.
    pub earlier: Vec<Shown<'a>>,
}

/// How far back the entries reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To number 1.
    All,
    /// Everything logged after this time, which lies before the period's first day: the period is complete.
    Period(u64),
    /// Everything logged after this time; earlier entries of the period may exist.
    Since(u64),
}

/// Something that does not fit together; told, never judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// What is left by counting entry by entry is not what the close says, in fen.
    Close {
        /// Counted.
        counted: i64,
        /// Stated by the close.
        stated: i64,
    },
    /// The close says that this came in and went out, in fen; the entries of the period add up to something else.
    Flows {
        /// Stated.
        income: i64,
        /// Stated.
        expense: i64,
    },
    /// A correction of an entry that is not among these: whether it came in or went out is not known here.
    Earlier {
        /// Number of the correction.
        seq: u64,
        /// Number of its target.
        target: u64,
        /// New amount less the old one, in fen.
        difference: i64,
    },
}

/// An entry as it reads today.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The entry as logged.
    pub verified: &'a VerifiedEntry,
    /// Its fields with every correction applied.
    pub json: Object,
    /// What was corrected, in order.
    pub changes: Vec<Change<'a>>,
}

/// One field of an entry that was corrected.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The correction.
    pub by: &'a VerifiedEntry,
    /// Dotted path of the field.
    pub path: &'a str,
    /// What was logged.
    pub old: &'a Value,
    /// What holds now.
    pub new: &'a Value,
}

/// What an entry adds to the flows, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Worth {
    income: i64,
    expense: i64,
    /// Of a balance: an opening or a close.
    balance: i64,
}

impl<'a> Account<'a> {
    /// The account of the entries carried with numbers `from` to `to`; [`Account::of_all`] takes all of them.
    pub fn of(verified: &'a Verified, from: u64, to: u64) -> Self {
        let inside = |e: &&VerifiedEntry| (from..=to).contains(&e.line.seq);
        let entries: Vec<&VerifiedEntry> = verified.entries.iter().filter(inside).collect();
        let newest = |p: &Period| (p.first_day(), p.last_day());
        let period = entries.iter().filter_map(|e| period_of(&e.entry)).max_by_key(newest);
        let before = from.checked_sub(1).and_then(|seq| verified.entries.iter().find(|e| e.line.seq == seq));
        let since = before.map(|e| e.line.time).or(verified.since.filter(|_| from <= verified.from));
        let reach = match (since, period) {
            (None, _) => Reach::All,
            (Some(t), Some(p)) if Date::of_unix(t) < p.first_day() => Reach::Period(t),
            (Some(t), _) => Reach::Since(t),
        };
        let mut count =
            Count { period, shown: Vec::new(), income: 0, expense: 0, left: None, findings: Vec::new() };
        entries.into_iter().for_each(|entry| count.take(entry));
        count.compare_flows(reach);
        let (current, earlier) = count.shown.into_iter().partition(|s| within(period, &s.verified.entry));
        Account {
            period,
            income: count.income,
            expense: count.expense,
            left: count.left,
            reach,
            findings: count.findings,
            current,
            earlier,
        }
    }

    /// The account of all entries carried.
    pub fn of_all(verified: &'a Verified) -> Self {
        Self::of(verified, verified.from, u64::MAX)
    }
}

struct Count<'a> {
    period: Option<Period>,
    shown: Vec<Shown<'a>>,
    income: i64,
    expense: i64,
    left: Option<i64>,
    findings: Vec<Finding>,
}

impl<'a> Count<'a> {
    fn take(&mut self, entry: &'a VerifiedEntry) {
        let json = entry.entry.json.clone();
        match entry.entry.kind() {
            "correction" => self.correct(entry),
            "period_close" => self.close(entry),
            "opening_balance" => self.left = amount(&json, "body.amount").or(self.left),
            _ => {
                self.flow(worth(&json), within(self.period, &entry.entry));
                self.left = self.left.or(amount(&json, "body.balance"));
            }
        }
        self.shown.push(Shown { verified: entry, json, changes: Vec::new() });
    }

    fn flow(&mut self, worth: Worth, counts: bool) {
        let change = worth.income.saturating_sub(worth.expense).saturating_add(worth.balance);
        self.left = self.left.map(|left| left.saturating_add(change));
        if counts {
            self.income = self.income.saturating_add(worth.income);
            self.expense = self.expense.saturating_add(worth.expense);
        }
    }

    fn correct(&mut self, entry: &'a VerifiedEntry) {
        let Some(target) = target_of(&entry.entry) else { return };
        let counts = within(self.period, &entry.entry);
        let Some(shown) = self.shown.iter_mut().find(|s| s.verified.line.seq == target) else {
            // Whether that money came in or went out stands in an entry that is not here.
            if let Some(difference) = difference(&entry.entry) {
                self.left = None;
                self.findings.push(Finding::Earlier { seq: entry.line.seq, target, difference });
            }
            return;
        };
        let before = worth(&shown.json);
        apply_correction(&mut shown.json, target, &entry.entry);
        shown.changes.extend(changes(entry));
        let after = worth(&shown.json);
        let moved = Worth {
            income: after.income.saturating_sub(before.income),
            expense: after.expense.saturating_sub(before.expense),
            balance: after.balance.saturating_sub(before.balance),
        };
        if entry_is_close(&shown.json) {
            let (old, new) = (before.balance, after.balance);
            for finding in &mut self.findings {
                if let Finding::Close { stated, .. } = finding
                    && *stated == old
                {
                    *stated = new;
                }
            }
            self.findings.retain(|f| !matches!(f, Finding::Close { counted, stated } if counted == stated));
        }
        self.flow(moved, counts);
    }

    /// A close states what is left. Where counting says something else, both are told; the stated one holds on.
    fn close(&mut self, entry: &VerifiedEntry) {
        let json = &entry.entry.json;
        let Some(stated) = amount(json, "body.closing") else { return };
        let [opening, income, expense] =
            ["opening", "income", "expense"].map(|f| amount(json, &format!("body.{f}")));
        let own = opening.zip(income).zip(expense).map(|((o, i), e)| o.saturating_add(i).saturating_sub(e));
        if let Some(counted) = self.left.or(own).filter(|counted| *counted != stated)
            && within(self.period, &entry.entry)
        {
            self.findings.push(Finding::Close { counted, stated });
        }
        self.left = Some(stated);
    }

    fn compare_flows(&mut self, reach: Reach) {
        if matches!(reach, Reach::Since(_))
            || self.findings.iter().any(|f| matches!(f, Finding::Earlier { .. }))
        {
            return;
        }
        let of_period = |s: &&Shown<'_>| {
            s.verified.entry.kind() == "period_close" && s.verified.entry.period == self.period
        };
        let Some(close) = self.shown.iter().rfind(of_period) else { return };
        let stated = amount(&close.json, "body.income").zip(amount(&close.json, "body.expense"));
        if let Some((income, expense)) = stated.filter(|stated| *stated != (self.income, self.expense)) {
            self.findings.push(Finding::Flows { income, expense });
        }
    }
}

/// The period of an entry; without one, the month of its business date.
pub fn period_of(entry: &Entry) -> Option<Period> {
    entry.period.or_else(|| entry.occurred.map(Period::month_of))
}

fn within(period: Option<Period>, entry: &Entry) -> bool {
    match (period, period_of(entry)) {
        (Some(whole), Some(own)) => {
            own.first_day() >= whole.first_day() && own.last_day() <= whole.last_day()
        }
        (_, None) => true,
        (None, Some(_)) => false,
    }
}

fn worth(json: &Object) -> Worth {
    let amount = |path| amount(json, path).unwrap_or_default();
    let direction = json.at_path("body.direction").and_then(Value::as_text);
    match (json.text_of("kind"), direction) {
        (Some("voucher"), Some("income")) => Worth { income: amount("body.amount"), ..Worth::default() },
        (Some("voucher"), Some("expense")) => Worth { expense: amount("body.amount"), ..Worth::default() },
        (Some("opening_balance"), _) => Worth { balance: amount("body.amount"), ..Worth::default() },
        (Some("period_close"), _) => Worth { balance: amount("body.closing"), ..Worth::default() },
        _ => Worth::default(),
    }
}

fn entry_is_close(json: &Object) -> bool {
    json.text_of("kind") == Some("period_close")
}

fn amount(json: &Object, path: &str) -> Option<i64> {
    match json.at_path(path) {
        Some(Value::Int(fen)) => Some(*fen),
        _ => None,
    }
}

/// The fields that a correction changes.
pub fn changes(by: &VerifiedEntry) -> impl Iterator<Item = Change<'_>> {
    let fields = by.entry.body().list_of("fields").iter().filter_map(Value::object);
    fields.filter_map(move |f| {
        Some(Change { by, path: f.text_of("path")?, old: f.get("old")?, new: f.get("new")? })
    })
}

fn difference(correction: &Entry) -> Option<i64> {
    let mut fields = correction.body().list_of("fields").iter().filter_map(Value::object);
    let field = fields.find(|f| f.text_of("path") == Some("body.amount"))?;
    match (field.get("old"), field.get("new")) {
        (Some(Value::Int(old)), Some(Value::Int(new))) => Some(new.saturating_sub(*old)),
        _ => None,
    }
}
