//! The rows behind payment lists, with their trees: read once, kept for a while. A list's rows never change, and none
//! of them holds a name.

use crate::app::App;
use crate::limits::MAX_LIST_BYTES;
use crate::problem::Problem;
use ledger::hash::Hash;
use ledger::payment_rows::{List, MAX_ROW, Row, RowTree, Rows};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// A list's rows with the tree over them.
pub type Tree = Arc<RowTree<Rows>>;

/// The lists used last, the newest behind, at most [`MAX_LIST_BYTES`] of them.
#[derive(Debug, Default)]
pub struct Lists(Mutex<VecDeque<(Hash, Tree)>>);

/// About what a list takes in memory: its rows, and twice as many hashes.
fn bytes(rows: &Rows) -> usize {
    rows.iter().count() * (size_of::<Row>() + 2 * size_of::<Hash>())
}

impl Lists {
    fn get(&self, digest: &Hash) -> Option<Tree> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(of, _)| of == digest)?;
        let found = kept.remove(at)?;
        let tree = Arc::clone(&found.1);
        kept.push_back(found);
        Some(tree)
    }

    fn keep(&self, digest: Hash, tree: Tree) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| *of != digest);
        kept.push_back((digest, tree));
        while kept.iter().map(|(_, tree)| bytes(tree.rows())).sum::<usize>() > MAX_LIST_BYTES {
            kept.pop_front();
        }
    }
}

/// The rows of an entry's list; `None` when they are not there (any more), or what is there is no list of so many rows,
/// which costs no more than a list of so many would.
///
/// # Errors
/// When they can't be read.
pub fn tree_of(app: &App, list: &List) -> Result<Option<Tree>, Problem> {
    let is_as_long = |tree: &Tree| tree.rows().iter().count() == list.count as usize;
    if let Some(tree) = app.lists.get(&list.digest) {
        return Ok(Some(tree).filter(is_as_long));
    }
    let Some((about, mut file)) = app.log.blobs().read(&list.digest).map_err(|e| Problem::internal(&e))?
    else {
        return Ok(None);
    };
    if about.size > u64::from(list.count) * MAX_ROW as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Problem::internal(&e))?;
    let is_its = about.salt.is_none() && Hash::of(&bytes) == list.digest;
    let Some(rows) = Rows::parse(&bytes).ok().filter(|_| is_its) else { return Ok(None) };
    let tree = Arc::new(RowTree::new(rows));
    app.lists.keep(list.digest, Arc::clone(&tree));
    Ok(Some(tree).filter(is_as_long))
}
