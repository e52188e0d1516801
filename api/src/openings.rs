//! Openings and rows (SPEC H-13, H-14, H-17): the names beside entries, each as far as whoever asks may see it today.
//!
//! Nothing of an answer is kept here, and none may be kept on the way.

use crate::app::{App, Shared};
use crate::bundles::query;
use crate::entries::{TEXT, find};
use crate::limits::MAX_UNIT_OPENINGS;
use crate::problem::{Code, Problem};
use crate::tokens::Reader;
use crate::units::{no_unit, parse_unit};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use ledger::amend::{apply_correction, target_of};
use ledger::bundle::Source as _;
use ledger::entry::{Entry, Posting};
use ledger::payment_rows::{RowTree, Rows, list_of};
use ledger::sealed::{EntryId, Openings, Sealed, check, redacted};
use ledger::time::Date;
use ledger::unit::UnitId;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::Snapshot;

/// Names must be gone from everywhere once they are withdrawn.
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

/// `GET /api/v1/openings/{unit}/{seq}`: the file of SPEC P-14 with what this reader may see.
pub async fn of_entry(
    State(app): State<Shared>,
    Path((unit, seq)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let seen = app.read(move |app, log| {
        let reader = app.tokens.reader(&headers, app.now())?;
        let line = find(log, &unit, &seq)?;
        let unit = parse_unit(&unit)?;
        let Some(entry) = entry(log, line.index)? else { return Ok(Openings::default()) };
        let mut amendments = Vec::new();
        for amendment in log.amendments(&unit, line.seq).map_err(|e| Problem::internal(&e))? {
            let line = log.line(&unit, amendment.seq).map_err(|e| Problem::internal(&e))?;
            amendments.extend(line.map(|line| self::entry(log, line.index)).transpose()?.flatten());
        }
        seen(app, &entry, &amendments.iter().collect::<Vec<_>>(), &reader, true)
    });
    let seen = seen.await?;
    app.metrics.opened(seen.iter().count());
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], seen.text()))
}

/// Which openings are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// First entry, from 1; without it, as a bundle begins.
    from: Option<u64>,
}

/// `GET /api/v1/units/{unit}/openings?from=`: a line for each entry of which this reader may see a name.
pub async fn of_unit(
    State(app): State<Shared>,
    Path(unit): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let (unit, from) = (parse_unit(&unit)?, query(asked)?.from);
    if from == Some(0) {
        return Err(Problem::bad_request("from 从 1 开始 / from begins with 1"));
    }
    let lines = app.read(move |app, log| {
        let reader = app.tokens.reader(&headers, app.now())?;
        let from = from.map_or_else(|| app.periods.first(log, unit), Ok)?;
        lines(app, log, &unit, from, &reader)
    });
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, NEVER)], lines.await?))
}

/// The lines of [`of_unit`].
///
/// # Errors
/// When the unit has no entries; [`Code::TooMuch`]; when the log can't be read.
pub fn lines(
    app: &App,
    log: &Snapshot,
    unit: &UnitId,
    from: u64,
    reader: &Reader,
) -> Result<String, Problem> {
    let count = log.rows().iter().find(|row| row.unit == *unit).map_or(0, |row| row.count);
    if count == 0 && log.published().registry.profile(unit).is_none() {
        return Err(no_unit(unit));
    }
    let (mut sealing, mut amendments) = (Vec::new(), BTreeMap::<u64, Vec<Entry>>::new());
    for line in log.lines(unit, count).map_err(|e| Problem::internal(&e))? {
        // An amendment stands behind its target, so no earlier entry matters.
        if line.seq < from {
            continue;
        }
        let Some(entry) = entry(log, line.index)? else { continue };
        if let Some(target) = target_of(&entry) {
            amendments.entry(target).or_default().push(entry);
        } else if entry.json.get("sealed").is_some() {
            sealing.push(entry);
        }
    }
    let mut text = String::new();
    for entry in &sealing {
        let about = amendments.get(&entry.seq()).map_or(&[][..], Vec::as_slice);
        let seen = seen(app, entry, &about.iter().collect::<Vec<_>>(), reader, false)?;
        if !seen.is_empty() {
            app.metrics.opened(seen.iter().count());
            text.push_str(&format!("{} {}\n", entry.seq(), seen.text()));
        }
        if text.len() > MAX_UNIT_OPENINGS {
            let what = "姓名过多，请用更大的 from / too many names for one answer: ask for a later from";
            return Err(Problem::new(Code::TooMuch, what));
        }
    }
    Ok(text)
}

