//! Fonts: from the bytes of a string to characters and widths (ISO 32000-1, 9.5 to 9.10).

use super::cmap::CMap;
use super::open::Reader;
use crate::attachment::GuardError;
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_16BE, WINDOWS_1252};
use lopdf::{Dictionary, Object};
use std::collections::BTreeMap;

/// Names of glyphs that stand in numbers; letters name themselves.
const NAMES: [(&str, &str); 18] = [
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("space", " "),
    ("nbspace", " "),
    ("hyphen", "-"),
    ("minus", "-"),
    ("endash", "-"),
    ("emdash", "-"),
    ("period", "."),
    ("plus", "+"),
];

/// Predefined CMaps by the start of their names, and the encoding of their codes.
const PREDEFINED: [(&[u8], &Encoding); 14] = [
    (b"Uni", UTF_16BE),
    (b"GB", GB18030),
    (b"B5", BIG5),
    (b"ETen", BIG5),
    (b"HKscs", BIG5),
    (b"CNS", BIG5),
    (b"KSC", EUC_KR),
    (b"83pv", SHIFT_JIS),
    (b"90", SHIFT_JIS),
    (b"Add", SHIFT_JIS),
    (b"Ext", SHIFT_JIS),
    (b"EUC", SHIFT_JIS),
    (b"H", SHIFT_JIS),
    (b"V", SHIFT_JIS),
];

/// How a font's codes are told apart and read without a ToUnicode map.
enum Codes {
    /// One byte each; the characters of those that differ from Windows-1252. `None`: nobody knows.
    Simple(BTreeMap<u8, Option<String>>),
    /// Two bytes each, glyph numbers that say nothing.
    Glyphs,
    /// As the ranges of an embedded CMap say, glyph numbers.
    Embedded(CMap),
    /// Characters of an encoding.
    Chars(&'static Encoding),
}

/// One glyph of a string.
pub(super) struct Glyph {
    /// Its characters; none when the file does not tell them.
    pub text: Option<String>,
    /// Its width in ems.
    pub width: f64,
    /// A single byte 32, to which word spacing applies.
    pub is_space: bool,
}

/// A font as the guard needs it.
pub(super) struct Font {
    to_unicode: Option<CMap>,
    codes: Codes,
    /// By code, in ems.
    widths: BTreeMap<u32, f64>,
    default_width: f64,
    /// Glyphs follow each other downwards.
    pub vertical: bool,
}

impl Font {
    /// Reads a font.
    pub fn of(dict: &Dictionary, reader: &mut Reader) -> Result<Self, GuardError> {
        let to_unicode = match reader.deref(dict, b"ToUnicode") {
            Some(Object::Stream(stream)) => reader.decode(stream)?.map(|bytes| CMap::parse(&bytes)),
            _ => None,
        };
        if dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|t| t == b"Type0") {
            return Self::composite(dict, to_unicode, reader);
        }
        let unit = match reader.deref(dict, b"FontMatrix") {
            Some(Object::Array(matrix)) => {
                matrix.first().and_then(|n| n.as_float().ok()).map_or(0.001, f64::from).abs()
            }
            _ => 0.001,
        };
        let first = dict.get(b"FirstChar").and_then(Object::as_i64).ok().and_then(|n| u32::try_from(n).ok());
        let mut widths = BTreeMap::new();
        if let Some(Object::Array(list)) = reader.deref(dict, b"Widths") {
            let list = list.iter().take(256).map(|w| f64::from(w.as_float().unwrap_or(500.0)) * unit);
            widths = (first.unwrap_or(0)..).zip(list).collect();
        }
        let codes = Codes::Simple(differences(dict, reader));
        Ok(Font { to_unicode, codes, widths, default_width: 0.5, vertical: false })
    }

    fn composite(
        dict: &Dictionary,
        to_unicode: Option<CMap>,
        reader: &mut Reader,
    ) -> Result<Self, GuardError> {
        let (codes, vertical) = match reader.deref(dict, b"Encoding") {
            Some(Object::Name(name)) => {
                let encoding = PREDEFINED.iter().find(|(start, _)| name.starts_with(start));
                (encoding.map_or(Codes::Glyphs, |(_, encoding)| Codes::Chars(encoding)), name.ends_with(b"V"))
            }
            Some(Object::Stream(stream)) => match reader.decode(stream)? {
                Some(bytes) => (Codes::Embedded(CMap::parse(&bytes)), false),
                None => (Codes::Glyphs, false),
            },
            _ => (Codes::Glyphs, false),
        };
        let descendant = match reader.deref(dict, b"DescendantFonts") {
            Some(Object::Array(fonts)) => fonts.first().and_then(|font| reader.dict(font)),
            _ => None,
        };
        let width = |o: &Object| o.as_float().ok().map(|w| f64::from(w) * 0.001);
        let default_width = descendant.and_then(|d| reader.deref(d, b"DW")).and_then(width).unwrap_or(1.0);
        let widths = match descendant.and_then(|d| reader.deref(d, b"W")) {
            Some(Object::Array(list)) => cid_widths(list, reader),
            _ => BTreeMap::new(),
        };
        reader.spend(widths.len() * 64)?;
        Ok(Font { to_unicode, codes, widths, default_width, vertical })
    }

