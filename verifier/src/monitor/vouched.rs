//! When somebody last vouched: cosignatures on one head, gathered from everybody who has some.

use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::note::{self, Signature};
use ledger::policy::Policy;
use std::collections::BTreeMap;

/// Latest times at which heads were vouched for, Unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// By a whole quorum (SPEC W-09).
    pub quorum: Option<u64>,
    /// By a replayer.
    pub replay: Option<u64>,
}

/// Gathers the cosignatures of each head from all sources, of each witness its latest. A time that is ahead of `now`
/// counts as now: whoever signs tomorrow's time is not believed tomorrow, too.
pub fn vouched<'a>(heads: impl Iterator<Item = &'a SignedCheckpoint>, policy: &Policy, now: u64) -> Vouched {
    let mut cosigned: BTreeMap<&str, BTreeMap<&str, (u64, &Signature)>> = BTreeMap::new();
    for signed in heads {
        let latest = cosigned.entry(signed.text()).or_default();
        for (name, key, _) in policy.witnesses() {
            for line in &signed.signatures {
                if let Ok(time) = cosignature::verify(key, signed.text(), line)
                    && latest.get(name).is_none_or(|(known, _)| *known < time)
                {
                    latest.insert(name, (time, line));
                }
            }
        }
    }
    let mut out = Vouched::default();
    for (text, latest) in cosigned {
        let lines: Vec<Signature> = latest.values().map(|(_, line)| (*line).clone()).collect();
        let gathered = SignedCheckpoint::parse(note::assemble(text, &lines).as_bytes());
        let quorum = gathered.ok().and_then(|signed| policy.evaluate(&signed).time());
        let replay =
            latest.iter().filter(|(name, _)| policy.is_replayer(name)).map(|(_, (time, _))| *time).max();
        out.quorum = out.quorum.max(quorum.map(|time| time.min(now)));
        out.replay = out.replay.max(replay.map(|time| time.min(now)));
    }
    out
}
