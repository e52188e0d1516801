//! `audit_note` (审计线索): an inspector's note, kept elsewhere: its digest and state are public, so that it can't be denied later.

use super::{Field, Kind, Place, Type, no_rule};

pub(super) const KIND: Kind = Kind {
    name: "audit_note",
    zh: "审计线索",
    place: Place::Accounts,
    fields: &[
        Field::must("state", Type::Choice(&["open", "explained", "transferred"])),
        Field::must("digest", Type::Digest),
        Field::may("rule", Type::Text(20)),
    ],
    rule: no_rule,
    example: r#"{"state":"open","digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#,
};
