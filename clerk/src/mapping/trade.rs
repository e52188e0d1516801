//! 资源发包: how a resource was put out, and who got it for how much.

use super::told::{Missing, Told, object_of, sentence};
use super::words::Words;
use crate::cell::cut;
use crate::columns::AMOUNT;
use crate::record::Record;
use ledger::json::Object;
use ledger::money::Fen;

/// Ways of choosing who gets something, as clerks write them, most telling first; and their keys.
const METHODS: [(&str, &str); 12] = [
    ("公开竞价", "auction"),
    ("拍卖", "auction"),
    ("招标", "tender"),
    ("挂牌", "listing"),
    ("竞价", "auction"),
    ("谈判", "negotiation"),
    ("协商发包", "negotiation"),
    ("协商", "negotiation"),
    ("直接发包", "direct"),
    ("直接委托", "direct"),
    ("直接", "direct"),
    ("委托", "direct"),
];

/// The way that 摘要 names, as written and as its key.
pub fn method(record: &Record) -> Option<(&'static str, &'static str)> {
    let words = Words::of(&record.text);
    METHODS.into_iter().find(|(word, _)| words.has(&[word]))
}

/// How many bid.
pub fn bidders(words: &Words) -> Option<i64> {
    words.count_before(&["人报价", "家报价", "人竞价", "家竞价", "人投标", "家投标", "人参加", "家参加"])
}

/// Words before how long something runs.
pub const TERMS: [&str; 3] = ["期限", "租期", "承包期"];

/// `期限5年` or `期限2026-01-10至2031-01-09`, and the same in words.
pub fn term(words: &Words) -> Option<(Object, String)> {
    if let Some((from, to)) = words.span(&TERMS) {
        let term = Object::new().with("from", from.to_string()).with("to", to.to_string());
        return Some((term, format!("，{from}至{to}")));
    }
    let months = words.months(&TERMS)?;
    let long = if months % 12 == 0 {
        format!("，租期{}年", months / 12)
    } else {
        format!("，租期{months}个月")
    };
    Some((Object::new().with("months", months), long))
}

/// Maps a contracting-out.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let (word, method) = method(record).ok_or_else(|| {
        Missing::text("怎样发包", "公开竞价、招标、协商发包 或 直接发包", "how it was put out")
    })?;
    let starts = METHODS.map(|(word, _)| word);
    let subject = object_of(&Words::of(&record.text), &[&starts[..], &["发包", ":"]].concat(), &["发包"]);
    let subject = subject
        .ok_or_else(|| Missing::text("发包的是什么", "1号虾塘公开竞价:面积62.30亩", "what was put out"))?;
    let (winner, price) = (record.counterparty(), record.amount);
    if winner.is_some() && price.is_none() {
        return Err(Missing::cell(AMOUNT));
    }
    let term = term(&words);
    let long = term.as_ref().map(|(_, long)| long.as_str()).unwrap_or_default();
    let yearly = price.map(|p| format!("，一年{p}元")).unwrap_or_default();
    let end = format!("：{word}{yearly}{long}");
    let body = Object::new()
        .with("subject_kind", "resource")
        .with("subject", cut(&subject, 100))
        .with("method", method)
        .with_some("announced", words.date(&["交易公告", "公告日"]).map(|d| d.to_string()))
        .with_some("floor_price", words.amount(&["底价"]).map(Fen::get))
        .with_some("floor_unit_price", words.rate(&["底价"]).map(Fen::get))
        .with_some("bidders", bidders(&words))
        .with_some("winner", winner)
        .with_some("price", price.map(Fen::get))
        .with_some("unit_price", words.rate(&["年租", "租金", "成交价"]).map(Fen::get))
        .with_some("area", record.area())
        .with_some("term", term.map(|(term, _)| term))
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone());
    Ok(record.told("trade", sentence(&subject, &end), body))
}
