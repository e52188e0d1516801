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
//! too) and `viewer_bg.wasm`; beside them the files of `static/` and the words of `views/data/` as they are. The
//! server serves that folder under `/viewer/`.

use ledger::bundle::{Ask, Head, Outcome, verify};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::unit::UnitId;
use ledger::verdict::{Code, Level, Verdict};
use std::sync::OnceLock;
use views::words::Words;
use views::{Lang, contacts_of, phone, read_contacts, write_contacts};
use wasm_bindgen::prelude::wasm_bindgen;

/// Three kilobytes less to fetch than with the standard one, at the same speed.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
/// The words of the page, once they have come.
static WORDS: OnceLock<Words> = OnceLock::new();

/// What a check found, ready for the page and for the phone's memory.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Default)]
pub struct Answer {
    /// The verdict's stable name.
    #[wasm_bindgen(readonly)]
    pub code: String,
    /// `neutral`, `calm`, `amber` or `red`.
    #[wasm_bindgen(readonly)]
    pub level: String,
    /// Which step ended it and how; for the console.
    #[wasm_bindgen(readonly)]
    pub detail: String,
    /// The inside of `main`; for verdicts without verified bytes, the strip alone.
    #[wasm_bindgen(readonly)]
    pub html: String,
    /// The book as the page that came must show it; empty when it can't be drawn.
    #[wasm_bindgen(readonly)]
    pub facts: String,
    /// The charter's hash in hex; empty when nothing was verified.
    #[wasm_bindgen(readonly)]
    pub charter: String,
    /// The head to remember; empty when nothing was verified.
    #[wasm_bindgen(readonly)]
    pub head: Vec<u8>,
    /// The remembered head's leaves; 0 when nothing was verified.
    #[wasm_bindgen(readonly)]
    pub size: f64,
    /// The unit's entries.
    #[wasm_bindgen(readonly)]
    pub count: f64,
    /// The telephone numbers to remember, one a line.
    #[wasm_bindgen(readonly)]
    pub contacts: String,
    /// The evidence file of a red verdict.
    #[wasm_bindgen(readonly)]
    pub evidence: String,
}

/// What the phone knows when it asks.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Question {
    unit: String,
    from: u64,
    count: u64,
    now: u64,
    charter: String,
    memory: Option<Vec<u8>>,
    contacts: String,
}

#[wasm_bindgen]
impl Question {
    /// About a page: the unit, the first entry that it shows and how many the unit has; and the clock, Unix
    /// seconds, 0 when unknown.
    #[wasm_bindgen(constructor)]
    pub fn new(unit: &str, from: f64, count: f64, now: f64) -> Self {
        let (from, count, now) = (from as u64, count as u64, now as u64);
        Question {
            unit: unit.to_owned(),
            from,
            count,
            now,
            charter: String::new(),
            memory: None,
            contacts: String::new(),
        }
    }

    /// With the phone's memory: the hash of the charter that it holds on to, in hex, a head, telephone numbers.
    pub fn remember(&mut self, charter: &str, memory: Vec<u8>, contacts: &str) {
        self.charter = charter.to_owned();
        self.memory = Some(memory).filter(|m| !m.is_empty());
        self.contacts = contacts.to_owned();
    }
}

/// Takes the page's words, a file of `views/data/`; false when it is not whole. The first that is whole stays.
#[wasm_bindgen]
pub fn speak(words: String) -> bool {
    if let Some(words) = Words::read(words.leak()) {
        _ = WORDS.set(words);
    }
    WORDS.get().is_some()
}

/// Judges a bundle and draws what is to be shown. Without words nothing is said but that this can't be checked.
#[wasm_bindgen]
pub fn check(bundle: &[u8], question: &Question) -> Answer {
    let Some(lang) = WORDS.get().map(Lang::Fetched) else {
        return Answer { code: Code::CannotCheck.name().to_owned(), ..Answer::default() };
    };
    let charter = Hash::from_hex(&question.charter);
    let ask = Ask {
        unit: UnitId::parse(&question.unit),
        charter,
        memory: question.memory.clone(),
        now: question.now,
    };
    let Outcome { mut verdict, verified } = verify(bundle, &ask);
    // Red stands only when the file itself convicts, checked as a third party would.
    if let Some(file) = &verdict.evidence
        && evidence::check(file.as_bytes(), charter).ok().map(|o| o.verdict.code) != Some(verdict.code)
    {
        verdict = Verdict::new(Code::CannotShow, format!("{}; the evidence does not convict", verdict.code));
    }
    let code = verdict.code;
    let mut answer = Answer {
        code: code.name().to_owned(),
        level: level(code.level()).to_owned(),
        detail: verdict.detail.clone(),
        ..Answer::default()
    };
    match verified {
        Some(unit) => {
            answer.html = phone::holds(lang, &unit, code);
            answer.facts = phone::facts(lang, &unit, question.from, question.count).unwrap_or_default();
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
