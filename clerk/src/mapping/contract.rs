//! 合同: what was signed, and what became of it.

use super::asset::key;
use super::told::{Missing, Told, sentence};
use super::total;
use super::trade::term;
use super::words::{Words, instalment};
use crate::cell::cut;
use crate::columns::{AMOUNT, CONTRACT, OCCURRED, PARTY};
use crate::record::Record;
use ledger::json::{Object, Value};
use ledger::money::Fen;

const SUBJECTS: [(&str, &str); 16] = [
    ("工程", "works"),
    ("施工", "works"),
    ("保洁", "service"),
    ("服务", "service"),
    ("管护", "service"),
    ("采购", "goods"),
    ("购买", "goods"),
    ("资源", "resource"),
    ("发包", "resource"),
    ("承包", "resource"),
    ("塘", "resource"),
    ("林地", "resource"),
    ("资产", "asset"),
    ("租赁", "asset"),
    ("出租", "asset"),
    ("铺", "asset"),
];
/// What happens to a contract, most telling first: an old debt that was paid is a payment.
const EVENTS: [(&str, &str, &str); 19] = [
    ("收到", "payment", "收到"),
    ("已收", "payment", "收到"),
    ("已缴", "payment", "收到"),
    ("已付", "payment", "付出"),
    ("未收", "arrears", "拖欠"),
    ("未缴", "arrears", "拖欠"),
    ("未付", "arrears", "拖欠"),
    ("拖欠", "arrears", "拖欠"),
    ("逾期", "arrears", "拖欠"),
    ("欠", "arrears", "拖欠"),
    ("转包", "sublease", "转包"),
    ("转租", "sublease", "转租"),
    ("续签", "renew", "续签"),
    ("续租", "renew", "续租"),
    ("变更", "amend", "变更"),
    ("终止", "terminate", "终止"),
    ("解除", "terminate", "解除"),
    ("已到期", "expire", "到期"),
    ("期满", "expire", "期满"),
];

/// What a contract is about, as 公开事项 and 摘要 tell.
pub fn subject_kind(record: &Record) -> Option<&'static str> {
    key(&SUBJECTS, &record.line()).or_else(|| key(&SUBJECTS, &record.matter))
}

/// Maps 合同签订.
///
/// # Errors
/// The first piece that is missing.
pub fn signed(record: &Record) -> Result<Told, Missing> {
    let words = record.words();
    let number = record.contract.clone().ok_or_else(|| Missing::cell(CONTRACT))?;
    let subject_kind = subject_kind(record).ok_or_else(|| {
        Missing::text(
            "是资源、资产、工程、服务还是采购合同",
            "1号虾塘承包合同:期限5年",
            "what kind of contract",
        )
    })?;
    let name = words.head(&[":"]).unwrap_or_else(|| record.line());
    let name = name.trim_start_matches("签订");
    let subject = name.trim_end_matches("合同");
    let bare = ["租赁", "承包", "出租", "发包"].iter().find_map(|way| subject.strip_suffix(way));
    let subject = bare.filter(|bare| !bare.is_empty()).unwrap_or(subject);
    let party = record.counterparty().ok_or_else(|| Missing::cell(PARTY))?;
    let signed_on = record.occurred.ok_or_else(|| Missing::cell(OCCURRED))?;
    let parts: Vec<(_, Fen)> = words.clauses().filter_map(instalment).collect();
    let total = total::of(record, subject_kind, &parts);
    let sum: i64 = parts.iter().map(|(_, fen)| fen.get()).sum();
    let whole = total.is_none_or(|total| total == sum);
    let schedule: Vec<Value> = parts
        .iter()
        .filter(|_| whole)
        .map(|(due, fen)| Object::new().with("due", due.to_string()).with("amount", fen.get()).into())
        .collect();
    let term = term(&words);
    let shown = total.and_then(Fen::new).map(|t| format!("，共{t}元")).unwrap_or_default();
    let end = format!("{}{shown}", term.as_ref().map(|(_, long)| long.as_str()).unwrap_or_default());
    let body = Object::new()
        .with("contract_no", number)
        .with("subject_kind", subject_kind)
        .with("subject", cut(subject, 100))
        .with("counterparty", party)
        .with("signed_on", signed_on.to_string())
        .with_some("term", term.map(|(term, _)| term))
        .with_some("total", total)
        .with_some("unit_price", words.rate(&["年租", "租金"]).map(Fen::get))
        .with_some("area", record.area())
        .with_some("schedule", (!schedule.is_empty()).then_some(schedule))
        .with_some("escalation", words.text(&["递增"]).map(|t| cut(&format!("递增{t}"), 100)))
        .with_some("deposit", words.amount(&["押金", "保证金"]).map(Fen::get))
        .with_some("resolution_no", record.resolution.clone())
        .with_some("town_filed", words.has(&["镇备案", "已备案"]).then_some(true));
    Ok(record.told("contract", sentence(&format!("签订{name}"), &end), body))
}

/// Maps 合同履行, 合同变更, 合同终止.
///
/// # Errors
/// The first piece that is missing.
pub fn event(record: &Record) -> Result<Told, Missing> {
    let number = record.contract.clone().ok_or_else(|| Missing::cell(CONTRACT))?;
    let texts = [Words::of(&record.text), Words::of(&record.note), Words::of([&record.matter])];
    let found = texts.iter().find_map(|words| EVENTS.iter().find(|(word, ..)| words.has(&[word])));
    let (_, event, shown) = *found.ok_or_else(|| {
        Missing::text("合同怎样了", "已收到、未收到、变更、终止、续签", "what happened to it")
    })?;
    let words = record.words();
    let due = words.date(&["应于", "应在", "缴款期限"]);
    let amount = record.amount.map(Fen::get);
    if amount.is_none() && matches!(event, "payment" | "arrears") {
        return Err(Missing::cell(AMOUNT));
    }
    let sum = record.amount.map(|a| format!("{a}元")).unwrap_or_default();
    let end = due.map(|d| format!("，应于{d}前")).unwrap_or_default();
    let term = term(&words).map(|(term, _)| term);
    let body = Object::new()
        .with("contract_no", number.as_str())
        .with("event", event)
        .with_some("amount", amount)
        .with_some("due", due.map(|d| d.to_string()))
        .with_some("counterparty", record.counterparty())
        .with_some("term", term)
        .with_some("reason", words.text(&["原因", "理由"]).map(|t| cut(&t, 200)))
        .with_some("resolution_no", record.resolution.clone());
    Ok(record.told("contract_event", sentence(&format!("合同{number}：{shown}{sum}"), &end), body))
}
