//! Money, areas, dates and filled-in labels as people read them.

use crate::words::Lang;
use ledger::money::Fen;
use ledger::time::{Date, Period, SHANGHAI};

/// Hundredths with thousands separators: `12,000`, `-3.05`.
pub fn yuan(fen: i64) -> String {
    match Fen::new(fen) {
        Some(fen) => fen.to_string(),
        // Sums beyond what one amount may be: still exact, only without separators.
        None => format!("{}.{:02}", fen / 100, (fen % 100).unsigned_abs()),
    }
}

/// An amount with its unit.
pub fn money(lang: Lang, fen: i64) -> String {
    fill(lang.words().money(), &[&yuan(fen)])
}

/// `2026年10月31日`, `31 Oct 2026`.
pub fn date(lang: Lang, date: Date) -> String {
    let (year, day) = (number(date.year()), number(date.day()));
    fill(lang.words().date(), &[&year, month_name(lang, date), &day])
}

/// The date without its year.
pub fn day(lang: Lang, date: Date) -> String {
    fill(lang.words().day(), &[month_name(lang, date), &number(date.day())])
}

/// An instant in Asia/Shanghai, to the minute.
pub fn instant(lang: Lang, seconds: u64) -> String {
    let of_day = seconds.saturating_add(SHANGHAI) % 86_400;
    format!("{} {:02}:{:02}", date(lang, Date::of_unix(seconds)), of_day / 3600, of_day % 3600 / 60)
}

/// `2026年3月`, `2026年第1季度`, `2026年`; `Mar 2026`.
pub fn period(lang: Lang, period: Period) -> String {
    let (first, last, words) = (period.first_day(), period.last_day(), lang.words());
    let (year, quarter) = (number(first.year()), number(first.month().div_ceil(3)));
    match last.month() - first.month() {
        0 => fill(words.month(), &[&year, month_name(lang, first)]),
        2 => fill(words.quarter(), &[&year, &quarter]),
        _ => fill(words.year(), &[&year]),
    }
}

/// One way for all widths: each more is a way of its own to fetch.
pub(crate) fn number(n: impl Into<u64>) -> String {
    n.into().to_string()
}

fn month_name(lang: Lang, date: Date) -> &'static str {
    lang.words().month_names().get(&number(date.month())).unwrap_or_default()
}

/// Names in a list.
pub(crate) fn listed(lang: Lang, names: &mut dyn Iterator<Item = &str>) -> String {
    let mut out = names.next().unwrap_or_default().to_owned();
    for name in names {
        out = fill(lang.words().list(), &[&out, name]);
    }
    out
}

/// Fills the `{}` of a label in order, and its `{n}` by place.
pub fn fill(label: &str, values: &[&str]) -> String {
    let mut parts = label.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (next, part) in parts.enumerate() {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        let place = place.parse().unwrap_or(next);
        out.push_str(values.get(place).copied().unwrap_or_default());
        out.push_str(rest);
    }
    out
}

#[cfg(all(test, feature = "words"))]
mod tests {
    use super::*;

    #[test]
    fn money_has_separators_and_fen_only_when_there_are_some() {
        for (fen, text) in [
            (0, "0"),
            (1_200_000, "12,000"),
            (128_640, "1,286.40"),
            (-305, "-3.05"),
            (-5, "-0.05"),
            (Fen::MAX, "100,000,000,000"),
            (i64::MAX, "92233720368547758.07"),
        ] {
            assert_eq!(yuan(fen), text);
        }
        assert_eq!((money(Lang::Zh, 100), money(Lang::En, 100)), ("1 元".into(), "1 yuan".into()));
    }

    #[test]
    fn dates_and_periods_read_like_dates() {
        let d = Date::parse("2026-10-31").unwrap();
        assert_eq!((date(Lang::Zh, d), date(Lang::En, d)), ("2026年10月31日".into(), "31 Oct 2026".into()));
        assert_eq!((day(Lang::Zh, d), day(Lang::En, d)), ("10月31日".into(), "31 Oct".into()));
        assert_eq!(instant(Lang::Zh, 1_790_700_000), "2026年9月30日 00:40");
        for (p, zh, en) in [
            ("2026-03", "2026年3月", "Mar 2026"),
            ("2026-Q4", "2026年第4季度", "2026 Q4"),
            ("2026", "2026年", "2026"),
        ] {
            let p = Period::parse(p).unwrap();
            assert_eq!((period(Lang::Zh, p), period(Lang::En, p)), (zh.into(), en.into()));
        }
    }

    #[test]
    fn a_label_takes_its_values_in_order_or_by_place() {
        assert_eq!(fill("{}和{}", &["甲", "乙"]), "甲和乙");
        assert_eq!(fill("{1}和{0}", &["甲", "乙"]), "乙和甲");
        assert_eq!(fill("没有", &["甲"]), "没有");
        assert_eq!(fill("{}{5}{", &[]), "");
    }
}
