//! Data files of the ledger: a type line, and then one object a line in the ledger's own spelling of JSON.

use crate::entry::FieldError;
use crate::json::{self, Object};
use crate::kinds::{Field, check};

/// Largest data file in bytes.
pub(super) const MAX_FILE: usize = 1 << 20;

/// Why a data file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行{space}{path}：{what} (line {line})", space = if .path.is_empty() { "" } else { " " })]
pub struct DataError {
    /// The line, from 1.
    pub line: usize,
    /// Dotted path of the field; empty for the whole line.
    pub path: String,
    /// What is wrong, in Chinese and English.
    pub what: String,
}

impl DataError {
    pub(super) fn new(line: usize, path: &str, what: impl Into<String>) -> Self {
        DataError { line, path: path.to_owned(), what: what.into() }
    }
}

/// A line's number and its object.
pub(super) type Row = (usize, Object);

/// The header and the rows of a file, each holding exactly its fields.
pub(super) fn read(
    text: &str,
    type_line: &str,
    header: &[Field],
    row: &[Field],
) -> Result<(Object, Vec<Row>), DataError> {
    if text.len() > MAX_FILE {
        return Err(DataError::new(
            1,
            "",
            format!("文件超过 {MAX_FILE} 字节 / the file is larger than that"),
        ));
    }
    let body = text.strip_suffix('\n').ok_or_else(|| {
        DataError::new(
            text.lines().count().max(1),
            "",
            "最后一行没有换行 / the last line does not end in a newline",
        )
    })?;
    let mut lines = body.split('\n').zip(1..);
    if lines.next().is_none_or(|(first, _)| first != type_line) {
        return Err(DataError::new(1, "", format!("第一行应为 {type_line} / want this first line")));
    }
    let mut objects = Vec::new();
    for (line, number) in lines {
        let object = json::parse(line).map_err(|e| {
            DataError::new(
                number,
                "",
                format!("不是账本规定写法的 JSON / not the ledger's spelling of JSON: {e}"),
            )
        })?;
        let fields = if objects.is_empty() { header } else { row };
        check(&object, fields).map_err(|FieldError { path, what }| DataError { line: number, path, what })?;
        objects.push((number, object));
    }
    if objects.len() < 2 {
        return Err(DataError::new(2, "", "缺少表头或内容 / the header or all rows are missing"));
    }
    Ok((objects.remove(0).1, objects))
}

/// The first row whose `name` an earlier one has.
pub(super) fn distinct<'a>(
    keys: impl Iterator<Item = (usize, &'a str)>,
    name: &str,
) -> Result<(), DataError> {
    let mut seen: Vec<&str> = Vec::new();
    for (line, key) in keys {
        if seen.contains(&key) {
            return Err(DataError::new(line, name, format!("“{key}”写了两次 / it stands twice")));
        }
        seen.push(key);
    }
    Ok(())
}
