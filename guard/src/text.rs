//! Text and CSV files.

use crate::attachment::GuardError;
use crate::hit::Place;
use crate::limits::Hits;
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// The characters of a file: UTF-8 or UTF-16 by its byte order mark, else UTF-8, else GB18030 (and so GBK).
/// None when it is no text: undecodable, or with control characters.
pub(crate) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let (encoding, bytes) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (UTF_8, rest),
        [0xFF, 0xFE, rest @ ..] => (UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => (UTF_16BE, rest),
        _ if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        _ => (GB18030, bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_binary = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{C}' | '\u{1A}');
    (!text.contains(is_binary)).then_some(text)
}

/// Searches a file line by line; of CSV also over the edges of fields.
pub(crate) fn read(bytes: &[u8], is_csv: bool, hits: &mut Hits) -> Result<(), GuardError> {
    let text = decode(bytes).ok_or(GuardError::Refused("不是文本", "this is no text"))?;
    // Old Macs end lines with CR alone, which `lines` does not know.
    let text = if text.contains('\n') { text } else { Cow::Owned(text.replace('\r', "\n")) };
    hits.lines(&text, Place::Line)?;
    if is_csv {
        for (i, line) in text.lines().enumerate() {
            let fields = line.split([',', ';', '\t']).map(|field| field.trim_matches(['"', '\'', '=', ' ']));
            let fields: Vec<&str> = fields.filter(|field| !field.is_empty()).collect();
            hits.across(&fields, |_| Place::Line(i + 1));
        }
    }
    Ok(())
}
