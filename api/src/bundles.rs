//! `GET /api/v1/units/{unit}/bundle?from=&size=`: everything that is needed to check one unit.

use crate::app::{App, Shared};
use crate::problem::{Code, Problem};
use crate::units::{no_unit, parse_unit};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use ledger::bundle::{BuildError, MAX_BUNDLE, Source as _, build};
use ledger::entry::Entry;
use ledger::time::{Date, Period};
use ledger::unit::UnitId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::Snapshot;

/// What a bundle may be asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// First entry, from 1; without it, the first one of the newest period that has entries.
    from: Option<u64>,
    /// Size of a remembered head.
    size: Option<u64>,
}

/// Query parameters, or a problem that names the one that is wrong.
///
/// # Errors
/// [`Code::BadRequest`].
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(e) => Err(Problem::bad_request(format!(
            "查询参数不对 / the query is not of its form: {}",
            e.body_text()
        ))),
    }
}

/// `GET /api/v1/units/{unit}/bundle`.
pub async fn bundle(
    State(app): State<Shared>,
    Path(unit): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let (unit, asked) = (parse_unit(&unit)?, query(asked)?);
    if asked.from == Some(0) {
        return Err(Problem::bad_request("from 从 1 开始 / from begins with 1"));
    }
    let bytes = app.read(move |app, log| encoded(app, log, unit, asked.from, asked.size)).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "public, max-age=2")],
        bytes,
    ))
}

/// The bytes of a unit's bundle.
///
/// # Errors
/// [`Code::NotFound`] for a unit without a row, [`Code::TooMuch`], or when the log can't be read.
pub fn encoded(
    app: &App,
    log: &Snapshot,
    unit: UnitId,
    from: Option<u64>,
    remembered: Option<u64>,
) -> Result<Vec<u8>, Problem> {
    let from = match from {
        Some(from) => from,
        None => app.periods.first(log, unit)?,
    };
    let bundle = build(log, unit, from, remembered).map_err(|e| match e {
        BuildError::NoUnit(unit) => no_unit(&unit),
        e => Problem::internal(&e),
    })?;
    let bytes = bundle.encode();
    if bytes.len() > MAX_BUNDLE {
        let what = "条目过多，请用更大的 from / too many entries for one bundle: ask for a later from";
        return Err(Problem::new(Code::TooMuch, what));
    }
    Ok(bytes)
}

/// The newest period of each unit and its first entry, as far as read: entries only ever come after.
#[derive(Debug, Default)]
pub struct Periods(Mutex<BTreeMap<UnitId, Newest>>);

#[derive(Clone, Copy, Debug, Default)]
struct Newest {
    /// Entries looked at.
    count: u64,
    /// First day of the newest period.
    begins: Option<Date>,
    /// Its first entry.
    first: u64,
}

impl Periods {
    /// Number of the first entry of the unit's newest period that has entries; 1 when no entry has a period,
    /// and for registries, which are always read whole.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn first(&self, log: &Snapshot, unit: UnitId) -> Result<u64, Problem> {
        let count = log.rows().iter().find(|r| r.unit == unit).map_or(0, |r| r.count);
        if unit.is_registry() || count == 0 {
            return Ok(1);
        }
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&unit).copied();
        let mut newest = known.filter(|n| n.count <= count).unwrap_or_default();
        if newest.count < count {
            let lines = log.lines(&unit, count).map_err(|e| Problem::internal(&e))?;
            for line in lines.iter().filter(|l| l.seq > newest.count) {
                let leaf = log.leaf(line.index).map_err(|e| Problem::internal(&e))?;
                let begins = Entry::of_leaf(&leaf).ok().and_then(|e| period(&e)).map(Period::first_day);
                if begins.is_some() && begins > newest.begins {
                    (newest.begins, newest.first) = (begins, line.seq);
                }
            }
            newest.count = count;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(unit, newest);
        }
        Ok(newest.first.max(1))
    }
}

/// The period of an entry; without one, the month of its business date.
fn period(entry: &Entry) -> Option<Period> {
    entry.period.or_else(|| entry.occurred.map(Period::month_of))
}
