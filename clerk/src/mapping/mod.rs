//! From records to what entries will say: everything but ledger, number and time of signing.

mod balance;
mod correction;
mod notice;
mod voucher;

use crate::cell::cut;
use crate::draft::complete;
use crate::fault::Fault;
use crate::matter::{self, Becomes};
use crate::record::{Direction, Record};
use ledger::charter::LedgerId;
use ledger::entry::{Entry, MAX_SUMMARY, MAX_TITLE};
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::kinds::{self, KINDS};
use ledger::unit::UnitId;

/// What one row becomes.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Row as the spreadsheet counts.
    pub row: usize,
    /// The unit.
    pub unit: UnitId,
    /// The entry's fields, all but `ledger`, `seq` and `signed_at`.
    pub content: Object,
    /// For a correction: the row of the entry that it corrects. Number and leaf hash are filled in at sealing.
    pub target: Option<usize>,
}

/// Maps every record; warnings are added, faults end it once all are known.
///
/// # Errors
/// Every record that can't become an entry.
pub fn map(records: &[Record], warnings: &mut Vec<Fault>) -> Result<Vec<Mapped>, Vec<Fault>> {
    let (mut mapped, mut faults): (Vec<Mapped>, _) = (Vec::new(), Vec::new());
    for (at, record) in records.iter().enumerate() {
        let earlier = records.get(..at).unwrap_or_default();
        let one = match matter::becomes(&record.matter) {
            Becomes::OpeningBalance => balance::opening(record),
            Becomes::PeriodClose => balance::close(record, records, warnings),
            Becomes::Correction => match correction::map(record, earlier, &mapped) {
                Ok(found) => Ok(found),
                Err(why) => {
                    warnings.push(Fault::new(
                        record.row,
                        "公开事项",
                        format!("{why}，按公告公开 / published as a notice"),
                    ));
                    Ok(notice::map(record))
                }
            },
            Becomes::ByDirection => match record.direction {
                Some((Direction::Other, _)) | None => Ok(notice::map(record)),
                Some((direction, _)) => voucher::map(record, direction),
            },
        };
        match one.and_then(check) {
            Ok(one) => mapped.push(one),
            Err(fault) => faults.push(fault),
        }
        if matter::becomes(&record.matter) == Becomes::ByDirection && record.item().is_none() {
            let what =
                "公开目录里没有这一事项，条目不带目录代码 / not in the catalogue: the entry has no item code";
            warnings.push(Fault::new(record.row, "公开事项", format!("“{}”：{what}", record.matter)));
        }
    }
    balance::chain(records, warnings);
    if faults.is_empty() { Ok(mapped) } else { Err(faults) }
}

impl Record {
    /// The catalogue code.
    fn item(&self) -> Option<&'static str> {
        match &self.direction {
            Some((Direction::Income, _)) if matter::is_money(&self.matter) => Some("F02"),
            Some((Direction::Expense | Direction::Transfer, _)) if matter::is_money(&self.matter) => {
                Some("F03")
            }
            _ => matter::code(&self.matter),
        }
    }

    /// 摘要 in one line.
    fn line(&self) -> String {
        self.text.join("；")
    }

    /// The entry's fields in their order.
    fn mapped(&self, kind: &str, title: &str, summary: &str, body: Object) -> Mapped {
        let posting =
            self.posting.map(|p| Object::new().with("from", p.from.to_string()).with("to", p.to.to_string()));
        let approvals = self.occurred.map(|on| {
            let approval =
                |role: &&str| Value::from(Object::new().with("role", *role).with("on", on.to_string()));
            self.approvals.iter().map(approval).collect::<Vec<_>>()
        });
        let content = Object::new()
            .with("unit", self.unit.to_string())
            .with("kind", kind)
            .with_some("item", self.item())
            .with_some("period", self.period.map(|p| p.to_string()))
            .with_some("occurred", self.occurred.map(|d| d.to_string()))
            .with("title", cut(title, MAX_TITLE))
            .with("summary", cut(summary, MAX_SUMMARY))
            .with_some("posting", posting)
            .with("body", body)
            .with_some("approvals", approvals.filter(|a| !a.is_empty()));
        Mapped { row: self.row, unit: self.unit, content, target: None }
    }

    fn fault(&self, column: &str, what: impl Into<String>) -> Fault {
        Fault::new(self.row, column, what)
    }
}

/// Paragraphs as a list; `None` when there are none.
fn paragraphs(texts: impl IntoIterator<Item = String>) -> Option<Vec<Value>> {
    let list: Vec<Value> = texts.into_iter().map(Value::from).collect();
    (!list.is_empty()).then_some(list)
}

/// Holds the entry against its kind, as the ledger will.
fn check(mapped: Mapped) -> Result<Mapped, Fault> {
    let target = mapped.target.map(|_| (1, Hash::EMPTY));
    let json = complete(&mapped.content, &LedgerId::from_text("draft"), u64::from(u32::MAX), 0, target);
    let fits = Entry::of(json).and_then(|entry| match kinds::find(KINDS, entry.kind()) {
        Some(kind) => kind.check(&entry),
        None => Ok(()),
    });
    match fits {
        Ok(()) => Ok(mapped),
        Err(e) => Err(Fault::new(mapped.row, &e.path, e.what)),
    }
}
