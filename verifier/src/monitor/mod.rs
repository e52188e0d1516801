//! Watching logs: heads from everybody who has some, held against all that was ever seen (SPEC 2.3, 2.6, 2.9).
//!
//! Trouble in the network is told as silence and never as a contradiction. What convicts a log comes with an evidence
//! file.

pub mod config;
pub mod follow;
pub mod memory;
pub mod overdue;
pub mod place;
pub mod proof;
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
        self.settle();
        let rounds = thread::scope(|scope| {
            let tell = &tell;
            let rounds: Vec<_> =
                self.watches.iter_mut().map(|watch| scope.spawn(move || watch.round(now, tell))).collect();
            let fault = |_| Err(io::Error::other("程序出错 / a fault of this program"));
            rounds.into_iter().map(|round| round.join().unwrap_or_else(fault)).collect::<Vec<_>>()
        });
        match &self.webhook {
            Some(webhook) => webhook.send(self.watches.iter().flat_map(|watch| &watch.memory.state.waiting)),
            None => self.watches.iter_mut().for_each(|watch| watch.memory.state.waiting.clear()),
        }
        let mut all = Round::default();
        for round in rounds {
            let round = round?;
            all = Round { open: all.open + round.open, unknown: all.unknown + round.unknown };
        }
        Ok(all)
    }

    /// Waits for the last deliveries, and remembers which came through.
    ///
    /// # Errors
    /// What the system said of the state's folder.
    pub fn finish(mut self) -> io::Result<()> {
        if let Some(webhook) = &self.webhook {
            webhook.wait(LAST_WORDS);
        }
        self.settle();
        self.watches.iter().try_for_each(|watch| watch.memory.save())
    }

    /// What the webhook took no longer waits.
    fn settle(&mut self) {
        let taken = self.webhook.as_ref().map(Webhook::taken).unwrap_or_default();
        for watch in &mut self.watches {
            watch.memory.state.waiting.retain(|report| !taken.contains(&report.id));
        }
    }
}
