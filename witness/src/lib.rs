//! The witness `village-witness`: it cosigns the head of a log only when that log has done nothing but grow.
//!
//! **In scope:** C2SP tlog-witness (`add-checkpoint`, the monitoring prefix), one durable head for each log, two
//! signed heads that contradict each other kept as they came; with `--replay`, f over all leaves and a second cosignature
//! that states it (SPEC section 6.3); with `--mirror`, a complete copy of the log, served as the log serves itself (C2SP
//! tlog-tiles); health, metrics, the commands `init` and `serve`.
//!
//! **Out of scope (and who does it):** asking witnesses (`api`, by way of `client`); how many must have signed
//! (`ledger::policy`); notes, checkpoints, proofs (`ledger`); key files (`keys`); subtrees (`sign-subtree`);
//! uploads to a mirror and a mirror's cosignature (`add-entries`, C2SP tlog-mirror); what lies beside a log (openings, rows,
//! attachments: they may have to be forgotten).
//!
//! Of what runs the server that it watches it shares `ledger`'s mathematics, `keys` and the reading of `client`.

pub mod acts;
mod checked;
pub mod command;
pub mod config;
mod connection;
mod copied;
pub mod copy;
pub mod folder;
pub mod follow;
pub mod limits;
pub mod lines;
pub mod log;
mod metrics;
pub mod mirror;
pub mod record;
pub mod replay;
pub mod request;
mod route;
mod serve;
pub mod source;
mod status;
pub mod waiting;
pub mod witness;

pub use config::{Config, LogConfig};
pub use serve::{ServeError, Server, Settings, Times};
pub use witness::Witness;
