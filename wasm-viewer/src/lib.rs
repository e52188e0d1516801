//! The phone: a thin WASM shell over ledger and views.
