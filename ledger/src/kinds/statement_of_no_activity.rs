//! `statement_of_no_activity` (零申报): nothing happened in this period: "nothing happened" and "nothing published" are told apart.

use super::parts::{self, NOTE};
use super::{Field, Kind, Place, Type, period};

pub(super) const KIND: Kind = Kind {
    name: "statement_of_no_activity",
    zh: "零申报",
    place: Place::Accounts,
    fields: &[Field::must("classes", Type::Many(&Type::Choice(&["party", "village", "finance"]))), NOTE],
    rule: |entry| period(entry).and_then(|()| parts::distinct(entry, "classes", "")),
    example: r#"{"classes":["finance"],"note":["本月没有收支"]}"#,
};
