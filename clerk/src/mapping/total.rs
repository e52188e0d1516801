//! What is paid under a contract altogether: stated only when the row says it beyond doubt.

use super::trade::TERMS;
use super::words::{Words, instalment};
use crate::columns::{AMOUNT, TEXT};
use crate::fault::Fault;
use crate::record::Record;
use ledger::json::Object;
use ledger::money::Fen;
use ledger::time::Date;

/// Words before what is paid for a year and for a month, and how many months that is.
const RENTS: [(&[&str], i64); 2] = [(&["年租", "每年", "年承包"], 12), (&["月租", "每月"], 1)];

/// The total in fen: 总价, else what instalments or rent and term add up to, unless they or 金额 say otherwise. 金额 of
/// what runs for more than a year is often one year's; that of works and goods is all.
pub fn of(record: &Record, subject_kind: &str, parts: &[(Date, Fen)]) -> Option<i64> {
    let (words, priced) = (record.words(), matches!(subject_kind, "works" | "goods"));
    let months = months(&words);
    let rented = RENTS.iter().any(|(keys, _)| words.has(keys));
    let lasting = !priced && months.map_or(rented || words.has(&TERMS), |months| months > 12);
    let rent = rent(record, &words).filter(|_| !priced);
    let by_rent = rent.zip(months).and_then(|((fen, per), months)| {
        let whole = fen.checked_mul(months).filter(|_| !words.has(&["递增", "免租"]))?;
        (whole % per == 0).then_some(whole / per)
    });
    let is_rent = |sum: i64| rent.is_some_and(|(fen, _)| fen == sum);
    let stated = words.amount(&["总价", "合同价", "合同总额", "合计"]).map(Fen::get);
    if let Some(stated) = stated.filter(|sum| !is_rent(*sum)) {
        return Some(stated);
    }
    // The one instalment of a lease is often that of its first year.
    let by_parts = (parts.len() > usize::from(lasting)).then(|| parts.iter().map(|(_, fen)| fen.get()).sum());
    let amount = record.amount.map(Fen::get);
    let Some(whole) = by_parts.or(by_rent) else { return amount.filter(|sum| !lasting && !is_rent(*sum)) };
    let is_part = |sum| is_rent(sum) || parts.iter().any(|(_, fen)| fen.get() == sum);
    let agrees =
        by_rent.is_none_or(|sum| sum == whole) && amount.is_none_or(|sum| sum == whole || is_part(sum));
    agrees.then_some(whole)
}

/// What is paid in a year or a month, in fen, and how many months that is.
fn rent(record: &Record, words: &Words) -> Option<(i64, i64)> {
    RENTS.iter().find_map(|(keys, months)| {
        let by_area = || {
            let hundredfold = words.rate(keys)?.get().checked_mul(record.area()?)?;
            (hundredfold % 100 == 0).then_some(hundredfold / 100)
        };
        Some((words.amount(keys).map(Fen::get).or_else(by_area)?, *months))
    })
}

/// How long it runs, when that is so many whole months, the last day counted or not.
fn months(words: &Words) -> Option<i64> {
    let Some((from, to)) = words.span(&TERMS) else { return words.months(&TERMS) };
    let month = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let end = [to.plus(1), to].into_iter().find(|end| end.day() == from.day())?;
    Some(month(end) - month(from)).filter(|months| *months > 0)
}

/// What of the row's money the contract leaves out.
pub fn second_look(record: &Record, content: &Object) -> Option<Fault> {
    let has = |path| content.at_path(path).is_some();
    if record.amount.is_some() && !has("body.total") {
        let what = "看不出是总价还是一年的租金，或与年租、期限、各期对不上，条目不写总价；请写明“年租36000元,期限5年”或“总价180000元” / perhaps not the total, which is left out: write rent and term, or the total";
        return Some(record.fault(AMOUNT, what));
    }
    let dropped =
        !has("body.schedule") && record.words().clauses().any(|clause| instalment(clause).is_some());
    let what = "各期合计不是总价，条目不写各期；请把各期写全 / instalments do not add up to the total and are left out: write all of them";
    dropped.then(|| record.fault(TEXT, what))
}
