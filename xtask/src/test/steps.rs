//! The steps that cargo does.

use super::Outcome;
use crate::viewer::{self, MAX_SEALED, MAX_WASM, MAX_WORDS, Toolchain};
use crate::workshop::{cargo, run};
use anyhow::{Result, ensure};

/// Every file is formatted.
pub fn formatting() -> Result<Outcome> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

/// No lint has anything to say.
pub fn lints() -> Result<Outcome> {
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]))?;
    Ok(Outcome::Passed)
}

/// Nor for the phone, where other parts of the crates are built.
pub fn lints_for_wasm() -> Result<Outcome> {
    let packages = ["ledger", "views", "wasm-viewer"].map(|name| ["--package", name]);
    match Toolchain::find()? {
        Toolchain::Debian => Ok(Outcome::Skipped("Debian's compiler for the web has no clippy".to_owned())),
        own => {
            run(own.cargo("clippy")?.args(packages.concat()).args(["--", "--deny", "warnings"]))?;
            Ok(Outcome::Passed)
        }
    }
}

/// All tests of all crates.
pub fn tests(long: bool) -> Result<Outcome> {
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if long {
        tests.env("VILLAGE_LONG", "1");
    }
    run(&mut tests)?;
    Ok(Outcome::Passed)
}

/// The viewer can be built.
pub fn viewer() -> Result<Outcome> {
    viewer::build_and_print()?;
    Ok(Outcome::Passed)
}

/// What an old phone has to fetch before it can check anything, and what it fetches for names.
pub fn size() -> Result<Outcome> {
    let limits = [
        ("viewer_bg.wasm", MAX_WASM),
        ("sealed_bg.wasm", MAX_SEALED),
        ("words.zh.txt", MAX_WORDS),
        ("words.en.txt", MAX_WORDS),
    ];
    for (name, limit) in limits {
        let size = viewer::size(&viewer::folder().join(name))?;
        println!("{name} has {} bytes, {} compressed (limit {limit})", size.raw, size.compressed);
        ensure!(size.compressed <= limit, "{name} is too large for an old phone");
    }
    Ok(Outcome::Passed)
}
