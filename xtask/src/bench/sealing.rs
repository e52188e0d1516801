//! Entries sealed in advance on every core, so that the clock measures the ledger and not the sealing.

use super::setup::{Home, now};
use crate::generate::Draft;
use anyhow::{Context as _, Result};
use ledger::hash::{Hash, leaf_hash};
use ledger::leaf;
use ledger::unit::UnitId;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// A sealed entry.
pub struct Sealed {
    /// Its unit.
    pub unit: UnitId,
    /// The note.
    pub note: String,
}

/// Seals what comes, in order.
pub struct Sealer<'a> {
    home: &'a Home,
    /// Leaf hashes of the segment before: a correction never looks further back than its own month.
    before: BTreeMap<(UnitId, u64), Hash>,
}

impl<'a> Sealer<'a> {
    /// A sealer with a ledger's keys.
    pub fn new(home: &'a Home) -> Self {
        Sealer { home, before: BTreeMap::new() }
    }

    /// Seals a segment.
    pub fn seal(&mut self, drafts: Vec<Draft>) -> Result<Vec<Sealed>> {
        let plain: Vec<(&Draft, String)> = drafts
            .par_iter()
            .filter(|d| d.corrects.is_none())
            .map(|d| Ok((d, self.note(d, None)?)))
            .collect::<Result<_>>()?;
        let wanted: BTreeSet<(UnitId, u64)> =
            drafts.iter().filter_map(|d| Some((d.unit, d.corrects?))).collect();
        let mut leaves = BTreeMap::new();
        // The last entries of the segment may be corrected in the next one.
        let late = plain.len().saturating_sub(1_000);
        for (at, (draft, note)) in plain.iter().enumerate() {
            let id = (draft.unit, draft.seq);
            if at >= late || wanted.contains(&id) {
                leaves.insert(id, leaf_hash(note.as_bytes()));
            }
        }
        let mut plain = plain.into_iter();
        let mut sealed = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            let note = match draft.corrects {
                None => plain.next().map(|(_, note)| note).context("a draft was lost")?,
                Some(seq) => {
                    let id = (draft.unit, seq);
                    let target = leaves.get(&id).or_else(|| self.before.get(&id));
                    self.note(draft, Some(target.context("a correction of an entry that is not known")?))?
                }
            };
            sealed.push(Sealed { unit: draft.unit, note });
        }
        self.before = leaves;
        Ok(sealed)
    }

    fn note(&self, draft: &Draft, target: Option<&Hash>) -> Result<String> {
        let text = draft.text(self.home.ledger(), now()?, target);
        let signature = self.home.seal_for(&draft.unit)?.sign_note(&text)?;
        Ok(leaf::seal(&text, vec![signature]))
    }
}
