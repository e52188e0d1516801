//! HTTP and mirrors: tiles, submitting, trust material. It gives no verdicts.
//!
//! **In scope:** reading tiles, checkpoints, bundles and entries from a server or from a folder of the same
//! layout; submitting batches and reading the answers; uploads, openings, rows; `trust.toml`; limits, timeouts and retries.
//!
//! **Out of scope (and who does it):** whether anything read holds (`ledger`, by way of `verifier` and the
//! viewer); what is submitted (`clerk`); serving (`api`).

pub mod blobs;
pub mod http;
pub mod ledger_api;
pub mod mirror;
pub mod once;
pub mod problem;
pub mod submit;
pub mod trust;
pub mod witness;

pub use blobs::Blob;
pub use http::{Http, HttpError};
pub use ledger_api::{LedgerApi, UnitNumbers, UnitRow, Units};
pub use mirror::{FolderTiles, HttpTiles, Mirror, MirrorError};
pub use submit::{Answer, Receipt, SubmitError, Submitter};
pub use trust::{Trust, TrustError};
