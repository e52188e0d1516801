//! Limits, applied before the work they bound, and the list that finds are gathered in.

use crate::attachment::GuardError;
use crate::hit::{Hit, Place, What, Why};
use crate::patterns::{self, Found};
use crate::words;

/// Largest attachment in bytes.
pub const MAX_BYTES: usize = 20 << 20;
/// Most bytes that a spreadsheet's parts or a PDF's streams unpack to.
pub const MAX_UNPACKED: usize = 128 << 20;
/// Most parts of a spreadsheet.
pub const MAX_PARTS: usize = 4096;
/// Most pages of a PDF.
pub const MAX_PAGES: usize = 2000;
/// Most bytes of text that are searched in one attachment, each cell counted as often as it is shown.
pub const MAX_TEXT: usize = 64 << 20;
/// Most finds that are listed; one is enough to refuse.
pub const MAX_HITS: usize = 200;

/// More than [`MAX_TEXT`].
pub(crate) const TOO_MUCH: GuardError = GuardError::TooMuch("文字", "text");
/// Bytes of a text that are searched at a time: its characters are laid out in memory.
const PIECE: usize = 1 << 20;
/// Bytes that two pieces share, so that nothing is cut.
const OVERLAP: usize = 1 << 10;

/// At most so many bytes from the start.
fn start_of(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// Finds, and how much was searched for them.
#[derive(Default)]
pub(crate) struct Hits {
    list: Vec<Hit>,
    searched: usize,
}

impl Hits {
    /// Searches one text.
    pub fn scan(&mut self, text: &str, place: impl Fn() -> Place) -> Result<(), GuardError> {
        self.lines(text, |_| place())
    }

    /// Searches a line for numbers.
    fn numbers(&mut self, line: &str, place: impl Fn() -> Place) {
        let (mut rest, mut skipped, mut seen) = (line, 0, 0);
        while !rest.is_empty() && self.list.len() < MAX_HITS {
            let (piece, next) = (start_of(rest, PIECE), start_of(rest, PIECE - OVERLAP).len());
            for found in patterns::numbers(piece).into_iter().filter(|found| found.at + found.len > seen) {
                self.push(place(), Found { at: found.at + skipped, ..found });
            }
            if piece.len() == rest.len() {
                break;
            }
            let (before, after) = rest.split_at(next);
            seen = piece.get(next..).unwrap_or_default().chars().count();
            skipped += before.chars().count();
            rest = after;
        }
    }

    /// Searches texts that stand side by side for numbers that run over their edges.
    pub fn across(&mut self, texts: &[&str], place: impl Fn(usize) -> Place) {
        // Longer than any row of cells that people fill in; each cell has been searched by itself.
        if texts.iter().map(|text| text.len()).sum::<usize>() > PIECE || self.list.len() >= MAX_HITS {
            return;
        }
        patterns::across(texts).into_iter().for_each(|(index, found)| self.push(place(index), found));
    }

    /// Searches lines: each for numbers, each pair for a number that was wrapped, and all together for words, since
    /// Chinese breaks anywhere, in a word (`残` `疾`) as in the name that excuses it (`残疾人` `联合会`).
    pub fn lines(&mut self, text: &str, place: impl Fn(usize) -> Place) -> Result<(), GuardError> {
        self.searched += text.len();
        if self.searched > MAX_TEXT {
            return Err(TOO_MUCH);
        }
        let starts_number = |line: &str| line.starts_with(|c: char| c.is_numeric() || matches!(c, 'X' | 'x'));
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let (mut joined, mut starts, mut count, mut last) = (String::new(), Vec::new(), 0, "");
        for (i, line) in text.lines().enumerate() {
            self.numbers(line, || place(i + 1));
            let (trimmed, indent) = (line.trim(), line.chars().take_while(|c| c.is_whitespace()).count());
            if last.ends_with(char::is_numeric) && starts_number(trimmed) {
                self.across(&[last, trimmed], |_| place(i));
            }
            if last.ends_with(is_word) && trimmed.starts_with(is_word) {
                joined.push(' ');
                count += 1;
            }
            starts.push((count, indent));
            joined.push_str(trimmed);
            count += trimmed.chars().count();
            last = trimmed;
        }
        for found in words::find(&joined) {
            let line = starts.partition_point(|(start, _)| *start <= found.at);
            let (start, indent) =
                line.checked_sub(1).and_then(|i| starts.get(i)).copied().unwrap_or_default();
            self.push(place(line), Found { at: found.at - start + indent, ..found });
        }
        Ok(())
    }

    /// Adds what was found in a text.
    pub fn push(&mut self, place: Place, Found { what, at, masked, .. }: Found) {
        if self.list.len() < MAX_HITS {
            self.list.push(Hit { what, place, at, masked });
        }
    }

    /// Adds that something could not be read.
    pub fn unread(&mut self, why: Why, place: Place) {
        self.push(place, Found { what: What::Unreadable(why), at: 0, len: 0, masked: String::new() });
    }

    /// The finds.
    pub fn into_list(self) -> Vec<Hit> {
        self.list
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
