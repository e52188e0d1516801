//! Replaying a log from a server, a folder or a mirror: audit, receipts, evidence.
//!
//! **In scope:** `village-verifier check` (a receipt, and with it a household's row, openings, an attachment), `audit`
//! (with village rules and what lies beside the log, or of any C2SP tiled log), `monitor` (logs with their witnesses and
//! mirrors, again and again) and `evidence check`; what they report, what was not checked included; exit codes.
//!
//! **Out of scope (and who does it):** the mathematics (`ledger`), fetching and `trust.toml` (`client`). It
//! depends on nothing that the operator runs: neither `store` nor `api` nor `keys`.
//!
//! Implements the auditor's side of SPEC sections 2.4, 2.6, 2.8, 4.7 to 4.9, 5, 6 and 8.

pub mod audit;
pub mod beside;
pub mod check;
pub mod command;
pub mod evidence;
pub mod findings;
pub mod head;
pub mod held;
pub mod hold;
pub mod kept;
pub mod leaves;
pub mod marks;
pub mod monitor;
pub mod past;
pub mod plain;
pub mod progress;
pub mod remember;
pub mod replay;
pub mod report;
pub mod row;
pub mod rules;
pub mod saving;
pub mod shelf;
pub mod source;
pub mod tower;
pub mod walk;
pub mod words;
