//! Proof of one row of a payment list: that it stands there, and whose it is (SPEC section 4.8, rules P-24 to P-26).

use super::{MAX_ROW, MAX_ROWS, Row, RowCode, Rows};
use crate::hash::{Hash, node_hash};
use crate::index::decimal;
use crate::merkle::{NoLeaves, Nodes, ProofError, prove_inclusion, verify_inclusion};
use crate::sealed::{EntryId, paths};
use std::borrow::Borrow;

/// First line of a row proof.
const TYPE_LINE: &str = "village-ledger/row-proof/v1";
/// Longest row proof in bytes: type line, count, row, 17 hashes.
pub const MAX_ROW_PROOF: usize = TYPE_LINE.len() + 1 + 7 + MAX_ROW + 17 * 45;

/// The tree over a list's rows, kept level by level: 100,000 proofs cost no more than a list of leaflets may.
#[derive(Clone, Debug)]
pub struct RowTree<R> {
    rows: R,
    levels: Vec<Vec<Hash>>,
}

impl<R> Nodes for RowTree<R> {
    type Error = NoLeaves;

    fn node(&self, level: u8, index: u64) -> Result<Hash, NoLeaves> {
        let at = usize::try_from(index).map_err(|_| NoLeaves)?;
        self.levels.get(usize::from(level)).and_then(|level| level.get(at)).copied().ok_or(NoLeaves)
    }
}

impl<R: Borrow<Rows>> RowTree<R> {
    /// The tree over these rows.
    pub fn new(rows: R) -> Self {
        let (mut levels, mut level) = (Vec::new(), rows.borrow().iter().map(Row::hash).collect::<Vec<_>>());
        while !level.is_empty() {
            let above = level.chunks_exact(2).filter_map(|two| Some(node_hash(two.first()?, two.last()?)));
            let above = above.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        RowTree { rows, levels }
    }

    /// Its rows.
    pub fn rows(&self) -> &Rows {
        self.rows.borrow()
    }

    /// The proof of the row at a place; `None` when the list has no such row.
    pub fn prove(&self, index: u32) -> Option<RowProof> {
        let (row, count) = (*self.rows().get(index)?, self.rows().0.len() as u32);
        let path = prove_inclusion(self, index.into(), count.into()).ok()?;
        Some(RowProof { row, count, path })
    }
}

/// A row with its path, taken apart; nothing in it is believed yet. It holds no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProof {
    /// The row; its place is the leaf's index.
    pub row: Row,
    /// Rows of the whole list.
    pub count: u32,
    /// Inclusion path, from the row's sibling up.
    pub path: Vec<Hash>,
}

/// Why a file is no row proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "不是单户证明文件（至多 {MAX_ROW_PROOF} 字节：类型行、行数、本户行、路径），请重新取 / no row proof (at most {MAX_ROW_PROOF} bytes: type line, count, row, path); fetch it again"
)]
pub struct RowProofError;

/// Why a row is not proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The row does not stand in the list that the entry names.
    #[error("这一行不在条目所载的清单里：{0} / the row is not in the entry's list: {0}")]
    Inclusion(#[from] ProofError),
    /// The code is of another row, entry or ledger, or its name was altered.
    #[error(
        "本户码打不开这一行：是别户、别的清单的，或姓名被改过 / the code does not open this row: it is of another household or list, or its name was altered"
    )]
    NotYours,
}

impl RowProof {
    /// The bytes of a row proof.
    pub fn encode(&self) -> String {
        let path: String = self.path.iter().map(|hash| format!("{hash}\n")).collect();
        format!("{TYPE_LINE}\n{}\n{}{path}", self.count, self.row.text())
    }

    /// Takes a row proof apart.
    ///
    /// # Errors
    /// [`RowProofError`]; the size limit comes first.
    pub fn parse(bytes: &[u8]) -> Result<Self, RowProofError> {
        if bytes.len() > MAX_ROW_PROOF {
            return Err(RowProofError);
        }
        let read = || {
            let mut lines = std::str::from_utf8(bytes).ok()?.split_inclusive('\n');
            let mut line = || lines.next()?.strip_suffix('\n');
            (line()? == TYPE_LINE).then_some(())?;
            let count = line().and_then(decimal)?;
            let count = u32::try_from(count).ok().filter(|count| *count as usize <= MAX_ROWS)?;
            let row = Row::parse(lines.next()?)?;
            let path =
                lines.map(|line| Hash::from_base64(line.strip_suffix('\n')?)).collect::<Option<_>>()?;
            Some(RowProof { row, count, path })
        };
        read().ok_or(RowProofError)
    }

    /// Verifies that the row stands in the list of this root and count: those of the entry, never of the proof.
    ///
    /// # Errors
    /// [`ProofError`]: what does not fit.
    pub fn verify(&self, root: &Hash, count: u32) -> Result<(), ProofError> {
        if self.count != count {
            return Err(ProofError::Bounds);
        }
        verify_inclusion(&self.row.hash(), self.row.index.into(), count.into(), &self.path, root)
    }
}

/// Verifies that a household's row stands in the list of an entry and that its code opens the name there. The caller
/// has the entry, and with it root and count, from the ledger.
///
/// # Errors
/// [`RowError`]: what does not fit.
pub fn verify_row(
    proof: &RowProof,
    code: &RowCode,
    id: &EntryId,
    root: &Hash,
    count: u32,
) -> Result<(), RowError> {
    proof.verify(root, count)?;
    let opens = || id.commit(&paths::of_row(code.index), &code.salt, &code.name) == proof.row.commitment;
    if code.index == proof.row.index && opens() { Ok(()) } else { Err(RowError::NotYours) }
}
