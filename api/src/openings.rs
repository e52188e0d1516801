//! Openings and rows (SPEC H-13, H-14, H-17): the names beside entries, each as far as whoever asks may see it today.
//!
//! Nothing of an answer is kept here, and none may be kept on the way.

use crate::app::{App, Shared};
use crate::bundles::query;
use crate::entries::{TEXT, find};
use crate::limits::MAX_UNIT_OPENINGS;
use crate::lists::tree_of;
use crate::problem::{Code, Problem};
use crate::tokens::Reader;
use crate::units::{no_unit, parse_unit};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use ledger::amend::{posting_of, target_of};
use ledger::bundle::Source as _;
use ledger::entry::Entry;
use ledger::json::Value;
use ledger::payment_rows::list_of;
use ledger::sealed::{Access, EntryId, Openings, Sealed, check, redacted};
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
    let found = app.read(move |app, log| {
        let reader = app.tokens.reader(&headers, app.now())?;
        let line = find(log, &unit, &seq)?;
        let unit = parse_unit(&unit)?;
        let mut about = Vec::new();
        for amendment in log.amendments(&unit, line.seq).map_err(|e| Problem::internal(&e))? {
            let line = log.line(&unit, amendment.seq).map_err(|e| Problem::internal(&e))?;
            about.extend(line.map(|line| self::entry(log, line.index)).transpose()?.flatten());
        }
        Ok((reader, entry(log, line.index)?, about))
    });
    let (reader, entry, about) = found.await?;
    let text = match entry.filter(|entry| may_see_some(&app, entry, &about, &reader)) {
        // Whoever may see nothing waits for nobody.
        None => Openings::default().text(),
        Some(entry) if list_of(&entry).is_some() => {
            app.read_list(move |app| Ok(seen(app, &entry, &about, &reader, true)?.text())).await?
        }
        Some(entry) => app.read(move |app, _| Ok(seen(app, &entry, &about, &reader, true)?.text())).await?,
    };
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], text))
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
        let sealed = entry.json.get("sealed").is_some();
        if let Some(target) = target_of(&entry) {
            // It may seal names itself: of who approved the correction.
            sealing.extend(sealed.then(|| entry.clone()));
            amendments.entry(target).or_default().push(entry);
        } else if sealed {
            sealing.push(entry);
        }
    }
    let mut text = String::new();
    for entry in &sealing {
        let about = amendments.get(&entry.seq()).map_or(&[][..], Vec::as_slice);
        if !may_see_some(app, entry, about, reader) {
            continue;
        }
        let seen = seen(app, entry, about, reader, false)?;
        if !seen.is_empty() {
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

/// Whether a reader may see any name of an entry, as far as the entry itself tells.
fn may_see_some(app: &App, entry: &Entry, amendments: &[Entry], reader: &Reader) -> bool {
    let posted = Access::Posted.name();
    let is_posted = |item: &Value| item.object().and_then(|item| item.text_of("access")) == Some(posted);
    reader.is_inspector(&entry.unit())
        || (entry.json.list_of("sealed").iter().any(is_posted)
            || list_of(entry).is_some_and(|list| list.access == Access::Posted))
            && posting_of(entry, amendments).is_some_and(|posting| posting.covers(Date::of_unix(app.now())))
}

/// What a reader may see of an entry's openings; `rows`: also those of a payment list's rows. Only what opens a
/// commitment of the entry is ever shown.
fn seen(
    app: &App,
    entry: &Entry,
    amendments: &[Entry],
    reader: &Reader,
    rows: bool,
) -> Result<Openings, Problem> {
    let unit = entry.unit();
    let kept = app.log.openings(&unit, entry.seq()).map_err(|e| Problem::internal(&e))?;
    let Some(kept) = kept else { return Ok(Openings::default()) };
    // Withdrawn ones are not kept; should one still be, it is not shown.
    let gone = redacted(entry.seq(), amendments);
    let kept = kept.without(&gone.iter().map(|(path, _)| *path).collect::<Vec<_>>());
    let mut sealed = Sealed::of(entry).map_err(|e| Problem::internal(&e))?;
    if let Some(list) = list_of(entry).filter(|_| rows)
        && let Some(tree) = tree_of(app, &list)?
    {
        sealed.extend(tree.rows().sealed(list.access));
    }
    let report = check(&EntryId::of(entry), &sealed, &kept);
    let shown = if reader.is_inspector(&unit) {
        // Not counted where anyone can read it: when inspectors look is nobody else's affair.
        report.opened
    } else {
        let shown = report.shown(posting_of(entry, amendments), Date::of_unix(app.now()));
        app.metrics.opened(shown.len());
        shown
    };
    Openings::new(shown.into_iter().cloned().collect()).map_err(|e| Problem::internal(&e))
}

/// `GET /api/v1/rows/{unit}/{seq}/{place}`: the proof of one row of an entry's list.
pub async fn row(
    State(app): State<Shared>,
    Path((unit, seq, place)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let missing = |what: &str| Err(Problem::not_found(what));
    let found = app.read(move |_, log| {
        let entry = entry(log, find(log, &unit, &seq)?.index)?;
        let Some(list) = entry.as_ref().and_then(list_of) else {
            return missing("这一条没有分户清单 / this entry has no list of rows");
        };
        let place = place.parse().ok().filter(|n: &u32| n.to_string() == place);
        match place.filter(|place| *place < list.count) {
            Some(place) => Ok((list, place)),
            None => {
                missing("清单里没有这一行；序号从 0 开始 / the list has no such row; places begin with 0")
            }
        }
    });
    let (list, place) = found.await?;
    let proof = app.read_list(move |app| {
        let proof = tree_of(app, &list)?.and_then(|tree| tree.prove(place));
        proof.map(|proof| proof.encode()).ok_or_else(|| Problem::internal(&"a list's rows are missing"))
    });
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, NEVER)], proof.await?))
}
