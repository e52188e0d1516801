//! A running witness: opening its records, listening, ending.

use crate::config::LogConfig;
use crate::connection::Gate;
use crate::copy::LogCopy;
use crate::folder::{FolderError, Home};
use crate::follow::Follower;
use crate::limits::{BODY_TIME, POLL, QUIET_TIME, SHUTDOWN_TIME, WORK_TIME};
use crate::mirror::Mirrored;
use crate::record::{LoadError, Record};
use crate::route::{App, routes};
use crate::witness::{Witness, origin_hash, system_clock};
use client::{FolderTiles, Mirror, MirrorError};
use keys::Signer;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long requests and connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For a body to arrive.
    pub body: Duration,
    /// For an answer, once the body is there.
    pub work: Duration,
    /// On a connection without any byte of an answer.
    pub quiet: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Times { body: BODY_TIME, work: WORK_TIME, quiet: QUIET_TIME }
    }
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The witness's folder, begun with [`Home::begin`].
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The logs.
    pub logs: Vec<LogConfig>,
    /// How long requests may take.
    pub times: Times,
    /// The clock, Unix seconds.
    pub clock: fn() -> u64,
    /// Time between two looks at a log that is followed.
    pub poll: Duration,
    /// Whether logs that say where from are copied, and the copies served.
    pub mirror: bool,
}

impl Settings {
    /// Settings for a folder: loopback, a free port, limits as documented.
    pub fn new(data: PathBuf, logs: Vec<LogConfig>) -> Self {
        Settings {
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            logs,
            times: Times::default(),
            clock: system_clock,
            poll: POLL,
            mirror: false,
        }
    }
}

/// Why a witness did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its folder can't be used.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// A log's record can't be used.
    #[error("{0}")]
    Load(#[from] LoadError),
    /// The place to follow a log from is none.
    #[error("{0}")]
    Source(#[from] MirrorError),
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
    /// The server ended by itself.
    #[error("服务器内部任务失败：{0}，请重新启动 / a task of the server failed; start it again")]
    Task(String),
}

/// A running witness.
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    /// Dropped, they end the followers' threads.
    _followers: Vec<Sender<()>>,
    /// The lock on the folder, given back when the last follower has ended too.
    _home: Arc<Home>,
}

impl Server {
    /// Opens the records and serves them. With a second key, logs that say where from are followed and replayed.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(
        settings: Settings,
        signer: Signer,
        replayer: Option<Signer>,
    ) -> Result<Self, ServeError> {
        let home = Arc::new(Home::open(&settings.data)?);
        let mut witness = Witness::new(signer, settings.clock);
        for log in &settings.logs {
            let folder = home.log(&origin_hash(&log.origin))?;
            witness.watch(log, Box::new(folder))?;
        }
        let failed = |source| ServeError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let followers = follow(&mut witness, &home, &settings, replayer)?;
        let vkey = witness.vkey().to_string();
        tracing::info!(%address, vkey, logs = settings.logs.len(), "serving");
        let app = Arc::new(App::new(witness, settings.times));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(Gate::new(listener, settings.times.quiet), routes(app))
            .with_graceful_shutdown(async move {
                let _ = stopped.await;
            });
        Ok(Server {
            address,
            stop,
            serving: tokio::spawn(server.into_future()),
            _followers: followers,
            _home: home,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: no new connections, requests under way are answered.
    ///
    /// # Errors
    /// [`ServeError::Task`] when the server had failed before.
    pub async fn stop(self) -> Result<(), ServeError> {
        let _ = self.stop.send(());
        match tokio::time::timeout(SHUTDOWN_TIME, self.serving).await {
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

/// Starts a thread for each log that is to be followed: copied, or replayed, or both. A replay reads from the copy.
fn follow(
    witness: &mut Witness,
    home: &Arc<Home>,
    settings: &Settings,
    replayer: Option<Signer>,
) -> Result<Vec<Sender<()>>, ServeError> {
    let (signer, mut senders) = (replayer.map(Arc::new), Vec::new());
    for log in settings.logs.iter().filter(|_| settings.mirror || signer.is_some()) {
        let Some((url, charter)) = &log.follow else { continue };
        let folder = |name: &str| home.log(&format!("{}/{name}", origin_hash(&log.origin)));
        let mut source = Mirror::open(url)?;
        let mut copy = None;
        if settings.mirror {
            let folder = folder("mirror")?;
            let copied = Mirror::Folder(FolderTiles::new(folder.path()));
            let source = std::mem::replace(&mut source, copied);
            let mirrored = Arc::new(Mirrored::open(log, *charter, source, LogCopy::new(folder))?);
            witness.mirror(&log.origin, Arc::clone(&mirrored));
            copy = Some(mirrored);
        }
        let mut replay = None;
        if let Some(signer) = &signer {
            let record = Record::open(log, Box::new(folder("replay")?), signer.vkey())?;
            let io = |source| LoadError::Io { origin: log.origin.clone(), source };
            let follower = Arc::new(Follower::new(record, source, *charter).map_err(io)?);
            witness.show(&log.origin, Arc::clone(&follower), signer.vkey());
            replay = Some((follower, Arc::clone(signer)));
        }
        let (sender, ended) = channel::<()>();
        senders.push(sender);
        let (home, clock, poll) = (Arc::clone(home), settings.clock, settings.poll);
        std::thread::spawn(move || {
            // As long as this may still write, nobody else opens the folder.
            let _home = home;
            loop {
                let copied = copy.as_ref().map_or(Ok(()), |copy| copy.round());
                match (&replay, copied) {
                    (Some((follower, signer)), Ok(())) => follower.round(signer, &clock),
                    (Some((follower, _)), Err(stop)) => follower.halt(&stop),
                    (None, _) => {}
                }
                if ended.recv_timeout(poll) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        });
    }
    Ok(senders)
}
