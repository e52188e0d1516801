//! Requests: one base address, body limits, timeouts, and patience with a server that is busy.

use crate::problem::Problem;
use std::io::{Read, Seek};
use std::time::Duration;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body, SendBody};

/// Longest answer that is read to understand an error.
const MAX_PROBLEM: u64 = 4 * 1024 * 1024;
/// Tries of one request, the first included.
const TRIES: u32 = 4;
/// Wait before the second try; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait that a server's `Retry-After` can ask for.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// For one whole request.
const TIMEOUT: Duration = Duration::from_secs(60);
/// For one whole upload.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(3_600);
/// For the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a request brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Not an address that can be asked.
    #[error(
        "“{0}”不是可用的地址，应以 http:// 或 https:// 开头 / not a usable address: it begins with http:// or https://"
    )]
    Address(String),
    /// No answer, after some tries.
    #[error(
        "{url}：连不上账本服务器（{source}）。请检查网络和地址后再试 / the server can't be reached: check network and address, then try again"
    )]
    Unreachable {
        /// What was asked.
        url: String,
        /// The last error.
        source: Box<ureq::Error>,
    },
    /// An answer that says no.
    #[error("{url}：服务器答复 {status}。{problem} / the server answered so")]
    Status {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server said; empty when it did not say it as problem+json.
        problem: Box<Problem>,
    },
    /// More bytes than this answer may have.
    #[error("{url}：答复超过 {limit} 字节，未读取 / the answer is longer than allowed and was not read")]
    TooLong {
        /// What was asked.
        url: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// Not of the form that was expected.
    #[error(
        "{url}：答复看不懂（{what}）。请核对地址是否为账本服务器 / the answer can't be read: check that this is a ledger's address"
    )]
    Shape {
        /// What was asked.
        url: String,
        /// What is wrong.
        what: String,
    },
}

impl HttpError {
    /// Whether the server says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, HttpError::Status { status: 404, .. })
    }
}

/// A server, asked with patience.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
    base: String,
    first_wait: Duration,
    tries: u32,
}

impl Http {
    /// A server by its base address, with or without a final slash.
    ///
    /// # Errors
    /// [`HttpError::Address`].
    pub fn new(base: &str) -> Result<Self, HttpError> {
        let base = base.trim().trim_end_matches('/');
        let host = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if host.is_none_or(|h| h.is_empty() || h.contains(['?', '#', ' '])) {
            return Err(HttpError::Address(base.to_owned()));
        }
        Ok(Http { agent: agent(TIMEOUT), base: base.to_owned(), first_wait: FIRST_WAIT, tries: TRIES })
    }

    /// Without patience: each request is tried once, within `timeout` in all.
    #[must_use]
    pub fn once(mut self, timeout: Duration) -> Self {
        (self.agent, self.tries) = (agent(timeout), 1);
        self
    }

    /// With another wait before the second try.
    #[must_use]
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// The base address, without a final slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The address of a path without a leading slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// Fetches a path's body of at most `limit` bytes.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn get(&self, path: &str, limit: u64) -> Result<Vec<u8>, HttpError> {
        self.get_with(path, None, limit).map(|(_, body)| body)
    }

    /// Fetches a path's headers and its body of at most `limit` bytes, with a bearer token where there is one.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn get_with(
        &self,
        path: &str,
        token: Option<&str>,
        limit: u64,
    ) -> Result<(HeaderMap, Vec<u8>), HttpError> {
        let url = self.url(path);
        let mut response = self.patiently(&url, || {
            let request = self.agent.get(&url);
            match token {
                Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")).call(),
                None => request.call(),
            }
        })?;
        let body = body(&url, &mut response, limit)?;
        Ok((std::mem::take(response.headers_mut()), body))
    }

    /// Puts a file of `size` bytes and returns the answer's status. It is sent again, from its first byte, when the
    /// server is busy or unreachable. Slow networks are borne with up to [`UPLOAD_TIMEOUT`]; a refusal comes before
    /// the file is sent.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn put(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        mut file: impl Read + Seek,
        size: u64,
    ) -> Result<u16, HttpError> {
        let url = self.url(path);
        let response = self.patiently(&url, || {
            file.rewind().map_err(ureq::Error::Io)?;
            let request = self.agent.put(&url).config().timeout_global(Some(UPLOAD_TIMEOUT)).build();
            let request =
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let request = request.header(header::CONTENT_LENGTH, size).header(header::EXPECT, "100-continue");
            request.send(SendBody::from_reader(&mut file))
        })?;
        Ok(response.status().as_u16())
    }

    /// Fetches a path and reads it as JSON.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn get_json<T: serde::de::DeserializeOwned>(&self, path: &str, limit: u64) -> Result<T, HttpError> {
        let bytes = self.get(path, limit)?;
        serde_json::from_slice(&bytes)
            .map_err(|e| HttpError::Shape { url: self.url(path), what: e.to_string() })
    }

    /// Posts JSON and returns the answer's body. It is sent again when the server is busy or unreachable, so
    /// only what is harmless to send twice may be posted.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn post_json(&self, path: &str, json: &[u8], limit: u64) -> Result<Vec<u8>, HttpError> {
        let url = self.url(path);
        let send = || self.agent.post(&url).content_type("application/json").send(json);
        let mut response = self.patiently(&url, send)?;
        body(&url, &mut response, limit)
    }

    /// Asks up to [`TRIES`] times, or once, while the trouble may pass.
    fn patiently(
        &self,
        url: &str,
        mut ask: impl FnMut() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, HttpError> {
        let mut wait = self.first_wait;
        let mut last = false;
        for again in (0..self.tries).rev() {
            last |= again == 0;
            let pause = match ask() {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => match may_pass(&response) {
                    Some(asked) if !last => asked.map_or(wait, |a| a.min(MAX_WAIT)),
                    _ => return Err(refused(url, response)),
                },
                Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
                    return Err(HttpError::Address(url.to_owned()));
                }
                Err(source) if last => {
                    return Err(HttpError::Unreachable { url: url.to_owned(), source: Box::new(source) });
                }
                Err(_) => wait,
            };
            std::thread::sleep(pause);
            wait = wait.saturating_mul(2);
        }
        Err(HttpError::Shape { url: url.to_owned(), what: "no try was made".to_owned() })
    }
}

fn agent(timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_redirects(3)
        .user_agent(concat!("village-ledger/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}

/// For trouble that may pass: the wait the server asks for, if it does.
fn may_pass(response: &Response<Body>) -> Option<Option<Duration>> {
    let passing = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    passing.contains(&response.status()).then(|| {
        let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    })
}

fn refused(url: &str, mut response: Response<Body>) -> HttpError {
    let text = response.body_mut().with_config().limit(MAX_PROBLEM).read_to_vec().unwrap_or_default();
    HttpError::Status {
        url: url.to_owned(),
        status: response.status().as_u16(),
        problem: Box::new(serde_json::from_slice(&text).unwrap_or_default()),
    }
}

fn body(url: &str, response: &mut Response<Body>, limit: u64) -> Result<Vec<u8>, HttpError> {
    response.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| match e {
        ureq::Error::BodyExceedsLimit(_) => HttpError::TooLong { url: url.to_owned(), limit },
        source => HttpError::Unreachable { url: url.to_owned(), source: Box::new(source) },
    })
}
