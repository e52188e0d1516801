//! The openings of an entry: the file `openings/<unit>/<seq>.json`, which can be deleted (SPEC section 4.7, rules P-14, P-15, P-19).

use super::names::is_masked;
use super::{MAX_SEALED_PATH, paths};
use crate::entry::Posting;
use crate::hash::Hash;
use crate::json::{self, Object, Value};
use crate::time::Date;
use std::fmt;

/// Most openings of one entry: the rows of the longest payment list, and what a leaf has room to seal.
pub const MAX_OPENINGS: usize = 101_000;
/// Longest file of openings in bytes.
pub const MAX_OPENINGS_FILE: usize = 32 << 20;
/// Longest sealed value in Unicode scalar values.
pub const MAX_VALUE: usize = 60;
/// What makes a list readable to the token layer, which reads objects.
const FRAME: &str = "{\"openings\":";

/// 32 random bytes, fresh for each field.
pub type Salt = [u8; 32];

/// Who may see a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, while the entry is posted.
    Posted,
    /// The household itself, by the code it was handed.
    Household,
    /// Inspectors.
    Inspectors,
}

impl Access {
    /// The stable English key.
    pub fn name(self) -> &'static str {
        match self {
            Access::Posted => "posted",
            Access::Household => "household",
            Access::Inspectors => "inspectors",
        }
    }

    /// The access of a key.
    pub fn of_name(name: &str) -> Option<Self> {
        [Access::Posted, Access::Household, Access::Inspectors]
            .into_iter()
            .find(|access| access.name() == name)
    }
}

/// What opens one sealed field. `Debug` tells neither salt nor value: they must not end up in a console's history.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The sealed path.
    pub path: String,
    /// The salt.
    pub salt: Salt,
    /// The name in its masked form.
    pub value: String,
    /// Who may see it.
    pub access: Access,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({}, {})", self.path, self.access.name())
    }
}

impl Opening {
    /// Whether anyone may see it on that day: from the first day of the posting to its last, and only a masked name.
    pub fn is_public(&self, posting: Option<Posting>, on: Date) -> bool {
        let posted = posting.is_some_and(|posting| posting.covers(on));
        self.access == Access::Posted && posted && is_masked(&self.value)
    }

    fn object(&self) -> Object {
        Object::new()
            .with("path", self.path.as_str())
            .with("salt", Hash::from_bytes(self.salt).to_base64())
            .with("value", self.value.as_str())
            .with("access", self.access.name())
    }

    fn of(value: &Value) -> Option<Self> {
        let object = value.object()?;
        let opening = Opening {
            path: object.text_of("path")?.to_owned(),
            salt: *Hash::from_base64(object.text_of("salt")?)?.as_bytes(),
            value: object.text_of("value")?.to_owned(),
            access: Access::of_name(object.text_of("access")?)?,
        };
        (opening.object() == *object).then_some(opening)
    }

    fn fits(&self) -> bool {
        paths::is_path(&self.path) && is_value(&self.value)
    }
}

/// 1 to [`MAX_VALUE`] characters that may stand in the ledger.
pub(crate) fn is_value(text: &str) -> bool {
    (1..=MAX_VALUE).contains(&text.chars().count()) && text.chars().all(json::is_allowed)
}

/// The openings of one entry, rising by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openings(Vec<Opening>);

