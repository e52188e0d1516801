//! `publish`: sealed entries go to the ledger in batches; doing it again is harmless.

use crate::check;
use crate::draft::{Draft, DraftReceipt};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::online;
use crate::progress::Progress;
use crate::seal;
use client::problem::Fault as Refusal;
use client::submit::{MAX_BATCH, MAX_BODY};
use client::{Answer, LedgerApi, SubmitError, Submitter};
use keys::Signer;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::path::Path;

/// Room in a body for what is around the entries.
const ENVELOPE: usize = 1_024;
/// Times that numbers are fetched and sealed anew when others publish at the same time.
const RENUMBERINGS: usize = 3;

/// Publishes what is not yet published; the draft's file is written after every batch, so that nothing that
/// was answered is ever asked again. Returns how many entries are new.
///
/// # Errors
/// [`Failure`]. Nothing is sent when the draft has faults.
pub fn publish(
    draft: &mut Draft,
    file: &Path,
    api: &LedgerApi,
    keys: &[Signer],
    now: u64,
) -> Result<usize, Failure> {
    let mut left = RENUMBERINGS;
    loop {
        match publish_once(draft, file, api, now) {
            Err(Failure::Submit(SubmitError::WrongSeq(_))) if !keys.is_empty() && left > 0 => {
                left -= 1;
                online::refresh(draft, api)?;
                seal::seal_all(draft, keys, now)?;
                draft.write(file)?;
            }
            Err(Failure::Submit(SubmitError::WrongSeq(faults))) => return Err(renumber(&faults, api)),
            done => return done,
        }
    }
}

fn publish_once(draft: &mut Draft, file: &Path, api: &LedgerApi, now: u64) -> Result<usize, Failure> {
    check::check(draft, now).map_err(Failure::Faults)?;
    let waiting: Vec<usize> =
        draft.entries.iter().enumerate().filter(|(_, e)| e.receipt.is_none()).map(|(at, _)| at).collect();
    if waiting.is_empty() {
        return Ok(0);
    }
    let notes = sealed(draft, &waiting)?;
    let server = api.ledger()?;
    if draft.ledger.as_deref() != Some(server.as_str()) {
        return Err(online::other_ledger(draft, server.as_str()));
    }
    let submitter = Submitter::new(api.http().clone());
    let mut progress = Progress::new("公布", waiting.len());
    for batch in batches(&notes) {
        let texts: Vec<&str> = batch.iter().map(|(_, note)| note.as_str()).collect();
        let answer = submitter.submit(&texts).map_err(|e| refused(draft, batch, e))?;
        record(draft, batch, &answer)?;
        draft.write(file)?;
        progress.add(batch.len());
    }
    progress.finish();
    Ok(waiting.len())
}

/// The notes of the entries at these places, or every unit that is not sealed.
fn sealed(draft: &Draft, waiting: &[usize]) -> Result<Vec<(usize, String)>, Failure> {
    let (mut notes, mut bare) = (Vec::with_capacity(waiting.len()), BTreeMap::<_, usize>::new());
    for at in waiting {
        let Some(entry) = draft.entries.get(*at) else { continue };
        match draft.note(entry) {
            Some(note) => notes.push((*at, note)),
            None => *bare.entry(entry.unit()).or_default() += 1,
        }
    }
    let fault = |(unit, n): (Option<UnitId>, usize)| {
        let unit = unit.map(|u| u.to_string()).unwrap_or_default();
        let what = format!(
            "{n} 条还没有盖章，请用管这个单位的印章运行 village-clerk sign / not sealed yet: run sign with the unit's seal"
        );
        Fault::new(0, &unit, what)
    };
    if bare.is_empty() { Ok(notes) } else { Err(Failure::Faults(bare.into_iter().map(fault).collect())) }
}

