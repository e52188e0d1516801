//! Where a log is followed from: its server, a mirror, a folder. Whoever reads here verifies what is read.

use crate::config::LogConfig;
use client::Mirror;
use ledger::checkpoint::SignedCheckpoint;
use ledger::note::Signature;
use ledger::tile::{TileError, TileKind, TilePath, Tiles, WIDTH, decode_bundle};

/// A head of a log, with those signatures of the log's keys that hold.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The checkpoint as it came.
    pub signed: SignedCheckpoint,
    /// The log's signatures, at least one.
    pub signatures: Vec<Signature>,
}

/// Takes a checkpoint apart that is said to be of this log.
///
/// # Errors
/// What is wrong, in Chinese and English.
pub fn open(bytes: &[u8], log: &LogConfig) -> Result<Shown, String> {
    let signed = SignedCheckpoint::parse(bytes).map_err(|e| e.to_string())?;
    let origin = &signed.checkpoint.origin;
    if *origin != log.origin {
        return Err(format!("这是 {origin} 的存证点 / a head of another log"));
    }
    let signatures = log.verified(&signed).map_err(|e| e.to_string())?;
    Ok(Shown { signed, signatures })
}

/// The head that a source shows for a log.
///
/// # Errors
/// Why there is none.
pub fn head(source: &Mirror, log: &LogConfig) -> Result<Shown, String> {
    open(&source.checkpoint().map_err(|e| e.to_string())?, log)
}

/// Reads the leaves of a tree of `size` leaves bundle by bundle, from the one that holds leaf `from`: `take` gets the
/// leaves of one bundle from leaf `from` on, and the place of the first of them.
///
/// # Errors
/// When a bundle can't be had, or what `take` gives; those before it were taken.
pub fn leaves<T: Tiles, E: From<T::Error>>(
    tiles: &T,
    from: u64,
    size: u64,
    mut take: impl FnMut(u64, &[&[u8]]) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = from;
    while at < size {
        let path = TilePath::in_tree(TileKind::Entries, at / WIDTH, size);
        let path = path.ok_or_else(|| T::Error::from(TileError::Width))?;
        let bundle = tiles.tile(&path)?;
        let leaves = decode_bundle(&bundle, path.width()).map_err(T::Error::from)?;
        let fresh = leaves.get((at % WIDTH) as usize..).unwrap_or_default();
        take(at, fresh)?;
        at += fresh.len() as u64;
    }
    Ok(())
}
