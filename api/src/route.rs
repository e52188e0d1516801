//! The table of paths, and what every answer carries: cache, safety and CORS headers, a time limit, a log line.

use crate::app::Shared;
use crate::limits::{MAX_BODY, MAX_URI};
use crate::problem::{Code, Problem};
use crate::{
    blobs, bundles, catalogue, entries, findings, health, openings, pages, submit, tiles, trust, units,
    upload, viewer,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::time::Instant;
use tower_http::compression::CompressionLayer;

/// What a page of ours may do: scripts, styles and data from here only, nothing inline but styles.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Anything else is never a page, whatever it is taken for.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Where blobs are.
const BLOB: &str = "/api/v1/blobs/{digest}";

/// All paths of a server.
pub fn routes(app: Shared) -> Router {
    // Hashes and most files don't compress; everything else is offered in br and gzip.
    let plain = Router::new()
        .route("/tile/{level}/{*rest}", get(tiles::tile))
        .route(BLOB, get(blobs::download).put(upload::upload));
    let compressed = Router::new()
        .route("/", get(pages::home))
        .route("/u/{unit}", get(pages::unit))
        .route("/u/{unit}/{seq}", get(pages::entry))
        .route("/viewer/{*name}", get(viewer::file))
        .route("/checkpoint", get(tiles::checkpoint))
        .route("/checkpoints/{size}", get(tiles::old_checkpoint))
        .route("/tile/entries/{*rest}", get(tiles::tile))
        .route("/api/v1/entries", post(submit::submit))
        .route("/api/v1/entries/{unit}/{seq}", get(entries::entry))
        .route("/api/v1/entries/{unit}/{seq}/findings", get(findings::of_entry))
        .route("/api/v1/proof/{unit}/{seq}", get(entries::proof))
        .route("/api/v1/consistency", get(entries::consistency))
        .route("/api/v1/units", get(units::list))
        .route("/api/v1/units/{unit}", get(units::one))
        .route("/api/v1/units/{unit}/bundle", get(bundles::bundle))
        .route("/api/v1/units/{unit}/findings", get(findings::of_unit))
        .route("/api/v1/units/{unit}/openings", get(openings::of_unit))
        .route("/api/v1/openings/{unit}/{seq}", get(openings::of_entry))
        .route("/api/v1/rows/{unit}/{seq}/{place}", get(openings::row))
        .route("/catalogue", get(catalogue::catalogue))
        .route("/trust.toml", get(trust::trust))
        .route("/policy.txt", get(trust::policy))
        .route("/healthz", get(health::health))
        .route("/metrics", get(health::metrics))
        .layer(CompressionLayer::new());
    plain
        .merge(compressed)
        .fallback(|| async { Problem::not_found("请检查地址 / check the address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                Code::Method,
                "读取用 GET，提交条目用 POST /api/v1/entries，上传用 PUT /api/v1/blobs / GET to read, POST /api/v1/entries to submit, PUT /api/v1/blobs to upload",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(app.clone(), around))
        .with_state(app)
}

/// Around every request: its limits, the headers of its answer, its line in the log and its place in the metrics.
async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |m| m.as_str().to_owned());
    let length = request.uri().path_and_query().map_or(0, |p| p.as_str().len());
    let mut response = if length > MAX_URI {
        Problem::new(Code::UriTooLong, format!("最多 {MAX_URI} 字节 / at most {MAX_URI} bytes"))
            .into_response()
    } else if method == Method::PUT && route == BLOB {
        // A slow network is borne with; the handler looks after one that stands still.
        next.run(request).await
    } else {
        match tokio::time::timeout(app.times.request, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(
                Code::Busy,
                "请稍后再试；重交同一批不会重复入账 / try again later; the same batch is logged only once",
            )
            .retry_after(app.times.request)
            .into_response(),
        }
    };
    // The framework's own refusals (an address that is not UTF-8) get the form of ours.
    if response.status().is_client_error() && response.extensions().get::<Code>().is_none() {
        let detail = "地址里有不可读的字符 / the address has characters that can't be read";
        response = Problem::bad_request(detail).into_response();
    }
    finish(&method, &mut response);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let problem = response.extensions().get::<Code>().map(|c| c.name());
    app.metrics.answered(&route, status, problem, took);
    // The pattern, not the path, and no address: nothing here says who read or sent what.
    tracing::debug!(%method, route, status, problem, micros = took.as_micros() as u64, "answered");
    response
}

fn finish(method: &Method, response: &mut Response) {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    let page = headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // A worker runs under the policy of its own script's answer.
    let code =
        headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/javascript"));
    let policy = if page || code { PAGE_POLICY } else { DATA_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if *method == Method::GET || *method == Method::HEAD {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let exposed = HeaderValue::from_static("x-leaf-index, x-logged-time, blob-salt");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
    if failed {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    } else if !headers.contains_key(header::CACHE_CONTROL) {
        let writes = *method == Method::POST || *method == Method::PUT;
        let fresh = if writes { "no-store" } else { "public, max-age=2" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(fresh));
    }
}
