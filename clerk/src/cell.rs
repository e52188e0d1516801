//! Cells: numbers, dates and text as clerks type them, read strictly once full-width characters are folded.

use ledger::json::is_allowed;
use ledger::money::Fen;
use ledger::time::{Date, Period};
use unicode_normalization::UnicodeNormalization as _;

/// Excel's number of 1970-01-01.
const EXCEL_1970: i64 = 25_569;

/// A structured cell: full-width digits, letters and signs become plain ones, outer spaces go.
pub fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' | '\t' => ' ',
        c => c,
    };
    text.nfc().map(plain).collect::<String>().trim().to_owned()
}

/// Free text: NFC, tabs and odd spaces as spaces, one paragraph a line; otherwise as it was typed.
///
/// # Errors
/// The first character that may not stand in the ledger.
pub fn paragraphs(text: &str) -> Result<Vec<String>, char> {
    let mut out = Vec::new();
    for line in text.split(['\n', '\r']) {
        let line: String = line.nfc().map(|c| if matches!(c, '\t' | '\u{A0}') { ' ' } else { c }).collect();
        let line = line.trim();
        if let Some(c) = line.chars().find(|c| !is_allowed(*c)) {
            return Err(c);
        }
        if !line.is_empty() {
            out.push(line.to_owned());
        }
    }
    Ok(out)
}

/// An amount in yuan with at most two decimals: `12000`, `12,000.5`, `¥１２，０００．００`, `-300.00`, `300元`.
pub fn money(text: &str) -> Option<Fen> {
    let folded = fold(text);
    let bare = folded.strip_prefix(['¥', '￥']).unwrap_or(&folded);
    let bare = bare.strip_suffix('元').unwrap_or(bare).trim();
    let (sign, bare) = match bare.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, bare),
    };
    let bare = bare.strip_prefix(['¥', '￥']).unwrap_or(bare);
    Fen::new(sign * hundredths(bare)?)
}

/// A number with at most two decimals, in hundredths; thousands separators only where they belong.
pub fn hundredths(text: &str) -> Option<i64> {
    let folded = fold(text);
    let (whole, fraction) = folded.split_once('.').unwrap_or((&folded, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().filter(|g| digits(g))?;
    let mut number = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !digits(group) {
            return None;
        }
        number.push_str(group);
    }
    if number.len() > 13 || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    format!("{number}{fraction:0<2}").parse().ok()
}

/// A date: `2026-01-06`, `2026/1/6`, `2026.1.6` or `2026年1月6日`.
pub fn date(text: &str) -> Option<Date> {
    let parts = numbers(text, &['-', '/', '.', '年', '月'], "日")?;
    match parts.as_slice() {
        [year, month, day] => {
            Date::new(u16::try_from(*year).ok()?, u8::try_from(*month).ok()?, u8::try_from(*day).ok()?)
        }
        _ => None,
    }
}

/// A period: `2026-01`, `2026年1月`, `2026-Q1`, `2026年第1季度` or `2026`.
pub fn period(text: &str) -> Option<Period> {
    let folded = fold(text);
    let quarter = folded
        .strip_suffix("季度")
        .and_then(|t| t.split_once("年第").or_else(|| t.split_once('年')))
        .map(|(year, quarter)| format!("{year}-Q{quarter}"));
    let folded = quarter.unwrap_or(folded);
    if let Some(period) = Period::parse(&folded) {
        return Some(period);
    }
    match numbers(&folded, &['-', '/', '.', '年'], "月")?.as_slice() {
        [year, month] => Period::parse(&format!("{year:04}-{month:02}")),
        _ => None,
    }
}

/// A whole number from 0.
pub fn count(text: &str) -> Option<u64> {
    let folded = fold(text);
    let plain = !folded.is_empty() && folded.len() <= 9 && folded.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| folded.parse().ok()).flatten()
}

