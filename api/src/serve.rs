//! A running server: opening the log, listening, and ending without losing anything.

use crate::app::{App, Parts, Shared, Times};
use crate::catalogue::{CatalogueError, InForce};
use crate::connection::{Gate, Patience, Slow};
use crate::limits::{
    MIN_FREE_UPLOAD, SHUTDOWN_TIME, SUBMISSIONS_PER_MINUTE, SWEEP, UNNAMED, UNNAMED_PER_SEAL,
    UPLOADS_PER_MINUTE,
};
use crate::problem::Problem;
use crate::quota::Quota;
use crate::route::routes;
use crate::viewer::{Viewer, ViewerError};
use crate::witnesses::{self, Hearing, Witnesses};
use keys::Signer;
use ledger::charter::CharterError;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Log, Options, StoreError, system_clock};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How often collected histogram samples are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// How often and how long an ending server waits for the last holders of the log.
const RELEASE_TRIES: u32 = 100;
const RELEASE_PAUSE: Duration = Duration::from_millis(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the log.
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the viewer's files.
    pub viewer: Option<PathBuf>,
    /// The disclosure catalogue's file, when it is not the built-in one.
    pub catalogue: Option<PathBuf>,
    /// Address under which people reach this server, for `trust.toml`; otherwise the one listened on.
    pub public: Option<String>,
    /// Least time between two publications.
    pub interval: Duration,
    /// Submissions a minute of one key.
    pub per_minute: NonZeroU32,
    /// New files a minute of one seal.
    pub uploads_per_minute: NonZeroU32,
    /// Most bytes of files that no entry names: of one seal, and of all.
    pub unnamed: [u64; 2],
    /// How often those that no entry named in time are removed.
    pub sweep: Duration,
    /// How long requests may take.
    pub times: Times,
    /// How long connections are borne with.
    pub patience: Patience,
    /// Least free disk space for uploads, in bytes.
    pub min_free: u64,
    /// The clock, Unix seconds: of the log, of postings and tokens.
    pub clock: fn() -> u64,
    /// How witnesses are asked.
    pub witnesses: witnesses::Settings,
}

