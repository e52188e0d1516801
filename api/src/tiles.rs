//! The C2SP tlog-tiles read interface: checkpoint, tiles, entry bundles.
//!
//! Only what lies within the *published* checkpoint's tree is served, in the one spelling of the specification.

use crate::app::Shared;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use ledger::tile::TilePath;

/// Tiles never change.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The checkpoint does, at any time.
const MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=2");
/// An older checkpoint may still gain cosignatures.
const MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

fn with(media: HeaderValue, cache: HeaderValue, body: Vec<u8>) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] =
        [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, cache)];
    (headers, body).into_response()
}

/// `GET /checkpoint`.
pub async fn checkpoint(State(app): State<Shared>) -> Response {
    with(TEXT, MOMENT, app.log.published().checkpoint.clone())
}

/// `GET /checkpoints/{size}`: every published checkpoint, for ever.
pub async fn old_checkpoint(
    State(app): State<Shared>,
    Path(size): Path<String>,
) -> Result<Response, Problem> {
    let missing =
        || Problem::not_found("没有公布过这个大小的检查点 / no checkpoint of this size was published");
    let number: u64 = size.parse().ok().filter(|n: &u64| n.to_string() == size).ok_or_else(missing)?;
    if number > app.log.published().size {
        return Err(missing());
    }
    let found = app.file(format!("checkpoints/{number}")).await?;
    Ok(with(TEXT, MINUTE, found.ok_or_else(missing)?))
}

/// `GET /tile/<L>/<N>[.p/<W>]` and `/tile/entries/<N>[.p/<W>]`.
pub async fn tile(State(app): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    let missing = || {
        Problem::not_found(
            "没有这个分块；路径须按 C2SP tlog-tiles 书写，且在已公布的检查点之内 / no such tile: the path must be of C2SP tlog-tiles and within the published checkpoint",
        )
    };
    // The path as it came: a tile's path has no character that may be escaped.
    let path = uri.path().strip_prefix('/').and_then(TilePath::parse).ok_or_else(missing)?;
    let whole = TilePath::in_tree(path.kind(), path.index(), app.log.published().size).ok_or_else(missing)?;
    if path.width() > whole.width() {
        return Err(missing());
    }
    let found = app.file(path.to_string()).await?;
    Ok(with(BYTES, IMMUTABLE, found.ok_or_else(missing)?))
}
