//! Asking a witness (C2SP tlog-witness): one request each, nothing tried twice, nothing believed.

use crate::http::HttpError;
use ledger::checkpoint::MAX_CHECKPOINT;
use ledger::hash::Hash;
use ledger::note::Signature;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Response, header};

/// Longest answer that is read, but for a checkpoint.
const MAX_ANSWER: u64 = 64 * 1024;
/// Longest part of a refusal that is kept, in characters.
const MAX_WHY: usize = 300;

/// What a witness answered to `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: lines that claim to be cosignatures; whoever keeps one verifies it first.
    Cosigned(Vec<Signature>),
    /// 409: the size that the witness cosigned last, as it says. Unsigned: it proves nothing.
    Conflict(u64),
    /// Any other status: 400, 403, 404, 422, 5xx.
    Refused {
        /// The status.
        status: u16,
        /// What it said, shortened; for the operator.
        why: String,
    },
}

/// Submits a checkpoint with the proof from the `old` size to it, within `timeout` in all.
///
/// # Errors
/// [`HttpError`] when there is no answer, or one that is not of the form.
pub fn add_checkpoint(
    prefix: &str,
    old: u64,
    proof: &[Hash],
    checkpoint: &[u8],
    timeout: Duration,
) -> Result<Answer, HttpError> {
    let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
    let mut body = format!("old {old}\n");
    for hash in proof {
        let _ = writeln!(body, "{hash}");
    }
    body.push('\n');
    let mut body = body.into_bytes();
    body.extend_from_slice(checkpoint);
    let post = AGENT.post(&url).config().timeout_global(Some(timeout)).build();
    let sent = post.content_type("text/plain; charset=utf-8").send(&body[..]);
    let mut response = sent.map_err(|e| failed(&url, e))?;
    let text = read(&url, &mut response, MAX_ANSWER)?;
    let shape = |what: &str| HttpError::Shape { url: url.clone(), what: what.to_owned() };
    match response.status().as_u16() {
        200 => {
            let text = text.strip_suffix('\n').ok_or_else(|| shape("no newline at the end"))?;
            let lines: Result<Vec<Signature>, _> = text.split('\n').map(Signature::parse).collect();
            lines.map(Answer::Cosigned).map_err(|e| shape(&e.to_string()))
        }
        409 if is_size(&response) => {
            let digits = text.strip_suffix('\n').filter(|size| size.bytes().all(|b| b.is_ascii_digit()));
            let size = digits.and_then(|size| size.parse().ok());
            size.map(Answer::Conflict).ok_or_else(|| shape("409 without a size"))
        }
        status => Ok(Answer::Refused { status, why: shortened(&text) }),
    }
}

/// What a replayer made of an act of the authority that was given to it directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The log has it.
    Logged,
    /// It is kept; the log has a day to take it.
    Kept,
    /// Any other status.
    Refused {
        /// The status.
        status: u16,
        /// What it said, shortened.
        why: String,
    },
}

/// Gives an act of the authority, a whole leaf, to a replayer of the log with this origin.
///
/// # Errors
/// [`HttpError`] when there is no answer.
pub fn give_act(prefix: &str, origin: &str, leaf: &str, timeout: Duration) -> Result<Act, HttpError> {
    let url = format!("{}/acts", monitoring(prefix, origin));
    let post = AGENT.post(&url).config().timeout_global(Some(timeout)).build();
    let sent = post.content_type("text/plain; charset=utf-8").send(leaf);
    let mut response = sent.map_err(|e| failed(&url, e))?;
    let why = read(&url, &mut response, MAX_ANSWER)?;
    Ok(match response.status().as_u16() {
        200 => Act::Logged,
        202 => Act::Kept,
        status => Act::Refused { status, why: shortened(&why) },
    })
}

/// The checkpoint that a witness or replayer cosigned last for a log, as it came; `None` when it has none.
///
/// # Errors
/// [`HttpError`].
pub fn latest(prefix: &str, origin: &str, timeout: Duration) -> Result<Option<Vec<u8>>, HttpError> {
    let url = format!("{}/checkpoint", monitoring(prefix, origin));
    let get = AGENT.get(&url).config().timeout_global(Some(timeout)).build();
    let mut response = get.call().map_err(|e| failed(&url, e))?;
    let text = read(&url, &mut response, MAX_CHECKPOINT as u64)?;
    match response.status().as_u16() {
        200 => Ok(Some(text.into_bytes())),
        404 => Ok(None),
        status => Err(HttpError::Status { url, status, problem: Box::default() }),
    }
}

/// A log's place under a monitoring prefix.
fn monitoring(prefix: &str, origin: &str) -> String {
    format!("{}/{}", prefix.trim_end_matches('/'), Hash::of(origin.as_bytes()).to_hex())
}

fn shortened(why: &str) -> String {
    why.trim().chars().take(MAX_WHY).collect()
}

/// Keeps connections open from one publication to the next.
static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("village-ledger/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
});

fn is_size(response: &Response<ureq::Body>) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes() == b"text/x.tlog.size")
}

fn read(url: &str, response: &mut Response<ureq::Body>, limit: u64) -> Result<String, HttpError> {
    let bytes = response.body_mut().with_config().limit(limit).read_to_vec();
    let bytes = bytes.map_err(|e| match e {
        ureq::Error::BodyExceedsLimit(_) => HttpError::TooLong { url: url.to_owned(), limit },
        e => failed(url, e),
    })?;
    String::from_utf8(bytes).map_err(|e| HttpError::Shape { url: url.to_owned(), what: e.to_string() })
}

fn failed(url: &str, e: ureq::Error) -> HttpError {
    match e {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => HttpError::Address(url.to_owned()),
        source => HttpError::Unreachable { url: url.to_owned(), source: Box::new(source) },
    }
}
