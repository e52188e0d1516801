//! Asking the witnesses (SPEC D-12 to D-18): for each head all at once, off the sequencer's thread. Heads are published
//! with what came in time, later cosignatures are added, and nothing is signed after a start before enough witnesses
//! were heard.

mod ask;
mod attend;
mod round;

use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::Hash;
use ledger::note::{Signature, VerifierKey};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::{Log, Published};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often and how long an ending server waits for the last tasks.
const RELEASE_TRIES: u32 = 100;
const RELEASE_PAUSE: Duration = Duration::from_millis(10);

/// How witnesses are asked.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a new head waits for its first cosignature before it is published without any.
    pub patience: Duration,
    /// For one request to a witness, all in all.
    pub request: Duration,
    /// Time after which a witness is asked again about a head that it has cosigned.
    pub refresh: Duration,
    /// Time after which a witness that did not cosign is asked again; doubled each time, up to [`Settings::most`].
    pub retry: Duration,
    /// Longest such time.
    pub most: Duration,
    /// How long a start waits for witnesses before it serves readers without signing.
    pub start: Duration,
    /// Whether to sign although too few were heard: for witnesses that are gone for ever.
    pub without: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            patience: Duration::from_secs(2),
            request: Duration::from_secs(10),
            refresh: Duration::from_secs(8 * 3600),
            retry: Duration::from_secs(5),
            most: Duration::from_secs(300),
            start: Duration::from_secs(5),
            without: false,
        }
    }
}

/// A witness of the policy in force.
#[derive(Clone, Debug)]
struct Witness {
    /// Its name in the policy.
    name: String,
    key: VerifierKey,
    /// Where it is asked; of one that replays, where its newest checkpoint is.
    url: Option<String>,
    replays: bool,
}

/// How a witness answers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seat {
    /// Its name in the policy.
    pub name: String,
    /// Whether it states that every index leaf is right.
    pub replays: bool,
    /// Whether it was heard since the start.
    pub heard: bool,
    /// Size of the head that it cosigned last; 0 before the first since the start.
    pub size: u64,
    /// Time of that cosignature, Unix seconds.
    pub time: u64,
    /// How often it was asked since the start.
    pub asked: u64,
    /// How often it answered with a cosignature that holds.
    pub cosigned: u64,
    /// What it lacks, in Chinese and English; empty when all is well.
    pub trouble: String,
}

/// What came of the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// Too few were heard yet.
    Awaited,
    /// Enough, or there are none.
    Heard,
    /// One holds a head that this log can't have signed: why.
    Refused(String),
}

/// A witness's answer about a head.
struct Answered {
    name: String,
    head: Arc<Published>,
    /// Verified cosignatures of it; none when it did not cosign.
    lines: Vec<Signature>,
}

/// What the tasks share.
struct State {
    log: Log,
    settings: Settings,
    clock: fn() -> u64,
    /// The head that witnesses are asked about.
    head: watch::Sender<Arc<Published>>,
    hearing: watch::Sender<Hearing>,
    seats: Mutex<BTreeMap<String, Seat>>,
    /// Since when the published head lacks its quorum.
    unmet: Mutex<Option<Instant>>,
}

/// The asking of a log's witnesses.
pub struct Witnesses {
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// What can be seen of it from everywhere.
#[derive(Clone)]
pub struct Attendance(Arc<State>);

impl Witnesses {
    /// Begins to ask.
    pub fn start(log: Log, settings: Settings, clock: fn() -> u64) -> Self {
        let head = log.commits().borrow().clone();
        let awaited = log.stats().awaits_witnesses;
        if awaited && settings.without {
            tracing::warn!(
                "--without-witnesses: signing before enough witnesses were heard; if this folder comes from a backup, the log forks now"
            );
            log.allow();
        }
        let hearing = if awaited { Hearing::Awaited } else { Hearing::Heard };
        let state = Arc::new(State {
            log,
            settings,
            clock,
            head: watch::Sender::new(head),
            hearing: watch::Sender::new(hearing),
            seats: Mutex::default(),
            unmet: Mutex::default(),
        });
        state.look_at_quorum();
        Witnesses { task: tokio::spawn(round::run(Arc::clone(&state))), state }
    }

