//! Voucher numbers (S-06, S-07): consecutive in a unit's year, each once.
//!
//! A number is a prefix and digits, `记-0003`; each prefix counts for itself.

use super::finding::{FindingCode, Found, Said};

/// The numbers of a unit so far, sorted by prefix and year. Boxed, so that a new series moves only pointers.
#[allow(clippy::vec_box)]
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers(Vec<Box<Series>>);

/// The numbers of one year with one prefix.
#[derive(Clone, Debug)]
struct Series {
    prefix: String,
    year: u16,
    /// Whether it goes on from an earlier year, and so begins at 1.
    goes_on: bool,
    /// Rising numbers, each with the latest entry that has it.
    seen: Vec<(u64, u64)>,
}

/// The prefix, how many digits stand behind it, and their number; full-width digits are digits. What is no such number
/// is a prefix of its own.
fn split(text: &str) -> (&str, usize, u64) {
    let (mut rest, mut width, mut number, mut unit) = (text.as_bytes(), 0, 0u64, 1u64);
    while let [head @ .., digit @ b'0'..=b'9'] | [head @ .., 0xEF, 0xBC, digit @ 0x90..=0x99] = rest {
        // The lowest four bits of both kinds of digits are what they say.
        number = number.wrapping_add(unit.wrapping_mul(u64::from(digit & 15)));
        (rest, width, unit) = (head, width + 1, unit.wrapping_mul(10));
    }
    match text.get(..rest.len()) {
        Some(prefix) if width < 19 => (prefix, width, number),
        _ => (text, 0, 0),
    }
}

impl Numbers {
    fn find(&self, prefix: &str, year: u16) -> Result<usize, usize> {
        self.0.binary_search_by(|s| s.prefix.as_str().cmp(prefix).then(s.year.cmp(&year)))
    }

    /// Takes the number of entry `seq`; `whole` says that all of the year's entries are known.
    pub(super) fn take(&mut self, year: u16, no: &str, seq: u64, whole: bool, found: &mut Found) {
        let (prefix, width, number) = split(no);
        let at = self.find(prefix, year).unwrap_or_else(|at| {
            let before = at.checked_sub(1).and_then(|at| self.0.get(at));
            let goes_on = before.is_some_and(|s| s.prefix == prefix);
            self.0
                .insert(at, Box::new(Series { prefix: prefix.to_owned(), year, goes_on, seen: Vec::new() }));
            at
        });
        let Some(series) = self.0.get_mut(at) else { return };
        // What went before the ledger began is not known: another series begins where it begins.
        let first = if series.goes_on { 0 } else { number.saturating_sub(1) };
        let last = series.seen.last().map_or(first, |(last, _)| *last);
        match series.seen.binary_search_by_key(&number, |(n, _)| *n) {
            Ok(at) => {
                if let Some((_, earlier)) = series.seen.get_mut(at) {
                    let values = vec![Said::Text(no.to_owned()), Said::Count(*earlier as i64)];
                    found.say(FindingCode::VoucherRepeat, "body.voucher_no", values);
                    *earlier = seq.max(*earlier);
                }
            }
            Err(at) => series.seen.insert(at, (number, seq)),
        }
        if whole && number > last.saturating_add(1) {
            let spell = |n: u64| Said::Text(format!("{prefix}{n:0width$}"));
            found.say(FindingCode::VoucherGap, "body.voucher_no", vec![spell(last + 1), spell(number - 1)]);
        }
    }

    /// Entry `seq` has this number no more.
    pub(super) fn take_back(&mut self, year: u16, no: &str, seq: u64) {
        let (prefix, _, number) = split(no);
        let Some(series) = self.find(prefix, year).ok().and_then(|at| self.0.get_mut(at)) else { return };
        if let Ok(at) = series.seen.binary_search(&(number, seq)) {
            series.seen.remove(at);
        }
    }
}
