//! Deadlines (G-18): tables written out by hand, day by day, not computed again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use ledger::catalogue::Catalogue;
use ledger::deadline::{Due, Span, due, late};
use ledger::json;
use ledger::time::{Date, Period};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn span(days: i64, working: bool) -> Span {
    Span { days, working }
}

/// The deadline of a period.
fn of_period(rule: Due, period: &str) -> String {
    due(&rule, Some(Period::parse(period).unwrap()), None).unwrap().to_string()
}

/// The deadline of a day.
fn of_day(rule: Due, day: &str) -> String {
    due(&rule, None, Some(date(day))).unwrap().to_string()
}

/// The last day of each month of 2026, 15 days and 5 working days later.
const MONTHS: [(&str, &str, &str); 12] = [
    ("2026-01", "2026-02-15", "2026-02-06"),
    ("2026-02", "2026-03-15", "2026-03-06"),
    ("2026-03", "2026-04-15", "2026-04-07"),
    ("2026-04", "2026-05-15", "2026-05-07"),
    ("2026-05", "2026-06-15", "2026-06-05"),
    ("2026-06", "2026-07-15", "2026-07-07"),
    ("2026-07", "2026-08-15", "2026-08-07"),
    ("2026-08", "2026-09-15", "2026-09-07"),
    ("2026-09", "2026-10-15", "2026-10-07"),
    ("2026-10", "2026-11-15", "2026-11-06"),
    ("2026-11", "2026-12-15", "2026-12-07"),
    ("2026-12", "2027-01-15", "2027-01-07"),
];
const QUARTERS: [(&str, &str); 4] = [
    ("2026-Q1", "2026-04-15"),
    ("2026-Q2", "2026-07-15"),
    ("2026-Q3", "2026-10-15"),
    ("2026-Q4", "2027-01-15"),
];

#[test]
fn g18_the_built_in_catalogue_through_2026() {
    let catalogue = Catalogue::standard();
    let rule = |item: &str| catalogue.item(item).unwrap().due.unwrap();
    for item in ["F02", "F03", "F04", "F12", "C02"] {
        for (month, last, _) in MONTHS {
            assert_eq!(of_period(rule(item), month), last, "{item} {month}");
        }
    }
    for item in ["F02", "F04", "F05", "F11", "V02", "V06", "D03", "S01"] {
        for (quarter, last) in QUARTERS {
            assert_eq!(of_period(rule(item), quarter), last, "{item} {quarter}");
        }
    }
    assert_eq!(of_period(rule("F01"), "2026"), "2026-03-31");
    assert_eq!(of_period(rule("V08"), "2026"), "2026-12-31");
    assert_eq!(of_period(rule("D03"), "2026"), "2027-01-15", "dues disclosed once a year");
    for item in ["F07", "A01", "A02", "R02", "C01", "C03", "V01", "V03", "V04"] {
        for (day, last) in [
            ("2026-01-26", "2026-01-31"),
            ("2026-01-27", "2026-02-01"),
            ("2026-02-23", "2026-02-28"),
            ("2026-02-24", "2026-03-01"),
            ("2026-04-30", "2026-05-05"),
            ("2026-12-26", "2026-12-31"),
            ("2026-12-27", "2027-01-01"),
            ("2028-02-23", "2028-02-28"),
            ("2028-02-24", "2028-02-29"),
            ("2028-02-25", "2028-03-01"),
            ("2028-02-29", "2028-03-05"),
        ] {
            assert_eq!(of_day(rule(item), day), last, "{item} {day}");
        }
    }
    assert_eq!(of_day(rule("W02"), "2026-11-29"), "2026-12-02");
    assert_eq!(of_day(rule("F06"), "2026-03-05"), "2026-02-23", "10 days before the assembly");
    assert_eq!(of_day(rule("V07"), "2026-03-05"), "2026-02-13", "20 days before the election");
    assert_eq!(of_day(rule("F08"), "2026-03-18"), "2026-03-09", "7 working days before the payment");
}

#[test]
fn g18_working_days_pass_over_weekends_both_ways() {
    for (month, _, last) in MONTHS {
        assert_eq!(of_period(Due::AfterPeriod(span(5, true)), month), last, "{month}");
    }
    // 2026-03-20 is a Friday, the 21st a Saturday, the 22nd a Sunday.
    for (from, days, last) in [
        ("2026-03-20", 0, "2026-03-20"),
        ("2026-03-21", 0, "2026-03-21"),
        ("2026-03-19", 1, "2026-03-20"),
        ("2026-03-20", 1, "2026-03-23"),
        ("2026-03-21", 1, "2026-03-23"),
        ("2026-03-22", 1, "2026-03-23"),
        ("2026-03-20", 4, "2026-03-26"),
        ("2026-03-21", 5, "2026-03-27"),
        ("2026-03-22", 6, "2026-03-30"),
        ("2026-03-20", 10, "2026-04-03"),
        ("2028-02-28", 2, "2028-03-01"),
    ] {
        assert_eq!(of_day(Due::AfterEvent(span(days, true)), from), last, "{days} after {from}");
    }
    for (from, days, last) in [
        ("2026-03-23", 1, "2026-03-20"),
        ("2026-03-22", 1, "2026-03-20"),
        ("2026-03-21", 1, "2026-03-20"),
        ("2026-03-20", 1, "2026-03-19"),
        ("2026-03-22", 7, "2026-03-12"),
        ("2026-03-23", 5, "2026-03-16"),
        ("2028-03-01", 2, "2028-02-28"),
    ] {
        assert_eq!(of_day(Due::BeforeEvent(span(days, true)), from), last, "{days} before {from}");
    }
}

