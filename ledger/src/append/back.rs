//! Rules that look back on what is already logged (E-59, E-60, E-90 to E-92, E-95, E-97 to E-99).

use super::refusal::{Refusal, RefusalCode, refuse};
use crate::amend::{Amendment, MAX_CORRECTIONS, apply_correction, changed_fields, has_names, posting_of};
use crate::books::Books;
use crate::entry::{Entry, FieldError, Posting, is_amendment};
use crate::hash::{Hash, leaf_hash};
use crate::index::decimal;
use crate::json::Value;
use crate::kinds::{self, KINDS};
use crate::payment_rows::list_of;
use crate::registry::Registry;
use crate::sealed::Sealed;
use crate::time::Date;
use crate::unit::UnitId;

/// What is already logged, for rules that look back.
pub trait Past {
    /// The leaf of a unit's entry; `None` when there is none (or it can't be read: the entry is then refused).
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>>;
    /// Whether this is the leaf of a unit's entry. An entry may refer to hundreds of others, so what knows the hash
    /// of a leaf without reading it says so.
    fn stands(&self, unit: &UnitId, seq: u64, leaf: &Hash) -> bool {
        self.leaf(unit, seq).is_some_and(|bytes| leaf_hash(&bytes) == *leaf)
    }
    /// The amendments that are about a unit's entry `target`, numbers rising: found without reading any of the
    /// unit's others, for one writer does this for all units.
    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment>;
}

/// The rules that look back: references, targets, closings. Server and auditor hold each entry against what stood
/// before it: `books` and `registry` right before the entry, `past` with everything logged or waiting by then.
///
/// # Errors
/// [`Refusal`] for the first rule that does not hold.
pub fn check_past(entry: &Entry, past: &dyn Past, books: &Books, registry: &Registry) -> Result<(), Refusal> {
    for (i, reference) in entry.refs.iter().enumerate() {
        if !past.stands(&reference.unit, reference.seq, &reference.leaf) {
            let what = "引用的条目不在账本里，请核对单位、编号和指纹 / the entry referred to is not in the ledger; check its unit, number and leaf hash";
            return Err(refuse(RefusalCode::Reference, &format!("refs.{i}"), what));
        }
    }
    match entry.kind() {
        "correction" => check_correction(entry, past),
        "supersede" => check_supersede(entry, past),
        "redaction" => check_redaction(entry, past),
        "closed" => check_closed(entry, books, registry),
        _ => Ok(()),
    }
}

fn wrong(field: &str, what: impl Into<String>) -> Refusal {
    refuse(RefusalCode::Target, field, what)
}

/// The entry that `body.<name>` is about, under its leaf hash.
fn named(entry: &Entry, name: &str, past: &dyn Past) -> Result<(u64, Entry), Refusal> {
    let target = entry.body().get(name).and_then(Value::object);
    let seq = target.and_then(|t| t.int_of("seq")).and_then(|seq| u64::try_from(seq).ok());
    let leaf = seq.and_then(|seq| Some((seq, past.leaf(&entry.unit(), seq)?)));
    let Some((seq, leaf)) = leaf else {
        let what = "这一条不在账本里，请核对编号 / there is no such entry; check the number";
        return Err(wrong(&format!("body.{name}.seq"), what));
    };
    if target.and_then(|t| t.text_of("leaf")) != Some(&leaf_hash(&leaf).to_base64()) {
        let what = "与该条目的指纹不符，请从账本重新取得 / not the leaf hash of that entry; fetch it from the ledger";
        return Err(wrong(&format!("body.{name}.leaf"), what));
    }
    let read = Entry::of_leaf(&leaf).map_err(|e| wrong(&format!("body.{name}"), e.to_string()))?;
    Ok((seq, read))
}

/// The amendments of an entry that was not superseded.
fn amendments(unit: &UnitId, seq: u64, field: &str, past: &dyn Past) -> Result<Vec<Amendment>, Refusal> {
    let amendments = past.amendments(unit, seq);
    match amendments.iter().find(|amendment| amendment.supersedes) {
        None => Ok(amendments),
        Some(Amendment { seq: by, .. }) => {
            let what = format!(
                "第 {seq} 条已由第 {by} 条取代，请改用取代它的条目 / entry {seq} was superseded by entry {by}; name the one that took its place [E-90]"
            );
            Err(wrong(field, what))
        }
    }
}

