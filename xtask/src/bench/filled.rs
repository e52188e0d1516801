//! A ledger with many entries, for those who look at one and measure nothing.

use super::load::{self, Clock};
use super::sealing::Sealer;
use super::server::Server;
use super::setup::{self, Home};
use super::{DISTRICT_UNITS, SEED, http};
use crate::generate::{District, Draft, entries};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The running ledger; its folder goes with it.
pub struct Filled {
    runtime: Runtime,
    server: Server,
    _home: Home,
}

impl Filled {
    /// Makes a district's ledger with so many entries, published in batches, and leaves it running.
    pub fn new(bin: &Path, count: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let district = District::new(DISTRICT_UNITS)?;
        let home = Home::new(bin, &district)?;
        let (server, _) = Server::start(&home, Duration::ZERO)?;
        runtime.block_on(setup::register(&home, &district, server.address()))?;
        let months = count / (DISTRICT_UNITS * 20) + 2;
        let drafts: Vec<Draft> = entries(&district, months, SEED)?.take(count).collect();
        let lanes = load::lanes(Sealer::new(&home).seal(drafts)?)?;
        runtime.block_on(load::in_batches(server.address(), lanes, &mut Clock::default()))?;
        runtime.block_on(load::check_count(server.address(), count))?;
        Ok(Filled { runtime, server, _home: home })
    }

    /// The log's prefix.
    pub fn url(&self) -> String {
        format!("http://{}/", self.server.address())
    }

    /// The log's public key, as `trust.toml` has it.
    pub fn log_vkey(&self) -> Result<String> {
        let trust = self.runtime.block_on(http::fetch(self.server.address(), "/trust.toml"))?;
        let trust = String::from_utf8(trust).context("trust.toml is no text")?;
        let line = trust.lines().find_map(|line| line.strip_prefix("log = \"")?.strip_suffix('"'));
        Ok(line.context("trust.toml names no log key")?.to_owned())
    }

    /// Ends it as an operator would.
    pub fn stop(self) -> Result<()> {
        self.server.stop()
    }
}
