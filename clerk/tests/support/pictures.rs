//! Pictures as phones make them, built byte by byte: the pixels are noise, all around them is as in life.

#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)] // each test uses its part; a failed step fails it

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use std::io::Cursor;

/// Texts that must be nowhere in a cleaned picture.
pub const SECRETS: [&str; 7] =
    ["HUAWEI", "2026:03:02", "wang-owner", "thumb-secret", "xmp-secret", "iptc-secret", "behind-secret"];
/// 23°07'30" N, as EXIF writes it: three fractions.
pub const LATITUDE: [u8; 24] = [0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1];

/// An EXIF with place, time, model, owner and thumbnail; `turn` is the direction.
pub fn exif(turn: u16) -> Vec<u8> {
    let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let degrees = |d, m, s| Value::Rational([d, m, s].map(|num| Rational { num, denom: 1 }).to_vec());
    let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
    let fields = [
        field(Tag::Make, text("HUAWEI")),
        field(Tag::Model, text("P60\x1b[2J")),
        field(Tag::Orientation, Value::Short(vec![turn])),
        field(Tag::DateTimeOriginal, text("2026:03:02 10:11:12")),
        field(Tag::Artist, text("wang-owner")),
        field(Tag::GPSLatitudeRef, text("N")),
        field(Tag::GPSLatitude, degrees(23, 7, 30)),
        field(Tag::GPSLongitudeRef, text("E")),
        field(Tag::GPSLongitude, degrees(113, 12, 45)),
    ];
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    writer.set_jpeg(b"\xFF\xD8thumb-secret\xFF\xD9", In::THUMBNAIL);
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out, false).unwrap();
    out.into_inner()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, marker], &(data.len() as u16 + 2).to_be_bytes()[..], data].concat()
}

/// What of a JPEG makes the pixels: two scans with stuffing, fill bytes and a restart, as progressive files have.
pub fn jpeg_core() -> [Vec<u8>; 3] {
    let tables =
        [segment(0xDB, &[7; 65]), segment(0xC2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]), segment(0xC4, &[0; 17])];
    let scan = |noise: &[u8]| [&segment(0xDA, &[1, 1, 0, 0, 63, 0])[..], noise].concat();
    [tables.concat(), scan(b"\x12\xFF\x00\x34\xFF\xD0\x56"), scan(b"\x9A\xFF\x00\xBC")]
}

/// A JPEG without anything beside its pixels but JFIF.
pub fn bare_jpeg() -> Vec<u8> {
    let jfif = segment(0xE0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0");
    [&[0xFF, 0xD8], &jfif[..], &jpeg_core().concat(), &[0xFF, 0xD9]].concat()
}

/// The same as a phone and three programs left it.
pub fn jpeg(turn: u16) -> Vec<u8> {
    let [tables, first, second] = jpeg_core();
    let parts: [&[u8]; 14] = [
        &[0xFF, 0xD8],
        &segment(0xE0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\x04\x01thumb-secret"),
        &segment(0xE1, &[b"Exif\0\0", &exif(turn)[..]].concat()),
        &segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>xmp-secret</x:xmpmeta>"),
        &segment(0xE2, b"MPF\0MM\0*"),
        &segment(0xED, b"Photoshop 3.0\08BIM\x04\x04iptc-secret"),
        &segment(0xE4, b"maker thumb-secret"),
        &segment(0xFE, b"wang-owner"),
        &tables,
        &first,
        &segment(0xFE, b"xmp-secret"),
        &second,
        &[0xFF, 0xD9],
        b"\xFF\xD8 a second picture, behind-secret",
    ];
    parts.concat()
}

pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    let crc = (0..named.len()).fold(u32::MAX, |crc, at| {
        (0..8).fold(crc ^ u32::from(named[at]), |c, _| (c >> 1) ^ (0xEDB8_8320 * (c & 1)))
    });
    [&(data.len() as u32).to_be_bytes()[..], &named, &(!crc).to_be_bytes()].concat()
}

pub fn png(extras: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let head = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let pixels = chunk(b"IDAT", b"\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01");
    let extras = extras.concat();
    [b"\x89PNG\r\n\x1A\n", &head[..], &extras, &pixels, &chunk(b"IEND", b""), behind].concat()
}

pub fn riff(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [name, &(data.len() as u32).to_le_bytes()[..], data, &vec![0; data.len() % 2]].concat()
}

pub fn webp(chunks: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let chunks = chunks.concat();
    [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunks, behind].concat()
}
