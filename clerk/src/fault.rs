//! Faults: the row and column of a cell, what stands there, and what to do.

use std::fmt;

/// One faulty cell, row or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Row as the spreadsheet counts, the header being row 1; 0 for the whole file.
    pub row: usize,
    /// Column as its header has it, or the field of an entry; empty for the whole row.
    pub column: String,
    /// What is wrong and what to do, in Chinese and English.
    pub what: String,
}

impl Fault {
    /// A fault of a cell.
    pub fn new(row: usize, column: &str, what: impl Into<String>) -> Self {
        Fault { row, column: column.to_owned(), what: what.into() }
    }

    /// A fault of the whole file.
    pub fn of_file(what: impl Into<String>) -> Self {
        Self::new(0, "", what)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, self.column.as_str()) {
            (0, "") => write!(f, "表格：{}", self.what),
            (0, column) => write!(f, "“{column}”：{}", self.what),
            (row, "") => write!(f, "第{row}行：{}", self.what),
            (row, column) => write!(f, "第{row}行“{column}”：{}", self.what),
        }
    }
}
