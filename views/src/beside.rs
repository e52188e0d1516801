//! What a phone fetched beside the log, held against the verified entry that names it: a public attachment (SPEC section
//! 4.9, rules P-30, P-36) or the whole list of a payment (see [`crate::list`]).

use crate::changes::jump;
use crate::files::withdrawn_files;
use crate::list::list;
use crate::words::Lang;
use ledger::entry::{Entry, Visibility};
use ledger::hash::Hash;
use ledger::sealed::redaction_of;
use ledger::time::Date;
use ledger::verdict::Code;
use maud::{Markup, html};

/// What was verified, and when it is read.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a> {
    /// Verified entries of one unit, numbers rising.
    pub entries: &'a [Entry],
    /// The day of the head that they are of, and the reader's.
    pub days: [Date; 2],
}

impl<'a> Book<'a> {
    /// The paths that redactions withdraw from an entry, each with the redaction's number.
    pub(crate) fn withdrawn(&self, seq: u64) -> Vec<(&'a str, u64)> {
        let mut gone = Vec::new();
        for by in self.entries {
            if let Some((_, paths)) = redaction_of(by).filter(|(target, _)| *target == seq) {
                gone.extend(paths.into_iter().map(|path| (path, by.seq())));
            }
        }
        gone
    }

    /// The redaction that withdrew a blob: one of any entry of the unit that names the file (P-36), or the list's own.
    fn gone(&self, seq: u64, digest: &str) -> Option<u64> {
        if digest.is_empty() {
            return self.withdrawn(seq).into_iter().find(|(path, _)| *path == "rows").map(|(_, by)| by);
        }
        for by in self.entries {
            let Some((target, paths)) = redaction_of(by) else { continue };
            for target in self.entries.iter().filter(|entry| entry.seq() == target) {
                if withdrawn_files(target, &paths).any(|gone| gone.to_hex() == digest) {
                    return Some(by.seq());
                }
            }
        }
        None
    }
}

/// What is said beside an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// CANNOT_SHOW when what came is not what the entry names, or when it did not come and no entry of the book withdrew
    /// it; NAME_WITHHELD.
    pub code: Option<Code>,
    /// The media type that the entry says, of bytes that may be shown or kept; else nothing.
    pub media: String,
    /// HTML, empty with CANNOT_SHOW: the page has the words. `data-blob` marks what keeps the bytes.
    pub html: String,
}

/// What is said of an entry's public attachment of this digest in hex, of its list when that is empty. `bytes` is what
/// came, nothing when the server says that it was withdrawn (410); `openings` is what H-13 answered, for a list.
pub fn said(
    lang: Lang,
    entry: &Entry,
    book: Book<'_>,
    digest: &str,
    bytes: Option<&[u8]>,
    openings: Option<&str>,
) -> Said {
    let said = match bytes {
        None => book.gone(entry.seq(), digest).map(|by| jump(lang.words().redacted(), by).into()),
        Some(bytes) if digest.is_empty() => list(lang, entry, book, bytes, openings),
        Some(bytes) => file(lang, entry, digest, bytes),
    };
    said.unwrap_or(Said { code: Some(Code::CannotShow), ..Said::default() })
}

/// P-30: digest and size, both of the bytes that came.
fn file(lang: Lang, entry: &Entry, digest: &str, bytes: &[u8]) -> Option<Said> {
    let (words, digest) = (lang.words(), Hash::from_hex(digest)?);
    let mut public = entry.attachments.iter().filter(|file| file.access == Visibility::Public);
    let file = public.find(|file| file.digest == digest && file.size == bytes.len() as u64)?;
    let html = html! {
        p.strip.calm { "✓ " b { (words.file_held()) } " " (words.file_limit()) }
        a.button data-blob download=(file.title) { (words.save()) }
    };
    (Hash::of(bytes) == digest).then(|| Said { media: file.media.clone(), ..html.into() })
}

impl From<Markup> for Said {
    fn from(html: Markup) -> Self {
        Said { html: html.into_string(), ..Said::default() }
    }
}

/// What can't be shown, in words: never more than that.
pub(crate) fn no(text: &str) -> Markup {
    html! { p.look { span.icon aria-hidden="true" { "！" } " " (text) } }
}
