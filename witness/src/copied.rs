//! The paths of a log's copy, as a log serves them itself (C2SP tlog-tiles), under `/mirror/<origin hash>`.

use crate::route::{App, Shared, TEXT, off, refuse};
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use client::MirrorError;
use ledger::tile::TilePath;

/// Tiles never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// The newest checkpoint does, at any time.
const MOMENT: &str = "public, max-age=2";
/// An older one may still gain cosignatures.
const MINUTE: &str = "public, max-age=60";
const BYTES: &str = "application/octet-stream";

fn with(media: &'static str, cache: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, cache)], body).into_response()
}

fn missing() -> Response {
    refuse(StatusCode::NOT_FOUND, "副本里没有 / the copy has no such file")
}

fn failed(e: impl std::fmt::Display) -> Response {
    tracing::error!(%e, "a copy can't be read");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "副本读不了 / the copy can't be read")
}

/// `checkpoint`: the newest one.
pub async fn checkpoint(State(app): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    match app.witness.copied_head(&origin_hash) {
        Some(note) => with(TEXT, MOMENT, note.into()),
        None => missing(),
    }
}

/// `checkpoints/<N>`: one that was published before.
pub async fn past(State(app): State<Shared>, Path((origin_hash, size)): Path<(String, String)>) -> Response {
    let Some(number) = size.parse().ok().filter(|n: &u64| n.to_string() == size) else { return missing() };
    let read = move |app: &App| match app.witness.copy(&origin_hash).map(|copy| copy.checkpoint(number)) {
        Some(Ok(Some(note))) => with(TEXT, MINUTE, note),
        Some(Err(e)) => failed(e),
        Some(Ok(None)) | None => missing(),
    };
    off(&app, &app.readers, read).await.unwrap_or_else(|busy| busy)
}

/// `tile/…`: hash tiles and entry bundles within the newest checkpoint's tree, in the one spelling that there is.
pub async fn tile(
    State(app): State<Shared>,
    Path((origin_hash, _)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let prefix = format!("/mirror/{origin_hash}/");
    let Some(path) = uri.path().strip_prefix(&prefix).and_then(TilePath::parse) else { return missing() };
    let read = move |app: &App| match app.witness.copy(&origin_hash).map(|copy| copy.tile(&path)) {
        Some(Ok(bytes)) => with(BYTES, IMMUTABLE, bytes),
        None | Some(Err(MirrorError::NotFound(_))) => missing(),
        Some(Err(e)) => failed(e),
    };
    off(&app, &app.readers, read).await.unwrap_or_else(|busy| busy)
}
