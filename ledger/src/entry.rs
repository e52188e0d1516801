//! Entries: the envelope of every disclosure (SPEC section 3.4, rules E-03, E-20 to E-24).
//!
//! Two layers. [`Envelope`] is what f knows, for ever: names in their order, and the types of the six fields
//! that are always there. [`Entry`] is the kind layer: every field typed; a rule at append, a finding at audit.

use crate::charter::LedgerId;
use crate::hash::Hash;
use crate::json::{Object, Value};
use crate::leaf::{self, LeafType};
use crate::sealed::{Access, paths::is_path};
use crate::time::{Date, Period};
use crate::unit::UnitId;
use crate::verdict::why;

/// The envelope's names in their order.
pub const FIELDS: [&str; 16] = [
    "ledger",
    "unit",
    "seq",
    "kind",
    "item",
    "period",
    "occurred",
    "title",
    "summary",
    "posting",
    "body",
    "refs",
    "approvals",
    "attachments",
    "sealed",
    "signed_at",
];
/// Longest summary in Unicode scalar values: what a 70-year-old reads or hears.
pub const MAX_SUMMARY: usize = 60;
/// Longest title in Unicode scalar values.
pub const MAX_TITLE: usize = 120;
/// Largest attachment in bytes.
pub const MAX_ATTACHMENT: u64 = 20 << 20;
/// Longest media type in bytes.
pub const MAX_MEDIA: usize = 100;

/// What f sees of an entry (SPEC U-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The ledger it was signed for.
    pub ledger: LedgerId,
    /// The unit whose entry it is.
    pub unit: UnitId,
    /// Its number in the unit, from 1 (公开编号).
    pub seq: u64,
    /// The name of its kind.
    pub kind: String,
    /// The clerk's claim of when it was signed, Unix seconds.
    pub signed_at: u64,
}

/// One field is not as it must be: its path, and what is expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct FieldError {
    /// Dotted path of the field.
    pub path: String,
    /// What is wrong, in Chinese and English.
    pub what: String,
}

impl FieldError {
    /// An error at a path; a phone names neither (see [`why`]).
    pub fn new(path: impl std::fmt::Display, what: impl std::fmt::Display) -> Self {
        FieldError { path: why(path), what: why(what) }
    }
}

/// The posting on the notice board (公示): first and last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Posting {
    /// Whether it is posted on that day.
    pub fn covers(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// A reference to another entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// How it is related: `resolution`, `contract`, `corrects`, …
    pub rel: String,
    /// The unit of the other entry.
    pub unit: UnitId,
    /// Its number there.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// Who may fetch an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Members of the collective (农村集体经济组织法 art. 13), by token.
    Members,
    /// Inspectors, by token.
    Inspectors,
}

impl Visibility {
    /// The stable English key.
    pub fn name(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Members => "members",
            Visibility::Inspectors => "inspectors",
        }
    }

    /// The visibility of a key.
    pub fn of_name(name: &str) -> Option<Self> {
        [Visibility::Public, Visibility::Members, Visibility::Inspectors]
            .into_iter()
            .find(|access| access.name() == name)
    }
}

/// A file that belongs to an entry and lies beside the log (SPEC section 4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256 of the file; of 32 random bytes and the file, when it is not public.
    pub digest: Hash,
    /// The file's size in bytes, 1 to [`MAX_ATTACHMENT`].
    pub size: u64,
    /// Its media type.
    pub media: String,
    /// Its title.
    pub title: String,
    /// Who may fetch it.
    pub access: Visibility,
}

/// Whether a kind changes what an earlier entry says; these stand in the amendment tree (SPEC U-03).
pub fn is_amendment(kind: &str) -> bool {
    matches!(kind, "correction" | "supersede" | "redaction" | "closed")
}