    /// The glyphs of a string.
    pub fn glyphs<'a>(&'a self, mut rest: &'a [u8]) -> impl Iterator<Item = Glyph> + 'a {
        std::iter::from_fn(move || {
            let (code, after) = rest.split_at_checked(self.code_len(rest).clamp(1, rest.len().max(1)))?;
            rest = after;
            Some(self.glyph(code))
        })
    }

    fn glyph(&self, code: &[u8]) -> Glyph {
        let number = code.iter().fold(0, |n, b| n << 8 | u32::from(*b));
        let text = self.to_unicode.as_ref().and_then(|map| map.get(code)).or_else(|| self.text(code));
        let narrow = matches!(self.codes, Codes::Chars(_)) && number < 0x80;
        let width =
            if narrow { 0.5 } else { self.widths.get(&number).copied().unwrap_or(self.default_width) };
        Glyph { text, width, is_space: code == [b' '] }
    }

    /// The characters of a code without a map.
    fn text(&self, code: &[u8]) -> Option<String> {
        match &self.codes {
            Codes::Simple(differences) => {
                let byte = code.first()?;
                let named = differences.get(byte).cloned();
                named.unwrap_or_else(|| {
                    Some(WINDOWS_1252.decode_without_bom_handling(&[*byte]).0.into_owned())
                })
            }
            Codes::Glyphs | Codes::Embedded(_) => None,
            Codes::Chars(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(code)
                .map(|text| text.into_owned()),
        }
    }

    fn code_len(&self, bytes: &[u8]) -> usize {
        let first = bytes.first().copied().unwrap_or(0);
        match &self.codes {
            Codes::Simple(_) => 1,
            Codes::Glyphs => 2,
            Codes::Embedded(map) => map.code_len(bytes).unwrap_or(2),
            Codes::Chars(encoding) if *encoding == UTF_16BE => {
                if (0xD8..=0xDB).contains(&first) {
                    4
                } else {
                    2
                }
            }
            Codes::Chars(_) if first < 0x81 => 1,
            Codes::Chars(encoding)
                if *encoding == GB18030 && bytes.get(1).is_some_and(u8::is_ascii_digit) =>
            {
                4
            }
            Codes::Chars(_) => 2,
        }
    }
}

/// What the bytes of a simple font mean where they don't mean Windows-1252.
fn differences(dict: &Dictionary, reader: &Reader) -> BTreeMap<u8, Option<String>> {
    let encoding = reader.deref(dict, b"Encoding");
    let mut map = BTreeMap::new();
    if let Some(Object::Dictionary(encoding)) = encoding
        && let Some(Object::Array(list)) = reader.deref(encoding, b"Differences")
    {
        let mut code = 0;
        for item in list {
            match item {
                Object::Integer(start) => code = *start,
                Object::Name(name) => {
                    if let Ok(byte) = u8::try_from(code) {
                        map.insert(byte, named(name));
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    } else if encoding.is_none() && is_symbolic(dict, reader) {
        // A subset numbers its glyphs as it likes.
        map = (0..=u8::MAX).filter(|b| !(b' '..=b'~').contains(b)).map(|b| (b, None)).collect();
    }
    map
}

/// Whether a font with its own glyphs says that they follow no standard order.
fn is_symbolic(dict: &Dictionary, reader: &Reader) -> bool {
    let Some(Object::Dictionary(descriptor)) = reader.deref(dict, b"FontDescriptor") else { return false };
    let flags = descriptor.get(b"Flags").and_then(Object::as_i64).unwrap_or(0);
    let files: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
    flags & 4 != 0 && files.iter().any(|file| descriptor.has(file))
}

/// The characters of a glyph's name; none for names such as `g12` that only number it.
fn named(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|base| !base.is_empty()).unwrap_or(name);
    if let Some((_, text)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*text).to_owned());
    }
    let hex = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|hex| hex.len() >= 4);
    if let Some(c) = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
        return Some(c.to_string());
    }
    match name.len() {
        1 => Some(name.to_owned()),
        // `eacute`, `fi`: a letter that no number has.
        _ if name.bytes().all(|b| b.is_ascii_alphabetic()) && name != "notdef" => Some("\u{25A1}".to_owned()),
        _ => None,
    }
}

/// `c [w1 w2 …]` and `first last w`.
fn cid_widths(list: &[Object], reader: &Reader) -> BTreeMap<u32, f64> {
    // As many as there are codes of two bytes, counted twice over.
    let mut left: usize = 1 << 17;
    let mut widths = BTreeMap::new();
    let code = |o: Option<&Object>| o.and_then(|o| o.as_i64().ok()).and_then(|n| u32::try_from(n).ok());
    let width = |o: &Object| f64::from(o.as_float().unwrap_or(1000.0)) * 0.001;
    let mut items = list.iter();
    while let Some(first) = code(items.next()).filter(|_| left > 0) {
        match items.next().map(|o| reader.resolve(o)) {
            Some(Object::Array(each)) => {
                widths.extend((first..).zip(each.iter().take(left).map(width)));
                left = left.saturating_sub(each.len());
            }
            Some(last) => {
                let (last, each) = (code(Some(last)).unwrap_or(first), items.next().map_or(1.0, width));
                widths.extend((first..=last).take(left).map(|code| (code, each)));
                left = left.saturating_sub(last.saturating_sub(first) as usize + 1);
            }
            None => break,
        }
    }
    widths
}
