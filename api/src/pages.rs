//! `GET /` and `GET /u/{unit}`: pages drawn by the server, readable before any script runs.
//!
//! The page of a unit is drawn from a bundle that the server itself verifies with the phone's code.

use crate::app::{App, Shared, now};
use crate::bundles::encoded;
use crate::limits::{MAX_PAGES, WHOLE_BOOK};
use crate::problem::Problem;
use crate::trust::policy_text;
use crate::units::{UnitLine, parse_unit, units};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use ledger::bundle::{Ask, Source as _, verify};
use ledger::policy::Policy;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::Snapshot;
use views::{Home, HomeUnit, Shell};

/// The published size, and which span of [`FRESH_PAGE`] it is: what is stale by its time is drawn so.
type AsOf = (u64, u64);
/// Longest time for which a drawn page is kept, in seconds.
const FRESH_PAGE: u64 = 600;

/// Pages drawn since the last publication, at most [`MAX_PAGES`].
#[derive(Debug, Default)]
pub struct Pages(Mutex<Drawn>);

#[derive(Debug, Default)]
struct Drawn {
    as_of: AsOf,
    pages: BTreeMap<UnitId, Bytes>,
}

impl Pages {
    fn get(&self, unit: &UnitId, as_of: AsOf) -> Option<Bytes> {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.pages.get(unit).filter(|_| drawn.as_of == as_of).cloned()
    }

    fn put(&self, unit: UnitId, as_of: AsOf, page: Bytes) {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.as_of < as_of || drawn.pages.len() >= MAX_PAGES {
            *drawn = Drawn { as_of, pages: BTreeMap::new() };
        }
        if drawn.as_of == as_of {
            drawn.pages.insert(unit, page);
        }
    }
}

/// `GET /`.
pub async fn home(State(app): State<Shared>) -> impl IntoResponse {
    let mut list = units(&app, &app.log.published()).units;
    list.sort_by(|a, b| (&a.parent, &a.unit).cmp(&(&b.parent, &b.unit)));
    let unwitnessed = Policy::parse(&policy_text(&app)).is_ok_and(|p| p.is_none());
    let home = Home { units: list.iter().map(home_unit).collect(), unwitnessed };
    Html(shell(&app).home(&home))
}

fn home_unit(u: &UnitLine) -> HomeUnit<'_> {
    HomeUnit { unit: &u.unit, name: &u.name, parent: u.parent.as_deref(), count: u.count }
}

/// Scripts are named in pages only when they are there to be had.
fn shell(app: &App) -> Shell {
    Shell { scripts: app.viewer.has("app.js"), ..Shell::default() }
}

/// `GET /u/{unit}`.
pub async fn unit(State(app): State<Shared>, Path(unit): Path<String>) -> Result<impl IntoResponse, Problem> {
    let unit = parse_unit(&unit)?;
    let as_of = (app.log.published().size, now() / FRESH_PAGE);
    let page = match app.pages.get(&unit, as_of) {
        Some(page) => page,
        None => {
            let page = app.read(move |app, log| draw(app, log, unit)).await?;
            app.pages.put(unit, as_of, page.clone());
            page
        }
    };
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page))
}

fn draw(app: &App, log: &Snapshot, unit: UnitId) -> Result<Bytes, Problem> {
    // A short book is shown whole; of a long one, the newest period that has entries.
    let count = log.rows().iter().find(|row| row.unit == unit).map_or(0, |row| row.count);
    let from = (count <= WHOLE_BOOK).then_some(1);
    let bundle = encoded(app, log, unit, from, None)?;
    let ask = Ask { unit: Some(unit), charter: Some(app.charter_hash), memory: None, now: now() };
    let outcome = verify(&bundle, &ask);
    let verified = outcome.verified.ok_or_else(|| {
        Problem::internal(&format!(
            "the bundle of {unit} does not hold: {} {}",
            outcome.verdict.code, outcome.verdict.detail
        ))
    })?;
    Ok(Bytes::from(shell(app).unit(&verified, outcome.verdict.code)))
}
