//! How fast `village-verifier` replays the whole log, beside what the cores do in bare verification.

use super::report::{Goal, Report};
use super::server::Server;
use super::setup::Home;
use super::yardstick;
use anyhow::{Context as _, Result, ensure};
use std::ffi::OsStr;
use std::time::Instant;

/// Audits the served log over HTTP, and the log's folder.
pub fn measure(
    home: &Home,
    server: &Server,
    trust: &[u8],
    entries: usize,
    report: &mut Report,
) -> Result<()> {
    if !home.has("village-verifier") {
        report.skip("audit", "there is no village-verifier");
        return Ok(());
    }
    std::fs::write(home.path("trust.toml"), trust)?;
    // Before and after each: other work on the machine changes with time.
    let mut before = yardstick::all_cores()?;
    let url = format!("http://{}/", server.address());
    let folder = home.path("data");
    for (from, place) in [("over HTTP", OsStr::new(&url)), ("from its folder", folder.as_os_str())] {
        let began = Instant::now();
        let output = home
            .program("village-verifier")
            .args([OsStr::new("audit"), place, OsStr::new("--trust")])
            .args([home.path("trust.toml").as_os_str(), OsStr::new("--json")])
            .output()
            .context("can't run village-verifier")?;
        let seconds = began.elapsed().as_secs_f64();
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the audit {from}: {}: {said}", output.status);
        let after = yardstick::all_cores()?;
        let (rate, bare) = (entries as f64 / seconds, (before + after) / 2.0);
        before = after;
        let (what, share) = (format!("audit {from}"), format!("audit {from} : bare verification"));
        report.add("audit", &what, rate, "entries/s", Goal::None);
        report.add("audit", &share, rate / bare, "", Goal::AtLeast(0.7));
    }
    Ok(())
}