#[test]
fn g18_leap_years_and_the_ends_of_periods() {
    let last = |period| of_period(Due::AfterPeriod(span(0, false)), period);
    for (period, day) in [
        ("2026-02", "2026-02-28"),
        ("2028-02", "2028-02-29"),
        ("2100-02", "2100-02-28"),
        ("2028-Q1", "2028-03-31"),
        ("2026-Q2", "2026-06-30"),
        ("2026-Q3", "2026-09-30"),
        ("2026", "2026-12-31"),
    ] {
        assert_eq!(last(period), day);
    }
    let leap = Due::Yearly { month: 2, day: 29 };
    for (year, day) in [("2026", "2026-02-28"), ("2028", "2028-02-29"), ("2100", "2100-02-28")] {
        assert_eq!(of_period(leap, year), day);
    }
}

#[test]
fn g18_a_rule_without_what_it_needs_gives_no_day() {
    let (period, day) = (Period::parse("2026-03").unwrap(), date("2025-12-31"));
    let of = |rule: Due, period, day| due(&rule, period, day).map(|d| d.to_string());
    assert_eq!(of(Due::AfterPeriod(span(15, false)), None, Some(day)), None);
    assert_eq!(of(Due::AfterEvent(span(5, false)), Some(period), None), None);
    assert_eq!(of(Due::BeforeEvent(span(5, false)), Some(period), None), None);
    let yearly = Due::Yearly { month: 3, day: 31 };
    assert_eq!(of(yearly, None, None), None);
    assert_eq!(of(yearly, Some(period), Some(day)).as_deref(), Some("2026-03-31"), "the period's year");
    assert_eq!(of(yearly, None, Some(day)).as_deref(), Some("2025-03-31"));
}

#[test]
fn g18_days_late_begin_after_the_last_day() {
    let last = date("2026-02-28");
    for (day, days) in
        [("2026-02-27", 0), ("2026-02-28", 0), ("2026-03-01", 1), ("2026-03-31", 31), ("2027-02-28", 365)]
    {
        assert_eq!(late(last, date(day)), days, "{day}");
    }
}

#[test]
fn g18_a_rule_has_what_it_needs_and_nothing_else() {
    let read = |text: &str| Due::parse(&json::parse(text).unwrap());
    assert_eq!(read(r#"{"rule":"after_event","days":5}"#), Some(Due::AfterEvent(span(5, false))));
    assert_eq!(
        read(r#"{"rule":"before_event","days":7,"working":true}"#),
        Some(Due::BeforeEvent(span(7, true)))
    );
    assert_eq!(
        read(r#"{"rule":"after_period","days":0,"working":false}"#),
        Some(Due::AfterPeriod(span(0, false)))
    );
    assert_eq!(read(r#"{"rule":"yearly","month":2,"day":29}"#), Some(Due::Yearly { month: 2, day: 29 }));
    for bad in [
        r#"{"days":5}"#,
        r#"{"rule":"sometimes","days":5}"#,
        r#"{"rule":"after_event"}"#,
        r#"{"rule":"after_event","days":-1}"#,
        r#"{"rule":"after_event","days":5,"month":3}"#,
        r#"{"rule":"after_period","days":5,"day":3}"#,
        r#"{"rule":"yearly","month":2,"day":30}"#,
        r#"{"rule":"yearly","month":13,"day":1}"#,
        r#"{"rule":"yearly","month":3}"#,
        r#"{"rule":"yearly","month":3,"day":31,"days":5}"#,
        r#"{"rule":"yearly","month":3,"day":31,"working":true}"#,
        r#"{"rule":"yearly","month":259,"day":31}"#,
    ] {
        assert_eq!(read(bad), None, "{bad}");
    }
}

/// Numbers that nobody means stay inside the calendar, and cost no time.
#[test]
fn g18_absurd_numbers_of_days_end_at_the_calendars_ends() {
    for working in [false, true] {
        let days = json::MAX_INTEGER;
        assert_eq!(of_day(Due::AfterEvent(span(days, working)), "2026-03-21"), "2199-12-31");
        assert_eq!(of_day(Due::BeforeEvent(span(days, working)), "2026-03-21"), "1900-01-01");
    }
}
