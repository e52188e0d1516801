//! `policy` (见证规则变更): the whole new witness policy, C2SP tlog-policy, line by line.

use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};
use crate::policy::Policy;
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "policy",
    zh: "见证规则变更",
    place: Place::Registry(&[Level::District]),
    fields: &[Field::must("lines", Type::Many(&Type::Text(2_000)))],
    rule,
    example: r#"{"lines":["quorum none"]}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let text: String =
        entry.body().list_of("lines").iter().filter_map(|l| l.as_text().map(|l| format!("{l}\n"))).collect();
    let policy = Policy::parse(&text).map_err(|e| {
        FieldError::new(
            "body.lines",
            format!("见证规则不可读，请改正 / can't be read as a policy: {e} [W-01]"),
        )
    })?;
    if policy.quorums_intersect() {
        return Ok(());
    }
    let what = "两组法定人数须有共同的见证人 / two quorums must have a witness in common [W-07]";
    Err(FieldError::new("body.lines", what))
}
