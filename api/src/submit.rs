//! `POST /api/v1/entries`: an atomic batch of entries, answered once durable.
//!
//! Order: media type → body → JSON → number of entries → spelling, signatures and what came beside (every core, off
//! the reactor) → quota of the keys that signed what is new → the sequencer.

use crate::app::{App, Shared};
use crate::batch::{Item, opened, read};
use crate::blobs::Presence;
use crate::findings::Told;
use crate::limits::{FINDINGS_TIME, LARGE_BODY, MAX_BATCH_LISTS, MAX_BODY};
use crate::lists::tree_of;
use crate::problem::{Code, Problem};
use crate::quota::KeyId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, header};
use ledger::append::{Refusal, RefusalCode, Submission};
use ledger::bundle::Source as _;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::index::Line;
use ledger::kinds::KINDS;
use ledger::note::Note;
use ledger::payment_rows::{List, list_of};
use ledger::registry::Registry;
use ledger::sealed::Openings;
use ledger::sealed::paths::of_row;
use ledger::unit::UnitId;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{Receipt, Snapshot, SubmitError};
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

    let (taken, keys) = verify(&app, items).await.inspect_err(|problem| count(&app, problem))?;
    app.quota.take(&keys)?;
    let (started, entries, fresh) = (Instant::now(), taken.len(), by_unit(&taken));
    let receipts = log(&app, taken).await.inspect_err(|problem| count(&app, problem))?;
    app.metrics.taken(entries, started.elapsed());

    let told = findings(&app, fresh).await;
    let size = app.log.published().size;
    let place = |r: &Receipt| Place {
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
fn by_unit(batch: &[Taken]) -> BTreeMap<UnitId, Vec<Entry>> {
    let mut units: BTreeMap<UnitId, Vec<Entry>> = BTreeMap::new();
    for (submission, _) in batch {
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
            "最多 {MAX_BODY} 字节；请分成几批，一份清单不超过约 6 万行 / at most {MAX_BODY} bytes; send several batches, and lists of no more than about 60,000 rows"
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

/// What a batch is judged against.
struct Judge {
    app: Shared,
    registry: Arc<Registry>,
    /// All that is committed, published or not.
    log: Snapshot,
    /// The lists that its entries name.
    lists: Mutex<BTreeSet<Hash>>,
}

/// An entry that may be taken, and where it stands when it is logged already.
type Taken = (Submission, Option<Line>);

/// One share of a batch: from its position on, what was taken and what was not.
struct Checked {
    taken: Vec<Taken>,
    refused: Vec<(usize, Refusal)>,
    keys: BTreeSet<KeyId>,
}

impl Judge {
    fn check(&self, from: usize, items: Vec<Item>) -> Result<Checked, Problem> {
        let mut checked =
            Checked { taken: Vec::with_capacity(items.len()), refused: Vec::new(), keys: BTreeSet::new() };
        for (at, (note, openings)) in (from..).zip(items) {
            match self.take(note, openings.as_deref())? {
                Ok((submission, line)) => {
                    // Anyone may send again what is public: nobody's quota pays for it.
                    let signers = submission.signers().iter().filter(|_| line.is_none());
                    checked.keys.extend(signers.map(|k| (k.name().to_owned(), k.id())));
                    checked.taken.push((submission, line));
                }
                Err(refusal) => checked.refused.push((at, refusal)),
            }
        }
        Ok(checked)
    }

    fn take(&self, note: String, openings: Option<&RawValue>) -> Result<Result<Taken, Refusal>, Problem> {
        let mut submission = match Submission::parse(note.into_bytes(), KINDS) {
            Ok(submission) => submission,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (unit, seq) = (submission.entry.unit(), submission.entry.seq());
        let line = self.log.line(&unit, seq).map_err(|e| Problem::internal(&e))?;
        if line.is_some_and(|line| line.leaf == submission.leaf) {
            return Ok(Ok((submission, line)));
        }
        // Before any signature: what may not be published is refused whoever sealed it.
        if let Err(refusal) = guarded(&submission).and_then(|()| submission.verify(&self.registry)) {
            return Ok(Err(refusal));
        }
        if let Some(line) = line {
            let leaf = self.log.leaf(line.index).map_err(|e| Problem::internal(&e))?;
            let text = |bytes: &[u8]| Note::parse(bytes).map(|note| note.text.to_owned()).ok();
            // Of a number that is logged nothing is asked: what was beside it may have been withdrawn since.
            let is_known = text(&leaf) == text(&submission.bytes);
            return Ok(Ok((submission, Some(line).filter(|_| is_known))));
        }
        // After the signatures: many openings are only read for a seal.
        match openings.map_or_else(|| Ok(Openings::default()), opened) {
            Ok(openings) => self.bring(&mut submission, openings)?,
            Err(refusal) => return Ok(Err(refusal)),
        }
        Ok(Ok((submission, None)))
    }

    /// Holds what came beside an entry against it (SPEC E-62). A list is read only for as many openings as it has rows,
    /// so that the work is bounded by what was sent.
    fn bring(&self, submission: &mut Submission, openings: Openings) -> Result<(), Problem> {
        if submission.beside.is_ok() && openings.is_empty() {
            return Ok(());
        }
        let list = list_of(&submission.entry);
        if let Some(missing) = list.and_then(|list| missing(&list, &openings)) {
            submission.beside = Err(missing);
            return Ok(());
        }
        let tree = match list {
            Some(list) => {
                self.count(list.digest)?;
                tree_of(&self.app, &list)?
            }
            None => None,
        };
        let presence = Presence::of(&self.app, &submission.entry)?;
        let rows = tree.as_ref().map(|tree| tree.rows());
        submission.bring(openings, rows, &|attachment| presence.judge(attachment));
        Ok(())
    }

    fn count(&self, list: Hash) -> Result<(), Problem> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.insert(list);
        if lists.len() <= MAX_BATCH_LISTS {
            return Ok(());
        }
        let detail = format!(
            "一批最多涉及 {MAX_BATCH_LISTS} 份清单，请分成几批 / a batch names at most {MAX_BATCH_LISTS} lists of rows; send several"
        );
        Err(Problem::new(Code::TooMany, detail))
    }
}

/// The first row without an opening, when there are fewer openings than rows.
fn missing(list: &List, openings: &Openings) -> Option<Refusal> {
    let are_too_few = openings.iter().count() < list.count as usize;
    let is_missing = |path: &String| openings.get(path).is_none();
    let path = (0..list.count).filter(|_| are_too_few).map(of_row).find(is_missing)?;
    let what = "缺少这一行姓名的开启值，请一并提交 / the opening of this row's name is missing; submit it with the entry";
    Some(Refusal { code: RefusalCode::Beside, field: path, what: what.to_owned(), next_seq: None })
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
async fn verify(app: &Shared, items: Vec<Item>) -> Result<(Vec<Taken>, BTreeSet<KeyId>), Problem> {
    let head = app.log.commits().borrow().clone();
    let judge = Arc::new(Judge {
        app: Arc::clone(app),
        registry: app.log.registry(),
        log: app.log.snapshot_of(&head),
        lists: Mutex::default(),
    });
    let share = items.len().div_ceil(app.cores).max(SHARE);
    let mut shares = JoinSet::new();
    let (mut items, mut from) = (items.into_iter(), 0);
    loop {
        let part: Vec<Item> = items.by_ref().take(share).collect();
        if part.is_empty() {
            break;
        }
        let (start, app, judge) = (from, Arc::clone(app), Arc::clone(&judge));
        from += part.len();
        shares.spawn(async move {
            (start, app.compute(move || judge.check(start, part)).await.and_then(|part| part))
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

/// Logs a batch; one that is all logged already is answered without asking who writes.
async fn log(app: &App, taken: Vec<Taken>) -> Result<Vec<Receipt>, Problem> {
    let known = |(submission, line): &Taken| {
        let (unit, line) = (submission.entry.unit(), (*line)?);
        Some(Receipt { unit, seq: line.seq, index: line.index, leaf: line.leaf })
    };
    match taken.iter().map(known).collect() {
        Some(receipts) => Ok(receipts),
        None => app.log.submit(taken.into_iter().map(|(s, _)| s).collect()).await.map_err(problem),
    }
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
