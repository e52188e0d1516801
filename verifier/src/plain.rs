//! Auditing any C2SP tiled log: what needs no village rules.

use crate::progress::Progress;
use crate::report::{Note, Notes, Report};
use crate::source::{Source, SourceError};
use client::Mirror;
use ledger::note::VerifierKey;
use ledger::verdict::Code;
use std::collections::BTreeMap;

const NOT_CHECKED: &[&str] = &[
    "条目说什么、由谁签署 / what the entries say and who signed them",
    "见证人的联署 / cosignatures of witnesses",
    "这份日志是否给别人看过另一个样子 / whether others were shown another view of this log",
];

/// Reads every entry and tile and holds them against the checkpoint that `key` signed.
///
/// # Errors
/// [`SourceError`] when the log can't be read.
pub fn audit(mirror: &Mirror, key: &VerifierKey, progress: &mut Progress) -> Result<Report, SourceError> {
    let mut source = Source::open(mirror)?;
    let mut faults = Notes::default();
    if let Err(e) = source.head.verify_log(key) {
        faults.push(Note::whole(
            "checkpoint",
            format!("存证点不是 {} 所签：{e} / the checkpoint is not signed by this key", key.name()),
        ));
    }
    // A head that the key did not sign says nothing about a size either.
    let mut misfits = Vec::new();
    while faults.count == 0 && source.read() < source.size() {
        source.next(&mut misfits)?;
        progress.at(source.read(), source.size());
    }
    misfits.drain(..).for_each(|m| faults.push(Note::whole("tile", m.0)));
    let head = &source.head.checkpoint;
    if faults.count == 0 && source.root() != head.root {
        faults.push(Note::whole(
            "root",
            "条目的根与存证点不符 / the entries do not give the checkpoint's root",
        ));
    }
    // Bytes that do not fit are no evidence against the log: whoever served them may have damaged them.
    let code = if faults.count == 0 { Code::OkUnwitnessed } else { Code::CannotShow };
    Ok(Report {
        verdict: code.name().to_owned(),
        ledger: head.origin.clone(),
        size: head.size,
        root: head.root.to_string(),
        time: 0,
        units: 0,
        kinds: BTreeMap::new(),
        publications: 0,
        seals: 0,
        tiles: source.tiles,
        faults,
        findings: Notes::default(),
        not_checked: NOT_CHECKED.to_vec(),
    })
}
