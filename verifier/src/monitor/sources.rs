//! Asking everybody for a log's head: the log, its copies, its witnesses. All at once, each once, within one time.
//!
//! An answer that is not signed by the log says nothing about it, whatever it is.

use super::config::{LogConfig, is_address};
use client::{Http, Mirror, MirrorError, witness};
use ledger::checkpoint::{MAX_CHECKPOINT, SignedCheckpoint};
use ledger::note::VerifierKey;
use std::thread;
use std::time::Duration;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The log.
    Log,
    /// A copy of it.
    Mirror,
    /// A witness: it has heads and no tiles.
    Witness,
}

/// A source and what came of asking it.
#[derive(Debug)]
pub struct Heard {
    /// What it is.
    pub kind: Kind,
    /// Its address or folder.
    pub place: String,
    /// Its head, not yet verified; or why there is none.
    pub said: Result<SignedCheckpoint, String>,
}

impl Heard {
    /// Lets go of a head that none of the log's keys signed.
    pub fn verify(&mut self, keys: &[VerifierKey]) {
        if let Ok(signed) = &self.said
            && !keys.iter().any(|key| signed.verify_log(key).is_ok())
        {
            let what = "存证点不是这个账本所签 / the head is not signed by this log";
            self.said = Err(what.to_owned());
        }
    }
}

/// Asks every source of a log.
pub fn ask(config: &LogConfig, timeout: Duration) -> Vec<Heard> {
    let mirrors = config.mirrors.iter().map(|place| (Kind::Mirror, place));
    let witnesses = config.witnesses.iter().map(|place| (Kind::Witness, place));
    let sources: Vec<_> = [(Kind::Log, &config.url)].into_iter().chain(mirrors).chain(witnesses).collect();
    let origin = &config.trust.origin;
    let said = thread::scope(|scope| {
        let asked: Vec<_> =
            sources.iter().map(|(kind, place)| scope.spawn(|| head(*kind, place, origin, timeout))).collect();
        let fault = |_| Err("程序出错 / a fault of this program".to_owned());
        asked.into_iter().map(|thread| thread.join().unwrap_or_else(fault)).collect::<Vec<_>>()
    });
    let heard = |((kind, place), said): ((Kind, &String), _)| Heard { kind, place: place.clone(), said };
    sources.into_iter().zip(said).map(heard).collect()
}

fn head(kind: Kind, place: &str, origin: &str, timeout: Duration) -> Result<SignedCheckpoint, String> {
    let bytes = match kind {
        Kind::Witness => witness::latest(place, origin, timeout)
            .map_err(|e| e.to_string())?
            .ok_or("没有这个账本的存证点 / it has no head of this log")?,
        _ if is_address(place) => {
            let http = Http::new(place).map_err(|e| e.to_string())?.once(timeout);
            http.get("checkpoint", MAX_CHECKPOINT as u64).map_err(|e| e.to_string())?
        }
        _ => Mirror::open(place)
            .and_then(|folder| folder.checkpoint())
            .map_err(|e: MirrorError| e.to_string())?,
    };
    let unreadable = |e| format!("答复不是存证点（{e}）/ the answer is no head");
    let signed = SignedCheckpoint::parse(&bytes).map_err(unreadable)?;
    match signed.checkpoint.origin == origin {
        true => Ok(signed),
        false => Err("存证点属于另一个账本 / the head is of another log".to_owned()),
    }
}
