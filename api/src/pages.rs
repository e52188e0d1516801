//! `GET /` and `GET /u/{unit}`: pages drawn by the server, readable before any script runs.
//!
//! The page of a unit is drawn from a bundle that the server itself verifies with the phone's code.

use crate::app::{App, Shared, now};
use crate::bundles::encoded;
use crate::limits::MAX_PAGES;
use crate::problem::Problem;
use crate::units::parse_unit;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use ledger::bundle::{Ask, verify};
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::Snapshot;

/// Pages drawn since the last publication, at most [`MAX_PAGES`].
#[derive(Debug, Default)]
pub struct Pages(Mutex<Drawn>);

#[derive(Debug, Default)]
struct Drawn {
    size: u64,
    pages: BTreeMap<UnitId, Bytes>,
}

impl Pages {
    fn get(&self, unit: &UnitId, size: u64) -> Option<Bytes> {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.pages.get(unit).filter(|_| drawn.size == size).cloned()
    }

    fn put(&self, unit: UnitId, size: u64, page: Bytes) {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.size < size || drawn.pages.len() >= MAX_PAGES {
            *drawn = Drawn { size, pages: BTreeMap::new() };
        }
        if drawn.size == size {
            drawn.pages.insert(unit, page);
        }
    }
}
