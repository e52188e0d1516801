//! The viewer in a real browser, on a demo of its own.

use super::Outcome;
use crate::demo::{self, Running};
use crate::viewer;
use crate::workshop::{answers, apt_install, cargo, programs, root, run};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where Chromium may lie.
const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Runs `tests/browser/run.mjs`.
pub fn browser() -> Result<Outcome> {
    if !answers("node", &["--version"]) || !answers("npm", &["--version"]) {
        apt_install(&["nodejs", "npm"], "the browser test")?;
    }
    let chromium = chromium()?;
    let folder = root().join("tests/browser");
    // The mark that npm leaves is as new as what it installed.
    if !is_installed(&folder) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).stdin(Stdio::null());
        run(&mut npm).context("the browser test needs its packages from npm")?;
    }
    demo::build()?;
    run(cargo().args(["build", "--quiet", "--package", "tests", "--bins"]))?;
    let (viewer, place) = (viewer::build()?, tempfile::tempdir()?);
    let running = Running::start(place.path(), None, &viewer)?;
    let mut node = Command::new("node");
    node.arg("run.mjs").current_dir(&folder).stdin(Stdio::null());
    node.args(["--url", &running.url(), "--chromium", chromium]);
    node.arg("--verifier").arg(programs()?.join("village-verifier"));
    node.arg("--ledger-data").arg(running.ledger());
    let result = run(&mut node);
    running.stop()?;
    result?;
    Ok(Outcome::Passed)
}

/// The browser; installed when it is missing.
fn chromium() -> Result<&'static str> {
    let there = || CHROMIUM.into_iter().find(|path| Path::new(path).exists());
    if there().is_none() {
        apt_install(&["chromium"], "the browser test")?;
    }
    match there() {
        Some(path) => Ok(path),
        None => bail!("the browser test needs Chromium at one of {}", CHROMIUM.join(", ")),
    }
}

/// Whether what is installed is what the lock file asks for.
fn is_installed(folder: &Path) -> bool {
    let changed = |name: &str| folder.join(name).metadata().and_then(|m| m.modified()).ok();
    let lock = changed("package-lock.json");
    changed("node_modules/.package-lock.json").is_some_and(|mark| lock.is_some_and(|lock| lock <= mark))
}
