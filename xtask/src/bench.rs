//! `cargo xtask bench`: the figures of the ledger, against the release binaries, each beside its target.
//!
//! **In scope:** a real `village-ledger serve` over loopback, the load generator on the same cores, the audit by
//! `village-verifier`; a table, and the same as JSON. Everything is measured in one run, so figures can be held
//! against the yardstick: what the cores do in bare signature verification.
//!
//! **Out of scope (and who does it):** judging what is served (`village-verifier`, the tests).

mod audit;
mod filled;
mod http;
mod load;
mod phone;
mod report;
mod sealing;
mod server;
mod setup;
mod yardstick;

pub use filled::Filled;

use crate::generate::{District, Draft, entries};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use report::{Goal, Report};
use sealing::Sealer;
use server::Server;
use setup::Home;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Seed of the entries: figures of different days are about the same ones.
const SEED: u64 = 20_260_101;
/// Units of a district; of a large county from [`COUNTY_FROM`] entries on.
const DISTRICT_UNITS: usize = 100;
const COUNTY_UNITS: usize = 700;
const COUNTY_FROM: usize = 500_000;
/// Most entries sealed in advance at one time; the clock stands while they are sealed.
const SEGMENT: usize = 100_000;
/// Fewest segments: the last one's cost is held against the first one's.
const SEGMENTS: usize = 4;
/// Entries whose time is taken together, to see whether the cost per entry is flat.
const WINDOW: usize = 10_000;

/// Measures publishing, memory, start-up, audit and checking, and holds each against its target
#[derive(Debug, Args)]
pub struct Bench {
    /// Entries in the log that is published in batches (the full run: 1000000)
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    entries: usize,
    /// Write the figures to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure only this (may be given several times)
    #[arg(long, value_name = "NAME")]
    only: Vec<Part>,
    /// The release binaries are built and lie beside this program
    #[arg(long, hide = true)]
    built: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Bare signature verification: the yardstick, always measured
    Verify,
    /// Publishing in batches of 256
    Batches,
    /// Cost per entry from the empty log to the full one
    Flat,
    /// The server's memory
    Memory,
    /// A bundle of 1,000 entries
    Bundle,
    /// Start-up of the full log
    Startup,
    /// The audit
    Audit,
    /// Single entries from 1,000 connections
    Singles,
    /// A lone entry on an idle ledger
    Lone,
    /// The viewer's WASM
    Wasm,
}

impl Bench {
    /// Builds the release binaries, then measures with the release build of this program.
    pub fn run(&self) -> Result<()> {
        if self.built { self.measure() } else { self.build_and_measure() }
    }

