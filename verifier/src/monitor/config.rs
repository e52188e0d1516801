//! The monitor's configuration: which logs, whom to ask about them, whom to tell.

use client::{Mirror, MirrorError, Trust};
use ledger::catalogue::Catalogue;
use ledger::unit::UnitId;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest configuration file, and largest catalogue, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// Most logs of one monitor, and most sources of one log.
const MAX_LISTED: usize = 64;

/// A configuration, as the tool's help shows it.
pub const EXAMPLE: &str = r#"配置文件 monitor.toml / the configuration:

interval = 300          # 两轮之间的秒数 / seconds from one round to the next
timeout = 20            # 一个答复最多等几秒 / seconds for one answer
silent_after = 3600     # 多久没有答复才报告 / seconds of silence before it is told
webhook = "https://alarm.example/hook"      # 每个报告 POST 一次 / each report is posted there

[[log]]                 # 每个账本一段 / one for each log
trust = "trust.toml"
url = "https://ledger.example"
mirrors = ["https://mirror.example"]
# 核对人的网址以 /replay 结尾 / a replayer's address ends in /replay
witnesses = ["https://w0.example/w", "https://w2.example/w/replay"]
units = ["440811100391-00"]                 # 不写则全部 / none: all
catalogue = "catalogue.jsonl"               # 不写则用自带的 / none: the built-in one
"#;

/// What a monitor is told to do.
#[derive(Debug)]
pub struct Config {
    /// From one round to the next.
    pub interval: Duration,
    /// For one answer of one source.
    pub timeout: Duration,
    /// How many seconds a source may be away before anybody is told.
    pub silent_after: u64,
    /// Where reports are posted. It may hold a secret, and is never printed.
    pub webhook: Option<String>,
    /// The logs.
    pub logs: Vec<LogConfig>,
}

/// One log and whom to ask about it.
#[derive(Debug)]
pub struct LogConfig {
    /// Trust material.
    pub trust: Trust,
    /// The log's address or folder.
    pub url: String,
    /// Addresses or folders of copies.
    pub mirrors: Vec<String>,
    /// Monitoring prefixes of witnesses; a replayer's ends in `/replay`.
    pub witnesses: Vec<String>,
    /// The units to watch; none: all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Deadlines of disclosure.
    pub catalogue: Catalogue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(default = "five_minutes")]
    interval: u64,
    #[serde(default = "twenty_seconds")]
    timeout: u64,
    #[serde(default = "one_hour")]
    silent_after: u64,
    webhook: Option<String>,
    log: Vec<WireLog>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLog {
    trust: PathBuf,
    url: String,
    #[serde(default)]
    mirrors: Vec<String>,
    #[serde(default)]
    witnesses: Vec<String>,
    units: Option<Vec<String>>,
    catalogue: Option<PathBuf>,
}

fn five_minutes() -> u64 {
    300
}

fn twenty_seconds() -> u64 {
    20
}

fn one_hour() -> u64 {
    3_600
}

impl Config {
    /// Reads a configuration; paths in it are taken from its own folder.
    ///
    /// # Errors
    /// What is wrong, in Chinese and English.
    pub fn read(file: &Path) -> Result<Self, String> {
        let wire: Wire = toml::from_str(&text(file)?)
            .map_err(|e| format!("{}：{} / not of the form", file.display(), e.message()))?;
        let beside = file.parent().unwrap_or(Path::new(""));
        if !(1..=MAX_LISTED).contains(&wire.log.len()) {
            return Err(format!("应有 1 到 {MAX_LISTED} 个 [[log]] / want 1 to {MAX_LISTED} of [[log]]"));
        }
        if wire.interval == 0 || wire.timeout == 0 {
            return Err(
                "interval 和 timeout 至少 1 秒 / interval and timeout are 1 second at least".to_owned()
            );
        }
        if wire.webhook.as_deref().is_some_and(|url| !is_address(url)) {
            return Err(
                "webhook 应以 http:// 或 https:// 开头 / webhook begins with http:// or https://".to_owned()
            );
        }
        let logs: Vec<LogConfig> = wire.log.into_iter().map(|l| log(beside, l)).collect::<Result<_, _>>()?;
        let mut charters = BTreeSet::new();
        if let Some(twice) = logs.iter().find(|log| !charters.insert(log.trust.charter)) {
            return Err(format!("{} 出现两次 / the ledger stands twice", twice.trust.origin));
        }
        Ok(Config {
            interval: Duration::from_secs(wire.interval),
            timeout: Duration::from_secs(wire.timeout),
            silent_after: wire.silent_after,
            webhook: wire.webhook,
            logs,
        })
    }
}

impl LogConfig {
    /// Where the log's tiles are read: the log first, then its copies. A copy that can't be opened is left out.
    ///
    /// # Errors
    /// [`MirrorError`] when the log's own place can't be opened.
    pub fn places(&self) -> Result<Vec<Mirror>, MirrorError> {
        let copies = self.mirrors.iter().filter_map(|place| Mirror::open(place).ok());
        Ok([Mirror::open(&self.url)?].into_iter().chain(copies).collect())
    }

    /// Whether a place is among the sources.
    pub fn asks(&self, place: &str) -> bool {
        self.url == place || self.mirrors.iter().chain(&self.witnesses).any(|known| known == place)
    }

    /// Whether what is found of a unit is to be told; of a watched unit's registries too.
    pub fn watches(&self, unit: &UnitId) -> bool {
        let of = |watched: &UnitId| watched == unit || watched.registries().contains(unit);
        self.units.as_ref().is_none_or(|units| units.iter().any(of))
    }
}

fn log(beside: &Path, wire: WireLog) -> Result<LogConfig, String> {
    let trust = Trust::read(&beside.join(&wire.trust)).map_err(|e| e.to_string())?;
    if wire.mirrors.len() + wire.witnesses.len() > MAX_LISTED {
        return Err(format!("{}：来源太多 / too many sources", trust.origin));
    }
    if let Some(wrong) = wire.witnesses.iter().find(|place| !is_address(place)) {
        return Err(format!(
            "“{wrong}”不是见证人的网址 / a witness is asked at an address, http:// or https://"
        ));
    }
    let unit =
        |text: String| UnitId::parse(&text).ok_or_else(|| format!("“{text}”不是单位编号 / not a unit id"));
    let units = wire.units.map(|units| units.into_iter().map(unit).collect::<Result<_, _>>()).transpose()?;
    let catalogue = match &wire.catalogue {
        None => Catalogue::standard(),
        Some(file) => Catalogue::parse(&text(&beside.join(file))?).map_err(|e| e.to_string())?,
    };
    let place = |place: String| match is_address(&place) {
        true => place,
        false => beside.join(place).display().to_string(),
    };
    let mirrors = wire.mirrors.into_iter().map(place).collect();
    Ok(LogConfig { trust, url: place(wire.url), mirrors, witnesses: wire.witnesses, units, catalogue })
}

/// Whether a place is asked over the network; else it is a folder.
pub fn is_address(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

fn text(file: &Path) -> Result<String, String> {
    let failed = |e: &dyn std::fmt::Display| format!("读不到 {}：{e} / can't read the file", file.display());
    if std::fs::metadata(file).map_err(|e| failed(&e))?.len() > MAX_FILE {
        return Err(failed(&"太大 / too large"));
    }
    std::fs::read_to_string(file).map_err(|e| failed(&e))
}
