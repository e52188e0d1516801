//! The phone: a thin WASM shell over `ledger` and `views`.
//!
//! **In scope:** handing bytes to [`ledger::bundle::verify`], and what it found to `views`; nothing but glue.
//!
//! **Out of scope (and who does it):** judging (`ledger`), drawing and wording (`views`), fetching and
//! remembering (`static/app.js` and `static/worker.js`).
//!
//! **How it is built** (`cargo xtask viewer`): this crate for `wasm32-unknown-unknown` with `--profile wasm`, then
//! wasm-bindgen with `no_modules(true)`, `typescript(false)` and the name `viewer`, into `build/viewer/`:
//! `viewer.js` (global `wasm_bindgen`, loaded by a classic worker with `importScripts`, which old phones have
//! too) and `viewer_bg.wasm`; beside them the files of `static/` as they are. The server serves that folder
//! under `/viewer/`.
