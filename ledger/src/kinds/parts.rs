//! Fields and rules that several kinds share.

use super::{Field, Type};
use crate::entry::{Entry, FieldError};
use crate::json::{Object, Value};

/// The other side of a payment, contract or bid; `code` is the unified social credit code (统一社会信用代码). Names and
/// numbers of natural persons never stand in clear (个人信息保护法 art. 6, 28).
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
pub(crate) const DUE: &[Field] = &[
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
pub(crate) const SEALS: &Type = &Type::Choice(&["township", "supervision"]);

/// The rule that a natural person stands there without name and number, at a path below `body`.
pub(super) fn counterparty(entry: &Entry, path: &str) -> Result<(), FieldError> {
    let party = entry.body().at_path(path).and_then(Value::object).unwrap_or(const { &Object::EMPTY });
    let hidden: &[&str] = match party.text_of("kind") {
        Some("person") => &["name", "code"],
        Some("group") => &["code"],
        _ => &[],
    };
    let Some(field) = hidden.iter().find(|field| party.get(field).is_some()) else { return Ok(()) };
    let what = "个人姓名、证件号码不得明文入账，代码只填单位的 / a natural person's name or number may not stand in clear; codes are those of companies and organs [E-47]";
    Err(FieldError::new(format!("body.{path}.{field}"), what))
}

/// The rule that prices are not below zero: what limits and findings go by must not shrink by its sign.
pub(super) fn prices(entry: &Entry) -> Result<(), FieldError> {
    let below = |name: &&&str| entry.body().int_of(name).is_some_and(|fen| fen < 0);
    let Some(name) = ["price", "unit_price", "total", "deposit"].iter().find(below) else { return Ok(()) };
    let what = "价款不能是负数，请核对 / a price is not below zero; check it [E-80]";
    Err(FieldError::new(format!("body.{name}"), what))
}

/// The rule that a term says something and does not end before it begins.
pub(super) fn term(entry: &Entry) -> Result<(), FieldError> {
    let Some(term) = entry.body().get("term").and_then(Value::object) else { return Ok(()) };
    let ends_early = term.text_of("from").zip(term.text_of("to")).is_some_and(|(from, to)| to < from);
    if ends_early || term.fields().is_empty() {
        let what =
            "期限应写明，结束不早于开始 / a term says something, and does not end before it begins [E-71]";
        return Err(FieldError::new("body.term", what));
    }
    Ok(())
}

/// The number of an earlier entry that the body names.
pub(super) fn target(entry: &Entry, name: &str) -> Result<i64, FieldError> {
    let seq = entry.body().get(name).and_then(Value::object).and_then(|target| target.int_of("seq"));
    seq.filter(|seq| *seq > 0 && u64::try_from(*seq).is_ok_and(|seq| seq < entry.seq())).ok_or_else(|| {
        FieldError::new(
            format!("body.{name}.seq"),
            "应指向本单位更早的条目 / want an earlier entry of this unit [E-72]",
        )
    })
}

/// The rule that a list holds nothing twice: no two equal values, no two objects with the same `key`.
pub(super) fn distinct(entry: &Entry, list: &str, key: &str) -> Result<(), FieldError> {
    let name = |value: &'_ Value| value.object().map_or(Some(value), |object| object.get(key)).cloned();
    let names: Vec<Option<Value>> = entry.body().list_of(list).iter().map(name).collect();
    let twice = names.iter().enumerate().find(|(at, name)| names.iter().take(*at).any(|n| n == *name));
    twice.map_or(Ok(()), |(at, _)| {
        Err(FieldError::new(
            format!("body.{list}.{at}"),
            "写了两次，请删去一个 / it stands twice; leave one out [E-74]",
        ))
    })
}
