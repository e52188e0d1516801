//! `cargo xtask test`: everything that must hold, in order, with a table of it at the end.
//!
//! **In scope:** the steps, each under its heading; what can't be had here is skipped by name. **Out of scope (and
//! who does it):** the tests themselves (the crates, `tests/browser`, `tests/interop`).

mod browser;
mod demo;
mod deny;
mod interop;
mod steps;
mod witnesses;

use anyhow::{Result, bail, ensure};
use clap::Args;
use std::time::{Duration, Instant};

/// Checks formatting and lints, runs all tests, the browser's and those with other implementations too
#[derive(Debug, Default, Args)]
pub struct Test {
    /// Run the long loops in full: kills, bit flips, large trees
    #[arg(long)]
    long: bool,
    /// Run only this step (may be given several times); the summary names them
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
}

/// How a step ended well.
pub enum Outcome {
    /// Everything in it holds.
    Passed,
    /// It could not be run here, and why.
    Skipped(String),
}

struct Line {
    name: &'static str,
    outcome: Result<Outcome>,
    took: Duration,
}

impl Test {
    /// One step alone.
    pub fn only(step: &str) -> Self {
        Test { long: false, only: vec![step.to_owned()] }
    }

    /// Runs every step, also after one that failed.
    pub fn run(&self) -> Result<()> {
        let steps: [(&'static str, &dyn Fn() -> Result<Outcome>); 12] = [
            ("format", &steps::formatting),
            ("lints", &steps::lints),
            ("wasm-lints", &steps::lints_for_wasm),
            ("licences", &deny::licences),
            ("advisories", &deny::advisories),
            ("tests", &|| steps::tests(self.long)),
            ("viewer", &steps::viewer),
            ("size", &steps::size),
            ("demo", &demo::demo),
            ("witnesses", &witnesses::witnesses),
            ("browser", &browser::browser),
            ("interop", &interop::interop),
        ];
        let is_wanted = |name: &str| self.only.is_empty() || self.only.iter().any(|only| only == name);
        for only in &self.only {
            ensure!(steps.iter().any(|(name, _)| name == only), "--only: there is no step {only}");
        }
        let mut lines = Vec::new();
        for (name, step) in steps.into_iter().filter(|(name, _)| is_wanted(name)) {
            println!("\n=== {name} ===");
            let began = Instant::now();
            let outcome = step();
            match &outcome {
                Ok(Outcome::Passed) => {}
                Ok(Outcome::Skipped(why)) => println!("skipped: {why}"),
                Err(e) => println!("FAILED: {e:#}"),
            }
            lines.push(Line { name, outcome, took: began.elapsed() });
        }
        summarize(&lines)
    }
}

fn summarize(lines: &[Line]) -> Result<()> {
    println!("\n=== summary ===");
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for Line { name, outcome, took } in lines {
        let word = match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                "passed".to_owned()
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                format!("skipped: {why}")
            }
            Err(e) => {
                failed += 1;
                format!("FAILED: {}", e.to_string().lines().next().unwrap_or_default())
            }
        };
        println!("{:>6.1} s  {name:<10} {word}", took.as_secs_f64());
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        bail!("{failed} steps failed; each says above why");
    }
    Ok(())
}
