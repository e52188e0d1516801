//! Voucher numbers (S-06, S-07): consecutive in a unit's year, each once.
//!
//! A number is a prefix and digits, `记-0003`; each prefix counts for itself.

use super::finding::{FindingCode, Found, Said};
use crate::table::Table;

/// The numbers of a unit so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    series: Vec<Series>,
    /// By series and number: the latest entry that has it, 0 when none has it any more.
    seen: Table<(usize, u64), u64>,
}

/// The numbers of one year with one prefix.
#[derive(Clone, Debug)]
struct Series {
    year: u16,
    prefix: String,
    /// The greatest one.
    last: u64,
}

/// The prefix, and the number in the digits behind it.
fn split(text: &str) -> Option<(&str, &str, u64)> {
    let prefix = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.get(prefix.len()..)?;
    Some((prefix, digits, digits.parse().ok()?))
}

impl Numbers {
    fn series(&self, year: u16, prefix: &str) -> Option<usize> {
        self.series.iter().rposition(|s| s.year == year && s.prefix == prefix)
    }

    /// Takes the number of entry `seq`; `whole` says that all of the year's entries are known.
    pub(super) fn take(&mut self, year: u16, no: &str, seq: u64, whole: bool, found: &mut Found) {
        let Some((prefix, digits, number)) = split(no) else { return };
        let at = self.series(year, prefix).unwrap_or_else(|| {
            // What went before the ledger began is not known: only a series that went on from a year before begins at 1.
            let goes_on = self.series.iter().any(|s| s.year < year && s.prefix == prefix);
            let last = if goes_on { 0 } else { number.saturating_sub(1) };
            self.series.push(Series { year, prefix: prefix.to_owned(), last });
            self.series.len() - 1
        });
        let earlier = self.seen.get(&(at, number)).copied().unwrap_or_default();
        if earlier > 0 {
            let values = vec![Said::Text(no.to_owned()), Said::Count(earlier as i64)];
            found.say(FindingCode::VoucherRepeat, "body.voucher_no", values);
        }
        self.seen.insert((at, number), earlier.max(seq));
        let Some(series) = self.series.get_mut(at).filter(|s| s.last < number) else { return };
        if whole && number - series.last > 1 {
            let width = digits.len();
            let spell = |n: u64| Said::Text(format!("{prefix}{n:0width$}"));
            let values = vec![spell(series.last + 1), spell(number - 1)];
            found.say(FindingCode::VoucherGap, "body.voucher_no", values);
        }
        series.last = number;
    }

    /// Entry `seq` has this number no more.
    pub(super) fn take_back(&mut self, year: u16, no: &str, seq: u64) {
        let Some((prefix, _, number)) = split(no) else { return };
        let Some(at) = self.series(year, prefix) else { return };
        if let Some(own) = self.seen.get_mut(&(at, number)).filter(|own| **own == seq) {
            *own = 0;
        }
    }
}
