//! The pure core of the Village Ledger (村务阳光账本): formats, trees, records, rules, bundles and verdicts.
//!
//! **In scope:** hashes and RFC 6962 trees, C2SP tiles, notes, checkpoints, cosignatures, policies and
//! proof files; charter, entry and index leaf; the record kinds; the disclosure catalogue and its deadlines; the
//! seal registry; the total function f; rules at append; bundles, evidence and verdicts. Prover and verifier of
//! one statement stand side by side.
//!
//! **Out of scope (and who does it):** files, network, clock, randomness, threads, printing. Time and
//! randomness are arguments. Keys are made and kept by `keys`, the running log by `store`, HTTP by `api`
//! and `client`, pages by `views`.
//!
//! Implements SPEC.md sections 1 to 8.

pub mod amend;
#[cfg(feature = "append")]
pub mod append;
pub mod base32;
pub mod books;
pub mod bundle;
pub mod catalogue;
pub mod charter;
pub mod checkpoint;
pub mod compact;
pub mod compare;
pub mod contradiction;
pub mod cosignature;
pub mod deadline;
pub mod entry;
pub mod evidence;
pub mod hash;
pub mod index;
pub mod json;
pub mod kinds;
pub mod leaf;
pub mod merkle;
pub mod money;
pub mod note;
pub mod payment_rows;
pub mod peaks;
pub mod policy;
pub mod poster;
pub mod process;
pub mod proof;
pub mod registry;
pub mod rules;
pub mod seal;
pub mod sealed;
pub mod sections;
mod table;
pub mod terms;
pub mod tile;
pub mod time;
pub mod unit;
#[cfg(feature = "append")]
pub mod upload;
pub mod verdict;
