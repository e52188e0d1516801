//! Compact receipts: a proof file for one QR code, without what whoever holds entry and policy knows anyway
//! (SPEC section 2.10, rules; [`crate::proof`] is the text form).
//!
//! Root, origin, key names and ids come out of the inputs; how many hashes the path has follows from index and size.
//! What is decoded verifies: no bit of a receipt can change unnoticed.

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature;
use crate::hash::{Hash, leaf_hash, node_hash};
use crate::json::MAX_INTEGER;
use crate::leaf::MAX_LEAF;
use crate::note::{self, MAX_SIGNATURES, NoteError, Signature, VerifierKey};
use crate::policy::Policy;
use crate::proof::{MAX_PATH, TlogProof, TlogProofError};

/// First byte of a compact receipt.
pub const VERSION: u8 = 1;
/// What one QR code of version 25 and level M holds in byte mode: ISO/IEC 18004 gives it 1,000 data codewords, of
/// which mode and length take 20 bits.
pub const QR_BYTES: usize = 997;
/// Bytes of a log's signature.
const SIGNED: usize = 64;
/// Bytes of a cosignature: the witness's place in the policy, time, signature.
const COSIGNED: usize = 1 + 8 + SIGNED;
/// Longest compact receipt in bytes.
pub const MAX_COMPACT: usize = 17 + MAX_PATH * 32 + SIGNED + (MAX_SIGNATURES - 1) * COSIGNED;

