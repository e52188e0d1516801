//! Workbooks: every cell of every sheet, and everything beside the cells.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use guard::{GuardError, Hit, MAX_PARTS, Media, Place, What, Why, attachment};
use rust_xlsxwriter::{Format, Note, Workbook, Worksheet};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

fn read(bytes: &[u8]) -> Result<Vec<Hit>, GuardError> {
    attachment("名单.xlsx", Media::Xlsx.name(), bytes)
}

fn sheet(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("名单").unwrap());
    book.save_to_buffer().unwrap()
}

fn told(bytes: &[u8]) -> Vec<(What, String)> {
    read(bytes).unwrap().iter().map(|hit| (hit.what, hit.place.to_string())).collect()
}

fn one(bytes: &[u8]) -> (What, String) {
    let told = told(bytes);
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

/// A workbook with one part more, or one of its parts replaced.
fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
    let book = sheet(|s| _ = s.write(0, 0, "x").unwrap());
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let part = archive.by_index(i).unwrap();
        if part.name().unwrap() != name {
            out.raw_copy_file(part).unwrap();
        }
    }
    out.start_file(name, SimpleFileOptions::default()).unwrap();
    out.write_all(content).unwrap();
    out.finish().unwrap().into_inner()
}

#[test]
fn texts_and_numbers_in_cells_are_found() {
    let cell = |at: &str| format!("名单!{at}");
    assert_eq!(
        one(&sheet(|s| _ = s.write(2, 1, "证440811199003070019").unwrap())),
        (What::IdNumber, cell("B3"))
    );
    let number = |n: f64| sheet(move |s| _ = s.write(0, 27, n).unwrap());
    assert_eq!(one(&number(440811199003070019.0)), (What::IdNumber, cell("AB1")));
    assert_eq!(one(&number(440811199003070000.0)), (What::IdNumber, cell("AB1")), "as Excel rounds it");
    assert_eq!(one(&number(6222022100000120000.0)), (What::BankCard, cell("AB1")));
    assert_eq!(one(&number(13800138000.0)), (What::Mobile, cell("AB1")));
    for fine in [440811100391.0, 486320.5, 13800138000.5, -1.0, 46000.0, 2026030100000127.0] {
        assert_eq!(told(&number(fine)), [], "{fine}");
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    assert_eq!(one(&sheet(|s| _ = s.write_with_format(0, 0, 13800138000.0, &date).unwrap())).0, What::Mobile);
    assert!(matches!(one(&sheet(|s| _ = s.write(0, 0, "第一行\n听力残疾").unwrap())).0, What::Word(..)));
}

#[test]
fn numbers_over_cells_are_found() {
    let row = |cells: &[(u16, &str)]| {
        let cells = cells.to_vec();
        sheet(move |s| cells.iter().for_each(|(column, text)| _ = s.write(4, *column, *text).unwrap()))
    };
    let found = (What::IdNumber, "名单!B5".to_owned());
    assert_eq!(one(&row(&[(0, "李某"), (1, "440811"), (3, "19900307"), (4, "0019")])), found);
    let boxes: Vec<String> = "44081119771015006X".chars().map(String::from).collect();
    let boxes: Vec<(u16, &str)> = (1..).zip(boxes.iter().map(String::as_str)).collect();
    assert_eq!(one(&row(&boxes)), found);
    let numbers = sheet(|s| {
        for (column, number) in [440811.0, 19900307.0, 1235.0].into_iter().enumerate() {
            s.write(0, column as u16, number).unwrap();
        }
    });
    assert_eq!(told(&numbers), [], "wrong check digit");
}

#[test]
fn hidden_sheets_names_notes_and_headers_are_found() {
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "x").unwrap();
    let hidden = book.add_worksheet().set_name("底稿").unwrap();
    hidden.set_hidden(true).write(9, 0, "13800138000").unwrap();
    assert_eq!(one(&book.save_to_buffer().unwrap()), (What::Mobile, "底稿!A10".to_owned()));
    let named = |name: &str| {
        let mut book = Workbook::new();
        book.add_worksheet().set_name(name).unwrap().write(0, 0, "x").unwrap();
        told(&book.save_to_buffer().unwrap())
    };
    assert!(
        named("残疾户").iter().all(|(what, _)| matches!(what, What::Word(..))) && !named("残疾户").is_empty()
    );
    assert_eq!(named("三月"), []);
    let note = sheet(|s| _ = s.insert_note(0, 0, &Note::new("电话13800138000")).unwrap());
    assert_eq!(one(&note), (What::Mobile, "xl/comments1.xml".to_owned()));
    let header = sheet(|s| _ = s.set_header("&C13800138000"));
    assert_eq!(one(&header), (What::Mobile, "xl/worksheets/sheet1.xml".to_owned()));
    let link = sheet(|s| _ = s.write_url_with_text(0, 0, "mailto:13800138000@a.example", "x").unwrap());
    assert_eq!(one(&link).0, What::Mobile);
    let runs = "<a><p><r><rPr><sz val=\"9\"/></rPr><t>440811</t></r><r><t>199003</t></r><r><t>070019</t></r></p></a>";
    assert_eq!(one(&with_part("xl/drawings/drawing9.xml", runs.as_bytes())).0, What::IdNumber);
    let entity = "<a><t>&#49;3800138000</t></a>";
    assert_eq!(one(&with_part("xl/drawings/drawing9.xml", entity.as_bytes())).0, What::Mobile);
}

