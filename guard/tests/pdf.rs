//! PDF: text however it is drawn, and nothing unread that is not told.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod made;

use guard::{GuardError, Hit, Place, What, Why, attachment};
use made::{HELVETICA, chinese, glyphs, page, page_with, stream};

fn read(bytes: &[u8]) -> Result<Vec<Hit>, GuardError> {
    attachment("合同.pdf", "application/pdf", bytes)
}

fn whats(bytes: &[u8]) -> Vec<What> {
    read(bytes).unwrap().iter().map(|hit| hit.what).collect()
}

fn latin(content: &str) -> Vec<What> {
    whats(&page(HELVETICA, content.as_bytes(), &[]))
}

#[test]
fn numbers_are_found_whole_in_pieces_and_across_lines() {
    let found = [
        "BT /F1 12 Tf 72 700 Td (ID 440811199003070019) Tj ET",
        "BT /F1 12 Tf 72 700 Td (440811) Tj (19900307) Tj (0019) Tj ET",
        "BT /F1 12 Tf 72 700 Td [(4408) 20 (1119) -15 (9003) (070019)] TJ ET",
        "BT /F1 12 Tf 1 0 0 1 72 700 Tm (440811) Tj 1 0 0 1 108 700 Tm (199003070019) Tj ET",
        "BT /F1 12 Tf 72 700 Td (44081119900) Tj 0 -14 Td (3070019) Tj ET",
        "BT /F1 12 Tf 72 700 Td 14 TL (4408111990) ' (03070019) ' ET",
        "BT /F1 12 Tf 72 700 Td 14 TL 0 0 (44081119900307) \" 0 0 (0019) \" ET",
        "BT /F1 12 Tf 0 1 -1 0 72 72 Tm (440811) Tj (199003070019) Tj ET",
        "q 2 0 0 2 0 0 cm BT /F1 12 Tf 72 300 Td <343430383131313939303033303730303139> Tj ET Q",
        "BT /F1 12 Tf 3 Tr 72 700 Td (440811199003070019) Tj ET",
    ];
    for content in found {
        assert_eq!(latin(content), [What::IdNumber], "{content}");
    }
    assert_eq!(latin("BT /F1 12 Tf 72 700 Td (138001) Tj (38000) Tj ET"), [What::Mobile]);
    assert_eq!(latin("BT /F1 12 Tf 72 700 Td (138001) Tj 100 0 Td (38000) Tj ET"), [], "two columns");
    let boxes: String = "44081119771015006X".chars().map(|c| format!("({c}) Tj 20 0 Td ")).collect();
    assert_eq!(latin(&format!("BT /F1 12 Tf 72 700 Td {boxes} ET")), [What::IdNumber]);
}

#[test]
fn what_is_no_secret_passes() {
    let fine =
        "BT /F1 12 Tf 72 700 Td (440811100391-00 RW-2026-001 486320.50) Tj 0 -14 Td (2026030100000127) Tj ET";
    assert_eq!(latin(fine), []);
}

#[test]
fn chinese_is_read_by_the_fonts_map() {
    let chars = "0123456789户主患肝癌证号：付工资";
    let (font, more) = chinese(chars);
    let text = |text: &str| format!("BT /F1 12 Tf 72 700 Td {} Tj ET", glyphs(chars, text));
    let bytes = page(&font, text("证号：440811199003070019").as_bytes(), &more);
    let hits = read(&bytes).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].what, hits[0].at, hits[0].place.clone()), (What::IdNumber, 3, Place::Page(1, 1)));
    assert!(matches!(whats(&page(&font, text("户主患肝癌").as_bytes(), &more))[..], [What::Word(..)]));
    assert_eq!(whats(&page(&font, text("付工资100").as_bytes(), &more)), []);
    let gbk = HELVETICA.replace("Type1", "Type0").replace("WinAnsiEncoding", "GBK-EUC-H");
    let (bytes, _, _) = encoding_rs::GBK.encode("残疾证440811199003070019");
    let hex: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
    let found = whats(&page(&gbk, format!("BT /F1 12 Tf <{hex}> Tj ET").as_bytes(), &[]));
    assert!(matches!(found[..], [What::IdNumber, What::Word(..)]), "{found:?}");
}

