//! `PUT /api/v1/blobs/{digest}`: what lies beside the log arrives before the entry that names it (SPEC H-15).
//!
//! Order: address, type and length → ticket → withdrawn or here already → free space, what no entry names → quota and
//! places of its seal → the file, part by part into a file that is nobody's yet → its digest → the privacy guard →
//! kept, durably, under its digest. Whatever ends it before leaves nothing.

use crate::app::{App, Shared};
use crate::blobs::{GONE, SALT};
use crate::connection::Slow;
use crate::limits::{MAX_UPLOAD, UPLOAD_PART, UPLOAD_RATE, UPLOADS_PER_SEAL};
use crate::problem::{Code, Fault, Problem};
use crate::quota::KeyId;
use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use base64ct::{Base64, Encoding as _};
use futures_core::Stream as _;
use guard::{GuardError, Hit, What, Why};
use ledger::entry::Visibility;
use ledger::hash::Hash;
use ledger::note::Note;
use ledger::payment_rows::{MAX_ROWS_BLOB, ROWS_MEDIA, Rows};
use ledger::sealed::Salt;
use ledger::upload::{MEDIA, Ticket};
use serde::Serialize;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::time::{Duration, Instant};
use store::{About, BlobWriter, LEAST_UNNAMED, StoreError};

/// Header of the ticket: base64 of the signed note.
const TICKET: &str = "upload-ticket";

/// The answer.
#[derive(Serialize)]
struct Answer {
    digest: String,
    size: u64,
}

/// `PUT /api/v1/blobs/{digest}`: 201 when it is new, 200 when it is here already.
pub async fn upload(
    State(app): State<Shared>,
    Path(digest): Path<String>,
    ConnectInfo(slow): ConnectInfo<Slow>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let _reading = slow.reading();
    let (ticket, salt, seal) = judge(&app, &digest, request.headers())?;
    let answer = Answer { digest, size: ticket.size };
    let new = take(&app, ticket, salt, &seal, request.into_body()).await;
    match &new {
        Ok(new) => app.metrics.uploaded(if *new { "new" } else { "known" }, answer.size),
        Err(_) => app.metrics.uploaded("refused", 0),
    }
    Ok((if new? { StatusCode::CREATED } else { StatusCode::OK }, Json(answer)))
}

/// What can be known of an upload from its head.
fn judge(app: &App, digest: &str, headers: &HeaderMap) -> Result<(Ticket, Option<Salt>, KeyId), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let digest = Hash::from_hex(digest).ok_or_else(|| {
        Problem::bad_request("摘要应为 64 位小写十六进制 / a digest is 64 lower-case hexadecimal digits")
    })?;
    let media = text("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media != ROWS_MEDIA && !MEDIA.contains(&media.as_str()) {
        let detail = format!("可上传：{}、{ROWS_MEDIA} / these types are taken", MEDIA.join("、"));
        return Err(Problem::new(Code::MediaType, detail));
    }
    let length: u64 = text("content-length").parse().map_err(|_| {
        Problem::new(
            Code::NoLength,
            "请带 content-length，不要分块传输 / send content-length, not a chunked body",
        )
    })?;
    if length > MAX_UPLOAD {
        let detail = format!(
            "最多 {MAX_UPLOAD} 字节，请压缩或拆开 / at most {MAX_UPLOAD} bytes: make it smaller or split it"
        );
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let (ticket, seal) = ticket(app, &digest, text(TICKET))?;
    if media != ticket.media {
        let detail = format!("凭条写的类型是 {} / the ticket is for a file of type {0}", ticket.media);
        return Err(Problem::new(Code::MediaType, detail));
    }
    if length != ticket.size {
        let detail = format!("凭条写的是 {} 字节 / the ticket is for {0} bytes", ticket.size);
        return Err(Problem::new(Code::Size, detail));
    }
    let given = text(SALT.as_str());
    let salt = Hash::from_base64(given).map(|salt| *salt.as_bytes());
    if (ticket.access == Visibility::Public && !given.is_empty())
        || (ticket.access != Visibility::Public && salt.is_none())
    {
        let detail = "不公开的文件须带 blob-salt（32 字节的 base64），公开的不带 / a file that is not public comes with blob-salt, base64 of 32 bytes; a public one without";
        return Err(Problem::bad_request(detail));
    }
    Ok((ticket, salt, seal))
}

