//! `publish`: sealed entries go to the ledger in batches; doing it again is harmless.

use crate::check;
use crate::draft::{Draft, DraftReceipt};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::online;
use crate::progress::Progress;
use crate::seal;
use crate::tickets;
use client::problem::Fault as Refusal;
use client::submit::{MAX_BATCH, MAX_BODY, weight};
use client::{Answer, LedgerApi, SubmitError, Submitter};
use keys::Signer;
use ledger::sealed::Openings;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::path::Path;

/// Times that numbers are fetched and sealed anew when others publish at the same time.
const RENUMBERINGS: usize = 3;

/// One sealed entry on its way.
struct Parcel {
    /// Its place in the draft.
    at: usize,
    note: String,
    openings: Openings,
}

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
    let waiting = waiting(draft);
    if !keys.is_empty() && !tickets::stale(draft, &waiting, now).is_empty() {
        seal::seal_all(draft, keys, now)?;
        draft.write(file)?;
    }
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
    let waiting = waiting(draft);
    if waiting.is_empty() {
        return Ok(0);
    }
    let parcels = sealed(draft, &waiting)?;
    let stale = tickets::stale(draft, &waiting, now);
    if !stale.is_empty() {
        return Err(Failure::Faults(stale));
    }
    let server = api.ledger()?;
    if draft.ledger.as_deref() != Some(server.as_str()) {
        return Err(online::other_ledger(draft, server.as_str()));
    }
    // An entry is refused until what it names is there.
    for entry in waiting.iter().filter_map(|at| draft.entries.get(*at)).filter(|e| tickets::is_needed(e)) {
        tickets::upload(draft, file, entry, api)?;
    }
    let submitter = Submitter::new(api.http().clone());
    let mut progress = Progress::new("公布", waiting.len());
    for batch in batches(&parcels) {
        let texts: Vec<&str> = batch.iter().map(|parcel| parcel.note.as_str()).collect();
        let openings: Vec<Openings> = batch.iter().map(|parcel| parcel.openings.clone()).collect();
        let answer = submitter.submit_with(&texts, &openings).map_err(|e| refused(draft, batch, e))?;
        record(draft, batch, &answer)?;
        draft.write(file)?;
        progress.add(batch.len());
    }
    progress.finish();
    Ok(waiting.len())
}

/// The places of what is not published.
fn waiting(draft: &Draft) -> Vec<usize> {
    draft.entries.iter().enumerate().filter(|(_, e)| e.receipt.is_none()).map(|(at, _)| at).collect()
}

/// The entries at these places with their openings, or every unit that is not sealed.
fn sealed(draft: &Draft, waiting: &[usize]) -> Result<Vec<Parcel>, Failure> {
    let (mut parcels, mut bare) = (Vec::with_capacity(waiting.len()), BTreeMap::<_, usize>::new());
    for at in waiting {
        let Some(entry) = draft.entries.get(*at) else { continue };
        match draft.note(entry) {
            Some(note) => {
                parcels.push(Parcel { at: *at, note, openings: entry.openings().map_err(Failure::Refused)? });
            }
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
    if bare.is_empty() { Ok(parcels) } else { Err(Failure::Faults(bare.into_iter().map(fault).collect())) }
}

/// Cuts entries into batches of at most [`MAX_BATCH`] and [`MAX_BODY`], openings included, in order.
fn batches(parcels: &[Parcel]) -> Vec<&[Parcel]> {
    let (mut batches, mut rest) = (Vec::new(), parcels);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(MAX_BATCH).take_while(|parcel| {
            bytes += weight(&parcel.note, &parcel.openings);
            bytes <= MAX_BODY
        });
        let (batch, more) = rest.split_at(fits.count().max(1));
        batches.push(batch);
        rest = more;
    }
    batches
}

/// Takes the receipts into the draft, each held against what was sent.
fn record(draft: &mut Draft, batch: &[Parcel], answer: &Answer) -> Result<(), Failure> {
    for (Parcel { at, .. }, receipt) in batch.iter().zip(&answer.entries) {
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
fn refused(draft: &Draft, batch: &[Parcel], error: SubmitError) -> Failure {
    let row =
        |f: &Refusal| batch.get(f.at).and_then(|parcel| draft.entries.get(parcel.at)).map_or(0, |e| e.row);
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
        let opening = |size: u8| ledger::sealed::Opening {
            path: "counterparty.name".to_owned(),
            salt: [7; 32],
            value: "李".repeat(size.into()),
            access: ledger::sealed::Access::Posted,
        };
        let parcels = |n: usize, size: usize, value: u8| -> Vec<Parcel> {
            let openings = Openings::new(if value > 0 { vec![opening(value)] } else { Vec::new() }).unwrap();
            let note = format!("{}\n", "\"".repeat(size));
            (0..n).map(|at| Parcel { at, note: note.clone(), openings: openings.clone() }).collect()
        };
        for (n, size, value, want) in [
            (1, 10, 0, 1),
            (1_000, 10, 0, 1),
            (1_001, 10, 60, 2),
            (500, 24_000, 0, 3),
            (200, 48_000, 0, 3),
            (350, 11_900, 0, 1),
            (350, 11_900, 60, 2),
        ] {
            let parcels = parcels(n, size, value);
            let batches = batches(&parcels);
            assert_eq!(batches.len(), want, "{n} of {size}");
            let places: Vec<usize> = batches.iter().flat_map(|batch| batch.iter().map(|p| p.at)).collect();
            assert_eq!(places, (0..n).collect::<Vec<_>>());
            for batch in batches {
                let texts: Vec<&str> = batch.iter().map(|p| p.note.as_str()).collect();
                let openings: Vec<String> = batch.iter().map(|p| p.openings.text()).collect();
                let body = format!(
                    r#"{{"entries":{},"openings":[{}]}}"#,
                    serde_json::to_string(&texts).unwrap(),
                    openings.join(",")
                );
                assert!(batch.len() <= MAX_BATCH && body.len() <= MAX_BODY);
            }
        }
    }
}