impl Settings {
    /// Settings for the log in a folder: loopback, a free port, limits as documented.
    pub fn new(data: PathBuf) -> Self {
        Settings {
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            viewer: None,
            catalogue: None,
            public: None,
            interval: Duration::ZERO,
            per_minute: NonZeroU32::new(SUBMISSIONS_PER_MINUTE).unwrap_or(NonZeroU32::MIN),
            uploads_per_minute: NonZeroU32::new(UPLOADS_PER_MINUTE).unwrap_or(NonZeroU32::MIN),
            unnamed: [UNNAMED_PER_SEAL, UNNAMED],
            sweep: SWEEP,
            times: Times::default(),
            patience: Patience::default(),
            min_free: MIN_FREE_UPLOAD,
            clock: system_clock,
            witnesses: witnesses::Settings::default(),
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The log can't be opened.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Leaf 0 is no charter.
    #[error("{0}")]
    Charter(#[from] CharterError),
    /// The viewer's folder can't be read.
    #[error("{0}")]
    Viewer(#[from] ViewerError),
    /// The catalogue can't be used.
    #[error("{0}")]
    Catalogue(#[from] CatalogueError),
    /// The address can't be listened on.
    #[error(
        "无法监听 {address}：{source}。请换一个地址或停掉占用它的程序 / can't listen on {address}; choose another address or end the program that holds it"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A task of the server ended by itself.
    #[error("服务器内部任务失败：{0}，请重新启动 / a task of the server failed; start it again")]
    Task(String),
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    app: Shared,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    upkeep: JoinHandle<()>,
    witnesses: Witnesses,
}

impl Server {
    /// Opens the log and serves it.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(settings: Settings, signer: Signer) -> Result<Self, ServeError> {
        let viewer = settings.viewer.as_deref().map(Viewer::read).transpose()?.unwrap_or_default();
        let catalogue = InForce::read(settings.catalogue.as_deref())?;
        let failed = |source| ServeError::Listen { address: settings.listen, source };
        // Before the log is opened: a wrong address should not cost a recovery.
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let log = open(&settings, signer).await?;
        let witnesses = Witnesses::start(log.clone(), settings.witnesses, settings.clock);
        match witnesses.hearing().await {
            Hearing::Refused(why) => {
                witnesses.stop().await;
                log.shutdown().await;
                return Err(StoreError::Refused(why).into());
            }
            Hearing::Awaited => {
                tracing::warn!("too few witnesses were heard: reading goes on, signing waits")
            }
            Hearing::Heard => {}
        }
        let public = settings.public.clone().unwrap_or_else(|| format!("http://{address}/"));
        let app = Arc::new(App::new(Parts {
            log,
            data: settings.data,
            viewers: vec![public],
            viewer,
            catalogue,
            quota: Quota::new(settings.per_minute),
            upload_quota: Quota::new(settings.uploads_per_minute),
            unnamed: settings.unnamed,
            times: settings.times,
            min_free: settings.min_free,
            clock: settings.clock,
            attendance: witnesses.attendance(),
        })?);
        let published = app.log.published();
        if !app.catalogue.counts(&published.registry, published.size) {
            tracing::warn!(
                "the registry does not name this catalogue: items and lateness are not judged; give the one it names with --catalogue, or none where it names none"
            );
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let service = routes(Arc::clone(&app)).into_make_service_with_connect_info::<Slow>();
        let server =
            axum::serve(Gate::new(listener, settings.patience), service).with_graceful_shutdown(async move {
                let _ = stopped.await;
            });
        let upkeep = tokio::spawn(upkeep(Arc::clone(&app), settings.sweep));
        tracing::info!(%address, size = app.log.published().size, "serving");
        Ok(Server { address, app, stop, serving: tokio::spawn(server.into_future()), upkeep, witnesses })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: no new connections, requests under way are answered, the running publication is finished.
    ///
    /// # Errors
    /// [`ServeError::Task`] when the server had failed before.
    pub async fn stop(self) -> Result<(), ServeError> {
        // Submitters are answered first, so the log must still run; it ends last.
        let _ = self.stop.send(());
        let served = tokio::time::timeout(SHUTDOWN_TIME, self.serving).await;
        self.upkeep.abort();
        let _ = self.upkeep.await;
        self.witnesses.stop().await;
        self.app.log.shutdown().await;
        tracing::info!(size = self.app.log.published().size, "stopped");
        // The folder is held by whoever holds the log: the last connections let go of it now.
        for _ in 0..RELEASE_TRIES {
            if Arc::strong_count(&self.app) == 1 {
                break;
            }
            tokio::time::sleep(RELEASE_PAUSE).await;
        }
        match served {
            Ok(Err(e)) => Err(ServeError::Task(e.to_string())),
            Ok(Ok(Err(e))) => Err(ServeError::Task(e.to_string())),
            Ok(Ok(Ok(()))) => Ok(()),
            Err(_) => {
                tracing::warn!("some connections did not end in time and were cut");
                Ok(())
            }
        }
    }
}

/// What has to be done now and then.
async fn upkeep(app: Shared, sweep: Duration) {
    let mut swept = Instant::now();
    loop {
        tokio::time::sleep(UPKEEP.min(sweep)).await;
        app.metrics.upkeep();
        if swept.elapsed() < sweep {
            continue;
        }
        swept = Instant::now();
        match app.read(|app, _| app.log.sweep().map_err(|e| Problem::internal(&e))).await {
            Ok(files) if files > 0 => tracing::info!(files, "files that no entry named in time were removed"),
            _ => {}
        }
    }
}

/// Opening recovers what a crash left, and may read much: off the reactor.
async fn open(settings: &Settings, signer: Signer) -> Result<Log, ServeError> {
    let data = settings.data.clone();
    let (interval, clock) = (settings.interval, settings.clock);
    let options = Options { interval, clock, witnesses: true, ..Options::default() };
    let opened = tokio::task::spawn_blocking(move || Log::open_path(&data, signer, options)).await;
    Ok(opened.map_err(|e| ServeError::Task(e.to_string()))??)
}
