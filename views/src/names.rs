//! Sealed names on a page (SPEC section 4.7, rules P-16, P-19): what this reader may see, and why not the rest.
//!
//! An entry's place for a name is a *slot*. A page is drawn with what is known of it: nothing yet, on a phone, which
//! draws the money first and fills the slots when the openings have come. What a redaction withdrew is no slot: the
//! entries alone say so.
//!
//! LIMIT: openings go when a redaction is committed, and the entry comes when its head is published: in between, a
//! posted name reads as withheld.

use crate::format::fill;
use crate::value::name_of;
use crate::words::Lang;
use ledger::amend::posting_of;
use ledger::entry::{Entry, Posting};
use ledger::json::Object;
use ledger::sealed::paths::is_below;
use ledger::sealed::{Access, EntryId, Openings, Report, Sealed, check, redaction_of};
use ledger::time::Date;
use ledger::verdict::Code;
use maud::{Markup, PreEscaped, html};

/// Paths whose name stands beside what the entry was for, not only in its details.
const SOLE: [&str; 5] = ["contractor.name", "counterparty.name", "holder.name", "name", "winner.name"];

/// What stands in the slots of a page.
#[derive(Clone, Debug)]
pub struct Names {
    /// Number, path and HTML, numbers rising; the slot beside what an entry was for has no path.
    slots: Vec<(u64, String, String)>,
    /// What stands in those that are not there.
    rest: &'static str,
    withheld: bool,
}

/// What a reader sees of one sealed field that no redaction withdrew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    /// The masked name.
    Shown(&'a str),
    /// Not for everyone.
    Private,
    /// Not now: its posting does not run.
    NotPosted,
    /// It should be here, and is not.
    Withheld,
    /// What came is not what was sealed; it is never shown.
    Wrong,
}

impl Names {
    /// Before they have come.
    pub fn coming(lang: Lang) -> Self {
        Names { slots: Vec::new(), rest: lang.words().names_coming(), withheld: false }
    }

    /// When the network or the server failed: that says nothing about names.
    pub fn unfetched(lang: Lang) -> Self {
        Names { slots: Vec::new(), rest: lang.words().names_unfetched(), withheld: false }
    }

