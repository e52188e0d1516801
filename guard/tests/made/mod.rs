//! Files made by hand for the tests: PDF and PNG, byte by byte.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fmt::Write as _;

/// A PDF of given objects, numbered from 1; the first is the catalogue. With a table of cross-references.
pub fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let (mut out, mut offsets) = (b"%PDF-1.7\n".to_vec(), Vec::new());
    for (i, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    let mut tail = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    offsets.iter().for_each(|at| _ = writeln!(tail, "{at:010} 00000 n "));
    let size = objects.len() + 1;
    _ = write!(tail, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.extend(tail.bytes());
    out
}

/// A stream object with more entries in its dictionary.
pub fn stream(dict: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("<< /Length {} {dict} >>\nstream\n", content.len()).into_bytes();
    out.extend(content);
    out.extend(b"\nendstream");
    out
}

/// A Latin font without a map.
pub const HELVETICA: &str =
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// A document of one page, with a font (object 5) and more objects from 6 on.
pub fn page(font: &str, content: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    page_with("", "", font, content, more)
}

/// The same, with entries of the catalogue and of the page's resources.
pub fn page_with(catalog: &str, resources: &str, font: &str, content: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> >>"
    );
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>").into_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into_bytes(),
        stream("", content),
        font.as_bytes().to_vec(),
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

/// A subset font with two-byte glyph numbers, its map in object 6 and its descendant in object 7, as office programs
/// write Chinese; glyph numbers are places in `chars`, from 1.
pub fn chinese(chars: &str) -> (String, [Vec<u8>; 2]) {
    let mut map = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n".to_owned();
    _ = writeln!(map, "{} beginbfchar", chars.chars().count());
    for (i, c) in chars.chars().enumerate() {
        let mut units = [0; 2];
        let units: String = c.encode_utf16(&mut units).iter().map(|u| format!("{u:04X}")).collect();
        _ = writeln!(map, "<{:04X}> <{units}>", i + 1);
    }
    map.push_str("endbfchar endcmap");
    let font = "<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+SimSun /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 6 0 R >>";
    let cid = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AAAAAA+SimSun /DW 500 >>".to_vec();
    (font.to_owned(), [stream("", map.as_bytes()), cid])
}

/// A text in glyph numbers of [`chinese`], as a hexadecimal string.
pub fn glyphs(chars: &str, text: &str) -> String {
    let number = |c: char| chars.chars().position(|k| k == c).map_or(0, |i| i + 1);
    format!("<{}>", text.chars().map(|c| format!("{:04X}", number(c))).collect::<String>())
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0_u32, |crc, b| (0..8).fold(crc ^ u32::from(*b), step))
}

/// A PNG of one pixel with chunks before its pixels.
pub fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    let header: (&[u8; 4], &[u8]) = (b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let pixels: (&[u8; 4], &[u8]) = (b"IDAT", &[0x78, 1, 1, 2, 0, 0xFD, 0xFF, 0, 0, 0, 2, 0, 1]);
    for (name, data) in [&[header], chunks, &[pixels, (b"IEND", &[])]].concat() {
        out.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        let body = [name.as_slice(), data].concat();
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    }
    out
}

/// A JPEG's frame with segments before its (empty) scan.
pub fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    for (marker, data) in [segments, &[(0xDA, [1, 1, 0, 0, 63, 0].as_slice())]].concat() {
        out.extend([0xFF, marker]);
        out.extend(u16::try_from(data.len() + 2).unwrap_or(0).to_be_bytes());
        out.extend(data);
    }
    out.extend([0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD9]);
    out
}

/// A WebP's frame with chunks.
pub fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend(*name);
        body.extend(u32::try_from(data.len()).unwrap_or(0).to_le_bytes());
        body.extend(*data);
        body.extend(vec![0; data.len() % 2]);
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(body.len()).unwrap_or(0).to_le_bytes());
    out.extend(body);
    out
}
