//! 土地补偿费分配, 收益分配: what is divided and what stays.

use super::told::{Missing, Told};
use crate::columns::AMOUNT;
use crate::record::Record;
use ledger::json::Object;
use ledger::money::Fen;

/// Maps a distribution.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let whole = record.amount.ok_or_else(|| Missing::cell(AMOUNT))?;
    let land = ["土地", "征地", "占地"].iter().any(|w| record.matter.contains(w));
    let source = if land { "land_compensation" } else { "income" };
    let kept = words.amount(&["留存", "提留", "公积公益金"]);
    let given = words.amount(&["分户", "成员分配", "分给成员", "实际分配"]).ok_or_else(|| {
        Missing::text("分给各户多少", "集体留存28800元,分户67200元(21户)", "how much is divided")
    })?;
    let of_cell = record.quantity.as_ref().filter(|(_, unit)| unit == "户").map(|(n, _)| n / 100);
    let households = of_cell.or_else(|| words.count_before(&["户"]));
    let year = if land { None } else { words.year() };
    let shown = kept.map(|k| format!("集体留{k}元，")).unwrap_or_default();
    let to = households.map_or_else(|| "成员".to_owned(), |n| format!("{n}户"));
    let body = Object::new()
        .with("source", source)
        .with_some("year", year)
        .with("distributable", whole.get())
        .with_some("reserve", kept.map(Fen::get))
        .with("distributed", given.get())
        .with_some("per_share", words.amount(&["每股"]).map(Fen::get))
        .with_some("shares", words.count_before(&["股"]))
        .with_some("households", households)
        .with_some("resolution_no", record.resolution.clone());
    Ok(record.told("distribution", format!("共{whole}元：{shown}分给{to}{given}元"), body))
}
