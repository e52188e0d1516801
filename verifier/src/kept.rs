//! What the entries of a log keep beside it, gathered on the way: lists, attachments, sealed fields, and what redactions
//! withdrew of them (SPEC sections 4.5, 4.7 to 4.9). Entries that keep nothing cost nothing; of
//! the others, this is what memory grows with.

use ledger::amend::target_of;
use ledger::entry::{Attachment, Entry, Posting};
use ledger::hash::Hash;
use ledger::payment_rows::{List, list_of};
use ledger::registry::is_authority_act;
use ledger::sealed::{EntryId, Sealed, redaction_of};
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

/// What one entry keeps beside the log.
#[derive(Debug)]
pub struct Has {
    /// Its leaf index.
    pub index: u64,
    /// Which entry it is.
    pub id: EntryId,
    /// The rows of a payment list.
    pub list: Option<List>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Sealed fields, rows aside; kept only when names are to be held.
    pub sealed: Vec<Sealed>,
    /// How many those are.
    pub fields: u64,
    /// When it is posted, corrections applied.
    pub posting: Option<Posting>,
    /// Paths that redactions withdrew.
    pub redacted: Vec<String>,
}

impl Has {
    /// The paths that redactions withdrew.
    pub fn redacted(&self) -> Vec<&str> {
        self.redacted.iter().map(String::as_str).collect()
    }

    /// Digests of its attachments that redactions withdrew. The rows of a list hold no name and stay.
    fn withdrawn(&self) -> impl Iterator<Item = Hash> {
        let is_at = |at: usize| self.redacted.iter().any(|path| *path == format!("attachments.{at}"));
        self.attachments.iter().enumerate().filter(move |(at, _)| is_at(*at)).map(|(_, file)| file.digest)
    }
}

/// What all entries keep.
#[derive(Debug, Default)]
pub struct Kept {
    names: bool,
    /// By unit and number.
    pub units: BTreeMap<UnitId, BTreeMap<u64, Has>>,
    /// Redactions by their basis.
    pub redactions: BTreeMap<String, u64>,
}

impl Kept {
    /// Nothing yet; with `names`, commitments are kept.
    pub fn new(names: bool) -> Self {
        Kept { names, ..Kept::default() }
    }

    /// The entry of the leaf at `index`; what broke a rule does not stand and amends nothing.
    pub fn take(&mut self, index: u64, entry: &Entry, stands: bool) {
        match entry.kind() {
            "correction" if stands => self.correct(entry),
            "redaction" if stands => self.withdraw(entry),
            _ => {}
        }
        // What an act names, against P-37, can never be withdrawn: it keeps no other entry's file from going.
        if is_authority_act(entry) {
            return;
        }
        let (list, sealed) = (list_of(entry), Sealed::of(entry).unwrap_or_default());
        if list.is_none() && sealed.is_empty() && entry.attachments.is_empty() {
            return;
        }
        let has = Has {
            index,
            id: EntryId::of(entry),
            list,
            attachments: entry.attachments.clone(),
            fields: sealed.len() as u64,
            sealed: if self.names { sealed } else { Vec::new() },
            posting: entry.posting,
            redacted: Vec::new(),
        };
        self.units.entry(entry.unit()).or_default().insert(entry.seq(), has);
    }

    fn target(&mut self, entry: &Entry, seq: u64) -> Option<&mut Has> {
        self.units.get_mut(&entry.unit())?.get_mut(&seq)
    }

    fn correct(&mut self, entry: &Entry) {
        let has = target_of(entry).and_then(|seq| self.target(entry, seq));
        if let Some(posting) = has.and_then(|has| has.posting.as_mut()) {
            *posting = posting.corrected(entry);
        }
    }

    fn withdraw(&mut self, entry: &Entry) {
        let Some((seq, paths)) = redaction_of(entry) else { return };
        let basis = entry.body().text_of("basis").unwrap_or_default().to_owned();
        *self.redactions.entry(basis).or_default() += 1;
        if let Some(has) = self.target(entry, seq) {
            has.redacted.extend(paths.into_iter().map(str::to_owned));
        }
    }

    /// Digests of the attachments that have to be gone: each unit that names one has withdrawn it (SPEC P-36).
    pub fn gone(&self) -> BTreeSet<Hash> {
        let (mut gone, mut kept) = (BTreeSet::new(), BTreeSet::new());
        for book in self.units.values() {
            let named = book.values().flat_map(|has| has.attachments.iter().map(|file| file.digest));
            let withdrawn: BTreeSet<Hash> = book.values().flat_map(Has::withdrawn).collect();
            kept.extend(named.filter(|digest| !withdrawn.contains(digest)));
            gone.extend(withdrawn);
        }
        gone.retain(|digest| !kept.contains(digest));
        gone
    }
}
