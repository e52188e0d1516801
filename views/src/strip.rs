//! The verdict strip: a shape, a line, and behind it what was checked and what was not.

use crate::checked::checked;
use crate::contacts::Contact;
use crate::words::Lang;
use ledger::bundle::Verified;
use ledger::verdict::{Code, Level};
use maud::{Markup, html};

/// What a strip is drawn from.
pub(crate) struct Strip<'a> {
    pub(crate) lang: Lang,
    pub(crate) code: Code,
    /// Whether the ledger has no witnesses, which is said whatever the code.
    pub(crate) unwitnessed: bool,
    pub(crate) verified: Option<&'a Verified>,
    /// Numbers to call, shown when somebody should look.
    pub(crate) contacts: &'a [Contact],
}

/// The attribute class of a level.
pub(crate) fn class(level: Level) -> &'static str {
    match level {
        Level::Neutral => "neutral",
        Level::Calm => "calm",
        Level::Amber => "amber",
        Level::Red => "red",
    }
}

impl Strip<'_> {
    pub(crate) fn draw(&self) -> Markup {
        let (words, saying) = (self.lang.words(), self.lang.verdict(self.code));
        let (level, checking) = (self.code.level(), self.code == Code::Checking);
        let witnessed_said = self.code == Code::OkUnwitnessed;
        html! {
            section #strip .{ "strip " (class(level)) } role="status" data-code=(self.code.name()) {
                p.title { span.icon aria-hidden="true" { (saying.icon) } " " (saying.title) }
                @if level != Level::Calm {
                    @for paragraph in &saying.body { p { (paragraph) } }
                    @if checking { p.late { (words.late()) } } @else { p { (saying.next) } }
                }
                @if self.unwitnessed && !witnessed_said { p { (words.no_witnesses()) } }
                @if let (Level::Calm | Level::Amber, Some(verified)) = (level, self.verified) {
                    details {
                        summary { (words.what_checked()) }
                        @if level == Level::Calm {
                            @for paragraph in &saying.body { p { (paragraph) } }
                            @if witnessed_said { p { (words.no_witnesses()) } }
                            p { (saying.next) }
                        }
                        (checked(self.lang, self.code, verified))
                    }
                }
                @if matches!(self.code, Code::CannotShow | Code::Offline) {
                    p { button type="button" data-do="again" { (words.again()) } }
                }
                @if level == Level::Amber { (calls(self.lang, self.contacts)) }
            }
        }
    }
}

/// Buttons that dial, in the order in which to call; the numbers that hold everywhere come last.
pub(crate) fn calls(lang: Lang, contacts: &[Contact]) -> Markup {
    let words = lang.words();
    html! {
        ul.calls aria-label=(words.call()) {
            @for (office, phone) in contacts { (call(office, phone)) }
            @for (_, hotline) in words.hotlines().iter() {
                @if let Some((office, phone)) = hotline.rsplit_once(' ') { (call(office, phone)) }
            }
        }
    }
}

fn call(office: &str, phone: &str) -> Markup {
    html! { li { a.call href={ "tel:" (dialled(phone)) } { span { (office) } " " b { (phone) } } } }
}

/// What of a number is dialled: digits and a leading plus.
fn dialled(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}