/// E-59, E-90, E-95, E-97: the target is no amendment, stands, and may still be corrected; each old value is what is
/// published now, and what comes of it is still an entry of its kind.
fn check_correction(entry: &Entry, past: &dyn Past) -> Result<(), Refusal> {
    let (seq, mut target) = named(entry, "target", past)?;
    if is_amendment(target.kind()) {
        let what = "更正、取代、撤下和终止不能再被更正，请更正原条目 / an amendment can't be corrected; correct the first entry";
        return Err(wrong("body.target", what));
    }
    let unit = entry.unit();
    let amendments = amendments(&unit, seq, "body.target", past)?;
    if amendments.len() >= MAX_CORRECTIONS {
        let what = format!(
            "第 {seq} 条已更正 {MAX_CORRECTIONS} 次，请公布一条新的并取代它 / entry {seq} was corrected {MAX_CORRECTIONS} times; publish a new one and supersede it [E-97]"
        );
        return Err(wrong("body.target", what));
    }
    for earlier in amendments.iter().filter_map(|a| Entry::of_leaf(&past.leaf(&unit, a.seq)?).ok()) {
        apply_correction(&mut target.json, seq, &earlier);
    }
    for (i, (path, old, _)) in changed_fields(entry).enumerate() {
        if target.json.at_path(path) != Some(old) {
            let what = "旧值与现在公布的不符，请按现在的值重写 / the old value is not what is published now; write that one";
            return Err(wrong(&format!("body.fields.{i}.old"), what));
        }
    }
    let list = list_of(&target);
    apply_correction(&mut target.json, seq, entry);
    let holds = Entry::of(target.json).and_then(|corrected| {
        kinds::find(KINDS, corrected.kind()).map_or(Ok(()), |kind| kind.check(&corrected))?;
        Sealed::of(&corrected)?;
        // What lies beside the log was judged against the entry as it stands in it.
        if list_of(&corrected) == list {
            return Ok(());
        }
        let what = "清单、户数和总额由各行算出，请另公布一张并取代它 / list, count and amount are those of its rows; publish another list and supersede this one";
        Err(FieldError::new("body.list", what))
    });
    holds.map_err(|FieldError { path, what }| {
        let (zh, en) = what.split_once(" / ").unwrap_or((&what, &what));
        let what = format!("更正后 {path} 不成立，请一并更正：{zh} / after this {path} does not hold; correct it too: {en} [E-95]");
        wrong("body.fields", what)
    })
}

/// E-90: an entry takes the place of another of its kind, or of a notice; neither is an amendment or was replaced.
fn check_supersede(entry: &Entry, past: &dyn Past) -> Result<(), Refusal> {
    let ((old, target), (new, by)) = (named(entry, "target", past)?, named(entry, "by", past)?);
    for (read, field) in [(&target, "body.target"), (&by, "body.by")] {
        if is_amendment(read.kind()) {
            let what = "更正、取代、撤下和终止不能被取代，也不能取代别的 / an amendment can't be superseded, nor take another's place [E-90]";
            return Err(wrong(field, what));
        }
    }
    if by.kind() != target.kind() && target.kind() != "notice" {
        let what = "两条的类型不同，请先公布一条同类的 / the two are of different kinds; first publish one of the same kind [E-90]";
        return Err(wrong("body.by", what));
    }
    amendments(&entry.unit(), old, "body.target", past)?;
    amendments(&entry.unit(), new, "body.by", past).map(drop)
}

/// E-91: only what the target keeps beside the log can be withdrawn.
fn check_redaction(entry: &Entry, past: &dyn Past) -> Result<(), Refusal> {
    let (_, target) = named(entry, "target", past)?;
    let paths = entry.body().list_of("paths");
    match paths.iter().position(|path| !path.as_text().is_some_and(|path| keeps(&target, path))) {
        None => Ok(()),
        Some(at) => {
            let what = "原条目没有封存这一字段，也没有这份清单或附件；明文公布的不能撤下 / the target did not seal this field, nor has it this row or attachment; what was published in clear can't be withdrawn [E-91]";
            Err(wrong(&format!("body.paths.{at}"), what))
        }
    }
}

