//! The running log's handle.

use crate::beside::Beside;
use crate::blobs::Blobs;
use crate::core::Core;
use crate::cosigned;
use crate::disk::{Disk, LockStore};
use crate::edge::Edge;
use crate::error::{StoreError, SubmitError};
use crate::files::FilesDisk;
use crate::heads::{Permit, Shared};
use crate::index::{Index, MemoryIndex, SledIndex};
use crate::layout;
use crate::open::{check_empty, open};
use crate::query::Query;
use crate::reader::Reader;
use crate::sequencer::{Message, Sequencer};
use crate::snapshot::Snapshot;
use keys::Signer;
use ledger::append::{State, Submission};
use ledger::charter::Charter;
use ledger::hash::Hash;
use ledger::index::Row;
use ledger::note::Signature;
use ledger::policy::Policy;
use ledger::registry::Registry;
use ledger::sealed::Openings;
use ledger::tile::TilePath;
use ledger::unit::UnitId;
use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{oneshot, watch};

/// Batches that may wait to be looked at; further ones are told that the log is busy.
const QUEUE: usize = 8_192;

/// How a log runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Least time between two publications. An idle log publishes at once all the same.
    pub interval: Duration,
    /// A publication begins no later than with so many leaves; a batch is never split.
    pub max_leaves: usize,
    /// The clock, Unix seconds.
    pub clock: fn() -> u64,
    /// Whether somebody asks the witnesses, where the policy in force has any: then nothing is signed before
    /// [`Log::allow`], and heads are published by [`Log::publish`]. Otherwise a head is published once committed.
    pub witnesses: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { interval: Duration::ZERO, max_leaves: 16_384, clock: system_clock, witnesses: false }
    }
}

/// The system's clock, Unix seconds.
pub fn system_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Where a log lies: a disk, a lock store and a table for its query index.
#[derive(Clone)]
pub struct Place {
    /// Files.
    pub disk: Arc<dyn Disk>,
    /// The committed checkpoint.
    pub lock: Arc<dyn LockStore>,
    /// The query index.
    pub index: Arc<dyn Index>,
    /// What to call it in messages.
    pub name: String,
}

impl Place {
    /// A folder, held as its one writer.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Io`], [`StoreError::Index`].
    pub fn folder(dir: &Path) -> Result<Self, StoreError> {
        let disk = Arc::new(FilesDisk::open(dir)?);
        let index = Arc::new(SledIndex::open(&dir.join(layout::INDEX))?);
        Ok(Place { lock: Arc::clone(&disk) as _, disk, index, name: dir.display().to_string() })
    }

    /// A folder in which there is a log already; nothing is made in one where there is none.
    pub(crate) fn existing(dir: &Path) -> Result<Self, StoreError> {
        let disk = FilesDisk::reader(dir);
        if disk.load()?.is_none() {
            check_empty(&disk)?;
            return Err(StoreError::Empty(dir.display().to_string()));
        }
        Place::folder(dir)
    }
}

/// The log as of a head.
#[derive(Clone, Debug)]
pub struct Published {
    /// The signed checkpoint; with its cosignatures, when it is the published one.
    pub checkpoint: Vec<u8>,
    /// Rises with each cosignature of one size.
    pub version: u64,
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
    /// Time of its index leaf, Unix seconds.
    pub time: u64,
    /// All rows of its index tree, in order.
    pub rows: Arc<Vec<Row>>,
    /// The registry.
    pub registry: Arc<Registry>,
    /// The witness policy in force for this head.
    pub policy: Arc<Policy>,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its unit.
    pub unit: UnitId,
    /// Its number there.
    pub seq: u64,
    /// Its leaf index.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// How the log is doing.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Publications since the start.
    pub publications: u64,
    /// Why it takes nothing any more, when it does not.
    pub stopped: Option<String>,
    /// How long the oldest admitted entry has waited to be published.
    pub unpublished_for: Option<Duration>,
    /// Whether it signs nothing yet because too few witnesses were heard since its start.
    pub awaits_witnesses: bool,
}

/// Sees to it that a panic in the sequencer's thread, or below it, is told: a log that takes nothing must not look
/// healthy.
///
/// It keeps nothing: with the sequencer, the folder is let go of.
struct Ended(Weak<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(shared) = self.0.upgrade()
        {
            shared
                .stop("写入线程意外中断，请重新启动 / the writing thread broke off; start again".to_owned());
        }
    }
}

/// A running log. Clones are handles of the same log.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
    messages: SyncSender<Message>,
    reader: Reader,
    query: Query,
    beside: Beside,
    clock: fn() -> u64,
}

