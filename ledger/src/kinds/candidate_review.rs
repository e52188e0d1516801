//! `candidate_review` (候选人联审结果): how many candidates passed the joint review; who failed and why is never published.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "candidate_review",
    zh: "候选人联审结果",
    place: Place::Accounts,
    fields: &[
        Field::may("term", Type::Text(60)),
        Field::must("post", Type::Text(60)),
        Field::may("reviewed_by", Type::Many(&Type::Text(60))),
        Field::must("submitted", Type::Count),
        Field::must("passed", Type::Count),
        Field::must("failed", Type::Count),
        NOTE,
    ],
    rule,
    example: r#"{"post":"村委会委员","submitted":2,"passed":1,"failed":1}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let count = |name| entry.body().int_of(name).unwrap_or_default();
    if count("passed").saturating_add(count("failed")) <= count("submitted") {
        return Ok(());
    }
    Err(FieldError::new(
        "body.submitted",
        "通过与不通过之和多于提交人数，请核对 / more passed and failed than were submitted; check the counts [E-68]",
    ))
}
