//! Blobs as they are asked for (SPEC H-16), and whether those that an entry names are there.

use crate::app::{App, Shared};
use crate::limits::DOWNLOAD_PART;
use crate::problem::{Code, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use ledger::append::{Refusal, RefusalCode};
use ledger::bundle::Source as _;
use ledger::entry::{Attachment, Entry, Visibility};
use ledger::hash::Hash;
use ledger::payment_rows::list_of;
use ledger::unit::UnitId;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use store::{About, Snapshot};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// Header of the salt of a blob that is not public: base64 of 32 bytes.
pub const SALT: HeaderName = HeaderName::from_static("blob-salt");
/// Said of a blob that was withdrawn.
pub const GONE: &str = "文件已按撤下记录删除，账本不再提供，也不能再次上传 / the file was withdrawn by a redaction; the ledger no longer serves it and does not take it again";
/// How long a public file may be kept on the way: one that is withdrawn is gone a minute later.
const MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// A blob to be sent.
struct Found {
    about: About,
    file: Box<dyn Read + Send>,
    title: String,
}

/// `GET /api/v1/blobs/{digest}`.
pub async fn download(
    State(app): State<Shared>,
    Path(digest): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.read(move |app, log| find(app, log, &digest, &headers)).await?;
    let Found { about, file, title } = found;
    let text = |text: &str| HeaderValue::try_from(text).map_err(|e| Problem::internal(&e));
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, text(&about.media)?);
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(about.size));
    head.insert(header::CONTENT_DISPOSITION, text(&disposition(&title, &about.media))?);
    let public = about.access == Visibility::Public;
    head.insert(header::CACHE_CONTROL, if public { MINUTE } else { HeaderValue::from_static("no-store") });
    if let Some(salt) = about.salt {
        head.insert(SALT, text(&Hash::from_bytes(salt).to_base64())?);
    }
    Ok((head, Body::from_stream(Parts::of(file))).into_response())
}

fn find(app: &App, log: &Snapshot, digest: &str, headers: &HeaderMap) -> Result<Found, Problem> {
    let missing = || {
        Problem::not_found(
            "没有公布的条目列有这个文件，请核对摘要 / no published entry names this file; check the digest",
        )
    };
    let digest = Hash::from_hex(digest).ok_or_else(missing)?;
    let failed = |e| Problem::internal(&e);
    if app.log.blobs().is_withdrawn(&digest).map_err(failed)? {
        return Err(Problem::new(Code::Withdrawn, GONE));
    }
    let (unit, seq) = app.log.named(&digest).map_err(failed)?.ok_or_else(missing)?;
    let line = log.line(&unit, seq).map_err(failed)?.ok_or_else(missing)?;
    let about = app.log.blobs().about(&digest).map_err(failed)?.ok_or_else(missing)?;
    app.tokens.reader(headers, app.now())?.may_see(&unit, about.access)?;
    let entry = Entry::of_leaf(&log.leaf(line.index).map_err(failed)?).map_err(|e| Problem::internal(&e))?;
    let attachment = entry.attachments.iter().find(|attachment| attachment.digest == digest);
    let title = attachment.map_or_else(|| format!("{unit} {seq} 清单"), |a| a.title.clone());
    let (about, file) = app.log.blobs().read(&digest).map_err(failed)?.ok_or_else(missing)?;
    Ok(Found { about, file, title })
}

/// What a browser does with it: keeps it as a file, whatever it is (RFC 6266, RFC 8187).
fn disposition(title: &str, media: &str) -> String {
    let ending = match media {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/webp" => ".webp",
        "application/pdf" => ".pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "text/csv" => ".csv",
        _ => ".txt",
    };
    let stem = title.strip_suffix(ending).unwrap_or(title);
    let name: String = stem.chars().map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let escaped = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let name: String = name.bytes().chain(ending.bytes()).map(escaped).collect();
    format!("attachment; filename*=UTF-8''{name}")
}

/// A file part by part; it is read ahead by one part, and not at all while nobody takes it.
struct Parts(mpsc::Receiver<io::Result<Bytes>>);

impl Parts {
    fn of(mut file: Box<dyn Read + Send>) -> Self {
        let (parts, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let read = spawn_blocking(move || {
                    let mut part = Vec::new();
                    let read = (&mut file).take(DOWNLOAD_PART as u64).read_to_end(&mut part);
                    (file, read.map(|_| part))
                });
                let part = match read.await {
                    Ok((rest, part)) => {
                        file = rest;
                        part
                    }
                    Err(_) => return,
                };
                let last = part.as_ref().map_or(true, Vec::is_empty);
                let empty = part.as_ref().is_ok_and(Vec::is_empty);
                if empty || parts.send(part.map(Bytes::from)).await.is_err() || last {
                    return;
                }
            }
        });
        Parts(receiver)
    }
}

impl Stream for Parts {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

/// What is here of the files that an entry names: its attachments in its order, and the blob of its list.
pub struct Presence {
    unit: UnitId,
    kept: Vec<(Hash, Kept)>,
}

enum Kept {
    Missing,
    Withdrawn,
    Here(About),
}

impl Presence {
    /// Looks for each.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn of(app: &App, entry: &Entry) -> Result<Self, Problem> {
        let blobs = app.log.blobs();
        let look = |digest: Hash| {
            if blobs.is_withdrawn(&digest)? {
                return Ok((digest, Kept::Withdrawn));
            }
            Ok((digest, blobs.about(&digest)?.map_or(Kept::Missing, Kept::Here)))
        };
        let named = entry.attachments.iter().map(|file| file.digest);
        let named = named.chain(list_of(entry).map(|list| list.digest));
        let kept = named.map(look).collect::<Result<_, store::StoreError>>();
        let kept = kept.map_err(|e| Problem::internal(&e))?;
        Ok(Presence { unit: entry.unit(), kept })
    }

    /// Whether an attachment is here as the entry describes it (SPEC E-62).
    ///
    /// # Errors
    /// [`Refusal`] with code `beside`.
    pub fn judge(&self, attachment: &Attachment) -> Result<(), Refusal> {
        let at = self.kept.iter().position(|(digest, _)| *digest == attachment.digest).unwrap_or_default();
        let what = match self.kept.get(at) {
            Some((_, Kept::Here(about))) => {
                let (size, media, access) = (attachment.size, &attachment.media, attachment.access);
                // Else the members of one unit could read another's (SPEC P-35).
                let ours = access == Visibility::Public || about.unit == self.unit;
                if ours && (about.size, &about.media, about.access) == (size, media, access) {
                    return Ok(());
                }
                "附件已上传，但大小、类型、可见范围或单位与条目写的不同，请照上传时的写 / the attachment is here, but its size, type, access or unit is not the entry's; give those it was uploaded with"
            }
            Some((_, Kept::Withdrawn)) => GONE,
            _ => "附件还没有上传，请先上传再提交 / the attachment is not here; upload it first, then submit",
        };
        Err(Refusal {
            code: RefusalCode::Beside,
            field: format!("attachments.{at}"),
            what: what.to_owned(),
            next_seq: None,
        })
    }
}
