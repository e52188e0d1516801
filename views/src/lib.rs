//! From verified data to HTML, for server, phone and loopback pages alike.
//!
//! **In scope:** pure functions from what [`ledger::bundle::verify`] returned to HTML; the three figures of a
//! period ([`account`]); every sentence that a villager can see, one file per language ([`words`]).
//!
//! **Out of scope (and who does it):** judging (`ledger`), fetching and serving (`api`, `wasm-viewer`), clocks.
//!
//! The server calls [`Shell::home`], [`Shell::unit`] and [`Shell::entry`] for whole documents. The phone calls [`phone::holds`],
//! [`phone::failed`] and [`phone::strip`] and puts what they return into the document that the server sent; the
//! same functions draw both, so what was checked can be held against what was shown ([`phone::facts`]).
//!
//! Escaping is maud's: nothing from an entry is ever taken for HTML. SPEC.md section 8 is what is shown here.

pub mod account;
pub mod beside;
mod book;
mod changes;
mod checked;
mod contacts;
mod entry;
mod figures;
mod files;
mod findings;
mod format;
mod home;
pub mod list;
mod names;
mod page;
pub mod phone;
pub mod row;
mod stages;
mod strip;
pub mod value;
pub mod words;

pub use contacts::{Contact, contacts_of, read_contacts, write_contacts};
pub use findings::finding;
pub use home::{Home, HomeUnit};
pub use names::Names;
pub use page::Shell;
pub use words::Lang;
