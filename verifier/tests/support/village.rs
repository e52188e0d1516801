//! A village that seals, its server, and what an audit of it tells.

use super::beside::{POSTED, Sealed, salt};
use super::server::Server;
use super::{CREATED, Log, run};
use ledger::hash::Hash;
use ledger::sealed::{Access, Openings};
use serde_json::Value;
use std::path::Path;

pub const FILE: &[u8] = b"minutes\n";
pub const SCAN: &[u8] = b"a scan\n";

/// A village that seals: number 5 a list of 10,000 rows, 6 a voucher, 7 a voucher for inspectors, 8 a list whose names
/// are the households', 9 a notice with a public and a salted attachment.
pub struct Village {
    pub log: Log,
    pub entries: Vec<Sealed>,
    pub folder: tempfile::TempDir,
}

pub fn salted() -> Hash {
    Hash::of(&[&salt("scan"), SCAN].concat())
}

impl Village {
    pub fn new() -> Self {
        let mut log = Log::village();
        let mut entries = vec![
            log.list(5, 10_000, POSTED, Access::Posted),
            log.sealed_voucher(6, POSTED, Access::Posted),
            log.sealed_voucher(7, POSTED, Access::Inspectors),
            log.list(8, 3, POSTED, Access::Household),
        ];
        let files = [(Hash::of(FILE), FILE.len(), "public"), (salted(), SCAN.len(), "inspectors")];
        let note = log.notice_with(9, &files);
        entries.push(Sealed { note, openings: Openings::default(), rows: None });
        entries.iter().for_each(|sealed| log.bring(sealed));
        log.publish(CREATED + 500);
        let folder = log.folder();
        Village { log, entries, folder }
    }

    /// The village's server, which has everything.
    pub fn server(&self) -> Server {
        let mut server = Server::new(self.folder.path().to_owned());
        self.entries[..4].iter().for_each(|sealed| server.keep(sealed));
        server.blobs.insert(Hash::of(FILE).to_hex(), (FILE.to_vec(), None));
        server.blobs.insert(salted().to_hex(), (SCAN.to_vec(), Some(salt("scan"))));
        server
    }

    /// Logs a redaction by town and supervision, and publishes.
    pub fn redact(&mut self, seq: u64, target: usize, paths: &[&str]) {
        let keys = [&self.log.town.clone(), &self.log.supervision()];
        self.log.take(self.log.redaction(seq, &self.entries[target].note, paths, "court", &keys));
        self.log.publish(CREATED + 500 + seq);
        self.log.write(self.folder.path());
    }
}

/// An audit of an address; exit code and report, in which no name stands.
pub fn audit_of(folder: &Path, place: &str, more: &[&str]) -> (i32, Value) {
    let args = [&["audit", place, "--trust", "trust.toml", "--json"], more].concat();
    let output = run(folder, &args);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    assert!(!report.to_string().contains('*'), "a name is told: {report}");
    (output.status.code().unwrap(), report)
}

/// The same, of a server.
pub fn ask(server: Server, more: &[&str]) -> (i32, Value) {
    let folder = server.folder.clone();
    audit_of(&folder, &server.start(), more)
}

/// Codes and numbers of a list of notes.
pub fn told(report: &Value, list: &str) -> Vec<(String, u64)> {
    let notes = report[list]["first"].as_array().unwrap().iter();
    notes.map(|n| (n["code"].as_str().unwrap().to_owned(), n["seq"].as_u64().unwrap_or_default())).collect()
}

pub fn counts(report: &Value, of: &str) -> Vec<(String, u64)> {
    let object = report["beside"][of].as_object().unwrap();
    let counts = object.iter().map(|(name, count)| (name.clone(), count.as_u64().unwrap()));
    counts.filter(|(_, count)| *count > 0).collect()
}

pub fn is(counts: &[(String, u64)], wanted: &[(&str, u64)]) -> bool {
    let mut counts: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    let mut wanted = wanted.to_vec();
    counts.sort_unstable();
    wanted.sort_unstable();
    counts == wanted
}
