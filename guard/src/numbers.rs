//! The arithmetic of numbers that name a person. Input is ASCII: digits, and `X` as a last check digit.

use ledger::time::Date;

/// First two digits of a division code (GB/T 2260).
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// 18 characters with a date of birth and the check digit of ISO 7064 MOD 11-2 (GB 11643).
pub fn is_id18(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if text.len() != 18 || !born(text.get(6..14)) {
        return false;
    }
    let sum: u32 = text.chars().zip(WEIGHTS).filter_map(|(c, w)| Some(c.to_digit(10)? * w)).sum();
    text.chars().nth(17) == "10X98765432".chars().nth((sum % 11) as usize)
}

/// 15 digits of the first generation: a known province and a date of birth in the 1900s.
pub fn is_id15(text: &str) -> bool {
    text.len() == 15 && has_province(text) && born(text.get(6..12).map(|d| format!("19{d}")).as_deref())
}

/// Whether 18 digits of which a spreadsheet has rounded the last ones were an identity number.
pub fn was_id18(text: &str) -> bool {
    text.len() == 18 && has_province(text) && born(text.get(6..14))
}

/// Whether the first two digits are those of a province.
pub fn has_province(text: &str) -> bool {
    text.get(..2).is_some_and(|p| PROVINCES.contains(&p))
}

/// 16 to 19 digits that pass Luhn and begin as bank cards do (ISO/IEC 7812: 3 to 6; 9 is national use).
///
/// LIMIT: what begins with 0, 1, 2, 7, 8 passes: codes that begin with a date, and accounts of credit unions.
pub fn is_card(text: &str) -> bool {
    (16..=19).contains(&text.len())
        && text.starts_with(['3', '4', '5', '6', '9'])
        && luhn(text)
        && !is_credit_code(text)
}

/// Whether digits that a spreadsheet has rounded were a card of UnionPay.
pub fn was_card(text: &str) -> bool {
    (16..=19).contains(&text.len()) && text.starts_with("62")
}

/// Eleven digits of a mobile network.
pub fn is_mobile(text: &str) -> bool {
    let mut digits = text.bytes();
    text.len() == 11
        && digits.next() == Some(b'1')
        && digits.next().is_some_and(|d| (b'3'..=b'9').contains(&d))
}

fn born(date: Option<&str>) -> bool {
    let Some((Some(year), Some(month), Some(day))) = date.map(|d| (d.get(..4), d.get(4..6), d.get(6..)))
    else {
        return false;
    };
    (year.starts_with("19") || year.starts_with("20"))
        && Date::parse(&format!("{year}-{month}-{day}")).is_some()
}

fn luhn(text: &str) -> bool {
    let doubled = |(i, d): (usize, u32)| match (i % 2, d * 2) {
        (0, _) => d,
        (_, d) => d / 10 + d % 10,
    };
    let digits = text.chars().rev().filter_map(|c| c.to_digit(10));
    digits.enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// An all-digit unified social credit code (GB 32100), which is no secret: check digit modulo 31.
fn is_credit_code(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let mut digits = text.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.by_ref().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    let check = (31 - sum % 31) % 31;
    text.len() == 18
        && text.starts_with(['1', '5', '9'])
        && text.get(2..).is_some_and(has_province)
        && text.chars().last().and_then(|c| c.to_digit(10)) == Some(check)
}