/// Why a receipt can't be made, or bytes are none for this entry, log and policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompactError {
    /// Over [`MAX_COMPACT`], or the leaf over [`MAX_LEAF`].
    #[error("the receipt has more than {MAX_COMPACT} bytes, or its leaf more than {MAX_LEAF}")]
    TooLong,
    /// Not of the form.
    #[error("not a compact receipt: {0}")]
    Form(&'static str),
    /// A signature that is not of its key over this entry's tree.
    #[error("a signature: {0}")]
    Signature(#[from] NoteError),
    /// The proof file proves nothing.
    #[error("{0}")]
    Proof(#[from] TlogProofError),
    /// A signature line that the compact form can't carry.
    #[error("a line that is neither the log's first one nor a witness's of the policy; trim the proof")]
    Line,
}

/// The compact form of a proof file whose lines are the log's and then at most one for each of the policy's
/// witnesses (see [`trim`]).
///
/// # Errors
/// [`CompactError`] when the proof or a signature does not hold, or would not come back byte by byte.
pub fn encode(proof: &TlogProof, log: &VerifierKey, policy: &Policy) -> Result<Vec<u8>, CompactError> {
    let leaf = proof.extra.as_deref().ok_or(CompactError::Form("the proof file lacks the leaf"))?;
    let signed = proof.verify(leaf)?;
    let mut lines = signed.signatures.iter();
    let first = lines.next().filter(|line| log.claims(line)).ok_or(CompactError::Line)?;
    let mut out = vec![VERSION];
    out.extend_from_slice(&proof.index.to_be_bytes());
    out.extend_from_slice(&signed.checkpoint.size.to_be_bytes());
    proof.path.iter().for_each(|hash| out.extend_from_slice(hash.as_bytes()));
    out.extend_from_slice(&first.bytes);
    for line in lines {
        let place = policy.witnesses().position(|(_, key, _)| key.claims(line));
        out.push(place.and_then(|at| u8::try_from(at).ok()).ok_or(CompactError::Line)?);
        out.extend_from_slice(&line.bytes);
    }
    // The reader alone decides what a receipt is.
    if decode(&out, leaf, log, policy)? == *proof { Ok(out) } else { Err(CompactError::Line) }
}

/// The proof file that a compact receipt stands for. Its path leads from `leaf` to the checkpoint, and every signature
/// in it is the log's or a witness's and holds.
///
/// # Errors
/// [`CompactError`]; limits come first.
pub fn decode(
    bytes: &[u8],
    leaf: &[u8],
    log: &VerifierKey,
    policy: &Policy,
) -> Result<TlogProof, CompactError> {
    if bytes.len() > MAX_COMPACT || leaf.len() > MAX_LEAF {
        return Err(CompactError::TooLong);
    }
    let short = CompactError::Form("cut short");
    let (version, rest) = bytes.split_first().ok_or(short)?;
    if *version != VERSION {
        return Err(CompactError::Form("an unknown version"));
    }
    let (index, rest) = rest.split_first_chunk::<8>().ok_or(short)?;
    let (size, mut rest) = rest.split_first_chunk::<8>().ok_or(short)?;
    let (index, size) = (u64::from_be_bytes(*index), u64::from_be_bytes(*size));
    let mut path = Vec::new();
    let root = climb(leaf_hash(leaf), index, size, || {
        let (hash, tail) = rest.split_first_chunk::<32>()?;
        rest = tail;
        path.push(Hash::from_bytes(*hash));
        path.last().copied()
    });
    let root = root.ok_or(CompactError::Form("index, size or path"))?;
    let text = Checkpoint { origin: log.name().to_owned(), size, root }.text();

    let (signature, rest) = rest.split_first_chunk::<SIGNED>().ok_or(short)?;
    let line = |key: &VerifierKey, bytes: &[u8]| Signature {
        name: key.name().to_owned(),
        id: key.id(),
        bytes: bytes.to_vec(),
    };
    let mut lines = vec![line(log, signature)];
    SignedCheckpoint::parse(note::assemble(&text, &lines).as_bytes())
        .and_then(|signed| signed.verify_log(log))
        .map_err(TlogProofError::Checkpoint)?;
    if !rest.len().is_multiple_of(COSIGNED) {
        return Err(short);
    }
    for cosigned in rest.chunks_exact(COSIGNED) {
        let (at, bytes) = cosigned.split_first().ok_or(short)?;
        let (_, key, _) = policy.witnesses().nth(usize::from(*at)).ok_or(CompactError::Line)?;
        if lines.iter().any(|line| key.claims(line)) {
            return Err(CompactError::Form("a witness stands twice"));
        }
        let line = line(key, bytes);
        cosignature::verify(key, &text, &line)?;
        lines.push(line);
    }
    let checkpoint = note::assemble(&text, &lines).into_bytes();
    Ok(TlogProof { extra: Some(leaf.to_vec()), index, path, checkpoint })
}

/// The same proof with only the signature lines that a compact receipt carries: the log's, and of each witness of the
/// policy the latest that holds, in the policy's order.
///
/// # Errors
/// [`CompactError`] when the checkpoint can't be read, or the log has not signed it.
pub fn trim(proof: &TlogProof, log: &VerifierKey, policy: &Policy) -> Result<TlogProof, CompactError> {
    let signed = SignedCheckpoint::parse(&proof.checkpoint).map_err(TlogProofError::Checkpoint)?;
    signed.verify_log(log).map_err(TlogProofError::Checkpoint)?;
    let latest = |key: &VerifierKey| {
        let held = signed.signatures.iter().filter_map(|line| {
            let time = cosignature::verify(key, signed.text(), line).ok()?;
            Some((time, line))
        });
        held.max_by_key(|(time, _)| *time).map(|(_, line)| line.clone())
    };
    let first = signed.signatures.iter().find(|line| log.claims(line)).cloned();
    let lines = first.into_iter().chain(policy.witnesses().filter_map(|(_, key, _)| latest(key)));
    let checkpoint = note::assemble(signed.text(), &lines.collect::<Vec<_>>()).into_bytes();
    Ok(TlogProof { checkpoint, ..proof.clone() })
}

/// The root to which a path leads (RFC 9162 section 2.1.3.2), taking from `next` as many hashes as index and size need.
fn climb(leaf: Hash, index: u64, size: u64, mut next: impl FnMut() -> Option<Hash>) -> Option<Hash> {
    if index >= size || size > MAX_INTEGER as u64 {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    while last > 0 {
        if at & 1 == 1 {
            hash = node_hash(&next()?, &hash);
        } else if at < last {
            hash = node_hash(&hash, &next()?);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    Some(hash)
}
