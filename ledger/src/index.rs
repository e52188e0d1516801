//! Completeness: unit trees, the index tree over all units, and the index leaf (SPEC section 6, rules U-01 to U-12).
//!
//! The index tree is built and proved with `rs_merkle` (its odd-node rule gives RFC 6962 shapes when the hasher
//! adds the prefixes); what comes from outside is only ever judged by [`verify_rows`], our own.

use crate::charter::LedgerId;
use crate::hash::{Hash, leaf_hash, node_hash};
use crate::json::{Object, Value};
use crate::leaf::{self, Leaf, LeafType};
use crate::peaks::CompactRange;
use crate::unit::UnitId;

/// One line of a unit tree: an entry's place and time (SPEC U-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number in the unit, from 1.
    pub seq: u64,
    /// Leaf index in the log.
    pub index: u64,
    /// Logged time: the time of the index leaf that first covers it, Unix seconds.
    pub time: u64,
    /// Leaf hash.
    pub leaf: Hash,
}

impl Line {
    /// `<seq> <leaf index> <logged unix time> <base64 leaf hash>\n`.
    pub fn text(&self) -> String {
        format!("{} {} {} {}\n", self.seq, self.index, self.time, self.leaf.to_base64())
    }

    /// Reads a line, with or without its newline.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_suffix('\n').unwrap_or(text).split(' ');
        let mut number = || decimal(parts.next()?);
        let (seq, index, time) = (number()?, number()?, number()?);
        let leaf = Hash::from_base64(parts.next()?)?;
        parts.next().is_none().then_some(Line { seq, index, time, leaf })
    }

    /// Its hash as a leaf of the unit tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(self.text().as_bytes())
    }
}

/// A plain decimal number without leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// A unit's tree and amendment tree, as far as their roots need (SPEC U-02, U-03).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitTrees {
    /// Over all lines.
    pub lines: CompactRange,
    /// Over the lines of amendments only.
    pub amendments: CompactRange,
}

impl UnitTrees {
    /// Adds the next line.
    pub fn push(&mut self, line: &Line, amendment: bool) {
        self.lines.append(line.hash());
        if amendment {
            self.amendments.append(line.hash());
        }
    }

    /// The unit's row of the index tree.
    pub fn row(&self, unit: UnitId) -> Row {
        Row {
            unit,
            count: self.lines.size(),
            root: self.lines.root(),
            amendments: self.amendments.size(),
            amendment_root: self.amendments.root(),
        }
    }

    /// A snapshot for a rebuildable index: sizes and peaks, big-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for range in [&self.lines, &self.amendments] {
            out.extend_from_slice(&range.size().to_be_bytes());
            for peak in range.peaks() {
                out.extend_from_slice(peak.as_bytes());
            }
        }
        out
    }

    /// Reads a snapshot; `None` when it is damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut range = || {
            let (size, tail) = rest.split_first_chunk::<8>()?;
            let size = u64::from_be_bytes(*size);
            let (peaks, tail) = tail.split_at_checked(size.count_ones() as usize * 32)?;
            rest = tail;
            CompactRange::from_peaks(size, peaks.chunks_exact(32).filter_map(Hash::from_slice).collect())
        };
        let trees = UnitTrees { lines: range()?, amendments: range()? };
        rest.is_empty().then_some(trees)
    }
}

/// One row of the index tree (SPEC U-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The unit.
    pub unit: UnitId,
    /// Entries it has.
    pub count: u64,
    /// Root of its unit tree.
    pub root: Hash,
    /// Amendments it has.
    pub amendments: u64,
    /// Root of its amendment tree.
    pub amendment_root: Hash,
}

impl Row {
    /// `<unit> <count> <base64 root> <amendments> <base64 amendment root>\n`.
    pub fn text(&self) -> String {
        let (root, amendment_root) = (self.root.to_base64(), self.amendment_root.to_base64());
        format!("{} {} {root} {} {amendment_root}\n", self.unit, self.count, self.amendments)
    }

    /// Reads a row, with or without its newline.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_suffix('\n').unwrap_or(text).split(' ');
        let unit = parts.next()?;
        let unit = UnitId::parse(unit).or((unit == UnitId::VOID.as_str()).then_some(UnitId::VOID))?;
        let count = decimal(parts.next()?)?;
        let root = Hash::from_base64(parts.next()?)?;
        let amendments = decimal(parts.next()?)?;
        let amendment_root = Hash::from_base64(parts.next()?)?;
        parts.next().is_none().then_some(Row { unit, count, root, amendments, amendment_root })
    }

    /// Its hash as a leaf of the index tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(self.text().as_bytes())
    }
}

#[derive(Clone)]
struct Rfc6962;

impl rs_merkle::Hasher for Rfc6962 {
    type Hash = [u8; 32];