/// Starts a ledger in a folder: leaf 0 is the charter, leaf 1 its index leaf.
///
/// # Errors
/// As [`Log::init`], and those of [`Place::folder`].
pub fn init_path(dir: &Path, charter: &[u8], signer: &Signer, now: u64) -> Result<(), StoreError> {
    let disk: Arc<FilesDisk> = Arc::new(FilesDisk::open(dir)?);
    let place = Place {
        lock: Arc::clone(&disk) as _,
        disk,
        index: Arc::new(MemoryIndex::default()),
        name: dir.display().to_string(),
    };
    Log::init(&place, charter, signer, now)
}

impl Log {
    /// Starts a ledger where there is none.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Damaged`] when the note is no acceptable charter,
    /// [`StoreError::Key`], [`StoreError::Io`].
    pub fn init(place: &Place, charter: &[u8], signer: &Signer, now: u64) -> Result<(), StoreError> {
        if place.lock.load()?.is_some() {
            return Err(StoreError::Exists);
        }
        check_empty(&*place.disk)?;
        // A first start that was cut short left at most a staged publication that never happened.
        place.disk.remove(layout::STAGED)?;
        let (opened, hash) =
            Charter::open(charter).map_err(|e| StoreError::Damaged { what: e.to_string() })?;
        let state = State::new(&opened, &hash);
        let registry = Arc::new(state.registry.clone());
        let policy = Arc::new(cosigned::policy(&registry, 1)?);
        let mut edge = Edge::default();
        edge.append(charter.to_vec(), hash)?;
        let (query, reader) = (Query::new(Arc::clone(&place.index)), Reader::new(Arc::clone(&place.disk)));
        let mut core = Core {
            disk: Arc::clone(&place.disk),
            lock: Arc::clone(&place.lock),
            beside: Beside::new(&place.disk, &query, &reader, system_clock),
            query,
            reader,
            state,
            registry,
            policy,
            edge,
            committed: None,
            size: 0,
            unsynced: Vec::new(),
            staged: Vec::new(),
        };
        let head = core.commit(signer, now, Vec::new())?;
        place.disk.write(layout::PUBLISHED, &head.checkpoint)?;
        core.settle()
    }

    /// Opens a log in a folder and runs it.
    ///
    /// # Errors
    /// As [`Log::open`], and those of [`Place::folder`].
    pub fn open_path(dir: &Path, signer: Signer, options: Options) -> Result<Log, StoreError> {
        Log::open(Place::existing(dir)?, signer, options)
    }

    /// Opens a log and runs it: finishes what was committed, holds tiles, last index leaf and query index
    /// against the signed head, and refuses to start when they do not fit.
    ///
    /// # Errors
    /// [`StoreError::Empty`], [`StoreError::Damaged`], [`StoreError::Key`], [`StoreError::Io`].
    pub fn open(place: Place, signer: Signer, options: Options) -> Result<Log, StoreError> {
        let reader = Reader::new(Arc::clone(&place.disk));
        let query = Query::new(Arc::clone(&place.index));
        let beside = Beside::new(&place.disk, &query, &reader, options.clock);
        let now = (options.clock)();
        let start = || {
            let found = open(&*place.disk, &*place.lock, &reader, &query, &place.name)?;
            beside.tidy(&found.state.books, found.size, now)?;
            Ok(found)
        };
        let found = start().or_else(|e| match e {
            // What holds against the signed head may still be damaged where it leads to amendments.
            StoreError::Index(why) => {
                tracing::warn!(%why, "the query index is damaged and is built anew");
                query.clear()?;
                start()
            }
            e => Err(e),
        })?;
        let registry = Arc::new(found.state.registry.clone());
        let policy = cosigned::policy(&registry, found.size)?;
        let core = Core {
            disk: Arc::clone(&place.disk),
            lock: place.lock,
            query: query.clone(),
            reader: reader.clone(),
            beside: beside.clone(),
            state: found.state,
            registry,
            policy: Arc::new(policy),
            edge: found.edge,
            committed: Some(found.committed.clone()),
            size: found.size,
            unsynced: Vec::new(),
            staged: Vec::new(),
        };
        core.check_key(&signer)?;
        // The head committed last may not have been published before the crash. It may be now: no head can come
        // before it any more.
        let checkpoint = cosigned::kept(&*place.disk, &found.committed, &core.policy, now)?;
        place.disk.write(layout::PUBLISHED, &checkpoint)?;
        let permit =
            if options.witnesses && !core.policy.is_none() { Permit::Awaited } else { Permit::Given };
        let published = core.head(checkpoint, core.edge.root(), found.time);
        let shared = Arc::new(Shared::new(place.disk, published, permit));
        let (messages, inbox) = sync_channel(QUEUE);
        let sequencer = Sequencer { core, signer, shared: Arc::clone(&shared), options };
        std::thread::Builder::new()
            .name("sequencer".to_owned())
            .spawn(move || {
                let _ended = Ended(Arc::downgrade(&sequencer.shared));
                sequencer.run(&inbox);
            })
            .map_err(|source| StoreError::Io { what: "启动", path: "sequencer".to_owned(), source })?;
        Ok(Log { shared, messages, reader, query, beside, clock: options.clock })
    }

