//! The one place where the log grows: admission, publication, and the order of writes (SPEC section 10).

use crate::Published;
use crate::disk::{Disk, LockStore};
use crate::edge::Edge;
use crate::error::{StoreError, damaged};
use crate::layout;
use crate::query::Query;
use crate::reader::Reader;
use crate::staged::Staged;
use keys::Signer;
use ledger::append::{Admission, Past, Refusal, State, Submission};
use ledger::checkpoint::Checkpoint;
use ledger::hash::leaf_hash;
use ledger::leaf;
use ledger::note;
use ledger::registry::{Registry, is_authority_act};
use ledger::unit::UnitId;
use std::sync::Arc;

/// Publications whose files may wait to be synced: what a start-up puts in place again at the most.
const UNSYNCED: usize = 64;

/// The log's state and everything it writes to; owned by one thread.
pub(crate) struct Core {
    pub disk: Arc<dyn Disk>,
    pub lock: Arc<dyn LockStore>,
    pub query: Query,
    pub reader: Reader,
    pub state: State,
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
}

impl Past for Committed<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        let line = self.query.line(unit, seq).ok().flatten()?;
        // The leaf itself decides, not the index that led to it.
        self.reader.leaf(line.index, self.size).ok().filter(|bytes| leaf_hash(bytes) == line.leaf)
    }

    fn amendments(&self, unit: &UnitId) -> Vec<u64> {
        self.query.amendments(unit).unwrap_or_default()
    }
}

impl Core {
    /// Admits an atomic batch.
    ///
    /// # Errors
    /// As [`State::admit`].
    pub fn admit(&mut self, batch: &[Submission], now: u64) -> Result<Vec<Admission>, Vec<(usize, Refusal)>> {
        let past = Committed { query: &self.query, reader: &self.reader, size: self.size };
        self.state.admit(batch, now, &past)
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

    /// Publishes what waits. Any error is fatal: what happened is found out by opening the log again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn publish(
        &mut self,
        signer: &Signer,
        now: u64,
        registry: &Arc<Registry>,
    ) -> Result<Published, StoreError> {
        self.check_key(signer)?;
        // 1. Close the batch with its index leaf; compute tiles and root.
        let old = self.size;
        let (index, lines, batch) = self.state.close(now, Vec::new());
        let mut acts = Vec::new();
        for submission in batch {
            if is_authority_act(&submission.entry) {
                acts.push(self.edge.size());
            }
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
        self.query.record(&self.state.books, &lines, &acts)?;

        // 5. Answering is the caller's, once this returns. 6. No witnesses in this version: the head that is
        //    committed is published. The file is rewritten at every start, so it needs no sync.
        self.disk.write(layout::PUBLISHED, &checkpoint)?;
        if self.staged.len() >= UNSYNCED {
            self.settle()?;
        }
        let registry =
            if acts.is_empty() { Arc::clone(registry) } else { Arc::new(self.state.registry.clone()) };
        Ok(Published { checkpoint, size, root, time: index.time, rows: self.state.books.rows(), registry })
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