    fn hash(data: &[u8]) -> [u8; 32] {
        *leaf_hash(data).as_bytes()
    }

    fn concat_and_hash(left: &[u8; 32], right: Option<&[u8; 32]>) -> [u8; 32] {
        match right {
            Some(right) => *node_hash(&Hash::from_bytes(*left), &Hash::from_bytes(*right)).as_bytes(),
            None => *left,
        }
    }
}

/// The index tree over the rows' hashes, in the rows' order.
pub struct IndexTree(rs_merkle::MerkleTree<Rfc6962>);

impl IndexTree {
    /// Builds the tree.
    pub fn new(rows: impl Iterator<Item = Hash>) -> Self {
        let leaves: Vec<[u8; 32]> = rows.map(|h| *h.as_bytes()).collect();
        IndexTree(rs_merkle::MerkleTree::from_leaves(&leaves))
    }

    /// Its root; of no rows, the hash of nothing.
    pub fn root(&self) -> Hash {
        self.0.root().map_or(Hash::EMPTY, Hash::from_bytes)
    }

    /// Proves the rows at these positions (strictly rising), level by level from the leaves, left to right.
    pub fn prove_rows(&self, positions: &[usize]) -> Vec<Hash> {
        self.0.proof(positions).proof_hashes().iter().map(|h| Hash::from_bytes(*h)).collect()
    }
}

/// Verifies that rows stand at their positions in the index tree of `total` rows under `root`.
///
/// Level by level: a node whose sibling is known is joined with it, one without a right sibling moves up, and
/// for every other the next hash of the proof is taken. Everything must be used up.
pub fn verify_rows(rows: &[(u64, Hash)], total: u64, proof: &[Hash], root: &Hash) -> bool {
    let rising = rows.iter().zip(rows.iter().skip(1)).all(|(a, b)| a.0 < b.0);
    if rows.is_empty() || !rising || rows.last().is_none_or(|(last, _)| *last >= total) {
        return false;
    }
    let mut proof = proof.iter();
    let (mut level, mut width) = (rows.to_vec(), total);
    while width > 1 {
        let mut above = Vec::with_capacity(level.len());
        let mut nodes = level.into_iter().peekable();
        while let Some((at, hash)) = nodes.next() {
            let joined = if at % 2 == 1 {
                proof.next().map(|left| node_hash(left, &hash))
            } else if at + 1 == width {
                Some(hash)
            } else if let Some((_, right)) = nodes.next_if(|(next, _)| *next == at + 1) {
                Some(node_hash(&hash, &right))
            } else {
                proof.next().map(|right| node_hash(&hash, right))
            };
            match joined {
                Some(joined) => above.push((at / 2, joined)),
                None => return false,
            }
        }
        (level, width) = (above, width.div_ceil(2));
    }
    proof.next().is_none() && level.first().is_some_and(|(_, hash)| hash == root)
}

/// The index leaf: the log's statement that these units, with these counts and roots, are all there is before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexLeaf {
    /// The ledger.
    pub ledger: LedgerId,
    /// Leaves before it: its own position.
    pub covers: u64,
    /// Rows of the index tree.
    pub units: u64,
    /// Root of the index tree.
    pub root: Hash,
    /// max(previous, clock), Unix seconds.
    pub time: u64,
    /// Cosignature lines of the previous published checkpoint.
    pub witnessed: Vec<String>,
}

impl IndexLeaf {
    /// The text to be signed by the log.
    pub fn text(&self) -> String {
        let witnessed: Vec<Value> = self.witnessed.iter().map(|w| w.as_str().into()).collect();
        let json = Object::new()
            .with("ledger", self.ledger.as_str())
            .with("covers", self.covers as i64)
            .with("units", self.units as i64)
            .with("root", self.root.to_base64())
            .with("time", self.time as i64)
            .with("witnessed", witnessed);
        leaf::text(LeafType::Index, &json)
    }

    /// Reads an index leaf; `None` when it is another type of leaf or not of the one form.
    pub fn parse(leaf: &Leaf<'_>) -> Option<Self> {
        let json = &leaf.json;
        let whole = |name: &str| json.int_of(name).and_then(|n| u64::try_from(n).ok());
        let index = IndexLeaf {
            ledger: LedgerId::from_text(json.text_of("ledger")?),
            covers: whole("covers")?,
            units: whole("units")?,
            root: Hash::from_base64(json.text_of("root")?)?,
            time: whole("time")?,
            witnessed: json
                .list_of("witnessed")
                .iter()
                .filter_map(|w| w.as_text().map(str::to_owned))
                .collect(),
        };
        (leaf.leaf_type == LeafType::Index && index.text() == leaf.note.text).then_some(index)
    }
}