impl Envelope {
    /// Reads what f needs from the JSON line of an entry.
    ///
    /// # Errors
    /// [`FieldError`] when a name is unknown or out of order, or one of the six fields is missing or mistyped.
    pub fn of(json: &Object) -> Result<Self, FieldError> {
        let mut rest = FIELDS.iter();
        for (name, _) in json.fields() {
            if !rest.any(|f| f == name) {
                return Err(FieldError::new(name, "未知字段或顺序不对 / unknown field or out of order"));
            }
        }
        let missing = |name: &str| FieldError::new(name, "缺少或类型不对 / missing or mistyped");
        let text = |name: &str| json.text_of(name).ok_or_else(|| missing(name));
        let whole =
            |name: &str| json.int_of(name).and_then(|n| u64::try_from(n).ok()).ok_or_else(|| missing(name));
        let kind = text("kind")?;
        let kind_fits =
            (1..=40).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !kind_fits || json.get("body").and_then(Value::object).is_none() {
            return Err(missing(if kind_fits { "body" } else { "kind" }));
        }
        let unit = UnitId::parse(text("unit")?).ok_or_else(|| missing("unit"))?;
        Ok(Envelope {
            ledger: LedgerId::from_text(text("ledger")?),
            unit,
            seq: whole("seq")?,
            kind: kind.to_owned(),
            signed_at: whole("signed_at")?,
        })
    }
}

/// A whole entry, every field of the envelope typed; the body is checked by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What f sees.
    pub envelope: Envelope,
    /// Code of the disclosure catalogue, such as `F03`.
    pub item: Option<String>,
    /// Period of account.
    pub period: Option<Period>,
    /// Business date (业务日期).
    pub occurred: Option<Date>,
    /// Title.
    pub title: Option<String>,
    /// The plain sentence, at most [`MAX_SUMMARY`] characters.
    pub summary: Option<String>,
    /// Posting.
    pub posting: Option<Posting>,
    /// References to other entries.
    pub refs: Vec<Reference>,
    /// Files beside the log.
    pub attachments: Vec<Attachment>,
    /// The whole JSON line, for what is not typed here and for corrections by path.
    pub json: Object,
}

impl Entry {
    /// Reads the envelope's every field.
    ///
    /// # Errors
    /// [`FieldError`] with the path of the first field that is not as it must be.
    pub fn of(json: Object) -> Result<Self, FieldError> {
        let envelope = Envelope::of(&json)?;
        let (period, occurred) = (text(&json, "period", 7)?, text(&json, "occurred", 10)?);
        let period = opt(period, "period", Period::parse)?;
        let occurred = opt(occurred, "occurred", Date::parse)?;
        let item = opt(text(&json, "item", 8)?, "item", |s| is_item(s).then(|| s.to_owned()))?;
        let posting = match json.get("posting") {
            None => None,
            Some(value) => Some(posting(value).ok_or_else(|| {
                FieldError::new(
                    "posting",
                    "应为 {from, to}，结束不早于开始 / want {from, to}, not ending before it begins",
                )
            })?),
        };
        let mut refs = Vec::new();
        list(&json, "refs", &mut |object| {
            refs.push(reference(object)?);
            Some(())
        })?;
        list(&json, "approvals", &mut approval)?;
        let mut attachments = Vec::new();
        list(&json, "attachments", &mut |object| {
            attachments.push(attachment(object)?);
            Some(())
        })?;
        list(&json, "sealed", &mut sealed)?;
        Ok(Entry {
            item,
            period,
            occurred,
            title: text(&json, "title", MAX_TITLE)?.map(str::to_owned),
            summary: text(&json, "summary", MAX_SUMMARY)?.map(str::to_owned),
            posting,
            refs,
            attachments,
            envelope,
            json,
        })
    }

    /// Reads a leaf as an entry, without looking at its signatures.
    ///
    /// # Errors
    /// [`FieldError`]; `path` is empty when the leaf itself can't be read.
    pub fn of_leaf(bytes: &[u8]) -> Result<Self, FieldError> {
        let leaf = leaf::read(bytes).map_err(|e| FieldError::new("", e.to_string()))?;
        if leaf.leaf_type != LeafType::Entry {
            return Err(FieldError::new("", "不是条目 / not an entry"));
        }
        Self::of(leaf.json)
    }

    /// The unit.
    pub fn unit(&self) -> UnitId {
        self.envelope.unit
    }

    /// The number in the unit.
    pub fn seq(&self) -> u64 {
        self.envelope.seq
    }

    /// The body, by kind.
    pub fn body(&self) -> &Object {
        self.json.get("body").and_then(Value::object).unwrap_or(const { &Object::EMPTY })
    }

