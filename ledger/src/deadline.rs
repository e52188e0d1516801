//! Deadlines of disclosure: from a rule and dates to the last day in time, and to days late (SPEC G-18).
//!
//! LIMIT: working days are Monday to Friday; statutory holidays and the days worked in their stead are not known.

use crate::json::Object;
use crate::time::{Date, Period};

/// When something is to be disclosed at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// So many days after what happened; the day on which it happened is not counted.
    AfterEvent(Span),
    /// So many days after the last day of the period.
    AfterPeriod(Span),
    /// So many days before what is going to happen.
    BeforeEvent(Span),
    /// On this day of the year that it is about, month 1 to 12; 29 February is the 28th in years without one.
    Yearly {
        /// Month, 1 to 12.
        month: u8,
        /// Day, 1 to 31.
        day: u8,
    },
}

/// A number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub days: i64,
    /// Whether only Monday to Friday count.
    pub working: bool,
}

impl Due {
    /// Reads `{rule, days?, working?, month?, day?}`. `None` unless it has what its rule needs and nothing else:
    /// `yearly` a month and a day that exist in a leap year, the others days from 0.
    pub fn parse(due: &Object) -> Option<Self> {
        let has = |name| due.get(name).is_some();
        let rule = due.text_of("rule")?;
        if rule == "yearly" {
            let number = |name| u8::try_from(due.int_of(name)?).ok();
            let (month, day) = (number("month")?, number("day")?);
            Date::new(2028, month, day)?;
            return (!has("days") && !has("working")).then_some(Due::Yearly { month, day });
        }
        let days = due.int_of("days").filter(|days| *days >= 0 && !has("month") && !has("day"))?;
        let span = Span { days, working: due.get("working") == Some(&true.into()) };
        match rule {
            "after_event" => Some(Due::AfterEvent(span)),
            "after_period" => Some(Due::AfterPeriod(span)),
            "before_event" => Some(Due::BeforeEvent(span)),
            _ => None,
        }
    }
}

/// The last day in time, for a period and the day on which something happened (or, for [`Due::BeforeEvent`], is
/// going to happen). `None` when the rule needs the one that is not given. A yearly deadline takes the period's
/// year, else that of the day.
pub fn due(rule: &Due, period: Option<Period>, occurred: Option<Date>) -> Option<Date> {
    match *rule {
        Due::AfterEvent(span) => occurred.map(|day| span.after(day)),
        Due::AfterPeriod(span) => period.map(|period| span.after(period.last_day())),
        Due::BeforeEvent(Span { days, working }) => {
            occurred.map(|day| Span { days: -days, working }.after(day))
        }
        Due::Yearly { month, day } => {
            let year = period.map(Period::year).or(occurred.map(Date::year))?;
            Date::new(year, month, day).or_else(|| Date::new(year, month, day - 1))
        }
    }
}

/// By how many days `day` is later than the last day in time; 0 when it is not.
pub fn late(due: Date, day: Date) -> i64 {
    (day.days() - due.days()).max(0)
}

impl Span {
    /// The day that many days after another; before it, when they are negative.
    fn after(self, from: Date) -> Date {
        if !self.working || self.days == 0 {
            return from.plus(self.days);
        }
        let step = self.days.signum();
        let weekend = |day: Date| day.weekday() > 5;
        // From a weekend on, the same days count as from the working day on its other side.
        let mut at = from;
        while weekend(at) {
            at = at.plus(-step);
        }
        for _ in 0..(self.days % 5).abs() {
            at = at.plus(step);
            while weekend(at) {
                at = at.plus(step);
            }
        }
        at.plus(self.days / 5 * 7)
    }
}
