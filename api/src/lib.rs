//! The ledger over HTTP.
