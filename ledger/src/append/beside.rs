//! What an entry needs beside it: openings, the list behind a payment list, attachments (SPEC E-62). It is judged before
//! the entry is taken; none of it enters the log.

use super::refusal::{Refusal, RefusalCode, refuse};
use crate::entry::{Attachment, Entry, Visibility};
use crate::payment_rows::{List, ROWS_MEDIA, Rows, list_of};
use crate::sealed::{EntryId, Openings, Report, Sealed, check};

/// What came with an entry that brings nothing: fine when it needs nothing.
pub(super) fn none(entry: &Entry) -> Result<Openings, Refusal> {
    let needs = [
        (
            entry.json.get("sealed").is_some(),
            "sealed",
            "封存字段的开启值",
            "the openings of its sealed fields",
        ),
        (
            list_of(entry).is_some(),
            "body.list",
            "清单的行和开启值",
            "the rows of its list and their openings",
        ),
        (!entry.attachments.is_empty(), "attachments", "附件", "its attachments"),
    ];
    match needs.iter().find(|(needed, ..)| *needed) {
        None => Ok(Openings::default()),
        Some((_, field, zh, en)) => {
            Err(wrong(field, format!("缺少{zh}，请一并提交 / {en} are missing; submit them with it")))
        }
    }
}

/// The blob of a list as it must have been uploaded: else it could be an attachment too, and what withdraws that could
/// not let it go.
fn as_uploaded(list: &List, rows: &Rows) -> Attachment {
    Attachment {
        digest: list.digest,
        size: rows.text().len() as u64,
        media: ROWS_MEDIA.to_owned(),
        title: String::new(),
        access: Visibility::Public,
    }
}

/// Judges all that came beside an entry; `blobs` says whether a file is there with its size, type and access.
pub(super) fn judge(
    entry: &Entry,
    openings: Openings,
    rows: Option<&Rows>,
    blobs: &dyn Fn(&Attachment) -> Result<(), Refusal>,
) -> Result<Openings, Refusal> {
    let mut sealed = Sealed::of(entry)?;
    if let Some(list) = list_of(entry) {
        let Some(rows) = rows.filter(|rows| list.holds(rows)) else {
            let what = "清单的行缺少，或与条目写的摘要、户数、总额、根不符，请上传原清单 / the list's rows are missing, or their digest, count, total or root is not the entry's; upload the list it was made from [P-23]";
            return Err(wrong("body.list", what));
        };
        if blobs(&as_uploaded(&list, rows)).is_err() {
            let what = "清单的文件不是按清单（text/x.village-ledger.rows，公开）上传的，请重新上传 / the list's blob was not uploaded as rows (text/x.village-ledger.rows, public); upload it as such [P-36]";
            return Err(wrong("body.list", what));
        }
        sealed.extend(rows.sealed(list.access));
    }
    let Report { missing, wrong: altered, stray, .. } = check(&EntryId::of(entry), &sealed, &openings);
    let faults = [
        (
            altered.first().copied(),
            "开启值与承诺或 access 不符，请用封存时的那一份 / the opening does not give the commitment or access of the entry; bring the one it was sealed with [P-16]",
        ),
        (
            stray.first().copied(),
            "条目没有封存这个字段，请去掉它的开启值 / the entry did not seal this path; leave its opening out [P-16]",
        ),
        (
            missing.first().map(|field| field.path.as_str()),
            "缺少这个字段的开启值，请一并提交 / the opening of this path is missing; submit it with the entry",
        ),
        (
            openings.unmasked(),
            "姓名须为隐名形式，如“李*明”，请隐名后重新封存 / the name must be in masked form, as in “李*明”; mask it and seal again [P-17]",
        ),
    ];
    if let Some((path, what)) = faults.iter().find_map(|(path, what)| Some(((*path)?, *what))) {
        return Err(wrong(path, what));
    }
    entry.attachments.iter().try_for_each(blobs)?;
    Ok(openings)
}

fn wrong(field: &str, what: impl Into<String>) -> Refusal {
    refuse(RefusalCode::Beside, field, what)
}
