//! Proof files: an entry's inclusion, to be checked offline (SPEC section 2.8, rules P-01 to P-03; C2SP tlog-proof).

use crate::checkpoint::{CheckpointError, MAX_CHECKPOINT, SignedCheckpoint};
use crate::hash::{Hash, leaf_hash};
use crate::index::decimal;
use crate::leaf::MAX_LEAF;
use crate::merkle::{ProofError, verify_inclusion};
use base64ct::{Base64, Encoding as _};

/// First line of a proof file.
pub const TYPE_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Longest inclusion path: no tree of fewer than 2^64 leaves needs more.
pub const MAX_PATH: usize = 64;
/// Longest proof file in bytes: a whole leaf in base64, the path, a checkpoint.
pub const MAX_PROOF: usize = MAX_LEAF * 4 / 3 + MAX_PATH * 45 + MAX_CHECKPOINT + 1_024;

/// A proof file taken apart; nothing in it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Extra data, not authenticated by itself: this ledger puts the leaf there (SPEC P-02).
    pub extra: Option<Vec<u8>>,
    /// Leaf index.
    pub index: u64,
    /// Inclusion path, from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The signed checkpoint, bytes as they came.
    pub checkpoint: Vec<u8>,
}

/// Why a file is no proof, or proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Over [`MAX_PROOF`].
    #[error("the proof file has more than {MAX_PROOF} bytes")]
    TooLong,
    /// Not of the form of C2SP tlog-proof.
    #[error("not a tlog-proof file: {0}")]
    Form(&'static str),
    /// The checkpoint is not usable.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The path does not hold.
    #[error("inclusion: {0}")]
    Inclusion(#[from] ProofError),
}

impl TlogProof {
    /// The bytes of a proof file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = format!("{TYPE_LINE}\n");
        if let Some(extra) = &self.extra {
            out.push_str(&format!("extra {}\n", Base64::encode_string(extra)));
        }
        out.push_str(&format!("index {}\n", self.index));
        for hash in &self.path {
            out.push_str(&format!("{hash}\n"));
        }
        out.push('\n');
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.checkpoint);
        out
    }

    /// Takes a proof file apart.
    ///
    /// # Errors
    /// [`TlogProofError`]; the size limit comes first.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        if bytes.len() > MAX_PROOF {
            return Err(TlogProofError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| form("not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(form("no empty line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(TYPE_LINE) {
            return Err(form("another first line"));
        }
        let extra = match lines.next_if(|l| l.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let packed = line.strip_prefix("extra ").unwrap_or_default();
                Some(Base64::decode_vec(packed).map_err(|_| form("extra is not base64"))?)
            }
        };
        let index = lines.next().and_then(|l| l.strip_prefix("index ")).filter(|i| !i.is_empty());
        let index = index.and_then(decimal).ok_or(form("no index"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == MAX_PATH {
                return Err(form("too many hashes"));
            }
            path.push(Hash::from_base64(line).ok_or(form("a line is no hash"))?);
        }
        Ok(TlogProof { extra, index, path, checkpoint: checkpoint.as_bytes().to_vec() })
    }

    /// Verifies that `leaf` stands at the index in the checkpoint's tree. Signatures are the caller's part: the
    /// checkpoint is returned for that.
    ///
    /// # Errors
    /// [`TlogProofError`].
    pub fn verify(&self, leaf: &[u8]) -> Result<SignedCheckpoint, TlogProofError> {
        let signed = SignedCheckpoint::parse(&self.checkpoint)?;
        let tree = &signed.checkpoint;
        verify_inclusion(&leaf_hash(leaf), self.index, tree.size, &self.path, &tree.root)?;
        Ok(signed)
    }
}
