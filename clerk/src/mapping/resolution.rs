//! 决议: what a meeting decided and the counts it did so with.

use super::told::{Missing, Told, sentence};
use super::words::Words;
use crate::cell::cut;
use crate::columns::{OCCURRED, RESOLUTION};
use crate::record::Record;
use ledger::json::Object;

/// Meetings as they are called, most telling first; their track and key.
const ORGANS: [(&[&str], &str, &str); 4] = [
    (&["成员代表", "社员代表", "股东代表"], "collective", "member_representatives"),
    (&["成员大会", "社员大会", "股东大会"], "collective", "members_meeting"),
    (&["村民代表", "居民代表"], "village", "villager_representatives"),
    (&["村民会议", "村民大会"], "village", "villagers_meeting"),
];

/// Maps a resolution.
///
/// # Errors
/// The first piece that is missing.
pub fn map(record: &Record) -> Result<Told, Missing> {
    let number = record.resolution.clone().ok_or_else(|| Missing::cell(RESOLUTION))?;
    let held_on = record.occurred.ok_or_else(|| Missing::cell(OCCURRED))?;
    let named = Words::of([&record.matter, &record.line()]);
    let (_, track, organ) = ORGANS.iter().find(|(names, ..)| named.has(names)).ok_or_else(|| {
        Missing::text("是什么会议的决议", "村民代表会议决议 或 成员代表大会决议", "which meeting it was")
    })?;
    let words = Words::of(&record.text);
    let motion = words.head(&["应到"]).map(|m| m.strip_prefix("审议").unwrap_or(&m).to_owned());
    let motion = motion.filter(|m| !m.is_empty()).ok_or_else(|| {
        Missing::text("议题和应到人数", "审议……方案:应到31人,实到27人", "motion and number of members")
    })?;
    // The motion itself may speak of 通过 or 同意.
    let counts = words.from("应到");
    let count = |keys: &[&str], like: &str| {
        let zh = format!("{}人数", keys.first().unwrap_or(&""));
        counts.count(keys).ok_or_else(|| Missing::text(&zh, like, "a count"))
    };
    let eligible = count(&["应到"], "应到31人")?;
    let present = count(&["实到", "到会"], "实到27人")?;
    let (yes, no) = (count(&["同意", "赞成"], "同意26")?, count(&["反对", "不同意"], "反对0")?);
    let abstain = count(&["弃权"], "弃权1")?;
    let passed = match (counts.has(&["未通过", "不通过", "没有通过", "否决"]), counts.has(&["通过"]))
    {
        (true, _) => false,
        (false, true) => true,
        (false, false) => return Err(Missing::text("结果", "通过 或 未通过", "the result")),
    };
    let end = format!(
        "{}：应到{eligible}人，实到{present}人，同意{yes}、反对{no}、弃权{abstain}",
        if passed { "通过" } else { "未通过" }
    );
    let body = Object::new()
        .with("resolution_no", number)
        .with("track", *track)
        .with("organ", *organ)
        .with("held_on", held_on.to_string())
        .with("motion", cut(&motion, 400))
        .with("eligible", eligible)
        .with("present", present)
        .with_some("proxies", counts.count(&["委托"]))
        .with("for", yes)
        .with("against", no)
        .with("abstain", abstain)
        .with("passed", passed);
    Ok(record.told("resolution", sentence(&format!("{motion}，"), &end), body))
}
