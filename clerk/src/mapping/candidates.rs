//! 候选人联审: how many passed; who did not, and why, is never published.

use super::told::{Missing, Told};
use super::words::Words;
use crate::cell::cut;
use crate::record::Record;
use ledger::json::Object;

/// Maps the result of a joint review.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let words = Words::of(&record.text);
    let post = words.head(&["初步候选人", "候选人"]).map(|post| {
        let post = post.trim_start_matches("补选").trim_start_matches("换届").trim_start_matches("选举");
        post.to_owned()
    });
    let post = post
        .filter(|post| !post.is_empty())
        .ok_or_else(|| Missing::text("职务", "村委会委员候选人2名", "the post"))?;
    let submitted = words
        .count(&["候选人"])
        .ok_or_else(|| Missing::text("候选人数", "候选人2名", "how many candidates"))?;
    let passed =
        words.count(&["通过"]).ok_or_else(|| Missing::text("通过人数", "通过1名", "how many passed"))?;
    let failed = words.count(&["不通过", "未通过"]).or((passed == submitted).then_some(0));
    let failed = failed.ok_or_else(|| Missing::text("不通过人数", "不通过1名", "how many failed"))?;
    let body = Object::new()
        .with("post", cut(&post, 60))
        .with("submitted", submitted)
        .with("passed", passed)
        .with("failed", failed);
    let plain = format!("{post}候选人{submitted}名：通过{passed}名，不通过{failed}名");
    Ok(record.told("candidate_review", plain, body))
}
