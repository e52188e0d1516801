//! The configuration file: which key signs, and which logs are witnessed.
//!
//! ```toml
#![doc = include_str!("../village-witness.toml")]
//! ```

use crate::limits::{MAX_CONFIG, MAX_LOGS};
use ledger::charter::is_origin;
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::Hash;
use ledger::note::{NoteError, Signature, VerifierKey};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a configuration file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The cosigner's key file.
    pub key: PathBuf,
    /// The replayer's key file.
    pub replay_key: Option<PathBuf>,
    /// The logs.
    pub logs: Vec<LogConfig>,
}

/// A log to be witnessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// Its origin.
    pub origin: String,
    /// Its keys, one or more; each has the origin as its name (SPEC C-03).
    pub vkeys: Vec<VerifierKey>,
    /// Where it is replayed and mirrored from, and the hash of its charter.
    pub follow: Option<(String, Hash)>,
}

impl LogConfig {
    /// The signatures of the log's keys: at least one, and each of them holds. All others are ignored.
    ///
    /// # Errors
    /// [`NoteError`]: none is there, or one does not verify.
    pub fn verified(&self, signed: &SignedCheckpoint) -> Result<Vec<Signature>, NoteError> {
        let mut found: Vec<Signature> = Vec::new();
        for line in &signed.signatures {
            let Some(key) = self.vkeys.iter().find(|key| key.claims(line)) else { continue };
            if !found.contains(line) {
                key.verify(signed.text().as_bytes(), line)?;
                found.push(line.clone());
            }
        }
        if found.is_empty() { Err(NoteError::UnknownKey) } else { Ok(found) }
    }
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("读不了 {path}：{source}。请检查路径 / can't be read: check the path", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not of the form.
    #[error("{path}：{what}", path = path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, in Chinese and English.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    key: PathBuf,
    replay_key: Option<PathBuf>,
    #[serde(default)]
    log: Vec<WireLog>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLog {
    origin: String,
    vkeys: Vec<String>,
    url: Option<String>,
    charter: Option<String>,
}

impl Config {
    /// Reads a configuration file; paths in it are taken from its folder.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let io = |source| ConfigError::Io { path: path.to_owned(), source };
        let form = |what| ConfigError::Form { path: path.to_owned(), what };
        if std::fs::metadata(path).map_err(io)?.len() > MAX_CONFIG {
            return Err(form(format!("超过 {MAX_CONFIG} 字节 / more than {MAX_CONFIG} bytes")));
        }
        let mut config = Self::parse(&std::fs::read_to_string(path).map_err(io)?).map_err(form)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.key = folder.join(&config.key);
        config.replay_key = config.replay_key.map(|key| folder.join(key));
        Ok(config)
    }

    /// Reads a configuration's text.
    ///
    /// # Errors
    /// What is wrong, in Chinese and English.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wire: Wire = toml::from_str(text).map_err(|e| format!("不合格式 / not of the form: {e}"))?;
        if !(1..=MAX_LOGS).contains(&wire.log.len()) {
            return Err(format!("应有 1 到 {MAX_LOGS} 个 [[log]] / want 1 to {MAX_LOGS} of [[log]]"));
        }
        let logs: Vec<LogConfig> = wire.log.into_iter().map(log).collect::<Result<_, _>>()?;
        let (mut origins, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for log in &logs {
            if !origins.insert(&log.origin) {
                return Err(format!("{} 出现两次 / the log stands twice", log.origin));
            }
            if let Some(twice) = log.vkeys.iter().find(|key| !keys.insert(key.key().to_vec())) {
                return Err(format!("公钥出现两次 / a key stands twice: {twice}"));
            }
        }
        Ok(Config { key: wire.key, replay_key: wire.replay_key, logs })
    }
}

fn log(wire: WireLog) -> Result<LogConfig, String> {
    let WireLog { origin, vkeys, url, charter } = wire;
    if !is_origin(&origin) {
        return Err(format!(
            "“{origin}”不是账本名称 / not an origin: [a-z0-9./-]+, and no reserved beginning"
        ));
    }
    if vkeys.is_empty() {
        return Err(format!("{origin} 没有公钥 / the log has no vkeys"));
    }
    let vkey = |text: String| {
        VerifierKey::parse(&text)
            .ok()
            .filter(|key| key.is_note_key() && !key.is_weak() && key.name() == origin)
            .ok_or(format!("“{text}”不是 {origin} 的账本公钥，请用 village-keys show 打印的 vkey / not a key of that log: give the vkey that village-keys show prints"))
    };
    let charter = charter.map(|hex| {
        let hash = Hash::from_hex(&hex);
        hash.ok_or(format!(
            "{origin} 的章程指纹应为 64 位小写十六进制 / the charter hash is 64 lower-case hexadecimal digits"
        ))
    });
    let follow = match (url, charter.transpose()?) {
        (Some(_), None) => {
            return Err(format!("{origin} 有 url，还须有 charter / a log with url needs charter too"));
        }
        (url, charter) => url.zip(charter),
    };
    let vkeys = vkeys.into_iter().map(vkey).collect::<Result<_, _>>()?;
    Ok(LogConfig { vkeys, follow, origin })
}