/// An entry of the log; `None` for a leaf that is none in the kind layer.
fn entry(log: &Snapshot, index: u64) -> Result<Option<Entry>, Problem> {
    Ok(Entry::of_leaf(&log.leaf(index).map_err(|e| Problem::internal(&e))?).ok())
}

/// What a reader may see of an entry's openings; `rows`: also those of a payment list's rows. Only what opens a
/// commitment of the entry is ever shown.
fn seen(
    app: &App,
    entry: &Entry,
    amendments: &[&Entry],
    reader: &Reader,
    rows: bool,
) -> Result<Openings, Problem> {
    let unit = entry.unit();
    let kept = app.log.openings(&unit, entry.seq()).map_err(|e| Problem::internal(&e))?;
    let Some(kept) = kept else { return Ok(Openings::default()) };
    // Withdrawn ones are not kept; should one still be, it is not shown.
    let gone = redacted(entry.seq(), amendments.iter().copied());
    let kept = kept.without(&gone.iter().map(|(path, _)| *path).collect::<Vec<_>>());
    let mut sealed = Sealed::of(entry).map_err(|e| Problem::internal(&e))?;
    if let Some(list) = list_of(entry).filter(|_| rows)
        && let Some(rows) = rows_of(app, &list.digest)?
    {
        sealed.extend(rows.sealed(list.access));
    }
    let report = check(&EntryId::of(entry), &sealed, &kept);
    let shown = if reader.is_inspector(&unit) {
        report.opened
    } else {
        report.shown(posting(entry, amendments), Date::of_unix(app.now()))
    };
    Openings::new(shown.into_iter().cloned().collect()).map_err(|e| Problem::internal(&e))
}

/// An entry's posting, corrections applied.
fn posting(entry: &Entry, amendments: &[&Entry]) -> Option<Posting> {
    let mut json = entry.json.clone();
    for amendment in amendments {
        apply_correction(&mut json, entry.seq(), amendment);
    }
    Entry::of(json).ok().and_then(|entry| entry.posting)
}

/// The rows behind a digest; `None` when they are not there (any more).
///
/// # Errors
/// When they can't be read.
pub fn rows_of(app: &App, digest: &ledger::hash::Hash) -> Result<Option<Rows>, Problem> {
    let Some((_, mut file)) = app.log.blobs().read(digest).map_err(|e| Problem::internal(&e))? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Problem::internal(&e))?;
    Rows::parse(&bytes).map(Some).map_err(|e| Problem::internal(&e))
}

/// `GET /api/v1/rows/{unit}/{seq}/{place}`: the proof of one row of an entry's list.
///
/// LIMIT: the list is read and its tree built for each proof, 0.1 s for 100,000 rows.
pub async fn row(
    State(app): State<Shared>,
    Path((unit, seq, place)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let missing = |what: &str| Err(Problem::not_found(what));
    let proof = app.read(move |app, log| {
        let entry = entry(log, find(log, &unit, &seq)?.index)?;
        let Some(list) = entry.as_ref().and_then(list_of) else {
            return missing("这一条没有分户清单 / this entry has no list of rows");
        };
        let place = place.parse().ok().filter(|n: &u32| n.to_string() == place);
        let Some(place) = place.filter(|place| *place < list.count) else {
            return missing(
                "清单里没有这一行；序号从 0 开始 / the list has no such row; places begin with 0",
            );
        };
        let rows = rows_of(app, &list.digest)?;
        let proof = rows.as_ref().and_then(|rows| RowTree::new(rows).prove(place));
        proof.map(|proof| proof.encode()).ok_or_else(|| Problem::internal(&"a list's rows are missing"))
    });
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, NEVER)], proof.await?))
}
