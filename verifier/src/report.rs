//! What an audit says: the verdict, what was found, and what was not looked at.

use ledger::verdict::Code;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Findings and faults named one by one; more are only counted.
pub const NAMED: usize = 200;

/// Something at a place of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable name of what it is.
    pub code: &'static str,
    /// Leaf index, when it is about one leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Unit, when it is about an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Number in the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// In Chinese and English.
    pub what: String,
}

impl Note {
    /// A note about the whole log.
    pub fn whole(code: &'static str, what: impl Into<String>) -> Self {
        Note { code, index: None, unit: None, seq: None, what: what.into() }
    }

    /// A note about one leaf.
    pub fn leaf(code: &'static str, index: u64, what: impl Into<String>) -> Self {
        Note { index: Some(index), ..Note::whole(code, what) }
    }
}

/// Notes of one sort: the first [`NAMED`] of them, and how many there are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Notes {
    /// All of them.
    pub count: u64,
    /// The first ones.
    pub first: Vec<Note>,
}

impl Notes {
    /// Adds one.
    pub fn push(&mut self, note: Note) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(note);
        }
    }
}

/// The report of an audit.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The verdict's stable name.
    pub verdict: String,
    /// What was audited: a ledger id, or the origin of a log without village rules.
    pub ledger: String,
    /// Leaves.
    pub size: u64,
    /// Root, base64.
    pub root: String,
    /// Time of the last index leaf, Unix seconds; the log's own.
    pub time: u64,
    /// Units with entries.
    pub units: u64,
    /// Entries by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Publications.
    pub publications: u64,
    /// Signature lines of entries that were verified.
    pub seals: u64,
    /// Tiles compared.
    pub tiles: u64,
    /// What contradicts the log's own signature, or is not signed as it must be.
    pub faults: Notes,
    /// What is in the log and should be looked at.
    pub findings: Notes,
    /// What was not checked, in Chinese and English.
    pub not_checked: Vec<&'static str>,
}

impl Report {
    /// The verdict.
    pub fn code(&self) -> Code {
        Code::of_name(&self.verdict).unwrap_or(Code::CannotCheck)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match (self.faults.count, self.code().holds()) {
            (0, _) => "成立：查过的都对得上 / holds",
            (_, _) => "不成立 / FAILED",
        };
        writeln!(f, "结论：{says}（{}）", self.verdict)?;
        writeln!(f, "账本：{}", self.ledger)?;
        writeln!(f, "叶子：{} 个，根 {}", self.size, self.root)?;
        if self.publications > 0 {
            writeln!(f, "公布：{} 次，最后一次的账本时间 {}", self.publications, date(self.time))?;
            let kinds: Vec<String> = self.kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
            writeln!(f, "单位：{} 个；条目：{}", self.units, kinds.join("，"))?;
            writeln!(f, "核对印章签名：{} 个", self.seals)?;
        }
        writeln!(f, "核对数据块：{} 个", self.tiles)?;
        for (title, notes) in [("不符", &self.faults), ("需要看一下", &self.findings)] {
            if notes.count > 0 {
                writeln!(f, "{title}：{} 处", notes.count)?;
            }
            for note in &notes.first {
                let place = note.index.map(|i| format!("叶子 {i} ")).unwrap_or_default();
                let entry = note.unit.as_ref().map(|u| format!("{u} 第 {} 号 ", note.seq.unwrap_or(0)));
                writeln!(f, "  [{}] {place}{}{}", note.code, entry.unwrap_or_default(), note.what)?;
            }
        }
        writeln!(f, "没有查的：")?;
        self.not_checked.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}

fn date(time: u64) -> String {
    format!("{}", ledger::time::Date::of_unix(time))
}