#[test]
fn letters_that_nobody_can_read_are_told() {
    let chars = "0123456789";
    let (font, more) = chinese(chars);
    let blind = font.replace("/ToUnicode 6 0 R", "");
    let text = |text: &str| format!("BT /F1 12 Tf 72 700 Td {} Tj ET", glyphs(chars, text));
    let unread = What::Unreadable(Why::NoCharacters);
    assert_eq!(whats(&page(&blind, text("13800138000").as_bytes(), &more)), [unread]);
    let named = HELVETICA
        .replace("/WinAnsiEncoding", "<< /Differences [48 /g1 /g2 /g3 /g4 /g5 /g6 /g7 /g8 /g9 /g10] >>");
    assert_eq!(whats(&page(&named, b"BT /F1 12 Tf (13800138000) Tj ET", &[])), [unread]);
    let named = HELVETICA.replace("/WinAnsiEncoding", "<< /Differences [65 /zero /one /three /eight] >>");
    assert_eq!(whats(&page(&named, b"BT /F1 12 Tf (BCDAABCDAAA) Tj ET", &[])), [What::Mobile]);
}

#[test]
fn pages_of_pictures_are_told_and_empty_ones_pass() {
    let picture = stream(
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
        b"x",
    );
    let scan =
        page_with("", "/XObject << /I 6 0 R >>", HELVETICA, b"q 500 0 0 700 0 0 cm /I Do Q", &[picture]);
    assert_eq!(whats(&scan), [What::Unreadable(Why::Picture)]);
    let inline = "q BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q";
    assert_eq!(latin(inline), [What::Unreadable(Why::Picture)]);
    assert_eq!(latin("0 0 m 10 10 l f"), [What::Unreadable(Why::Picture)]);
    assert_eq!(latin(""), []);
}

#[test]
fn forms_notes_fields_and_properties_are_read() {
    let content = b"BT /F1 12 Tf (440811199003070019) Tj ET";
    let form = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >>",
        content,
    );
    let drawn = page_with("", "/XObject << /X 6 0 R >>", HELVETICA, b"/X Do", std::slice::from_ref(&form));
    assert_eq!(read(&drawn).unwrap()[0].place, Place::Page(1, 1));
    assert_eq!(whats(&drawn), [What::IdNumber]);
    assert_eq!(whats(&page(HELVETICA, b"", &[form])), [What::IdNumber], "a form that no page draws");
    let utf16: String = "残疾".encode_utf16().map(|u| format!("{u:04X}")).collect();
    let note = format!("<< /Type /Annot /Subtype /Text /Contents <FEFF{utf16}> >>").into_bytes();
    assert!(matches!(whats(&page(HELVETICA, b"", &[note]))[..], [What::Word(..)]));
    let field = b"<< /FT /Tx /T (phone) /V (13800138000) >>".to_vec();
    assert_eq!(whats(&page(HELVETICA, b"", &[field])), [What::Mobile]);
    let xmp = stream("/Type /Metadata /Subtype /XML", b"<x:xmpmeta>13800138000</x:xmpmeta>");
    assert_eq!(whats(&page(HELVETICA, b"", &[xmp])), [What::Mobile]);
    let actual = "/Span << /ActualText (13800138000) >> BDC BT /F1 12 Tf (x) Tj ET EMC";
    assert_eq!(latin(actual), [What::Mobile]);
}

#[test]
fn what_a_pdf_must_not_hold_is_refused_or_told() {
    let refused = |bytes: &[u8], part: &str| match read(bytes) {
        Err(error) => assert!(error.to_string().contains(part), "{error}"),
        Ok(hits) => panic!("{hits:?}"),
    };
    let locked = String::from_utf8_lossy(&page(HELVETICA, b"", &[])).replace("/Size", "/Encrypt 9 0 R /Size");
    refused(locked.as_bytes(), "加了密");
    refused(locked.replace("/Encrypt", "/E#6ecrypt").as_bytes(), "加了密");
    let script = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>".to_vec();
    refused(&page(HELVETICA, b"", &[script]), "脚本");
    refused(b"%PDF-1.7\nnothing here", "损坏");
    let inside = stream("/Type /EmbeddedFile", b"x");
    assert_eq!(whats(&page(HELVETICA, b"", &[inside])), [What::Unreadable(Why::Inside)]);
}

