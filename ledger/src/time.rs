//! Dates, periods and the one time zone of the ledger (SPEC section 3.5).
//!
//! Dates are civil dates in Asia/Shanghai (UTC+8, no daylight saving since 1991); instants are Unix seconds.

use std::fmt;

/// Offset of Asia/Shanghai from UTC in seconds.
pub const SHANGHAI: u64 = 8 * 3600;

/// A civil date `YYYY-MM-DD`, years 1900 to 2199.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A date of year, month 1..=12 and day 1..=31; `None` when there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let fits = (1900..2200).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (fits && day <= days_in_month(year, month)).then_some(Date { year, month, day })
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        if !shape {
            return None;
        }
        Self::new(number(text.get(..4)?)?, number(text.get(5..7)?)?, number(text.get(8..)?)?)
    }

    /// The date in Asia/Shanghai at an instant.
    pub fn of_unix(seconds: u64) -> Self {
        Self::of_days(i64::try_from((seconds.saturating_add(SHANGHAI)) / 86_400).unwrap_or(i64::MAX))
    }

    /// Days since 1970-01-01, negative before.
    pub fn days(self) -> i64 {
        // Days from civil, with years that begin in March: the leap day is then the last of its year.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
    }

    /// The date that many days after 1970-01-01, held inside the years 1900 to 2199.
    pub fn of_days(days: i64) -> Self {
        let first = Date { year: 1900, month: 1, day: 1 }.days();
        let last = Date { year: 2199, month: 12, day: 31 }.days();
        let z = days.clamp(first, last) + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// The date `days` later.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self::of_days(self.days().saturating_add(days))
    }

    /// The day of the week, Monday 1 to Sunday 7.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.days() + 3).rem_euclid(7) as u8 + 1
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A period of account (所属期间): a month `YYYY-MM`, a quarter `YYYY-Qn` or a year `YYYY`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    year: u16,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Year,
    Quarter(u8),
    Month(u8),
}

impl Period {
    /// Reads a period.
    pub fn parse(text: &str) -> Option<Self> {
        let year = number(text.get(..4)?)?;
        let part = match text.get(4..)? {
            "" => Part::Year,
            rest if rest.len() == 3 && rest.starts_with("-Q") => Part::Quarter(number(rest.get(2..)?)?),
            rest if rest.len() == 3 && rest.starts_with('-') => Part::Month(number(rest.get(1..)?)?),
            _ => return None,
        };
        let period = Period { year, part };
        Date::new(year, period.months().0, 1)?;
        Date::new(year, period.months().1, 1)?;
        Some(period)
    }

    /// The month of a date.
    pub fn month_of(date: Date) -> Self {
        Period { year: date.year, part: Part::Month(date.month) }
    }

    fn months(self) -> (u8, u8) {
        match self.part {
            Part::Year => (1, 12),
            Part::Quarter(q) if (1..=4).contains(&q) => (q * 3 - 2, q * 3),
            Part::Quarter(_) => (0, 0),
            Part::Month(m) => (m, m),
        }
    }

    /// The year that it is or lies in.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        Date { year: self.year, month: self.months().0, day: 1 }
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        let month = self.months().1;
        Date { year: self.year, month, day: days_in_month(self.year, month) }
    }

    /// Whether another period lies within this one.
    pub fn contains(self, other: Period) -> bool {
        other.first_day() >= self.first_day() && other.last_day() <= self.last_day()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Year => write!(f, "{:04}", self.year),
            Part::Quarter(q) => write!(f, "{:04}-Q{q}", self.year),
            Part::Month(m) => write!(f, "{:04}-{m:02}", self.year),
        }
    }
}

/// Digits only: no sign, no white space.
fn number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse::<u64>().ok()).flatten().and_then(|n| n.try_into().ok())
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::Period;

    #[test]
    fn a_period_contains_itself_and_what_begins_and_ends_in_it() {
        let contains =
            |whole, other| Period::parse(whole).zip(Period::parse(other)).map(|(w, o)| w.contains(o));
        for inside in ["2026-Q1", "2026-01", "2026-03"] {
            assert_eq!(contains("2026-Q1", inside), Some(true), "{inside}");
        }
        for outside in ["2026", "2026-Q2", "2026-04", "2025-12", "2027-02"] {
            assert_eq!(contains("2026-Q1", outside), Some(false), "{outside}");
        }
    }
}
