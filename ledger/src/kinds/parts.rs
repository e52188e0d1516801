//! Fields and rules that several kinds share.

use super::{Field, Type};
use crate::entry::{Entry, FieldError};
use crate::json::Value;

/// The other side of a payment, contract or bid. Names of natural persons never stand in clear.
pub(super) const COUNTERPARTY: &[Field] = &[
    Field::must("kind", Type::Choice(&["person", "group", "company", "organ"])),
    Field::may("name", Type::Text(100)),
    Field::may("code", Type::Text(18)),
];
/// A number of things: hundredths of the unit named.
pub(super) const QUANTITY: &[Field] =
    &[Field::must("hundredths", Type::Count), Field::must("unit", Type::Text(20))];
/// How long something is let or lent.
pub(super) const TERM: &[Field] =
    &[Field::may("from", Type::Date), Field::may("to", Type::Date), Field::may("months", Type::Count)];
/// What is due under a contract, payment by payment.
pub(super) const SCHEDULE: &[Field] = &[Field::must("due", Type::Date), Field::must("amount", Type::Fen)];
/// An earlier entry of the same unit.
pub(super) const TARGET: &[Field] = &[Field::must("seq", Type::Count), Field::must("leaf", Type::Hash)];
/// When something is to be disclosed; see `deadline`.
pub(super) const DUE: &[Field] = &[
    Field::must("rule", Type::Choice(&["after_event", "after_period", "before_event", "yearly"])),
    Field::may("days", Type::Count),
    Field::may("working", Type::Flag),
    Field::may("month", Type::Count),
    Field::may("day", Type::Count),
];
/// Remarks.
pub(super) const NOTE: Field = Field::may("note", Type::Paragraphs);
/// Stages of a disposal in their order (SPEC section 4).
pub(super) const STAGES: &[&str] =
    &["propose", "discuss", "review", "resolve", "post", "trade", "contract", "collect", "complete"];
/// The disposal that an entry is a stage of.
pub(super) const PROCESS: Field = Field::may(
    "process",
    Type::Object(&[
        Field::must("id", Type::Text(60)),
        Field::must("stage", Type::Choice(STAGES)),
        Field::may("merged_with", Type::Choice(STAGES)),
    ]),
);
/// Ways of choosing who gets something.
pub(super) const METHODS: &[&str] = &["tender", "auction", "listing", "negotiation", "direct"];
/// Where money comes from.
pub(super) const FUNDS: &[&str] =
    &["self", "fiscal", "donation", "land_compensation", "levy", "loan", "other"];
/// What a contract or a trade is about.
pub(super) const SUBJECTS: &[&str] = &["asset", "resource", "works", "service", "goods", "other"];
/// Roles of seals.
pub(super) const SEALS: &Type = &Type::Choice(&["township", "supervision"]);

/// The rule that a natural person has no name in clear, at a path below `body`.
pub(super) fn counterparty(entry: &Entry, path: &str) -> Result<(), FieldError> {
    let at = |field: &str| entry.body().at_path(&format!("{path}.{field}"));
    if at("kind").and_then(Value::as_text) == Some("person") && at("name").is_some() {
        let what = "个人姓名不得明文入账 / a natural person's name may not stand in clear";
        return Err(FieldError::new(format!("body.{path}.name"), what));
    }
    Ok(())
}

/// The rule that a term says something and does not end before it begins.
pub(super) fn term(entry: &Entry) -> Result<(), FieldError> {
    let Some(term) = entry.body().get("term").and_then(Value::object) else { return Ok(()) };
    let ends_early = term.text_of("from").zip(term.text_of("to")).is_some_and(|(from, to)| to < from);
    if ends_early || term.fields().is_empty() {
        let what = "期限应写明，结束不早于开始 / a term says something, and does not end before it begins";
        return Err(FieldError::new("body.term", what));
    }
    Ok(())
}

/// The number of an earlier entry that the body names.
pub(super) fn target(entry: &Entry, name: &str) -> Result<u64, FieldError> {
    let seq = entry.body().at_path(&format!("{name}.seq"));
    let seq = seq.and_then(|v| if let Value::Int(n) = v { u64::try_from(*n).ok() } else { None });
    seq.filter(|seq| (1..entry.seq()).contains(seq)).ok_or_else(|| {
        FieldError::new(format!("body.{name}.seq"), "应指向更早的条目 / want an earlier entry")
    })
}