/// The rules about the posting of an entry that is redacted or corrected, other corrections applied (SPEC E-98, E-99).
/// Kept apart from [`check_past`]: an auditor learns only from the next index leaf when the entry was logged. It was
/// taken between the two times, Unix seconds: those of the index leaves around it, or twice the clock of who takes it.
///
/// # Errors
/// [`Refusal`] with code `target`.
pub fn check_posting(entry: &Entry, past: &dyn Past, between: [u64; 2]) -> Result<(), Refusal> {
    let withdraws = entry.kind() == "redaction" && entry.body().text_of("basis") == Some("posting_ended");
    let corrects = changed_fields(entry).any(|(path, ..)| path.starts_with("posting."));
    if !(withdraws || corrects) {
        return Ok(());
    }
    // What is wrong with the target itself is said once, by `check_past`.
    let Ok((seq, target)) = named(entry, "target", past) else { return Ok(()) };
    let unit = entry.unit();
    let before = past.amendments(&unit, seq).into_iter().filter(|a| !a.supersedes && a.seq < entry.seq());
    let before: Vec<Entry> = before.filter_map(|a| Entry::of_leaf(&past.leaf(&unit, a.seq)?).ok()).collect();
    let (posting, [earliest, latest]) = (posting_of(&target, &before), between.map(Date::of_unix));
    match posting {
        _ if withdraws => check_ended(posting, latest),
        Some(posting) if has_names(&target) => check_kept(posting, posting.corrected(entry), earliest),
        _ => Ok(()),
    }
}

/// E-98: a redaction on the ground that a posting has ended comes after its last day.
fn check_ended(posting: Option<Posting>, today: Date) -> Result<(), Refusal> {
    let what = match posting.map(|posting| posting.to) {
        Some(last) if last < today => return Ok(()),
        Some(last) => format!(
            "原条目公示到 {last}，请在次日以后撤下，或写明别的依据 / the target is posted until {last}; withdraw it from the next day on, or name another basis [E-98]"
        ),
        None => "原条目没有公示期，请写明别的依据 / the target has no posting; name another basis [E-98]"
            .to_owned(),
    };
    Err(wrong("body.basis", what))
}

/// E-99: names are posted as long as was said, and not again after that. Else the town alone could hide a name, or
/// bring one back that was let go.
fn check_kept(old: Posting, new: Posting, today: Date) -> Result<(), Refusal> {
    let what = if old.to < today {
        format!(
            "原条目有封存的姓名，公示已于 {} 结束，不能再改；要再公示，请另公布一条 / the target has sealed names and its posting ended on {0}: to post them again, publish another entry [E-99]",
            old.to
        )
    } else if !new.contains(old) {
        format!(
            "原条目有封存的姓名，公示期只能延长，须包含 {} 至 {}；要提前撤下姓名，请用 redaction，由监督章会签 / the target has sealed names: its posting may only be extended and must contain {0} to {1}; to withdraw names earlier, use a redaction, which the supervision seals too [E-99]",
            old.from, old.to
        )
    } else {
        return Ok(());
    };
    Err(wrong("body.fields", what))
}

/// Whether an entry has, beside the log, what a redaction's path names.
fn keeps(target: &Entry, path: &str) -> bool {
    let is_sealed = |field: &Value| field.object().and_then(|f| f.text_of("path")) == Some(path);
    if target.json.list_of("sealed").iter().any(is_sealed) {
        return true;
    }
    let attachment = path.strip_prefix("attachments.").and_then(decimal);
    let count = list_of(target).map_or(0, |list| u64::from(list.count));
    let row = path.strip_prefix("rows.").and_then(|rest| rest.strip_suffix(".name")).and_then(decimal);
    attachment.is_some_and(|at| at < target.attachments.len() as u64)
        || row.is_some_and(|at| at < count)
        || (path == "rows" && count > 0)
}

/// E-92: a closing says what the book is and who goes on; its `count` is its own number (E-48).
fn check_closed(entry: &Entry, books: &Books, registry: &Registry) -> Result<(), Refusal> {
    let (unit, body) = (entry.unit(), entry.body());
    let wrong = |field: &str, what: String| Err(refuse(RefusalCode::Closing, field, what));
    let book = books.trees(&unit).map(|trees| &trees.lines);
    if books.count(&unit) != book.map_or(0, |lines| lines.size()) {
        let what = "本单位还有条目等候公布，请在下一次公布后提交 / entries of this unit still wait for publication; submit after the next one";
        return wrong("body.root", what.to_owned());
    }
    let root = book.map_or(Hash::EMPTY, |lines| lines.root()).to_base64();
    if body.text_of("root") != Some(&root) {
        return wrong(
            "body.root",
            format!(
                "账册的根是 {root}，请改正并重新签名 / the book's root is {root}; correct it and sign again"
            ),
        );
    }
    let successor = body.text_of("successor").filter(|_| !unit.is_registry()).and_then(UnitId::parse);
    let Some(successor) = successor else { return Ok(()) };
    let names_it = registry.profile(&successor).is_some_and(|p| p.predecessors.contains(&unit));
    if names_it {
        return Ok(());
    }
    wrong(
        "body.successor",
        format!(
            "请先登记 {successor} 的单位信息，其前身写明 {unit} / first publish a profile of {successor} that names {unit} among its predecessors"
        ),
    )
}
