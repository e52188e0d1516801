//! Following one log: its head, its leaves, and the replay cosignature on what came out right.
//!
//! LIMIT: after a start all leaves are read again, one bundle after another; nothing of the replay is kept but its
//! result.

use crate::folder::replace;
use crate::limits::{MAX_BEHIND, MAX_DRIFT, REFRESH};
use crate::mirror;
use crate::record::{Cosigned, Record, State};
use crate::replay::{Fault, Replay};
use crate::source::{self, Shown};
use crate::waiting::{Given, Taken, Waiting};
use client::{Mirror, MirrorError};
use keys::Signer;
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::Hash;
use ledger::note::{self, Signature};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The fault for which a log's statement is withheld for ever.
pub const REFUSED: &str = "refused.json";
/// The checkpoint, signed by the log, over the leaves that have that fault.
pub const REFUSED_HEAD: &str = "refused-checkpoint";

const OLD: &str = "账本给出的是旧存证点 / the log shows an old head";

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Reading leaves.
    Reading {
        /// Leaves replayed.
        size: u64,
        /// Leaves of the head.
        of: u64,
    },
    /// The newest head is replayed and cosigned.
    Current {
        /// Its leaves.
        size: u64,
    },
    /// The log can't be had, or does not fit together; it is tried again. No verdict.
    Trouble {
        /// What is wrong.
        what: String,
    },
    /// The head's time was too far from this clock when it was first seen: it is not vouched for, the next one may be.
    Late {
        /// Its leaves.
        size: u64,
        /// The time of its index leaf, Unix seconds.
        time: u64,
        /// This clock then, Unix seconds.
        clock: u64,
    },
    /// An act that the authority gave more than a day ago is not in the log. It is vouched for again when it is.
    Withheld {
        /// The act's unit.
        unit: String,
        /// Its number there.
        seq: u64,
        /// When it was given, Unix seconds.
        given: u64,
    },
    /// The statement can't be made any more. The fault and the head stand in files.
    Refused {
        /// What was found, as in the file.
        fault: String,
    },
}

/// A log that is followed. One thread calls [`Follower::round`]; any may look at the rest.
pub struct Follower {
    record: Record,
    source: Mirror,
    charter: Hash,
    status: Mutex<Status>,
    place: Mutex<Place>,
    waiting: Waiting,
}

/// How far it has come.
struct Place {
    replay: Replay,
    /// When it was last level with the log's head; `None` before that.
    level: Option<u64>,
    /// Size of the last head whose time was held against the clock.
    seen: u64,
    /// The head that came late.
    late: Option<Late>,
}

/// A head that came too far from its own time.
#[derive(Clone, Copy)]
struct Late {
    size: u64,
    time: u64,
    clock: u64,
}

/// Why a round did not end with a cosignature.
enum Stop {
    Trouble(String),
    Late(Late),
    Withheld(Given),
    Fault(Box<Fault>),
}

