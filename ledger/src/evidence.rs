//! Evidence: a file with which a third party reaches the same red verdict offline (SPEC section 8.5, rules V-01 to V-06).
//!
//! It holds what the reader held: the bundle that came, and the signed head remembered from before. Everything
//! that convicts is signed in there, so whoever checks it needs only the charter hash. It can't be forged
//! against an honest ledger: a verdict is red only when signed statements contradict each other.

use crate::bundle::{Ask, Outcome, verify};
use crate::hash::Hash;
use crate::sections::{Reader, SectionError, Writer};
use base64ct::{Base64, Encoding as _};

/// First line of an evidence file.
pub const TYPE_LINE: &str = "village-ledger/evidence/v1";

/// Writes an evidence file in the base64 of RFC 4648 section 4 under its type line, so that it survives mail
/// and chat.
pub fn write(bundle: &[u8], memory: Option<&[u8]>) -> String {
    let container =
        Writer::new(TYPE_LINE).with("memory", memory.unwrap_or_default()).with("bundle", bundle).finish();
    wrap(&container)
}

/// A container as the text of an evidence file.
pub(crate) fn wrap(container: &[u8]) -> String {
    let text = Base64::encode_string(container);
    let mut out = format!("{TYPE_LINE}\n");
    for line in text.as_bytes().chunks(76) {
        out.push_str(std::str::from_utf8(line).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// The container of an evidence file.
///
/// # Errors
/// [`SectionError`] when it is no evidence file.
pub(crate) fn unwrap(file: &[u8]) -> Result<Vec<u8>, SectionError> {
    let text = file.strip_prefix(TYPE_LINE.as_bytes()).and_then(|r| r.strip_prefix(b"\n"));
    let mut packed = text.ok_or(SectionError::Version)?.to_vec();
    packed.retain(|b| !matches!(b, b'\n' | b'\r'));
    let packed = std::str::from_utf8(&packed).map_err(|_| SectionError::Form)?;
    Base64::decode_vec(packed).map_err(|_| SectionError::Form)
}

/// What an evidence file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The signed head that was remembered; empty when there was none.
    pub memory: Vec<u8>,
    /// The bundle that came.
    pub bundle: Vec<u8>,
}

/// Takes an evidence file apart.
///
/// # Errors
/// [`SectionError`] when it is no evidence file.
pub fn read(file: &[u8]) -> Result<Evidence, SectionError> {
    let container = unwrap(file)?;
    let mut reader = Reader::open(&container, TYPE_LINE)?;
    let evidence =
        Evidence { memory: reader.must("memory")?.to_vec(), bundle: reader.must("bundle")?.to_vec() };
    reader.finish()?;
    Ok(evidence)
}

/// Checks an evidence file by judging its bundle again.
///
/// # Errors
/// [`SectionError`] when it is no evidence file. Whether it convicts is the outcome's verdict.
pub fn check(file: &[u8], charter: Option<Hash>) -> Result<Outcome, SectionError> {
    let Evidence { memory, bundle } = read(file)?;
    let ask = Ask { charter, memory: (!memory.is_empty()).then_some(memory), ..Ask::default() };
    Ok(verify(&bundle, &ask))
}
