//! `GET /catalogue`: the disclosure catalogue in force, the built-in one or `serve --catalogue FILE`.

use crate::app::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use ledger::catalogue::{Catalogue, STANDARD, look};
use ledger::entry::Entry;
use ledger::registry::Registry;
use ledger::rules::Finding;
use std::path::{Path, PathBuf};

/// The file can't be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "公开目录 {path} 不能用：{what}。请检查 --catalogue / the catalogue can't be used; check --catalogue"
)]
pub struct CatalogueError {
    path: PathBuf,
    what: String,
}

/// A catalogue with its file.
#[derive(Debug)]
pub struct InForce {
    catalogue: Catalogue,
    file: Bytes,
}

impl InForce {
    /// The catalogue in a file; without one, the built-in one.
    ///
    /// # Errors
    /// [`CatalogueError`].
    pub fn read(path: Option<&Path>) -> Result<Self, CatalogueError> {
        let Some(path) = path else {
            return Ok(InForce {
                catalogue: Catalogue::standard(),
                file: Bytes::from_static(STANDARD.as_bytes()),
            });
        };
        let failed = |what: String| CatalogueError { path: path.to_owned(), what };
        let file = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
        let catalogue = Catalogue::parse(&file).map_err(|e| failed(e.to_string()))?;
        Ok(InForce { catalogue, file: Bytes::from(file) })
    }

    /// Whether entries at leaf `index` are judged by this catalogue.
    pub fn counts(&self, registry: &Registry, index: u64) -> bool {
        self.catalogue.counts(registry, index)
    }

    /// What it finds beside an entry logged at `time`.
    pub fn look(&self, registry: &Registry, index: u64, entry: &Entry, time: u64) -> Vec<Finding> {
        look(&self.catalogue, registry, index, entry, time)
    }
}

/// `GET /catalogue`.
pub async fn catalogue(State(app): State<Shared>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/jsonl; charset=utf-8")], app.catalogue.file.clone())
}
