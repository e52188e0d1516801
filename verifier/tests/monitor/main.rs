//! `village-verifier monitor`: logs, copies and witnesses that a test makes behave as it wants, and a clock of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod books;
mod command;
mod heads;
mod host;
mod noise;
mod rig;
#[path = "../support/mod.rs"]
mod support;
mod vouching;
#[path = "../../../ledger/tests/support/mod.rs"]
mod world;
mod writing;
