//! 资源台账: one parcel of land, forest or water.

use super::asset::key;
use super::told::{Missing, Told, decimal, sentence};
use crate::cell::cut;
use crate::record::Record;
use ledger::json::Object;

const TYPES: [(&str, &str); 13] = [
    ("耕地", "arable"),
    ("园地", "garden"),
    ("林地", "forest"),
    ("草地", "grass"),
    ("滩涂", "tidal"),
    ("水面", "water"),
    ("虾塘", "water"),
    ("鱼塘", "water"),
    ("水塘", "water"),
    ("四荒", "barren"),
    ("荒", "barren"),
    ("建设用地", "construction"),
    ("宅基地", "construction"),
];
const STATUS: [(&str, &str); 7] = [
    ("争议", "disputed"),
    ("纠纷", "disputed"),
    ("闲置", "idle"),
    ("发包", "contracted"),
    ("承包", "contracted"),
    ("出租", "contracted"),
    ("自", "self"),
];

/// Maps a row of the register of resources.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let number =
        words.text(&["编号"]).ok_or_else(|| Missing::text("地块编号", "编号RW-ZY-003", "its number"))?;
    let of_type = words.text(&["类型", "类别"]).and_then(|t| key(&TYPES, &t)).ok_or_else(|| {
        Missing::text("资源类型", "类型水面（或耕地、园地、林地、草地、滩涂、四荒、建设用地）", "its type")
    })?;
    let area = record.area().ok_or_else(|| Missing::text("面积", "面积86.50亩", "its area"))?;
    let status = words
        .text(&["现状", "状态"])
        .and_then(|t| key(&STATUS, &t))
        .ok_or_else(|| Missing::text("现状", "现状已发包（或自营、闲置、有争议）", "who uses it"))?;
    let name = words.head(&[":"]);
    let shown = name.clone().unwrap_or_else(|| number.clone());
    let body = Object::new()
        .with("parcel_no", number)
        .with_some("name", name.map(|n| cut(&n, 100)))
        .with("type", of_type)
        .with("area", area)
        .with_some("bounds", words.sentence(&["四至"]).map(|t| cut(&t, 200)))
        .with_some("tenure", words.text(&["权属"]).map(|t| cut(&t, 60)))
        .with("status", status)
        .with_some("holder", record.counterparty());
    Ok(record.told(
        "resource",
        sentence(&format!("登记资源{shown}"), &format!("：{}亩", decimal(area))),
        body,
    ))
}
