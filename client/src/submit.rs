//! Submitting: a batch of sealed entries goes in whole or not at all.

use crate::http::{Http, HttpError};
use crate::problem::Fault;
use ledger::hash::Hash;
use ledger::sealed::Openings;
use ledger::unit::UnitId;
use serde::Deserialize;

/// Most entries in a batch.
pub const MAX_BATCH: usize = 1_000;
/// Largest body in bytes.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// Largest answer in bytes.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;
const PATH: &str = "api/v1/entries";

/// Where an entry stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The unit.
    pub unit: UnitId,
    /// The number in the unit.
    pub seq: u64,
    /// The leaf index.
    pub index: u64,
    /// The leaf hash. Not that of the leaf sent when the same text was already logged with other seals.
    pub leaf: Hash,
}

/// The answer to a batch: every entry is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// One receipt for each entry, in the batch's order.
    pub entries: Vec<Receipt>,
    /// Whether the published checkpoint covers all of them.
    pub published: bool,
    /// Size of the published tree.
    pub size: u64,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Entries are faulty; nothing of the batch is logged.
    #[error("有 {n} 条未被接受，整批未入账：{first} / entries were refused, nothing was logged", n = .0.len(), first = first(.0))]
    Refused(Vec<Fault>),
    /// Numbers are not the units' next ones; nothing of the batch is logged. `next_seq` is in the faults.
    #[error("编号已被占用，整批未入账，请重新编号盖章：{first} / numbers are taken, nothing was logged: number and seal again", first = first(.0))]
    WrongSeq(Vec<Fault>),
    /// Over [`MAX_BATCH`] or [`MAX_BODY`], or empty: not sent.
    #[error(
        "一批应有 1 到 {MAX_BATCH} 条、不超过 {MAX_BODY} 字节 / a batch has 1 to {MAX_BATCH} entries and at most {MAX_BODY} bytes"
    )]
    Size,
    /// One entry with its openings is over [`MAX_BODY`]: a payment list of more than about 60,000 rows. Not sent.
    #[error(
        "这一条连同姓名超过 {MAX_BODY} 字节（约 6 万行），请把清单分成几份 / the entry with its names is over {MAX_BODY} bytes, about 60,000 rows; split the list"
    )]
    Long,
    /// No answer, or one that can't be read. The batch may be logged: sending it again is harmless.
    #[error(transparent)]
    Http(#[from] HttpError),
}

fn first(faults: &[Fault]) -> String {
    faults.first().map(Fault::to_string).unwrap_or_default()
}

#[derive(Deserialize)]
struct WireAnswer {
    entries: Vec<WireReceipt>,
    published: bool,
    size: u64,
}

#[derive(Deserialize)]
struct WireReceipt {
    unit: String,
    seq: u64,
    index: u64,
    leaf: String,
}

/// Sends batches to a ledger.
#[derive(Debug, Clone)]
pub struct Submitter {
    http: Http,
}

impl Submitter {
    /// A submitter to a server.
    pub fn new(http: Http) -> Self {
        Submitter { http }
    }

    /// Sends one batch of whole leaves that need nothing beside them. The same batch sent again gets the same answer.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn submit(&self, entries: &[&str]) -> Result<Answer, SubmitError> {
        self.submit_with(entries, &[])
    }

    /// Sends one batch with what opens the sealed fields of each entry: no openings at all, or as many as entries,
    /// [`Openings::default`] for those that seal nothing.
    ///
    /// # Errors
    /// [`SubmitError`]; none repeats a value or a salt.
    pub fn submit_with(&self, entries: &[&str], openings: &[Openings]) -> Result<Answer, SubmitError> {
        let paired = openings.is_empty() || openings.len() == entries.len();
        if !paired || !(1..=MAX_BATCH).contains(&entries.len()) {
            return Err(SubmitError::Size);
        }
        let shape = |what: String| HttpError::Shape { url: self.http.url(PATH), what };
        let body = body(entries, openings).map_err(|e| shape(e.to_string()))?;
        if body.len() > MAX_BODY {
            let names = entries.len() == 1 && !openings.is_empty();
            return Err(if names { SubmitError::Long } else { SubmitError::Size });
        }
        let answer = self.http.post_json(PATH, body.as_bytes(), MAX_ANSWER).map_err(refused)?;
        let answer: WireAnswer = serde_json::from_slice(&answer).map_err(|e| shape(e.to_string()))?;
        let receipts: Vec<Receipt> = answer.entries.iter().filter_map(receipt).collect();
        if receipts.len() != entries.len() {
            return Err(shape("not one receipt for each entry".to_owned()).into());
        }
        Ok(Answer { entries: receipts, published: answer.published, size: answer.size })
    }
}

/// The request's JSON: openings go in the spelling of their file.
fn body(entries: &[&str], openings: &[Openings]) -> serde_json::Result<String> {
    let openings: Vec<String> = openings.iter().map(Openings::text).collect();
    let entries = serde_json::to_string(entries)?;
    Ok(format!(r#"{{"entries":{entries},"openings":[{}]}}"#, openings.join(",")))
}

/// The bytes of one entry's part in a request of [`Submitter::submit_with`], for whoever puts batches together.
pub fn weight(entry: &str, openings: &Openings) -> usize {
    body(&[entry], std::slice::from_ref(openings)).map_or(usize::MAX, |body| body.len())
}

fn receipt(wire: &WireReceipt) -> Option<Receipt> {
    Some(Receipt {
        unit: UnitId::parse(&wire.unit)?,
        seq: wire.seq,
        index: wire.index,
        leaf: Hash::from_base64(&wire.leaf)?,
    })
}

fn refused(error: HttpError) -> SubmitError {
    match error {
        HttpError::Status { status: 409, problem, .. } if !problem.errors.is_empty() => {
            SubmitError::WrongSeq(problem.errors)
        }
        HttpError::Status { status: 422, problem, .. } if !problem.errors.is_empty() => {
            SubmitError::Refused(problem.errors)
        }
        error => SubmitError::Http(error),
    }
}