#[test]
fn what_is_damaged_is_told() {
    let form = |dict: &str| stream(&format!("/Subtype /Form {dict}"), b"BT (x) Tj ET");
    let drawn = |form: Vec<u8>| page_with("", "/XObject << /X 6 0 R >>", HELVETICA, b"/X Do", &[form]);
    let damaged = What::Unreadable(Why::Damaged);
    // Told on the page that draws it, and among the forms.
    assert!(whats(&drawn(form("/Filter /Strange"))).contains(&damaged));
    // Not a stream of zlib, and one whose checksum says that some of it is missing.
    assert!(whats(&drawn(form("/Filter /FlateDecode"))).contains(&damaged));
    let zlib = b"\x78\x01\x01\x05\x00\xFA\xFFq Q q\x04\x5E\x01\x74";
    let flate = |packed: &[u8]| {
        page_with("", "", HELVETICA, b"", &[stream("/Subtype /Form /Filter /FlateDecode", packed)])
    };
    assert_eq!(whats(&flate(zlib)), []);
    assert_eq!(whats(&flate(&zlib[..14])), [damaged]);
    // An object that others refer to and that can't be read.
    assert_eq!(whats(&page(HELVETICA, b"", &[b"[7 0 R]".to_vec(), b"<< /A ".to_vec()])), [damaged]);
    assert_eq!(whats(&page(HELVETICA, b"", &[b"[9 0 R]".to_vec()])), [], "one that is nowhere is null");
}

#[test]
fn an_earlier_version_in_the_file_is_told() {
    let mut bytes = page(HELVETICA, b"BT /F1 12 Tf (440811199003070019) Tj ET", &[]);
    let before = String::from_utf8_lossy(&bytes).rfind("xref\n0").unwrap();
    let at = bytes.len();
    bytes.extend(b"4 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n");
    let start = bytes.len();
    let tail = format!(
        "xref\n4 1\n{at:010} 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev {before} >>\nstartxref\n{start}\n%%EOF\n"
    );
    bytes.extend(tail.bytes());
    assert_eq!(whats(&bytes), [What::Unreadable(Why::EarlierVersions)]);
}

/// A document whose page tree is packed in an object stream, found by a stream of cross-references.
fn packed() -> Vec<u8> {
    let page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
    let objects: [(u32, Vec<u8>); 5] = [
        (1, b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()),
        (3, page.to_vec()),
        (4, stream("", b"BT /F1 12 Tf (13800138000) Tj ET")),
        (5, HELVETICA.as_bytes().to_vec()),
        (6, stream("/Type /ObjStm /N 1 /First 4", b"2 0 << /Type /Pages /Kids [3 0 R] /Count 1 >>")),
    ];
    let (mut out, mut table) = (b"%PDF-1.7\n".to_vec(), vec![[0; 4]; 8]);
    table[2] = [2, 0, 6, 0];
    for (number, object) in &objects {
        let at = u16::try_from(out.len()).unwrap().to_be_bytes();
        table[*number as usize] = [1, at[0], at[1], 0];
        out.extend(format!("{number} 0 obj\n").bytes().chain(object.iter().copied()).chain(*b"\nendobj\n"));
    }
    let start = out.len();
    let at = u16::try_from(start).unwrap().to_be_bytes();
    table[7] = [1, at[0], at[1], 0];
    let table = stream("/Type /XRef /Size 8 /W [1 2 1] /Root 1 0 R", &table.concat());
    out.extend(b"7 0 obj\n".iter().chain(&table).chain(b"\nendobj\n"));
    out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    out
}

#[test]
fn packed_objects_are_read_and_bombs_are_not() {
    assert_eq!(whats(&packed()), [What::Mobile]);
    let mut lost = packed();
    lost.truncate(lost.len() - 12);
    assert_eq!(whats(&lost), [What::Mobile], "the table's place is lost");
    // Ten forms, each drawing the next ten times: a thousand million letters from two kilobytes.
    let form = |next: usize| {
        let dict = format!("/Subtype /Form /Resources << /XObject << /X {next} 0 R >> >>");
        stream(&dict, "/X Do ".repeat(10).as_bytes())
    };
    let forms: Vec<Vec<u8>> = (7..17).map(form).collect();
    let bomb = page_with("", "/XObject << /X 6 0 R >>", HELVETICA, b"/X Do", &forms);
    assert!(matches!(read(&bomb), Err(GuardError::TooMuch(..))));
}

fn page_of(content: &[u8]) -> Vec<u8> {
    page(HELVETICA, content, &[])
}

#[test]
fn a_long_list_is_cut_off() {
    let lines: String = (0..500).map(|_| "(13800138000) Tj 0 -14 Td ".to_owned()).collect();
    let hits = read(&page_of(format!("BT /F1 12 Tf {lines} ET").as_bytes())).unwrap();
    assert_eq!(hits.len(), guard::MAX_HITS);
}
