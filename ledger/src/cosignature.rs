//! Timestamped Ed25519 cosignatures (SPEC section 2.7, rules C-05 to C-07; C2SP tlog-cosignature, type `0x04`).

use crate::note::{NoteError, Signature, VerifierKey};

/// The message that a cosigner signs: header, time, and the whole checkpoint text.
pub fn message(time: u64, checkpoint_text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{checkpoint_text}")
}

/// A cosignature line from its parts: 8 bytes of time, big-endian, and 64 of signature over [`message`].
pub fn assemble(key: &VerifierKey, time: u64, signature: &[u8; 64]) -> Signature {
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend_from_slice(signature);
    Signature { name: key.name().to_owned(), id: key.id(), bytes }
}

/// Verifies a cosignature and returns its time, Unix seconds.
///
/// # Errors
/// [`NoteError::UnknownKey`] when the line is of another key or this is no cosigner's, [`NoteError::Signature`].
pub fn verify(key: &VerifierKey, checkpoint_text: &str, line: &Signature) -> Result<u64, NoteError> {
    if !key.claims(line) || !key.is_cosigner() {
        return Err(NoteError::UnknownKey);
    }
    let (time, signature) = line.bytes.split_first_chunk::<8>().ok_or(NoteError::Signature)?;
    let time = u64::from_be_bytes(*time);
    if i64::try_from(time).is_err() {
        return Err(NoteError::Signature);
    }
    key.verify_bytes(message(time, checkpoint_text).as_bytes(), signature)?;
    Ok(time)
}
