//! Logs in folders, and the binary run on them.

use crate::world::World;
use client::Trust;
use ledger::hash::Hash;
use ledger::merkle::{MemoryTree, Nodes as _};
use ledger::tile::{TileKind, encode_bundle, encode_tile, new_tiles};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the binary answered.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn run(args: &[&str]) -> Run {
    let done = Command::new(env!("CARGO_BIN_EXE_village-verifier")).args(args).output().unwrap();
    Run {
        code: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Exit 0, and no other word for it.
    pub fn holds(&self) -> bool {
        self.code == 0
    }
}

/// A log as a folder, with the trust material of its ledger beside it.
pub struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    pub fn of(world: &World) -> Self {
        let folder = Folder { dir: tempfile::tempdir().unwrap() };
        let trust = Trust::of_charter(&world.charter, world.charter_hash);
        folder.put("trust.toml", trust.text().as_bytes());
        write_tiles(&folder.log(), &world.shelf.leaves, &world.shelf.tree);
        folder.put("log/checkpoint", &world.shelf.checkpoint);
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn log(&self) -> PathBuf {
        self.path("log")
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        put(&self.path(name), bytes);
    }

    pub fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// The log's files, named from the folder's root.
    pub fn files(&self) -> Vec<String> {
        let mut out = Vec::new();
        walk(&self.log(), &mut |file| {
            out.push(file.strip_prefix(self.dir.path()).unwrap().to_str().unwrap().to_owned());
        });
        out.sort();
        out
    }

    pub fn audit(&self) -> Run {
        self.audit_of(self.log().to_str().unwrap())
    }

    /// An audit of another place under this trust material.
    pub fn audit_of(&self, place: &str) -> Run {
        run(&["audit", place, "--trust", self.path("trust.toml").to_str().unwrap(), "--json"])
    }

    pub fn check(&self, receipt: &[u8]) -> Run {
        self.put("receipt.tlog-proof", receipt);
        let (file, trust) = (self.path("receipt.tlog-proof"), self.path("trust.toml"));
        run(&["check", file.to_str().unwrap(), "--trust", trust.to_str().unwrap(), "--json"])
    }
}

/// Everything of a log but its checkpoint, as tlog-tiles.
pub fn write_tiles(folder: &Path, leaves: &[Vec<u8>], tree: &MemoryTree) {
    for path in new_tiles(0, leaves.len() as u64) {
        let first = path.index() * 256;
        let range = first..first + u64::from(path.width());
        let bytes = match path.kind() {
            TileKind::Entries => encode_bundle(range.map(|i| leaves[i as usize].as_slice())).unwrap(),
            TileKind::Hashes(level) => {
                let hashes: Vec<Hash> = range.map(|i| tree.node(level * 8, i).unwrap()).collect();
                encode_tile(&hashes)
            }
        };
        put(&folder.join(path.to_string()), &bytes);
    }
}

/// The report on a world's log.
pub fn audit(world: &World) -> Run {
    Folder::of(world).audit()
}

/// The log holds; its report.
pub fn holds(world: &World, verdict: &str) -> Value {
    let run = audit(world);
    assert!(run.holds(), "{run:?}");
    let report = run.json();
    assert_eq!((report["verdict"].as_str(), report["faults"]["count"].as_u64()), (Some(verdict), Some(0)));
    report
}

/// The log does not hold: exit 1 and this verdict; its report.
pub fn fails(world: &World, verdict: &str) -> Value {
    let run = audit(world);
    assert_eq!(run.code, 1, "{run:?}");
    let report = run.json();
    assert_eq!(report["verdict"], verdict, "{report:#}");
    report
}

/// The notes of one code in a list of a report.
pub fn notes(report: &Value, list: &str, code: &str) -> Vec<Value> {
    report[list]["first"].as_array().unwrap().iter().filter(|n| n["code"] == code).cloned().collect()
}

pub fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[bit / 8] ^= 1 << (bit % 8);
    out
}

fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn walk(folder: &Path, found: &mut impl FnMut(&Path)) {
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found(&path) }
    }
}
