//! Single entries: the note itself, its proof file, and consistency between two sizes.

use crate::app::Shared;
use crate::bundles::query;
use crate::limits::COMING;
use crate::problem::{Code, Problem};
use crate::units::{no_unit, parse_unit};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use ledger::bundle::Source as _;
use ledger::index::Line;
use ledger::merkle::{prove_consistency, prove_inclusion};
use ledger::proof::TlogProof;
use serde::{Deserialize, Serialize};
use store::Snapshot;

/// Plain text.
pub const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=2");

/// The line of an entry within the published tree.
///
/// # Errors
/// [`Problem`] when there is none, or the numbers are not of their form.
pub fn find(log: &Snapshot, unit: &str, seq: &str) -> Result<Line, Problem> {
    let unit = parse_unit(unit)?;
    let number: u64 = seq
        .parse()
        .ok()
        .filter(|n: &u64| *n > 0 && n.to_string() == seq)
        .ok_or_else(|| Problem::bad_request("公开编号从 1 开始 / numbers of entries begin with 1"))?;
    let count = log.rows().iter().find(|r| r.unit == unit).map_or(0, |r| r.count);
    if number > count && log.is_coming(&unit, number).map_err(|e| Problem::internal(&e))? {
        let what = "已入账，正在等见证人，尚未公布；请稍后再取 / logged, and not yet published: ask again in a moment";
        return Err(Problem::new(Code::Busy, what).retry_after(COMING));
    }
    if count == 0 {
        return Err(no_unit(&unit));
    }
    if number > count {
        let what = format!("单位 {unit} 只有 {count} 条 / unit {unit} has {count} entries");
        return Err(Problem::not_found(what));
    }
    let line = log.line(&unit, number).map_err(|e| Problem::internal(&e))?;
    line.ok_or_else(|| Problem::internal(&"the query index lacks lines: run village-ledger reindex"))
}

/// `GET /api/v1/entries/{unit}/{seq}`.
pub async fn entry(
    State(app): State<Shared>,
    Path((unit, seq)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let (line, leaf) = app
        .read(move |_, log| {
            let line = find(log, &unit, &seq)?;
            Ok((line, log.leaf(line.index).map_err(|e| Problem::internal(&e))?))
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        // Once published, an entry of this number stays as it is.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (HeaderName::from_static("x-leaf-index"), HeaderValue::from(line.index)),
        (HeaderName::from_static("x-logged-time"), HeaderValue::from(line.time)),
    ];
    Ok((headers, leaf))
}

/// `GET /api/v1/proof/{unit}/{seq}`: a C2SP tlog-proof file with the leaf in `extra`.
pub async fn proof(
    State(app): State<Shared>,
    Path((unit, seq)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let proof = app
        .read(move |_, log| {
            let index = find(log, &unit, &seq)?.index;
            let (checkpoint, size) = log.checkpoint();
            let leaf = log.leaf(index).map_err(|e| Problem::internal(&e))?;
            let path = prove_inclusion(log, index, size).map_err(|e| Problem::internal(&e))?;
            Ok(TlogProof { extra: Some(leaf), index, path, checkpoint: checkpoint.to_vec() }.encode())
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, MOMENT)], proof))
}

/// Two sizes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    from: u64,
    /// Without it, the published size.
    to: Option<u64>,
}

/// PROOF(from, D[to]) of RFC 6962.
#[derive(Serialize)]
pub struct Consistency {
    from: u64,
    to: u64,
    proof: Vec<String>,
}

/// `GET /api/v1/consistency?from=&to=`.
pub async fn consistency(
    State(app): State<Shared>,
    sizes: Result<Query<Sizes>, QueryRejection>,
) -> Result<Json<Consistency>, Problem> {
    let Sizes { from, to } = query(sizes)?;
    let answer = app.read(move |_, log| {
        let size = log.checkpoint().1;
        let to = to.unwrap_or(size);
        if from == 0 || from > to || to > size {
            return Err(Problem::bad_request(format!(
                "应为 1 ≤ from ≤ to ≤ {size}（已公布的大小）/ want 1 ≤ from ≤ to ≤ {size}, the published size"
            )));
        }
        let proof = prove_consistency(log, from, to).map_err(|e| Problem::internal(&e))?;
        Ok(Consistency { from, to, proof: proof.iter().map(|h| h.to_base64()).collect() })
    });
    Ok(Json(answer.await?))
}
