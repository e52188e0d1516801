//! What the phone puts into the page, drawn from verified bytes.

use crate::account::Account;
use crate::book::book;
use crate::contacts::{Contact, contacts_of};
use crate::names::Names;
use crate::page::{main_of, name_of};
use crate::strip::{Strip, calls};
use crate::words::Lang;
use ledger::bundle::Verified;
use ledger::verdict::{Code, Verdict};
use maud::html;

/// Name of the evidence file that the FAILED page offers.
pub const EVIDENCE_NAME: &str = "village-ledger-evidence.txt";

/// The inside of `main` when the bytes were verified. Names are yet to come. The page of one entry takes that entry out of
/// it: to draw it alone would be more code than a phone has room for.
pub fn holds(lang: Lang, verified: &Verified, code: Code) -> String {
    let contacts = contacts_of(verified);
    let unwitnessed = code == Code::OkUnwitnessed;
    let strip = Strip { lang, code, unwitnessed, verified: Some(verified), contacts: &contacts };
    let book = book(lang, &Account::of_all(verified), &Names::coming(lang));
    main_of(&name_of(verified), &strip.draw(), verified, &book).into_string()
}

/// The book as the server must have drawn it when it knew entries `from` to `count`: the script holds every
/// `data-fact` of it against the page that came. `None` when the page names entries that were not verified. Names are no
/// facts: a redaction lets them go.
pub fn facts(lang: Lang, verified: &Verified, from: u64, count: u64) -> Option<String> {
    let carried = verified.from <= from && from <= count + 1 && count <= verified.row.count;
    carried.then(|| book(lang, &Account::of(verified, from, count), &Names::coming(lang)).into_string())
}

/// A strip for a verdict without verified bytes.
pub fn strip(lang: Lang, verdict: &Verdict, contacts: &[Contact]) -> String {
    let strip = Strip { lang, code: verdict.code, unwitnessed: false, verified: None, contacts };
    strip.draw().into_string()
}

/// The whole inside of `main` for FAILED: nothing else is on the screen. The numbers are those that the phone
/// remembers from a page that held, never those of the failing one.
pub fn failed(lang: Lang, verdict: &Verdict, contacts: &[Contact]) -> String {
    let (words, saying) = (lang.words(), lang.verdict(verdict.code));
    let page = html! {
        section #strip .strip .red role="alert" data-code=(verdict.code.name()) {
            h1.title { span.icon aria-hidden="true" { (saying.icon) } " " (saying.title) }
            p { b { (words.failed_calm()) } }
        }
        @for paragraph in &saying.body { p { (paragraph) } }
        ol.steps {
            li {
                h2 { (words.step_save()) }
                p { a.button #save download=(EVIDENCE_NAME) href="#save" { (words.save()) } }
            }
            li { h2 { (words.step_call()) } (calls(lang, contacts)) }
            li { p { (words.step_neighbour()) } }
        }
        details.expert {
            summary { (words.expert_title()) }
            dl { div { dt { (words.expert_verdict()) } dd { (verdict.code.name()) } } }
            p { code { (verdict.detail) } }
        }
    };
    page.into_string()
}
