//! Signed notes and verifier keys (SPEC section 2.5, rules N-01 to N-05; C2SP signed-note).
//!
//! Bytes are verified as they came; a note is taken apart, never re-serialised before a check.

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Signature type of Ed25519 notes.
const ED25519: u8 = 0x01;
/// Signature type of timestamped Ed25519 cosignatures (C2SP tlog-cosignature).
const COSIGNATURE: u8 = 0x04;
/// Most signature lines in one note.
pub const MAX_SIGNATURES: usize = 64;

/// A note taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text that is signed, its final newline included.
    pub text: &'a str,
    /// The signature lines in their order.
    pub signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Key name.
    pub name: String,
    /// Key id.
    pub id: u32,
    /// What the signature type makes of it: 64 bytes for Ed25519, 72 for a cosignature.
    pub bytes: Vec<u8>,
}

/// Why a note or key can't be read, or a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not UTF-8, or a control character other than newline.
    #[error("not UTF-8, or a control character other than newline")]
    Characters,
    /// No blank line before signature lines, or none of these.
    #[error("no text followed by a blank line and signature lines")]
    Shape,
    /// A signature line is not of the form.
    #[error("a signature line is not of the form")]
    SignatureLine,
    /// Over [`MAX_SIGNATURES`].
    #[error("more than {MAX_SIGNATURES} signature lines")]
    TooManySignatures,
    /// A verifier key is not of the form, its id is not its own, or its bytes are no key.
    #[error("not a verifier key")]
    Key,
    /// The key's signature type is not of this ledger.
    #[error("a signature type this program does not know")]
    UnknownType,
    /// The signature line belongs to another key.
    #[error("the signature is of another key")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    /// [`NoteError`]; callers hold bytes against their own size limit first.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoteError> {
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if bytes.iter().any(|b| *b < 0x20 && *b != b'\n') {
            return Err(NoteError::Characters);
        }
        // By bytes: the searcher for texts would be a twentieth of what a phone fetches.
        let at = bytes.windows(2).rposition(|w| w == b"\n\n").ok_or(NoteError::Shape)?;
        let (text, lines) = whole.split_at_checked(at + 1).ok_or(NoteError::Shape)?;
        let lines = lines.strip_prefix('\n').and_then(|l| l.strip_suffix('\n')).ok_or(NoteError::Shape)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(Signature::parse(line)?);
        }
        Ok(Note { text, signatures })
    }
}

impl Signature {
    /// A signature line's parts from its text, without the newline.
    ///
    /// # Errors
    /// [`NoteError::SignatureLine`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let parts = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
        let (name, signature) = parts.filter(|(name, _)| is_name(name)).ok_or(NoteError::SignatureLine)?;
        let decoded = Base64::decode_vec(signature).map_err(|_| NoteError::SignatureLine)?;
        let (id, bytes) = decoded.split_first_chunk::<4>().ok_or(NoteError::SignatureLine)?;
        if bytes.is_empty() {
            return Err(NoteError::SignatureLine);
        }
        Ok(Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }

    /// The line, with its newline.
    pub fn line(&self) -> String {
        let mut packed = self.id.to_be_bytes().to_vec();
        packed.extend_from_slice(&self.bytes);
        format!("— {} {}\n", self.name, Base64::encode_string(&packed))
    }
}

/// A note from its text (ending in a newline) and signatures in the order given.
pub fn assemble(text: &str, signatures: &[Signature]) -> String {
    let lines: String = signatures.iter().map(Signature::line).collect();
    format!("{text}\n{lines}")
}

/// Key names of signed notes: not empty, no plus, no Unicode spaces, no controls.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control())
}

/// A verifier key (vkey): name, id, signature type and public key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    kind: u8,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Reads `<name>+<hex id>+<base64(type ‖ key)>`.
    ///
    /// # Errors
    /// [`NoteError::Key`], [`NoteError::UnknownType`]. A weak key is read; see [`VerifierKey::is_weak`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(NoteError::Key);
        let (name, id, packed) = (part()?, part()?, part()?);
        let packed = Base64::decode_vec(packed).map_err(|_| NoteError::Key)?;
        let (kind, key) = packed.split_first().ok_or(NoteError::Key)?;
        if !matches!(*kind, ED25519 | COSIGNATURE) {
            return Err(NoteError::UnknownType);
        }
        let key = Self::new(name, *kind, key.try_into().map_err(|_| NoteError::Key)?)?;
        if format!("{:08x}", key.id) != id {
            return Err(NoteError::Key);
        }
        Ok(key)
    }

    /// The key of a note signer (`0x01`).
    ///
    /// # Errors
    /// [`NoteError::Key`] for a bad name or bytes that are no point.
    pub fn ed25519(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        Self::new(name, ED25519, public)
    }

    /// The key of a cosigner (`0x04`).
    ///
    /// # Errors
    /// [`NoteError::Key`] for a bad name or bytes that are no point.
    pub fn cosigner(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        Self::new(name, COSIGNATURE, public)
    }

    fn new(name: &str, kind: u8, public: &[u8; 32]) -> Result<Self, NoteError> {
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::Key)?;
        if !is_name(name) {
            return Err(NoteError::Key);
        }
        // SHA-256(name ‖ "\n" ‖ type ‖ key)[:4], C2SP signed-note.
        let digest =
            Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(public).finalize();
        let id = digest.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first));
        Ok(VerifierKey { name: name.to_owned(), id, kind, key })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The 32 bytes of the public key.
    pub fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// Whether it signs notes (`0x01`).
    pub fn is_note_key(&self) -> bool {
        self.kind == ED25519
    }

    /// Whether it cosigns checkpoints (`0x04`).
    pub fn is_cosigner(&self) -> bool {
        self.kind == COSIGNATURE
    }

    /// Whether it is of small order: such keys are refused wherever a key is enrolled (SPEC K-03).
    pub fn is_weak(&self) -> bool {
        self.key.is_weak()
    }

    /// Whether a signature line claims this key.
    pub fn claims(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.id == signature.id
    }

    /// Verifies a note signature over a text, strictly (RFC 8032, no small-order components).
    ///
    /// # Errors
    /// [`NoteError::UnknownKey`] when the line is of another key or this is no note key, [`NoteError::Signature`].
    pub fn verify(&self, text: &[u8], signature: &Signature) -> Result<(), NoteError> {
        if !self.claims(signature) || !self.is_note_key() {
            return Err(NoteError::UnknownKey);
        }
        self.verify_bytes(text, &signature.bytes)
    }

    pub(crate) fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        let signature = signature.try_into().map_err(|_| NoteError::Signature)?;
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.key.verify_strict(message, &signature).map_err(|_| NoteError::Signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut packed = vec![self.kind];
        packed.extend_from_slice(self.key());
        write!(f, "{}+{:08x}+{}", self.name, self.id, Base64::encode_string(&packed))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
