//! `resolution` (决议): what a meeting decided, with the counts from which anyone can tell whether it could.
//!
//! Tracks: village affairs (村民委员会组织法 art. 28 to 30), collective property (农村集体经济组织法 art. 26 to 28).
//! Quorum and majority are soft rules (SPEC section 7.1): a decision taken without them must be published and found.

use super::parts::{NOTE, PROCESS, STAGES};
use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "resolution",
    zh: "决议",
    place: Place::Accounts,
    fields: &[
        Field::must("resolution_no", Type::Text(60)),
        Field::must("track", Type::Choice(&["village", "collective"])),
        Field::must(
            "organ",
            Type::Choice(&[
                "villagers_meeting",
                "villager_representatives",
                "members_meeting",
                "member_representatives",
            ]),
        ),
        Field::must("held_on", Type::Date),
        Field::must("motion", Type::Text(400)),
        Field::must("eligible", Type::Count),
        Field::must("present", Type::Count),
        Field::may("proxies", Type::Count),
        Field::must("for", Type::Count),
        Field::must("against", Type::Count),
        Field::must("abstain", Type::Count),
        Field::must("passed", Type::Flag),
        Field::may("steps", Type::List(STEPS)),
        Field::may("minutes", Type::Digest),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"resolution_no":"RX-JY-2026-01","track":"village","organ":"villager_representatives","held_on":"2026-01-10","motion":"春节慰问方案及2026年保洁合同","eligible":31,"present":27,"for":26,"against":0,"abstain":1,"passed":true}"#,
};

const STEPS: &[Field] = &[
    Field::must("step", Type::Choice(STAGES)),
    Field::must("on", Type::Date),
    Field::may("merged_with", Type::Choice(STAGES)),
];

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let body = entry.body();
    let count = |name| body.int_of(name).unwrap_or_default();
    let wrong = |field: &str, what: &str| Err(FieldError::new(format!("body.{field}"), what));
    let voting = count("present").saturating_add(count("proxies"));
    if voting > count("eligible") {
        return wrong(
            if count("present") > count("eligible") { "present" } else { "proxies" },
            "实到与委托人数多于应到，请核对 / more present and by proxy than eligible; check the counts [E-66]",
        );
    }
    let votes = ["for", "against", "abstain"].iter().fold(0i64, |sum, vote| sum.saturating_add(count(vote)));
    if votes > voting {
        return wrong(
            "for",
            "票数多于到会与委托人数，请核对 / more votes than people present and proxies; check them [E-66]",
        );
    }
    Ok(())
}
