//! Sealed fields and their openings (SPEC section 4.7, rules P-10 to P-19): what may have to be forgotten never enters
//! the log (个人信息保护法 art. 47). The entry holds a commitment; the name stands in a file beside the log.
//!
//! Salts are arguments: whoever seals draws 32 random bytes for each field and derives them from nothing.

pub mod names;
mod openings;
pub mod paths;

pub(crate) use openings::is_value;
pub use openings::{
    Access, MAX_OPENINGS, MAX_OPENINGS_FILE, MAX_VALUE, Opening, Openings, OpeningsError, Salt,
};

use crate::amend::target_of;
use crate::charter::LedgerId;
use crate::entry::{Entry, FieldError, Posting};
use crate::hash::Hash;
use crate::json::Value;
use crate::time::Date;
use crate::unit::UnitId;

/// Longest path in bytes.
pub const MAX_SEALED_PATH: usize = 100;

/// The entry that a field belongs to: no commitment can be carried to another ledger, unit or entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryId {
    /// The ledger.
    pub ledger: LedgerId,
    /// The unit.
    pub unit: UnitId,
    /// Its number in the unit.
    pub seq: u64,
}

impl EntryId {
    /// The id of an entry.
    pub fn of(entry: &Entry) -> Self {
        EntryId { ledger: entry.envelope.ledger.clone(), unit: entry.unit(), seq: entry.seq() }
    }

    /// SHA-256(`village-ledger/sealed/v1\n` ‖ ledger ‖ `\n` ‖ unit ‖ `\n` ‖ seq ‖ `\n` ‖ path ‖ `\n` ‖ salt ‖ value).
    pub fn commit(&self, path: &str, salt: &Salt, value: &str) -> Hash {
        let EntryId { ledger, unit, seq } = self;
        let mut bytes = format!("village-ledger/sealed/v1\n{ledger}\n{unit}\n{seq}\n{path}\n").into_bytes();
        bytes.extend_from_slice(salt);
        bytes.extend_from_slice(value.as_bytes());
        Hash::of(&bytes)
    }
}

/// One sealed field as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Where the value would stand: below `body`, or `approvals.<i>.name` of the envelope.
    pub path: String,
    /// What an opening has to give again.
    pub commitment: Hash,
    /// Who may see the value: by it a reader tells a name that is not for it from one that is withheld.
    pub access: Access,
}

impl Sealed {
    /// The sealed fields of an entry, each where its kind allows one and where the entry has nothing in clear.
    ///
    /// # Errors
    /// [`FieldError`] for a path out of order or doubled, one that the kind may not seal, one without a natural person
    /// above it, and a value that stands in clear.
    pub fn of(entry: &Entry) -> Result<Vec<Self>, FieldError> {
        let mut fields: Vec<Sealed> = Vec::new();
        for (at, item) in entry.json.list_of("sealed").iter().enumerate() {
            let wrong = |what: &str| FieldError::new(format!("sealed.{at}"), what);
            let read = || {
                let object = item.object()?;
                let commitment = Hash::from_base64(object.text_of("commitment")?)?;
                Some((object.text_of("path")?, commitment, Access::of_name(object.text_of("access")?)?))
            };
            let (path, commitment, access) = read()
                .ok_or_else(|| wrong("应为 {path, commitment, access} / want {path, commitment, access}"))?;
            if fields.last().is_some_and(|last| last.path.as_str() >= path) {
                return Err(wrong(
                    "路径应按字节递增、不重复，请排序 / paths rise by bytes, none twice; sort them [P-11]",
                ));
            }
            if !paths::is_sealable(entry.kind(), path) {
                return Err(wrong(
                    "这类条目的这个字段不能封存，只封存自然人姓名 / this kind can't seal this field; only names of natural persons are sealed [P-12]",
                ));
            }
            if !stands_open(entry, path) {
                return Err(wrong(
                    "封存的姓名须属于条目中的自然人，且不得明文出现 / a sealed name belongs to a natural person of the entry and stands nowhere in clear [P-13]",
                ));
            }
            fields.push(Sealed { path: path.to_owned(), commitment, access });
        }
        Ok(fields)
    }
}

fn path_of(item: &Value) -> Option<&str> {
    item.object()?.text_of("path")
}

