//! The head of a bundle: the signed chain from charter to rows (SPEC section 8.2, rules B-04 to B-09).

use super::verify::Broken;
use crate::charter::{Charter, LedgerId};
use crate::checkpoint::SignedCheckpoint;
use crate::hash::{Hash, leaf_hash};
use crate::index::{IndexLeaf, Row, decimal, verify_rows};
use crate::leaf;
use crate::merkle::verify_inclusion;
use crate::registry::Registry;
use crate::sections::{Reader, SectionError, Writer, hash_lines, lines, read_hash_lines};
use crate::unit::UnitId;
use crate::verdict::why;

/// First line of a head that is kept on its own: what a phone remembers.
const TYPE_LINE: &str = "village-ledger/head/v1";

/// Charter, checkpoint, index leaf and rows, each with its path. About 3 KB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaf 0.
    pub charter: Vec<u8>,
    /// Its inclusion path in the checkpoint's tree.
    pub charter_path: Vec<Hash>,
    /// The signed checkpoint, cosignatures included.
    pub checkpoint: Vec<u8>,
    /// The index leaf, last of the checkpoint's tree.
    pub index_leaf: Vec<u8>,
    /// Its inclusion path.
    pub index_path: Vec<Hash>,
    /// Rows of the index tree with their positions, rising.
    pub rows: Vec<(u64, Row)>,
    /// Their common proof.
    pub rows_proof: Vec<Hash>,
}

/// A head whose every signature and path holds.
#[derive(Clone, Debug)]
pub struct OpenedHead {
    /// The ledger.
    pub ledger: LedgerId,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// What the index leaf says.
    pub index: IndexLeaf,
}

impl Head {
    /// The bytes of a head on its own.
    pub fn encode(&self) -> Vec<u8> {
        self.write(Writer::new(TYPE_LINE)).finish()
    }

    /// Reads a head on its own.
    ///
    /// # Errors
    /// [`SectionError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SectionError> {
        let mut reader = Reader::open(bytes, TYPE_LINE)?;
        let head = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(head)
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let rows: String = self.rows.iter().map(|(at, row)| format!("{at} {}", row.text())).collect();
        writer
            .with("charter", &self.charter)
            .with("charter-path", &hash_lines(&self.charter_path))
            .with("checkpoint", &self.checkpoint)
            .with("index-leaf", &self.index_leaf)
            .with("index-path", &hash_lines(&self.index_path))
            .with("rows", rows.as_bytes())
            .with("rows-proof", &hash_lines(&self.rows_proof))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SectionError> {
        let row = |line: &str| {
            let (at, row) = line.split_once(' ')?;
            Some((decimal(at)?, Row::parse(row)?))
        };
        let mut head = Head {
            charter: reader.must("charter")?.to_vec(),
            charter_path: read_hash_lines(reader.must("charter-path")?)?,
            checkpoint: reader.must("checkpoint")?.to_vec(),
            index_leaf: reader.must("index-leaf")?.to_vec(),
            index_path: read_hash_lines(reader.must("index-path")?)?,
            rows: Vec::new(),
            rows_proof: Vec::new(),
        };
        for line in lines(reader.must("rows")?)? {
            head.rows.push(row(line).ok_or(SectionError::Form)?);
        }
        head.rows_proof = read_hash_lines(reader.must("rows-proof")?)?;
        Ok(head)
    }

    /// Opens the charter and, when one is pinned, holds it against that hash.
    pub(super) fn charter(&self, pinned: Option<&Hash>) -> Result<(Charter, Hash), Broken> {
        if let Some(pinned) = pinned
            && leaf_hash(&self.charter) != *pinned
        {
            return Err(Broken::of("the charter is not the pinned one"));
        }
        Charter::open(&self.charter).map_err(|e| Broken::of(why(e)))
    }

