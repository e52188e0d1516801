//! `supervision_opinion` (监委会意见): what the supervision committee says of a period's disclosure (村民委员会组织法 art. 37).

use super::parts::{NOTE, PROCESS};
use super::{Field, Kind, Place, Type, period};
use crate::entry::{Entry, FieldError};

pub(super) const KIND: Kind = Kind {
    name: "supervision_opinion",
    zh: "监委会意见",
    place: Place::Accounts,
    fields: &[
        Field::must("opinion", Type::Choice(&["agree", "agree_with_reservations", "object"])),
        Field::may("objections", Type::Paragraphs),
        Field::must("signers", Type::Count),
        NOTE,
        PROCESS,
    ],
    rule,
    example: r#"{"opinion":"agree_with_reservations","objections":["3号虾塘未经竞价"],"signers":3}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    if entry.body().text_of("opinion") != Some("agree") && entry.body().get("objections").is_none() {
        return Err(FieldError::new(
            "body.objections",
            "保留或反对应写明理由 / reservations are to be named [E-70]",
        ));
    }
    period(entry)
}
