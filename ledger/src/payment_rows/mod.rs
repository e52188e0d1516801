//! The rows of a payment list (发放清单): a blob beside the log from which anyone computes count, total and root, and of
//! which a household proves one row (SPEC section 4.8, rules P-20 to P-28).

mod code;
mod list;
mod proof;

pub use code::{MAX_ROW_CODE, RowCode, RowCodeError};
pub use list::{List, ROWS_MEDIA, list_of};
pub use proof::{MAX_ROW_PROOF, RowError, RowProof, RowProofError, RowTree, verify_row};

use crate::hash::{Hash, leaf_hash};
use crate::index::decimal;
use crate::json::MAX_INTEGER;
use crate::money::Fen;
use crate::peaks::CompactRange;
use crate::sealed::{Access, Sealed, paths};

/// Most rows of one list.
pub const MAX_ROWS: usize = 100_000;
/// Longest row line in bytes, its newline included.
pub const MAX_ROW: usize = 5 + 1 + 2 + 1 + 16 + 1 + 14 + 1 + 44 + 1;
/// Longest blob in bytes.
pub const MAX_ROWS_BLOB: usize = MAX_ROWS * MAX_ROW;

/// One household's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the list, from 0.
    pub index: u32,
    /// Number of the villagers' group (村民小组), 0..=99; 0 for the village itself.
    pub group: u8,
    /// Hundredths of the unit that the entry names; 0 when the list counts nothing.
    pub quantity: u64,
    /// What is paid; never negative.
    pub amount: Fen,
    /// The sealed name, at the path `rows.<index>.name`.
    pub commitment: Hash,
}

impl Row {
    /// `<i> <group> <quantity> <amount fen> <commitment>\n`.
    pub fn text(&self) -> String {
        let Row { index, group, quantity, amount, commitment } = self;
        format!("{index} {group:02} {quantity} {} {}\n", amount.get(), commitment.to_base64())
    }

    /// Reads a line with its newline; `None` for every other spelling and for numbers beyond their limits.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.strip_suffix('\n')?.split(' ');
        let (index, group) = (parts.next().and_then(decimal)?, parts.next()?.parse().ok()?);
        let (quantity, amount) = (parts.next().and_then(decimal)?, parts.next().and_then(decimal)?);
        let row = Row {
            index: u32::try_from(index).ok()?,
            group,
            quantity,
            amount: Fen::new(i64::try_from(amount).ok()?)?,
            commitment: Hash::from_base64(parts.next()?)?,
        };
        // What was read in another spelling, a group `7` or `+7`, is written otherwise.
        (row.fits() && row.text() == line).then_some(row)
    }

    fn fits(&self) -> bool {
        (self.index as usize) < MAX_ROWS
            && self.group < 100
            && i64::try_from(self.quantity).is_ok_and(|quantity| quantity <= MAX_INTEGER)
            && self.amount >= Fen::default()
    }

    /// Its leaf hash: RFC 6962 over the line with its newline.
    pub fn hash(&self) -> Hash {
        leaf_hash(self.text().as_bytes())
    }

    /// Its sealed name, as openings are held against it; the access is the list's.
    pub fn sealed(&self, access: Access) -> Sealed {
        Sealed { path: paths::of_row(self.index), commitment: self.commitment, access }
    }
}

/// A whole list: not empty, row i at place i, no commitment twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(Vec<Row>);

/// What a payment list's entry says of its rows, and anyone recomputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Rows.
    pub count: u32,
    /// What is paid in all.
    pub total: Fen,
    /// Root of the RFC 6962 tree over the row lines.
    pub root: Hash,
}

/// Why rows are no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// No rows, over [`MAX_ROWS`] or over [`MAX_ROWS_BLOB`].
    #[error("清单应有 1 到 {MAX_ROWS} 行，请分批 / a list has 1 to {MAX_ROWS} rows; split it into batches")]
    Length,
    /// A line, counted from 0, is no row.
    #[error(
        "第 {0} 行应为“序号 组 数量 金额 承诺” / line {0}: want `<i> <group> <quantity> <amount fen> <commitment>`"
    )]
    Line(usize),
    /// A row stands at another place than it says: one before it is missing, doubled or moved.
    #[error(
        "第 {0} 行的序号不是 {0}：有行缺少、重复或挪动 / line {0} has another number: a row is missing, doubled or moved"
    )]
    Place(usize),
    /// Two rows have one commitment: one is a copy.
    #[error(
        "两行的承诺相同，是同一行的复制，请删去 / two rows have one commitment: one is a copy; leave it out"
    )]
    Doubled,
    /// The total is beyond [`Fen::MAX`].
    #[error("合计超过上限，请核对金额 / the total is beyond the limit of amounts; check them")]
    Total,
}

impl Rows {
    /// Rows in their order.
    ///
    /// # Errors
    /// [`RowsError`]: the first thing that is wrong.
    pub fn new(rows: Vec<Row>) -> Result<Self, RowsError> {
        if !(1..=MAX_ROWS).contains(&rows.len()) {
            return Err(RowsError::Length);
        }
        for (at, row) in rows.iter().enumerate() {
            if row.index as usize != at {
                return Err(RowsError::Place(at));
            }
            if !row.fits() {
                return Err(RowsError::Line(at));
            }
        }
        let mut commitments: Vec<&[u8; 32]> = rows.iter().map(|row| row.commitment.as_bytes()).collect();
        commitments.sort_unstable();
        if !commitments.is_sorted_by(|a, b| a < b) {
            return Err(RowsError::Doubled);
        }
        // At most 100,000 times 10^13: far from the end of an i64.
        let total = rows.iter().map(|row| row.amount.get()).sum();
        Fen::new(total).map_or(Err(RowsError::Total), |_| Ok(Rows(rows)))
    }

    /// Reads the blob.
    ///
    /// # Errors
    /// [`RowsError`]; the size limit comes first.
    pub fn parse(blob: &[u8]) -> Result<Self, RowsError> {
        if blob.len() > MAX_ROWS_BLOB {
            return Err(RowsError::Length);
        }
        let lines = blob.split_inclusive(|byte| *byte == b'\n').take(MAX_ROWS + 1).enumerate();
        let read =
            |(at, line)| std::str::from_utf8(line).ok().and_then(Row::parse).ok_or(RowsError::Line(at));
        Self::new(lines.map(read).collect::<Result<_, _>>()?)
    }

    /// The blob's bytes.
    pub fn text(&self) -> String {
        self.0.iter().map(Row::text).collect()
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.0.iter()
    }

    /// The row at a place.
    pub fn get(&self, index: u32) -> Option<&Row> {
        self.0.get(index as usize)
    }

    /// One sealed name for each row; the access is the list's.
    pub fn sealed(&self, access: Access) -> Vec<Sealed> {
        self.0.iter().map(|row| row.sealed(access)).collect()
    }

    /// Count, total and root, to be held against the entry.
    pub fn summary(&self) -> Summary {
        let mut range = CompactRange::new();
        self.0.iter().for_each(|row| range.append(row.hash()));
        let total = self.0.iter().map(|row| row.amount.get()).sum();
        // `new` let in neither more rows nor a larger total.
        Summary { count: self.0.len() as u32, total: Fen::new(total).unwrap_or_default(), root: range.root() }
    }
}
