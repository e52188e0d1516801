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

use ledger::bundle::{Ask, Head, Outcome, verify};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::unit::UnitId;
use ledger::verdict::{Code, Level, Verdict};
use views::{Lang, contacts_of, phone, read_contacts, write_contacts};
use wasm_bindgen::prelude::wasm_bindgen;

/// What a check found, ready for the page and for the phone's memory.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Default)]
pub struct Answer {
    /// The verdict's stable name.
    pub code: String,
    /// `neutral`, `calm`, `amber` or `red`.
    pub level: String,
    /// Which step ended it and how; for the console.
    pub detail: String,
    /// The inside of `main`; for verdicts without verified bytes, the strip alone.
    pub html: String,
    /// The book as the page that came must show it; empty when it can't be drawn.
    pub facts: String,
    /// The charter's hash in hex; empty when nothing was verified.
    pub charter: String,
    /// The head to remember; empty when nothing was verified.
    pub head: Vec<u8>,
    /// The remembered head's leaves.
    pub size: f64,
    /// The unit's entries.
    pub count: f64,
    /// The telephone numbers to remember, one a line.
    pub contacts: String,
    /// The evidence file of a red verdict.
    pub evidence: String,
}

/// What the phone knows when it asks.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Default)]
pub struct Question {
    /// Language tag of the page.
    pub lang: String,
    /// The unit whose page this is.
    pub unit: String,
    /// First entry that the page shows.
    pub from: f64,
    /// How many entries of the unit the page knows.
    pub count: f64,
    /// The clock, Unix seconds; 0 when unknown.
    pub now: f64,
    /// Hash of the charter that the phone holds on to, in hex; empty on a first visit.
    pub charter: String,
    /// The remembered head; empty on a first visit.
    pub memory: Vec<u8>,
    /// The remembered telephone numbers.
    pub contacts: String,
}

#[wasm_bindgen]
impl Question {
    /// An empty question, whose fields the worker sets.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Judges a bundle and draws what is to be shown.
#[wasm_bindgen]
pub fn check(bundle: &[u8], question: &Question) -> Answer {
    let charter = Hash::from_hex(&question.charter);
    let ask = Ask {
        unit: UnitId::parse(&question.unit),
        charter,
        memory: Some(question.memory.clone()).filter(|m| !m.is_empty()),
        now: question.now as u64,
    };
    let Outcome { mut verdict, verified } = verify(bundle, &ask);
    // Red stands only when the file itself convicts, checked as a third party would.
    if let Some(file) = &verdict.evidence
        && evidence::check(file.as_bytes(), charter).ok().map(|o| o.verdict.code) != Some(verdict.code)
    {
        verdict = Verdict::new(Code::CannotShow, format!("{}; the evidence does not convict", verdict.code));
    }
    let (code, lang) = (verdict.code, Lang::of_tag(&question.lang));
    let mut answer = Answer {
        code: code.name().to_owned(),
        level: level(code.level()).to_owned(),
        detail: verdict.detail.clone(),
        ..Answer::default()
    };
    match verified {
        Some(unit) => {
            answer.html = phone::holds(lang, &unit, code);
            let (from, count) = (question.from as u64, question.count as u64);
            answer.facts = phone::facts(lang, &unit, from, count).unwrap_or_default();
            answer.charter = unit.charter.to_hex();
            answer.size = unit.size as f64;
            answer.count = unit.row.count as f64;
            answer.contacts = write_contacts(&contacts_of(&unit));
            answer.head = unit.head;
        }
        None => {
            let contacts = read_contacts(&question.contacts);
            let red = code.level() == Level::Red;
            let draw = if red { phone::failed } else { phone::strip };
            answer.html = draw(lang, &verdict, &contacts);
            answer.evidence = verdict.evidence.unwrap_or_default();
        }
    }
    answer
}

/// How many entries of the unit a remembered head knows; −1 when it does not know the unit. A bundle must begin no
/// later than two after it, or what was remembered can't be held against it.
#[wasm_bindgen]
pub fn remembered(memory: &[u8], unit: &str) -> f64 {
    let head = Head::parse(memory).ok().zip(UnitId::parse(unit));
    head.and_then(|(head, unit)| head.row(&unit).map(|row| row.count as f64)).unwrap_or(-1.0)
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Neutral => "neutral",
        Level::Calm => "calm",
        Level::Amber => "amber",
        Level::Red => "red",
    }
}
