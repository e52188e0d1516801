//! Watching logs: heads from everybody who has some, held against all that was ever seen (SPEC 2.3, 2.6, 2.9).
//!
//! Trouble in the network is told as silence and never as a contradiction. What convicts a log comes with an evidence
//! file.

pub mod config;
pub mod follow;
mod leaves;
pub mod memory;
pub mod overdue;
pub mod place;
pub mod proof;
mod signed;
pub mod sources;
pub mod told;
pub mod vouched;
pub mod watch;
pub mod webhook;

pub use config::{Config, LogConfig};
pub use told::Report;
pub use watch::Round;

use follow::Places;
use memory::Memory;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;
use watch::Watch;
use webhook::Webhook;

/// How long the last deliveries are waited for, when nothing comes after them.
const LAST_WORDS: Duration = Duration::from_secs(45);

/// All logs of a configuration.
pub struct Monitor<'t> {
    watches: Vec<Watch<'t>>,
    webhook: Option<Webhook>,
}

impl<'t> Monitor<'t> {
    /// Watches the logs of a configuration, whose tiles are read from `places` (one for each, in order), with its
    /// memory in `folder`.
    ///
    /// # Errors
    /// What the system said of the folder, or that a file in it is damaged.
    pub fn new(config: &'t Config, places: &'t [Places], folder: &Path, now: u64) -> io::Result<Self> {
        let watch = |(log, places): (&'t LogConfig, &'t Places)| {
            let folder = folder.join(log.trust.charter.to_hex());
            let memory = Memory::open(folder, &log.trust.origin, now)?;
            Ok(Watch::new(log, places, memory, config.timeout, config.silent_after))
        };
        let watches = config.logs.iter().zip(places).map(watch).collect::<io::Result<_>>()?;
        Ok(Monitor { watches, webhook: config.webhook.clone().map(Webhook::start) })
    }

    /// Looks at every log once, at all of them at the same time.
    ///
    /// # Errors
    /// What the system said of the state's folder.
    pub fn round(&mut self, now: u64, tell: impl Fn(&Report) + Sync) -> io::Result<Round> {
        let (watches, webhook, tell) = (&mut self.watches, self.webhook.as_ref(), &tell);
        let rounds = thread::scope(|scope| {
            let look = |watch| scope.spawn(move || look(watch, webhook, now, tell));
            let rounds: Vec<_> = watches.iter_mut().map(look).collect();
            let fault = |_| Err(io::Error::other("程序出错 / a fault of this program"));
            rounds.into_iter().map(|round| round.join().unwrap_or_else(fault)).collect::<Vec<_>>()
        });
        rounds.into_iter().try_fold(Round::default(), |all, round| {
            let round = round?;
            Ok(Round { open: all.open + round.open, unknown: all.unknown + round.unknown })
        })
    }

    /// Looks at every log again and again, at each at its own pace, so that a slow one holds up no other. What the
    /// system says of the state's folder is handed to `trouble`, and the next round tries again.
    pub fn run(
        mut self,
        interval: Duration,
        clock: impl Fn() -> u64 + Sync,
        tell: impl Fn(&Report) + Sync,
        trouble: impl Fn(&io::Error) + Sync,
    ) {
        let (webhook, clock, tell, trouble) = (self.webhook.as_ref(), &clock, &tell, &trouble);
        thread::scope(|scope| {
            for watch in &mut self.watches {
                scope.spawn(move || {
                    loop {
                        if let Err(e) = look(watch, webhook, clock(), tell) {
                            trouble(&e);
                        }
                        thread::sleep(interval);
                    }
                });
            }
        });
    }

    /// Waits for the last deliveries, and remembers which came through.
    ///
    /// # Errors
    /// What the system said of the state's folder.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        webhook.wait(LAST_WORDS);
        self.watches.iter_mut().try_for_each(|watch| {
            webhook.settle(&mut watch.memory.state.waiting);
            watch.memory.save()
        })
    }
}

/// One log's round, and its reports on their way.
fn look(
    watch: &mut Watch<'_>,
    webhook: Option<&Webhook>,
    now: u64,
    tell: impl Fn(&Report),
) -> io::Result<Round> {
    match webhook {
        Some(webhook) => webhook.settle(&mut watch.memory.state.waiting),
        None => watch.memory.state.waiting.clear(),
    }
    let round = watch.round(now, tell);
    if let Some(webhook) = webhook {
        webhook.send(&watch.memory.state.waiting);
    }
    round
}
