//! Where things lie in a log's folder.

use ledger::hash::Hash;
use ledger::tile::{TilePath, grouped};
use ledger::unit::UnitId;

/// The published checkpoint.
pub const PUBLISHED: &str = "checkpoint";
/// The committed checkpoint: the lock store's file on one machine.
pub const COMMITTED: &str = "lock-store/checkpoint";
/// Folder of every head's checkpoint.
pub const CHECKPOINTS: &str = "checkpoints/";
/// Folder of staged publications.
pub const STAGED: &str = "staged";
/// Folder of openings, a folder in it for each unit.
pub const OPENINGS: &str = "openings";
/// Folder of blobs.
pub const BLOBS: &str = "blobs";
/// Folder of blobs that are still coming in.
pub const UPLOADS: &str = "uploads";
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
    format!("{CHECKPOINTS}{}", grouped(size))
}

/// The folder of the partial tiles that a full tile replaces.
pub fn partials(full: &TilePath) -> String {
    format!("{full}.p")
}

/// The openings of a unit's entry (SPEC P-14).
pub fn openings(unit: &UnitId, seq: u64) -> String {
    format!("{OPENINGS}/{unit}/{seq}.json")
}

/// The number in the name of a file of openings; `None` for a name that this program does not give.
pub fn openings_seq(name: &str) -> Option<u64> {
    let seq = name.strip_suffix(".json")?.parse().ok()?;
    (name == format!("{seq}.json")).then_some(seq)
}

/// A blob, by its digest; a folder for each first byte.
pub fn blob(digest: &Hash) -> String {
    let hex = digest.to_hex();
    format!("{BLOBS}/{}/{hex}", hex.get(..2).unwrap_or_default())
}

/// What is known of a blob.
pub fn about(digest: &Hash) -> String {
    blob(digest) + ".about"
}

/// The mark that a blob was withdrawn.
pub fn withdrawn(digest: &Hash) -> String {
    blob(digest) + ".withdrawn"
}

/// The digest in the name of a file among the blobs.
pub fn blob_digest(name: &str) -> Option<Hash> {
    Hash::from_hex(name.split('.').next()?)
}
