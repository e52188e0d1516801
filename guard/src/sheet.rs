//! Workbooks: every cell of every sheet, hidden ones too, and the text of all other parts.
//!
//! The archive is unpacked once under a limit before anything else reads it. Cells are streamed, never laid out as a
//! grid: a sheet with two cells may span seventeen thousand million.
//!
//! LIMIT: pictures inside a workbook are not read.

use crate::attachment::GuardError;
use crate::hit::{Place, Why};
use crate::limits::{Hits, MAX_PARTS, MAX_UNPACKED};
use crate::{patterns, text};
use calamine::{Cell, DataRef, Reader, Xlsx, XlsxError};
use std::io::{Cursor, Read};
use std::mem::take;

const DAMAGED: GuardError = GuardError::Refused("工作簿损坏或加密", "the workbook is damaged or encrypted");
/// Where the strings of cells are kept; searched as cells.
const STRINGS: &str = "xl/sharedStrings.xml";

/// Searches a workbook.
pub(crate) fn read(bytes: &[u8], hits: &mut Hits) -> Result<(), GuardError> {
    let parts = unpack(bytes, hits)?;
    cells(bytes, hits)?;
    // Strings that no cell shows are left over from something, and are told of only when the cells are clean.
    let clean = hits.is_empty();
    for (name, xml) in parts.iter().filter(|(name, _)| clean || !name.eq_ignore_ascii_case(STRINGS)) {
        hits.lines(&texts(xml), |_| Place::Part(name.clone()))?;
    }
    Ok(())
}

/// The texts of the XML parts; every part is unpacked to see that all stay under the limits.
fn unpack(bytes: &[u8], hits: &mut Hits) -> Result<Vec<(String, String)>, GuardError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    if archive.len() > MAX_PARTS {
        return Err(GuardError::TooMuch("部件", "parts"));
    }
    let (mut parts, mut left) = (Vec::new(), MAX_UNPACKED);
    for i in 0..archive.len() {
        let part = archive.by_index(i).map_err(|_| DAMAGED)?;
        let (name, mut unpacked) = (part.name().map_err(|_| DAMAGED)?.into_owned(), Vec::new());
        part.take(left as u64 + 1).read_to_end(&mut unpacked).map_err(|_| DAMAGED)?;
        left = left.checked_sub(unpacked.len()).ok_or(GuardError::TooMuch("内容", "content"))?;
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("xl/embeddings/") {
            hits.unread(Why::Inside, Place::Part(name.clone()));
        }
        if !lower.ends_with(".xml") && !lower.ends_with(".vml") && !lower.ends_with(".rels") {
            continue;
        }
        let mut xml = text::decode(&unpacked).ok_or(DAMAGED)?.into_owned();
        if lower.starts_with("xl/worksheets/")
            && let (Some(from), Some(to)) = (xml.find("sheetData"), xml.rfind("sheetData"))
        {
            xml.replace_range(from..to, "");
        }
        parts.push((name, xml));
    }
    Ok(parts)
}

fn cells(bytes: &[u8], hits: &mut Hits) -> Result<(), GuardError> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    for sheet in book.sheet_names() {
        let mut cells = match book.worksheet_cells_reader(&sheet) {
            Ok(cells) => cells,
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(_) => return Err(DAMAGED),
        };
        let (mut row, mut at): (Vec<(u32, String)>, u32) = (Vec::new(), 0);
        while let Some(cell) = cells.next_cell().map_err(|_| DAMAGED)? {
            let (line, column) = cell.get_position();
            if line != at {
                across(&sheet, at, &take(&mut row), hits);
                at = line;
            }
            let place = || Place::Cell { sheet: sheet.clone(), cell: name(line, column) };
            match value(&cell) {
                Some((text, true)) => {
                    if let Some(found) = patterns::of_number(&text) {
                        hits.push(place(), found);
                    }
                    row.push((column, text));
                }
                Some((text, false)) => {
                    hits.lines(&text, |_| place())?;
                    row.push((column, text));
                }
                None => {}
            }
        }
        across(&sheet, at, &row, hits);
    }
    Ok(())
}

/// Numbers that run over neighbouring cells of a row; empty cells, as merging leaves them, don't part them.
fn across(sheet: &str, line: u32, row: &[(u32, String)], hits: &mut Hits) {
    let texts: Vec<&str> = row.iter().map(|(_, text)| text.trim()).collect();
    let column = |i: usize| row.get(i).map_or(0, |(column, _)| *column);
    hits.across(&texts, |i| Place::Cell { sheet: sheet.to_owned(), cell: name(line, column(i)) });
}

/// A cell's text, and whether it is a whole number; fractions are neither.
fn value(cell: &Cell<DataRef<'_>>) -> Option<(String, bool)> {
    let whole = |number: f64| {
        (number.fract() == 0.0 && number.abs() < 1e19).then(|| (format!("{:.0}", number.abs()), true))
    };
    match cell.get_value() {
        DataRef::Int(int) => Some((int.unsigned_abs().to_string(), true)),
        DataRef::Float(number) => whole(*number),
        DataRef::DateTime(date) => whole(date.as_f64()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some((text.clone(), false))
        }
        DataRef::SharedString(text) => Some(((*text).to_owned(), false)),
        _ => None,
    }
}

/// `B3` for row 2 and column 1.
fn name(row: u32, column: u32) -> String {
    let (mut letters, mut left) = (String::new(), column + 1);
    while left > 0 {
        left -= 1;
        letters.insert(0, char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    format!("{letters}{}", row + 1)
}

/// Texts and longer attributes of an XML part, a line each; the runs of one paragraph are joined.
fn texts(xml: &str) -> String {
    let mut out = String::new();
    let mut in_properties = false;
    for piece in xml.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        let name = tag.trim_start_matches('/').split([' ', '\t', '\n', '\r', '/']).next().unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or_default();
        if local == "rPr" {
            in_properties = !tag.starts_with('/') && !tag.ends_with('/');
        } else if !in_properties && !matches!(local, "t" | "r") {
            out.push('\n');
        }
        for value in tag.split('"').skip(1).step_by(2).filter(|v| v.len() >= 11 || !v.is_ascii()) {
            out.push_str(&unescape(value));
            out.push('\n');
        }
        out.push_str(&unescape(text.trim_matches(['\n', '\r'])));
    }
    out
}

fn unescape(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').unwrap_or(("amp", part));
        let code = match entity.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => {
                u32::from_str_radix(hex.get(1..).unwrap_or_default(), 16).ok()
            }
            Some(decimal) => decimal.parse().ok(),
            None => ['<', '>', '&', '"', '\'']
                .iter()
                .zip(["lt", "gt", "amp", "quot", "apos"])
                .find(|(_, n)| *n == entity)
                .map(|(c, _)| *c as u32),
        };
        out.extend(code.and_then(char::from_u32));
        out.push_str(rest);
    }
    out
}
