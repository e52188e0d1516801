//! Late disclosure (SPEC G-19): the logged date against the deadline, never a date that a clerk typed.

use super::Catalogue;
use crate::deadline::{self, Due};
use crate::entry::Entry;
use crate::registry::Registry;
use crate::rules::{Finding, FindingCode, Said};
use crate::time::Date;

/// Whether the entry at leaf `index`, logged at `time` (Unix seconds), came after its item's deadline: that of the
/// county in force, else the catalogue's. `None` also where no deadline can be told, and when it lay before the
/// day on which the unit's profile was logged: a ledger is not late with what it takes over.
///
/// LIMIT: of deadlines before an event nothing is found: no field of an entry says when the event is going to be.
/// An entry that replaces one that was in time counts as late.
pub fn lateness(
    catalogue: &Catalogue,
    registry: &Registry,
    index: u64,
    entry: &Entry,
    time: u64,
) -> Option<Finding> {
    let item = entry.item.as_deref()?;
    let rule = registry.overrides(index).due(item).or_else(|| catalogue.item(item)?.due)?;
    let field = match rule {
        Due::BeforeEvent(_) => return None,
        Due::AfterEvent(_) => "occurred",
        Due::AfterPeriod(_) => "period",
        Due::Yearly { .. } if entry.period.is_some() => "period",
        Due::Yearly { .. } => "occurred",
    };
    let due = deadline::due(&rule, entry.period, entry.occurred)?;
    let days = deadline::late(due, Date::of_unix(time));
    let began = Date::of_unix(registry.since(&entry.unit())?);
    let values = vec![Said::Date(due), Said::Count(days)];
    (days > 0 && due >= began).then(|| Finding { code: FindingCode::Late, seq: entry.seq(), field, values })
}
