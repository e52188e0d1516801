//! `GET /catalogue`: the disclosure catalogue in force, the built-in one or `serve --catalogue FILE`.

use crate::app::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use ledger::catalogue::{Catalogue, STANDARD, lateness};
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

    /// Whether the registry names this catalogue, or none, for the leaf at `index`.
    pub fn is_named(&self, registry: &Registry, index: u64) -> bool {
        registry.catalogue(index).is_none_or(|named| named == self.catalogue.digest())
    }

    /// Whether an entry came late; not judged by another catalogue than the one that the registry names.
    pub fn lateness(&self, registry: &Registry, index: u64, entry: &Entry, time: u64) -> Option<Finding> {
        let ours = self.is_named(registry, index);
        ours.then(|| lateness(&self.catalogue, registry, index, entry, time)).flatten()
    }
}

/// `GET /catalogue`.
pub async fn catalogue(State(app): State<Shared>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/jsonl; charset=utf-8")], app.catalogue.file.clone())
}
