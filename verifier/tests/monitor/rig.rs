//! A monitor with its configuration and state in a folder of the test.

use crate::host::Host;
use crate::support::Log;
use ledger::hash::Hash;
use std::path::PathBuf;
use std::sync::Mutex;
use verifier::monitor::follow::Places;
use verifier::monitor::{Config, Monitor, Report, Round};

pub struct Rig {
    pub dir: tempfile::TempDir,
}

/// What one round did.
#[derive(Debug)]
pub struct Done {
    pub round: Round,
    pub told: Vec<Report>,
}

impl Done {
    /// Codes with `open` or `resolved`, sorted.
    pub fn codes(&self) -> Vec<String> {
        let code = |report: &Report| {
            let json: serde_json::Value = serde_json::from_str(&report.line()).unwrap();
            format!("{} {}", json["code"].as_str().unwrap(), json["state"].as_str().unwrap())
        };
        let mut codes: Vec<String> = self.told.iter().map(code).collect();
        codes.sort();
        codes
    }

    pub fn tells(&self, codes: &[&str]) {
        assert_eq!(self.codes(), codes, "{self:#?}");
    }
}

impl Rig {
    /// Watches a log at an address; `more` are further lines of its table.
    pub fn new(log: &Log, url: &str, more: &str) -> Self {
        let rig = Rig { dir: tempfile::tempdir().unwrap() };
        std::fs::write(rig.dir.path().join("trust.toml"), log.trust().text()).unwrap();
        rig.configure("silent_after = 0", url, more);
        rig
    }

    pub fn configure(&self, top: &str, url: &str, more: &str) {
        let text = format!(
            "interval = 1\ntimeout = 2\n{top}\n\n[[log]]\ntrust = \"trust.toml\"\nurl = \"{url}\"\n{more}\n"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    pub fn charter(&self) -> Hash {
        Config::read(&self.file()).unwrap().logs[0].trust.charter
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("monitor.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// The one log's folder of the state.
    pub fn memory(&self) -> PathBuf {
        let mut folders = std::fs::read_dir(self.state()).unwrap().map(|item| item.unwrap().path());
        folders.find(|path| path.is_dir()).unwrap()
    }

    /// A program that starts, looks once and ends.
    pub fn round(&self, now: u64) -> Done {
        self.rounds(|round| round(now))
    }

    /// One program's rounds.
    pub fn rounds<R>(&self, test: impl FnOnce(&mut dyn FnMut(u64) -> Done) -> R) -> R {
        let config = Config::read(&self.file()).unwrap();
        let places: Vec<Places> = config.logs.iter().map(|log| Places::new(log.places().unwrap())).collect();
        let mut monitor: Option<Monitor> = None;
        let mut round = |now| {
            let monitor =
                monitor.get_or_insert_with(|| Monitor::new(&config, &places, &self.state(), now).unwrap());
            let told = Mutex::new(Vec::new());
            let round = monitor.round(now, |report| told.lock().unwrap().push(report.clone())).unwrap();
            Done { round, told: told.into_inner().unwrap() }
        };
        test(&mut round)
    }
}

/// `mirrors = […]` or `witnesses = […]`.
pub fn list(name: &str, hosts: &[&Host]) -> String {
    let hosts: Vec<String> = hosts.iter().map(|host| format!("\"{}\"", host.address)).collect();
    format!("{name} = [{}]\n", hosts.join(", "))
}
