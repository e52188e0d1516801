//! Leaves: a type line, one line of JSON, a blank line, signatures (SPEC section 3.1, rules E-09 to E-11).

use crate::json::{self, Object, TokenError};
use crate::note::{self, Note, NoteError, Signature};

/// Longest text of a leaf in bytes, both lines with their newlines.
pub const MAX_TEXT: usize = 48 * 1024;
/// Longest leaf in bytes, signatures included: what an entry bundle can carry.
pub const MAX_LEAF: usize = 65_535;

/// The type of a leaf, named by its first line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafType {
    /// Leaf 0.
    Charter,
    /// A disclosure, a correction, an authority act, …
    Entry,
    /// The log's statement of completeness: last leaf of every published tree.
    Index,
}

impl LeafType {
    /// The first line, without its newline.
    pub fn line(self) -> &'static str {
        match self {
            LeafType::Charter => "village-ledger/charter/v1",
            LeafType::Entry => "village-ledger/entry/v1",
            LeafType::Index => "village-ledger/index/v1",
        }
    }

    fn of_line(line: &str) -> Option<Self> {
        [LeafType::Charter, LeafType::Entry, LeafType::Index].into_iter().find(|t| t.line() == line)
    }
}

/// A leaf that has been taken apart, its JSON read by the token layer.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// What it is.
    pub leaf_type: LeafType,
    /// The JSON line as an object.
    pub json: Object,
    /// The note around it.
    pub note: Note<'a>,
}

/// Why bytes are not a leaf. Every variant makes the leaf *void* for f (SPEC U-06).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Over [`MAX_LEAF`] or [`MAX_TEXT`].
    #[error("the leaf has {bytes} bytes, {limit} are allowed")]
    TooLong {
        /// Bytes found.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not a signed note.
    #[error("not a signed note: {0}")]
    Note(#[from] NoteError),
    /// The text is not two lines with a known first one.
    #[error("the text is not a known type line and one line of JSON")]
    Lines,
    /// The JSON line is not of the one spelling.
    #[error("the JSON line: {0}")]
    Token(#[from] TokenError),
    /// Signature lines are not sorted by (name, key id), or one stands twice.
    #[error("the signature lines are not sorted by name and key id, or one key signed twice")]
    SignatureOrder,
}

/// Takes a leaf apart.
///
/// # Errors
/// [`LeafError`]; limits are checked before anything is decoded.
pub fn read(bytes: &[u8]) -> Result<Leaf<'_>, LeafError> {
    if bytes.len() > MAX_LEAF {
        return Err(LeafError::TooLong { bytes: bytes.len(), limit: MAX_LEAF });
    }
    let note = Note::parse(bytes)?;
    if note.text.len() > MAX_TEXT {
        return Err(LeafError::TooLong { bytes: note.text.len(), limit: MAX_TEXT });
    }
    let (first, rest) = note.text.split_once('\n').ok_or(LeafError::Lines)?;
    let leaf_type = LeafType::of_line(first).ok_or(LeafError::Lines)?;
    let line = rest.strip_suffix('\n').filter(|line| !line.contains('\n')).ok_or(LeafError::Lines)?;
    let json = json::parse(line)?;
    let sorted = note.signatures.iter().zip(note.signatures.iter().skip(1)).all(|(a, b)| order(a) < order(b));
    if !sorted {
        return Err(LeafError::SignatureOrder);
    }
    Ok(Leaf { leaf_type, json, note })
}

/// The text of a leaf, ready to be signed.
pub fn text(leaf_type: LeafType, json: &Object) -> String {
    format!("{}\n{}\n", leaf_type.line(), json.text())
}

/// A leaf from its text and signatures, these put in their order; the same signature given twice stands once.
pub fn seal(text: &str, mut signatures: Vec<Signature>) -> String {
    signatures.sort_by(|a, b| order(a).cmp(&order(b)));
    signatures.dedup_by(|a, b| order(a) == order(b));
    note::assemble(text, &signatures)
}

fn order(signature: &Signature) -> (&str, u32) {
    (&signature.name, signature.id)
}
