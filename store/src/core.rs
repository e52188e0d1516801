//! The one place where the log grows: admission, publication, and the order of writes (SPEC section 10).

use crate::Published;
use crate::beside::{Beside, file_of};
use crate::cosigned;
use crate::disk::{Disk, LockStore};
use crate::edge::Edge;
use crate::error::{StoreError, SubmitError, damaged};
use crate::layout;
use crate::query::{Noted, Query};
use crate::reader::Reader;
use crate::redactions::Withdrawal;
use crate::staged::Staged;
use keys::Signer;
use ledger::amend::Amendment;
use ledger::append::{Admission, Past, State, Submission};
use ledger::checkpoint::Checkpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::leaf;
use ledger::note;
use ledger::policy::Policy;
use ledger::registry::Registry;
use ledger::unit::UnitId;
use std::cell::RefCell;
use std::sync::Arc;

/// Publications whose files may wait to be synced: what a start-up puts in place again at the most.
const UNSYNCED: usize = 64;

/// The log's state and everything it writes to; owned by one thread.
pub(crate) struct Core {
    pub disk: Arc<dyn Disk>,
    pub lock: Arc<dyn LockStore>,
    pub query: Query,
    pub reader: Reader,
    pub beside: Beside,
    pub state: State,
    /// Registry and policy as of the committed head.
    pub registry: Arc<Registry>,
    pub policy: Arc<Policy>,
    pub edge: Edge,
    /// The committed checkpoint; `None` before the first.
    pub committed: Option<Vec<u8>>,
    /// Size of the committed head.
    pub size: u64,
    /// Files put in place and not yet synced, and the staged files that still vouch for them.
    pub unsynced: Vec<String>,
    pub staged: Vec<String>,
}

/// Committed entries, for the rules that look back.
struct Committed<'a> {
    query: &'a Query,
    reader: &'a Reader,
    size: u64,
    /// Why something that is in the log could not be read. What was decided without it is worth nothing: "this
    /// number is taken" would have a clerk number the same entry again.
    fault: RefCell<Option<StoreError>>,
}

impl Committed<'_> {
    fn find(&self, unit: &UnitId, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.reader.entry(self.query, unit, seq, self.size)
    }

    fn note<T: Default>(&self, found: Result<T, StoreError>) -> T {
        found.unwrap_or_else(|e| {
            self.fault.borrow_mut().get_or_insert(e);
            T::default()
        })
    }
}

impl Past for Committed<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        self.note(self.find(unit, seq))
    }

    /// The index knows the hash; where it says another, the leaf decides.
    fn stands(&self, unit: &UnitId, seq: u64, leaf: &Hash) -> bool {
        let line = self.note(self.query.line(unit, seq));
        line.is_some_and(|line| line.leaf == *leaf && line.index < self.size)
            || self.leaf(unit, seq).is_some_and(|bytes| leaf_hash(&bytes) == *leaf)
    }

    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        self.note(self.query.amendments(unit, target))
    }
}

/// What became of a batch; what is not admitted left no trace.
pub(crate) type Admitted = Result<Vec<Admission>, SubmitError>;

impl Core {
    /// Admits an atomic batch, or refuses it, as [`State::admit`].
    ///
    /// # Errors
    /// [`StoreError`], fatal, when what is in the log could not be read. An index found to be damaged is built
    /// anew by the next start.
    pub fn admit(&mut self, batch: &mut [Submission], now: u64) -> Result<Admitted, StoreError> {
        // Here and by nobody else redactions take effect: what is held now is there when the entry is committed.
        match batch.iter_mut().try_for_each(|submission| self.beside.hold(submission)) {
            Err(StoreError::Io { .. }) => return Ok(Err(SubmitError::Busy)),
            held => held?,
        }
        let fault = RefCell::new(None);
        let past = Committed { query: &self.query, reader: &self.reader, size: self.size, fault };
        let admitted = self.state.admit(batch, now, &past);
        match past.fault.into_inner() {
            None => Ok(admitted.map_err(SubmitError::Refused)),
            // Nothing was taken, and the disk may answer the next time (too many open files, say).
            Some(StoreError::Io { .. }) if admitted.is_err() => Ok(Err(SubmitError::Busy)),
            Some(fault) => {
                if matches!(fault, StoreError::Index(_)) {
                    self.query.distrust()?;
                }
                Err(fault)
            }
        }
    }

