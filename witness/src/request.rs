//! The body of `add-checkpoint` (C2SP tlog-witness): the old size, a consistency proof, an empty line, a checkpoint.

use crate::limits::{MAX_BODY, MAX_PROOF};
use ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use ledger::hash::Hash;

/// A request taken apart. Nothing in it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the checkpoint that the sender takes for the last one cosigned.
    pub old: u64,
    /// The proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub signed: SignedCheckpoint,
}

/// Why a body is no request (400).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Over [`MAX_BODY`], not UTF-8, or without an empty line.
    #[error("请求应为旧大小、证明、空行、存证点 / want the old size, a proof, an empty line, a checkpoint")]
    Shape,
    /// The first line is not `old <size>`.
    #[error("第一行应为“old 大小” / the first line is not `old <size>`")]
    Old,
    /// A line of the proof is no hash in base64.
    #[error("证明的一行不是 base64 的哈希 / a line of the proof is no hash in base64")]
    Proof,
    /// Over [`MAX_PROOF`].
    #[error("证明超过 {MAX_PROOF} 行 / the proof has more than {MAX_PROOF} lines")]
    TooLong,
    /// The rest is no checkpoint. One with extension lines is none here (SPEC C-02).
    #[error("存证点不合格式 / not a checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The old size is larger than the checkpoint's.
    #[error("旧大小大于存证点的大小 / the old size is larger than the checkpoint's")]
    Shrinks,
}

impl Request {
    /// Takes a body apart.
    ///
    /// # Errors
    /// [`Malformed`]; the limits come first.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(body).ok().filter(|t| t.len() <= MAX_BODY).ok_or(Malformed::Shape)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Malformed::Shape)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(Malformed::Old)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF {
                return Err(Malformed::TooLong);
            }
            proof.push(Hash::from_base64(line).ok_or(Malformed::Proof)?);
        }
        Ok(Request { old, proof, signed: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }
}

/// Plain decimal: digits, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}
