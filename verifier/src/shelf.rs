//! Where what lies beside a log is read: the ledger's own server, or a folder with `blobs/…` beside the tiles. A copy
//! that is kept holds public files only, and never a name.

use crate::saving::write;
use client::blobs::MAX_BLOB;
use client::{HttpError, LedgerApi, MirrorError};
use ledger::hash::Hash;
use ledger::sealed::Salt;
use ledger::unit::UnitId;
use std::path::PathBuf;

/// Where files and openings come from.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// A ledger's server; with a folder, public files are also kept there.
    Server(LedgerApi, Option<PathBuf>),
    /// A folder; with another one, files are also kept there. It holds no openings.
    Folder(PathBuf, Option<PathBuf>),
}

/// What came of asking for a file.
#[derive(Debug)]
pub enum Got {
    /// The file, and the salt of its digest when it is not public. Nothing is believed of it.
    File(Vec<u8>, Option<Salt>),
    /// This copy does not have it, and says nothing about the ledger.
    NotHere,
    /// It is not for whoever asks.
    NotForYou,
    /// The ledger's server has no such file, or says that it was withdrawn.
    Refused,
}

impl Shelf {
    /// A file that a published entry of `unit` names.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be asked for.
    pub fn file(&self, digest: &Hash, unit: &UnitId, public: bool) -> Result<Got, MirrorError> {
        let (got, save) = match self {
            Shelf::Server(api, save) => (ask(api, digest, unit, public)?, save),
            Shelf::Folder(..) if !public => return Ok(Got::NotForYou),
            Shelf::Folder(folder, save) => {
                let file = folder.join(place(digest));
                let got = match std::fs::metadata(&file).map(|about| about.len() <= MAX_BLOB) {
                    Ok(true) => std::fs::read(&file).map(|bytes| Got::File(bytes, None)),
                    Ok(false) => Ok(Got::File(Vec::new(), None)),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Got::NotHere),
                    Err(e) => Err(e),
                };
                (got.map_err(|source| MirrorError::Io { path: file, source })?, save)
            }
        };
        if let (true, Got::File(bytes, _), Some(folder)) = (public, &got, save) {
            let file = folder.join(place(digest));
            write(&file, bytes).map_err(|source| MirrorError::Io { path: file, source })?;
        }
        Ok(got)
    }

    /// The server, which alone has openings.
    pub fn server(&self) -> Option<&LedgerApi> {
        match self {
            Shelf::Server(api, _) => Some(api),
            Shelf::Folder(..) => None,
        }
    }
}

fn place(digest: &Hash) -> String {
    let hex = digest.to_hex();
    format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default())
}

fn ask(api: &LedgerApi, digest: &Hash, unit: &UnitId, public: bool) -> Result<Got, HttpError> {
    match api.blob(digest) {
        Ok(Some(blob)) => Ok(Got::File(blob.bytes, blob.salt)),
        // A host of tiles answers so too; a ledger's server knows the units of its log.
        Ok(None) => Ok(if api.unit(unit)?.is_some() { Got::Refused } else { Got::NotHere }),
        Err(HttpError::Status { status: 410, .. }) => Ok(Got::Refused),
        Err(HttpError::Status { status: 401 | 403, .. }) if !public => Ok(Got::NotForYou),
        Err(e) => Err(e),
    }
}
