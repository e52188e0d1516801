//! Small tables and what becomes of them.

use super::demo;
use clerk::draft::DraftEntry;
use clerk::import::import;
use clerk::{Divisions, Draft, Fault};
use ledger::json::Value;

pub fn divisions() -> Divisions {
    Divisions::read(&std::fs::read(demo("divisions_sample.csv")).unwrap()).unwrap()
}

/// A table of some columns beside those of the first village in March 2026.
pub fn rows(columns: &str, rows: &[&str]) -> Result<Draft, Vec<Fault>> {
    let mut text = format!("行政区划代码,所属期间,业务日期,{columns}\n");
    rows.iter().for_each(|row| text.push_str(&format!("440811100391,2026-03,2026-03-02,{row}\n")));
    import(text.as_bytes(), &divisions(), "t.csv")
}

pub fn said(entry: &DraftEntry, path: &str) -> String {
    match entry.entry.0.at_path(path) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Int(n)) => n.to_string(),
        Some(Value::Bool(b)) => b.to_string(),
        Some(other) => panic!("{path}: {other:?}"),
        None => "-".to_owned(),
    }
}

/// Every `path=value` of a line, below `body`; `-` is what is not there.
pub fn holds(draft: &Draft, row: usize, kind: &str, figures: &str) {
    let entry = draft.of_row(row).unwrap();
    assert_eq!(said(entry, "kind"), kind, "row {row}: {}", entry.entry.0.text());
    for (path, value) in figures.split(' ').filter_map(|pair| pair.split_once('=')) {
        assert_eq!(said(entry, &format!("body.{path}")), value, "row {row}: {path}");
    }
}
