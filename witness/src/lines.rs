//! The cosignature lines of one head, out of several answers.

use crate::source::Shown;
use ledger::checkpoint::MAX_CHECKPOINT;
use ledger::cosignature;
use ledger::note::{MAX_SIGNATURES, Signature, VerifierKey, assemble};

/// A checkpoint with the log's signatures, the newest cosignature of each of these witnesses out of both answers, and the
/// lines of keys that we don't know, as the newer answer has them, else the older: nobody has to believe those.
pub fn merged<'a>(
    shown: &Shown,
    before: &[Signature],
    witnesses: impl Iterator<Item = &'a VerifierKey>,
) -> String {
    let (text, mut kept) = (shown.signed.text(), shown.signatures.clone());
    let log: Vec<(String, u32)> = kept.iter().map(of).collect();
    let lines = || shown.signed.signatures.iter().chain(before).filter(|line| !log.contains(&of(line)));
    let mut known = Vec::new();
    for key in witnesses {
        let timed = lines().filter_map(|line| Some((cosignature::verify(key, text, line).ok()?, line)));
        kept.extend(timed.max_by_key(|(time, _)| *time).map(|(_, line)| line.clone()));
        known.push(key);
    }
    for line in lines().filter(|line| !known.iter().any(|key| key.claims(line))) {
        if !kept.iter().any(|there| of(there) == of(line)) {
            kept.push(line.clone());
        }
    }
    limited(text, kept)
}

/// A checkpoint with lines of our own in the place of older ones of the same key.
pub fn with(text: &str, lines: &[Signature], own: impl Iterator<Item = Signature>) -> String {
    let mut kept = lines.to_vec();
    for line in own {
        kept.retain(|there| of(there) != of(&line));
        // Behind the log's first line, so that no limit cuts it off.
        kept.insert(kept.len().min(1), line);
    }
    limited(text, kept)
}

fn of(line: &Signature) -> (String, u32) {
    (line.name.clone(), line.id)
}

fn limited(text: &str, mut lines: Vec<Signature>) -> String {
    lines.truncate(MAX_SIGNATURES);
    let mut note = assemble(text, &lines);
    while note.len() > MAX_CHECKPOINT && lines.pop().is_some() {
        note = assemble(text, &lines);
    }
    note
}
