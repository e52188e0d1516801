//! Acts that the authority gave directly and that wait for the log.

use crate::acts::{ActError, Acts};
use crate::folder::{ReplaceError, replace};
use crate::limits::{MAX_GIVEN, MAX_WAIT};
use crate::record::Record;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// The file with the acts.
pub const GIVEN: &str = "given.json";

/// An act that is not in the log yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// When it came, Unix seconds.
    pub received: u64,
    /// The unit.
    pub unit: String,
    /// Its number there.
    pub seq: u64,
    /// The whole leaf.
    pub leaf: String,
}

/// What becomes of an act that is given.
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

/// The acts that wait.
pub struct Waiting {
    /// Those in the log, as of the last head that came out right.
    logged: Mutex<Option<Arc<Acts>>>,
    given: Mutex<Vec<Given>>,
}

impl Waiting {
    /// The acts that a record's folder remembers.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn open(record: &Record) -> std::io::Result<Self> {
        let given = match record.folder().read(GIVEN)? {
            Some(bytes) => serde_json::from_slice(&bytes)?,
            None => Vec::new(),
        };
        Ok(Waiting { logged: Mutex::new(None), given: Mutex::new(given) })
    }

    /// Takes an act. It waits for the disk.
    pub fn take(&self, record: &Record, leaf: &str, now: u64) -> Taken {
        let Some(acts) = self.logged.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Taken::NotNow("账本还没有核对完 / the log is not replayed yet".to_owned());
        };
        // Held until the act is durable, so that none gets lost beside it.
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
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
        match keep(record, &more) {
            Ok(()) => {
                *given = more;
                Taken::Kept
            }
            Err(e) => Taken::NotNow(e.to_string()),
        }
    }

    /// Lets go of acts that are in the log by now, or that it could not take any more. An act that is overdue.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn settle(&self, record: &Record, acts: &Acts, now: u64) -> Result<Option<Given>, ReplaceError> {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.as_ref().is_none_or(|logged| logged.count() != acts.count()) {
            *logged = Some(Arc::new(acts.clone()));
        }
        drop(logged);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let lacks = |act: &&Given| match acts.lacks(act.leaf.as_bytes()) {
            Ok(place) => place.is_some(),
            Err(e) => {
                tracing::warn!(origin = record.origin(), act.unit, act.seq, %e, "let go of an act");
                false
            }
        };
        let left: Vec<Given> = given.iter().filter(lacks).cloned().collect();
        if left.len() != given.len() {
            keep(record, &left)?;
            *given = left;
        }
        Ok(given.iter().find(|act| now > act.received.saturating_add(MAX_WAIT)).cloned())
    }
}

fn keep(record: &Record, given: &[Given]) -> Result<(), ReplaceError> {
    let json = serde_json::to_vec_pretty(given).unwrap_or_default();
    // Of a folder only one file is replaced at a time: a head's turn is a turn for this, too.
    let _turn = record.turn().map_err(|e| ReplaceError::Not(std::io::Error::other(e)))?;
    replace(record.folder(), GIVEN, &json)
}
