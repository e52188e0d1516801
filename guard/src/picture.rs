//! Pictures: whole, with nothing behind their end, and the text that they carry beside their pixels.
//!
//! LIMIT: pixels are not read, and a picture's data is not decoded: only its frame is walked.

use crate::attachment::GuardError;
use crate::hit::{Place, Why};
use crate::limits::Hits;
use crate::media::Media;
use crate::text;

/// One stretch of a picture: its name, and its bytes.
type Part<'a> = (String, &'a [u8]);

/// Walks a picture and searches its texts.
pub(crate) fn read(media: Media, bytes: &[u8], hits: &mut Hits) -> Result<(), GuardError> {
    let parts = match media {
        Media::Png => png(bytes),
        Media::Jpeg => jpeg(bytes),
        _ => webp(bytes),
    };
    const DAMAGED: GuardError = GuardError::Refused(
        "图片不完整，或后面还跟着别的数据",
        "the picture is cut off, or other data follows its end",
    );
    for (name, part) in parts.ok_or(DAMAGED)? {
        if name == "zTXt" || name == "iTXt" && text_is_packed(part) {
            hits.unread(Why::PackedText, Place::Part(name));
            continue;
        }
        for text in texts(part) {
            hits.scan(&text, || Place::Part(name.clone()))?;
        }
    }
    Ok(())
}

/// Readable stretches of a part: what lies between zeros as text, and its ASCII with zeros left out, which is how
/// EXIF's UTF-16 reads. Short stretches of binary would read as characters by chance.
fn texts(part: &[u8]) -> Vec<String> {
    let pieces = part.split(|b| *b == 0).filter(|piece| piece.len() >= 6);
    let mut texts: Vec<String> = pieces.filter_map(|piece| Some(text::decode(piece)?.into_owned())).collect();
    let ascii: Vec<u8> = part.iter().copied().filter(|b| *b != 0).collect();
    let runs = ascii.split(|b| !(b' '..=b'~').contains(b)).filter(|run| run.len() >= 11);
    let runs: Vec<String> = runs.map(|run| String::from_utf8_lossy(run).into_owned()).collect();
    let news = runs.into_iter().filter(|run| !texts.iter().any(|text| text.contains(run.as_str())));
    let news: Vec<String> = news.collect();
    texts.extend(news);
    texts
}

fn text_is_packed(part: &[u8]) -> bool {
    let flag = part.iter().position(|b| *b == 0).and_then(|end| part.get(end + 1));
    flag.is_some_and(|flag| *flag != 0)
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

/// Chunks other than pixels; `IEND` must be the last thing in the file.
fn png(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let (mut parts, mut at) = (Vec::new(), 8);
    loop {
        let len = length_at(bytes, at)?;
        let name = bytes.get(at + 4..at + 8)?;
        let end = at.checked_add(12)?.checked_add(len)?;
        let part = bytes.get(at + 8..end - 4)?;
        if !name.iter().all(u8::is_ascii_alphabetic) || (at == 8) != (name == b"IHDR") {
            return None;
        }
        if name == b"IEND" {
            return (end == bytes.len()).then_some(parts);
        }
        if name != b"IDAT" {
            parts.push((String::from_utf8_lossy(name).into_owned(), part));
        }
        at = bytes.get(end..).map(|_| end)?;
    }
}

/// Segments before and between scans; the end of the image must be the end of the file.
fn jpeg(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let (mut parts, mut at) = (Vec::new(), 2);
    loop {
        let [0xFF, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            0xFF => at += 1,
            0xD9 => return (at + 2 == bytes.len()).then_some(parts),
            0x01 | 0xD0..=0xD7 => at += 2,
            0x00 | 0xD8 => return None,
            _ => {
                let len: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                let end = at + 2 + usize::from(u16::from_be_bytes(len)).max(2);
                let part = bytes.get(at + 4..end)?;
                if matches!(marker, 0xE0..=0xEF | 0xFE) {
                    parts.push((format!("JPEG {marker:02X}"), part));
                }
                at = end;
                if marker == 0xDA {
                    // Pixels: up to the next marker that is neither stuffing nor a restart.
                    let is_end = |w: &[u8]| matches!(w, [0xFF, m] if !matches!(m, 0x00 | 0xD0..=0xD7 | 0xFF));
                    at += bytes.get(at..)?.windows(2).position(is_end)?;
                }
            }
        }
    }
}

/// Chunks other than pixels; the RIFF must be the whole file.
fn webp(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let len = |at: usize| length_at(bytes, at).map(|n| (n as u32).swap_bytes() as usize);
    if len(4)?.checked_add(8)? != bytes.len() {
        return None;
    }
    let (mut parts, mut at) = (Vec::new(), 12);
    while at < bytes.len() {
        let (name, len) = (bytes.get(at..at + 4)?, len(at + 4)?);
        let end = at.checked_add(8)?.checked_add(len)?;
        let part = bytes.get(at + 8..end)?;
        if !matches!(name, b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANMF" | b"ANIM") {
            parts.push((String::from_utf8_lossy(name).trim().to_owned(), part));
        }
        at = end + len % 2;
    }
    (at == bytes.len()).then_some(parts)
}
