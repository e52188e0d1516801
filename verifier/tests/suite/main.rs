//! `village-verifier` as its users run it: the binary, folders and addresses, exit codes, JSON.
//!
//! Logs are made with the ledger's own rules, or against them, by the world in `ledger/tests/support`; nothing here
//! knows the programs that an operator runs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod clean;
mod command;
mod evidence;
mod flips;
mod heads;
mod hints;
mod index;
mod long;
mod odd;
mod past;
mod receipts;
mod remember;
mod seals;
mod support;
mod web;
#[path = "../../../ledger/tests/support/mod.rs"]
mod world;
