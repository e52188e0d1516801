//! `party_notice` (党务公开): what the party branch makes public.

use super::parts::PROCESS;
use super::{Field, Kind, Place, Type, no_rule};

pub(super) const KIND: Kind = Kind {
    name: "party_notice",
    zh: "党务公开",
    place: Place::Accounts,
    fields: &[
        Field::must("matter", Type::Choice(&["work_plan", "decision", "development", "dues", "other"])),
        Field::may("branch", Type::Text(60)),
        Field::must("text", Type::Paragraphs),
        Field::may(
            "counts",
            Type::List(&[Field::must("name", Type::Text(40)), Field::must("count", Type::Count)]),
        ),
        Field::may("amount", Type::Fen),
        PROCESS,
    ],
    rule: no_rule,
    example: r#"{"matter":"dues","text":["第1季度党费收缴"],"counts":[{"name":"应缴党员","count":38},{"name":"已缴党员","count":38}],"amount":118600}"#,
};
