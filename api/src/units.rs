//! `GET /api/v1/units` and `/api/v1/units/{unit}`: what there is, as of the published checkpoint.

use crate::app::{App, Shared};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use ledger::index::Row;
use ledger::registry::Profile;
use ledger::unit::UnitId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::Published;

/// A unit's numbers.
#[derive(Clone, Debug, Serialize)]
pub struct UnitLine {
    /// The unit.
    pub unit: String,
    /// Its name; the unit id when it has no profile.
    pub name: String,
    /// What it belongs to.
    pub parent: Option<String>,
    /// Entries.
    pub count: u64,
    /// Amendments among them.
    pub amendments: u64,
}

/// All units of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct Units {
    /// The ledger's id.
    pub ledger: String,
    /// Leaves of the log.
    pub size: u64,
    /// Time of the index leaf, Unix seconds.
    pub time: u64,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The units with accounts that have a profile or entries, by id.
    pub units: Vec<UnitLine>,
}

#[derive(Serialize)]
struct Contact {
    office: String,
    phone: String,
}

/// One unit, with its row of the index tree.
#[derive(Serialize)]
pub struct One {
    ledger: String,
    size: u64,
    time: u64,
    checkpoint: String,
    #[serde(flatten)]
    line: UnitLine,
    /// The number that the next entry must have, unless others are on their way.
    next_seq: u64,
    root: String,
    amendment_root: String,
    contacts: Vec<Contact>,
    /// Where everything lies that is needed to check this.
    bundle: String,
}

/// Reads a unit id out of a path.
///
/// # Errors
/// [`Problem`] when it is not of the grammar.
pub fn parse_unit(text: &str) -> Result<UnitId, Problem> {
    UnitId::parse(text).ok_or_else(|| {
        Problem::bad_request(
            "单位编号应为 12 位区划代码、连字符和两位数 / a unit id is a 12-digit division code, a hyphen and two digits",
        )
    })
}

/// Nothing is known of a unit.
pub fn no_unit(unit: &UnitId) -> Problem {
    Problem::not_found(format!("账本里没有单位 {unit} / the ledger has no unit {unit}"))
}

fn line(unit: UnitId, profile: Option<&Profile>, row: Option<&Row>) -> UnitLine {
    UnitLine {
        unit: unit.to_string(),
        name: profile.map_or_else(|| unit.to_string(), |p| p.name.clone()),
        parent: profile.and_then(|p| p.parent.clone()),
        count: row.map_or(0, |r| r.count),
        amendments: row.map_or(0, |r| r.amendments),
    }
}

/// Every unit with accounts that has a profile or entries.
pub fn units(app: &App, published: &Published) -> Units {
    let rows: BTreeMap<UnitId, &Row> = published.rows.iter().map(|r| (r.unit, r)).collect();
    let profiled = published.registry.profiles().map(|(unit, _)| *unit);
    let all: BTreeSet<UnitId> = rows.keys().copied().chain(profiled).collect();
    let shown = all.into_iter().filter(|u| !u.is_registry() && *u != UnitId::VOID);
    Units {
        ledger: app.ledger.to_string(),
        size: published.size,
        time: published.time,
        checkpoint: String::from_utf8_lossy(&published.checkpoint).into_owned(),
        units: shown.map(|u| line(u, published.registry.profile(&u), rows.get(&u).copied())).collect(),
    }
}

/// `GET /api/v1/units`.
pub async fn list(State(app): State<Shared>) -> Json<Units> {
    Json(units(&app, &app.log.published()))
}

/// `GET /api/v1/units/{unit}`.
pub async fn one(State(app): State<Shared>, Path(unit): Path<String>) -> Result<Json<One>, Problem> {
    let unit = parse_unit(&unit)?;
    let published = app.log.published();
    let row = published.rows.iter().find(|r| r.unit == unit);
    let profile = published.registry.profile(&unit);
    if row.is_none() && profile.is_none() {
        return Err(no_unit(&unit));
    }
    let line = line(unit, profile, row);
    let contacts = profile.map(|p| p.contacts.clone()).unwrap_or_default();
    let empty = ledger::hash::Hash::EMPTY;
    Ok(Json(One {
        ledger: app.ledger.to_string(),
        size: published.size,
        time: published.time,
        checkpoint: String::from_utf8_lossy(&published.checkpoint).into_owned(),
        next_seq: line.count + 1,
        bundle: format!("/api/v1/units/{unit}/bundle"),
        root: row.map_or(empty, |r| r.root).to_base64(),
        amendment_root: row.map_or(empty, |r| r.amendment_root).to_base64(),
        contacts: contacts.into_iter().map(|(office, phone)| Contact { office, phone }).collect(),
        line,
    }))
}
