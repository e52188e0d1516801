//! Cosignatures of witnesses on a head: which are kept, and which the next index leaf repeats (SPEC D-13, D-15).

use crate::disk::Disk;
use crate::error::{StoreError, damaged};
use crate::layout;
use ledger::checkpoint::{Checkpoint, MAX_CHECKPOINT, SignedCheckpoint};
use ledger::cosignature;
use ledger::note::{MAX_SIGNATURES, Signature, assemble};
use ledger::policy::Policy;
use ledger::registry::Registry;

/// Most seconds by which a witness's time may be ahead of the log's clock.
pub const MAX_AHEAD: u64 = 300;
/// Most bytes of cosignature lines in an index leaf: further ones are left out, so that the leaf keeps its limit.
const MAX_WITNESSED: usize = 16 * 1024;

/// The policy in force for a head of `size` leaves.
///
/// # Errors
/// [`StoreError::Damaged`]; neither charter nor registry takes one that can't be read.
pub fn policy(registry: &Registry, size: u64) -> Result<Policy, StoreError> {
    let lines = registry.policy(size.saturating_sub(1));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Policy::parse(&text).or_else(|e| damaged(format!("见证规则不可读 / the witness policy: {e}")))
}

/// A checkpoint with these lines beside its own: of each witness of the policy, in its order, the newest one that
/// verifies and is not from the future. Whatever else the lines are, is dropped. `None` when that changes nothing.
pub fn merged(checkpoint: &[u8], lines: &[Signature], policy: &Policy, now: u64) -> Option<Vec<u8>> {
    let signed = SignedCheckpoint::parse(checkpoint).ok()?;
    let of_witness = |line: &Signature| policy.witnesses().any(|(_, key, _)| key.claims(line));
    let mut kept: Vec<Signature> = signed.signatures.iter().filter(|l| !of_witness(l)).cloned().collect();
    let mut length = assemble(signed.text(), &kept).len();
    for (_, key, _) in policy.witnesses() {
        let timed = lines.iter().chain(&signed.signatures).filter_map(|line| {
            let time = cosignature::verify(key, signed.text(), line).ok()?;
            (time <= now.saturating_add(MAX_AHEAD)).then_some((time, line))
        });
        // Of two with one time the last: the one that is there already.
        let Some((_, newest)) = timed.max_by_key(|(time, _)| *time) else { continue };
        length += newest.line().len();
        if kept.len() == MAX_SIGNATURES || length > MAX_CHECKPOINT {
            break;
        }
        kept.push(newest.clone());
    }
    let new = assemble(signed.text(), &kept).into_bytes();
    (new != checkpoint).then_some(new)
}

/// A head's checkpoint with the cosignatures that are kept for it.
///
/// # Errors
/// [`StoreError::Io`].
pub fn kept(disk: &dyn Disk, checkpoint: &[u8], policy: &Policy, now: u64) -> Result<Vec<u8>, StoreError> {
    let Some(head) = head_of(checkpoint) else { return Ok(checkpoint.to_vec()) };
    let file = disk.read(&layout::checkpoint(head.size))?.unwrap_or_default();
    let lines = SignedCheckpoint::parse(&file).map(|signed| signed.signatures).unwrap_or_default();
    Ok(merged(checkpoint, &lines, policy, now).unwrap_or_else(|| checkpoint.to_vec()))
}

/// The cosignature lines of a checkpoint, as an index leaf has them.
pub fn witnessed(checkpoint: &[u8], policy: &Policy) -> Vec<String> {
    if policy.is_none() {
        return Vec::new();
    }
    let lines = SignedCheckpoint::parse(checkpoint).map(|signed| signed.signatures).unwrap_or_default();
    let mut length = 0;
    let mut taken = Vec::new();
    for line in lines {
        // A key's name may hold what no leaf may.
        let plain = line.name.bytes().all(|b| b.is_ascii_graphic());
        let text = line.line().trim_end().to_owned();
        if plain && policy.witnesses().any(|(_, key, _)| key.claims(&line)) {
            length += text.len() + 8;
            if length > MAX_WITNESSED {
                break;
            }
            taken.push(text);
        }
    }
    taken
}

/// Whether two checkpoints are of one head; cosignatures come later.
pub fn is_same_head(a: &[u8], b: &[u8]) -> bool {
    let a = head_of(a);
    a.is_some() && a == head_of(b)
}

fn head_of(checkpoint: &[u8]) -> Option<Checkpoint> {
    SignedCheckpoint::parse(checkpoint).ok().map(|signed| signed.checkpoint)
}
