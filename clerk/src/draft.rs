//! Drafts: a readable file with where each entry comes from, what it will say, its seals and its receipt.

use crate::failure::Failure;
use crate::names::{DraftName, DraftRow};
use crate::private;
use crate::wire::Ordered;
use ledger::charter::LedgerId;
use ledger::entry::FIELDS;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value};
use ledger::leaf::{self, LeafType};
use ledger::note::{NoteError, Signature};
use ledger::sealed::EntryId;
use ledger::unit::UnitId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The format's name.
pub const FORMAT: &str = "village-ledger/draft/v1";
/// Largest draft in bytes.
const MAX_DRAFT: u64 = 512 * 1024 * 1024;

/// A draft.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// [`FORMAT`].
    pub format: String,
    /// The table it comes from.
    pub source: String,
    /// The ledger it is numbered for; unknown until a server was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// The next number of each unit when the server was last asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub next: BTreeMap<String, u64>,
    /// Public keys that sealed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// What calls for a second look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The entries: unit by unit, in the table's order within each.
    pub entries: Vec<DraftEntry>,
}

/// One entry of a draft.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftEntry {
    /// Row of the table.
    pub row: usize,
    /// The other rows, where several became one entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<usize>,
    /// What it says: every field of the entry but `ledger`, `seq` and `signed_at`.
    pub entry: Ordered,
    /// For a correction: the row of what it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects_row: Option<usize>,
    /// Names of natural persons, masked; the entry gets their commitments once its number is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<DraftName>,
    /// The households of a payment list, which become a blob beside the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<DraftRow>,
    /// Cleaned copies of its attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<DraftFile>,
    /// Number in the unit (公开编号), once sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When it was first sealed, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<u64>,
    /// Signature lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
    /// Tickets for what goes up before it: notes signed by the seal, good for a day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<String>,
    /// Where it stands in the log, once published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<DraftReceipt>,
}

/// The cleaned copy of an attachment, as it goes up before the entry that names its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftFile {
    /// The digest in hex, as the entry's `attachments` have it.
    pub digest: String,
    /// The copy's path from the draft's folder.
    pub file: String,
    /// 32 random bytes in base64 before its bytes in the digest; only where not everyone may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftReceipt {
    /// Number in the unit.
    pub seq: u64,
    /// Leaf index.
    pub index: u64,
    /// Leaf hash in base64.
    pub leaf: String,
}

impl Draft {
    /// Reads a draft.
    ///
    /// # Errors
    /// [`Failure`] when there is no such file or it is no draft.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let io = |source| Failure::Io { path: path.to_owned(), doing: "读取", source };
        let no_draft = |what: String| {
            Failure::refused(format!(
                "{} 不是录入草稿：{what}。请用 village-clerk import 生成 / not a draft: make one with village-clerk import",
                path.display()
            ))
        };
        if std::fs::metadata(path).map_err(io)?.len() > MAX_DRAFT {
            return Err(no_draft("文件太大 / too large".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(io)?;
        let draft: Draft = serde_json::from_str(&text).map_err(|e| no_draft(e.to_string()))?;
        if draft.format != FORMAT {
            return Err(no_draft(format!("format = {}", draft.format)));
        }
        Ok(draft)
    }

    /// Writes the draft beside and renames it, so that a crash leaves the old or the new one.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let io = |source| Failure::Io { path: path.to_owned(), doing: "写入", source };
        let mut text = serde_json::to_string_pretty(self).map_err(|e| io(e.into()))?;
        text.push('\n');
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        private::write(Path::new(&beside), text.as_bytes())?;
        std::fs::rename(&beside, path).map_err(io)
    }

    /// Entries that the log has.
    pub fn published(&self) -> usize {
        self.entries.iter().filter(|e| e.receipt.is_some()).count()
    }

    /// The entry of a row.
    pub fn of_row(&self, row: usize) -> Option<&DraftEntry> {
        self.entries.iter().find(|e| e.row == row || e.rows.contains(&row))
    }

    /// The text of an entry that is to be signed; `None` while ledger, number or a target's leaf is unknown.
    pub fn text(&self, entry: &DraftEntry) -> Option<String> {
        let ledger = LedgerId::from_text(self.ledger.as_deref()?);
        let target = match entry.corrects_row {
            // Only what is no correction itself can be corrected; this also ends the recursion.
            Some(row) => Some(self.standing(self.of_row(row).filter(|t| t.corrects_row.is_none())?)?),
            None => None,
        };
        let json = entry.complete(&ledger, entry.seq?, entry.signed_at?, target);
        Some(leaf::text(LeafType::Entry, &json))
    }

    /// An entry as a whole leaf; `None` while it is not sealed.
    pub fn note(&self, entry: &DraftEntry) -> Option<String> {
        let signatures = entry.signatures().ok().filter(|s| !s.is_empty())?;
        Some(leaf::seal(&self.text(entry)?, signatures))
    }

    /// Number and leaf hash: as logged, or as sealed here.
    fn standing(&self, entry: &DraftEntry) -> Option<(u64, Hash)> {
        match &entry.receipt {
            Some(receipt) => Some((receipt.seq, Hash::from_base64(&receipt.leaf)?)),
            None => Some((entry.seq?, leaf_hash(self.note(entry)?.as_bytes()))),
        }
    }
}

impl DraftEntry {
    /// Its unit; `None` when the draft was edited into something else.
    pub fn unit(&self) -> Option<UnitId> {
        self.entry.0.text_of("unit").and_then(UnitId::parse)
    }

    /// The whole entry in its place: what it says, and commitments to its names and list, which are other ones under
    /// each ledger and number.
    pub fn complete(
        &self,
        ledger: &LedgerId,
        seq: u64,
        signed_at: u64,
        target: Option<(u64, Hash)>,
    ) -> Object {
        let id = self.unit().map(|unit| EntryId { ledger: ledger.clone(), unit, seq });
        let content = id.map_or_else(|| self.entry.0.clone(), |id| self.sealed_as(&id));
        complete(&content, ledger, seq, signed_at, target)
    }

    /// Forgets what holds only for its present number: seals and tickets.
    pub fn unseal(&mut self) {
        self.signed_at = None;
        self.signatures.clear();
        self.tickets.clear();
    }

    /// The signature lines, read.
    ///
    /// # Errors
    /// [`NoteError`] for a line that is none.
    pub fn signatures(&self) -> Result<Vec<Signature>, NoteError> {
        self.signatures.iter().map(|line| Signature::parse(line)).collect()
    }
}

/// The whole entry: content, ledger, number, time of signing and, for a correction, its target.
pub fn complete(
    content: &Object,
    ledger: &LedgerId,
    seq: u64,
    signed_at: u64,
    target: Option<(u64, Hash)>,
) -> Object {
    let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let mut out = Object::new();
    for field in FIELDS {
        let value = match (field, content.get(field), target) {
            ("ledger", ..) => Some(ledger.as_str().into()),
            ("seq", ..) => Some(number(seq)),
            ("signed_at", ..) => Some(number(signed_at)),
            ("body", Some(Value::Object(body)), Some((seq, leaf))) => {
                let target = Object::new().with("seq", number(seq)).with("leaf", leaf.to_base64());
                let rest = body.fields().iter().filter(|(name, _)| name != "target");
                let body = rest.fold(Object::new().with("target", target), |b, (n, v)| b.with(n, v.clone()));
                Some(body.into())
            }
            (_, value, _) => value.cloned(),
        };
        out = out.with_some(field, value);
    }
    out
}