    /// What may be seen of these verified entries of one unit, numbers rising, with the text of H-14: lines
    /// `<seq> <openings file>`. `days` are the day of the head that the entries are of, and the reader's.
    /// [`Names::unfetched`] when the text is not of that form: a hotspot's page is no names.
    pub fn of<'a>(
        lang: Lang,
        entries: impl Iterator<Item = &'a Entry> + Clone,
        days: [Date; 2],
        openings: &str,
    ) -> Self {
        let Some(files) = files_of(openings) else { return Self::unfetched(lang) };
        let redactions: Vec<_> = entries.clone().filter_map(redaction_of).collect();
        let corrections: Vec<&Entry> = entries.clone().filter(|e| e.kind() == "correction").collect();
        let mut names = Names { slots: Vec::new(), rest: "", withheld: false };
        for entry in entries.filter(|entry| paths_of(&entry.json).next().is_some()) {
            let seq = entry.seq();
            let about = redactions.iter().filter(|(target, _)| *target == seq);
            let withdrawn: Vec<&str> = about.flat_map(|(_, paths)| paths.iter().copied()).collect();
            let file = files.binary_search_by(|(no, _)| no.cmp(&seq)).ok().and_then(|at| files.get(at));
            // Of a file beyond its form every field is wrong.
            let openings = file.map_or(Ok(Openings::default()), |(_, file)| Openings::parse(file.as_bytes()));
            let sealed = Sealed::of(entry).unwrap_or_default();
            let report = openings.as_ref().map(|openings| check(&EntryId::of(entry), &sealed, openings));
            let report = report.unwrap_or_default();
            let posting = posting_of(entry, corrections.iter().copied());
            let fields = seen(&report, &mut paths_of(&entry.json), &withdrawn, posting, days);
            names.draw(lang, entry, &fields, !report.stray.is_empty());
        }
        names
    }

    fn draw(&mut self, lang: Lang, entry: &Entry, fields: &[(&str, Seen<'_>)], stray: bool) {
        let (words, seq) = (lang.words(), entry.seq());
        let has = |state: Seen<'_>| fields.iter().any(|(_, seen)| *seen == state);
        let told = |text: &str| html! { p.look { span.icon aria-hidden="true" { "！" } " " (text) } };
        let withheld = lang.verdict(Code::NameWithheld).title;
        for (path, seen) in fields {
            let said = match seen {
                Seen::Shown(name) => html! { b { (name) } },
                Seen::Private => html! { (words.name_private()) },
                Seen::NotPosted => html! { (words.name_not_posted()) },
                Seen::Withheld => html! { "！ " (withheld) },
                Seen::Wrong => html! { "！ " (words.name_wrong()) },
            };
            self.slots.push((seq, (*path).to_owned(), said.into_string()));
        }
        let beside = html! {
            @for (path, seen) in fields.iter().filter(|(path, _)| SOLE.contains(path)) {
                @if let Seen::Shown(name) = seen {
                    p { span.reason { (person(lang, entry.kind(), path)) } " " b { (name) } }
                }
            }
            @if has(Seen::Withheld) { (told(withheld)) }
            @if has(Seen::Wrong) || stray { (told(words.name_wrong())) }
        };
        self.slots.push((seq, String::new(), beside.into_string()));
        self.withheld |= has(Seen::Withheld);
    }

    /// NAME_WITHHELD when a name that everyone may see was not given; it is the page's verdict when all else is calm.
    pub fn verdict(&self) -> Option<Code> {
        self.withheld.then_some(Code::NameWithheld)
    }

    /// Each slot and the HTML that stands in it.
    pub fn slots(&self) -> impl Iterator<Item = (String, &str)> {
        self.slots.iter().map(|(seq, path, html)| (slot_of(*seq, path), html.as_str()))
    }

    fn at(&self, seq: u64, path: &str) -> Option<Markup> {
        let first = self.slots.partition_point(|(no, ..)| *no < seq);
        let mut own = self.slots.iter().skip(first).take_while(|(no, ..)| *no == seq);
        own.find(|(_, own, _)| own == path).map(|(.., html)| PreEscaped(html.clone()))
    }

    /// The slot of a sealed path.
    pub(crate) fn slot(&self, seq: u64, path: &str) -> Markup {
        let said = self.at(seq, path).unwrap_or_else(|| html! { (self.rest) });
        html! { span data-name=(slot_of(seq, path)) { (said) } }
    }

    /// The slot beside what an entry was for.
    pub(crate) fn beside(&self, seq: u64) -> Markup {
        html! { div data-name=(slot_of(seq, "")) { @if let Some(said) = self.at(seq, "") { (said) } } }
    }
}

/// What is seen of these paths, in the order of the fields that `report` is of; withdrawn ones are left out. `posting`
/// is the entry's, corrections applied.
pub(crate) fn seen<'r, 'p>(
    report: &'r Report<'r>,
    paths: &mut dyn Iterator<Item = &'p str>,
    withdrawn: &[&str],
    posting: Option<Posting>,
    days: [Date; 2],
) -> Vec<(&'p str, Seen<'r>)> {
    let [_, today] = days;
    let mut withheld = report.withheld(withdrawn, posting, days).into_iter().peekable();
    let (mut opened, mut missing) = (report.opened.iter().peekable(), report.missing.iter().peekable());
    let mut all = Vec::new();
    for path in paths {
        let (opened, missing) =
            (opened.next_if(|o| o.path == path), missing.next_if(|field| field.path == path));
        let is_withheld = withheld.next_if_eq(&path).is_some();
        let seen = match (opened, opened.map(|o| o.access).or(missing.map(|field| field.access))) {
            (Some(opening), _) if opening.is_public(posting, today) => Seen::Shown(&opening.value),
            _ if is_withheld => Seen::Withheld,
            (_, None) => Seen::Wrong,
            (_, Some(Access::Household | Access::Inspectors)) => Seen::Private,
            // It is posted and opened, and yet not to be shown: no masked name.
            (Some(_), _) if posting.is_some_and(|posting| posting.covers(today)) => Seen::Wrong,
            _ => Seen::NotPosted,
        };
        if !is_below(path, withdrawn) {
            all.push((path, seen));
        }
    }
    all
}

/// The paths that an entry seals.
pub(crate) fn paths_of(json: &Object) -> impl Iterator<Item = &str> {
    json.list_of("sealed").iter().filter_map(|field| field.object()?.text_of("path"))
}

/// What the person of a path is to the entry.
fn person(lang: Lang, kind: &str, path: &str) -> &'static str {
    name_of(lang, kind, path.split('.').next().unwrap_or(path))
}

fn slot_of(seq: u64, path: &str) -> String {
    fill(if path.is_empty() { "{}" } else { "{} {}" }, &[&seq.to_string(), path])
}

/// Numbers and files of H-14; `None` for any other text, one that was cut short too.
fn files_of(text: &str) -> Option<Vec<(u64, &str)>> {
    let lines = text.split_inclusive('\n').map(|line| {
        let (seq, file) = line.strip_suffix('\n')?.split_once(' ')?;
        Some((seq.parse().ok()?, file))
    });
    let files: Vec<(u64, &str)> = lines.collect::<Option<_>>()?;
    files.is_sorted_by(|a, b| a.0 < b.0).then_some(files)
}