/// The ticket and its seal, when one in force lets this digest be uploaded here.
fn ticket(app: &App, digest: &Hash, given: &str) -> Result<(Ticket, KeyId), Problem> {
    let refuse = |what: String| Problem::new(Code::Ticket, what);
    if given.is_empty() {
        return Err(refuse(
            "请带 upload-ticket：印章签名的凭条 / send upload-ticket: a note that a seal signed".to_owned(),
        ));
    }
    let note = Base64::decode_vec(given).unwrap_or_default();
    let ticket = Ticket::parse(&note).map_err(|e| refuse(e.to_string()))?;
    if ticket.ledger != app.ledger || ticket.digest != *digest {
        return Err(refuse(
            "凭条是另一账本或另一文件的，请重新签发 / the ticket is of another ledger or file; sign a new one"
                .to_owned(),
        ));
    }
    let note = Note::parse(&note).map_err(|e| refuse(e.to_string()))?;
    let key = app.log.registry().may_upload(&note, &ticket, app.now()).map_err(|r| refuse(r.what))?;
    Ok((ticket, (key.name().to_owned(), key.id())))
}

/// Takes the file; whether it is new.
async fn take(
    app: &Shared,
    ticket: Ticket,
    salt: Option<Salt>,
    seal: &KeyId,
    body: Body,
) -> Result<bool, Problem> {
    let Ticket { digest, size, media, access, unit, .. } = ticket;
    let about = About { size, media: media.clone(), access, salt, unit };
    let by = format!("{}+{:08x}", seal.0, seal.1);
    let (wanted, uploader) = (about.clone(), by.clone());
    if app.read(move |app, _| is_here(app, &digest, &wanted, &uploader)).await? {
        return Ok(false);
    }
    let busy = |_| {
        let detail = "同时上传的文件太多，请稍后再传 / too many uploads at this time; send it again later";
        Problem::new(Code::Busy, detail).retry_after(Duration::from_secs(5))
    };
    let _own = app.slots.take(seal, UPLOADS_PER_SEAL).ok_or(()).map_err(busy)?;
    let _place = app.uploads.try_acquire().map_err(|_| busy(()))?;
    app.upload_quota.take(&BTreeSet::from([seal.clone()]))?;
    let writer = app.log.blobs().writer_of(&by, salt);
    let writer = receive(app, body, writer, size).await?;
    // Before the guard, which takes its time: one ticket is not for whatever somebody sends with it.
    if !writer.is(&digest) {
        return Err(kept(StoreError::Content));
    }
    let writer = app.guard(move || guarded(&media, writer)).await??;
    app.read(move |_, _| writer.finish(&digest, about).map_err(kept)).await
}

/// Whether the file is here already, for another unit too when it is public. One that is here otherwise is sent again,
/// and counts unless an entry names it.
fn is_here(app: &App, digest: &Hash, wanted: &About, by: &str) -> Result<bool, Problem> {
    let (blobs, failed) = (app.log.blobs(), |e| Problem::internal(&e));
    if blobs.is_withdrawn(digest).map_err(failed)? {
        return Err(Problem::new(Code::Withdrawn, GONE));
    }
    let same = |about: About| match wanted.access {
        Visibility::Public => About { unit: wanted.unit, ..about } == *wanted,
        _ => about == *wanted,
    };
    if blobs.about(digest).map_err(failed)?.is_some_and(same) {
        return Ok(true);
    }
    if app.free_bytes().is_none_or(|free| free < app.min_free) {
        let detail =
            "请告知账本运行单位腾出空间后再传 / tell the ledger's operator to make room, then send it again";
        return Err(Problem::new(Code::Disk, detail));
    }
    let (own, all) = blobs.unnamed(by);
    let [most_own, most_all] = app.unnamed;
    let more = wanted.size.max(LEAST_UNNAMED);
    if own.saturating_add(more) > most_own || all.saturating_add(more) > most_all {
        let detail = "请先提交引用已上传文件的条目；没有条目引用的文件一周后删除 / first submit the entries that name what was uploaded; what none names goes after a week";
        return Err(Problem::new(Code::Unnamed, detail));
    }
    Ok(false)
}

