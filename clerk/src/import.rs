//! `import`: a table becomes a draft, or a list of everything that must be corrected first.

use crate::columns::{KNOWN, PEOPLE, REQUIRED};
use crate::divisions::Divisions;
use crate::draft::{Draft, DraftEntry, FORMAT};
use crate::fault::Fault;
use crate::mapping;
use crate::names;
use crate::privacy::Names;
use crate::record::{Reader, Record};
use crate::table::{Table, plain};
use crate::wire::Ordered;
use std::collections::BTreeMap;

/// Reads a table and maps its rows; `source` is the file's name, for the draft.
///
/// # Errors
/// Every faulty cell and row; there is no draft then.
pub fn import(bytes: &[u8], divisions: &Divisions, source: &str) -> Result<Draft, Vec<Fault>> {
    let table = Table::read(bytes)?;
    let missing = REQUIRED.iter().filter(|c| !table.has(c));
    let missing: Vec<Fault> =
        missing.map(|c| Fault::new(1, c, "缺少这一列，请用规定的表头 / the column is missing")).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let names = Names::of(&table);
    let mut reader =
        Reader { divisions, names: &names, faults: Vec::new(), warnings: unknown_columns(&table) };
    let records: Vec<Record> = table.rows().filter_map(|row| reader.record(&row)).collect();
    let (mut faults, mut warnings) = (reader.faults, reader.warnings);
    outside_period(&records, &mut warnings);
    // Rows are mapped even when others are faulty, so that one round of corrections is enough.
    let mapped = mapping::map(&records, &mut warnings).unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    if !faults.is_empty() {
        faults.sort_by_key(|f| f.row);
        return Err(faults);
    }
    let mut entries: Vec<_> = mapped
        .into_iter()
        .map(|m| {
            let entry = DraftEntry {
                row: m.row,
                rows: m.rows,
                entry: Ordered(m.content),
                corrects_row: m.target,
                names: m.names,
                list: m.list,
                files: Vec::new(),
                seq: None,
                signed_at: None,
                signatures: Vec::new(),
                tickets: Vec::new(),
                receipt: None,
            };
            (m.unit, entry)
        })
        .collect();
    for (_, entry) in &mut entries {
        names::draw(&mut entry.names, &mut entry.list).map_err(|e| vec![Fault::of_file(e.to_string())])?;
    }
    entries.sort_by_key(|(unit, entry)| (*unit, entry.row));
    warnings.sort_by_key(|w| w.row);
    Ok(Draft {
        format: FORMAT.to_owned(),
        source: format!("{source} ({})", table.encoding),
        ledger: None,
        next: BTreeMap::new(),
        keys: Vec::new(),
        warnings: warnings.iter().map(Fault::to_string).collect(),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
    })
}

fn unknown_columns(table: &Table) -> Vec<Fault> {
    let known = |c: &&str| KNOWN.contains(c) || PEOPLE.iter().any(|(p, _)| p == c);
    let unknown = table.columns().filter(|c| !plain(c).is_empty() && !known(&plain(c).as_str()));
    unknown
        .map(|c| Fault::new(1, c, "不认识这一列，内容不会公布 / an unknown column: it is not published"))
        .collect()
}

fn outside_period(records: &[Record], warnings: &mut Vec<Fault>) {
    for record in records {
        if let (Some(date), Some(period)) = (record.occurred, record.period)
            && !(period.first_day()..=period.last_day()).contains(&date)
        {
            let what = format!("{date} 不在所属期间 {period} / outside the period");
            warnings.push(Fault::new(record.row, crate::columns::OCCURRED, what));
        }
    }
}
