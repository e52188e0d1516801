//! What the catalogue's file finds beside an entry: its item, and late disclosure (SPEC G-19, G-21).
//!
//! The day of disclosure is the log's. The days that a deadline counts from stand in the entry, as its clerk typed them.

use super::{Catalogue, Item};
use crate::deadline::{self, Due};
use crate::entry::Entry;
use crate::json::Value;
use crate::registry::Registry;
use crate::rules::{Finding, FindingCode, Said};
use crate::time::{Date, Period};

/// Where an entry says on which day it happened; the first one that is there counts.
const DAYS: [&str; 5] = ["body.held_on", "body.signed_on", "occurred", "body.closed", "body.acquired"];
/// Months of the longest period that an item may be disclosed for (村民委员会组织法 art. 35), unless it is less frequent.
const QUARTER: u8 = 3;

/// What is found beside the entry at leaf `index`, logged at `time` (Unix seconds): nothing by a catalogue that
/// [does not count](Catalogue::counts) there.
pub fn look(
    catalogue: &Catalogue,
    registry: &Registry,
    index: u64,
    entry: &Entry,
    time: u64,
) -> Vec<Finding> {
    if !catalogue.counts(registry, index) {
        return Vec::new();
    }
    let found = [item(catalogue, registry, index, entry), lateness(catalogue, registry, index, entry, time)];
    found.into_iter().flatten().collect()
}

/// Whether an entry of a kind that the catalogue has items for names none of them, which would spare it their seals
/// and deadlines; by a catalogue that the registry names, and by no other. A notice may be of no item. An item that
/// only the county has may be of any kind.
fn item(catalogue: &Catalogue, registry: &Registry, index: u64, entry: &Entry) -> Option<Finding> {
    registry.catalogue(index)?;
    let own = || catalogue.items().iter().filter(|item| item.kinds.iter().any(|kind| kind == entry.kind()));
    let county = registry.overrides(index);
    let fits = match entry.item.as_deref() {
        None => entry.kind() == "notice",
        Some(code) => {
            let only_county = catalogue.item(code).is_none()
                && (county.seals(code).is_some() || county.due(code).is_some());
            only_county || own().any(|item| item.code == code)
        }
    };
    if fits || own().next().is_none() {
        return None;
    }
    let codes: Vec<&str> = own().map(|item| item.code.as_str()).collect();
    let values = vec![Said::Text(codes.join(" "))];
    Some(Finding { code: FindingCode::Item, seq: entry.seq(), field: "item", values })
}

/// Whether the entry came after its item's deadline: that of the county in force, else the catalogue's; or whether
/// that can't be told, since it says neither day nor period. Nothing is found where the deadline lay before the day
/// on which the unit's profile was logged: a ledger is not late with what it takes over.
///
/// LIMIT: of deadlines before an event nothing is found: no field of an entry says when the event is going to be.
/// An entry that replaces one that was in time counts as late. A wrong day or period that an entry states is taken.
fn lateness(
    catalogue: &Catalogue,
    registry: &Registry,
    index: u64,
    entry: &Entry,
    time: u64,
) -> Option<Finding> {
    let code = entry.item.as_deref()?;
    let item = catalogue.item(code);
    let rule = registry.overrides(index).due(code).or_else(|| item?.due)?;
    if matches!(rule, Due::BeforeEvent(_)) {
        return None;
    }
    let began = Date::of_unix(registry.since(&entry.unit())?);
    let found = |code, field, values| Some(Finding { code, seq: entry.seq(), field, values });
    let basis = Basis::of(&rule, item.map_or(QUARTER, months), entry);
    if let Some(due) = deadline::due(&rule, basis.period, basis.day) {
        let days = deadline::late(due, Date::of_unix(time));
        if days > 0 {
            let values = vec![Said::Date(due), Said::Count(days)];
            return (due >= began).then(|| found(FindingCode::Late, basis.field, values)).flatten();
        }
        if !basis.wide {
            return None;
        }
    }
    found(FindingCode::NoDeadline, basis.field, Vec::new())
}

/// What a deadline is counted from.
#[derive(Default)]
struct Basis {
    period: Option<Period>,
    day: Option<Date>,
    /// The field that says it.
    field: &'static str,
    /// A period longer than its item's, and no day in it.
    wide: bool,
}

impl Basis {
    fn of(rule: &Due, months: u8, entry: &Entry) -> Self {
        let day = DAYS.iter().find_map(|path| {
            let day = entry.json.at_path(path).and_then(Value::as_text).and_then(Date::parse)?;
            Some(Basis { day: Some(day), field: path, ..Basis::default() })
        });
        let period = |period, field| Basis { period: Some(period), field, ..Basis::default() };
        let stated = entry.period.map(|stated| period(stated, "period"));
        let basis = match rule {
            Due::AfterEvent(_) | Due::BeforeEvent(_) => day,
            Due::AfterPeriod(_) => {
                let around = day.and_then(|day| Some(period(around(months, day.day?)?, day.field)));
                let wide = entry.period.is_some_and(|stated| {
                    stated.first_day().plus(31 * i64::from(months.max(QUARTER))) <= stated.last_day()
                });
                if wide {
                    around.or(stated.map(|stated| Basis { wide, ..stated }))
                } else {
                    stated.or(around)
                }
            }
            Due::Yearly { .. } => {
                let year = entry.body().int_of("year").and_then(|year| Period::parse(&year.to_string()));
                year.map(|year| period(year, "body.year")).or(stated).or(day)
            }
        };
        basis.unwrap_or_default()
    }
}

/// How many months an item's period has; what is disclosed by the event, at least once a quarter.
fn months(item: &Item) -> u8 {
    match item.frequency.as_str() {
        "monthly" => 1,
        "half_yearly" => 6,
        "yearly" => 12,
        _ => QUARTER,
    }
}

/// The last month of the period of so many months in which a day lies.
fn around(months: u8, day: Date) -> Option<Period> {
    Some(Period::month_of(Date::new(day.year(), day.month().div_ceil(months) * months, 1)?))
}
