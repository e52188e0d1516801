//! Making a bundle from a log (SPEC section 8.1; the prover of [`super::verify`]).

use super::{Bundle, Head, Item};
use crate::hash::Hash;
use crate::index::{IndexTree, Line, Row};
use crate::merkle::{Nodes, prove_inclusion};
use crate::peaks::{CompactRange, Extension, prove_extension, prove_peaks};
use crate::unit::UnitId;

/// What a bundle is made from: a log as of one published head.
pub trait Source: Nodes {
    /// The signed checkpoint with its cosignatures, and its size.
    fn checkpoint(&self) -> (&[u8], u64);
    /// All rows of the index tree as of that checkpoint, in order.
    fn rows(&self) -> &[Row];
    /// The leaf at an index below the checkpoint's size.
    ///
    /// # Errors
    /// When it can't be read.
    fn leaf(&self, index: u64) -> Result<Vec<u8>, Self::Error>;
    /// The first `count` lines of a unit, in order.
    ///
    /// # Errors
    /// When they can't be read.
    fn lines(&self, unit: &UnitId, count: u64) -> Result<Vec<Line>, Self::Error>;
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BuildError<E> {
    /// The unit has no row: nothing was ever logged for it.
    #[error("unit {0} has no entries")]
    NoUnit(UnitId),
    /// The log can't be read, or its index lacks something.
    #[error("the log can't be read: {0}")]
    Source(E),
    /// The query index holds fewer lines than the signed row says.
    #[error("the query index lacks lines of unit {0}: run reindex")]
    Index(UnitId),
}

impl<E> From<E> for BuildError<E> {
    fn from(e: E) -> Self {
        BuildError::Source(e)
    }
}

/// Builds the bundle for `unit` from number `from` (held inside 1..=count+1), with the extension from a
/// remembered head of `remembered` leaves when that is not larger than this one.
///
/// # Errors
/// [`BuildError`].
pub fn build<S: Source>(
    source: &S,
    unit: UnitId,
    from: u64,
    remembered: Option<u64>,
) -> Result<Bundle, BuildError<S::Error>> {
    let size = source.checkpoint().1;
    let rows = source.rows();
    let row = rows.iter().find(|r| r.unit == unit).ok_or(BuildError::NoUnit(unit))?;
    let from = from.clamp(1, row.count + 1);

    let mut registries = Vec::new();
    for registry in unit.registries() {
        let count = rows.iter().find(|r| r.unit == registry).map_or(0, |r| r.count);
        let lines = unit_lines(source, &registry, count)?;
        registries.push(items(source, &lines)?);
    }
    let lines = unit_lines(source, &unit, row.count)?;
    let (before, carried) = lines.split_at_checked(from as usize - 1).ok_or(BuildError::Index(unit))?;
    let mut range = CompactRange::new();
    for line in before.iter().take(before.len().saturating_sub(1)) {
        range.append(line.hash());
    }
    let extension = match remembered {
        Some(old) if old > 0 && old <= size => Some(Extension {
            old,
            new: size,
            peaks: prove_peaks(source, old)?,
            subtrees: prove_extension(source, old, size)?,
        }),
        _ => None,
    };
    Ok(Bundle {
        head: head(source, unit)?,
        registries,
        unit,
        from,
        peaks: range.peaks().to_vec(),
        before: before.last().copied(),
        entries: items(source, carried)?,
        extension,
    })
}

fn head<S: Source>(source: &S, unit: UnitId) -> Result<Head, BuildError<S::Error>> {
    let (checkpoint, size) = source.checkpoint();
    let rows = source.rows();
    let last = size.saturating_sub(1);
    let positions = positions(rows, unit);
    let tree = IndexTree::new(rows.iter().map(Row::hash));
    let rows_proof: Vec<Hash> = tree.prove_rows(&positions);
    Ok(Head {
        charter: source.leaf(0)?,
        charter_path: prove_inclusion(source, 0, size)?,
        checkpoint: checkpoint.to_vec(),
        index_leaf: source.leaf(last)?,
        index_path: prove_inclusion(source, last, size)?,
        rows: positions.iter().filter_map(|at| rows.get(*at).map(|row| (*at as u64, *row))).collect(),
        rows_proof,
    })
}

/// The unit's registries, and every row of its division with both neighbours.
fn positions(rows: &[Row], unit: UnitId) -> Vec<usize> {
    let registries = unit.registries();
    let division = |at: usize| rows.get(at).is_some_and(|r| r.unit.division() == unit.division());
    (0..rows.len())
        .filter(|at| {
            rows.get(*at).is_some_and(|r| registries.contains(&r.unit))
                || division(*at)
                || division(at + 1)
                || at.checked_sub(1).is_some_and(division)
        })
        .collect()
}

fn unit_lines<S: Source>(source: &S, unit: &UnitId, count: u64) -> Result<Vec<Line>, BuildError<S::Error>> {
    let lines = source.lines(unit, count)?;
    if lines.len() as u64 == count { Ok(lines) } else { Err(BuildError::Index(*unit)) }
}

fn items<S: Source>(source: &S, lines: &[Line]) -> Result<Vec<Item>, BuildError<S::Error>> {
    let item = |line: &Line| {
        let note = source.leaf(line.index)?;
        Ok(Item { index: line.index, time: line.time, note })
    };
    lines.iter().map(item).collect()
}