fn trouble(what: impl std::fmt::Display) -> Stop {
    Stop::Trouble(what.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Follower {
    /// A follower with its record.
    ///
    /// # Errors
    /// When the record's folder can't be read.
    pub fn new(record: Record, source: Mirror, charter: Hash) -> std::io::Result<Self> {
        let status = match record.folder().read(REFUSED)? {
            Some(fault) => Status::Refused { fault: String::from_utf8_lossy(&fault).into_owned() },
            None => Status::Reading { size: 0, of: 0 },
        };
        let waiting = Waiting::open(&record)?;
        let place = Place { replay: anew(charter, &record), level: None, seen: 0, late: None };
        Ok(Follower {
            record,
            source,
            charter,
            status: Mutex::new(status),
            place: Mutex::new(place),
            waiting,
        })
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// What was cosigned.
    pub fn state(&self) -> State {
        self.record.state()
    }

    /// Looks at the log once: reads what is new, and cosigns its head when all of it is right. It waits for the
    /// network and the disk.
    pub fn round(&self, signer: &Signer, clock: &dyn Fn() -> u64) {
        if matches!(self.status(), Status::Refused { .. }) {
            return;
        }
        let done = self.follow(&mut lock(&self.place), signer, clock);
        self.say(done);
    }

    /// The copy that is replayed from does not follow the log now: nothing is signed meanwhile, and nothing any more when
    /// the log has signed two books. It waits for the disk.
    pub fn halt(&self, stop: &mirror::Stop) {
        if matches!(self.status(), Status::Refused { .. }) {
            return;
        }
        self.say(Err(match stop {
            mirror::Stop::Trouble(what) => trouble(what),
            mirror::Stop::Older(_) => trouble(OLD),
            mirror::Stop::Forked(shown) => {
                let fault = two_books(shown.signed.checkpoint.size);
                self.keep(fault, &shown.signed, &shown.signatures).unwrap_or_else(|e| e)
            }
        }));
    }

    fn say(&self, done: Result<Arc<Cosigned>, Stop>) {
        let status = match done {
            Ok(cosigned) => Status::Current { size: cosigned.checkpoint.size },
            Err(Stop::Trouble(what)) => {
                tracing::warn!(origin = self.record.origin(), what, "not replayed");
                Status::Trouble { what }
            }
            Err(Stop::Late(Late { size, time, clock })) => {
                tracing::warn!(origin = self.record.origin(), size, time, clock, "late");
                Status::Late { size, time, clock }
            }
            Err(Stop::Withheld(Given { received, unit, seq, .. })) => {
                tracing::error!(origin = self.record.origin(), unit, seq, received, "an act is not logged");
                Status::Withheld { unit, seq, given: received }
            }
            Err(Stop::Fault(fault)) => {
                tracing::error!(
                    origin = self.record.origin(),
                    code = fault.code,
                    leaf = fault.leaf,
                    "refused"
                );
                Status::Refused { fault: json(&fault) }
            }
        };
        *lock(&self.status) = status;
    }

    fn follow(
        &self,
        place: &mut Place,
        signer: &Signer,
        clock: &dyn Fn() -> u64,
    ) -> Result<Arc<Cosigned>, Stop> {
        let Shown { signed, signatures } =
            source::head(&self.source, self.record.config()).map_err(trouble)?;
        let head = &signed.checkpoint;
        let last = self.record.state().latest;
        if head.size < place.replay.size() || last.as_ref().is_some_and(|l| head.size < l.checkpoint.size) {
            return Err(trouble(OLD));
        }
        self.read(&mut place.replay, head.size)?;
        if place.replay.root() != head.root {
            let two =
                last.as_ref().filter(|l| l.checkpoint.size == head.size && l.checkpoint.root != head.root);
            // What was read may have been bent on its way: nothing of it is kept.
            place.replay = anew(self.charter, &self.record);
            return Err(match two {
                Some(_) => self.refuse(two_books(head.size), &signed, &signatures)?,
                None => trouble(
                    "叶子算不出签署的根，从头再读 / the leaves don't give the signed root: read again",
                ),
            });
        }
        let now = clock();
        // A clock that went back is ours to set, and convicts nobody.
        if last.as_ref().is_some_and(|l| now.saturating_add(MAX_BEHIND) < l.time) {
            return Err(trouble("本机时钟倒退了，请校准 / the clock went back: set it"));
        }
        match place.replay.fault() {
            // A configuration can be wrong; that convicts nobody.
            Some(fault) if fault.code == "charter" => return Err(trouble(fault.what)),
            Some(fault) => return Err(self.refuse(fault, &signed, &signatures)?),
            None => {}
        }
        // First seen now: not ahead of the clock, and not older than when this head was not there yet.
        // LIMIT: of a head that came while this program did not run, only the first bound is looked at.
        if head.size > place.seen.max(last.as_ref().map_or(0, |l| l.checkpoint.size)) {
            let time = place.replay.time();
            let behind = place.level.is_some_and(|level| time.saturating_add(MAX_DRIFT) < level);
            let off = behind || time > now.saturating_add(MAX_DRIFT);
            place.late = off.then_some(Late { size: head.size, time, clock: now });
            place.seen = head.size;
        }
        place.level = Some(now);
        if let Some(acts) = place.replay.acts()
            && let Some(overdue) = self.waiting.settle(&self.record, acts, now).map_err(trouble)?
        {
            return Err(Stop::Withheld(overdue));
        }
        if let Some(late) = place.late.filter(|late| late.size == head.size) {
            return Err(Stop::Late(late));
        }
        match last.filter(|l| l.checkpoint == *head && now < l.time.saturating_add(REFRESH)) {
            Some(fresh) => Ok(fresh),
            None => self
                .record
                .turn()
                .and_then(|mut t| t.cosign(&signed, signatures, signer, clock))
                .map_err(trouble),
        }
    }

    /// Takes an act from the authority itself. It waits for the disk.
    pub fn take(&self, leaf: &str, now: u64) -> Taken {
        self.waiting.take(&self.record, leaf, now)
    }

    /// Reads leaves up to `size`. A bundle that can't be had leaves the replay where it is: the next round goes on from
    /// there.
    fn read(&self, replay: &mut Replay, size: u64) -> Result<(), Stop> {
        source::leaves(&self.source, replay.size(), size, |at, leaves| {
            *lock(&self.status) = Status::Reading { size: at, of: size };
            leaves.iter().for_each(|leaf| replay.push(leaf));
            Ok::<(), MirrorError>(())
        })
        .map_err(trouble)
    }

    /// Keeps what convicts or explains, before anybody is told.
    fn refuse(&self, fault: Fault, head: &SignedCheckpoint, signatures: &[Signature]) -> Result<Stop, Stop> {
        let turn = self.record.turn().map_err(trouble)?;
        if fault.code == "two_books" {
            turn.keep_contradiction(head, signatures);
        }
        drop(turn);
        self.keep(fault, head, signatures)
    }

    fn keep(&self, fault: Fault, head: &SignedCheckpoint, signatures: &[Signature]) -> Result<Stop, Stop> {
        let _turn = self.record.turn().map_err(trouble)?;
        let head = note::assemble(head.text(), signatures);
        let folder = self.record.folder();
        replace(folder, REFUSED_HEAD, head.as_bytes()).map_err(trouble)?;
        replace(folder, REFUSED, json(&fault).as_bytes()).map_err(trouble)?;
        Ok(Stop::Fault(Box::new(fault)))
    }
}

/// The replay from the first leaf, which has to come by the head that was cosigned last.
fn anew(charter: Hash, record: &Record) -> Replay {
    Replay::new(charter, record.state().latest.map(|l| l.checkpoint.clone()))
}

fn json(fault: &Fault) -> String {
    serde_json::to_string_pretty(fault).unwrap_or_default() + "\n"
}

fn two_books(size: u64) -> Fault {
    let what = "同样大小的两个存证点，根不同 / two heads of one size with different roots";
    Fault::new("two_books", size.saturating_sub(1), what)
}
