//! Leaflets (单户凭条): one for each household of a published payment list, to be handed over in person. Whoever holds one
//! can show that its row stands in the list, and whose row it is (SPEC section 4.8).
//!
//! LIMIT: they are in Chinese, and one file holds them all: of a list of 10,000 rows it has some 80 MB.

mod page;
mod qr;

use crate::divisions::Divisions;
use crate::draft::{Draft, DraftEntry};
use crate::failure::Failure;
use crate::private;
use ledger::hash::Hash;
use ledger::json::Value;
use ledger::money::Fen;
use ledger::payment_rows::RowCode;
use ledger::unit::UnitId;
use std::path::Path;

/// Characters of a row code that are printed side by side.
const GROUP: usize = 4;

/// What one leaflet says.
struct Leaflet {
    /// The unit's name.
    village: String,
    /// The list's title.
    title: String,
    /// Number of the entry in its unit.
    seq: u64,
    /// Place in the list, from 1, and rows of the whole list.
    place: (u32, usize),
    /// Number of the villagers' group; 0 for the village.
    group: u8,
    /// The masked name.
    name: String,
    /// Hundredths, and of what.
    quantity: Option<(u64, String)>,
    amount: Fen,
    /// The row code, in groups.
    code: Vec<String>,
    /// What the QR says: page and row code. The code stands behind `#`, so that no server ever gets it.
    address: String,
}

/// Leaflets to print.
pub struct Printed {
    /// The HTML file: no script, nothing from elsewhere.
    pub html: String,
    /// How many there are.
    pub count: usize,
    /// First rows of lists that are not published yet: their numbers, and so the QR codes, may still change.
    pub unpublished: Vec<usize>,
    /// First rows of lists without a number: they have no leaflets yet.
    pub unnumbered: Vec<usize>,
}

/// The leaflets of a draft's payment lists, or that of one row of the table; `host` serves the viewer, `divisions`
/// names the units.
///
/// # Errors
/// [`Failure::Refused`]: no such row, no list with a number, a host that is none, or a draft that was broken.
pub fn print(
    draft: &Draft,
    host: &str,
    divisions: Option<&Divisions>,
    row: Option<usize>,
) -> Result<Printed, Failure> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    if host.is_empty() || !host.chars().all(is_host) {
        return Err(Failure::refused(
            "--host 应为网站的域名，如 ledger.example.cn，不带 https:// / want a host such as ledger.example.cn, without https://",
        ));
    }
    let of_row = |entry: &&DraftEntry| row.is_none_or(|row| entry.row == row || entry.rows.contains(&row));
    let (mut leaflets, mut unpublished, mut unnumbered) = (Vec::new(), Vec::new(), Vec::new());
    for entry in draft.entries.iter().filter(|entry| !entry.list.is_empty()).filter(of_row) {
        let Some(seq) = entry.receipt.as_ref().map(|receipt| receipt.seq).or(entry.seq) else {
            unnumbered.push(entry.row);
            continue;
        };
        if entry.receipt.is_none() {
            unpublished.push(entry.row);
        }
        let broken = || {
            Failure::refused(format!(
                "第{}行的清单在草稿里被改坏了，请重新录入 / the list is broken in the draft: import again",
                entry.row
            ))
        };
        let all = of_list(entry, seq, host, divisions).ok_or_else(broken)?;
        match row {
            None => leaflets.extend(all),
            // A household is one row of the table, unless the draft was edited.
            Some(row) if all.len() == 1 + entry.rows.len() => {
                let mut rows = [entry.row].into_iter().chain(entry.rows.iter().copied());
                let at = rows.position(|r| r == row).ok_or_else(broken)?;
                leaflets.extend(all.into_iter().nth(at));
            }
            Some(_) => return Err(broken()),
        }
    }
    if leaflets.is_empty() {
        return Err(Failure::refused(
            "没有可打印的单户凭条：这一行不在逐户清单里，或清单还没有编号；请先盖章公布 / no leaflets to print: not a row of a list of households, or the list has no number yet; seal and publish first",
        ));
    }
    Ok(Printed { html: page::draw(&leaflets), count: leaflets.len(), unpublished, unnumbered })
}

/// Writes the leaflets to a file and says what to do with it.
///
/// # Errors
/// Those of [`print`], and [`Failure::Io`].
pub fn run(
    draft: &Draft,
    out: &Path,
    host: &str,
    divisions: Option<&Divisions>,
    row: Option<usize>,
) -> Result<(), Failure> {
    let printed = print(draft, host, divisions, row)?;
    private::write(out, printed.html.as_bytes())?;
    for row in printed.unpublished {
        println!(
            "第{row}行的清单还没有公布，编号还会变：先公布，再重新打印 / not published: publish, then print again"
        );
    }
    for row in printed.unnumbered {
        println!("第{row}行的清单还没有编号，没有打印 / has no number yet: not printed");
    }
    println!(
        "单户凭条 {} 张写入 {}。请用浏览器打开、打印、剪开，当面交给本户；印完删掉这个文件：谁拿到它，谁就能看到每一行是谁 / leaflets written: print, cut, hand over, then delete the file",
        printed.count,
        out.display()
    );
    Ok(())
}

fn of_list(entry: &DraftEntry, seq: u64, host: &str, divisions: Option<&Divisions>) -> Option<Vec<Leaflet>> {
    let (json, unit) = (&entry.entry.0, entry.unit()?);
    let measure = json.at_path("body.list.unit").and_then(Value::as_text);
    let leaflet = |(at, row): (usize, &crate::names::DraftRow)| {
        let salt = *Hash::from_base64(&row.salt)?.as_bytes();
        let index = u32::try_from(at).ok()?;
        let code = RowCode { index, salt, name: row.value.clone() }.text();
        Some(Leaflet {
            village: name_of(unit, divisions),
            title: json.text_of("title").unwrap_or_default().to_owned(),
            seq,
            place: (index + 1, entry.list.len()),
            group: row.group,
            name: row.value.clone(),
            quantity: measure.map(|measure| (row.quantity, measure.to_owned())),
            amount: Fen::new(row.amount)?,
            address: format!("https://{host}/u/{unit}/{seq}#row={code}"),
            code: code
                .as_bytes()
                .chunks(GROUP)
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect(),
        })
    };
    entry.list.iter().enumerate().map(leaflet).collect()
}

fn name_of(unit: UnitId, divisions: Option<&Divisions>) -> String {
    let known = divisions.into_iter().flat_map(Divisions::iter).find(|division| division.unit == unit);
    known.map_or_else(|| unit.to_string(), |division| division.name.clone())
}
