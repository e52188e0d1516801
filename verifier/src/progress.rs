//! The progress bar on standard error, when somebody looks at it.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// A progress bar, or nothing.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar on standard error when that is a terminal.
    pub fn shown() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("核对 {wide_bar} {pos}/{len}  {per_sec}  还要 {eta}")
        {
            bar.set_style(style);
        }
        Progress(Some(bar))
    }

    /// No bar.
    pub fn hidden() -> Self {
        Progress(None)
    }

    /// So many leaves of so many.
    pub fn at(&mut self, done: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total);
            bar.set_position(done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
