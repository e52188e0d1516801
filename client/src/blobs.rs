//! What lies beside the log: attachments and lists, openings, proofs of rows. Checking it is `ledger`'s.

use crate::http::HttpError;
use crate::ledger_api::{LedgerApi, absent};
use base64ct::{Base64, Encoding as _};
use ledger::hash::Hash;
use ledger::payment_rows::{MAX_ROW_PROOF, RowProof};
use ledger::sealed::{MAX_OPENINGS_FILE, Openings, Salt};
use ledger::unit::UnitId;
use ledger::upload::Ticket;
use std::io::{Read, Seek};
use ureq::http::header;

/// Largest blob in bytes.
pub const MAX_BLOB: u64 = 20 * 1024 * 1024;
/// Largest answer with the openings of a unit in bytes.
const MAX_UNIT_OPENINGS: u64 = 16 * 1024 * 1024;
/// Header of an upload's ticket: base64 of the signed note.
const TICKET: &str = "upload-ticket";
/// Header of the salt of a blob that is not public: base64 of 32 bytes.
const SALT: &str = "blob-salt";

/// A file as the server gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its media type.
    pub media: String,
    /// The salt of its digest, when it is not public.
    pub salt: Option<Salt>,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// What its digest comes out as, to be held against the entry's: SHA-256(salt ‖ file).
    pub fn digest(&self) -> Hash {
        match &self.salt {
            Some(salt) => Hash::of(&[salt, self.bytes.as_slice()].concat()),
            None => Hash::of(&self.bytes),
        }
    }
}

impl LedgerApi {
    /// Uploads the file that a ticket (a whole signed note) names: what its entry names must be there before the
    /// entry. `salt` goes with one that is not public. Returns whether it is new to the server. Sent again when the
    /// network fails: uploading twice does no harm.
    ///
    /// # Errors
    /// [`HttpError`]; a status of 422 with code `privacy` names each find.
    pub fn upload(
        &self,
        ticket: &str,
        salt: Option<&Salt>,
        file: impl Read + Seek,
    ) -> Result<bool, HttpError> {
        let shape = |what: String| HttpError::Shape { url: self.http().url("api/v1/blobs"), what };
        let read = Ticket::parse(ticket.as_bytes()).map_err(|e| shape(e.to_string()))?;
        let note = Base64::encode_string(ticket.as_bytes());
        let salt = salt.map(|salt| Base64::encode_string(salt));
        let mut headers = vec![(TICKET, note.as_str()), (header::CONTENT_TYPE.as_str(), read.media.as_str())];
        headers.extend(salt.as_deref().map(|salt| (SALT, salt)));
        let path = format!("api/v1/blobs/{}", read.digest.to_hex());
        Ok(self.http().put(&path, &headers, file, read.size)? == 201)
    }

    /// A file by its digest; `None` when no published entry names it. Those that are not public need a token
    /// ([`LedgerApi::with_token`]).
    ///
    /// # Errors
    /// [`HttpError`]; status 410 for one that was withdrawn.
    pub fn blob(&self, digest: &Hash) -> Result<Option<Blob>, HttpError> {
        let path = format!("api/v1/blobs/{}", digest.to_hex());
        let Some((headers, bytes)) = absent(self.http().get_with(&path, self.token(), MAX_BLOB))? else {
            return Ok(None);
        };
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let salt = text(SALT).and_then(Hash::from_base64).map(|salt| *salt.as_bytes());
        let media = text(header::CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        Ok(Some(Blob { media, salt, bytes }))
    }

    /// What this reader may see of an entry's sealed fields; `None` when the ledger does not have the entry.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn openings(&self, unit: &UnitId, seq: u64) -> Result<Option<Openings>, HttpError> {
        let path = format!("api/v1/openings/{unit}/{seq}");
        let answer = absent(self.http().get_with(&path, self.token(), MAX_OPENINGS_FILE as u64))?;
        let Some((_, bytes)) = answer else { return Ok(None) };
        self.read(&path, Openings::parse(&bytes)).map(Some)
    }

    /// What this reader may see of the sealed fields of a unit's entries from a number on (rows of payment lists
    /// aside), by number.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn unit_openings(&self, unit: &UnitId, from: u64) -> Result<Vec<(u64, Openings)>, HttpError> {
        let path = format!("api/v1/units/{unit}/openings?from={from}");
        let (_, bytes) = self.http().get_with(&path, self.token(), MAX_UNIT_OPENINGS)?;
        let text = String::from_utf8(bytes);
        let text = self.read(&path, text.map_err(|_| "UTF-8"))?;
        let line = |line: &str| {
            let (seq, file) = line.split_once(' ')?;
            Some((seq.parse().ok()?, Openings::parse(file.as_bytes()).ok()?))
        };
        let lines: Option<Vec<(u64, Openings)>> = text.lines().map(line).collect();
        self.read(
            &path,
            lines.filter(|l| l.is_sorted_by(|a, b| a.0 < b.0)).ok_or("a line is of another form"),
        )
    }

    /// The proof of one row of an entry's payment list; `None` when there is no such row.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn row_proof(&self, unit: &UnitId, seq: u64, place: u32) -> Result<Option<RowProof>, HttpError> {
        let path = format!("api/v1/rows/{unit}/{seq}/{place}");
        let answer = absent(self.http().get_with(&path, self.token(), MAX_ROW_PROOF as u64))?;
        let Some((_, bytes)) = answer else { return Ok(None) };
        self.read(&path, RowProof::parse(&bytes)).map(Some)
    }

    fn read<T, E: std::fmt::Display>(&self, path: &str, read: Result<T, E>) -> Result<T, HttpError> {
        read.map_err(|e| HttpError::Shape { url: self.http().url(path), what: e.to_string() })
    }
}
