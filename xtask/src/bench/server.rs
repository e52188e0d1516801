//! A `village-ledger serve` of our own: started, watched, ended by its id.

use super::report::{Goal, Report};
use super::setup::Home;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Submissions a minute and seal: the benchmark is one busy town.
const PER_MINUTE: &str = "100000000";

/// Ticks a second in which Linux counts processor time for programs (USER_HZ).
const TICKS: f64 = 100.0;

/// A running server.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

/// What a process holds, in MB.
pub struct Memory {
    now: f64,
    peak: f64,
}

impl Server {
    /// Starts it; also returns the time until it listened.
    pub fn start(home: &Home, interval: Duration) -> Result<(Self, Duration)> {
        let log = home.path("server.log");
        let errors = File::options().append(true).create(true).open(&log)?;
        let began = Instant::now();
        let mut child = home
            .program("village-ledger")
            .arg("serve")
            .args([std::ffi::OsStr::new("--data"), home.path("data").as_os_str()])
            .args([std::ffi::OsStr::new("--log-key"), home.path("log.key").as_os_str()])
            .args([std::ffi::OsStr::new("--passphrase-file"), home.path("passphrase").as_os_str()])
            .args(["--listen", "127.0.0.1:0", "--submissions-per-minute", PER_MINUTE])
            .args(["--publish-interval-ms", &interval.as_millis().to_string()])
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .context("can't start village-ledger")?;
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("can't read what the server says")?;
        let took = began.elapsed();
        let address = line.trim().strip_prefix("listening on http://").and_then(|a| a.strip_suffix('/'));
        let Some(address) = address.and_then(|a| a.parse().ok()) else {
            let _ = child.kill();
            let status = child.wait()?;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("village-ledger serve did not start ({status}): {line}{said}");
        };
        Ok((Server { child, address }, took))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it holds, from the kernel.
    pub fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name));
            let kib = line.and_then(|l| l.trim().strip_suffix(" kB")).and_then(|n| n.parse::<f64>().ok());
            kib.map(|kib| kib * 1.024e-3).with_context(|| format!("{path} has no {name}"))
        };
        Ok(Memory { now: of("VmRSS:")?, peak: of("VmHWM:")? })
    }

    /// Seconds of processor time that it has used.
    pub fn cpu(&self) -> Result<f64> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        // The name in parentheses may hold anything; after it, utime and stime are the 12th and 13th.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
        ensure!(ticks.len() == 2, "{path} is not as expected");
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    /// Ends it as an operator would.
    pub fn stop(mut self) -> Result<()> {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        ensure!(status.context("can't run kill")?.success(), "the server was gone before it was stopped");
        let status = self.child.wait()?;
        ensure!(status.success(), "the server did not end well: {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end; after an error there is.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Memory {
    /// Adds both figures to the report.
    pub fn report(&self, report: &mut Report, when: &str, entries: usize) {
        let what = |which: &str| format!("server memory {which} {when}, {entries} entries");
        report.add("memory", &what("held"), self.now, "MB", Goal::Under(300.0));
        report.add("memory", &what("at most"), self.peak, "MB", Goal::Under(300.0));
    }
}