    fn build_and_measure(&self) -> Result<()> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let packages = ["-p", "api", "-p", "keys", "-p", "verifier", "-p", "xtask"];
        let status = Command::new(cargo).args(["build", "--release"]).args(packages).status();
        ensure!(status.context("can't run cargo")?.success(), "the release build failed; see above");
        let program = std::env::current_exe().context("which program is this?")?;
        let target =
            program.parent().and_then(Path::parent).context("this program lies in no target folder")?;
        // A thousand connections need as many open files on both sides; children inherit the limit.
        let status = Command::new("sh")
            .args(["-c", r#"ulimit -n "$(ulimit -H -n)"; exec "$0" "$@""#])
            .arg(target.join("release/xtask"))
            .args(std::env::args_os().skip(1))
            .arg("--built")
            .status()
            .context("can't run the release build of xtask")?;
        ensure!(status.success(), "the benchmark ended early; see above");
        Ok(())
    }

    fn wants(&self, parts: &[Part]) -> bool {
        self.only.is_empty() || parts.iter().any(|p| self.only.contains(p))
    }

    fn measure(&self) -> Result<()> {
        ensure!(self.entries >= WINDOW, "--entries: want at least {WINDOW}, not {}", self.entries);
        let program = std::env::current_exe().context("which program is this?")?;
        let bin = program.parent().context("this program lies in no folder")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let only = self.only.iter().filter_map(|p| Some(p.to_possible_value()?.get_name().to_owned()));
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let mut report = Report::new(cores, only.collect());
        yardstick::measure(bin.parent().unwrap_or(bin), &mut report)?;
        if self.wants(&[Part::Batches, Part::Flat, Part::Memory, Part::Bundle, Part::Startup, Part::Audit]) {
            self.in_batches(bin, &runtime, &mut report)?;
        }
        if self.wants(&[Part::Singles, Part::Lone]) {
            singles(bin, &runtime, &mut report, self.wants(&[Part::Singles]))?;
        }
        if self.wants(&[Part::Wasm]) {
            phone::wasm_size(&mut report)?;
        }
        report.print();
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&report.json())? + "\n";
            std::fs::write(path, text).with_context(|| format!("can't write {}", path.display()))?;
        }
        Ok(())
    }

    /// One log from empty to full, and everything that is measured on a full log.
    fn in_batches(&self, bin: &Path, runtime: &tokio::runtime::Runtime, report: &mut Report) -> Result<()> {
        let units = if self.entries >= COUNTY_FROM { COUNTY_UNITS } else { DISTRICT_UNITS };
        let district = District::new(units)?;
        let home = Home::new(bin, &district)?;
        let (server, _) = Server::start(&home, Duration::ZERO)?;
        let address = server.address();
        runtime.block_on(setup::register(&home, &district, address))?;
        let mut drafts = entries(&district, self.entries / (units * 20) + 2, SEED)?.take(self.entries);
        let mut sealer = Sealer::new(&home);
        let mut clock = load::Clock::default();
        loop {
            let at_once = self.entries.div_ceil(SEGMENTS).min(SEGMENT);
            let segment: Vec<Draft> = drafts.by_ref().take(at_once).collect();
            if segment.is_empty() {
                break;
            }
            let (count, before) = (segment.len(), server.cpu()?);
            let lanes = load::lanes(sealer.seal(segment)?)?;
            runtime.block_on(load::in_batches(address, lanes, &mut clock))?;
            clock.used(count, server.cpu()? - before);
            report.progress(&format!(
                "{} of {} entries in {:.1?}",
                clock.entries(),
                self.entries,
                clock.total()
            ));
        }
        clock.report(report);
        runtime.block_on(load::check_count(address, clock.entries()))?;
        server.memory()?.report(report, "after publishing", clock.entries());
        if self.wants(&[Part::Bundle]) {
            runtime.block_on(phone::bundle(address, &district, report))?;
        }
        let trust = runtime.block_on(http::fetch(address, "/trust.toml"))?;
        server.stop()?;
        let (server, took) = Server::start(&home, Duration::ZERO)?;
        let what = format!("start-up with {} entries, no reindex", clock.entries());
        report.add("startup", &what, took.as_secs_f64(), "s", Goal::Under(5.0));
        server.memory()?.report(report, "after start-up", clock.entries());
        if self.wants(&[Part::Audit]) {
            audit::measure(&home, &server, &trust, clock.entries(), report)?;
        }
        server.stop()
    }
}

/// A second ledger, with a publication every 200 ms at most: single entries, and a lone one.
fn singles(bin: &Path, runtime: &tokio::runtime::Runtime, report: &mut Report, all: bool) -> Result<()> {
    let district = District::new(load::SINGLES + 1)?;
    let home = Home::new(bin, &district)?;
    let (server, _) = Server::start(&home, load::INTERVAL)?;
    runtime.block_on(setup::register(&home, &district, server.address()))?;
    let (many, lone) = load::of_units(&district, entries(&district, 4, SEED)?, &mut Sealer::new(&home))?;
    runtime.block_on(load::lone(server.address(), lone, report))?;
    if all {
        runtime.block_on(load::singles(server.address(), many, report))?;
    }
    server.stop()
}
