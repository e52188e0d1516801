//! `redaction` (隐私撤下): sealed fields of an earlier entry are withdrawn; every proof of it stays valid (个人信息保护法 art. 47).

use super::parts::{self, NOTE, TARGET};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "redaction",
    zh: "隐私撤下",
    place: Place::Accounts,
    fields: &[
        Field::must("target", Type::Object(TARGET)),
        Field::must("paths", Type::Many(&Type::Path)),
        Field::must("basis", Type::Choice(&["privacy_law", "posting_ended", "court"])),
        Field::must("ordered_by", Type::Text(60)),
        NOTE,
    ],
    rule,
    example: r#"{"target":{"seq":9,"leaf":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"paths":["counterparty.name"],"basis":"posting_ended","ordered_by":"榕溪村务监督委员会"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    parts::target(entry, "target")?;
    parts::distinct(entry, "paths", "")
}
