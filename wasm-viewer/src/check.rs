//! What every page needs: is the ledger what it was, and what stands in it.

use crate::{lang, say};
use ledger::bundle::{Ask, Head, Outcome, verify};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::unit::UnitId;
use ledger::verdict::{Code, Level, Verdict};
use views::{contacts_of, phone, read_contacts, write_contacts};
use wasm_bindgen::prelude::wasm_bindgen;

/// Judges a bundle and draws what is to be shown.
///
/// About a page: the unit, the first entry that it shows and how many the unit has; and the clock, Unix seconds,
/// 0 when unknown. Of the phone's memory, empty when there is none: the hash of the charter that it holds on to, in
/// hex, a head, telephone numbers.
///
/// The answer is a text whose parts end with a NUL, and none holds one:
///
/// 1. the verdict's stable name;
/// 2. its level: `neutral`, `calm`, `amber` or `red`;
/// 3. which step ended it and how, for the console;
/// 4. the inside of `main`; without verified bytes, the strip alone, or the whole red page;
/// 5. the evidence file of a red verdict.
///
/// When the bundle was verified, also
///
/// 6. the book as the page that came must show it, empty when it can't be drawn;
/// 7. to be remembered: the charter's hash in hex,
/// 8. the head,
/// 9. its leaves,
/// 10. the telephone numbers, one a line;
/// 11. how many entries the unit has.
///
/// Without words nothing is said but that this can't be checked.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments, reason = "what crosses the border is flat")]
pub fn check(
    bundle: &[u8],
    unit: &str,
    from: f64,
    count: f64,
    now: f64,
    charter: &str,
    memory: &str,
    contacts: &str,
) -> String {
    let Some(lang) = lang() else { return format!("{}\0", Code::CannotCheck.name()) };
    let charter = Hash::from_hex(charter);
    let memory = (!memory.is_empty()).then(|| memory.as_bytes().to_vec());
    let ask = Ask { unit: UnitId::parse(unit), charter, memory, now: now as u64 };
    let Outcome { mut verdict, verified } = verify(bundle, &ask);
    // Red stands only when the file itself convicts, checked as a third party would.
    if let Some(file) = &verdict.evidence
        && evidence::check(file.as_bytes(), charter).ok().map(|o| o.verdict.code) != Some(verdict.code)
    {
        verdict = Verdict::new(Code::CannotShow, "the evidence does not convict");
    }
    let code = verdict.code;
    let mut answer = String::new();
    let mut say = |part: &str| say(&mut answer, part);
    say(code.name());
    say(level(code.level()));
    say(&verdict.detail);
    match verified {
        Some(unit) => {
            say(&phone::holds(lang, &unit, code));
            say("");
            say(&phone::facts(lang, &unit, from as u64, count as u64).unwrap_or_default());
            say(&unit.charter.to_hex());
            say(std::str::from_utf8(&unit.head).unwrap_or_default());
            say(&unit.size.to_string());
            say(&write_contacts(&contacts_of(&unit)));
            say(&unit.row.count.to_string());
        }
        None => {
            let draw = if code.level() == Level::Red { phone::failed } else { phone::strip };
            say(&draw(lang, &verdict, &read_contacts(contacts)));
            say(&verdict.evidence.unwrap_or_default());
        }
    }
    answer
}

/// How many entries of the unit a remembered head knows; −1 when it does not know the unit. A bundle must begin no
/// later than two after it, or what was remembered can't be held against it.
#[wasm_bindgen]
pub fn remembered(memory: &str, unit: &str) -> f64 {
    let head = Head::parse(memory.as_bytes()).ok().zip(UnitId::parse(unit));
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
