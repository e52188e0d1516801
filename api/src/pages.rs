//! `GET /`, `GET /u/{unit}` and `GET /u/{unit}/{seq}`: pages drawn by the server, readable before any script runs.
//!
//! The page of a unit is drawn from a bundle that the server itself verifies with the phone's code, and from the
//! names that anyone may see today. A page with names is kept by nobody on the way.

use crate::app::{App, Shared};
use crate::bundles::encoded;
use crate::entries::find;
use crate::limits::{MAX_PAGES, WHOLE_BOOK};
use crate::openings::lines;
use crate::problem::Problem;
use crate::tokens::Reader;
use crate::trust::policy_text;
use crate::units::{UnitLine, parse_unit, units};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use ledger::bundle::{Ask, Source as _, verify};
use ledger::policy::Policy;
use ledger::time::Date;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::Snapshot;
use views::{Home, HomeUnit, Names, Shell};

/// How often redactions took effect, published or not: no page outlives the names on it. Then the published size and the
/// version of its cosignatures, and which span of [`FRESH_PAGE`] it is: what is stale by its time is drawn so. A day in
/// China begins with a span, so no name stands longer than it is posted.
type AsOf = (u64, u64, u64, u64);
/// Longest time for which a drawn page is kept, in seconds.
const FRESH_PAGE: u64 = 600;

/// A unit, or one entry of it.
type Of = (UnitId, Option<u64>);

/// A page.
#[derive(Clone, Debug)]
struct Page {
    html: Bytes,
    /// Whether it has room for names.
    named: bool,
}

/// Pages drawn since the last publication, at most [`MAX_PAGES`].
#[derive(Debug, Default)]
pub struct Pages(Mutex<Drawn>);

#[derive(Debug, Default)]
struct Drawn {
    as_of: AsOf,
    pages: BTreeMap<Of, Page>,
}

impl Pages {
    fn get(&self, of: &Of, as_of: AsOf) -> Option<Page> {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.pages.get(of).filter(|_| drawn.as_of == as_of).cloned()
    }

    fn put(&self, of: Of, as_of: AsOf, page: Page) {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.as_of < as_of || drawn.pages.len() >= MAX_PAGES {
            *drawn = Drawn { as_of, pages: BTreeMap::new() };
        }
        if drawn.as_of == as_of {
            drawn.pages.insert(of, page);
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
pub async fn unit(State(app): State<Shared>, Path(unit): Path<String>) -> Result<Response, Problem> {
    page(&app, (parse_unit(&unit)?, None)).await
}

/// `GET /u/{unit}/{seq}`: one entry with all that was changed later.
pub async fn entry(
    State(app): State<Shared>,
    Path((unit, seq)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let of = app.read(move |_, log| Ok((parse_unit(&unit)?, Some(find(log, &unit, &seq)?.seq)))).await?;
    page(&app, of).await
}

async fn page(app: &Shared, of: Of) -> Result<Response, Problem> {
    let published = app.log.published();
    let as_of = (app.log.withdrawals(), published.size, published.version, app.now() / FRESH_PAGE);
    let page = match app.pages.get(&of, as_of) {
        Some(page) => page,
        None => {
            let page = app.read(move |app, log| draw(app, log, of)).await?;
            app.pages.put(of, as_of, page.clone());
            page
        }
    };
    let html = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.html);
    Ok(if page.named {
        ([(header::CACHE_CONTROL, "private, no-store")], html).into_response()
    } else {
        html.into_response()
    })
}

fn draw(app: &App, log: &Snapshot, (unit, only): Of) -> Result<Page, Problem> {
    // A short book is shown whole; of a long one, the newest period that has entries.
    let count = log.rows().iter().find(|row| row.unit == unit).map_or(0, |row| row.count);
    let from = only.or((count <= WHOLE_BOOK).then_some(1));
    let bundle = encoded(app, log, unit, from, None)?;
    let now = app.now();
    let ask = Ask { unit: Some(unit), charter: Some(app.charter_hash), memory: None, now };
    let outcome = verify(&bundle, &ask);
    let (shell, code) = (shell(app), outcome.verdict.code);
    let verified = outcome.verified.ok_or_else(|| {
        Problem::internal(&format!("the bundle of {unit} does not hold: {code} {}", outcome.verdict.detail))
    })?;
    let entries = verified.entries.iter().map(|verified| &verified.entry);
    let named = entries.clone().any(|entry| entry.json.get("sealed").is_some());
    let openings =
        if named { lines(app, log, &unit, verified.from, &Reader::ANYONE)? } else { String::new() };
    let days = [verified.time, now].map(Date::of_unix);
    let names = Names::of(shell.lang, entries, days, &openings);
    let html = match only {
        None => Some(shell.unit(&verified, code, &names)),
        Some(seq) => shell.entry(&verified, code, seq, &names),
    };
    let html =
        html.ok_or_else(|| Problem::internal(&format!("the bundle of {unit} lacks entry {only:?}")))?;
    Ok(Page { html: Bytes::from(html), named })
}
