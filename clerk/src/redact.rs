//! `redact`: names, lists and files that lie beside the log are withdrawn; the withdrawal itself is public, and every
//! proof of the entry stays valid (个人信息保护法 art. 47; SPEC section 4.5).
//!
//! LIMIT: earlier withdrawals and ended postings are looked for among the newest 5,000 entries of a unit.

use crate::cell::cut;
use crate::failure::Failure;
use crate::office::{self, Act, RENUMBERINGS};
use crate::progress::Progress;
use client::submit::MAX_BATCH;
use client::{HttpError, LedgerApi, SubmitError, Submitter};
use keys::Signer;
use ledger::bundle::Bundle;
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value};
use ledger::payment_rows::list_of;
use ledger::sealed::{paths, redacted};
use ledger::unit::UnitId;
use std::collections::BTreeMap;

/// Entries of a unit that are looked through, newest first.
const WINDOW: u64 = 5_000;
/// Bases as they are given, and as people read them.
pub const BASES: [(&str, &str); 3] =
    [("privacy_law", "依法删除个人信息"), ("posting_ended", "公示期满"), ("court", "法院文书")];

/// What stands on every withdrawal for its reader: who ordered it and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// One of [`BASES`].
    pub basis: &'static str,
    /// The office that decided.
    pub ordered_by: String,
    /// A remark; public, so it names nobody.
    pub note: Option<String>,
}

/// An entry of a book under its leaf hash.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The entry.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// What is withdrawn from one entry.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The entry.
    pub target: Logged,
    /// Sealed paths, `rows`, `attachments.<i>`.
    pub paths: Vec<String>,
}

/// The entries of a unit from a number on, up to its `count`; the newest 5,000 when there are more.
///
/// # Errors
/// [`Failure::Http`], also for entries that can't be read.
pub fn book(api: &LedgerApi, unit: &UnitId, from: u64, count: u64) -> Result<Vec<Logged>, Failure> {
    let from = from.max(count.saturating_sub(WINDOW) + 1);
    let shape = || HttpError::Shape { url: api.http().base().to_owned(), what: format!("bundle of {unit}") };
    let bundle = Bundle::parse(&api.bundle(unit, Some(from), None)?).map_err(|_| shape())?;
    bundle.entries.iter().map(|item| Ok(Logged::of(&item.note).ok_or_else(shape)?)).collect()
}

impl Logged {
    fn of(leaf: &[u8]) -> Option<Self> {
        Some(Logged { entry: Entry::of_leaf(leaf).ok()?, leaf: leaf_hash(leaf) })
    }
}

/// What an entry keeps beside the log, by the paths that can be withdrawn; each row of a list can be, too.
pub fn kept(entry: &Entry) -> Vec<String> {
    let sealed = entry.json.list_of("sealed").iter().filter_map(|item| item.object()?.text_of("path"));
    let list = list_of(entry).map(|_| "rows".to_owned());
    let files = (0..entry.attachments.len()).map(|at| format!("attachments.{at}"));
    sealed.map(str::to_owned).chain(list).chain(files).collect()
}

impl Withdrawal {
    /// What is to be withdrawn from entry `seq` of a unit, as the server has it now.
    ///
    /// # Errors
    /// [`Failure::Refused`]: no such entry, a path that it does not keep, or one that was withdrawn before.
    pub fn of(api: &LedgerApi, unit: &UnitId, seq: u64, paths: &[String]) -> Result<Self, Failure> {
        let count = api.unit(unit)?.map_or(0, |numbers| numbers.count);
        let target = api.entry(unit, seq)?.and_then(|leaf| Logged::of(&leaf)).ok_or_else(|| {
            Failure::refused(format!(
                "{unit} 没有公布过第 {seq} 号，请核对单位和编号 / the unit has no such entry: check both"
            ))
        })?;
        let book = book(api, unit, seq, count)?;
        let kept = kept(&target.entry);
        let rows = list_of(&target.entry).map_or(0, |list| list.count);
        let before = redacted(seq, book.iter().map(|logged| &logged.entry));
        for path in paths {
            let is_row = path.starts_with("rows.") && (0..rows).any(|at| paths::of_row(at) == *path);
            if !kept.contains(path) && !is_row {
                return Err(Failure::refused(format!(
                    "第 {seq} 号没有“{path}”可撤；可撤的是：{}。明文公布的内容撤不下来，只能更正 / nothing of that path can be withdrawn: {}",
                    kept.join("、"),
                    kept.join(", ")
                )));
            }
            if let Some((_, by)) = before.iter().find(|(above, _)| paths::is_below(path, &[above])) {
                return Err(Failure::refused(format!(
                    "“{path}”已由第 {by} 号撤下 / withdrawn by entry {by} before"
                )));
            }
        }
        Ok(Withdrawal { target, paths: paths.to_vec() })
    }

