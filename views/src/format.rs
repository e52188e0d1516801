//! Money, dates and filled-in labels as people read them.

use crate::words::Lang;
use ledger::money::Fen;
use ledger::time::{Date, Period, SHANGHAI};

/// Yuan with thousands separators: `12,000`, `-3.05`.
pub fn yuan(fen: i64) -> String {
    match Fen::new(fen) {
        Some(fen) => fen.to_string(),
        // Sums beyond what one amount may be: still exact, only without separators.
        None => format!("{}.{:02}", fen / 100, (fen % 100).unsigned_abs()),
    }
}

/// `2026年10月31日`, `31 Oct 2026`.
pub fn date(lang: Lang, date: Date) -> String {
    match lang {
        Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        #[cfg(feature = "english")]
        Lang::En => format!("{} {} {}", date.day(), month(date.month()), date.year()),
    }
}

/// The date without its year.
pub fn day(lang: Lang, date: Date) -> String {
    match lang {
        Lang::Zh => format!("{}月{}日", date.month(), date.day()),
        #[cfg(feature = "english")]
        Lang::En => format!("{} {}", date.day(), month(date.month())),
    }
}

/// An instant in Asia/Shanghai, to the minute.
pub fn instant(lang: Lang, seconds: u64) -> String {
    let of_day = seconds.saturating_add(SHANGHAI) % 86_400;
    format!("{} {:02}:{:02}", date(lang, Date::of_unix(seconds)), of_day / 3600, of_day % 3600 / 60)
}

/// `2026年3月`, `2026年第1季度`, `2026年`; `March 2026`.
pub fn period(lang: Lang, period: Period) -> String {
    let (first, last) = (period.first_day(), period.last_day());
    let (year, from) = (first.year(), first.month());
    match (lang, last.month() - from) {
        (Lang::Zh, 0) => format!("{year}年{from}月"),
        (Lang::Zh, 2) => format!("{year}年第{}季度", from.div_ceil(3)),
        (Lang::Zh, _) => format!("{year}年"),
        #[cfg(feature = "english")]
        (Lang::En, 0) => format!("{} {year}", month(from)),
        #[cfg(feature = "english")]
        (Lang::En, 2) => format!("{year} Q{}", from.div_ceil(3)),
        #[cfg(feature = "english")]
        (Lang::En, _) => year.to_string(),
    }
}

#[cfg(feature = "english")]
fn month(month: u8) -> &'static str {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    names.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default()
}

/// Fills the `{}` of a label, in order.
pub fn fill(label: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = label.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(part.strip_prefix('}').unwrap_or(part));
    }
    out
}

#[cfg(all(test, feature = "english"))]
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
    }

    #[test]
    fn dates_and_periods_read_like_dates() {
        let d = Date::parse("2026-10-31").unwrap();
        assert_eq!((date(Lang::Zh, d), date(Lang::En, d)), ("2026年10月31日".into(), "31 Oct 2026".into()));
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
    fn a_label_takes_its_values_in_order() {
        assert_eq!(fill("{}和{}", &["甲", "乙"]), "甲和乙");
        assert_eq!(fill("没有", &["甲"]), "没有");
        assert_eq!(fill("{}", &[]), "");
    }
}
