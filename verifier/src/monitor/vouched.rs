//! When somebody last vouched: cosignatures on one head, gathered from everybody who has some.

use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::note::{self, Signature};
use ledger::policy::{Policy, Quorum};
use std::collections::BTreeMap;

/// Latest times at which heads were vouched for, Unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// By a whole quorum (SPEC W-09).
    pub quorum: Option<u64>,
    /// By a replayer.
    pub replay: Option<u64>,
}

/// Gathers the cosignatures of each head from all sources. A time that is ahead of `now` counts as now: whoever
/// signs tomorrow's time is not believed tomorrow, too.
pub fn vouched<'a>(heads: impl Iterator<Item = &'a SignedCheckpoint>, policy: &Policy, now: u64) -> Vouched {
    let mut lines: BTreeMap<&str, Vec<Signature>> = BTreeMap::new();
    for signed in heads {
        let gathered = lines.entry(signed.text()).or_default();
        let counts = |line: &&Signature| {
            policy.witnesses().any(|(_, key, _)| cosignature::verify(key, signed.text(), line).is_ok())
        };
        for line in signed.signatures.iter().filter(counts) {
            if !gathered.contains(line) {
                gathered.push(line.clone());
            }
        }
    }
    let mut out = Vouched::default();
    for (text, lines) in lines {
        let quorum = amount(text, &lines, policy).and_then(|quorum| quorum.time());
        out.quorum = out.quorum.max(quorum.map(|time| time.min(now)));
        for line in lines {
            // One line alone: whoever is behind it, is he a replayer?
            let alone = amount(text, &[line], policy).filter(|alone| alone.replayed);
            let time = alone.and_then(|alone| Some(alone.cosigned.first()?.1));
            out.replay = out.replay.max(time.map(|time| time.min(now)));
        }
    }
    out
}

/// What these cosignatures amount to. More lines than a note may have amount to nothing; a policy has fewer witnesses,
/// and whoever cosigns one head under one key at many times is gathered at few of them.
fn amount(text: &str, lines: &[Signature], policy: &Policy) -> Option<Quorum> {
    let note = note::assemble(text, lines);
    Some(policy.evaluate(&SignedCheckpoint::parse(note.as_bytes()).ok()?))
}
