//! `statement_of_no_activity` (零申报): nothing happened in this period: "nothing happened" and "nothing published" are told apart.

use super::parts::NOTE;
use super::{Field, Kind, Place, Type, period};

pub(super) const KIND: Kind = Kind {
    name: "statement_of_no_activity",
    zh: "零申报",
    place: Place::Accounts,
    fields: &[Field::must("classes", Type::Many(&Type::Choice(&["party", "village", "finance"]))), NOTE],
    rule: period,
    example: r#"{"classes":["finance"],"note":["本月没有收支"]}"#,
};