    /// What came of the start, once that is known, or after [`Settings::start`].
    pub async fn hearing(&self) -> Hearing {
        let mut hearing = self.state.hearing.subscribe();
        let known = hearing.wait_for(|hearing| *hearing != Hearing::Awaited);
        let _ = tokio::time::timeout(self.state.settings.start, known).await;
        self.state.hearing.borrow().clone()
    }

    /// For health and metrics.
    pub fn attendance(&self) -> Attendance {
        Attendance(Arc::clone(&self.state))
    }

    /// Ends the asking. What is still on its way is not waited for.
    pub async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
        // The witnesses' own tasks let go of the log now; one holder is left here, one in the server.
        for _ in 0..RELEASE_TRIES {
            if Arc::strong_count(&self.state) <= 2 {
                break;
            }
            tokio::time::sleep(RELEASE_PAUSE).await;
        }
    }
}

impl Attendance {
    /// The witnesses of the policy in force.
    pub fn seats(&self) -> Vec<Seat> {
        self.0.seats().values().cloned().collect()
    }

    /// Whether too few were heard since the start.
    pub fn is_awaited(&self) -> bool {
        *self.0.hearing.borrow() == Hearing::Awaited
    }

    /// How long the published head has lacked its quorum.
    pub fn unmet_for(&self) -> Option<Duration> {
        self.0.unmet.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed())
    }

    /// Whether it signs although too few were heard.
    pub fn goes_without(&self) -> bool {
        self.0.settings.without && self.is_awaited()
    }
}

impl State {
    fn seats(&self) -> MutexGuard<'_, BTreeMap<String, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the published head has its quorum; since when not is kept.
    fn look_at_quorum(&self) -> bool {
        let published = self.log.published();
        let met = SignedCheckpoint::parse(&published.checkpoint)
            .is_ok_and(|signed| published.policy.evaluate(&signed).met);
        let mut unmet = self.unmet.lock().unwrap_or_else(PoisonError::into_inner);
        *unmet = if met { None } else { unmet.or_else(|| Some(Instant::now())) };
        met
    }

    /// Notes that a witness was heard; with enough of them, the log may sign.
    fn heard(&self, name: &str) {
        let mut seats = self.seats();
        let Some(seat) = seats.get_mut(name).filter(|seat| !seat.heard) else { return };
        seat.heard = true;
        let policy = Arc::clone(&self.log.commits().borrow().policy);
        if policy.meets_every_quorum(&|name| seats.get(name).is_some_and(|seat| seat.heard)) {
            self.log.allow();
            self.hearing.send_if_modified(|hearing| {
                let first = *hearing == Hearing::Awaited;
                if first {
                    tracing::info!("enough witnesses were heard");
                    *hearing = Hearing::Heard;
                }
                first
            });
        }
    }

    /// Ends all signing: a witness holds a head of another log with our key.
    fn refuse(&self, name: &str, theirs: (u64, Hash), note: &str) {
        if matches!(*self.hearing.borrow(), Hearing::Refused(_)) {
            return;
        }
        let ours = self.log.commits().borrow().size;
        let (size, root) = theirs;
        let why = format!(
            "见证人 {name} 持有由本账本密钥签署、却不是这里签出的存证点（{size} 个叶子，根 {root}；这里有 {ours} 个叶子）：这个目录来自较旧的备份或快照，或者另一台机器也在用这把密钥。为免账本分叉，不再签署。请停掉另一台机器；从镜像或最新的备份恢复整个账本目录后再启动，不要删除任何文件；恢复不了时，请保留现状并告知主管机关和各见证单位 / witness {name} holds a checkpoint of {size} leaves with this log's own signature that was not signed here (here are {ours} leaves): this folder is from an older backup or snapshot, or another machine runs with the same key. Nothing is signed any more, or the log would fork. Stop the other machine; bring the whole folder back from a mirror or the newest backup and start again, and delete nothing; where that can't be done, leave all as it is and tell the authority and the witnesses"
        );
        tracing::error!(note, "{why}");
        self.log.refuse(why.clone());
        self.hearing.send_replace(Hearing::Refused(why));
    }
}
