//! The demo as an outsider sees it: what its villages have, and what of it should be looked at. The figures below
//! were added up by hand from the tables in `demo/`.

use super::Outcome;
use crate::demo::{self, Running};
use crate::viewer;
use crate::workshop::{output, programs};
use anyhow::{Context as _, Result, anyhow, ensure};
use ledger::amend::target_of;
use ledger::bundle::Bundle;
use ledger::entry::Entry;
use ledger::json::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::process::Command;

/// A village's quarter, in fen: what it had, received and paid, and what its close says is left.
struct Quarter {
    unit: &'static str,
    opening: i64,
    income: i64,
    expense: i64,
    closing: i64,
}

const QUARTERS: [Quarter; 3] = [
    // 488,500.50 + 61,000.00 - 53,539.80: the close says so.
    Quarter {
        unit: "440811100391-00",
        opening: 48_850_050,
        income: 6_100_000,
        expense: 5_353_980,
        closing: 49_596_070,
    },
    // 1,258,000.00 + 298,121.00 - 274,550.00: the close says so.
    Quarter {
        unit: "440811101391-00",
        opening: 125_800_000,
        income: 29_812_100,
        expense: 27_455_000,
        closing: 128_157_100,
    },
    // 159,810.35 + 57,800.00 - 79,450.00 = 138,160.35: the close says 3,000.00 less.
    Quarter {
        unit: "440811102391-00",
        opening: 15_981_035,
        income: 5_780_000,
        expense: 7_945_000,
        closing: 13_516_035,
    },
];

/// What the tables plant, by unit and number in it; nothing else may be found.
const FINDINGS: [(&str, &[(u64, &str)]); 3] = [
    // 榕溪村: 23,800 for plants names no resolution.
    ("440811100391-00", &[(10, "no_resolution")]),
    // 稔湾村: a pond let for 15 years without bids and resolution, posted for 6 days; 7,850 in cash; a dike in three
    // parts of nearly 50,000, awarded and paid without a resolution.
    (
        "440811101391-00",
        &[
            (4, "no_competition"),
            (4, "no_resolution"),
            (4, "posting_short"),
            (8, "cash"),
            (9, "no_resolution"),
            (10, "no_resolution"),
            (11, "no_resolution"),
            (12, "no_resolution"),
            (13, "no_resolution"),
            (14, "no_resolution"),
        ],
    ),
    // 蒲岭村: 20,000 and 30,000 for work without a resolution; 12,600 in cash; a lease of 35 years without
    // bids; 17 of 28 present;
    // a close that is 3,000 apart from its entries.
    (
        "440811102391-00",
        &[
            (4, "no_resolution"),
            (5, "cash"),
            (7, "no_resolution"),
            (10, "lease_term"),
            (10, "no_competition"),
            (14, "quorum"),
            (16, "close"),
        ],
    ),
];

/// Makes a demo and asks its server and the auditor's program.
pub fn demo() -> Result<Outcome> {
    demo::build()?;
    let (viewer, place) = (viewer::build()?, tempfile::tempdir()?);
    let running = Running::start(place.path(), None, &viewer, false)?;
    for quarter in &QUARTERS {
        add_up(&running, quarter).with_context(|| format!("the book of {}", quarter.unit))?;
    }
    let audit = audit(&running)?;
    let served = served(&running)?;
    forgotten(&running)?;
    running.stop()?;
    let of_unit = |(unit, list): &(&str, &[(u64, &str)])| -> Vec<Found> {
        list.iter().map(|(seq, code)| ((*unit).to_owned(), *seq, (*code).to_owned())).collect()
    };
    let wanted: Vec<Found> = FINDINGS.iter().flat_map(of_unit).collect();
    for (who, found) in [("the server", served), ("the auditor", audit)] {
        let apart =
            |a: &[Found], b: &[Found]| a.iter().filter(|f| !b.contains(f)).cloned().collect::<Vec<_>>();
        let (more, less) = (apart(&found, &wanted), apart(&wanted, &found));
        ensure!(found == wanted, "{who} finds besides: {more:?}; and does not find: {less:?}");
    }
    Ok(Outcome::Passed)
}

/// Unit, number and code of a finding.
type Found = (String, u64, String);

