//! The township clerk: from Excel rows to sealed, published entries (录入、核对、盖章、公布).
//!
//! **In scope:** reading tables as they really arrive; naming every faulty cell; mapping rows to entries;
//! keeping out names of natural persons and what `guard` finds; drafts; seals; publishing; and, for the
//! authority's office, unit profiles and seals. Implements SPEC.md sections 3.4 and 4 on the side of the writer.
//!
//! **Out of scope (and who does it):** what an entry may say (`ledger::kinds`); whether it is taken (the
//! ledger, at append); key files (`keys`); HTTP (`client`); text inside attachments (`guard`).

mod cell;
pub mod check;
pub mod cli;
mod columns;
mod commands;
mod district;
mod divisions;
pub mod draft;
mod failure;
mod fault;
pub mod findings;
pub mod import;
mod mapping;
mod matter;
mod office;
mod online;
mod privacy;
mod progress;
mod publish;
mod record;
mod seal;
mod seal_act;
mod table;
mod wire;

pub use divisions::Divisions;
pub use draft::Draft;
pub use failure::Failure;
pub use fault::Fault;
