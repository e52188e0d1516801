//! What an audit says: the verdict, what was found, and what was not looked at.

use crate::beside::Beside;
use crate::findings::{Hint, NAMED, Note, Notes};
use crate::head::Head;
use crate::words;
use ledger::time::Date;
use ledger::verdict::{Code, Level};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// The report of an audit, or of why there is none.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The verdict, by its stable name.
    #[serde(serialize_with = "by_name")]
    pub verdict: Code,
    /// What was audited: a ledger id, or the origin of a log without village rules.
    pub ledger: String,
    /// Leaves.
    pub size: u64,
    /// Root, base64.
    pub root: String,
    /// Time of the last index leaf, Unix seconds; the log's own.
    pub time: u64,
    /// Units with entries, registries included.
    pub units: u64,
    /// Entries by kind; of unknown kinds as `unknown`.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Publications: index leaves.
    pub publications: u64,
    /// Signature lines of entries that were verified.
    pub seals: u64,
    /// Tiles compared.
    pub tiles: u64,
    /// Witnesses of the policy in force that cosigned.
    pub witnesses: Vec<String>,
    /// Time at which the quorum had cosigned, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_time: Option<u64>,
    /// Size of the remembered head that was found to be a beginning of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grown_from: Option<u64>,
    /// Whether signature and root are proved, so that a fault is the log's own.
    pub proven: bool,
    /// What does not fit.
    pub faults: Notes,
    /// What is in the log and should be looked at.
    pub findings: Notes,
    /// What the entries themselves say that should be looked at: the soft rules' findings, never faults.
    pub hints: Notes<Hint>,
    /// What lies beside the log, and what came of holding it; of a log without village rules nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// What was not checked, in Chinese and English.
    pub not_checked: Vec<&'static str>,
}

/// Writes a verdict by its stable name.
///
/// # Errors
/// The serializer's.
pub fn by_name<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

impl Report {
    /// The report on a head before anything under it was read: it does not verify.
    pub fn of(head: &Head, not_checked: &[&'static str]) -> Self {
        Report {
            verdict: Code::CannotShow,
            ledger: head.checkpoint.origin.clone(),
            size: head.checkpoint.size,
            root: head.checkpoint.root.to_string(),
            time: 0,
            units: 0,
            kinds: BTreeMap::new(),
            publications: 0,
            seals: 0,
            tiles: 0,
            witnesses: Vec::new(),
            quorum_time: None,
            grown_from: None,
            proven: false,
            faults: Notes::default(),
            findings: Notes::default(),
            hints: Notes::default(),
            beside: None,
            not_checked: not_checked.to_vec(),
        }
    }

    /// The same with a fault that ended the audit.
    #[must_use]
    pub fn with_fault(mut self, note: Note) -> Self {
        self.faults.push(note);
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match self.verdict {
            Code::CannotShow if self.proven => words::FAULTS,
            verdict => words::verdict(verdict),
        };
        writeln!(f, "结论 verdict　{says}（{}）", self.verdict)?;
        writeln!(f, "账本 ledger　{}", self.ledger)?;
        writeln!(f, "叶子 leaves　{}　根 root　{}", self.size, self.root)?;
        if self.publications > 0 {
            let kinds: Vec<String> = self.kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
            let entries: u64 = self.kinds.values().sum();
            writeln!(f, "条目 entries　{entries}（{}）　单位 units　{}", kinds.join("，"), self.units)?;
            writeln!(
                f,
                "公布 publications　{}　最后一次 last　{}（账本自己的时间 the log's own time）",
                self.publications,
                day(self.time)
            )?;
            writeln!(f, "核对签名 signatures verified　{}", self.seals)?;
        }
        writeln!(f, "核对数据块 tiles compared　{}", self.tiles)?;
        self.beside.iter().try_for_each(|beside| beside.fmt(f))?;
        if !self.witnesses.is_empty() {
            let at = self.quorum_time.map(|time| format!("　{}", day(time))).unwrap_or_default();
            writeln!(f, "见证人 witnesses　{}{at}", self.witnesses.join("，"))?;
        }
        if let Some(size) = self.grown_from {
            writeln!(
                f,
                "上次的 {size} 个叶子原样都在 / the {size} leaves of the last audit are all there unchanged"
            )?;
        }
        match self.verdict.level() {
            Level::Red => writeln!(f, "{}", words::EVIDENCE)?,
            _ if self.faults.count > 0 && !self.proven => writeln!(f, "{}", words::UNPROVEN)?,
            _ => {}
        }
        write_notes(f, "不符 faults", &self.faults)?;
        write_notes(f, "需要看一下 findings", &self.findings)?;
        write_hints(f, &self.hints)?;
        writeln!(f, "没有查的 not checked")?;
        self.not_checked.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}

fn write_notes(f: &mut fmt::Formatter<'_>, title: &str, notes: &Notes) -> fmt::Result {
    if notes.count == 0 {
        return Ok(());
    }
    writeln!(f, "{title}　{}", notes.count)?;
    for note in &notes.first {
        write!(f, "  [{}]", note.code)?;
        if let Some(index) = note.index {
            write!(f, " 叶子 {index}")?;
        }
        if let (Some(unit), Some(seq)) = (&note.unit, note.seq) {
            write!(f, " {unit} 第 {seq} 号")?;
        }
        writeln!(f, " {}", note.what)?;
    }
    write_more(f, notes.count, notes.first.len())
}

/// One line an entry's finding; of very many the rest is in the JSON.
fn write_hints(f: &mut fmt::Formatter<'_>, hints: &Notes<Hint>) -> fmt::Result {
    if hints.count == 0 {
        return Ok(());
    }
    let codes: Vec<String> = hints.codes.iter().map(|(code, n)| format!("{code} {n}")).collect();
    writeln!(f, "疑点提示 hints　{}（{}）　{}", hints.count, codes.join("，"), words::HINTS)?;
    for hint in hints.first.iter().take(NAMED) {
        writeln!(f, "  [{}] {} 第 {} 号 {}", hint.code, hint.unit, hint.seq, hint.zh)?;
    }
    write_more(f, hints.count, hints.first.len().min(NAMED))
}

fn write_more(f: &mut fmt::Formatter<'_>, count: u64, written: usize) -> fmt::Result {
    match count.saturating_sub(written as u64) {
        0 => Ok(()),
        more => writeln!(f, "  ……另有 {more} 处 / and {more} more"),
    }
}

fn day(time: u64) -> String {
    format!("{} ({time})", Date::of_unix(time))
}
