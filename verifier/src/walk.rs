//! One walk over a log, in three stages at once: other threads read ahead, all cores hash and prepare what was
//! read, and this thread folds what was prepared, in log order. Memory does not grow with the log.

use crate::progress::Progress;
use crate::source::{Ahead, Fetched, read_ahead};
use crate::tower::Tower;
use client::MirrorError;
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::complete_root;
use ledger::tile::{TilePath, Tiles, WIDTH, decode_bundle, decode_tile};
use rayon::prelude::*;
use std::sync::Arc;

/// Bundles prepared together, unless they are large.
const TOGETHER: usize = 8;
/// Bytes after which no further bundle is prepared with the others.
const BYTES: usize = 4 * 1024 * 1024;

/// What is made of the leaves on the way.
pub trait Fold {
    /// What preparing a leaf may know: never newer than what was folded before.
    type Known: Send + Sync;
    /// A leaf prepared.
    type Leaf: Send;

    /// What is known now.
    fn known(&mut self) -> Arc<Self::Known>;
    /// Everything about a leaf that needs no order; runs on any core.
    fn prepare(known: &Self::Known, bytes: &[u8], hash: Hash) -> Self::Leaf;
    /// Takes the next leaf.
    fn fold(&mut self, leaf: Self::Leaf);
}

struct Bundle<L> {
    path: TilePath,
    hashes: Vec<Hash>,
    root: Option<Hash>,
    fits: bool,
    leaves: Vec<L>,
}

/// Walks from the first leaf to the last of a log of `size` leaves.
///
/// # Errors
/// [`MirrorError`] when something can't be read or is not as long as it must be: then nothing is known of the log.
pub fn walk<'t, T, F>(
    tiles: &'t T,
    size: u64,
    watch: Option<u64>,
    fold: &mut F,
    progress: &mut Progress,
) -> Result<Tower<'t, T>, MirrorError>
where
    T: Tiles<Error = MirrorError> + Sync,
    F: Fold + Send,
{
    let mut tower = Tower::new(tiles, watch);
    read_ahead(tiles, size, |mut ahead| -> Result<(), MirrorError> {
        let mut ready: Vec<Bundle<F::Leaf>> = Vec::new();
        let mut fetched = group(&mut ahead)?;
        while !fetched.is_empty() || !ready.is_empty() {
            let (known, mut prepared) = (fold.known(), Ok(Vec::new()));
            let next = rayon::in_place_scope(|scope| {
                let fetched = &fetched;
                let prepared = &mut prepared;
                scope.spawn(move |_| {
                    *prepared = fetched.par_iter().map(|f| prepare::<F>(f, &known)).collect();
                });
                for bundle in std::mem::take(&mut ready) {
                    tower.push(&bundle.hashes, bundle.root, bundle.fits, bundle.path)?;
                    bundle.leaves.into_iter().for_each(|leaf| fold.fold(leaf));
                }
                progress.at(tower.size(), size);
                group(&mut ahead)
            });
            (fetched, ready) = (next?, prepared?);
        }
        tower.finish()
    })?;
    Ok(tower)
}

fn group(ahead: &mut Ahead) -> Result<Vec<Fetched>, MirrorError> {
    let (mut group, mut bytes) = (Vec::new(), 0);
    while group.len() < TOGETHER && bytes < BYTES {
        let Some(fetched) = ahead.next() else { break };
        let fetched = fetched?;
        bytes += fetched.entries.len();
        group.push(fetched);
    }
    Ok(group)
}

fn prepare<F: Fold>(fetched: &Fetched, known: &F::Known) -> Result<Bundle<F::Leaf>, MirrorError> {
    let width = fetched.path.width();
    let leaves: Vec<(Hash, F::Leaf)> = decode_bundle(&fetched.entries, width)?
        .into_par_iter()
        .map(|bytes| {
            let hash = leaf_hash(bytes);
            (hash, F::prepare(known, bytes, hash))
        })
        .collect();
    let (hashes, leaves): (Vec<Hash>, Vec<F::Leaf>) = leaves.into_iter().unzip();
    let fits = decode_tile(&fetched.hashes, width)? == hashes;
    let root = (hashes.len() as u64 == WIDTH).then(|| complete_root(&hashes)).flatten();
    Ok(Bundle { path: fetched.path, hashes, root, fits, leaves })
}
