//! The viewer in a real browser, on a demo of its own.

use super::Outcome;
use crate::demo::{self, Running};
use crate::viewer;
use crate::workshop::{answers, apt_install, output, programs, root, run};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where Chromium may lie.
const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Runs `tests/browser/run.mjs`.
pub fn browser() -> Result<Outcome> {
    if !has_node()
        && let Err(e) = apt_install(&["nodejs", "npm"], "the browser test")
    {
        return Ok(Outcome::Skipped(format!("{e:#}")));
    }
    if chromium().is_none()
        && let Err(e) = apt_install(&["chromium"], "the browser test")
    {
        return Ok(Outcome::Skipped(format!("{e:#}")));
    }
    let chromium = chromium().with_context(|| format!("Chromium is at none of {}", CHROMIUM.join(", ")))?;
    let folder = root().join("tests/browser");
    if !is_installed(&folder) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        if let Err(e) = output(&mut npm) {
            return Ok(Outcome::Skipped(format!("its packages can't be had from npm: {e:#}")));
        }
    }
    demo::build()?;
    let (viewer, place) = (viewer::build()?, tempfile::tempdir()?);
    let running = Running::start(place.path(), None, &viewer, false)?;
    let mut node = Command::new("node");
    node.arg("run.mjs").current_dir(&folder).stdin(Stdio::null());
    node.args(["--url", &running.url(), "--chromium", chromium]);
    node.arg("--verifier").arg(programs()?.join("village-verifier"));
    node.arg("--ledger-data").arg(running.ledger()).arg("--data-folder").arg(running.folder());
    let result = run(&mut node);
    running.stop()?;
    result?;
    Ok(Outcome::Passed)
}

fn has_node() -> bool {
    answers("node", &["--version"]) && answers("npm", &["--version"])
}

fn chromium() -> Option<&'static str> {
    CHROMIUM.into_iter().find(|path| Path::new(path).exists())
}

/// Whether what is installed is what the lock file asks for: npm's mark is no older than it.
fn is_installed(folder: &Path) -> bool {
    let changed = |name: &str| folder.join(name).metadata().and_then(|m| m.modified()).ok();
    let lock = changed("package-lock.json");
    changed("node_modules/.package-lock.json").is_some_and(|mark| lock.is_some_and(|lock| lock <= mark))
}
