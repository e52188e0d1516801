//! The paths: `add-checkpoint`, the monitoring prefixes, health and metrics.

use crate::acts::ActError;
use crate::copied;
use crate::limits::{MAX_BODY, WORKERS};
use crate::log::Answer;
use crate::metrics::Metrics;
use crate::record::Cosigned;
use crate::serve::Times;
use crate::status::{self, Health};
use crate::waiting::Taken;
use crate::witness::Witness;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
/// Content type of 409 (C2SP tlog-witness).
const SIZE: &str = "text/x.tlog.size";

/// What every request shares.
pub struct App {
    pub(crate) witness: Witness,
    metrics: Metrics,
    times: Times,
    places: Arc<Semaphore>,
    /// For those who read a copy: whoever fetches a whole log keeps no log from its cosignature.
    pub(crate) readers: Arc<Semaphore>,
}

/// The state of a server.
pub type Shared = Arc<App>;

impl App {
    /// The state of a server for a witness.
    pub fn new(witness: Witness, times: Times) -> Self {
        let places = || Arc::new(Semaphore::new(WORKERS));
        App { witness, metrics: Metrics::default(), times, places: places(), readers: places() }
    }
}

/// All paths of a witness.
pub fn routes(app: Shared) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .route("/replay/{origin_hash}/checkpoint", get(replayed))
        .route("/replay/{origin_hash}/acts", post(act))
        .route("/mirror/{origin_hash}/checkpoint", get(copied::checkpoint))
        .route("/mirror/{origin_hash}/checkpoints/{size}", get(copied::past))
        .route("/mirror/{origin_hash}/tile/{*rest}", get(copied::tile))
        .route("/", get(page))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .layer(map_response(finish))
        .with_state(app)
}

async fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // Whoever reads a head in a browser may compare it with ours.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn text(status: StatusCode, media: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, media)], body).into_response()
}

pub(crate) fn refuse(status: StatusCode, why: impl std::fmt::Display) -> Response {
    text(status, TEXT, format!("{why}\n"))
}

async fn add_checkpoint(State(app): State<Shared>, request: Request) -> Response {
    let add = |app: &App, body: &[u8]| {
        let (origin, answer) = app.witness.add_checkpoint(body);
        (origin.map(str::to_owned), respond(answer))
    };
    let (origin, response) = match receive(&app, request).await {
        Err(refusal) => (None, refusal),
        Ok(body) => work(&app, body, add).await.unwrap_or_else(|busy| (None, busy)),
    };
    app.metrics.answered(origin.as_deref(), response.status().as_u16());
    response
}

/// The body, within its limits of length and time.
async fn receive(app: &App, request: Request) -> Result<Vec<u8>, Response> {
    let too_long =
        || refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("请求超过 {MAX_BODY} 字节 / the body is too long"));
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(too_long());
    }
    match timeout(app.times.body, to_bytes(request.into_body(), MAX_BODY)).await {
        Ok(Ok(body)) => Ok(body.into()),
        // A connection that was cut gets no answer anyway.
        Ok(Err(_)) => Err(too_long()),
        Err(_) => {
            Err(refuse(StatusCode::REQUEST_TIMEOUT, "请求没有按时到达 / the body did not arrive in time"))
        }
    }
}

/// Does what waits for the disk off the reactor.
///
/// # Errors
/// 503 when it takes too long.
async fn work<T: Send + 'static>(
    app: &Shared,
    body: Vec<u8>,
    decide: impl FnOnce(&App, &[u8]) -> T + Send + 'static,
) -> Result<T, Response> {
    off(app, &app.places, move |app| decide(app, &body)).await
}

