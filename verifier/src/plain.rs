//! Auditing any C2SP tiled log: what needs no village rules. Entries are opaque.

use crate::findings::Note;
use crate::head::{Head, Heads};
use crate::progress::Progress;
use crate::remember::{Compared, compare};
use crate::report::Report;
use crate::source::SourceError;
use crate::walk::{Fold, walk};
use crate::words;
use client::MirrorError;
use ledger::hash::Hash;
use ledger::note::VerifierKey;
use ledger::tile::Tiles;
use ledger::verdict::Code;
use std::sync::Arc;

/// Leaves that say nothing.
struct Opaque;

impl Fold for Opaque {
    type Known = ();
    type Leaf = ();

    fn known(&mut self) -> Arc<()> {
        Arc::new(())
    }
    fn prepare((): &(), _: &[u8], _: Hash) {}
    fn fold(&mut self, (): ()) {}
}

/// Reads every entry and tile and holds them against the checkpoint that `key` signed.
///
/// # Errors
/// [`SourceError`] when the log can't be read.
pub fn audit<T>(
    log: &T,
    key: &VerifierKey,
    remembered: Option<&Head>,
    progress: &mut Progress,
) -> Result<(Report, Head), SourceError>
where
    T: Heads + Tiles<Error = MirrorError> + Sync,
{
    let head = Head::parse(&log.head()?)?;
    let mut report = Report::of(&head, words::PLAIN);
    if let Err(e) = head.signed_by(key) {
        let what = format!("存证点不是 {} 所签：{e} / the checkpoint is not signed by this key", key.name());
        return Ok((report.with_fault(Note::whole("checkpoint", what)), head));
    }
    let watch = remembered.map(|old| old.checkpoint.size);
    let tower = walk(log, head.checkpoint.size, watch, &mut Opaque, progress)?;
    report.tiles = tower.compared();
    report.proven = tower.root() == head.checkpoint.root;
    if !report.proven {
        let what = "条目的根与存证点不符 / the entries do not give the checkpoint's root";
        report.faults.push(Note::whole("root", what));
    }
    for path in tower.misfits() {
        let what = format!("{path} 与条目不符 / {path} is not what the entries hash to");
        report.faults.push(Note::whole("tile", what));
    }
    let mut rewritten = false;
    if let Some(old) = remembered.filter(|old| report.proven || old.checkpoint.size == head.checkpoint.size) {
        match compare(old, &head, tower.watched(), std::iter::once(key))? {
            Compared::Grown => report.grown_from = report.proven.then_some(old.checkpoint.size),
            Compared::Shrunk(note) => report.faults.push(note),
            Compared::Rewritten(note) => {
                report.faults.push(note);
                rewritten = true;
            }
        }
    }
    report.verdict = match report.faults.count {
        _ if rewritten => Code::FailedRewritten,
        // Bytes that do not fit are no evidence against the log: whoever served them may have damaged them.
        1.. => Code::CannotShow,
        0 => Code::OkUnwitnessed,
    };
    Ok((report, head))
}
