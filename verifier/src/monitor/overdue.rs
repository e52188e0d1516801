//! Overdue units: the accounts of a period are not closed and the last day for it is over (SPEC 5.1, G-18).
//!
//! LIMIT: a unit goes on in the periods that its newest close has; corrections of closes are not looked at.

use ledger::catalogue::Catalogue;
use ledger::deadline;
use ledger::entry::Entry;
use ledger::json::Value;
use ledger::registry::Registry;
use ledger::time::{Date, Period};
use ledger::unit::{Level, UnitId};
use std::collections::BTreeMap;

/// The kind of entry that closes a period.
const CLOSE: &str = "period_close";

/// The newest period that each unit closed, or said that nothing happened in.
#[derive(Debug, Default)]
pub struct Closes(BTreeMap<UnitId, Period>);

impl Closes {
    /// Takes an entry of a unit's book.
    pub fn take(&mut self, entry: &Entry) {
        let finance =
            || entry.body().list_of("classes").iter().filter_map(Value::as_text).any(|c| c == "finance");
        let closes = entry.kind() == CLOSE || (entry.kind() == "statement_of_no_activity" && finance());
        if let Some(period) = entry.period.filter(|_| closes) {
            let newest = self.0.entry(entry.unit()).or_insert(period);
            if period.last_day() > newest.last_day() {
                *newest = period;
            }
        }
    }

    /// Units whose next period should have been closed before `now`, Unix seconds: the period and its last day in
    /// time. Judged are accounts of villages, and of those groups that keep books (`count` above 0).
    pub fn overdue<'a>(
        &'a self,
        registry: &'a Registry,
        head: u64,
        catalogue: &Catalogue,
        now: u64,
        count: impl Fn(&UnitId) -> u64 + 'a,
    ) -> impl Iterator<Item = (UnitId, Period, Date)> + 'a {
        let item = catalogue.items().iter().find(|item| item.kinds.iter().any(|kind| kind == CLOSE));
        let rule = item.filter(|_| catalogue.counts(registry, head)).and_then(|item| {
            let due = registry.overrides(head).due(&item.code).or(item.due)?;
            Some((due, if item.frequency == "monthly" { 1 } else { 3 }))
        });
        let units = registry.profiles().map(|(unit, _)| *unit).filter(move |unit| {
            let own = unit.as_str().ends_with("-00") || count(unit) > 0;
            unit.level() == Level::Village && !unit.is_registry() && own && !registry.is_closed(unit)
        });
        units.filter_map(move |unit| {
            let (due, months) = rule?;
            let began = Date::of_unix(registry.since(&unit)?);
            let next = match self.0.get(&unit) {
                Some(closed) => after(*closed)?,
                None => around(began, months)?,
            };
            let last = deadline::due(&due, Some(next), None)?;
            (deadline::late(last, Date::of_unix(now)) > 0).then_some((unit, next, last))
        })
    }
}

/// The period of the same length after this one.
fn after(period: Period) -> Option<Period> {
    let (first, last) = (period.first_day(), period.last_day());
    around(last.plus(1), 12 * (last.year() - first.year()) as u8 + last.month() - first.month() + 1)
}

/// The period of 1, 3 or 12 months in which a day lies.
fn around(day: Date, months: u8) -> Option<Period> {
    match months {
        1 => Some(Period::month_of(day)),
        3 => Period::parse(&format!("{}-Q{}", day.year(), day.month().div_ceil(3))),
        _ => Period::parse(&day.year().to_string()),
    }
}
