//! Replaying a log from HTTP, a folder or a mirror: audit, receipts, evidence.
//!
//! **In scope:** `village-verifier check`, `audit` (with village rules, or of any C2SP tiled log) and
//! `evidence check`; the report, what was not checked included; exit codes.
//!
//! **Out of scope (and who does it):** the mathematics (`ledger`), fetching (`client`). It depends on nothing
//! that the operator runs: neither `store` nor `api` nor `keys`.
//!
//! Implements the auditor's side of SPEC sections 2.8, 5, 6 and 8.

pub mod audit;
pub mod check;
pub mod command;
pub mod plain;
pub mod progress;
pub mod report;
pub mod source;
