//! Key files: making, sealing, opening, showing, signing (SPEC section 10.1, rules K-01 to K-04).
//!
//! **In scope:** the roles of keys and what each may sign; the signer; key files sealed with a passphrase
//! (PKCS#8, scrypt and AES-256); where passphrases come from; the command `village-keys`.
//!
//! **Out of scope (and who does it):** whose key counts where (`ledger::registry`); what an entry says
//! (`ledger`, `clerk`); the network. No secret is ever in an argument, a log line, a `Debug` output or an error.

pub mod cli;
mod error;
pub mod file;
pub mod passphrase;
pub mod role;
mod sealed;
pub mod signer;

pub use error::KeyError;
pub use passphrase::Passphrase;
pub use role::Role;
pub use sealed::Cost;
pub use signer::{Signer, system_random};
