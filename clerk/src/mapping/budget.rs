//! 年度预算: the year's plan, line by line.

use super::told::{Missing, Told};
use super::words::Words;
use crate::columns::PERIOD;
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::money::Fen;

/// Maps a budget such as `收入:经营收入144000元,补助收入50000元;支出:公益支出90000元`.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = Words::of(&record.text);
    let by_period = record.period.map(|p| i64::from(p.first_day().year()));
    let year = words.year().or(by_period).ok_or_else(|| Missing::cell(PERIOD))?;
    let (mut lines, mut sums) = (Vec::new(), [0, 0]);
    for (at, (word, direction)) in [("收入:", "income"), ("支出:", "expense")].into_iter().enumerate() {
        let part = words.sentence(&[word]);
        let part = Words::of(&part);
        for (account, fen) in part.clauses().filter_map(line) {
            lines.push(
                Object::new()
                    .with("direction", direction)
                    .with("account", account)
                    .with("amount", fen.get())
                    .into(),
            );
            if let Some(sum) = sums.get_mut(at) {
                *sum += fen.get();
            }
        }
    }
    let lines: Vec<Value> = lines;
    if lines.is_empty() {
        let like = "收入:经营收入144000元,补助收入50000元;支出:公益支出90000元,管理费用40000元";
        return Err(Missing::text("预算各项", like, "the budget's lines"));
    }
    let [income, expense] = sums;
    let yuan = |fen| Fen::new(fen).unwrap_or_default();
    let body = Object::new()
        .with("year", year)
        .with("lines", lines)
        .with("income", income)
        .with("expense", expense)
        .with_some("resolution_no", record.resolution.clone());
    let plain = format!("{year}年预算：收入{}元，支出{}元", yuan(income), yuan(expense));
    Ok(record.told("budget", plain, body))
}

/// Account and sum of `公益支出90000元`; nothing of a total.
fn line(clause: &str) -> Option<(String, Fen)> {
    let at = clause.find(|c: char| c.is_ascii_digit())?;
    let name = clause.get(..at)?.trim_matches([':', ' ']);
    let fen = Words::of([&clause.to_owned()]).amount(&[name])?;
    (!name.is_empty() && !name.contains("合计")).then(|| (name.to_owned(), fen))
}