/// Counts a book entry by entry up to its close, with nothing of the rules that are under test.
fn add_up(running: &Running, quarter: &Quarter) -> Result<()> {
    let bundle = running.get(&format!("/api/v1/units/{}/bundle?from=1", quarter.unit))?;
    let bundle = Bundle::parse(bundle.as_bytes())?;
    let (mut opening, mut income, mut expense, mut closing) = (0, 0, 0, 0);
    let mut directions = BTreeMap::new();
    for item in &bundle.entries {
        let entry = Entry::of_leaf(&item.note)?;
        let fen = |name: &str| entry.body().int_of(name).unwrap_or_default();
        let (direction, amount) = match entry.kind() {
            "opening_balance" => {
                opening = fen("amount");
                continue;
            }
            "period_close" => {
                closing = fen("closing");
                break;
            }
            "voucher" => (entry.body().text_of("direction").unwrap_or_default().to_owned(), fen("amount")),
            "correction" => {
                let target = target_of(&entry).and_then(|seq| directions.get(&seq)).cloned();
                (target.unwrap_or_default(), difference(&entry))
            }
            _ => continue,
        };
        match direction.as_str() {
            "income" => income += amount,
            "expense" => expense += amount,
            _ => {}
        }
        directions.insert(entry.seq(), direction);
    }
    let (counted, wanted) = (
        (opening, income, expense, closing),
        (quarter.opening, quarter.income, quarter.expense, quarter.closing),
    );
    ensure!(counted == wanted, "opening, income, expense, closing: {counted:?}, wanted {wanted:?}");
    Ok(())
}

/// New amount less the old one.
fn difference(correction: &Entry) -> i64 {
    let fields = correction.body().list_of("fields").iter().filter_map(Value::object);
    let amount = fields.into_iter().find(|f| f.text_of("path") == Some("body.amount"));
    amount.and_then(|f| Some(f.int_of("new")? - f.int_of("old")?)).unwrap_or_default()
}

/// What the server finds, unit by unit.
fn served(running: &Running) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for Quarter { unit, .. } in &QUARTERS {
        let answer: Json = serde_json::from_str(&running.get(&format!("/api/v1/units/{unit}/findings"))?)?;
        let list = answer.get("findings").and_then(Json::as_array).context("no findings")?;
        found.extend(list.iter().map(|finding| read(unit, finding)));
    }
    found.sort();
    Ok(found)
}

/// The fourth village: its lists and files hold, and of its names one is withdrawn and none withheld.
fn forgotten(running: &Running) -> Result<()> {
    let token = running.folder().join("inspector.token").into_os_string().into_string();
    let token = token.map_err(|_| anyhow!("a folder whose name is no text"))?;
    let report = report(running, &["--names", "--attachments", "--token-file", &token])?;
    let count = |path: &str| report.pointer(&format!("/beside/{path}")).and_then(Json::as_u64);
    let (lists, files) = (count("lists/held"), count("attachments/held"));
    ensure!((lists, files) == (Some(2), Some(2)), "lists and files: {report:#}");
    // 131 fields and rows: each is opened but the one that was withdrawn.
    let names = ["sealed", "opened", "withdrawn", "withheld"].map(|name| count(&format!("names/{name}")));
    ensure!(names == [Some(131), Some(130), Some(1), Some(0)], "names: {names:?}, {report:#}");
    Ok(())
}

/// What the auditor's program finds; it must have no fault to report.
fn audit(running: &Running) -> Result<Vec<Found>> {
    let report = report(running, &[])?;
    let list = report.pointer("/hints/first").and_then(Json::as_array).context("no findings")?;
    let unit = |finding: &Json| finding.get("unit").and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut found: Vec<Found> = list.iter().map(|finding| read(&unit(finding), finding)).collect();
    found.sort();
    Ok(found)
}

/// The report of an audit without faults.
pub fn report(running: &Running, more: &[&str]) -> Result<Json> {
    let mut verifier = Command::new(programs()?.join("village-verifier"));
    verifier.args(["audit", &running.url(), "--json", "--trust"]).arg(running.trust()).args(more);
    let report: Json = serde_json::from_str(&output(&mut verifier)?)?;
    ensure!(report.pointer("/faults/count") == Some(&Json::from(0)), "faults: {report:#}");
    Ok(report)
}

fn read(unit: &str, finding: &Json) -> Found {
    let code = finding.get("code").and_then(Json::as_str).unwrap_or_default();
    let seq = finding.get("seq").and_then(Json::as_u64).unwrap_or_default();
    (unit.to_owned(), seq, code.to_owned())
}
