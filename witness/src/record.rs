//! The head of a log that one key cosigned last: signed, kept, and only then told to anyone.

use crate::config::LogConfig;
use crate::folder::{Folder, ReplaceError, replace};
use crate::limits::MAX_BEHIND;
use keys::Signer;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::cosignature;
use ledger::note::{self, Signature, VerifierKey};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The file with the checkpoint cosigned last, with the log's signatures and ours: what is served.
pub const LATEST: &str = "checkpoint";
/// Two checkpoints that can't both be, both signed by the log: ours and the other.
pub const CONTRADICTION: [&str; 2] = ["contradiction-a", "contradiction-b"];

/// A checkpoint that we have cosigned, and that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Time of our cosignature, Unix seconds; 0 when it is of a key that this witness had before.
    pub time: u64,
    /// The whole signed checkpoint.
    pub note: String,
    /// Our cosignature line, with its newline; empty when `time` is 0.
    pub line: String,
}

/// What is known of a log.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The checkpoint cosigned last.
    pub latest: Option<Arc<Cosigned>>,
    /// Why nothing more is signed until the next start.
    pub stopped: Option<String>,
    /// Whether the log has signed two books.
    pub contradicted: bool,
}

/// Why a log's records can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not one that this witness wrote for this log and these keys.
    #[error(
        "{origin} 的记录已损坏（{what}）。请从备份恢复，切勿删除：没有记录就签署，可能替改过的账作证 / the record is damaged: bring it back from a backup, don't delete it"
    )]
    Damaged {
        /// The log.
        origin: String,
        /// What is wrong.
        what: String,
    },
    /// It can't be read.
    #[error("{origin} 的记录读不了：{source} / the record can't be read")]
    Io {
        /// The log.
        origin: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A log's record for one key.
pub struct Record {
    config: LogConfig,
    cosigner: VerifierKey,
    folder: Box<dyn Folder>,
    /// Held from the first look at the last head until the next one is durable: of two askers one comes first.
    turn: Mutex<()>,
    state: Mutex<State>,
}

/// The right to decide on the next head of a log. Nobody else has it meanwhile.
pub struct Turn<'a> {
    record: &'a Record,
    /// The checkpoint cosigned last.
    pub latest: Option<Arc<Cosigned>>,
    _held: MutexGuard<'a, ()>,
}

impl Record {
    /// Opens a record with what was cosigned before.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn open(
        config: &LogConfig,
        folder: Box<dyn Folder>,
        cosigner: &VerifierKey,
    ) -> Result<Self, LoadError> {
        let origin = &config.origin;
        let io = |source| LoadError::Io { origin: origin.clone(), source };
        let damaged = |what: String| LoadError::Damaged { origin: origin.clone(), what };
        let latest = match folder.read(LATEST).map_err(io)? {
            None => None,
            Some(bytes) => Some(Arc::new(read(&bytes, config, cosigner).map_err(damaged)?)),
        };
        let [_, other] = CONTRADICTION;
        let contradicted = folder.read(other).map_err(io)?.is_some();
        let state = Mutex::new(State { latest, stopped: None, contradicted });
        let (config, cosigner) = (config.clone(), cosigner.clone());
        Ok(Record { config, cosigner, folder, turn: Mutex::new(()), state })
    }

    /// The log's origin.
    pub fn origin(&self) -> &str {
        &self.config.origin
    }

    /// The folder with its files.
    pub fn folder(&self) -> &dyn Folder {
        self.folder.as_ref()
    }

    /// What is known of the log now.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // It is only ever assigned to, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log, as configured.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Waits for the turn.
    ///
    /// # Errors
    /// Why nothing is signed any more.
    pub fn turn(&self) -> Result<Turn<'_>, String> {
        let Ok(held) = self.turn.lock() else {
            return Err("内部错误，请重新启动 / a fault of the program: start it again".to_owned());
        };
        let State { latest, stopped, .. } = self.state();
        match stopped {
            Some(why) => Err(why),
            None => Ok(Turn { record: self, latest, _held: held }),
        }
    }
}

