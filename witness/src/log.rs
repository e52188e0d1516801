//! `add-checkpoint` for one log, in the order of C2SP tlog-witness.

use crate::record::{Record, State};
use crate::request::{Malformed, Request};
use keys::Signer;
use ledger::checkpoint::Checkpoint;
use ledger::hash::Hash;
use ledger::merkle::verify_consistency;
use ledger::note::NoteError;

/// What `add-checkpoint` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: our cosignature line, with its newline.
    Cosigned(String),
    /// 400.
    Malformed(Malformed),
    /// 403: no signature of a trusted key, or one that does not verify.
    NotSigned(NoteError),
    /// 404.
    UnknownOrigin,
    /// 409: the size cosigned last.
    Conflict(u64),
    /// 422: it does not follow from what was cosigned last.
    Inconsistent(&'static str),
    /// 503: it may be right, but nothing can be signed now.
    Unavailable(String),
}

/// A log that is witnessed.
pub struct Log(Record);

impl Log {
    /// A log with its record.
    pub fn new(record: Record) -> Self {
        Log(record)
    }

    /// The origin.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// What is known of it now.
    pub fn state(&self) -> State {
        self.0.state()
    }

    /// Decides on a checkpoint of this log, and cosigns it.
    pub fn add(&self, request: &Request, signer: &Signer, clock: &dyn Fn() -> u64) -> Answer {
        self.decide(request, signer, clock).unwrap_or_else(|refusal| refusal)
    }

    fn decide(&self, request: &Request, signer: &Signer, clock: &dyn Fn() -> u64) -> Result<Answer, Answer> {
        let signed = &request.signed;
        let signatures = self.0.config().verified(signed).map_err(Answer::NotSigned)?;
        let mut turn = self.0.turn().map_err(Answer::Unavailable)?;
        turn.remember(signed, &signatures).map_err(Answer::Unavailable)?;
        let (new, last) = (&signed.checkpoint, turn.checkpoint());
        // The log's own signature under another root of the same size convicts it, whatever the rest of the request.
        if last.is_some_and(|last| last.size == new.size && last.root != new.root) {
            turn.keep_contradiction(signed, &signatures);
        }
        follows(last, request)?;
        let cosigned = turn.cosign(signed, signatures, signer, clock).map_err(Answer::Unavailable)?;
        Ok(Answer::Cosigned(cosigned.line.clone()))
    }
}

/// Whether a checkpoint follows from the one cosigned last (none: size 0).
fn follows(last: Option<&Checkpoint>, request: &Request) -> Result<(), Answer> {
    let (new, old) = (&request.signed.checkpoint, request.old);
    if old > new.size {
        return Err(Answer::Malformed(Malformed::Shrinks));
    }
    let (size, root) = last.map_or((0, Hash::EMPTY), |l| (l.size, l.root));
    if old != size {
        return Err(Answer::Conflict(size));
    }
    if new.size == 0 && new.root != Hash::EMPTY {
        return Err(Answer::Inconsistent("空树的根不对 / not the root of the empty tree"));
    }
    let holds = match old {
        0 => request.proof.is_empty(),
        _ => verify_consistency(old, new.size, &root, &new.root, &request.proof).is_ok(),
    };
    if holds {
        Ok(())
    } else {
        Err(Answer::Inconsistent("一致性证明不成立 / the consistency proof does not hold"))
    }
}
