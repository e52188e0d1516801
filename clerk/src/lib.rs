//! The township clerk: from Excel rows to sealed, published entries (录入、核对、盖章、公布).
//!
//! **In scope:** reading tables as they really arrive; naming every faulty cell; mapping rows to entries; sealing names
//! of natural persons and keeping out what `guard` finds; drafts; seals; publishing; withdrawing; and, for the
//! authority's office, unit profiles and seals. Implements SPEC.md sections 3.4 and 4 on the side of the writer.
//!
//! **Out of scope (and who does it):** what an entry may say (`ledger::kinds`); whether it is taken (the
//! ledger, at append); key files (`keys`); HTTP (`client`); text inside attachments (`guard`).

#[macro_use]
mod output;
pub mod attachments;
mod cell;
pub mod check;
pub mod cli;
mod columns;
mod commands;
mod district;
mod divisions;
pub mod draft;
mod expired;
mod failure;
mod fault;
pub mod findings;
pub mod import;
pub mod leaflets;
mod mapping;
mod matter;
pub mod names;
mod office;
mod online;
mod people;
mod privacy;
mod private;
mod progress;
mod publish;
mod record;
mod redact;
mod seal;
mod seal_act;
mod table;
mod tickets;
mod wire;

pub use divisions::Divisions;
pub use draft::Draft;
pub use failure::Failure;
pub use fault::Fault;