/// Whether the entry has a natural person there, and no value.
fn stands_open(entry: &Entry, path: &str) -> bool {
    let root = if path.starts_with(paths::APPROVALS) { &entry.json } else { entry.body() };
    let Some((holder, last)) = path.rsplit_once('.') else { return root.get(path).is_none() };
    match root.at_path(holder) {
        Some(Value::Object(holder)) => {
            holder.get(last).is_none() && matches!(holder.text_of("kind"), None | Some("person"))
        }
        // A list that is sealed as a whole, `names.0`, `names.1`, …: no position without the one before it.
        None => last.parse().is_ok_and(|at: u32| {
            let before = at.checked_sub(1).map(|at| format!("{holder}.{at}"));
            before.is_none_or(|path| entry.json.list_of("sealed").iter().any(|i| path_of(i) == Some(&path)))
        }),
        Some(_) => false,
    }
}

/// What the openings of one entry are worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report<'a> {
    /// They open what was sealed.
    pub opened: Vec<&'a Opening>,
    /// Sealed fields without an opening: withdrawn by a redaction, not for this reader, or NAME_WITHHELD.
    pub missing: Vec<&'a Sealed>,
    /// Paths whose opening gives another commitment or access: altered, or brought from another path, entry, unit or
    /// ledger.
    pub wrong: Vec<&'a str>,
    /// Openings of paths that the entry does not seal.
    pub stray: Vec<&'a str>,
}

/// Holds the openings of an entry against what it sealed. `sealed` is the entry's own list and, for a payment list,
/// one field for each of its rows.
pub fn check<'a>(id: &EntryId, sealed: &'a [Sealed], openings: &'a Openings) -> Report<'a> {
    let mut report = Report::default();
    for field in sealed {
        match openings.get(&field.path) {
            None => report.missing.push(field),
            Some(opening) if opens(id, field, opening) => report.opened.push(opening),
            Some(_) => report.wrong.push(&field.path),
        }
    }
    let mut paths: Vec<&str> = sealed.iter().map(|field| field.path.as_str()).collect();
    paths.sort_unstable();
    let stray = openings.iter().map(|opening| opening.path.as_str());
    report.stray.extend(stray.filter(|path| paths.binary_search(path).is_err()));
    report
}

fn opens(id: &EntryId, field: &Sealed, opening: &Opening) -> bool {
    opening.access == field.access
        && id.commit(&field.path, &opening.salt, &opening.value) == field.commitment
}

/// The entry that a redaction is about, by its number, and the paths that it withdraws; `None` for other entries.
pub fn redaction_of(entry: &Entry) -> Option<(u64, Vec<&str>)> {
    let target = target_of(entry).filter(|_| entry.kind() == "redaction")?;
    Some((target, entry.body().list_of("paths").iter().filter_map(Value::as_text).collect()))
}

/// The paths that redactions among these entries withdraw from entry `target` of their unit, each with the number of
/// the redaction, in the entries' order.
pub fn redacted<'a>(target: u64, entries: impl IntoIterator<Item = &'a Entry>) -> Vec<(&'a str, u64)> {
    let redactions = entries.into_iter().filter_map(|entry| Some((entry.seq(), redaction_of(entry)?)));
    let of_target = redactions.filter(|(_, (about, _))| *about == target);
    of_target.flat_map(|(seq, (_, paths))| paths.into_iter().map(move |path| (path, seq))).collect()
}

impl<'a> Report<'a> {
    /// Whether nothing is there that should not be: what was altered or has no path is never to be shown.
    pub fn is_sound(&self) -> bool {
        self.wrong.is_empty() && self.stray.is_empty()
    }

    /// NAME_WITHHELD: the missing paths that anyone may see, on the head's day and on the reader's, and that no
    /// redaction withdrew. `posting` is the entry's, corrections applied.
    pub fn withheld(&self, redacted: &[&str], posting: Option<Posting>, days: [Date; 2]) -> Vec<&'a str> {
        let posted = |day: &Date| posting.is_some_and(|posting| posting.covers(*day));
        let missing = self.missing.iter().filter(|_| days.iter().all(posted));
        let due = missing.filter(|field| field.access == Access::Posted);
        let is_withdrawn = paths::below(redacted);
        due.map(|field| field.path.as_str()).filter(|path| !is_withdrawn(path)).collect()
    }

    /// What anyone may see on that day.
    pub fn shown(&self, posting: Option<Posting>, on: Date) -> Vec<&'a Opening> {
        self.opened.iter().filter(|opening| opening.is_public(posting, on)).copied().collect()
    }
}
