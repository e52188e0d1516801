//! `trust.toml`: what a reader believes before it reads anything (SPEC section 8).

use ledger::charter::{Authority, Charter, LedgerId, is_origin};
use ledger::hash::Hash;
use ledger::note::VerifierKey;
use ledger::policy::Policy;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Largest file in bytes.
pub const MAX_TRUST: u64 = 256 * 1024;

/// An office that answers for the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Its name.
    pub office: String,
    /// Its telephone number.
    pub phone: String,
}

/// Trust material of one ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The charter hash: leaf 0 has it or is not believed.
    pub charter: Hash,
    /// Origin of the log.
    pub origin: String,
    /// The log's key.
    pub log: VerifierKey,
    /// The authority keys and how many of them must sign.
    pub authority: Authority,
    /// The witness policy as text, C2SP tlog-policy.
    pub policy: String,
    /// Addresses of viewers.
    pub viewer: Vec<String>,
    /// Offices that answer.
    pub contacts: Vec<Contact>,
}

/// Why a file is no trust material.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Can't be read.
    #[error("读不到信任文件 {path}：{source} / can't read the trust file: check the path", path = path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or fields are missing, unknown or mistyped.
    #[error("信任文件格式不对：{0} / not a trust file")]
    Toml(String),
    /// A field's value can't be used.
    #[error("信任文件的 {field} 不可用：{what} / the trust file's {field} can't be used")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    charter: String,
    origin: String,
    log: String,
    authority: Vec<String>,
    threshold: usize,
    policy: String,
    #[serde(default)]
    viewer: Vec<String>,
    #[serde(default)]
    contact: Vec<Contact>,
}

fn refuse<T>(field: &'static str, what: impl Into<String>) -> Result<T, TrustError> {
    Err(TrustError::Field { field, what: what.into() })
}

impl Trust {
    /// What a charter says, with its hash; viewers and contacts are added by whoever knows them.
    pub fn of_charter(charter: &Charter, hash: Hash) -> Self {
        Trust {
            charter: hash,
            origin: charter.origin.clone(),
            log: charter.log.clone(),
            authority: charter.authority.clone(),
            policy: charter.policy.iter().map(|l| format!("{l}\n")).collect(),
            viewer: Vec::new(),
            contacts: Vec::new(),
        }
    }

    /// Reads trust material.
    ///
    /// # Errors
    /// [`TrustError::Toml`], [`TrustError::Field`].
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let wire: Wire = toml::from_str(text).map_err(|e| TrustError::Toml(e.message().to_owned()))?;
        let Some(charter) = Hash::from_hex(&wire.charter) else {
            return refuse("charter", "应为 64 位小写十六进制 / want 64 characters of lower-case hex");
        };
        if !is_origin(&wire.origin) {
            return refuse("origin", wire.origin);
        }
        let log = vkey("log", &wire.log)?;
        if log.name() != wire.origin {
            return refuse("log", "名称应与 origin 相同 / its name is not the origin");
        }
        let keys: Vec<VerifierKey> =
            wire.authority.iter().map(|k| vkey("authority", k)).collect::<Result<_, _>>()?;
        if wire.threshold == 0 || wire.threshold > keys.len() {
            return refuse("threshold", format!("应在 1 到 {0} 之间 / want 1 to {0}", keys.len()));
        }
        let trust = Trust {
            charter,
            origin: wire.origin,
            log,
            authority: Authority { keys, threshold: wire.threshold },
            policy: wire.policy,
            viewer: wire.viewer,
            contacts: wire.contact,
        };
        trust.policy()?;
        Ok(trust)
    }

    /// Reads a file of trust material.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let io = |source| TrustError::Io { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(io)?.len() > MAX_TRUST {
            return Err(TrustError::Toml(format!("超过 {MAX_TRUST} 字节 / over {MAX_TRUST} bytes")));
        }
        Self::parse(&std::fs::read_to_string(path).map_err(io)?)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let wire = Wire {
            charter: self.charter.to_hex(),
            origin: self.origin.clone(),
            log: self.log.to_string(),
            authority: self.authority.keys.iter().map(ToString::to_string).collect(),
            threshold: self.authority.threshold,
            policy: self.policy.clone(),
            viewer: self.viewer.clone(),
            contact: self.contacts.clone(),
        };
        toml::to_string(&wire).unwrap_or_default()
    }

    /// The witness policy.
    ///
    /// # Errors
    /// [`TrustError::Field`] when it can't be read, or when two quorums need not have a witness in common.
    pub fn policy(&self) -> Result<Policy, TrustError> {
        let policy = Policy::parse(&self.policy).or_else(|e| refuse("policy", e.to_string()))?;
        if policy.quorums_intersect() {
            return Ok(policy);
        }
        refuse("policy", "两组法定人数可能没有共同的见证人 / two quorums need not have a witness in common")
    }

    /// The ledger's id.
    pub fn ledger(&self) -> LedgerId {
        LedgerId::new(&self.origin, &self.charter)
    }
}

fn vkey(field: &'static str, text: &str) -> Result<VerifierKey, TrustError> {
    let key = VerifierKey::parse(text).or_else(|e| refuse(field, format!("{text}：{e}")))?;
    if key.is_note_key() && !key.is_weak() {
        return Ok(key);
    }
    refuse(field, format!("{text}：不是可用的签名公钥 / not a note key, or a weak one"))
}
