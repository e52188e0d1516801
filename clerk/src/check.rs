//! `check`: a draft is held against the ledger's own rules, whoever edited it meanwhile.

use crate::columns::{NAMES, OCCURRED, PERIOD, POSTED_FROM};
use crate::draft::{Draft, DraftEntry};
use crate::fault::Fault;
use crate::privacy;
use client::SubmitError;
use client::submit::{MAX_BODY, weight};
use ledger::append::{Submission, check_dates};
use ledger::charter::LedgerId;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::kinds::{self, KINDS};
use ledger::leaf::{self, LeafType};
use ledger::money::Fen;
use ledger::note::{Signature, VerifierKey};
use ledger::sealed::EntryId;
use std::collections::{BTreeMap, BTreeSet};

/// Room for the signature lines of an entry that is not sealed yet.
const ENVELOPE: usize = 16_384;

/// Checks every entry that is not yet published, as if it were submitted at `now` (Unix seconds).
///
/// # Errors
/// Every fault, by row.
pub fn check(draft: &Draft, now: u64) -> Result<(), Vec<Fault>> {
    let keys: Vec<VerifierKey> = draft.keys.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
    let (mut faults, mut rows) = (Vec::new(), BTreeSet::new());
    for entry in &draft.entries {
        for row in entry.rows.iter().chain([&entry.row]) {
            if !rows.insert(*row) {
                faults.push(Fault::new(*row, "", "这一行在草稿里出现了两次 / the row stands twice"));
            }
        }
        if entry.receipt.is_none() {
            match guarded(entry) {
                banned if banned.is_empty() => faults.extend(check_entry(draft, entry, &keys, now).err()),
                banned => faults.extend(banned),
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// What may not be published in an entry; an entry that can't be read is not searched, nor is it ever sent.
pub fn guarded(entry: &DraftEntry) -> Vec<Fault> {
    Entry::of(sketch(entry)).map(|read| privacy::of_entry(entry.row, &read)).unwrap_or_default()
}

fn check_entry(draft: &Draft, entry: &DraftEntry, keys: &[VerifierKey], now: u64) -> Result<(), Fault> {
    let fault = |column: &str, what: String| Fault::new(entry.row, column, what);
    if entry.unit().is_none() {
        return Err(fault("unit", "单位编号不对 / not a unit id".to_owned()));
    }
    let sealed = !entry.signatures.is_empty();
    let text =
        draft.text(entry).filter(|_| sealed).unwrap_or_else(|| leaf::text(LeafType::Entry, &sketch(entry)));
    // The ledger's own reading of a leaf needs a signature line; an unsealed entry gets one that stands for it.
    let stand_in = || vec![Signature { name: "draft".to_owned(), id: 0, bytes: vec![0; 64] }];
    let broken = "签名行不可读，请重新盖章 / a signature line can't be read: seal again";
    let signatures = entry.signatures().map_err(|_| fault("", broken.to_owned()))?;
    let given = if sealed { signatures.clone() } else { stand_in() };
    let openings = entry.openings().map_err(|what| fault(NAMES, what))?;
    if weight(&text, &openings) + ENVELOPE > MAX_BODY {
        return Err(fault("", SubmitError::Long.to_string()));
    }
    let judged =
        Submission::parse(leaf::seal(&text, given).into_bytes(), KINDS).and_then(|mut submission| {
            let rows = entry.rows_as(&EntryId::of(&submission.entry));
            submission.bring(openings, rows.as_ref(), &|_| Ok(()));
            check_dates(&submission.entry, now).and(submission.beside.map(drop))
        });
    judged.map_err(|e| fault(column(&e.field), format!("[{}] {}", e.code, e.what)))?;
    let holds = |s: &Signature| keys.iter().any(|k| k.verify(text.as_bytes(), s).is_ok());
    if !signatures.iter().all(holds) {
        let what = "盖章后内容有变动（或被更正的条目重新盖了章），请再运行 village-clerk sign / changed since it was sealed: run village-clerk sign again";
        return Err(fault("", what.to_owned()));
    }
    Ok(())
}

/// Entries whose names nobody in the village would see, since nothing says when they are posted.
pub fn unseen(draft: &Draft) -> Vec<Fault> {
    let unposted = |e: &&DraftEntry| e.shows_names() && e.entry.0.get("posting").is_none();
    let what = "没有公示日期，姓名不会给村民看；要给看请填写公示开始和截止日期 / without posting dates villagers won't see the names: fill in the first and the last day";
    let unposted = draft.entries.iter().filter(|e| e.receipt.is_none()).filter(unposted);
    unposted.map(|e| Fault::new(e.row, POSTED_FROM, what)).collect()
}

/// The column of a field that a clerk types as a date; of others the field.
fn column(field: &str) -> &str {
    match field {
        "occurred" => OCCURRED,
        "period" => PERIOD,
        "posting.from" => POSTED_FROM,
        field => field,
    }
}

/// An entry before ledger and number are known.
fn sketch(entry: &DraftEntry) -> Object {
    let target = entry.corrects_row.map(|_| (1, Hash::EMPTY));
    entry.complete(&LedgerId::from_text("draft"), u64::from(u32::MAX), 0, target)
}

/// What a draft holds, unit by unit, for the eyes of whoever seals it.
pub fn summary(draft: &Draft) -> String {
    #[derive(Default)]
    struct Sum {
        kinds: BTreeMap<&'static str, usize>,
        income: i64,
        expense: i64,
        closing: Option<i64>,
        sealed: usize,
        published: usize,
        entries: usize,
    }
    let mut units: BTreeMap<String, Sum> = BTreeMap::new();
    for entry in &draft.entries {
        let json = &entry.entry.0;
        let sum = units.entry(json.text_of("unit").unwrap_or_default().to_owned()).or_default();
        let kind = kinds::find(KINDS, json.text_of("kind").unwrap_or_default()).map_or("其他", |k| k.zh);
        *sum.kinds.entry(kind).or_default() += 1;
        sum.entries += 1;
        sum.sealed += usize::from(!entry.signatures.is_empty());
        sum.published += usize::from(entry.receipt.is_some());
        let int = |path| match json.at_path(path) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        // A correction counts with its difference, on the side of what it corrects.
        let corrected = entry.corrects_row.and_then(|row| draft.of_row(row));
        let about = corrected.map_or(json, |target| &target.entry.0);
        let amount = match corrected {
            Some(_) => difference(json),
            None => int("body.amount").unwrap_or_default(),
        };
        match about.at_path("body.direction").and_then(Value::as_text) {
            Some("income") => sum.income += amount,
            Some("expense") => sum.expense += amount,
            _ => {}
        }
        sum.closing = int("body.closing").or(sum.closing);
    }
    let yuan = |fen: i64| Fen::new(fen).map_or_else(|| fen.to_string(), |f| f.to_string());
    let line = |(unit, sum): (&String, &Sum)| {
        let kinds: Vec<String> = sum.kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        let closing = sum.closing.map(|c| format!("，期末 {} 元", yuan(c))).unwrap_or_default();
        format!(
            "{unit}  {} 条（{}）：收入 {} 元，支出 {} 元{closing}；已盖章 {}，已公布 {}\n",
            sum.entries,
            kinds.join("，"),
            yuan(sum.income),
            yuan(sum.expense),
            sum.sealed,
            sum.published
        )
    };
    units.iter().map(line).collect()
}

/// New amount less old amount of a correction.
fn difference(correction: &Object) -> i64 {
    let fields =
        correction.at_path("body.fields").map(|v| if let Value::List(l) = v { l.as_slice() } else { &[] });
    let amount = fields
        .unwrap_or_default()
        .iter()
        .filter_map(Value::object)
        .find(|f| f.text_of("path") == Some("body.amount"));
    amount.and_then(|f| Some(f.int_of("new")? - f.int_of("old")?)).unwrap_or_default()
}
