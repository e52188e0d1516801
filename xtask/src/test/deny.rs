//! What the project stands on: `cargo deny` with `deny.toml`, where it is installed.

use super::Outcome;
use crate::workshop::{answers, cargo, output, run};
use anyhow::Result;

/// Licences, sources and bans.
pub fn licences() -> Result<Outcome> {
    if !is_there() {
        return Ok(missing());
    }
    run(cargo().args(["deny", "--workspace", "check", "licenses", "sources", "bans"]))?;
    Ok(Outcome::Passed)
}

/// Known faults of dependencies, where their database can be had.
pub fn advisories() -> Result<Outcome> {
    if !is_there() {
        return Ok(missing());
    }
    if output(cargo().args(["deny", "fetch", "db"])).is_err() {
        return Ok(Outcome::Skipped("the database of advisories can't be fetched from here".to_owned()));
    }
    run(cargo().args(["deny", "--workspace", "check", "--disable-fetch", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn is_there() -> bool {
    answers(cargo().get_program(), &["deny", "--version"])
}

fn missing() -> Outcome {
    Outcome::Skipped("cargo-deny is not installed (cargo install --locked cargo-deny)".to_owned())
}
