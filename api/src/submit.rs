//! `POST /api/v1/entries`: an atomic batch of entries, answered once durable.
//!
//! Order: media type → body → JSON → number of entries → spelling, signatures and what came beside (every core, off
//! the reactor) → quota of the keys that signed → the sequencer.

use crate::app::{App, Shared};
use crate::batch::{Item, opened, read};
use crate::blobs::Presence;
use crate::findings::Told;
use crate::limits::{FINDINGS_TIME, LARGE_BODY, MAX_BODY};
use crate::openings::rows_of;
use crate::problem::{Code, Problem};
use crate::quota::KeyId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, header};
use ledger::append::{Refusal, RefusalCode, Submission};
use ledger::entry::Entry;
use ledger::kinds::KINDS;
use ledger::payment_rows::list_of;
use ledger::registry::Registry;
use ledger::sealed::Openings;
use ledger::unit::UnitId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::SubmitError;
use tokio::task::JoinSet;

/// Fewest entries that are worth a core of their own.
const SHARE: usize = 32;

/// Where an entry stands.
#[derive(Serialize)]
struct Place {
    unit: String,
    seq: u64,
    index: u64,
    leaf: String,
    /// What should be looked at; absent when that is not known yet and is to be asked for later.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Told>>,
}

/// The answer.
#[derive(Serialize)]
pub struct Answer {
    entries: Vec<Place>,
    published: bool,
    size: u64,
}

/// `POST /api/v1/entries`.
pub async fn submit(State(app): State<Shared>, request: Request) -> Result<Json<Answer>, Problem> {
    check_media_type(request.headers())?;
    let declared = declared_length(request.headers());
    if declared.is_some_and(|n| n > MAX_BODY) {
        return Err(too_large());
    }
    // What unknown senders can make the server hold at one time is bounded: few large bodies, and no more
    // small ones than connections.
    let _place = match declared {
        Some(..=LARGE_BODY) => None,
        _ => Some(app.large_bodies.acquire().await.map_err(|e| Problem::internal(&e))?),
    };
    let body = read_body(request, app.times.body).await?;
    let read = move || read(&body);
    let items = if declared.is_some_and(|n| n <= LARGE_BODY) { read()? } else { app.compute(read).await?? };

    let (batch, keys) = verify(&app, items).await.inspect_err(|problem| count(&app, problem))?;
    app.quota.take(&keys)?;
    let (started, entries, fresh) = (Instant::now(), batch.len(), by_unit(&batch));
    let receipts =
        app.log.submit(batch).await.map_err(problem).inspect_err(|problem| count(&app, problem))?;
    app.metrics.taken(entries, started.elapsed());

    let told = findings(&app, fresh).await;
    let size = app.log.published().size;
    let place = |r: &store::Receipt| Place {
        unit: r.unit.to_string(),
        seq: r.seq,
        index: r.index,
        leaf: r.leaf.to_base64(),
        findings: told.get(&r.unit).map(|all| all.iter().filter(|t| t.seq == r.seq).cloned().collect()),
    };
    Ok(Json(Answer {
        published: receipts.iter().all(|r| r.index < size),
        entries: receipts.iter().map(place).collect(),
        size,
    }))
}

/// The entries of a batch by unit, numbers rising.
fn by_unit(batch: &[Submission]) -> BTreeMap<UnitId, Vec<Entry>> {
    let mut units: BTreeMap<UnitId, Vec<Entry>> = BTreeMap::new();
    for submission in batch {
        units.entry(submission.entry.unit()).or_default().push(submission.entry.clone());
    }
    units.values_mut().for_each(|entries| entries.sort_by_key(Entry::seq));
    units
}

/// What stands beside the entries of a batch that was just logged, by unit. They are logged whatever becomes of this:
/// a unit of which it is not known in time is left out.
async fn findings(app: &Shared, fresh: BTreeMap<UnitId, Vec<Entry>>) -> BTreeMap<UnitId, Vec<Told>> {
    let read = app.read(move |app, log| {
        let alone = fresh.len() == 1;
        let told = |fresh: Vec<Entry>| app.books.told_of(&app.catalogue, log, &fresh, alone).ok().flatten();
        Ok(fresh.into_iter().filter_map(|(unit, fresh)| Some((unit, told(fresh)?))).collect())
    });
    let told: BTreeMap<UnitId, Vec<Told>> = match tokio::time::timeout(FINDINGS_TIME, read).await {
        Ok(Ok(told)) => told,
        _ => BTreeMap::new(),
    };
    told.values().flatten().for_each(|told| app.metrics.found(told.code));
    told
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(
        Code::MediaType,
        "请以 content-type: application/json 提交 / send the batch as content-type: application/json",
    ))
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Problem {
    Problem::new(
        Code::TooLarge,
        format!(
            "最多 {MAX_BODY} 字节；请分成几批，一份清单不超过约 65000 行 / at most {MAX_BODY} bytes; send several batches, and lists of no more than about 65,000 rows"
        ),
    )
}

async fn read_body(request: Request, time: Duration) -> Result<Bytes, Problem> {
    match tokio::time::timeout(time, Bytes::from_request(request, &())).await {
        Err(_) => Err(Problem::new(
            Code::SlowBody,
            "网络太慢，请把批次分小后再试 / the network is slow; try again with smaller batches",
        )),
        Ok(Ok(body)) => Ok(body),
        Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
            Err(too_large())
        }
        Ok(Err(_)) => Err(Problem::bad_request("请求内容中断 / the body was cut short")),
    }
}

