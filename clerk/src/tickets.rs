//! What goes up before an entry, and the tickets that let it: rows of payment lists and attachments (SPEC section 4.9).
//!
//! A ticket is signed when the entry is sealed, since `publish` has no key, and is good for a day.

use crate::attachments::{self, Upload};
use crate::draft::{Draft, DraftEntry};
use crate::failure::Failure;
use crate::fault::Fault;
use client::problem::Fault as Refusal;
use client::{HttpError, LedgerApi};
use keys::Signer;
use ledger::charter::LedgerId;
use ledger::entry::{Attachment, Entry, Visibility};
use ledger::hash::Hash;
use ledger::leaf;
use ledger::payment_rows::{ROWS_MEDIA, Rows};
use ledger::sealed::EntryId;
use ledger::upload::{MAX_AGE, Ticket};
use std::io::Cursor;
use std::path::Path;

/// Tickets for all that goes up before an entry, signed by one seal at `now` (Unix seconds); none while its number is
/// not known.
///
/// # Errors
/// [`Failure::Key`].
pub fn sign(draft: &Draft, entry: &DraftEntry, signer: &Signer, now: u64) -> Result<Vec<String>, Failure> {
    let Some(id) = id_of(draft, entry) else { return Ok(Vec::new()) };
    let ticket = |one: Attachment| {
        let EntryId { ledger, unit, .. } = id.clone();
        let Attachment { digest, size, media, access, .. } = one;
        let text = Ticket { ledger, unit, digest, size, media, access, time: now }.text();
        Ok(leaf::seal(&text, vec![signer.sign_note(&text)?]))
    };
    wanted(entry, &id).into_iter().map(ticket).collect()
}

/// Entries whose tickets are missing or too old at `now`, by row.
pub fn stale(draft: &Draft, waiting: &[usize], now: u64) -> Vec<Fault> {
    let fresh = |note: &str, one: &Attachment| {
        ticket_of(note, &one.digest).is_some_and(|t| now.abs_diff(t.time) <= MAX_AGE)
    };
    let is_stale = |entry: &&DraftEntry| {
        let wanted = id_of(draft, entry).map(|id| wanted(entry, &id)).unwrap_or_default();
        wanted.iter().any(|one| !entry.tickets.iter().any(|note| fresh(note, one)))
    };
    let what = "上传凭条没有或已过一天，请再运行 village-clerk sign / the upload ticket is missing or over a day old: run sign again";
    let entries = waiting.iter().filter_map(|at| draft.entries.get(*at));
    entries.filter(is_stale).map(|entry| Fault::new(entry.row, "", what)).collect()
}

/// Uploads what an entry of the draft at `file` names; doing it again does no harm.
///
/// # Errors
/// [`Failure`]: a copy that is gone, or what the server answered.
pub fn upload(draft: &Draft, file: &Path, entry: &DraftEntry, api: &LedgerApi) -> Result<(), Failure> {
    let Some(id) = id_of(draft, entry) else { return Ok(()) };
    let ticket = |digest: &Hash| {
        let note = entry.tickets.iter().find(|note| ticket_of(note, digest).is_some());
        note.ok_or_else(|| {
            Failure::refused("上传凭条没有，请再运行 village-clerk sign / no upload ticket: run sign again")
        })
    };
    if let Some(rows) = entry.rows_as(&id) {
        let text = rows.text();
        let sent = api.upload(ticket(&Hash::of(text.as_bytes()))?, None, Cursor::new(text.as_bytes()));
        sent.map_err(|e| refused(entry, e))?;
    }
    for Upload { about, salt, path } in
        attachments::uploads(file, entry).map_err(|fault| Failure::Faults(vec![fault]))?
    {
        let io = |source| Failure::Io { path: path.clone(), doing: "读取", source };
        let copy = std::fs::File::open(&path).map_err(io)?;
        api.upload(ticket(&about.digest)?, salt.as_ref(), copy).map_err(|e| refused(entry, e))?;
    }
    Ok(())
}

/// What the guard of the server found in a file becomes faults by row.
fn refused(entry: &DraftEntry, error: HttpError) -> Failure {
    match error {
        HttpError::Status { problem, .. } if !problem.errors.is_empty() => {
            let fault = |f: &Refusal| Fault::new(entry.row, &f.field, format!("[{}] {}", f.code, f.what));
            Failure::Faults(problem.errors.iter().map(fault).collect())
        }
        error => error.into(),
    }
}

/// Whether something goes up before an entry.
pub fn is_needed(entry: &DraftEntry) -> bool {
    !entry.list.is_empty() || !entry.files.is_empty()
}

fn id_of(draft: &Draft, entry: &DraftEntry) -> Option<EntryId> {
    let ledger = LedgerId::from_text(draft.ledger.as_deref()?);
    Some(EntryId { ledger, unit: entry.unit()?, seq: entry.seq? }).filter(|_| is_needed(entry))
}

/// What an entry names: its rows, then its attachments.
fn wanted(entry: &DraftEntry, id: &EntryId) -> Vec<Attachment> {
    let list = |rows: Rows| {
        let text = rows.text();
        Attachment {
            digest: Hash::of(text.as_bytes()),
            size: text.len() as u64,
            media: ROWS_MEDIA.to_owned(),
            title: String::new(),
            access: Visibility::Public,
        }
    };
    let named = Entry::of(entry.complete(&id.ledger, id.seq, 0, None)).map(|entry| entry.attachments);
    entry.rows_as(id).map(list).into_iter().chain(named.unwrap_or_default()).collect()
}

fn ticket_of(note: &str, digest: &Hash) -> Option<Ticket> {
    Ticket::parse(note.as_bytes()).ok().filter(|ticket| ticket.digest == *digest)
}
