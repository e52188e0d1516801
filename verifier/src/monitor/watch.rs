//! One log's round: ask everybody and hold every head against all that was seen; tell; then read what is new, and tell.
//!
//! The leaves come second: a log that is slow with them holds up no word on what it signed.

use super::config::LogConfig;
use super::follow::{Follower, Places};
use super::memory::{Memory, Standing};
use super::sources::{self, Heard, Kind};
use super::told::{Code, Found, Report, settle};
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::note::VerifierKey;
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

/// What came of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Things that were told and last.
    pub open: usize,
    /// What could not be asked or read.
    pub unknown: usize,
}

/// One log, watched.
pub struct Watch<'t> {
    pub(super) config: &'t LogConfig,
    pub(super) timeout: Duration,
    pub(super) silent_after: u64,
    pub(super) follower: Follower<'t>,
    /// Where reports on what was told stand, and every head.
    pub memory: Memory,
    ledger: String,
}

impl<'t> Watch<'t> {
    /// Watches a log from its memory on.
    pub fn new(
        config: &'t LogConfig,
        places: &'t Places,
        memory: Memory,
        timeout: Duration,
        silent_after: u64,
    ) -> Self {
        let follower = Follower::new(places, config.trust.charter, &config.catalogue);
        let ledger = config.trust.ledger().to_string();
        Watch { config, timeout, silent_after, follower, memory, ledger }
    }

    /// Looks at the log once. What is new is handed to `tell` before it counts as told: after a kill it may be told
    /// twice, and never not at all.
    ///
    /// # Errors
    /// What the system said of the state's folder.
    pub fn round(&mut self, now: u64, tell: impl Fn(&Report)) -> io::Result<Round> {
        let mut unknown = 0;
        let mut heard = sources::ask(self.config, self.timeout);
        let mut strange = heard.extract_if(.., |heard| self.is_strange(heard)).collect::<Vec<_>>();
        self.heads(&mut heard, now, &mut unknown, &tell)?;
        for heard in &strange {
            // The authority signs a log key's enrolment, so the leaves say whose it is.
            if let Ok(signed) = &heard.said
                && self.follower.advance(&signed.checkpoint).is_ok()
            {
                self.learn_keys();
            }
        }
        if !strange.is_empty() {
            self.heads(&mut strange, now, &mut unknown, &tell)?;
        }
        heard.append(&mut strange);
        if let Err(e) = self.leaves(&heard, now, &mut unknown, &tell) {
            // What was found and not told is found again.
            self.follower.forget();
            return Err(e);
        }
        Ok(Round { open: self.memory.state.told.len(), unknown })
    }

    /// What the signed heads say.
    fn heads(
        &mut self,
        heard: &mut [Heard],
        now: u64,
        unknown: &mut usize,
        tell: impl Fn(&Report),
    ) -> io::Result<()> {
        let keys = self.keys();
        for heard in &mut *heard {
            heard.verify(&keys);
            if let Ok(signed) = &heard.said {
                let text = signed.text().as_bytes();
                let by = |line: &&_| keys.iter().any(|key| key.verify(text, line).is_ok());
                if let Some(line) = signed.signatures.iter().find(by) {
                    self.memory.see(&signed.checkpoint, line, now)?;
                }
            }
        }
        let mut found = Vec::new();
        let forked = self.hold(now, &mut found)?;
        *unknown += self.compare(heard, now, &mut found);
        self.vouch(heard, now, &mut found);
        let answered: BTreeSet<&str> =
            heard.iter().filter(|h| h.said.is_ok()).map(|h| h.place.as_str()).collect();
        let config = self.config;
        let over = |source: &str| answered.contains(source) || !config.asks(source);
        let ended = |found: &Found| match (found.code, &found.source) {
            (Code::Shrank | Code::Stale | Code::Silent, Some(source)) => {
                over(source) && !source.ends_with(TILES)
            }
            (Code::NoQuorum | Code::NoReplay | Code::CannotShow, None) => true,
            _ => false,
        };
        self.tell(found, now, ended, tell)?;
        // Only now: a kill before this has the head held again.
        forked.iter().try_for_each(|head| self.memory.place(head, Standing::Forked))
    }

    /// What the leaves say.
    fn leaves(
        &mut self,
        heard: &[Heard],
        now: u64,
        unknown: &mut usize,
        tell: impl Fn(&Report),
    ) -> io::Result<()> {
        let with_tiles = heard.iter().filter(|heard| heard.kind != Kind::Witness);
        let heads = with_tiles.filter_map(|heard| heard.said.as_ref().ok());
        let newest: Option<Checkpoint> =
            heads.map(|signed| &signed.checkpoint).max_by_key(|head| head.size).cloned();
        let Some(head) = newest else { return Ok(()) };
        let mut found = Vec::new();
        let level = self.read(&head, now, &mut found)?;
        *unknown += usize::from(!level);
        let ended = |found: &Found| match (found.code, &found.source) {
            (Code::Silent | Code::CannotShow, Some(source)) => level && source.ends_with(TILES),
            (code, None) => level && matches!(code, Code::Hole | Code::Overdue | Code::Shrank),
            _ => false,
        };
        self.tell(found, now, ended, tell)
    }

    fn tell(
        &mut self,
        found: Vec<Found>,
        now: u64,
        ended: impl Fn(&Found) -> bool,
        tell: impl Fn(&Report),
    ) -> io::Result<()> {
        for report in settle(&mut self.memory.state.told, found, now, ended) {
            tell(&report);
            self.memory.state.wait(report);
        }
        self.memory.save()
    }

    pub(super) fn found(&self, code: Code, zh: impl Into<String>, en: impl Into<String>) -> Found {
        Found::new(code, &self.ledger, zh, en)
    }

    /// Keys that the log signs with: that of the trust material, and those that the registry enrolled.
    fn keys(&self) -> Vec<VerifierKey> {
        let enrolled = self.memory.state.log_keys.iter().filter_map(|key| VerifierKey::parse(key).ok());
        [self.config.trust.log.clone()].into_iter().chain(enrolled).collect()
    }

    /// Whether a head comes with tiles and under a key of the log's name that nobody knows yet.
    fn is_strange(&self, heard: &Heard) -> bool {
        let keys = self.keys();
        let strange = |signed: &SignedCheckpoint| {
            let ours = || signed.signatures.iter().filter(|line| line.name == self.config.trust.origin);
            ours().next().is_some() && !ours().any(|line| keys.iter().any(|key| key.claims(line)))
        };
        heard.kind == Kind::Log && heard.said.as_ref().is_ok_and(strange)
    }

    /// Takes down what later rounds need of the leaves under a head that the log signed.
    pub(super) fn learn(&mut self) {
        self.learn_keys();
        let Some(walked) = self.follower.walked() else { return };
        let lines = walked.replay.registry.policy(walked.replay.head());
        self.memory.state.policy = Some(lines.iter().map(|line| format!("{line}\n")).collect());
    }

    /// Takes down what the authority signed, under whatever head it stands: an older copy takes back no key.
    fn learn_keys(&mut self) {
        let Some(walked) = self.follower.walked() else { return };
        let state = &mut self.memory.state;
        for key in walked.replay.registry.log_keys().map(ToString::to_string) {
            if !state.log_keys.contains(&key) {
                state.log_keys.push(key);
            }
        }
        state.charter = Some(walked.charter.clone());
        if walked.acts.len() > state.acts.len() {
            state.acts.clone_from(&walked.acts);
        }
    }
}

/// What the address of a log is followed by where its leaves are meant, and not its head.
pub(super) const TILES: &str = "/tile";
