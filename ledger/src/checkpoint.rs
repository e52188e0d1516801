//! Checkpoints: signed tree heads (SPEC section 2.6, rules C-01 to C-04; C2SP tlog-checkpoint).

use crate::hash::Hash;
use crate::index::decimal;
use crate::note::{Note, NoteError, Signature, VerifierKey};

/// Longest checkpoint with its cosignatures, in bytes.
pub const MAX_CHECKPOINT: usize = 64 * 1024;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's origin.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root hash over them.
    pub root: Hash,
}

/// Why bytes are no checkpoint of this ledger, or it is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Over [`MAX_CHECKPOINT`].
    #[error("the checkpoint has more than {MAX_CHECKPOINT} bytes")]
    TooLong,
    /// Not a signed note, or no signature of the log that verifies.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// The text is not origin, size and root, one a line; this ledger knows no extension lines (SPEC C-02).
    #[error("the text is not origin, size and root, one a line")]
    Text,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the three lines.
    ///
    /// # Errors
    /// [`CheckpointError::Text`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Text)?.split('\n');
        let mut line = || lines.next().filter(|l| !l.is_empty()).ok_or(CheckpointError::Text);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = Some(size).filter(|s| !s.is_empty()).and_then(decimal).ok_or(CheckpointError::Text)?;
        let root = Hash::from_base64(root).ok_or(CheckpointError::Text)?;
        if lines.next().is_some() {
            return Err(CheckpointError::Text);
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }
}

/// A checkpoint with its signature lines; nothing is believed before [`SignedCheckpoint::verify_log`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signature lines, the log's and cosigners'.
    pub signatures: Vec<Signature>,
    text: String,
}

impl SignedCheckpoint {
    /// Takes a signed checkpoint apart.
    ///
    /// # Errors
    /// [`CheckpointError`]; the size limit comes first.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() > MAX_CHECKPOINT {
            return Err(CheckpointError::TooLong);
        }
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::parse(note.text)?;
        Ok(SignedCheckpoint { checkpoint, signatures: note.signatures, text: note.text.to_owned() })
    }

    /// The signed text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Verifies the log's own signature: one line claims the key, and it holds.
    ///
    /// # Errors
    /// [`CheckpointError::Note`]; [`NoteError::UnknownKey`] when no line is of this key or its name is not the
    /// origin.
    pub fn verify_log(&self, key: &VerifierKey) -> Result<(), CheckpointError> {
        let line = self.signatures.iter().find(|s| key.claims(s) && key.name() == self.checkpoint.origin);
        Ok(key.verify(self.text.as_bytes(), line.ok_or(NoteError::UnknownKey)?)?)
    }
}
