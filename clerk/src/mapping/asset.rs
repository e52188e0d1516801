//! 资产: the register, and what happens to an asset.

use super::told::{Missing, Told, object_of, sentence};
use super::trade::{bidders, method, term};
use super::words::Words;
use crate::cell::cut;
use crate::record::Record;
use ledger::json::Object;
use ledger::money::Fen;

const EVENTS: [(&str, &str); 16] = [
    ("报废", "scrap"),
    ("出租", "lease"),
    ("招租", "lease"),
    ("租赁", "lease"),
    ("出售", "sell"),
    ("变卖", "sell"),
    ("转让", "sell"),
    ("抵押", "mortgage"),
    ("购置", "purchase"),
    ("购买", "purchase"),
    ("划入", "transfer_in"),
    ("调入", "transfer_in"),
    ("划出", "transfer_out"),
    ("调出", "transfer_out"),
    ("盘盈", "inventory_gain"),
    ("盘亏", "inventory_loss"),
];
const CATEGORIES: [(&str, &str); 10] = [
    ("房屋", "building"),
    ("建筑", "building"),
    ("设备", "equipment"),
    ("机械", "equipment"),
    ("车辆", "vehicle"),
    ("运输", "vehicle"),
    ("基础设施", "infrastructure"),
    ("无形资产", "intangible"),
    ("生物资产", "biological"),
    ("其他", "other"),
];

/// Maps a row of 资产登记台账.
///
/// # Errors
/// The first piece that is missing.
pub fn register(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let name = words.head(&[":"]).ok_or_else(|| {
        Missing::text("资产名称", "综合市场铺面:编号RX-ZC-012,类别房屋,原值320000元", "its name")
    })?;
    let number =
        words.text(&["编号"]).ok_or_else(|| Missing::text("资产编号", "编号RX-ZC-012", "its number"))?;
    let category = words.text(&["类别"]).and_then(|t| key(&CATEGORIES, &t)).ok_or_else(|| {
        Missing::text(
            "资产类别",
            "类别房屋（或设备、车辆、基础设施、无形资产、生物资产、其他）",
            "its category",
        )
    })?;
    let value = words.amount(&["原值"]).or(record.amount);
    let value = value.ok_or_else(|| Missing::text("原值", "原值320000元", "its original value"))?;
    let operating = words.has(&["经营性"]).then_some(true);
    let operating = operating.or_else(|| words.has(&["非经营性", "公益性"]).then_some(false));
    let body = Object::new()
        .with("asset_no", number)
        .with("name", cut(&name, 100))
        .with("category", category)
        .with_some("quantity", record.amount_of_things())
        .with("original_value", value.get())
        .with_some("net_value", words.amount(&["净值"]).map(Fen::get))
        .with_some("acquired", words.date(&["取得", "购置"]).map(|d| d.to_string()))
        .with_some("place", words.text(&["坐落", "地点", "位于"]).map(|t| cut(&t, 100)))
        .with_some("condition", words.text(&["状况", "现状"]).map(|t| cut(&t, 60)))
        .with_some("operating", operating);
    Ok(record.told("asset", sentence(&format!("登记资产{name}"), &format!("：原值{value}元")), body))
}

/// Maps 资产出租, 资产处置, 资产购置, 资产登记变动.
///
/// # Errors
/// The first piece that is missing.
pub fn event(record: &Record) -> Result<Told, Missing> {
    let (text, words) = (Words::of(&record.text), record.words());
    let found = EVENTS.iter().find(|(word, _)| text.has(&[word]));
    let found = found.or_else(|| EVENTS.iter().find(|(word, _)| record.matter.contains(word)));
    let (word, event) = *found.ok_or_else(|| {
        Missing::text("资产怎样变动", "报废……、……出租:、出售……、购置……", "what happens to it")
    })?;
    let name = object_of(&text, &[word], &[word]).or_else(|| text.head(&[":"]));
    let name = name.map(|n| without_count(record, &n)).filter(|n| !n.is_empty()).ok_or_else(|| {
        Missing::text("资产名称", "旧小学校舍出租:年租18000元 或 报废旧办公电脑2台", "what it is")
    })?;
    let original = words.amount(&["原值"]);
    let price = words.amount(&["年租", "成交价", "售价", "残值收入"]).or_else(|| {
        let priced = matches!(event, "lease" | "sell" | "purchase");
        record.amount.filter(|_| priced)
    });
    let term = term(&words);
    let end = match (event, price, original, &term) {
        ("lease", Some(price), ..) => {
            format!("：一年{price}元{}", term.as_ref().map(|(_, long)| long.as_str()).unwrap_or_default())
        }
        ("sell" | "purchase", Some(price), ..) => format!("：{price}元"),
        (_, _, Some(original), _) => format!("：原值{original}元"),
        _ => String::new(),
    };
    let body = Object::new()
        .with_some("asset_no", words.text(&["资产编号"]).map(|t| cut(&t, 60)))
        .with("name", cut(&name, 100))
        .with("event", event)
        .with_some("original_value", original.map(Fen::get))
        .with_some("appraisal", words.amount(&["评估价", "评估值"]).map(Fen::get))
        .with_some("floor_price", words.amount(&["底价"]).map(Fen::get))
        .with_some("method", method(record).map(|(_, key)| key))
        .with_some("bidders", bidders(&words))
        .with_some("price", price.map(Fen::get))
        .with_some("counterparty", record.counterparty())
        .with_some("quantity", record.amount_of_things())
        .with_some("term", term.map(|(term, _)| term))
        .with_some("contract_no", record.contract.clone())
        .with_some("resolution_no", record.resolution.clone());
    Ok(record.told("asset_event", sentence(&format!("{word}{name}"), &end), body))
}

/// `旧办公电脑2台` is `旧办公电脑` when 数量 and 计量单位 say 2台.
fn without_count(record: &Record, name: &str) -> String {
    let unit = record.quantity.as_ref().and_then(|(_, unit)| name.strip_suffix(unit.as_str()));
    unit.map_or(name, |n| n.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')).to_owned()
}

/// The key of the first word that a text holds.
pub fn key(keys: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    keys.iter().find(|(word, _)| text.contains(word)).map(|(_, key)| *key)
}
