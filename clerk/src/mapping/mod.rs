//! From records to what entries will say: everything but ledger, number and time of signing.
//!
//! Which 公开事项 becomes what stands in `matter`; one small file per family reads the pieces that its kinds must
//! have. What can't be read becomes a notice with a warning that names the missing piece; what a kind has no
//! field for goes into its note.

pub(crate) mod asset;
mod balance;
pub(crate) mod budget;
pub(crate) mod candidates;
pub(crate) mod contract;
mod correction;
pub(crate) mod debts;
pub(crate) mod deliberation;
pub(crate) mod distribution;
mod notice;
pub(crate) mod party;
mod payment_list;
pub(crate) mod process;
pub(crate) mod project;
pub(crate) mod resolution;
pub(crate) mod resource;
pub(crate) mod supervision;
mod told;
mod total;
pub(crate) mod trade;
mod voucher;
mod words;

use crate::columns::{MATTER, PARTY, STAGE};
use crate::draft::complete;
use crate::fault::Fault;
use crate::matter::{self, Becomes};
use crate::names::{DraftName, DraftRow};
use crate::privacy;
use crate::record::{Direction, Record};
use ledger::charter::LedgerId;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::json::Object;
use ledger::kinds::{self, KINDS};
use ledger::unit::UnitId;
use payment_list::Lists;
use process::Processes;
pub use told::{Missing, Told};

/// Reads an entry out of a record.
pub type Mapper = fn(&Record) -> Result<Told, Missing>;

/// What one row, or the rows of one list, become.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Row as the spreadsheet counts; the first one of a list.
    pub row: usize,
    /// The other rows of a list.
    pub rows: Vec<usize>,
    /// The unit.
    pub unit: UnitId,
    /// The entry's fields, all but `ledger`, `seq` and `signed_at`.
    pub content: Object,
    /// Names that it seals, salts not yet drawn.
    pub names: Vec<DraftName>,
    /// The households of a payment list, salts not yet drawn.
    pub list: Vec<DraftRow>,
    /// For a correction: the row of the entry that it corrects. Number and leaf hash are filled in at sealing.
    pub target: Option<usize>,
}

/// Maps every record; warnings are added, faults end it once all are known.
///
/// # Errors
/// Every record that can't become an entry.
pub fn map(records: &[Record], warnings: &mut Vec<Fault>) -> Result<Vec<Mapped>, Vec<Fault>> {
    let (processes, lists) = (Processes::of(records), Lists::of(records));
    let (mut mapped, mut faults): (Vec<Mapped>, _) = (Vec::new(), lists.faults());
    for (at, record) in records.iter().enumerate() {
        if lists.continues(record) {
            continue;
        }
        let step = processes.step(record);
        let finish = |told: Told| record.finish(told, step.as_ref());
        let mut as_notice = |why: Option<Fault>| {
            warnings.extend(why);
            finish(notice::map(record))
        };
        let one = match (matter::becomes(&record.matter), &record.direction) {
            (Some(Becomes::OpeningBalance), _) => balance::opening(record).map(finish),
            (Some(Becomes::PeriodClose), _) => balance::close(record).map(finish),
            (Some(Becomes::Correction), _) => {
                let earlier = records.get(..at).unwrap_or_default();
                let found = correction::map(record, earlier, &mapped);
                Ok(found.unwrap_or_else(|why| as_notice(Some(correction::warning(record, why)))))
            }
            (_, Some((direction, _))) if *direction != Direction::Other => {
                voucher::map(record, *direction).map(finish)
            }
            (Some(Becomes::PaymentList), _) => {
                let found = lists.map(record, step.as_ref());
                Ok(found.unwrap_or_else(|why| as_notice(Some(why.warning(record.row)))))
            }
            (Some(Becomes::Of(mapper)), _) => match mapper(record) {
                Ok(told) => Ok(finish(told)),
                Err(why) => Ok(as_notice(Some(why.warning(record.row)))),
            },
            (Some(Becomes::Petition), _) => Ok(as_notice(Some(notice::petition(record)))),
            (Some(Becomes::Notice) | None, _) => Ok(as_notice(None)),
        };
        match one.and_then(check) {
            Ok(one) => {
                warnings.extend(second_look(record, &one));
                mapped.push(one);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(mapped) } else { Err(faults) }
}

/// What the table has and the entry can't carry.
fn second_look(record: &Record, mapped: &Mapped) -> Vec<Fault> {
    let mut warnings = Vec::new();
    let kind = mapped.content.text_of("kind").unwrap_or_default();
    let item = mapped.content.text_of("item");
    let what = match item {
        None if matter::becomes(&record.matter).is_none() => Some(
            "公开目录里没有这一事项，条目不带目录代码 / not in the catalogue: the entry has no item code"
                .to_owned(),
        ),
        Some(item)
            if kind == "voucher"
                && !matter::is_money(&record.matter)
                && matter::code(&record.matter) != Some(item) =>
        {
            Some(format!(
                "公开目录里没有这样的收支，按 {item} 公开 / no receipt or payment of the catalogue: published as {item}"
            ))
        }
        _ => None,
    };
    warnings.extend(what.map(|what| record.fault(MATTER, format!("“{}”：{what}", record.matter))));
    if record.step.is_some() && !told::takes(kind, "process") {
        let what = "这类条目不是处置的一个环节，处置编号只作说明 / this kind is no stage of a disposal: the number is a remark only";
        warnings.push(record.fault(STAGE, what));
    }
    if kind == "candidate_review" && mapped.names.iter().all(|name| !name.path.starts_with("names")) {
        let what = "写的人数与通过人数不同，姓名不公布；只写通过的人 / not as many names as passed: none is published; name only those who passed";
        let named = record.party.as_ref().is_some_and(|party| !party.people.is_empty());
        warnings.extend(named.then(|| record.fault(PARTY, what)));
    }
    match kind {
        "voucher" => warnings.extend(voucher::second_look(record)),
        "contract" => warnings.extend(total::second_look(record, &mapped.content)),
        _ => {}
    }
    warnings
}

/// Holds the entry against its kind, as the ledger will.
fn check(mapped: Mapped) -> Result<Mapped, Fault> {
    let target = mapped.target.map(|_| (1, Hash::EMPTY));
    let json = complete(&mapped.content, &LedgerId::from_text("draft"), u64::from(u32::MAX), 0, target);
    let fits = Entry::of(json).and_then(|entry| {
        kinds::find(KINDS, entry.kind()).map_or(Ok(()), |kind| kind.check(&entry))?;
        Ok(entry)
    });
    let entry = fits.map_err(|e| Fault::new(mapped.row, &e.path, e.what))?;
    // Cells have been searched; a sentence made of them may be cut in the middle of a name that excuses a word.
    privacy::of_entry(mapped.row, &entry).into_iter().next().map_or(Ok(mapped), Err)
}