    /// What will be gone and what stays, for whoever orders it.
    pub fn told(&self) -> String {
        let entry = &self.target.entry;
        let title = entry.title.as_deref().unwrap_or_default();
        let paths: String =
            self.paths.iter().map(|path| format!("  撤下 {}（{path}）\n", spoken(entry, path))).collect();
        format!("{} 第 {} 号“{title}”：\n{paths}", entry.unit(), entry.seq())
    }

    /// The redaction for its unit's book.
    ///
    /// # Errors
    /// [`Failure::Refused`] when it would be no entry.
    fn act(&self, reason: &Reason) -> Result<Act, Failure> {
        let entry = &self.target.entry;
        let seq = i64::try_from(entry.seq()).unwrap_or(i64::MAX);
        let target = Object::new().with("seq", Value::Int(seq)).with("leaf", self.target.leaf.to_base64());
        let body = Object::new()
            .with("target", target)
            .with("paths", self.paths.iter().map(|path| Value::from(path.as_str())).collect::<Vec<_>>())
            .with("basis", reason.basis)
            .with("ordered_by", reason.ordered_by.as_str())
            .with_some("note", reason.note.as_deref().map(|note| vec![Value::from(note)]));
        let why = BASES.iter().find(|(key, _)| *key == reason.basis).map_or("", |(_, zh)| *zh);
        let title = cut(&format!("撤下第{}号的隐私内容：{why}", entry.seq()), ledger::entry::MAX_TITLE);
        Act { registry: entry.unit(), kind: "redaction", title, body }.checked()
    }
}

/// The acts of some withdrawals, held against what may not be published.
///
/// # Errors
/// [`Failure`].
pub fn acts(withdrawals: &[Withdrawal], reason: &Reason) -> Result<Vec<Act>, Failure> {
    let acts = withdrawals.iter().map(|one| one.act(reason)).collect::<Result<Vec<_>, _>>()?;
    office::guarded(&acts)?;
    Ok(acts)
}

/// Numbers, signs and posts acts in the books of their units. Returns how many were logged.
///
/// # Errors
/// [`Failure`]; acts of an earlier batch are logged then.
pub fn post(acts: &[Act], signers: &[Signer], api: &LedgerApi, now: u64) -> Result<usize, Failure> {
    let (ledger, submitter) = (api.ledger()?, Submitter::new(api.http().clone()));
    let (mut done, mut left) = (0, RENUMBERINGS);
    let mut progress = Progress::new("撤下", acts.len());
    for batch in acts.chunks(MAX_BATCH) {
        loop {
            let mut next = BTreeMap::new();
            let mut notes = Vec::with_capacity(batch.len());
            for act in batch {
                let seq = match next.get(&act.registry) {
                    Some(seq) => *seq,
                    None => office::next_seq(api, &act.registry)?,
                };
                notes.push(office::sign(&act.text(&ledger, seq, now), signers)?);
                next.insert(act.registry, seq + 1);
            }
            match submitter.submit(&notes.iter().map(String::as_str).collect::<Vec<_>>()) {
                Err(SubmitError::WrongSeq(_)) if left > 0 => left -= 1,
                answer => break answer.map(drop)?,
            }
        }
        done += batch.len();
        progress.add(batch.len());
    }
    progress.finish();
    Ok(done)
}

/// A path as people say it.
fn spoken(entry: &Entry, path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let nth = |at: &str| at.parse::<u64>().map_or_else(|_| at.to_owned(), |at| (at + 1).to_string());
    match parts.as_slice() {
        ["counterparty", "name"] => "对方姓名".to_owned(),
        ["winner", "name"] => "得主姓名".to_owned(),
        ["contractor", "name"] => "承包人姓名".to_owned(),
        ["holder", "name"] => "持有人姓名".to_owned(),
        ["names", at] => format!("第{}人姓名", nth(at)),
        ["approvals", at, "name"] => {
            let role = entry.json.at_path(&format!("approvals.{at}.role")).and_then(Value::as_text);
            let role = match role {
                Some("handler") => "经手人",
                Some("witness") => "证明人",
                Some("approver") => "审批人",
                _ => "签字人",
            };
            format!("{role}姓名")
        }
        ["bids", at, ..] => format!("第{}位投标人姓名", nth(at)),
        ["rows"] => {
            format!("整份清单 {} 户的姓名", list_of(entry).map_or(0, |list| list.count))
        }
        ["rows", at, ..] => format!("清单第{}行的姓名", nth(at)),
        ["attachments", at] => {
            let file = at.parse::<usize>().ok().and_then(|at| entry.attachments.get(at));
            format!("附件“{}”", file.map_or("", |file| file.title.as_str()))
        }
        _ => "姓名".to_owned(),
    }
}
