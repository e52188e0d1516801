//! Where things lie in a log's folder.

use ledger::hash::Hash;
use ledger::tile::{TilePath, grouped};

/// The published checkpoint.
pub const PUBLISHED: &str = "checkpoint";
/// The committed checkpoint: the lock store's file on one machine.
pub const COMMITTED: &str = "lock-store/checkpoint";
/// Folder of staged publications.
pub const STAGED: &str = "staged";
/// Folder of the query index.
pub const INDEX: &str = "index";

/// The staged publication that leads to `size` leaves under `root`; sorts by size.
pub fn staged(size: u64, root: &Hash) -> String {
    format!("{STAGED}/{size:020}-{}", root.to_hex())
}

/// The size in the name of a staged publication.
pub fn staged_size(name: &str) -> Option<u64> {
    name.split_once('-')?.0.parse().ok()
}

/// Every published checkpoint, for ever; grouped so that no folder holds more than a thousand.
pub fn checkpoint(size: u64) -> String {
    format!("checkpoints/{}", grouped(size))
}

/// The folder of the partial tiles that a full tile replaces.
pub fn partials(full: &TilePath) -> String {
    format!("{full}.p")
}

/// A blob, by its digest; a folder for each first byte.
pub fn blob(digest: &Hash) -> String {
    let hex = digest.to_hex();
    format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default())
}
