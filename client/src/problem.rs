//! Errors of a server as they arrive: `application/problem+json` (RFC 9457).

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the server says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// What happened, in Chinese and English.
    #[serde(default)]
    pub title: String,
    /// Stable code.
    #[serde(default)]
    pub code: String,
    /// What to do.
    #[serde(default)]
    pub detail: String,
    /// Faulty entries of a batch.
    #[serde(default)]
    pub errors: Vec<Fault>,
}

/// One faulty entry of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its position in the batch, from 0.
    pub at: usize,
    /// Stable code of the refusal.
    pub code: String,
    /// The rule that it breaks, as SPEC.md numbers it; empty from a server that does not say.
    #[serde(default)]
    pub rule: String,
    /// Dotted path of the field; empty for the whole entry.
    #[serde(default)]
    pub field: String,
    /// What is wrong and what to do.
    #[serde(default)]
    pub what: String,
    /// The unit's next number, when the number was wrong.
    #[serde(default)]
    pub next_seq: Option<u64>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.as_str(), self.detail.as_str()) {
            ("", "") => f.write_str("没有说明原因 / no reason given"),
            (title, "") => f.write_str(title),
            (title, detail) => write!(f, "{title}：{detail}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "[{}] {}", self.code, self.what),
            field => write!(f, "[{}] {field}：{}", self.code, self.what),
        }
    }
}
