//! Whether a head is of one book with those that were seen before (SPEC section 2.3, L-10 to L-13).
//!
//! A contradiction needs two heads that the log signed and tiles that rebuild the *newer* one while the older does not
//! come out. Tiles that rebuild nothing say nothing.

use super::memory::{Seen, Standing};
use client::Mirror;
use ledger::checkpoint::Checkpoint;
use ledger::hash::Hash;
use ledger::peaks::{Extension, prove_extension, prove_peaks, roots_of};
use ledger::tile::TileNodes;

/// What came of holding a head against the others.
#[derive(Debug)]
pub enum Held {
    /// It is of one book with them.
    Fits,
    /// It can't be told yet.
    Unknown,
    /// The older one is no beginning of the newer one.
    Contradicts(Box<Contradiction>),
}

/// Two heads that the log signed, of which the older is no beginning of the newer.
#[derive(Debug)]
pub struct Contradiction {
    /// The smaller one, or one of two of the same size.
    pub older: Seen,
    /// The other one.
    pub newer: Seen,
    /// What rebuilds the newer root, and not the older one; none for two roots of one size.
    pub extension: Option<Extension>,
}

/// Holds a head against those that are placed. They are of one book, so its neighbours by size are enough.
pub fn hold<'a>(head: &Seen, others: impl Iterator<Item = &'a Seen>, tiles: &[Mirror]) -> Held {
    let (mut below, mut above) = (None, None);
    for other in others.filter(|other| other.standing == Standing::Placed) {
        if other.checkpoint.size < head.checkpoint.size {
            below = Some(other);
        } else {
            above = above.or(Some(other));
        }
    }
    let above = above.map(|above| compare(head, above, tiles));
    match (above, below) {
        // What is a beginning of the larger one goes on from every smaller one.
        (Some(held), None) => held,
        (Some(held @ (Held::Fits | Held::Contradicts(_))), _) => held,
        (Some(Held::Unknown), Some(below)) => match compare(below, head, tiles) {
            Held::Fits => Held::Unknown,
            held => held,
        },
        (None, Some(below)) => compare(below, head, tiles),
        (None, None) => Held::Fits,
    }
}

fn compare(older: &Seen, newer: &Seen, tiles: &[Mirror]) -> Held {
    let (old, new) = (&older.checkpoint, &newer.checkpoint);
    if old == new {
        return Held::Fits;
    }
    let contradiction = |extension| {
        Held::Contradicts(Box::new(Contradiction { older: older.clone(), newer: newer.clone(), extension }))
    };
    if old.size == new.size {
        return contradiction(None);
    }
    match tiles.iter().find_map(|place| extend(old.size, new, place)) {
        Some((_, root)) if root == old.root => Held::Fits,
        Some((extension, _)) => contradiction(Some(extension)),
        None => Held::Unknown,
    }
}

/// What rebuilds the root of `new` out of a place's tiles, and the root at `old` that comes out with it.
fn extend(old: u64, new: &Checkpoint, tiles: &Mirror) -> Option<(Extension, Hash)> {
    let nodes = TileNodes { tiles, size: new.size };
    let peaks = prove_peaks(&nodes, old).ok()?;
    let subtrees = prove_extension(&nodes, old, new.size).ok()?;
    let extension = Extension { old, new: new.size, peaks, subtrees };
    let (root, rebuilt) = roots_of(&extension).ok()?;
    (rebuilt == new.root).then_some((extension, root))
}
