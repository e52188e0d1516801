//! Following one log: its head, its leaves, and the replay cosignature on what came out right.

use crate::acts::{ActError, Acts, Given};
use crate::folder::{ReplaceError, replace};
use crate::limits::{MAX_BEHIND, MAX_DRIFT, MAX_GIVEN, MAX_WAIT, REFRESH};
use crate::record::{Cosigned, Record, State};
use crate::replay::{Fault, Replay};
use client::{Mirror, MirrorError};
use keys::Signer;
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::Hash;
use ledger::note::{self, Signature};
use ledger::tile::{TileKind, TilePath, Tiles as _, WIDTH, decode_bundle};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The fault for which a log's statement is withheld for ever.
pub const REFUSED: &str = "refused.json";
/// The checkpoint, signed by the log, over the leaves that have that fault.
pub const REFUSED_HEAD: &str = "refused-checkpoint";

/// Acts that were given directly and are not in the log yet.
pub const GIVEN: &str = "given.json";

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
    /// The replay, and when it was last level with the log's head.
    place: Mutex<(Replay, Option<u64>)>,
    /// The authority's acts as of the last head that came out right.
    acts: Mutex<Option<Arc<Acts>>>,
    given: Mutex<Vec<Given>>,
}

/// What becomes of an act that is given directly.
#[derive(Debug)]
pub enum Taken {
    /// It is in the log.
    Logged,
    /// It is kept, durably, and the log has a day to take it.
    Kept,
    /// It is none that this log could take.
    Refused(ActError),
    /// Not now: why.
    NotNow(String),
}

