//! The progress bar on standard error, when somebody looks at it.

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar, or nothing.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar on standard error; indicatif shows none where that is no terminal.
    pub fn shown() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("核对 {bar:30} {pos}/{len} 还要 {eta}") {
            bar.set_style(style);
        }
        Progress(Some(bar))
    }

    /// No bar.
    pub fn hidden() -> Self {
        Progress(None)
    }

    /// So many of so many.
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