/// Does what waits for the disk off the reactor, in one of these places.
///
/// # Errors
/// 503 when it takes too long.
pub(crate) async fn off<T: Send + 'static>(
    app: &Shared,
    places: &Arc<Semaphore>,
    work: impl FnOnce(&App) -> T + Send + 'static,
) -> Result<T, Response> {
    let working = async {
        let place = Arc::clone(places).acquire_owned().await;
        let app = Arc::clone(app);
        // The place goes with the work, and the work is finished also when nobody waits any more.
        let work = move || {
            let _place = place;
            work(&app)
        };
        spawn_blocking(work).await
    };
    match timeout(app.times.work, working).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(fault)) => tracing::error!(%fault, "a request ended in a fault of the program"),
        Err(_) => {}
    }
    Err(refuse(StatusCode::SERVICE_UNAVAILABLE, "忙，请稍后再试 / busy: try again later"))
}

/// The statuses of C2SP tlog-witness.
fn respond(answer: Answer) -> Response {
    match answer {
        Answer::Cosigned(lines) => text(StatusCode::OK, TEXT, lines),
        Answer::Malformed(why) => refuse(StatusCode::BAD_REQUEST, why),
        Answer::NotSigned(why) => refuse(
            StatusCode::FORBIDDEN,
            format!("没有可信的账本签名 / no trusted signature of the log: {why}"),
        ),
        Answer::UnknownOrigin => {
            refuse(StatusCode::NOT_FOUND, "不见证这个账本 / this log is not witnessed here")
        }
        Answer::Conflict(size) => text(StatusCode::CONFLICT, SIZE, format!("{size}\n")),
        Answer::Inconsistent(why) => refuse(StatusCode::UNPROCESSABLE_ENTITY, why),
        Answer::Unavailable(why) => refuse(StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

async fn checkpoint(State(app): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    head(app.witness.log(&origin_hash).and_then(|log| log.state().latest))
}

async fn replayed(State(app): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    head(app.witness.follower(&origin_hash).and_then(|follower| follower.state().latest))
}

/// An act of the authority, as a leaf, from whoever has it.
async fn act(State(app): State<Shared>, Path(origin_hash): Path<String>, request: Request) -> Response {
    let take = move |app: &App, body: &[u8]| {
        let Some(follower) = app.witness.follower(&origin_hash) else {
            return refuse(StatusCode::NOT_FOUND, "不核对这个账本 / this log is not replayed here");
        };
        let Ok(leaf) = std::str::from_utf8(body) else {
            return refuse(StatusCode::BAD_REQUEST, "不是 UTF-8 / not UTF-8");
        };
        match follower.take(leaf, app.witness.now()) {
            Taken::Logged => text(StatusCode::OK, TEXT, "已入账 / logged\n".to_owned()),
            Taken::Kept => text(StatusCode::ACCEPTED, TEXT, "已收下 / kept\n".to_owned()),
            Taken::Refused(e @ ActError::Malformed(_)) => refuse(StatusCode::BAD_REQUEST, e),
            Taken::Refused(e @ ActError::NotSigned(_)) => refuse(StatusCode::FORBIDDEN, e),
            Taken::Refused(e @ ActError::Taken) => refuse(StatusCode::CONFLICT, e),
            Taken::NotNow(why) => refuse(StatusCode::SERVICE_UNAVAILABLE, why),
        }
    };
    match receive(&app, request).await {
        Err(refusal) => refusal,
        Ok(body) => work(&app, body, take).await.unwrap_or_else(|busy| busy),
    }
}

fn head(latest: Option<Arc<Cosigned>>) -> Response {
    match latest {
        Some(latest) => text(StatusCode::OK, TEXT, latest.note.clone()),
        None => refuse(StatusCode::NOT_FOUND, "没有签署过 / nothing was cosigned"),
    }
}

async fn healthz(State(app): State<Shared>) -> Response {
    let health = Health::of(&app.witness);
    let code = if health.is_green() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    text(code, "application/json", serde_json::to_string(&health).unwrap_or_default() + "\n")
}

async fn page(State(app): State<Shared>) -> Response {
    text(StatusCode::OK, TEXT, status::page(&app.witness))
}

async fn metrics(State(app): State<Shared>) -> Response {
    text(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", app.metrics.render(&app.witness))
}
