//! The demo with its witnesses: who signed its newest head, what of that the auditor's programs see, one witness that is
//! away, and an old backup of the ledger.

use super::{Outcome, demo::report};
use crate::demo::{self, Running, Server, program};
use crate::viewer;
use crate::workshop::{output, run};
use anyhow::{Context as _, Result, bail, ensure};
use ledger::checkpoint::SignedCheckpoint;
use ledger::policy::{Policy, Quorum};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long witnesses may take for a head: the replayer looks every 5 seconds, and is asked again after 5, 10, 20.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);
/// All that sign, the replayer last.
const ALL: [&str; 4] = ["w1", "w2", "w3", "r3"];

/// Makes a demo with witnesses and does all that.
pub fn witnesses() -> Result<Outcome> {
    demo::build()?;
    let (viewer, place) = (viewer::build()?, tempfile::tempdir()?);
    let mut running = Running::start(place.path(), None, &viewer, true)?;
    until(&running, "quorum and replay", |_, quorum| quorum.met && is_signed(quorum, &ALL))?;
    audit(&running)?;
    monitor(&running)?;
    let url = running.url();
    running.stop()?;
    run(Command::new("cp").args(["-r", "ledger", "backup"]).current_dir(place.path()))?;
    running = Running::start(place.path(), None, &viewer, false)?;
    ensure!(running.url() == url, "it came back at {}, and was at {url}", running.url());
    away(&mut running, &viewer)?;
    backup(&running, &viewer)?;
    running.stop()?;
    Ok(Outcome::Passed)
}

/// The auditor's program names who vouches, and has no fault to report.
fn audit(running: &Running) -> Result<()> {
    let report = report(running, &[])?;
    let verdict = report.get("verdict").and_then(Json::as_str);
    ensure!(verdict == Some("OK_FIRST_VISIT"), "the auditor's verdict: {report:#}");
    ensure!(
        report.get("witnesses") == Some(&Json::from(ALL.to_vec())),
        "the auditor's witnesses: {report:#}"
    );
    Ok(())
}

/// One round of the monitor, which asks the log and all witnesses. That the sample's villages did not go on with their
/// accounts is the only thing that it may find.
fn monitor(running: &Running) -> Result<()> {
    let policy = policy(running)?;
    let sources: Vec<&str> = policy.witnesses().filter_map(|(_, _, url)| url).collect();
    let url = running.url();
    let config = format!("[[log]]\ntrust = \"trust.toml\"\nurl = \"{url}\"\nwitnesses = {sources:?}\n");
    fs::write(running.folder().join("monitor.toml"), config)?;
    let mut monitor = program("village-verifier", running.folder())?;
    let done = monitor.args(["monitor", "--once", "--json", "--config", "monitor.toml"]).output()?;
    let (found, said) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let is_calm = found.lines().all(|line| line.contains("\"code\":\"overdue\""));
    ensure!(
        is_calm && matches!(done.status.code(), Some(0 | 1)),
        "the monitor ({}): {found}{said}",
        done.status
    );
    Ok(())
}

/// Without one of three witnesses an act is published all the same; when it is back, it catches up.
fn away(running: &mut Running, viewer: &Path) -> Result<()> {
    let (before, _) = head(running)?;
    running.witnesses().end("w1")?;
    let mut clerk = program("village-clerk", running.folder())?;
    clerk.args([
        "release",
        "--version",
        "1",
        "--host",
        &running.url(),
        "--server",
        &running.url(),
        "--folder",
    ]);
    output(clerk.arg(viewer).args(["--key", "authority.key", "--passphrase-file", "passphrase"]))?;
    until(running, "2 of 3", |size, quorum| size > before && quorum.met && is_signed(quorum, &["w2", "w3"]))?;
    let (_, quorum) = head(running)?;
    ensure!(!is_signed(&quorum, &["w1"]), "w1 has ended and signed: {quorum:?}");
    running.witnesses().begin("w1")?;
    until(running, "w1 again", |size, quorum| size > before && is_signed(quorum, &ALL))
}

/// What was copied before does not sign once the witnesses know of newer heads, and says what is to be done.
fn backup(running: &Running, viewer: &Path) -> Result<()> {
    let Err(why) = Server::start(running.folder(), "backup", None, viewer) else {
        bail!("an old backup was served");
    };
    let why = format!("{why:#}");
    let wanted = ["an older backup or snapshot", "bring the whole folder back", "delete nothing"];
    ensure!(wanted.iter().all(|words| why.contains(words)), "an old backup was refused with: {why}");
    Ok(())
}

/// Waits until the newest head is as it should be.
fn until(running: &Running, what: &str, is_so: impl Fn(u64, &Quorum) -> bool) -> Result<()> {
    let began = Instant::now();
    loop {
        let (size, quorum) = head(running)?;
        if is_so(size, &quorum) {
            return Ok(());
        }
        let waited = began.elapsed() > PATIENCE;
        ensure!(!waited, "{what}: in vain; {size} leaves: {quorum:?}\n{}", running.get("/healthz")?);
        std::thread::sleep(PAUSE);
    }
}

/// Size of the newest head, and what its cosignatures amount to.
fn head(running: &Running) -> Result<(u64, Quorum)> {
    let signed = SignedCheckpoint::parse(running.get("/checkpoint")?.as_bytes())?;
    Ok((signed.checkpoint.size, policy(running)?.evaluate(&signed)))
}

fn policy(running: &Running) -> Result<Policy> {
    Policy::parse(&running.get("/policy.txt")?).context("the policy")
}

fn is_signed(quorum: &Quorum, by: &[&str]) -> bool {
    by.iter().all(|name| quorum.cosigned.iter().any(|(cosigner, _)| cosigner == name))
}