    /// Submits an atomic batch of submissions whose signatures were verified; answered once it is durable.
    ///
    /// # Errors
    /// [`SubmitError`]. After `Stopped` the batch may or may not be logged; sending it again is harmless.
    pub async fn submit(&self, batch: Vec<Submission>) -> Result<Vec<Receipt>, SubmitError> {
        let (answer, answered) = oneshot::channel();
        match self.messages.try_send(Message::Submit(batch, answer)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(SubmitError::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(self.why()),
        }
        answered.await.unwrap_or_else(|_| Err(self.why()))
    }

    fn why(&self) -> SubmitError {
        SubmitError::Stopped(self.shared.stopped().unwrap_or_else(|| "已停止 / stopped".to_owned()))
    }

    /// The registry as of the last commit, for [`Submission::verify`].
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.shared.committed().registry)
    }

    /// The newest committed head, as it changes: signed by the log, perhaps not yet published.
    pub fn commits(&self) -> watch::Receiver<Arc<Published>> {
        self.shared.commits()
    }

    /// Publishes a committed head, or adds these cosignatures to one: of each witness of its policy the newest that
    /// verifies; other lines are dropped. Whether that changed anything. A smaller head than the published one only
    /// gets them in its own file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn publish(&self, head: &Arc<Published>, lines: &[Signature]) -> Result<bool, StoreError> {
        self.shared.publish(head, lines, (self.clock)())
    }

    /// Lets the log sign: enough witnesses were heard since its start ([`Options::witnesses`]).
    pub fn allow(&self) {
        self.shared.allow();
    }

    /// Ends all signing, for good: another log of this key is about.
    pub fn refuse(&self, why: String) {
        self.shared.refuse(why);
    }

    /// A view as of a committed head.
    pub fn snapshot_of(&self, head: &Arc<Published>) -> Snapshot {
        Snapshot { published: Arc::clone(head), reader: self.reader.clone(), query: self.query.clone() }
    }

    /// The log as of its last published checkpoint.
    pub fn published(&self) -> Arc<Published> {
        self.shared.published()
    }

    /// A view for bundles and proofs, as of the last published checkpoint.
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_of(&self.published())
    }

    /// The openings of a published entry, all that are kept; who may see which is the caller's to judge.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Index`], [`StoreError::Io`].
    pub fn openings(&self, unit: &UnitId, seq: u64) -> Result<Option<Openings>, StoreError> {
        match self.snapshot().line(unit, seq)? {
            Some(_) => self.beside.openings(unit, seq),
            None => Ok(None),
        }
    }

    /// The blobs.
    pub fn blobs(&self) -> &Blobs {
        &self.beside.blobs
    }

    /// Removes blobs that no entry named in time; how many. To be called now and then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sweep(&self) -> Result<u64, StoreError> {
        self.beside.blobs.sweep((self.clock)())
    }

    /// Rises whenever redactions took effect: what was read before may hold what they withdrew.
    pub fn withdrawals(&self) -> u64 {
        self.beside.withdrawals()
    }

    /// Unit and number of a published entry that names a file, as an attachment or as its list; the first of several.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn named(&self, digest: &Hash) -> Result<Option<(UnitId, u64)>, StoreError> {
        let snapshot = self.snapshot();
        for naming in self.query.namings(digest)? {
            if snapshot.line(&naming.unit, naming.seq)?.is_some() {
                return Ok(Some((naming.unit, naming.seq)));
            }
        }
        Ok(None)
    }

    /// A file as it is served: a tile or entry bundle, or `checkpoints/<N>`; `None` for anything else.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(size) = path.strip_prefix("checkpoints/").and_then(|n| n.parse().ok()) {
            return self.reader.file(&layout::checkpoint(size));
        }
        match TilePath::parse(path) {
            Some(tile) => Ok(self.reader.tile_file(&tile)?.map(|bytes| bytes.to_vec())),
            None => Ok(None),
        }
    }

    /// How the log is doing.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Publishes what waits, brings everything to the disk and ends; returns when that is done.
    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        let messages = self.messages.clone();
        // The queue may be full: the sending waits, so not on the reactor.
        let sent = tokio::task::spawn_blocking(move || messages.send(Message::Stop(done)).is_ok()).await;
        if sent.unwrap_or(false) {
            let _ = ended.await;
        }
    }
}
