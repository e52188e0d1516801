//! What every request handler shares.

use crate::bundles::Periods;
use crate::catalogue::InForce;
use crate::findings::Books;
use crate::limits::{
    BODY_TIME, GUARDED, LARGE_BODIES, LIST_READERS, REQUEST_TIME, UPLOAD_GRACE, UPLOAD_IDLE, UPLOADS,
};
use crate::lists::Lists;
use crate::metrics::Metrics;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::quota::{Quota, Slots};
use crate::tokens::Tokens;
use crate::viewer::Viewer;
use crate::witnesses::Attendance;
use ledger::bundle::Source as _;
use ledger::charter::{Charter, CharterError, LedgerId};
use ledger::hash::Hash;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{Log, Snapshot};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The state of a server, shared by its requests.
pub type Shared = Arc<App>;

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From its head to its answer.
    pub request: Duration,
    /// For its body to arrive.
    pub body: Duration,
    /// Between two parts of an upload.
    pub upload: Duration,
    /// How far an upload may be behind its least rate.
    pub grace: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Times { request: REQUEST_TIME, body: BODY_TIME, upload: UPLOAD_IDLE, grace: UPLOAD_GRACE }
    }
}

/// A server's state.
pub struct App {
    /// The running log.
    pub log: Log,
    /// Its charter.
    pub charter: Charter,
    /// The charter's hash.
    pub charter_hash: Hash,
    /// The ledger's id.
    pub ledger: LedgerId,
    /// Where the log lies, for the free space of its disk.
    pub data: PathBuf,
    /// Addresses of the viewer, for `trust.toml`.
    pub viewers: Vec<String>,
    /// The viewer's files.
    pub viewer: Viewer,
    /// Quotas of keys.
    pub quota: Quota,
    /// Counters.
    pub metrics: Metrics,
    /// How long requests may take.
    pub times: Times,
    /// Cores to verify on.
    pub cores: usize,
    /// Places for large bodies.
    pub large_bodies: Semaphore,
    /// Places for uploads.
    pub uploads: Semaphore,
    /// Of them, those of each seal.
    pub slots: Slots,
    /// Quotas of uploads.
    pub upload_quota: Quota,
    /// Most bytes of files that no entry names: of one seal, and of all.
    pub unnamed: [u64; 2],
    /// Payment lists read last.
    pub lists: Lists,
    /// Bearer tokens.
    pub tokens: Tokens,
    /// Least free disk space for uploads, in bytes.
    pub min_free: u64,
    /// The clock, Unix seconds.
    pub clock: fn() -> u64,
    /// First entry of the newest period, by unit.
    pub periods: Periods,
    /// Pages drawn since the last publication.
    pub pages: Pages,
    /// The disclosure catalogue in force.
    pub catalogue: InForce,
    /// What the soft rules remember of the units' books.
    pub books: Books,
    /// How the witnesses answer.
    pub attendance: Attendance,
    computing: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    listing: Arc<Semaphore>,
    guarding: Arc<Semaphore>,
}

/// What an [`App`] is made from.
pub struct Parts {
    /// The running log.
    pub log: Log,
    /// Where it lies.
    pub data: PathBuf,
    /// Addresses of the viewer.
    pub viewers: Vec<String>,
    /// The viewer's files.
    pub viewer: Viewer,
    /// The disclosure catalogue in force.
    pub catalogue: InForce,
    /// Quotas of keys.
    pub quota: Quota,
    /// Quotas of uploads.
    pub upload_quota: Quota,
    /// Most bytes of files that no entry names: of one seal, and of all.
    pub unnamed: [u64; 2],
    /// How long requests may take.
    pub times: Times,
    /// Least free disk space for uploads, in bytes.
    pub min_free: u64,
    /// The clock, Unix seconds.
    pub clock: fn() -> u64,
    /// How the witnesses answer.
    pub attendance: Attendance,
}

impl App {
    /// The state of a server for a log.
    ///
    /// # Errors
    /// [`CharterError`] when leaf 0 is no charter.
    pub fn new(parts: Parts) -> Result<Self, CharterError> {
        let leaf = parts.log.snapshot().leaf(0).map_err(|e| CharterError { what: e.to_string() })?;
        let (charter, charter_hash) = Charter::open(&leaf)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(App {
            log: parts.log,
            ledger: LedgerId::new(&charter.origin, &charter_hash),
            charter,
            charter_hash,
            tokens: Tokens::of(&parts.data),
            data: parts.data,
            viewers: parts.viewers,
            viewer: parts.viewer,
            quota: parts.quota,
            metrics: Metrics::new(),
            times: parts.times,
            cores,
            large_bodies: Semaphore::new(LARGE_BODIES),
            uploads: Semaphore::new(UPLOADS),
            slots: Slots::default(),
            upload_quota: parts.upload_quota,
            unnamed: parts.unnamed,
            lists: Lists::default(),
            listing: Arc::new(Semaphore::new(LIST_READERS)),
            guarding: Arc::new(Semaphore::new(cores.saturating_sub(1).clamp(1, GUARDED))),
            min_free: parts.min_free,
            clock: parts.clock,
            periods: Periods::default(),
            pages: Pages::default(),
            catalogue: parts.catalogue,
            books: Books::default(),
            attendance: parts.attendance,
            computing: Arc::new(Semaphore::new(cores)),
            // Reading mostly waits for the disk.
            reading: Arc::new(Semaphore::new(cores * 4)),
        })
    }

    /// The clock, Unix seconds.
    pub fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Free bytes of the log's disk; `None` when it does not say.
    pub fn free_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(&self.data).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Runs what needs a core off the reactor, on no more threads than there are cores.
    ///
    /// # Errors
    /// When it panicked.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        run(&self.computing, work).await
    }

    /// Runs the privacy guard over a file: seconds of a core, which no submission waits for.
    ///
    /// # Errors
    /// When it panicked.
    pub async fn guard<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        run(&self.guarding, work).await
    }

    /// Runs what reads the log off the reactor, with the log as of the published checkpoint.
    ///
    /// # Errors
    /// What `work` returns.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&App, &Snapshot) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = Arc::clone(self);
        run(&self.reading, move || work(&app, &app.log.snapshot())).await?
    }

    /// As [`App::read`], for what goes through a whole payment list: 0.3 s of a core for 60,000 rows.
    ///
    /// # Errors
    /// What `work` returns.
    pub async fn read_list<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = Arc::clone(self);
        run(&self.listing, move || work(&app)).await?
    }

    /// Reads a file of the log by its name.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn file(self: &Arc<Self>, name: String) -> Result<Option<Vec<u8>>, Problem> {
        self.read(move |app, _| app.log.read_file(&name).map_err(|e| Problem::internal(&e))).await
    }
}

async fn run<T: Send + 'static>(
    places: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let place = Arc::clone(places).acquire_owned().await.map_err(|e| Problem::internal(&e))?;
    // The place goes with the work: a request that gives up does not make room for more of it.
    let work = move || {
        let _place = place;
        work()
    };
    spawn_blocking(work).await.map_err(|e| Problem::internal(&e))
}
