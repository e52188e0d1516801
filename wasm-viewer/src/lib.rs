//! The phone: a thin WASM shell over `ledger` and `views`.
//!
//! **In scope:** handing bytes to [`ledger::bundle::verify`], and what it found to `views`; nothing but glue.
//!
//! **Out of scope (and who does it):** judging (`ledger`), drawing and wording (`views`), fetching and
//! remembering (`static/app.js` and `static/worker.js`).
//!
//! **How it is built** (`cargo xtask viewer`): twice for `wasm32-unknown-unknown` with `--profile wasm`, once with the
//! feature `check`, what every page needs, and once with `sealed`, which a phone fetches only where a name is sealed or
//! a household looks for its row, a list or a file; then wasm-bindgen with `no_modules(true)`, `typescript(false)` and the names `viewer`
//! and `sealed`, into `build/viewer/`: `viewer.js` (global `wasm_bindgen`, loaded by a classic worker with
//! `importScripts`, which old phones have too), `sealed.js` (global `sealed_names`), and their `…_bg.wasm`; beside them
//! the files of `static/` and the words of `views/data/` as they are. The server serves that folder under `/viewer/`.
//!
//! Only texts cross the border: objects with a getter for each field would be a kilobyte more to fetch.

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "sealed")]
mod sealed;

#[cfg(feature = "check")]
pub use check::{check, remembered};
#[cfg(feature = "sealed")]
pub use sealed::{beside, names, place, row};

use std::sync::OnceLock;
use views::Lang;
use views::words::Words;
use wasm_bindgen::prelude::wasm_bindgen;

/// Constant time, and two kilobytes less to fetch than with the standard one.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The words of the page, once they have come.
static WORDS: OnceLock<Words> = OnceLock::new();

/// Takes the page's words, a file of `views/data/`; false when it is not whole.
#[wasm_bindgen]
pub fn speak(words: String) -> bool {
    Words::read(words.leak()).is_some_and(|words| WORDS.set(words).is_ok())
}

fn lang() -> Option<Lang> {
    WORDS.get().map(Lang::Fetched)
}

/// Appends a part of an answer: each ends with a NUL, and none holds one.
fn say(answer: &mut String, part: &str) {
    part.split('\0').for_each(|part| answer.push_str(part));
    answer.push('\0');
}
