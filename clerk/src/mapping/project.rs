//! 工程项目: works, with the figures known by then.

use super::told::{Missing, Told, sentence};
use super::trade::{bidders, method};
use super::voucher::fund;
use super::words::Words;
use crate::cell::cut;
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::money::Fen;

/// Maps 工程立项, 工程项目, 验收 and 结算.
///
/// # Errors
/// The name is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let name = Words::of(&record.text).head(&[":"]);
    let name =
        name.ok_or_else(|| Missing::text("工程名称", "海堤便道修补:合同价48500元,直接委托", "its name"))?;
    let fen = |keys: &[&str]| words.amount(keys).map(Fen::get);
    let date = |keys: &[&str]| words.date(keys).map(|d| d.to_string());
    let price = words.amount(&["合同价", "中标价", "成交价"]);
    let way = method(record);
    let sum = price.or(record.amount).map(|p| format!("：{p}元")).unwrap_or_default();
    let end = format!("{sum}{}", way.map(|(word, _)| format!("，{word}")).unwrap_or_default());
    let sources = record.fund.as_deref().and_then(fund).map(|key| vec![Value::from(key)]);
    let body = Object::new()
        .with_some("project_no", words.text(&["项目编号"]).map(|t| cut(&t, 60)))
        .with("name", cut(&name, 100))
        .with_some("budget", fen(&["预算", "概算"]))
        .with_some("fund_sources", sources)
        .with_some("method", way.map(|(_, key)| key))
        .with_some("bidders", bidders(&words))
        .with_some("contractor", record.counterparty())
        .with_some("contract_no", record.contract.clone())
        .with_some("price", price.map(Fen::get))
        .with_some("start", date(&["开工"]))
        .with_some("finish", date(&["完工", "竣工"]))
        .with_some("variation", fen(&["变更增加", "增加"]))
        .with_some("acceptors", words.count(&["验收人员", "参加验收"]))
        .with_some("accepted_on", date(&["验收合格", "验收日期"]))
        .with_some("settled", fen(&["结算价", "结算"]))
        .with_some("paid", fen(&["已付", "累计支付"]))
        .with_some("retention", fen(&["质保金", "质量保证金"]))
        .with_some("resolution_no", record.resolution.clone());
    Ok(record.told("project", sentence(&name, &end), body))
}
