//! Posting once to an address of somebody else, within a time of its own.

use crate::http::HttpError;
use std::sync::LazyLock;
use std::time::Duration;
use ureq::Agent;

/// Posts JSON, within `timeout` in all; what is answered is not read.
///
/// # Errors
/// [`HttpError`]; [`HttpError::Status`] for a status that is no success.
pub fn post_json(url: &str, json: &[u8], timeout: Duration) -> Result<(), HttpError> {
    let request = AGENT.post(url).config().timeout_global(Some(timeout)).build();
    let status = match request.content_type("application/json").send(json) {
        Ok(response) => response.status(),
        Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
            return Err(HttpError::Address(url.to_owned()));
        }
        Err(e) => return Err(HttpError::Unreachable { url: url.to_owned(), source: Box::new(e) }),
    };
    if status.is_success() {
        return Ok(());
    }
    Err(HttpError::Status { url: url.to_owned(), status: status.as_u16(), problem: Box::default() })
}

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("village-ledger/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
});
