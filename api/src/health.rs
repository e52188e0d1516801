//! `GET /healthz` and `GET /metrics`.

use crate::app::{App, Shared};
use crate::limits::{MIN_FREE, PUBLISH_LAG};
use crate::witnesses::Seat;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use ledger::bundle::FRESH;
use ledger::checkpoint::SignedCheckpoint;
use ledger::policy::Quorum;
use serde::Serialize;
use store::Published;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<Witnesses>,
}

/// The witnesses of the policy in force, and what they say of the published head.
#[derive(Serialize)]
struct Witnesses {
    /// How many are asked.
    asked: usize,
    /// How many cosigned the published head.
    signed: usize,
    /// Whether they are a quorum.
    met: bool,
    /// Whether a replayer is among them.
    replayed: bool,
    /// The latest time at which a whole quorum had cosigned it, Unix seconds.
    quorum_time: Option<u64>,
    /// Seconds since then.
    quorum_age: Option<u64>,
    each: Vec<Seat>,
}

/// `GET /healthz`: 200 green, 503 red.
pub async fn health(State(app): State<Shared>) -> impl IntoResponse {
    let published = app.log.published();
    let free = app.free_bytes();
    let checks = vec![signing(&app), disk(free), publishing(&app), head(&app, &published), hearing(&app)];
    let green = checks.iter().all(|c| c.ok);
    let health = Health {
        status: if green { "green" } else { "red" },
        ledger: app.ledger.to_string(),
        size: published.size,
        time: published.time,
        free_bytes: free,
        checks,
        witnesses: quorum(&published).map(|quorum| Witnesses {
            asked: published.policy.witnesses().count(),
            signed: quorum.cosigned.len(),
            met: quorum.met,
            replayed: quorum.replayed,
            quorum_time: quorum.time(),
            quorum_age: quorum.time().map(|time| app.now().saturating_sub(time)),
            each: app.attendance.seats(),
        }),
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

/// What the cosignatures on a head amount to, where there are witnesses.
fn quorum(published: &Published) -> Option<Quorum> {
    let signed = SignedCheckpoint::parse(&published.checkpoint).ok()?;
    (!published.policy.is_none()).then(|| published.policy.evaluate(&signed))
}

/// The witnesses' time. An idle ledger without witnesses is not stale: nothing new is due.
fn head(app: &App, published: &Published) -> Check {
    let fault = || -> Option<String> {
        let quorum = quorum(published)?;
        match quorum.time().filter(|_| quorum.met) {
            Some(time) if app.now().saturating_sub(time) <= FRESH => None,
            Some(time) => Some(format!(
                "见证时间 {time} 已超过 48 小时，请检查见证服务 / the witnesses' time is older than 48 hours; look after the witnesses"
            )),
            // A head is published with its first cosignature; the others are on their way.
            None if app.attendance.unmet_for().is_none_or(|since| since <= PUBLISH_LAG) => None,
            None => Some("见证数不足 / the quorum of witnesses is not met".to_owned()),
        }
    };
    check("head", fault())
}

/// Whether enough witnesses were heard since the start.
fn hearing(app: &App) -> Check {
    let fault = app.attendance.is_awaited().then(|| {
        if app.attendance.goes_without() {
            "启动时指定了 --without-witnesses，还没有听到足够的见证人就在签署 / signing although too few witnesses were heard: --without-witnesses"
        } else {
            "启动后还没有听到足够的见证人，暂不签署；请检查见证服务和网络 / too few witnesses were heard since the start, so nothing is signed: look after the witnesses and the network"
        }
        .to_owned()
    });
    check("witnesses", fault)
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
    witnesses(&app, &published);
    if let Some(free) = app.free_bytes() {
        metrics.gauge("village_ledger_free_bytes", "Free space of the log's disk.", free as f64);
    }
    let media = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    ([media, (header::CACHE_CONTROL, "no-store")], metrics.render())
}

fn witnesses(app: &App, published: &Published) {
    let Some(quorum) = quorum(published) else { return };
    let (metrics, flag) = (&app.metrics, |is: bool| if is { 1.0 } else { 0.0 });
    let gauges = [
        (
            "village_ledger_witnesses",
            "Witnesses of the policy in force.",
            published.policy.witnesses().count() as f64,
        ),
        (
            "village_ledger_witnesses_signed",
            "Of them, cosigners of the published head.",
            quorum.cosigned.len() as f64,
        ),
        ("village_ledger_quorum_met", "1 when they are a quorum.", flag(quorum.met)),
        ("village_ledger_replayed", "1 when a replayer is among them.", flag(quorum.replayed)),
        (
            "village_ledger_awaits_witnesses",
            "1 while too few were heard since the start.",
            flag(app.attendance.is_awaited()),
        ),
        (
            "village_ledger_without_witnesses",
            "1 while it signs although too few were heard.",
            flag(app.attendance.goes_without()),
        ),
    ];
    for (name, what, value) in gauges {
        metrics.gauge(name, what, value);
    }
    if let Some(time) = quorum.time() {
        let what = "Latest time at which a whole quorum had cosigned the published head.";
        metrics.gauge("village_ledger_quorum_time_seconds", what, time as f64);
    }
    for seat in app.attendance.seats() {
        metrics.witness(&seat.name, seat.asked, seat.cosigned);
    }
}
