//! Other hands' implementations: Go's x/mod and tessera read our log, our verifier reads tessera's, and litewitness
//! cosigns our heads.

use super::Outcome;
use crate::bench::Filled;
use crate::demo;
use crate::workshop::{answers, output, programs, root, run};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::{Command, Stdio};

/// Entries of our log: full tiles and partial ones, on two levels.
const OURS: usize = 2_000;
/// Entries of the log that tessera writes: more than a tile, and a part of another.
const THEIRS: &str = "300";

/// Runs the programs of `tests/interop`.
pub fn interop() -> Result<Outcome> {
    if !answers("go", &["version"]) {
        return Ok(Outcome::Skipped("Go is not installed".to_owned()));
    }
    let sources = root().join("tests/interop");
    if let Err(e) = output(Command::new("go").args(["mod", "download"]).current_dir(&sources)) {
        return Ok(Outcome::Skipped(format!("the Go modules can't be fetched from here: {e:#}")));
    }
    let place = tempfile::tempdir()?;
    let peer = place.path().join("interop");
    let programs_of_peers = [".", "filippo.io/torchwood/cmd/litewitness"];
    let mut build = Command::new("go");
    output(build.args(["build", "-o"]).arg(place.path()).args(programs_of_peers).current_dir(&sources))?;
    witnessed(place.path())?;
    demo::build()?;
    let ours = Filled::new(&programs()?, OURS)?;
    let checked = check(&peer, &ours);
    ours.stop()?;
    checked?;
    audit_theirs(&peer, &place.path().join("theirs"))?;
    Ok(Outcome::Passed)
}

fn check(peer: &Path, ours: &Filled) -> Result<()> {
    let vkey = ours.log_vkey()?;
    run(Command::new(peer).args(["check", &ours.url(), &vkey]).stdin(Stdio::null()))
        .context("another implementation does not accept our log")
}

/// The log's own tests with a witness of other hands.
fn witnessed(peers: &Path) -> Result<()> {
    let mut tests = Command::new(env!("CARGO"));
    tests.args(["test", "-p", "api", "--test", "peers", "--", "--ignored"]).current_dir(root());
    run(tests.env("VILLAGE_PEERS", peers).stdin(Stdio::null())).context("our log and litewitness differ")
}

fn audit_theirs(peer: &Path, folder: &Path) -> Result<()> {
    let vkey = output(Command::new(peer).arg("write").arg(folder).arg(THEIRS))?;
    let mut verifier = Command::new(programs()?.join("village-verifier"));
    verifier.arg("audit").arg(folder).args(["--log-vkey", vkey.trim()]).stdin(Stdio::null());
    run(&mut verifier).context("our verifier does not accept a log that tessera wrote")
}