/// One share of a batch: from its position on, what was taken and what was not.
struct Checked {
    taken: Vec<Submission>,
    refused: Vec<(usize, Refusal)>,
    keys: BTreeSet<KeyId>,
}

fn check(app: &App, from: usize, items: Vec<Item>, registry: &Registry) -> Result<Checked, Problem> {
    let mut checked =
        Checked { taken: Vec::with_capacity(items.len()), refused: Vec::new(), keys: BTreeSet::new() };
    for (at, (note, openings)) in (from..).zip(items) {
        let verified = Submission::parse(note.into_bytes(), KINDS).and_then(|mut submission| {
            // Before any signature: what may not be published is refused whoever sealed it.
            guarded(&submission)?;
            submission.verify(registry)?;
            // After it: many openings are only read for a seal.
            let openings = openings.map_or_else(|| Ok(Openings::default()), |text| opened(&text))?;
            Ok((submission, openings))
        });
        match verified {
            Ok((mut submission, openings)) => {
                bring(app, &mut submission, openings)?;
                checked.keys.extend(submission.signers().iter().map(|k| (k.name().to_owned(), k.id())));
                checked.taken.push(submission);
            }
            Err(refusal) => checked.refused.push((at, refusal)),
        }
    }
    Ok(checked)
}

/// Holds what came beside an entry against it (SPEC E-62). Of a number that is logged already nothing is asked: what
/// was beside it may have been withdrawn since, and anyone may send a note that is public, with a long list to be read.
fn bring(app: &App, submission: &mut Submission, openings: Openings) -> Result<(), Problem> {
    let entry = &submission.entry;
    let logged = || app.log.snapshot().line(&entry.unit(), entry.seq()).map_err(|e| Problem::internal(&e));
    if (submission.beside.is_ok() && openings.is_empty()) || logged()?.is_some() {
        return Ok(());
    }
    let rows = match list_of(entry) {
        Some(list) => rows_of(app, &list.digest)?,
        None => None,
    };
    let presence = Presence::of(app, entry)?;
    submission.bring(openings, rows.as_ref(), &|attachment| presence.judge(attachment));
    Ok(())
}

/// The privacy guard (SPEC E-96): the first find that may not be published.
fn guarded(submission: &Submission) -> Result<(), Refusal> {
    let Some(hit) = guard::entry(&submission.entry).into_iter().next() else { return Ok(()) };
    let field = match &hit.place {
        guard::Place::Path(path) => path.clone(),
        _ => String::new(),
    };
    Err(Refusal { code: RefusalCode::Privacy, field, what: hit.to_string(), next_seq: None })
}

/// Reads and verifies every entry, on every core when there are many.
///
/// LIMIT: a seal must be logged before entries that it signs are sent; in one batch with them it is not yet known.
async fn verify(app: &Shared, items: Vec<Item>) -> Result<(Vec<Submission>, BTreeSet<KeyId>), Problem> {
    let registry = app.log.registry();
    let share = items.len().div_ceil(app.cores).max(SHARE);
    let mut shares = JoinSet::new();
    let (mut items, mut from) = (items.into_iter(), 0);
    loop {
        let part: Vec<Item> = items.by_ref().take(share).collect();
        if part.is_empty() {
            break;
        }
        let (start, app, registry) = (from, Arc::clone(app), Arc::clone(&registry));
        from += part.len();
        shares.spawn(async move {
            let held = Arc::clone(&app);
            (start, app.compute(move || check(&held, start, part, &registry)).await.and_then(|part| part))
        });
    }
    let mut parts = Vec::new();
    while let Some(part) = shares.join_next().await {
        let (start, checked) = part.map_err(|e| Problem::internal(&e))?;
        parts.push((start, checked?));
    }
    parts.sort_by_key(|(start, _)| *start);
    let (mut taken, mut refused, mut keys) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (_, part) in parts {
        taken.extend(part.taken);
        refused.extend(part.refused);
        keys.extend(part.keys);
    }
    if refused.is_empty() { Ok((taken, keys)) } else { Err(Problem::refused(refused)) }
}

fn problem(error: SubmitError) -> Problem {
    match error {
        SubmitError::Refused(refusals) => Problem::refused(refusals),
        SubmitError::Busy => Problem::new(
            Code::Busy,
            "请稍后重交同一批，不会重复入账 / send the same batch again later; it is logged only once",
        )
        .retry_after(Duration::from_secs(1)),
        SubmitError::Unheard => Problem::new(
            Code::Busy,
            "账本启动后还没有听到足够的见证人，暂不入账；请稍后重交同一批 / since its start the ledger has not heard enough of its witnesses and takes nothing yet; send the same batch again later",
        )
        .retry_after(Duration::from_secs(5)),
        SubmitError::Stopped(why) => {
            tracing::error!(why, "the log has stopped");
            let detail = "已入账的条目不受影响；请告知账本运行单位，恢复后重交同一批 / what is logged is safe; tell the operator and send the same batch again once the ledger is back";
            Problem::new(Code::Stopped, detail).retry_after(Duration::from_secs(60))
        }
    }
}

fn count(app: &Shared, problem: &Problem) {
    for fault in &problem.errors {
        app.metrics.refused(fault.code);
    }
}
