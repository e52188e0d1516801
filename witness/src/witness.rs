//! A witness: its key and its logs.

use crate::config::LogConfig;
use crate::folder::Folder;
use crate::follow::Follower;
use crate::lines;
use crate::log::{Answer, Log};
use crate::mirror::Mirrored;
use crate::record::{LoadError, Record};
use crate::request::Request;
use keys::Signer;
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::Hash;
use ledger::note::{Signature, VerifierKey};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A witness. It may be asked by many threads at one time.
pub struct Witness {
    signer: Signer,
    /// By origin hash.
    logs: BTreeMap<String, Log>,
    followers: BTreeMap<String, Arc<Follower>>,
    copies: BTreeMap<String, Arc<Mirrored>>,
    replayer: Option<VerifierKey>,
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// SHA-256 of an origin in lower-case hex: its place under the monitoring prefix (C2SP tlog-witness).
pub fn origin_hash(origin: &str) -> String {
    Hash::of(origin.as_bytes()).to_hex()
}

/// The system's clock, Unix seconds.
pub fn system_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs())
}

impl Witness {
    /// A witness that knows no log yet.
    pub fn new(signer: Signer, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Witness {
            signer,
            logs: BTreeMap::new(),
            followers: BTreeMap::new(),
            copies: BTreeMap::new(),
            replayer: None,
            clock: Box::new(clock),
        }
    }

    /// Takes a log in, with what its folder remembers.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn watch(&mut self, config: &LogConfig, folder: Box<dyn Folder>) -> Result<(), LoadError> {
        let record = Record::open(config, folder, self.signer.vkey())?;
        self.logs.insert(origin_hash(&config.origin), Log::new(record));
        Ok(())
    }

    /// Shows what a follower of one of the logs does, and the key that it signs with.
    pub fn show(&mut self, origin: &str, follower: Arc<Follower>, replayer: &VerifierKey) {
        self.followers.insert(origin_hash(origin), follower);
        self.replayer = Some(replayer.clone());
    }

    /// Serves the copy of one of the logs.
    pub fn mirror(&mut self, origin: &str, copy: Arc<Mirrored>) {
        self.copies.insert(origin_hash(origin), copy);
    }

    /// The copy of a log by the hash of its origin.
    pub fn copy(&self, origin_hash: &str) -> Option<&Mirrored> {
        self.copies.get(origin_hash).map(|copy| &**copy)
    }

    /// The newest checkpoint of a copy, with our own cosignatures of that head.
    pub fn copied_head(&self, origin_hash: &str) -> Option<String> {
        let kept = self.copy(origin_hash)?.head()?;
        let signed = SignedCheckpoint::parse(kept.note.as_bytes()).ok()?;
        let ours = [
            self.log(origin_hash).and_then(|log| log.state().latest),
            self.follower(origin_hash).and_then(|follower| follower.state().latest),
        ];
        let ours = ours.into_iter().flatten().filter(|cosigned| cosigned.checkpoint == kept.checkpoint);
        let ours = ours.filter_map(|cosigned| Signature::parse(cosigned.line.trim_end()).ok());
        Some(lines::with(signed.text(), &signed.signatures, ours))
    }

    /// The key that replay cosignatures verify under.
    pub fn replayer(&self) -> Option<&VerifierKey> {
        self.replayer.as_ref()
    }

    /// The follower of a log by the hash of its origin.
    pub fn follower(&self, origin_hash: &str) -> Option<&Follower> {
        self.followers.get(origin_hash).map(|follower| &**follower)
    }

    /// The clock, Unix seconds.
    pub fn now(&self) -> u64 {
        (self.clock)()
    }

    /// The key that its cosignatures verify under.
    pub fn vkey(&self) -> &VerifierKey {
        self.signer.vkey()
    }

    /// The logs, by origin hash.
    pub fn logs(&self) -> impl Iterator<Item = (&str, &Log)> {
        self.logs.iter().map(|(hash, log)| (hash.as_str(), log))
    }

    /// A log by the hash of its origin.
    pub fn log(&self, origin_hash: &str) -> Option<&Log> {
        self.logs.get(origin_hash)
    }

    /// `add-checkpoint`: the body of a request, and the origin of the log it is about when that is a known one.
    /// It waits for the disk.
    pub fn add_checkpoint(&self, body: &[u8]) -> (Option<&str>, Answer) {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(e) => return (None, Answer::Malformed(e)),
        };
        match self.logs.get(&origin_hash(&request.signed.checkpoint.origin)) {
            None => (None, Answer::UnknownOrigin),
            Some(log) => (Some(log.origin()), log.add(&request, &self.signer, &self.clock)),
        }
    }
}
