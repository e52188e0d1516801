//! `correction` (更正): fields of an earlier entry of the same unit, old and new value side by side.
//!
//! Nothing is edited: both stay for ever. That the target exists and that the old values are what was
//! published (earlier corrections applied) is checked at append.

use super::parts::{self, TARGET};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};
use crate::json::Value;

pub(super) const KIND: Kind = Kind {
    name: "correction",
    zh: "更正",
    place: Place::Accounts,
    fields: &[
        Field::must("target", Type::Object(TARGET)),
        Field::must(
            "fields",
            Type::List(&[
                Field::must("path", Type::Path),
                Field::must("old", Type::Scalar),
                Field::must("new", Type::Scalar),
            ]),
        ),
        Field::must(
            "reason",
            Type::Choice(&["typo", "omission", "misclass", "reversal", "legal", "privacy"]),
        ),
        Field::must("explanation", Type::Text(200)),
        Field::may("voucher_no", Type::Text(40)),
    ],
    rule,
    example: r#"{"target":{"seq":9,"leaf":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"fields":[{"path":"body.amount","old":486000,"new":846000},{"path":"body.lines.0.amount","old":486000,"new":846000}],"reason":"typo","explanation":"录入数字颠倒"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let body = entry.body();
    parts::target(entry, "target")?;
    let mut seen = Vec::new();
    for (i, field) in body.list_of("fields").iter().filter_map(Value::object).enumerate() {
        let at = format!("body.fields.{i}");
        let path = field.text_of("path").unwrap_or_default();
        let open = ["item", "period", "occurred", "title", "summary", "posting.", "body."];
        if !open.iter().any(|o| if o.ends_with('.') { path.starts_with(o) } else { path == *o }) {
            return Err(FieldError::new(
                at,
                "这个字段不能更正，可用取代 / this field can't be corrected; supersede the entry [E-45]",
            ));
        }
        if seen.contains(&path) || field.get("old") == field.get("new") {
            return Err(FieldError::new(
                at,
                "同一字段写了两次，或新旧相同，请删去 / a field twice, or nothing changed; leave it out [E-45]",
            ));
        }
        seen.push(path);
    }
    Ok(())
}