/// Receives the body. A slow network is borne with, one that stands still or is slower than [`UPLOAD_RATE`] is not: what
/// was received so far says how long the next part may take.
async fn receive(app: &Shared, body: Body, mut writer: BlobWriter, size: u64) -> Result<BlobWriter, Problem> {
    let (mut body, mut part, mut left) = (body.into_data_stream(), Vec::new(), size);
    let began = Instant::now();
    loop {
        let due = app.times.grace + Duration::from_millis((size - left) * 1_000 / UPLOAD_RATE);
        let wait = app.times.upload.min(due.saturating_sub(began.elapsed()));
        let next = poll_fn(|cx| Pin::new(&mut body).poll_next(cx));
        let bytes = match tokio::time::timeout(wait, next).await {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(Some(Err(_))) => return Err(cut()),
            Ok(None) => break,
            _ => {
                let detail = "网络太慢或中断，请换个网络再传 / the network is too slow or stands still; send it again from another";
                return Err(Problem::new(Code::SlowBody, detail));
            }
        };
        left = left.checked_sub(bytes.len() as u64).ok_or_else(cut)?;
        part.extend_from_slice(&bytes);
        if part.len() >= UPLOAD_PART || left == 0 {
            let full = std::mem::take(&mut part);
            writer = app
                .read(move |_, _| {
                    writer.write(&full).map_err(|e| Problem::internal(&e))?;
                    Ok(writer)
                })
                .await?;
        }
    }
    if left == 0 { Ok(writer) } else { Err(cut()) }
}

fn cut() -> Problem {
    Problem::bad_request(
        "上传中断，什么都没有留下，请重新上传 / the upload was cut short and nothing of it is kept; send it again",
    )
}

/// Looks into the file: rows are what they say, everything else passes the privacy guard.
fn guarded(media: &str, writer: BlobWriter) -> Result<BlobWriter, Problem> {
    let mut file = writer.read().map_err(|e| Problem::internal(&e))?;
    if media == ROWS_MEDIA {
        let mut bytes = Vec::new();
        let read = (&mut file).take(MAX_ROWS_BLOB as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|e| Problem::internal(&e))?;
        Rows::parse(&bytes).map_err(|e| Problem::new(Code::Content, e.to_string()))?;
    } else {
        // Its title stands in the entry, where it is looked at too.
        let hits = guard::attachment("", media, &mut file).map_err(refused)?;
        let hits: Vec<Hit> =
            hits.into_iter().filter(|hit| hit.what != What::Unreadable(Why::Picture)).collect();
        if !hits.is_empty() {
            return Err(found(&hits));
        }
    }
    Ok(writer)
}

fn kept(error: StoreError) -> Problem {
    match error {
        StoreError::Content => Problem::new(Code::Digest, error.to_string()),
        StoreError::Withdrawn => Problem::new(Code::Withdrawn, GONE),
        error => Problem::internal(&error),
    }
}

fn refused(error: GuardError) -> Problem {
    match error {
        GuardError::Read(e) => Problem::internal(&e),
        GuardError::TooLarge => Problem::new(Code::TooLarge, error.to_string()),
        GuardError::Type(_) => Problem::new(Code::MediaType, error.to_string()),
        error => Problem::new(Code::Content, error.to_string()),
    }
}

fn found(hits: &[Hit]) -> Problem {
    let fault = |(at, hit): (usize, &Hit)| Fault {
        at,
        code: "privacy",
        rule: "E-96".to_owned(),
        field: hit.place.to_string(),
        what: hit.to_string(),
        next_seq: None,
    };
    let detail = "请按 errors 逐处改正文件，再签凭条上传 / take out what errors names, sign a new ticket and upload it again";
    Problem { errors: hits.iter().enumerate().map(fault).collect(), ..Problem::new(Code::Privacy, detail) }
}
