//! Progress: a bar at a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// Progress of a number of entries.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    done: usize,
    total: usize,
}

impl Progress {
    /// Begins; `what` is a verb.
    pub fn new(what: &'static str, total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
            let bar = ProgressBar::new(total as u64);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what);
            bar
        });
        Progress { bar, what, done: 0, total }
    }

    /// More are done.
    pub fn add(&mut self, more: usize) {
        self.done += more;
        match &self.bar {
            Some(bar) => bar.inc(more as u64),
            None => eprintln!("{} {}/{}", self.what, self.done, self.total),
        }
    }

    /// Ends.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
