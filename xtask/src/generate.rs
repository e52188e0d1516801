//! `cargo xtask generate`: plausible, balanced, reproducible entries for benchmarks and tests.
//!
//! **In scope:** a made-up district and its units' books, month by month: opening balance, vouchers, notices,
//! corrections, and closes that reconcile to the fen. The same units, months and seed give the same bytes.
//!
//! **Out of scope (and who does it):** keys, seals, time of signing and the ledger's name; `bench` adds them
//! through [`Draft::text`], a clerk through `village-clerk`.

mod book;
mod draft;
mod matters;
mod places;
mod random;

pub use draft::Draft;
pub use places::{DISTRICT, District};

use anyhow::{Context as _, Result, ensure};
use book::Book;
use clap::Args;
use ledger::time::{Date, Period};
use random::Random;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

/// The last month that entries are about; earlier ones are counted back from it, so that no date is too new.
const LAST_MONTH: (u16, u8) = (2025, 12);
/// Most months: back to 1926.
const MAX_MONTHS: usize = 1_200;

/// Writes `divisions.csv` (for `village-clerk units --divisions`) and one file `<unit>.jsonl` a unit.
///
/// Each line is an unsigned entry as it stands in the ledger's JSON, but for what only its signer knows: the
/// fields `ledger` (first) and `signed_at` (last), and `body.target.leaf` of corrections.
#[derive(Debug, Args)]
pub struct Generate {
    /// Units with accounts, villages and some of their groups (a district: 100, a large county: 700)
    #[arg(long, value_name = "N")]
    units: usize,
    /// Months up to December 2025
    #[arg(long, value_name = "M")]
    months: usize,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S")]
    seed: u64,
    /// Folder to write into
    #[arg(long, value_name = "DIR", default_value = "target/generated")]
    out: PathBuf,
}

/// Every entry of a district in the order in which it would come in: month by month, unit by unit.
pub fn entries(district: &District, months: usize, seed: u64) -> Result<impl Iterator<Item = Draft> + use<>> {
    ensure!((1..=MAX_MONTHS).contains(&months), "--months: want 1 to {MAX_MONTHS} months, not {months}");
    let periods = (0..months).rev().map(period).collect::<Result<Vec<_>>>()?;
    let start = periods.first().context("no months")?.first_day();
    let mut books: Vec<Book> =
        (0..).zip(&district.units).map(|(i, place)| Book::new(place, Random::new(seed, i))).collect();
    let openings: Vec<Draft> = books.iter_mut().map(|book| book.open(start)).collect();
    let months = periods
        .into_iter()
        .flat_map(move |period| books.iter_mut().flat_map(|book| book.month(period)).collect::<Vec<_>>());
    Ok(openings.into_iter().chain(months))
}

/// The month that many months before the last one.
fn period(back: usize) -> Result<Period> {
    let (year, month) = LAST_MONTH;
    let months = (usize::from(year) * 12 + usize::from(month) - 1).saturating_sub(back);
    let date = Date::new(u16::try_from(months / 12)?, u8::try_from(months % 12 + 1)?, 1);
    Ok(Period::month_of(date.context("a month before 1900")?))
}

impl Generate {
    /// Writes the files.
    pub fn run(&self) -> Result<()> {
        let district = District::new(self.units)?;
        let entries = entries(&district, self.months, self.seed)?;
        fs::create_dir_all(&self.out)
            .with_context(|| format!("can't make the folder {}", self.out.display()))?;
        let table = self.out.join("divisions.csv");
        fs::write(&table, district.table()).with_context(|| format!("can't write {}", table.display()))?;
        let mut files = BTreeMap::new();
        for place in &district.units {
            let path = self.out.join(format!("{}.jsonl", place.unit));
            let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
            files.insert(place.unit, BufWriter::new(file));
        }
        let mut count = 0_u64;
        for draft in entries {
            let file = files.get_mut(&draft.unit).with_context(|| format!("no file for {}", draft.unit))?;
            writeln!(file, "{}", draft.json().text()).context("can't write an entry")?;
            count += 1;
        }
        for (unit, file) in &mut files {
            file.flush().with_context(|| format!("can't write {unit}.jsonl"))?;
        }
        println!("{count} entries of {} units in {}", files.len(), self.out.display());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
