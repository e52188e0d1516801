//! The signed head of any C2SP tiled log: three lines, and extension lines that other logs may have.

use client::MirrorError;
use ledger::checkpoint::Checkpoint;
use ledger::checkpoint::{CheckpointError, MAX_CHECKPOINT};
use ledger::note::{Note, NoteError, VerifierKey};

/// A head taken apart; nothing is believed before [`Head::signed_by`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Origin, size and root.
    pub checkpoint: Checkpoint,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
}

impl Head {
    /// Takes a checkpoint apart. Extension lines are read over.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() > MAX_CHECKPOINT {
            return Err(CheckpointError::TooLong);
        }
        let text = Note::parse(bytes)?.text;
        let three = text.match_indices('\n').nth(2).and_then(|(at, _)| text.get(..=at));
        let checkpoint = Checkpoint::parse(three.ok_or(CheckpointError::Text)?)?;
        Ok(Head { checkpoint, bytes: bytes.to_vec() })
    }

    /// Whether the first line that claims the key verifies.
    ///
    /// # Errors
    /// [`NoteError`]: no line is of this key, or it does not verify.
    pub fn signed_by(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let note = Note::parse(&self.bytes)?;
        let line = note.signatures.iter().find(|line| key.claims(line)).ok_or(NoteError::UnknownKey)?;
        key.verify(note.text.as_bytes(), line)
    }
}

/// Where the newest head comes from.
pub trait Heads {
    /// The newest checkpoint, as bytes.
    ///
    /// # Errors
    /// [`MirrorError`].
    fn head(&self) -> Result<Vec<u8>, MirrorError>;
}

impl Heads for client::Mirror {
    fn head(&self) -> Result<Vec<u8>, MirrorError> {
        self.checkpoint()
    }
}