impl Turn<'_> {
    /// Size and root of what was cosigned last.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.latest.as_ref().map(|l| &l.checkpoint)
    }

    /// Cosigns a checkpoint of which the caller has found that it follows from the last, with those signatures of the
    /// log that hold. Durable when this returns.
    ///
    /// # Errors
    /// Why it was not cosigned.
    pub fn cosign(
        &mut self,
        signed: &SignedCheckpoint,
        mut signatures: Vec<Signature>,
        signer: &Signer,
        clock: &dyn Fn() -> u64,
    ) -> Result<Arc<Cosigned>, String> {
        let new = &signed.checkpoint;
        // Whatever the caller has found: no head beside or before the last one leaves this program.
        if self.checkpoint().is_some_and(|l| new.size < l.size || (new.size == l.size && new.root != l.root))
        {
            return Err("早于或不同于上次签署的存证点 / not after the head cosigned last".to_owned());
        }
        // With the turn held, so that times rise as sizes do.
        let (now, last) = (clock(), self.latest.as_ref().map_or(0, |l| l.time));
        if now == 0 || now.saturating_add(MAX_BEHIND) < last {
            return Err(format!(
                "本机时间 {now} 早于上次签署的时间 {last}，请校准 / the clock stands before the last cosignature: set it"
            ));
        }
        let time = now.max(last);
        // Nobody makes us write more than once a second by sending the same head again.
        let same = |l: &&Arc<Cosigned>| l.time == time && l.checkpoint == *new;
        if let Some(same) = self.latest.as_ref().filter(same) {
            return Ok(Arc::clone(same));
        }
        let cosignature = signer.cosign(time, signed.text()).map_err(|e| e.to_string())?;
        let line = cosignature.line();
        signatures.push(cosignature);
        let note = note::assemble(signed.text(), &signatures);
        self.keep(Cosigned { checkpoint: new.clone(), time, note, line })
    }

    /// Makes a head durable before anyone learns of its cosignature.
    fn keep(&mut self, cosigned: Cosigned) -> Result<Arc<Cosigned>, String> {
        let record = self.record;
        if let Err(e) = replace(record.folder(), LATEST, cosigned.note.as_bytes()) {
            let why = e.to_string();
            tracing::error!(origin = record.origin(), why, "the new head was not kept, and not cosigned");
            if let ReplaceError::Unknown(_) = e {
                let stopped = format!("{why}。请检查磁盘后重新启动 / look at the disk, then start again");
                record.lock().stopped = Some(stopped);
            }
            return Err(why);
        }
        let cosigned = Arc::new(cosigned);
        self.latest = Some(Arc::clone(&cosigned));
        record.lock().latest = Some(Arc::clone(&cosigned));
        Ok(cosigned)
    }

    /// A checkpoint that carries our own cosignature *is* one that we cosigned: when the record does not know it, the
    /// record was brought back from an old backup, and goes on from there.
    ///
    /// # Errors
    /// Why nothing is signed any more: we signed two books, or the disk fails.
    pub fn remember(&mut self, signed: &SignedCheckpoint, signatures: &[Signature]) -> Result<(), String> {
        let cosigner = &self.record.cosigner;
        let ours = signed
            .signatures
            .iter()
            .filter_map(|line| Some((cosignature::verify(cosigner, signed.text(), line).ok()?, line)));
        let Some((time, line)) = ours.max_by_key(|(time, _)| *time) else { return Ok(()) };
        let (new, origin) = (&signed.checkpoint, self.record.origin());
        match self.checkpoint() {
            Some(old) if old.size > new.size || old == new => return Ok(()),
            Some(old) if old.size == new.size => {
                let why = "本见证人签过两本账，已停止签署；请停用此密钥 / this witness has signed two books: retire its key";
                tracing::error!(origin, size = new.size, why);
                self.record.lock().stopped = Some(why.to_owned());
                return Err(why.to_owned());
            }
            _ => {}
        }
        tracing::error!(
            origin,
            size = new.size,
            "the record was older than our own cosignature: an old backup?"
        );
        let note = note::assemble(signed.text(), &[signatures, std::slice::from_ref(line)].concat());
        self.keep(Cosigned { checkpoint: new.clone(), time, note, line: line.line() }).map(drop)
    }

    /// Keeps a checkpoint that the log signed and that can't stand beside what it signed before. The first is kept.
    pub fn keep_contradiction(&self, other: &SignedCheckpoint, signatures: &[Signature]) {
        let record = self.record;
        let Some(ours) = self.latest.as_ref().filter(|_| !record.lock().contradicted) else { return };
        tracing::error!(
            origin = record.origin(),
            size = other.checkpoint.size,
            "the log has signed two books"
        );
        let theirs = note::assemble(other.text(), signatures);
        let [a, b] = CONTRADICTION;
        let kept = replace(record.folder(), a, ours.note.as_bytes())
            .and_then(|()| replace(record.folder(), b, theirs.as_bytes()));
        match kept {
            Ok(()) => record.lock().contradicted = true,
            Err(e) => tracing::error!(origin = record.origin(), %e, "the contradiction could not be kept"),
        }
    }
}

/// Reads a record. What we signed or the log signed must still verify: a record is never taken on trust.
fn read(bytes: &[u8], config: &LogConfig, cosigner: &VerifierKey) -> Result<Cosigned, String> {
    let signed = SignedCheckpoint::parse(bytes).map_err(|e| e.to_string())?;
    if signed.checkpoint.origin != config.origin {
        return Err(format!("它是 {} 的 / it is of another log", signed.checkpoint.origin));
    }
    let ours = signed.signatures.iter().find_map(|line| {
        let time = cosignature::verify(cosigner, signed.text(), line).ok()?;
        Some((time, line.line()))
    });
    let of_log = |line| config.vkeys.iter().any(|key| key.verify(signed.text().as_bytes(), line).is_ok());
    if ours.is_none() && !signed.signatures.iter().any(of_log) {
        return Err("签名不成立 / no signature verifies".to_owned());
    }
    let (time, line) = ours.unwrap_or_default();
    let note = String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string())?;
    Ok(Cosigned { checkpoint: signed.checkpoint, time, note, line })
}