#[test]
fn strings_that_no_cell_shows_are_found() {
    let left = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>x</t></si><si><t>13800138000</t></si></sst>"#;
    assert_eq!(
        one(&with_part("xl/sharedStrings.xml", left.as_bytes())),
        (What::Mobile, "xl/sharedStrings.xml".to_owned())
    );
}

#[test]
fn files_inside_are_told_and_macros_refused() {
    assert_eq!(one(&with_part("xl/embeddings/oleObject1.bin", b"x")).0, What::Unreadable(Why::Inside));
    let refused = |bytes: &[u8], part: &str| match read(bytes) {
        Err(error) => assert!(error.to_string().contains(part), "{error}"),
        Ok(hits) => panic!("{hits:?}"),
    };
    refused(&with_part("xl/vbaProject.bin", b"x"), "macros");
    refused(&with_part("word/document.xml", b"<a/>"), "Word");
    refused(&with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c r=\"A1\"><v>1"), "损坏");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.txt", SimpleFileOptions::default()).unwrap();
    refused(&zip.finish().unwrap().into_inner(), "ZIP");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    assert!(matches!(
        read(&with_part("xl/media/a.bin", &vec![0; guard::MAX_UNPACKED + 1])),
        Err(GuardError::TooMuch(..))
    ));
    let mut book = zip::ZipArchive::new(Cursor::new(with_part("a", b""))).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..book.len() {
        out.raw_copy_file(book.by_index(i).unwrap()).unwrap();
    }
    for i in 0..MAX_PARTS {
        out.start_file(format!("p{i}"), SimpleFileOptions::default()).unwrap();
    }
    assert!(matches!(read(&out.finish().unwrap().into_inner()), Err(GuardError::TooMuch(..))));
    // Two cells, seventeen thousand million between them.
    let sparse = sheet(|s| {
        s.write(0, 0, "x").unwrap();
        s.write(1_048_575, 16_383, "13800138000").unwrap();
    });
    assert_eq!(one(&sparse), (What::Mobile, "名单!XFD1048576".to_owned()));
    // One long string in many cells.
    let long = "一".repeat(30_000);
    let many = sheet(|s| (0..1000).for_each(|row| _ = s.write(row, 0, &long).unwrap()));
    assert!(matches!(read(&many), Err(GuardError::TooMuch(..))));
}

#[test]
fn a_place_can_be_told_apart() {
    let hits = read(&sheet(|s| _ = s.write(0, 0, "13800138000").unwrap())).unwrap();
    assert_eq!(hits[0].place, Place::Cell { sheet: "名单".to_owned(), cell: "A1".to_owned() });
}
