//! Tables as they really arrive: UTF-8 with or without a byte order mark, GBK, GB18030, UTF-16; comma-separated.

use crate::cell::fold;
use crate::fault::Fault;
use std::collections::BTreeMap;

/// Largest file in bytes.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Other headers that are in use, and the usual ones.
const ALIASES: [(&str, &str); 8] = [
    ("金额", "金额(元)"),
    ("货币资金余额", "货币资金余额(元)"),
    ("公示结束日期", "公示截止日期"),
    ("对方单位", "对方单位或个人"),
    ("区划代码", "行政区划代码"),
    ("附件文件", "附件"),
    ("附件文件名", "附件"),
    ("附件公开范围", "附件范围"),
];

/// A table that has been read.
#[derive(Debug)]
pub struct Table {
    /// The encoding it came in.
    pub encoding: &'static str,
    columns: Vec<String>,
    places: BTreeMap<String, usize>,
    rows: Vec<(usize, Vec<String>)>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    /// Number as the spreadsheet counts, the header being row 1.
    pub number: usize,
    cells: &'t [String],
}

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// A file that is no such table, or every row whose number of cells is not that of the header.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let (text, encoding) = decode(bytes).map_err(|what| vec![Fault::of_file(what)])?;
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let (mut columns, mut rows, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (i, record) in reader.records().enumerate() {
            let record = record.map_err(|e| {
                vec![Fault::of_file(format!("不是逗号分隔的表格（{e}） / not a comma-separated table"))]
            })?;
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if i == 0 {
                columns = cells;
                continue;
            }
            if cells.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            if cells.len() != columns.len() {
                let what = format!(
                    "有 {} 格，表头有 {} 格；文字里的逗号要用双引号括起来 / the row has another number of cells than the header: put text with commas in double quotes",
                    cells.len(),
                    columns.len()
                );
                faults.push(Fault::new(i + 1, "", what));
                continue;
            }
            rows.push((i + 1, cells));
        }
        let mut places = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            let name = plain(column);
            if !name.is_empty() && places.insert(name, at).is_some() {
                faults.push(Fault::new(1, column, "这一列出现了两次 / the column stands twice"));
            }
        }
        if rows.is_empty() && faults.is_empty() {
            faults.push(Fault::of_file("没有数据行 / there are no rows"));
        }
        if faults.is_empty() { Ok(Table { encoding, columns, places, rows }) } else { Err(faults) }
    }

    /// The rows that are not empty.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(number, cells)| Row { table: self, number: *number, cells })
    }

    /// Whether a column is there.
    pub fn has(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }

    /// The columns, as their headers have them.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }
}

impl<'t> Row<'t> {
    /// The cell under a column, as it was typed; empty when there is no such column.
    pub fn raw(&self, column: &str) -> &'t str {
        self.table.places.get(column).and_then(|at| self.cells.get(*at)).map_or("", String::as_str)
    }

    /// The folded cell under a column; `None` when it is empty.
    pub fn code(&self, column: &str) -> Option<String> {
        Some(fold(self.raw(column))).filter(|text| !text.is_empty())
    }
}

/// A header's plain name: folded, without spaces, by its usual name.
pub fn plain(header: &str) -> String {
    let name: String = fold(header).chars().filter(|c| !c.is_whitespace()).collect();
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, usual)| (*usual).to_owned())
}

fn decode(bytes: &[u8]) -> Result<(String, &'static str), String> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err("这是 Excel 工作簿，请在 Excel 里另存为“CSV UTF-8（逗号分隔）” / an Excel workbook: save it as CSV UTF-8".to_owned());
    }
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
        return text.map(|t| (t.into_owned(), encoding.name())).ok_or_else(unreadable);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), "UTF-8"));
    }
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| (text.into_owned(), "GB18030"))
        .ok_or_else(unreadable)
}

fn unreadable() -> String {
    "认不出文字编码，请在 Excel 里另存为“CSV UTF-8（逗号分隔）” / the encoding is not known: save the table as CSV UTF-8"
        .to_owned()
}
