//! Names in a draft: masked, each with its salt. Their commitments come when ledger, unit and number of the entry are
//! known, and are other ones under another number (SPEC sections 4.7, 4.8).

use crate::draft::DraftEntry;
use keys::KeyError;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::money::Fen;
use ledger::payment_rows::{Row, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings, Salt, paths};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A name that the entry seals.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftName {
    /// Where it would stand.
    pub path: String,
    /// 32 random bytes in base64.
    pub salt: String,
    /// The name in masked form.
    pub value: String,
    /// Who may see it.
    pub access: String,
}

/// A household of a payment list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRow {
    /// Number of the villagers' group; 0 for the village.
    pub group: u8,
    /// Hundredths of what the list counts.
    pub quantity: u64,
    /// Fen.
    pub amount: i64,
    /// 32 random bytes in base64.
    pub salt: String,
    /// The name in masked form.
    pub value: String,
}

impl DraftName {
    /// A masked name, its salt not yet drawn.
    pub fn new(path: impl Into<String>, value: &str, access: Access) -> Self {
        let (value, access) = (value.to_owned(), access.name().to_owned());
        DraftName { path: path.into(), salt: String::new(), value, access }
    }

    fn opening(&self) -> Option<Opening> {
        let access = Access::of_name(&self.access)?;
        Some(Opening {
            path: self.path.clone(),
            salt: salt_of(&self.salt)?,
            value: self.value.clone(),
            access,
        })
    }
}

/// Draws a salt for each name and row, from the operating system and from nothing else.
///
/// # Errors
/// [`KeyError::Random`].
pub fn draw(names: &mut [DraftName], list: &mut [DraftRow]) -> Result<(), KeyError> {
    let salts = names.iter_mut().map(|name| &mut name.salt).chain(list.iter_mut().map(|row| &mut row.salt));
    for salt in salts {
        let mut bytes = [0; 32];
        keys::system_random(&mut bytes)?;
        *salt = Hash::from_bytes(bytes).to_base64();
    }
    Ok(())
}

impl DraftEntry {
    /// What opens its names and rows.
    ///
    /// # Errors
    /// What is wrong with a draft that was edited, in Chinese and English; it repeats no name.
    pub fn openings(&self) -> Result<Openings, String> {
        let access = self.list_access().unwrap_or(Access::Household);
        let row = |(at, row): (usize, &DraftRow)| {
            let path = paths::of_row(u32::try_from(at).ok()?);
            Some(Opening { path, salt: salt_of(&row.salt)?, value: row.value.clone(), access })
        };
        let rows = self.list.iter().enumerate().map(row);
        let all: Option<Vec<Opening>> = self.names.iter().map(DraftName::opening).chain(rows).collect();
        let broken = || "草稿里的姓名或随机盐被改坏了，请重新录入 / a name or salt of the draft is broken: import again";
        Openings::new(all.ok_or_else(broken)?).map_err(|e| e.to_string())
    }

    /// The rows of its payment list under an id; `None` when it has none, or they are no list.
    pub fn rows_as(&self, id: &EntryId) -> Option<Rows> {
        let row = |(at, row): (usize, &DraftRow)| {
            let index = u32::try_from(at).ok()?;
            let commitment = id.commit(&paths::of_row(index), &salt_of(&row.salt)?, &row.value);
            Some(Row {
                index,
                group: row.group,
                quantity: row.quantity,
                amount: Fen::new(row.amount)?,
                commitment,
            })
        };
        let rows = self.list.iter().enumerate().map(row).collect::<Option<_>>()?;
        Rows::new(rows).ok()
    }

    /// What it says, with commitments under an id: to its names, and to its list.
    pub(crate) fn sealed_as(&self, id: &EntryId) -> Object {
        let mut content = self.entry.0.clone();
        let mut fields: Vec<Opening> = self.names.iter().filter_map(DraftName::opening).collect();
        fields.sort_by(|a, b| a.path.cmp(&b.path));
        let field = |o: &Opening| {
            let commitment = id.commit(&o.path, &o.salt, &o.value).to_base64();
            let field = Object::new().with("path", o.path.as_str()).with("commitment", commitment);
            Value::from(field.with("access", o.access.name()))
        };
        if !fields.is_empty() {
            content = content.with("sealed", fields.iter().map(field).collect::<Vec<_>>());
        }
        if let Some(rows) = self.rows_as(id) {
            let digest = Hash::of(rows.text().as_bytes()).to_hex();
            content.replace_at("body.list.digest", digest.into());
            content.replace_at("body.list.root", rows.summary().root.to_base64().into());
        }
        content
    }

    fn list_access(&self) -> Option<Access> {
        self.entry.0.at_path("body.list.access").and_then(Value::as_text).and_then(Access::of_name)
    }

    /// Whether villagers would see its names if it were posted.
    pub fn shows_names(&self) -> bool {
        let posted = |access: &str| access == Access::Posted.name();
        self.names.iter().any(|name| posted(&name.access)) || self.list_access() == Some(Access::Posted)
    }
}

/// The `list` of a body before the entry has its place; digest and root stand in for those to come.
pub fn list_object(unit: Option<&str>, access: Access) -> Object {
    Object::new()
        .with("digest", Hash::EMPTY.to_hex())
        .with("root", Hash::EMPTY.to_base64())
        .with_some("unit", unit)
        .with("access", access.name())
}

fn salt_of(text: &str) -> Option<Salt> {
    Hash::from_base64(text).map(|salt| *salt.as_bytes())
}

impl fmt::Debug for DraftName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DraftName({}, {})", self.path, self.access)
    }
}

impl fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DraftRow({}, {})", self.group, self.amount)
    }
}