    /// Verifies checkpoint, index leaf and rows. The registry says which log key may have signed it.
    pub(super) fn open(
        &self,
        charter: &Charter,
        charter_hash: &Hash,
        registry: &Registry,
    ) -> Result<OpenedHead, Broken> {
        let checkpoint = SignedCheckpoint::parse(&self.checkpoint)
            .map_err(|e| Broken::of(format!("checkpoint: {}", why(e))))?;
        let body = &checkpoint.checkpoint;
        if body.origin != charter.origin {
            return Err(Broken::of("the checkpoint is of another log"));
        }
        let key = registry.log_keys().find(|k| checkpoint.verify_log(k).is_ok());
        let key = key.ok_or_else(|| Broken::of("the checkpoint is not signed by the log"))?;

        let leaf = leaf::read(&self.index_leaf).map_err(|e| Broken::of(format!("index leaf: {}", why(e))))?;
        let index = IndexLeaf::parse(&leaf).ok_or_else(|| Broken::of("the index leaf is not of its form"))?;
        let ledger = LedgerId::new(&charter.origin, charter_hash);
        if index.ledger != ledger || index.covers.checked_add(1) != Some(body.size) {
            return Err(Broken::of("the index leaf is of another ledger or not the last leaf"));
        }
        // A key that was replaced signs nothing any more, were it stolen.
        if !registry.log_keys_at(index.time).any(|k| k == key) {
            return Err(Broken::of("the checkpoint is signed by a log key of another time"));
        }
        let text = leaf.note.text.as_bytes();
        if !leaf.note.signatures.iter().any(|s| key.verify(text, s).is_ok()) {
            return Err(Broken::of("the index leaf is not signed by the log"));
        }
        let included = |leaf: &[u8], at: u64, path: &[Hash]| {
            verify_inclusion(&leaf_hash(leaf), at, body.size, path, &body.root).is_ok()
        };
        if !included(&self.index_leaf, index.covers, &self.index_path) {
            return Err(Broken::of("the index leaf is not the last leaf of the checkpoint's tree"));
        }
        if !included(&self.charter, 0, &self.charter_path) {
            return Err(Broken::of("the charter is not leaf 0 of the checkpoint's tree"));
        }
        // Two rows of one unit would be two books.
        if !self.rows.iter().zip(self.rows.iter().skip(1)).all(|((_, a), (_, b))| a.unit < b.unit) {
            return Err(Broken::of("the rows do not rise"));
        }
        let rows: Vec<(u64, Hash)> = self.rows.iter().map(|(at, row)| (*at, row.hash())).collect();
        if !verify_rows(&rows, index.units, &self.rows_proof, &index.root) {
            return Err(Broken::of("the rows are not in the index tree"));
        }
        Ok(OpenedHead { ledger, checkpoint, index })
    }

    /// The row of a unit.
    pub fn row(&self, unit: &UnitId) -> Option<&Row> {
        self.rows.iter().map(|(_, row)| row).find(|row| row.unit == *unit)
    }

    /// Every row of the unit's division, when the rows carried show that there are no others: consecutive
    /// positions, bounded by a neighbour of another division or the end of the tree on either side (SPEC B-09).
    pub(super) fn division(&self, unit: &UnitId, total: u64) -> Option<Vec<Row>> {
        let of_division = |row: &Row| row.unit.division() == unit.division();
        let first = self.rows.iter().position(|(_, row)| of_division(row))?;
        let last = self.rows.iter().rposition(|(_, row)| of_division(row))?;
        let range = self.rows.get(first..=last)?;
        let ((start, _), (end, _)) = (range.first()?, range.last()?);
        let consecutive = range.iter().zip(*start..).all(|((at, row), want)| *at == want && of_division(row));
        let position = |i: Option<usize>| i.and_then(|i| self.rows.get(i)).map(|(at, _)| *at);
        let bounded_below = *start == 0 || position(first.checked_sub(1)) == Some(start - 1);
        let bounded_above = end + 1 == total || position(Some(last + 1)) == Some(end + 1);
        (consecutive && bounded_below && bounded_above).then(|| range.iter().map(|(_, row)| *row).collect())
    }
}