/// Cuts entries into batches of at most [`MAX_BATCH`] and [`MAX_BODY`], in order.
fn batches(notes: &[(usize, String)]) -> Vec<&[(usize, String)]> {
    let (mut batches, mut rest) = (Vec::new(), notes);
    while !rest.is_empty() {
        let mut bytes = ENVELOPE;
        // In JSON every newline and quote takes one byte more.
        let sizes = rest
            .iter()
            .map(|(_, n)| n.len() + n.bytes().filter(|b| matches!(b, b'\n' | b'"' | b'\\')).count() + 3);
        let fits = sizes.take(MAX_BATCH).take_while(|size| {
            bytes += size;
            bytes <= MAX_BODY
        });
        let (batch, more) = rest.split_at(fits.count().max(1));
        batches.push(batch);
        rest = more;
    }
    batches
}

/// Takes the receipts into the draft, each held against what was sent.
fn record(draft: &mut Draft, batch: &[(usize, String)], answer: &Answer) -> Result<(), Failure> {
    for ((at, _), receipt) in batch.iter().zip(&answer.entries) {
        let Some(entry) = draft.entries.get_mut(*at) else { continue };
        if entry.unit() != Some(receipt.unit) || entry.seq != Some(receipt.seq) {
            let what = format!(
                "第{}行的回执是别的条目的，请把草稿和回执交给技术人员 / the receipt is of another entry",
                entry.row
            );
            return Err(Failure::refused(what));
        }
        entry.receipt =
            Some(DraftReceipt { seq: receipt.seq, index: receipt.index, leaf: receipt.leaf.to_base64() });
        let next = draft.next.entry(receipt.unit.to_string()).or_default();
        *next = (*next).max(receipt.seq + 1);
    }
    Ok(())
}

/// Faults by position in the batch become faults by row.
fn refused(draft: &Draft, batch: &[(usize, String)], error: SubmitError) -> Failure {
    let row = |f: &Refusal| batch.get(f.at).and_then(|(at, _)| draft.entries.get(*at)).map_or(0, |e| e.row);
    match error {
        SubmitError::Refused(faults) => Failure::Faults(
            faults.iter().map(|f| Fault::new(row(f), &f.field, format!("[{}] {}", f.code, f.what))).collect(),
        ),
        other => other.into(),
    }
}

fn renumber(faults: &[Refusal], api: &LedgerApi) -> Failure {
    let next =
        faults.iter().find_map(|f| f.next_seq).map(|n| format!("（下一个是 {n}）")).unwrap_or_default();
    Failure::refused(format!(
        "编号已被别的条目占用{next}，整批未入账。请运行 village-clerk sign --key 印章 --server {} 草稿，重新编号盖章后再公布；或在 publish 加上 --key / the numbers are taken: run sign with --server again, then publish; or give publish --key",
        api.http().base()
    ))
}

/// Writes the proof file of every published entry that is not there yet.
///
/// # Errors
/// [`Failure`].
pub fn write_receipts(draft: &Draft, api: &LedgerApi, folder: &Path) -> Result<usize, Failure> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::Io { path, doing: "写入", source }
    };
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    let mut written = 0;
    for entry in &draft.entries {
        let (Some(unit), Some(receipt)) = (entry.unit(), &entry.receipt) else { continue };
        let file = folder.join(format!("{unit}-{}.tlog-proof", receipt.seq));
        if !file.exists() {
            std::fs::write(&file, api.proof(&unit, receipt.seq)?).map_err(io(&file))?;
            written += 1;
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_to_both_limits_and_keep_the_order() {
        let notes = |n: usize, size: usize| -> Vec<(usize, String)> {
            (0..n).map(|i| (i, format!("{}\n", "\"".repeat(size)))).collect()
        };
        for (n, size, want) in
            [(1, 10, 1), (1_000, 10, 1), (1_001, 10, 2), (500, 24_000, 3), (200, 48_000, 3)]
        {
            let notes = notes(n, size);
            let batches = batches(&notes);
            assert_eq!(batches.len(), want, "{n} of {size}");
            assert_eq!(batches.concat(), notes);
            for batch in batches {
                let texts: Vec<&str> = batch.iter().map(|(_, t)| t.as_str()).collect();
                let body = serde_json::json!({"entries": texts, "openings": []}).to_string();
                assert!(batch.len() <= MAX_BATCH && body.len() <= MAX_BODY);
            }
        }
    }
}