/// Why a round did not end with a cosignature.
enum Stop {
    Trouble(String),
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
        let given = match record.folder().read(GIVEN)? {
            Some(bytes) => serde_json::from_slice(&bytes)?,
            None => Vec::new(),
        };
        let known = record.state().latest.map(|l| l.checkpoint.clone());
        let place = Mutex::new((Replay::new(charter, known), None));
        let (status, acts, given) = (Mutex::new(status), Mutex::new(None), Mutex::new(given));
        Ok(Follower { record, source, charter, status, place, acts, given })
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
        let mut place = lock(&self.place);
        let (replay, level) = &mut *place;
        let status = match self.follow(replay, level, signer, clock) {
            Ok(cosigned) => Status::Current { size: cosigned.checkpoint.size },
            Err(Stop::Trouble(what)) => {
                tracing::warn!(origin = self.record.origin(), what, "not replayed");
                Status::Trouble { what }
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
        replay: &mut Replay,
        level: &mut Option<u64>,
        signer: &Signer,
        clock: &dyn Fn() -> u64,
    ) -> Result<Arc<Cosigned>, Stop> {
        let signed = SignedCheckpoint::parse(&self.source.checkpoint().map_err(trouble)?).map_err(trouble)?;
        let head = &signed.checkpoint;
        if head.origin != self.record.origin() {
            return Err(trouble(format!("这是 {} 的存证点 / a head of another log", head.origin)));
        }
        let signatures = self.record.verified(&signed).map_err(trouble)?;
        let last = self.record.state().latest;
        if head.size < replay.size() || last.as_ref().is_some_and(|l| head.size < l.checkpoint.size) {
            return Err(trouble("账本给出的是旧存证点 / the log shows an old head"));
        }
        let times = self.read(replay, head.size)?;
        if replay.root() != head.root {
            let two =
                last.as_ref().filter(|l| l.checkpoint.size == head.size && l.checkpoint.root != head.root);
            // What was read may have been bent on its way: nothing of it is kept.
            *replay = Replay::new(self.charter, last.as_ref().map(|l| l.checkpoint.clone()));
            *level = None;
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
        if let Some(fault) = replay.fault().or_else(|| drift(head.size, times, *level, now)) {
            return Err(self.refuse(fault, &signed, &signatures)?);
        }
        *level = Some(now);
        self.settle(replay, now)?;
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
        let Some(acts) = lock(&self.acts).clone() else {
            return Taken::NotNow("账本还没有核对完 / the log is not replayed yet".to_owned());
        };
        // Held until the act is durable, so that none gets lost beside it.
        let mut given = lock(&self.given);
        let (unit, seq) = match acts.lacks(leaf.as_bytes()) {
            Ok(None) => return Taken::Logged,
            Ok(Some((unit, seq))) => (unit.to_string(), seq),
            Err(e) => return Taken::Refused(e),
        };
        if given.iter().any(|known| known.leaf == leaf) {
            return Taken::Kept;
        }
        if given.len() >= MAX_GIVEN {
            return Taken::NotNow(format!("已有 {MAX_GIVEN} 条未入账 / too many are waiting"));
        }
        let mut more = given.clone();
        more.push(Given { received: now, unit, seq, leaf: leaf.to_owned() });
        match self.keep_given(&more) {
            Ok(()) => {
                *given = more;
                Taken::Kept
            }
            Err(e) => Taken::NotNow(e.to_string()),
        }
    }

    fn keep_given(&self, given: &[Given]) -> Result<(), ReplaceError> {
        let json = serde_json::to_vec_pretty(given).unwrap_or_default();
        // Of this folder only one file is replaced at a time: a head's turn is a turn for this, too.
        let _turn = self.record.turn().map_err(|e| ReplaceError::Not(std::io::Error::other(e)))?;
        replace(self.record.folder(), GIVEN, &json)
    }

    /// Lets go of acts that are in the log by now, or that it could not take any more; then none may be overdue.
    fn settle(&self, replay: &Replay, now: u64) -> Result<(), Stop> {
        let Some(acts) = replay.acts() else { return Ok(()) };
        let mut shown = lock(&self.acts);
        if shown.as_ref().is_none_or(|shown| shown.count() != acts.count()) {
            *shown = Some(Arc::new(acts.clone()));
        }
        drop(shown);
        let mut given = lock(&self.given);
        let lacks = |act: &&Given| matches!(acts.lacks(act.leaf.as_bytes()), Ok(Some(_)));
        let left: Vec<Given> = given.iter().filter(lacks).cloned().collect();
        if left.len() != given.len() {
            self.keep_given(&left).map_err(trouble)?;
            *given = left;
        }
        let overdue = given.iter().find(|act| now > act.received.saturating_add(MAX_WAIT));
        overdue.map_or(Ok(()), |act| Err(Stop::Withheld(act.clone())))
    }

    /// Reads leaves up to `size`; the times of the first and last index leaf among them. A bundle that can't be had
    /// leaves the replay where it is: the next round goes on from there.
    fn read(&self, replay: &mut Replay, size: u64) -> Result<Option<(u64, u64)>, Stop> {
        let mut times: Option<(u64, u64)> = None;
        while replay.size() < size {
            let at = replay.size();
            *lock(&self.status) = Status::Reading { size: at, of: size };
            let path = TilePath::in_tree(TileKind::Entries, at / WIDTH, size);
            let path = path.ok_or_else(|| trouble("the head is larger than tiles can hold"))?;
            let bundle = self.source.tile(&path).map_err(trouble)?;
            let leaves = decode_bundle(&bundle, path.width()).map_err(MirrorError::from).map_err(trouble)?;
            for leaf in leaves.into_iter().skip((at % WIDTH) as usize) {
                if let Some(time) = replay.push(leaf) {
                    times = Some((times.map_or(time, |(first, _)| first), time));
                }
            }
        }
        Ok(times)
    }

    /// Keeps what convicts or explains, before anybody is told.
    fn refuse(&self, fault: Fault, head: &SignedCheckpoint, signatures: &[Signature]) -> Result<Stop, Stop> {
        let turn = self.record.turn().map_err(trouble)?;
        if fault.code == "two_books" {
            turn.keep_contradiction(head, signatures);
        }
        let head = note::assemble(head.text(), signatures);
        let folder = self.record.folder();
        replace(folder, REFUSED_HEAD, head.as_bytes()).map_err(trouble)?;
        replace(folder, REFUSED, json(&fault).as_bytes()).map_err(trouble)?;
        Ok(Stop::Fault(Box::new(fault)))
    }
}

fn json(fault: &Fault) -> String {
    serde_json::to_string_pretty(fault).unwrap_or_default() + "\n"
}

fn two_books(size: u64) -> Fault {
    let what = "同样大小的两个存证点，根不同 / two heads of one size with different roots";
    Fault::new("two_books", size.saturating_sub(1), what)
}

/// Times of index leaves that came just now: none ahead of the clock, and none before the last look at the log.
/// LIMIT: what came while this program did not run is only held against the first bound.
fn drift(size: u64, times: Option<(u64, u64)>, level: Option<u64>, now: u64) -> Option<Fault> {
    let (first, last) = times?;
    let ahead = last > now.saturating_add(MAX_DRIFT);
    let behind = level.is_some_and(|level| first.saturating_add(MAX_DRIFT) < level);
    let what = format!(
        "索引叶的时间 {first} 到 {last} 与本机时钟 {now} 相差超过 10 分钟。若是本机时钟不准，校准后删去 {REFUSED} 再启动 / index leaves are more than 10 minutes from this clock; only if this clock was wrong: set it, remove that file, start again"
    );
    (ahead || behind).then(|| Fault::new("time", size.saturating_sub(1), what))
}