    /// Refuses a signer whose key is not the one in force for the next head.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn check_key(&self, signer: &Signer) -> Result<(), StoreError> {
        let wanted = self.state.log_key();
        if wanted == signer.vkey() {
            return Ok(());
        }
        Err(StoreError::Key { wanted: wanted.to_string(), given: signer.vkey().to_string() })
    }

    /// Commits what waits; the index leaf repeats the cosignature lines given. Any error is fatal: what happened is
    /// found out by opening the log again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn commit(
        &mut self,
        signer: &Signer,
        now: u64,
        witnessed: Vec<String>,
    ) -> Result<Published, StoreError> {
        self.check_key(signer)?;
        // 1. Close the batch with its index leaf; compute tiles and root.
        let old = self.size;
        let (index, lines, batch) = self.state.close(now, witnessed);
        let (mut noted, mut openings, mut withdrawals) = (Noted::default(), Vec::new(), Vec::new());
        for submission in batch {
            noted.take(&submission.entry, self.edge.size());
            openings.extend(file_of(&submission));
            withdrawals.extend(Withdrawal::of(&submission.entry));
            self.edge.append(submission.bytes, submission.leaf)?;
        }
        let text = index.text();
        let closing = leaf::seal(&text, vec![signer.sign_note(&text)?]).into_bytes();
        let hash = leaf_hash(&closing);
        self.edge.append(closing, hash)?;
        let (size, root) = (self.edge.size(), self.edge.root());
        if size != self.state.books.size() {
            return damaged("内存中的账本大小不一致 / sizes in memory differ");
        }
        let text = Checkpoint { origin: signer.name().to_owned(), size, root }.text();
        let checkpoint = note::assemble(&text, &[signer.sign_note(&text)?]).into_bytes();

        // 2. Stage all of it durably in one file. A crash before 3 leaves a staged file beyond the committed
        //    head: start-up drops it, and nobody was answered.
        let mut files: Vec<(String, Vec<u8>)> =
            self.edge.tiles_since(old)?.into_iter().map(|(path, bytes)| (path.to_string(), bytes)).collect();
        files.push((layout::checkpoint(size), checkpoint.clone()));
        let (files, path) = (Staged(files), layout::staged(size, &root));
        self.disk.write(&path, &files.encode())?;
        self.disk.sync(&[&path])?;
        // Never in there: what may have to be forgotten. After the crash above they have no entry and go as well.
        self.beside.keep(&openings)?;

        // 3. The point of no return. From here the entries are in the ledger whatever happens to us.
        self.lock
            .swap(self.committed.as_deref(), &checkpoint)
            .map_err(|e| StoreError::Swap(e.to_string()))?;
        self.committed = Some(checkpoint.clone());
        self.size = size;

        // 4. Put the files in place. They are not synced yet, so the staged file stays: until `settle` it is
        //    the only durable copy.
        self.unsynced.extend(files.apply(&*self.disk)?);
        self.staged.push(path);
        self.query.record(&self.state.books, &lines, &noted)?;
        self.beside.blobs.committed()?;
        self.beside.withdraw(&withdrawals, size)?;

        // 5. and 6. Answering and publishing are the caller's, once this returns.
        if self.staged.len() >= UNSYNCED {
            self.settle()?;
        }
        if !noted.acts.is_empty() {
            self.registry = Arc::new(self.state.registry.clone());
            self.policy = Arc::new(cosigned::policy(&self.registry, size)?);
        }
        Ok(self.head(checkpoint, root, index.time))
    }

    /// The committed head, for readers.
    pub fn head(&self, checkpoint: Vec<u8>, root: Hash, time: u64) -> Published {
        Published {
            checkpoint,
            version: 0,
            size: self.size,
            root,
            time,
            rows: Arc::new(self.state.books.rows()),
            registry: Arc::clone(&self.registry),
            policy: Arc::clone(&self.policy),
        }
    }

    /// Syncs what was put in place, then lets the staged files go.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn settle(&mut self) -> Result<(), StoreError> {
        self.unsynced.sort();
        self.unsynced.dedup();
        self.disk.sync(&self.unsynced.iter().map(String::as_str).collect::<Vec<_>>())?;
        self.unsynced.clear();
        for path in std::mem::take(&mut self.staged) {
            self.disk.remove(&path)?;
        }
        Ok(())
    }
}
