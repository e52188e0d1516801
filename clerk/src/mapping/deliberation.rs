//! 协商议事: what villagers were asked, what they said, what was taken up.

use super::told::{Missing, Told, sentence};
use crate::cell::cut;
use crate::columns::OCCURRED;
use crate::record::Record;
use ledger::json::{Object, Value};

/// Maps a talk.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let held_on = record.occurred.ok_or_else(|| Missing::cell(OCCURRED))?;
    let words = record.words();
    let topic = words
        .text(&["议题", "主题"])
        .ok_or_else(|| Missing::text("议题", "议题:北坡巷路灯增设", "the topic"))?;
    let opinions =
        words.count(&["意见"]).ok_or_else(|| Missing::text("意见条数", "意见11条", "how many opinions"))?;
    let adopted = words
        .count(&["采纳"])
        .ok_or_else(|| Missing::text("采纳条数", "采纳8条", "how many were taken up"))?;
    let outcome = words.sentence(&["答复", "结果"]).map(|text| vec![Value::from(text)]);
    let end = format!("：意见{opinions}条，采纳{adopted}条");
    let body = Object::new()
        .with("topic", cut(&topic, 200))
        .with("held_on", held_on.to_string())
        .with_some("attendance", words.count(&["参加", "到会", "参会"]))
        .with("opinions", opinions)
        .with("adopted", adopted)
        .with_some("outcome", outcome)
        .with_some("follow_up_due", words.date(&["落实期限", "办结期限"]).map(|d| d.to_string()));
    Ok(record.told("deliberation", sentence(&format!("商议{topic}"), &end), body))
}
