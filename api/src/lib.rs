//! The ledger over HTTP: the server `village-ledger`.
//!
//! **In scope:** the paths of SPEC section 9; every limit, and errors as problem+json; verification of what is
//! sent before it reaches the sequencer; findings beside entries; pages drawn by the server; uploads behind tickets, blobs and openings to whom may see them,
//! bearer tokens; asking the witnesses; health, metrics, the program's own log; the
//! commands `init`, `serve`, `fsck`, `reindex`, `token`.
//!
//! **Out of scope (and who does it):** sequencing, storage, recovery (`store`); trees, proofs, rules, verdicts
//! (`ledger`); HTML and wording (`views`); key files (`keys`).

mod app;
mod batch;
mod blobs;
mod bundles;
mod catalogue;
pub mod command;
mod connection;
mod entries;
mod findings;
mod health;
pub mod limits;
mod lists;
pub mod logs;
mod metrics;
mod openings;
mod pages;
pub mod problem;
mod quota;
mod route;
mod serve;
mod submit;
mod tiles;
mod tokens;
mod trust;
mod units;
mod upload;
mod viewer;
mod witnesses;

pub use app::Times;
pub use connection::Patience;
pub use serve::{ServeError, Server, Settings};
pub use witnesses::Settings as WitnessSettings;