/// What to do about a cell that can't be read for one of the usual reasons: `1.2万`, and the number under which
/// Excel keeps a date, of this century.
pub fn slip(text: &str) -> Option<String> {
    let folded = fold(text);
    let bare = folded.strip_suffix('元').unwrap_or(&folded);
    if let Some(fen) = bare.strip_suffix('万').and_then(money) {
        let yuan = fen.get() * 100;
        return Some(format!("万要写成 {yuan} / write it out: {yuan}"));
    }
    let days = count(&folded).and_then(|n| i64::try_from(n).ok()).filter(|n| (36_526..73_051).contains(n))?;
    let day = Date::of_days(days - EXCEL_1970);
    Some(format!(
        "请把单元格改成日期格式（Excel 里是 {day}） / format the cell as a date (in Excel it is {day})"
    ))
}

fn numbers(text: &str, separators: &[char], end: &str) -> Option<Vec<u64>> {
    let folded = fold(text);
    let bare = folded.strip_suffix(end).unwrap_or(&folded);
    bare.split(separators).map(count).collect()
}

/// Text of at most `max` characters, cut with an ellipsis.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_clerks_type_them() {
        let good = [
            ("12000", 1_200_000),
            ("12,000.00", 1_200_000),
            ("１２，０００．５", 1_200_050),
            ("¥1,234,567.89", 123_456_789),
            ("￥ 5", 500),
            ("-300.00", -30_000),
            ("300元", 30_000),
            ("0.07", 7),
            ("　486320.50 ", 48_632_050),
        ];
        for (text, fen) in good {
            assert_eq!(money(text).map(Fen::get), Some(fen), "{text}");
        }
        for bad in [
            "",
            "-",
            "1,2000",
            "12,00",
            ",100",
            "1.234",
            "1e5",
            "十二",
            "1 000",
            "1.",
            ".5",
            "--5",
            "1,,000",
            "1234,567",
            "(100)",
            "¥",
            "99999999999999",
            "1,000,00.00",
            "5万",
        ] {
            assert_eq!(money(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_and_periods_as_clerks_type_them() {
        for text in ["2026-01-06", "2026/1/6", "2026.1.6", "2026年1月6日", "２０２６－０１－０６"]
        {
            assert_eq!(date(text).map(|d| d.to_string()).as_deref(), Some("2026-01-06"), "{text}");
        }
        for bad in ["", "2026-02-30", "46023", "2026-01", "一月六日", "2026-1-6-1", "06/01/2026"] {
            assert_eq!(date(bad), None, "{bad}");
        }
        let periods = [
            ("2026-01", "2026-01"),
            ("2026年1月", "2026-01"),
            ("2026/1", "2026-01"),
            ("2026-Q1", "2026-Q1"),
            ("2026年第1季度", "2026-Q1"),
            ("2026", "2026"),
        ];
        for (text, want) in periods {
            assert_eq!(period(text).map(|p| p.to_string()).as_deref(), Some(want), "{text}");
        }
        for bad in ["", "2026-13", "2026-Q5", "一季度"] {
            assert_eq!(period(bad), None, "{bad}");
        }
    }

    #[test]
    fn usual_slips_are_told_what_to_type() {
        let cases = [
            ("1.2万", "万要写成 12000 / "),
            ("１．２３ 万元", "万要写成 12300 / "),
            ("¥-0.5万", "万要写成 -5000 / "),
            ("46086", "请把单元格改成日期格式（Excel 里是 2026-03-05） / "),
            ("36526", "请把单元格改成日期格式（Excel 里是 2000-01-01） / "),
            ("73050", "请把单元格改成日期格式（Excel 里是 2099-12-31） / "),
        ];
        for (text, want) in cases {
            let told = slip(text).unwrap_or_default();
            assert!(told.starts_with(want), "{text}: {told}");
        }
        for other in ["", "万", "约52万", "1.2.3万", "5千", "20261", "36525", "73051", "202603", "2026-03-05"]
        {
            assert_eq!(slip(other), None, "{other}");
        }
    }

    #[test]
    fn free_text_keeps_its_words_and_refuses_what_can_not_be_seen() {
        assert_eq!(paragraphs("一\r\n\r\n 二\t三 ").unwrap(), ["一", "二 三"]);
        assert_eq!(paragraphs("看不\u{200B}见"), Err('\u{200B}'));
        assert_eq!(cut("一二三四", 3), "一二…");
    }
}
