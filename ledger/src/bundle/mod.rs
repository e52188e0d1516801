//! Bundles: everything a phone needs to check one unit by itself (SPEC section 8, rules B-01 to B-24).
//!
//! [`build`] makes one from a log, [`verify`] judges it; both know only what this module's types say.
//! The [`Head`] alone is the signed chain that a phone remembers.

mod build;
mod head;
mod verify;

pub use build::{BuildError, Source, build};
pub use head::{Head, OpenedHead};
pub use verify::{Ask, FRESH, Outcome, Verified, VerifiedEntry, verify};

use crate::hash::{Hash, leaf_hash};
use crate::index::{Line, decimal};
use crate::json::MAX_INTEGER;
use crate::peaks::Extension;
use crate::sections::{Reader, SectionError, Writer, hash_lines, lines, read_hash_lines};
use crate::unit::UnitId;

/// First line of a bundle.
pub const TYPE_LINE: &str = "village-ledger/bundle/v1";
/// Longest bundle that a reader accepts, in bytes.
pub const MAX_BUNDLE: usize = 32 * 1024 * 1024;

/// An entry as a bundle carries it: where it stands, and its note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Leaf index.
    pub index: u64,
    /// Logged time.
    pub time: u64,
    /// The note, bytes as logged.
    pub note: Vec<u8>,
}

impl Item {
    /// Its line as number `seq` of its unit.
    pub fn line(&self, seq: u64) -> Line {
        Line { seq, index: self.index, time: self.time, leaf: leaf_hash(&self.note) }
    }
}

/// A bundle for "unit U from number a" (SPEC B-03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The signed chain down to the rows.
    pub head: Head,
    /// The unit's registries, district first, each complete.
    pub registries: Vec<Vec<Item>>,
    /// The unit.
    pub unit: UnitId,
    /// a: number of the first entry carried, from 1.
    pub from: u64,
    /// Peaks of the unit tree over the first a − 2 lines.
    pub peaks: Vec<Hash>,
    /// The line of a − 1 in clear, when a > 1.
    pub before: Option<Line>,
    /// Entries a … count.
    pub entries: Vec<Item>,
    /// From a remembered head's size to this one, in the peaks form.
    pub extension: Option<Extension>,
}

impl Bundle {
    /// The bytes of a bundle.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = self.head.write(Writer::new(TYPE_LINE));
        for registry in &self.registries {
            writer = writer.with("registry", &write_items(registry));
        }
        let before = self.before.map(|line| line.text()).unwrap_or_default();
        writer = writer
            .with("unit", format!("{} {}\n", self.unit, self.from).as_bytes())
            .with("peaks", &hash_lines(&self.peaks))
            .with("before", before.as_bytes())
            .with("entries", &write_items(&self.entries));
        if let Some(e) = &self.extension {
            writer = writer
                .with("extension", format!("{} {}\n", e.old, e.new).as_bytes())
                .with("extension-peaks", &hash_lines(&e.peaks))
                .with("extension-subtrees", &hash_lines(&e.subtrees));
        }
        writer.finish()
    }

    /// Reads a bundle. Nothing in it is believed yet.
    ///
    /// # Errors
    /// [`SectionError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SectionError> {
        if bytes.len() > MAX_BUNDLE {
            return Err(SectionError::Form);
        }
        let mut reader = Reader::open(bytes, TYPE_LINE)?;
        let head = Head::read(&mut reader)?;
        let mut registries = Vec::new();
        while let Some(bytes) = reader.take("registry")? {
            registries.push(read_items(bytes)?);
        }
        let (unit, from) = two(reader.must("unit")?).ok_or(SectionError::Form)?;
        let unit = UnitId::parse(unit).ok_or(SectionError::Form)?;
        // Bounded like every number of the ledger, so that counting on from it never overflows.
        let from =
            decimal(from).filter(|a| (1..=MAX_INTEGER as u64).contains(a)).ok_or(SectionError::Form)?;
        let peaks = read_hash_lines(reader.must("peaks")?)?;
        let mut lines = lines(reader.must("before")?)?;
        let before = match (lines.next(), lines.next()) {
            (None, _) => None,
            (Some(line), None) => Some(Line::parse(line).ok_or(SectionError::Form)?),
            _ => return Err(SectionError::Form),
        };
        let entries = read_items(reader.must("entries")?)?;
        let extension = match reader.take("extension")? {
            None => None,
            Some(sizes) => {
                let (old, new) = two(sizes).ok_or(SectionError::Form)?;
                Some(Extension {
                    old: decimal(old).ok_or(SectionError::Form)?,
                    new: decimal(new).ok_or(SectionError::Form)?,
                    peaks: read_hash_lines(reader.must("extension-peaks")?)?,
                    subtrees: read_hash_lines(reader.must("extension-subtrees")?)?,
                })
            }
        };
        reader.finish()?;
        Ok(Bundle { head, registries, unit, from, peaks, before, entries, extension })
    }
}

fn two(bytes: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.split_once(' ')
}

/// Items one after the other: `<leaf index> <time> <length>\n`, then the note.
fn write_items(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        out.extend_from_slice(format!("{} {} {}\n", item.index, item.time, item.note.len()).as_bytes());
        out.extend_from_slice(&item.note);
    }
    out
}

fn read_items(mut bytes: &[u8]) -> Result<Vec<Item>, SectionError> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.iter().take(64).position(|b| *b == b'\n').ok_or(SectionError::Form)?;
        let (heading, tail) = bytes.split_at_checked(end).ok_or(SectionError::Form)?;
        let heading = std::str::from_utf8(heading).map_err(|_| SectionError::Form)?;
        let mut numbers = heading.split(' ').map(decimal);
        let mut number = || numbers.next().flatten().ok_or(SectionError::Form);
        let (index, time, length) = (number()?, number()?, number()?);
        if numbers.next().is_some() {
            return Err(SectionError::Form);
        }
        let length = usize::try_from(length).map_err(|_| SectionError::Form)?;
        let (note, rest) =
            tail.get(1..).and_then(|t| t.split_at_checked(length)).ok_or(SectionError::Form)?;
        items.push(Item { index, time, note: note.to_vec() });
        bytes = rest;
    }
    Ok(items)
}
