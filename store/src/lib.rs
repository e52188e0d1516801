//! The running log: sequencer, durable tiles, lock store and the rebuildable query index.
//!
//! **In scope:** one writer; the order of writes by which an answered entry survives any crash (SPEC section 10):
//! stage, compare-and-swap, put in place, answer, publish; start-up by the same code; readers' views of published
//! heads; openings and blobs beside the log, and what redactions withdraw of them; checking and re-indexing a log's
//! folder.
//!
//! **Out of scope (and who does it):** what an entry may say (`ledger`), keys (`keys`), HTTP and quotas (`api`).
//!
//! The truth is tiles plus lock store: plain files that prove themselves. The query index only answers quickly.

mod beside;
mod blobs;
pub mod check;
mod core;
mod cosigned;
mod disk;
mod edge;
mod error;
mod files;
mod heads;
mod index;
mod layout;
mod log;
mod memory;
mod open;
mod overlay;
mod query;
mod reader;
mod redactions;
mod replay;
mod sequencer;
mod snapshot;
mod staged;

pub use blobs::{About, Blob, BlobWriter, Blobs, LEAST as LEAST_UNNAMED};
pub use cosigned::MAX_AHEAD;
pub use disk::{Disk, LockStore, Stream, SwapError};
pub use error::{StoreError, SubmitError};
pub use files::FilesDisk;
pub use index::{Index, MemoryIndex, SledIndex};
pub use log::{Log, Options, Place, Published, Receipt, Stats, init_path, system_clock};
pub use memory::{Fault, MemoryDisk};
pub use snapshot::Snapshot;
