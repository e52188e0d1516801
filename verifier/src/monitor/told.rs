//! What is told: each thing once when it begins and once when it ends.

use ledger::hash::Hash;
use ledger::time::{Date, SHANGHAI};
use ledger::unit::UnitId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a monitor looks for. Names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// The log signed two heads that contradict each other.
    #[serde(rename = "two_heads")]
    TwoHeads,
    /// A source shows less than it did before, or a unit has fewer entries.
    #[serde(rename = "shrank")]
    Shrank,
    /// For 48 hours no whole quorum has cosigned.
    #[serde(rename = "no_quorum_48h")]
    NoQuorum,
    /// For 48 hours no replayer has cosigned.
    #[serde(rename = "no_replay_48h")]
    NoReplay,
    /// An entry stands in the log whose unit has none of the numbers before it.
    #[serde(rename = "hole")]
    Hole,
    /// An entry whose seals do not suffice.
    #[serde(rename = "wrong_seal")]
    WrongSeal,
    /// An index leaf that is not what the leaves before it say.
    #[serde(rename = "wrong_index")]
    WrongIndex,
    /// A period's accounts are not closed and the last day for it is over.
    #[serde(rename = "overdue")]
    Overdue,
    /// A source does not answer, or not with a head that the log signed.
    #[serde(rename = "silent")]
    Silent,
    /// For 48 hours a source has shown less than was known before that.
    #[serde(rename = "stale")]
    Stale,
    /// For 24 hours the log could not show that a head it signed is of one book with the others; or the leaves that it
    /// serves do not fit its head.
    #[serde(rename = "cannot_show")]
    CannotShow,
}

impl Code {
    /// Whether it stays so for ever: what was signed was signed.
    pub fn is_for_ever(self) -> bool {
        matches!(self, Code::TwoHeads | Code::WrongSeal | Code::WrongIndex)
    }
}

/// Something that is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub code: Code,
    /// The ledger's id.
    pub ledger: String,
    /// The unit, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Number in the unit, or place in the log, where it is about one entry or leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The period that is not closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Address or folder of the source that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// File that convicts the log: `village-verifier evidence check` says so of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// File with the signed heads that it is about. It convicts nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
    /// What was found, for whoever looks closer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Found {
    /// Something about a whole ledger, in both languages.
    pub fn new(code: Code, ledger: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Found {
            code,
            ledger: ledger.to_owned(),
            unit: None,
            seq: None,
            period: None,
            source: None,
            evidence: None,
            kept: None,
            zh: zh.into(),
            en: en.into(),
            detail: None,
        }
    }

    /// The same about a unit.
    #[must_use]
    pub fn of(mut self, unit: &UnitId) -> Self {
        self.unit = Some(unit.to_string());
        self
    }

    /// The same about a number.
    #[must_use]
    pub fn at(mut self, seq: u64) -> Self {
        self.seq = Some(seq);
        self
    }

    /// The same about a source.
    #[must_use]
    pub fn from(mut self, source: &str) -> Self {
        self.source = Some(source.to_owned());
        self
    }

    /// The same with what was found.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What it is about: it is the same thing as long as this is the same.
    pub fn key(&self) -> String {
        let Found { code, unit, seq, period, source, .. } = self;
        format!("{code:?} {unit:?} {seq:?} {period:?} {source:?}")
    }
}

/// Whether it is told because it began or because it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It is so.
    Open,
    /// It is so no longer.
    Resolved,
}

/// A report: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The same for the same report sent twice.
    pub id: String,
    /// Whether it began or ended.
    pub state: Turn,
    /// What it is about.
    #[serde(flatten)]
    pub found: Found,
    /// When it was found, Unix seconds.
    pub since: u64,
    /// When this was told, Unix seconds.
    pub time: u64,
}

impl Report {
    fn new(state: Turn, found: Found, since: u64, time: u64) -> Self {
        let what = format!("{} {} {since} {state:?}", found.ledger, found.key());
        let id = Hash::of(what.as_bytes()).to_hex().chars().take(16).collect();
        Report { id, state, found, since, time }
    }

    /// The line, with its newline.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// For people.
    pub fn sentence(&self) -> String {
        let code = serde_json::to_string(&self.found.code).unwrap_or_default();
        format!(
            "{} [{}] {}：{} / {}",
            clock(self.time),
            code.trim_matches('"'),
            self.found.ledger,
            self.found.zh,
            self.found.en
        )
    }
}

/// A time for people, in the ledger's one time zone: `2026-09-30 08:00`.
pub fn clock(time: u64) -> String {
    let minutes = time.saturating_add(SHANGHAI) / 60;
    format!("{} {:02}:{:02}", Date::of_unix(time), minutes / 60 % 24, minutes % 60)
}

/// Holds what is so against what was told: the reports on what began and ended. `ended` says of something that was
/// told and was not found whether it is known to have ended.
pub fn settle(
    told: &mut BTreeMap<String, Report>,
    found: Vec<Found>,
    now: u64,
    ended: impl Fn(&Found) -> bool,
) -> Vec<Report> {
    let found: BTreeMap<String, Found> = found.into_iter().map(|found| (found.key(), found)).collect();
    let over = |key: &String, report: &Report| {
        !found.contains_key(key) && !report.found.code.is_for_ever() && ended(&report.found)
    };
    let gone: Vec<String> = told.iter().filter(|(key, r)| over(key, r)).map(|(key, _)| key.clone()).collect();
    let mut out = Vec::new();
    for report in gone.iter().filter_map(|key| told.remove(key)) {
        let Report { mut found, since, .. } = report;
        (found.zh, found.en) = (format!("已解除：{}", found.zh), format!("resolved: {}", found.en));
        out.push(Report::new(Turn::Resolved, found, since, now));
    }
    for (key, found) in found {
        // Told once more when a file has come to it.
        if told.get(&key).is_none_or(|told| told.found.evidence.is_none() && found.evidence.is_some()) {
            let report = Report::new(Turn::Open, found, now, now);
            told.insert(key, report.clone());
            out.push(report);
        }
    }
    out
}
