//! `GET /healthz` and `GET /metrics`.

use crate::app::{App, Shared};
use crate::limits::{MIN_FREE, PUBLISH_LAG};
use crate::trust::policy_text;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use ledger::bundle::FRESH;
use ledger::checkpoint::SignedCheckpoint;
use ledger::policy::Policy;
use serde::Serialize;

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// In Chinese and English; empty when all is well.
    what: String,
}

/// The state of the server: `green`, or `red` when somebody has to act.
#[derive(Serialize)]
pub struct Health {
    status: &'static str,
    ledger: String,
    size: u64,
    time: u64,
    free_bytes: Option<u64>,
    checks: Vec<Check>,
}

/// `GET /healthz`: 200 green, 503 red.
pub async fn health(State(app): State<Shared>) -> impl IntoResponse {
    let published = app.log.published();
    let free = app.free_bytes();
    let checks = vec![
        signing(&app),
        disk(free),
        publishing(&app),
        quorum(&published.checkpoint, &policy_text(&app), app.now()),
    ];
    let green = checks.iter().all(|c| c.ok);
    let health = Health {
        status: if green { "green" } else { "red" },
        ledger: app.ledger.to_string(),
        size: published.size,
        time: published.time,
        free_bytes: free,
        checks,
    };
    let status = if green { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(health))
}

fn check(name: &'static str, fault: Option<String>) -> Check {
    Check { name, ok: fault.is_none(), what: fault.unwrap_or_default() }
}

fn signing(app: &App) -> Check {
    let fault = app.log.stats().stopped.map(|why| {
        format!("账本已停止签署：{why}。请查看日志并重新启动 / the log has stopped; read the program's log and start it again")
    });
    check("signing", fault)
}

fn disk(free: Option<u64>) -> Check {
    let fault = match free {
        Some(free) if free >= MIN_FREE => None,
        Some(free) => Some(format!(
            "磁盘只剩 {free} 字节，请腾出空间（至少 {MIN_FREE}）/ {free} bytes free on the disk; make room"
        )),
        None => Some("查不到磁盘剩余空间 / the free space of the disk can't be read".to_owned()),
    };
    check("disk", fault)
}

/// Committed entries that wait too long to be published.
fn publishing(app: &App) -> Check {
    let waited = app.log.stats().unpublished_for;
    let fault = waited.filter(|w| *w > PUBLISH_LAG).map(|w| {
        format!(
            "已入账的条目等了 {} 秒还没有公布 / committed entries have waited {0} s to be published",
            w.as_secs()
        )
    });
    check("publishing", fault)
}

/// The witnesses' time, where there are witnesses. An idle ledger without them is not stale: nothing new is due.
fn quorum(checkpoint: &[u8], policy: &str, now: u64) -> Check {
    let fault = || -> Option<String> {
        let policy = Policy::parse(policy).ok().filter(|p| !p.is_none())?;
        let quorum = policy.evaluate(&SignedCheckpoint::parse(checkpoint).ok()?);
        match quorum.time().filter(|_| quorum.met) {
            Some(time) if now.saturating_sub(time) <= FRESH => None,
            Some(time) => Some(format!(
                "见证时间 {time} 已超过 48 小时，请检查见证服务 / the witnesses' time is older than 48 hours; look after the witnesses"
            )),
            None => Some("见证数不足 / the quorum of witnesses is not met".to_owned()),
        }
    };
    check("head", fault())
}

/// `GET /metrics`, for Prometheus.
pub async fn metrics(State(app): State<Shared>) -> impl IntoResponse {
    let (published, stats, metrics) = (app.log.published(), app.log.stats(), &app.metrics);
    metrics.gauge("village_ledger_tree_size", "Leaves of the published tree.", published.size as f64);
    metrics.gauge(
        "village_ledger_head_time_seconds",
        "Time of the published index leaf.",
        published.time as f64,
    );
    metrics.gauge("village_ledger_units", "Rows of the index tree.", published.rows.len() as f64);
    metrics.total("village_ledger_publications_total", "Publications since the start.", stats.publications);
    let stopped = if stats.stopped.is_some() { 1.0 } else { 0.0 };
    metrics.gauge("village_ledger_stopped", "1 when the log takes no more entries.", stopped);
    if let Some(free) = app.free_bytes() {
        metrics.gauge("village_ledger_free_bytes", "Free space of the log's disk.", free as f64);
    }
    let media = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    ([media, (header::CACHE_CONTROL, "no-store")], metrics.render())
}
