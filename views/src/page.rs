//! Whole documents, as the server sends them: readable before any script runs.

use crate::account::Account;
use crate::beside::no;
use crate::book::{book, one};
use crate::contacts::contacts_of;
use crate::list::form;
use crate::names::Names;
use crate::strip::Strip;
use crate::words::Lang;
use ledger::bundle::Verified;
use ledger::payment_rows::list_of;
use ledger::verdict::Code;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Small enough to travel inside every page.
const CSS: &str = include_str!("page.css");
/// The page's script, under the server's own origin; it starts `/viewer/worker.js`.
const SCRIPT: &str = "/viewer/app.js";

/// What surrounds every page.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "words", derive(Default))]
pub struct Shell {
    /// The language.
    pub lang: Lang,
    /// Whether the viewer's files are served under `/viewer/`; without them the page says that nothing checks it.
    pub scripts: bool,
}

impl Shell {
    /// The page of a unit as a whole document, from a bundle that the server verified: `outcome` is how that
    /// ended. The strip says CHECKING: what the server found is not what the reader's phone finds. A page with names
    /// is not to be kept by anyone on the way (`no-store`): a name may be withdrawn.
    pub fn unit(&self, verified: &Verified, outcome: Code, names: &Names) -> String {
        self.page(verified, outcome, None, names)
    }

    /// The page of entry `seq`, from a bundle that begins with it, so that it holds all that was changed later; on that
    /// of a payment list a household finds its row. `None` when the bundle has no such entry.
    pub fn entry(&self, verified: &Verified, outcome: Code, seq: u64, names: &Names) -> Option<String> {
        let carried = verified.entries.iter().any(|entry| entry.line.seq == seq);
        carried.then(|| self.page(verified, outcome, Some(seq), names))
    }

    fn page(&self, verified: &Verified, outcome: Code, only: Option<u64>, names: &Names) -> String {
        let words = self.lang.words();
        let name = name_of(verified);
        let contacts = contacts_of(verified);
        let strip = |code| Strip {
            lang: self.lang,
            code,
            unwitnessed: outcome == Code::OkUnwitnessed,
            verified: None,
            contacts: &contacts,
        };
        let unscripted = html! {
            @if self.scripts {
                noscript { style { "#strip[data-code=CHECKING]{display:none}" } (strip(Code::CannotCheck).draw()) }
            }
        };
        let data = html! {
            @if self.scripts {
                // Not drawn until the script needs one of them: then nothing more has to come over the network.
                @for code in [Code::Offline, Code::CannotCheck, Code::CannotShow, Code::NameWithheld] {
                    template id={ "say-" (code) } { (strip(code).draw()) }
                }
                template #names-unfetched { (words.names_unfetched()) }
                template #fetching { p { "◌ " (words.fetching()) " " span data-part {} } }
                template #unfetched { p.told { (words.unfetched()) } }
                template #file-unproved { (no(words.file_unproved())) }
                template #file-gone { (no(words.file_gone())) }
            }
        };
        let alone = verified.entries.iter().find(|entry| Some(entry.line.seq) == only);
        let list = alone.and_then(|alone| Some((&alone.entry, list_of(&alone.entry)?)));
        let first = strip(if self.scripts { Code::Checking } else { Code::CannotCheck });
        let account = Account::of_all(verified);
        let book = match only {
            Some(seq) => one(self.lang, &verified.unit, &account, names, seq),
            None => book(self.lang, &account, names),
        };
        let body = html! {
            header { a.back href="/" { "← " (words.back()) } }
            (unscripted)
            main #main data-unit=(verified.unit) data-from=(verified.from) data-count=(verified.row.count) data-seq=[only] {
                (main_of(&name, &first.draw(), verified, &book))
                @if let Some((entry, list)) = &list { (form(self.lang, verified, entry, list, self.scripts)) }
            }
            (data)
        };
        self.document(&format!("{name} · {}", words.site()), &html! {}, &body)
    }

    pub(crate) fn document(&self, title: &str, head: &Markup, body: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="format-detection" content="telephone=no";
                    title { (title) }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(CSS)) }
                    (head)
                    @if self.scripts { script src=(SCRIPT) defer {} }
                }
                body { (body) }
            }
        };
        page.into_string()
    }
}

/// The unit's name; its id when it has no profile.
pub(crate) fn name_of(verified: &Verified) -> String {
    verified.profile.as_ref().map_or_else(|| verified.unit.to_string(), |p| p.name.clone())
}

/// What stands in `main`: name, strip, book. Server and phone draw it with this same function.
pub(crate) fn main_of(name: &str, strip: &Markup, verified: &Verified, book: &Markup) -> Markup {
    let parent = verified.profile.as_ref().and_then(|p| p.parent.as_deref());
    html! {
        h1 #name { (name) @if let Some(parent) = parent { " " small { (parent) } } }
        (strip)
        div #book { (book) }
    }
}
