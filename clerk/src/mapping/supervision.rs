//! 监督意见 of the supervision committee, and 零申报: the statement that nothing happened.

use super::told::{Missing, Told, paragraphs};
use crate::columns::{CLASS, PERIOD};
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::time::Period;

const CLASSES: [(&[&str], &str, &str); 3] =
    [(&["党务"], "party", "党务"), (&["村务"], "village", "村务"), (&["财务", "三资"], "finance", "财务")];

/// Maps an opinion.
///
/// # Errors
/// The first piece that is missing.
pub fn opinion(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let period = record.period.ok_or_else(|| Missing::cell(PERIOD))?;
    // 反对0 is a count.
    let against = words.has(&["反对"]) && words.count(&["反对"]) != Some(0);
    let (opinion, word) = if against || words.has(&["不同意"]) {
        ("object", "不同意")
    } else if words.has(&["保留"]) {
        ("agree_with_reservations", "有保留")
    } else if words.has(&["同意", "无异议"]) {
        ("agree", "同意")
    } else {
        return Err(Missing::text("意见", "同意、有保留意见 或 不同意", "the opinion"));
    };
    let objections = words.sentence(&["理由", "异议", "问题"]);
    if opinion != "agree" && objections.is_none() {
        return Err(Missing::text("理由", "理由:3号虾塘未经竞价", "the reasons"));
    }
    let signers = words.count(&["签名", "签字"]).or_else(|| words.count_before(&["人签名", "人签字"]));
    let signers = signers.ok_or_else(|| Missing::text("签名人数", "签名3人", "how many signed"))?;
    let why = objections.as_ref().map(|o| format!("：{o}")).unwrap_or_default();
    let body = Object::new()
        .with("opinion", opinion)
        .with_some("objections", paragraphs(objections))
        .with("signers", signers);
    Ok(record.told("supervision_opinion", format!("监委会对{}的公开{word}{why}", spoken(period)), body))
}

/// Maps 零申报 and 无事项声明.
///
/// # Errors
/// The first piece that is missing.
pub fn no_activity(record: &Record) -> Result<Told, Missing> {
    let period = record.period.ok_or_else(|| Missing::cell(PERIOD))?;
    let said = format!("{};{}", record.class.as_deref().unwrap_or_default(), record.line());
    let named: Vec<_> =
        CLASSES.iter().filter(|(words, ..)| words.iter().any(|word| said.contains(word))).collect();
    if named.is_empty() {
        return Err(Missing { column: CLASS, ..Missing::text("哪一类", "财务公开", "which class") });
    }
    let shown: Vec<&str> = named.iter().map(|(.., zh)| *zh).collect();
    let keys: Vec<Value> = named.iter().map(|(_, key, _)| Value::from(*key)).collect();
    let plain = format!("{}没有需要公开的{}事项", spoken(period), shown.join("、"));
    Ok(record.told("statement_of_no_activity", plain, Object::new().with("classes", keys)))
}

/// `2026年2月`, `2026年第1季度`, `2026年`.
fn spoken(period: Period) -> String {
    let text = period.to_string();
    match text.split_once('-') {
        None => format!("{text}年"),
        Some((year, part)) => match part.strip_prefix('Q') {
            Some(quarter) => format!("{year}年第{quarter}季度"),
            None => format!("{year}年{}月", part.trim_start_matches('0')),
        },
    }
}