    /// The kind's name.
    pub fn kind(&self) -> &str {
        &self.envelope.kind
    }
}

/// A catalogue code: a capital letter and two digits.
pub(crate) fn is_item(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 3
        && bytes.first().is_some_and(u8::is_ascii_uppercase)
        && bytes.iter().skip(1).all(u8::is_ascii_digit)
}

fn text<'a>(json: &'a Object, name: &str, max: usize) -> Result<Option<&'a str>, FieldError> {
    match json.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) if !text.is_empty() && text.chars().count() <= max => Ok(Some(text)),
        Some(_) => {
            Err(FieldError::new(name, format_args!("应为 1 到 {max} 个字 / want 1 to {max} characters")))
        }
    }
}

fn opt<T>(text: Option<&str>, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
    match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| {
            FieldError::new(name, format_args!("“{text}”格式不对 / “{text}” is not of its form"))
        }),
    }
}

/// Reads each object of a list.
fn list(json: &Object, name: &str, read: &mut dyn FnMut(&Object) -> Option<()>) -> Result<(), FieldError> {
    match json.get(name) {
        None => {}
        Some(Value::List(list)) if !list.is_empty() => {
            for (i, value) in list.iter().enumerate() {
                value.object().and_then(&mut *read).ok_or_else(|| {
                    let path = format_args!("{name}.{i}");
                    FieldError::new(path, "字段不对 / fields are not of their form")
                })?;
            }
        }
        Some(_) => return Err(FieldError::new(name, "应为非空列表 / want a list that is not empty")),
    }
    Ok(())
}

/// The fields of an object when their names are exactly these, in order.
fn exactly<'a, const N: usize>(object: &'a Object, names: [&str; N]) -> Option<[&'a Value; N]> {
    let same =
        object.fields().len() == N && object.fields().iter().zip(names).all(|((n, _), want)| n == want);
    if !same {
        return None;
    }
    let values: Vec<&Value> = object.fields().iter().map(|(_, v)| v).collect();
    values.try_into().ok()
}

fn posting(value: &Value) -> Option<Posting> {
    let [from, to] = exactly(value.object()?, ["from", "to"])?;
    let posting = Posting { from: Date::parse(from.as_text()?)?, to: Date::parse(to.as_text()?)? };
    (posting.from <= posting.to).then_some(posting)
}

fn reference(object: &Object) -> Option<Reference> {
    let [rel, unit, seq, leaf] = exactly(object, ["rel", "unit", "seq", "leaf"])?;
    let Value::Int(seq) = seq else { return None };
    Some(Reference {
        rel: rel.as_text()?.to_owned(),
        unit: UnitId::parse(unit.as_text()?)?,
        seq: u64::try_from(*seq).ok().filter(|s| *s > 0)?,
        leaf: Hash::from_base64(leaf.as_text()?)?,
    })
}

fn approval(object: &Object) -> Option<()> {
    let [role, on] = exactly(object, ["role", "on"])?;
    let known = matches!(role.as_text()?, "handler" | "witness" | "approver" | "supervision" | "town");
    (known && Date::parse(on.as_text()?).is_some()).then_some(())
}

fn attachment(object: &Object) -> Option<Attachment> {
    let [digest, size, media, title, access] =
        exactly(object, ["digest", "size", "type", "title", "access"])?;
    let Value::Int(size) = size else { return None };
    let short = |text: &&str| (1..=MAX_MEDIA).contains(&text.len());
    let named = |text: &&str| (1..=MAX_TITLE).contains(&text.chars().count());
    Some(Attachment {
        digest: Hash::from_hex(digest.as_text()?)?,
        size: u64::try_from(*size).ok().filter(|size| (1..=MAX_ATTACHMENT).contains(size))?,
        media: media.as_text().filter(short)?.to_owned(),
        title: title.as_text().filter(named)?.to_owned(),
        access: Visibility::of_name(access.as_text()?)?,
    })
}

fn sealed(object: &Object) -> Option<()> {
    let [path, commitment, access] = exactly(object, ["path", "commitment", "access"])?;
    let spelled = is_path(path.as_text()?) && Hash::from_base64(commitment.as_text()?).is_some();
    (spelled && Access::of_name(access.as_text()?).is_some()).then_some(())
}