/// Why a file holds no openings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningsError {
    /// Over [`MAX_OPENINGS_FILE`] or [`MAX_OPENINGS`].
    #[error(
        "开启值超过 {MAX_OPENINGS_FILE} 字节或 {MAX_OPENINGS} 项，请分成几条 / the openings exceed {MAX_OPENINGS_FILE} bytes or {MAX_OPENINGS} items; split the entry"
    )]
    TooLong,
    /// Not a list in the one spelling.
    #[error("开启值不是规定写法的列表：{0} / the openings are no list in the one spelling: {0}")]
    Spelling(String),
    /// An item, counted from 0, is not of its form.
    #[error(
        "第 {0} 项应为 path、salt、value、access，路径至多 {MAX_SEALED_PATH} 字节，值 1 到 {MAX_VALUE} 个字 / item {0}: want path, salt, value, access, a path of at most {MAX_SEALED_PATH} bytes, a value of 1 to {MAX_VALUE} characters"
    )]
    Item(usize),
    /// An item, counted from 0, does not rise above the one before it.
    #[error(
        "第 {0} 项路径重复或未按字节递增，请排序去重 / item {0}: its path stands twice or out of order; sort them, each once"
    )]
    Order(usize),
    /// Two openings have one salt.
    #[error(
        "两项用了同一随机盐，请为每项另取 32 随机字节 / two items have the same salt; draw 32 random bytes for each"
    )]
    Salt,
}

impl Openings {
    /// Openings in any order.
    ///
    /// # Errors
    /// [`OpeningsError`] for too many, a path or a salt twice, and a path or value beyond its form.
    pub fn new(mut openings: Vec<Opening>) -> Result<Self, OpeningsError> {
        openings.sort_by(|a, b| a.path.cmp(&b.path));
        Self::checked(openings)
    }

    fn checked(openings: Vec<Opening>) -> Result<Self, OpeningsError> {
        if openings.len() > MAX_OPENINGS {
            return Err(OpeningsError::TooLong);
        }
        if let Some(at) = openings.iter().position(|opening| !opening.fits()) {
            return Err(OpeningsError::Item(at));
        }
        if let Some(at) = openings.iter().zip(openings.iter().skip(1)).position(|(a, b)| a.path >= b.path) {
            return Err(OpeningsError::Order(at + 1));
        }
        // Whoever is handed one opening could guess the value of every other with the same salt.
        let mut salts: Vec<&Salt> = openings.iter().map(|opening| &opening.salt).collect();
        salts.sort_unstable();
        if salts.is_sorted_by(|a, b| a < b) { Ok(Openings(openings)) } else { Err(OpeningsError::Salt) }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`OpeningsError`]; the size limit comes first.
    pub fn parse(bytes: &[u8]) -> Result<Self, OpeningsError> {
        if bytes.len() > MAX_OPENINGS_FILE {
            return Err(OpeningsError::TooLong);
        }
        let spelling = |what: &str| OpeningsError::Spelling(what.to_owned());
        let text = std::str::from_utf8(bytes).map_err(|_| spelling("UTF-8"))?;
        let framed = json::parse(&format!("{FRAME}{text}}}")).map_err(|mut e| {
            e.at = e.at.saturating_sub(FRAME.len());
            spelling(&e.to_string())
        })?;
        let [(_, Value::List(list))] = framed.fields() else { return Err(spelling("[…]")) };
        let read = |(at, value)| Opening::of(value).ok_or(OpeningsError::Item(at));
        Self::checked(list.iter().enumerate().map(read).collect::<Result<_, _>>()?)
    }

    /// The file's bytes.
    pub fn text(&self) -> String {
        let items: Vec<String> = self.0.iter().map(|opening| opening.object().text()).collect();
        format!("[{}]", items.join(","))
    }

    /// The openings, rising by path.
    pub fn iter(&self) -> impl Iterator<Item = &Opening> {
        self.0.iter()
    }

    /// The opening of a path.
    pub fn get(&self, path: &str) -> Option<&Opening> {
        self.0.get(self.0.binary_search_by(|opening| opening.path.as_str().cmp(path)).ok()?)
    }

    /// What is left when a redaction withdraws these paths and all below them; an empty rest means that the file goes.
    #[must_use]
    pub fn without(&self, redacted: &[&str]) -> Self {
        let is_gone = paths::below(redacted);
        Openings(self.0.iter().filter(|opening| !is_gone(&opening.path)).cloned().collect())
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first path whose value is no masked name: a ledger refuses it (SPEC P-17).
    pub fn unmasked(&self) -> Option<&str> {
        self.0.iter().find(|opening| !is_masked(&opening.value)).map(|opening| opening.path.as_str())
    }
}
