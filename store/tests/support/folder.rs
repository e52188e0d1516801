//! A log in a folder, and what lies beside it: for tests that look into the files themselves.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test stops at the first surprise"
)]

use super::{Brought, NOW, UNIT, Village, bring, log_key, options, run, submit};
use ledger::unit::UnitId;
use std::fs;
use std::path::Path;
use store::{Log, init_path};

pub const GROUP: &str = "440811100391-01";
pub const NAMES: [&str; 2] = ["李*明", "王*"];
pub const ALL: [&str; 2] = ["approvals.0.name", "counterparty.name"];

pub fn unit() -> UnitId {
    UnitId::parse(UNIT).unwrap()
}

/// A log in a folder with the village's registry.
pub fn folder(village: &Village) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    init_path(dir.path(), &village.charter, &village.log, NOW).unwrap();
    let log = open(dir.path());
    submit(&log, village.registry()).unwrap();
    submit(&log, vec![village.supervisor()]).unwrap();
    run(log.shutdown());
    dir
}

pub fn open(dir: &Path) -> Log {
    Log::open_path(dir, log_key(), options()).unwrap()
}

pub fn take(log: &Log, brought: &Brought) {
    run(log.submit(vec![bring(log, brought)])).unwrap();
}

/// Every file below a folder that holds one of these bytes, whatever its name.
pub fn grep(dir: &Path, wanted: &[Vec<u8>]) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted.iter().any(|w| fs::read(&path).unwrap().windows(w.len()).any(|b| b == w)) {
                found.push(path.strip_prefix(dir).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}
