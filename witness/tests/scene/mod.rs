//! A town's ledger in a folder, and somebody who follows it.
#![allow(dead_code, reason = "each test file uses its part")]

use crate::book::{self, log_signer};
use crate::disk::Disk;
use crate::town::Town;
use client::Mirror;
use keys::{Role, Signer};
use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use std::cell::Cell;
use tempfile::TempDir;
use witness::follow::{Follower, REFUSED, REFUSED_HEAD, Status};
use witness::record::{LATEST, Record};

pub const NOW: u64 = 1_790_000_000;

pub fn replayer() -> Signer {
    Signer::from_secret("witness.example/replay", Role::Cosigner, &[8; 32]).unwrap()
}

/// A town's ledger, and somebody who follows it.
pub struct Scene {
    pub town: Town,
    pub source: TempDir,
    pub disk: Disk,
    pub follower: Follower,
    pub clock: Cell<u64>,
}

impl Scene {
    pub fn new() -> Self {
        let (town, source, disk) = (Town::new(NOW), tempfile::tempdir().unwrap(), Disk::default());
        let follower = follower(&town, &source, &disk);
        Scene { town, source, disk, follower, clock: Cell::new(NOW) }
    }

    /// As after a start of the program.
    pub fn restart(&mut self) {
        self.follower = follower(&self.town, &self.source, &self.disk);
    }

    pub fn look(&self) -> Status {
        self.follower.round(&replayer(), &|| self.clock.get());
        self.follower.status()
    }

    /// Publishes what there is at a time, and looks.
    pub fn publish(&mut self, time: u64) -> Status {
        self.clock.set(time);
        self.town.publish(time);
        self.town.write(self.source.path());
        self.look()
    }

    /// The head vouched for last; its cosignature must hold.
    pub fn vouched(&self) -> Option<(u64, u64)> {
        let bytes = self.disk.file(LATEST)?;
        let signed = SignedCheckpoint::parse(&bytes).unwrap();
        signed.verify_log(log_signer().vkey()).unwrap();
        let key = replayer();
        let mut times = signed
            .signatures
            .iter()
            .filter_map(|line| cosignature::verify(key.vkey(), signed.text(), line).ok());
        assert_eq!(self.follower.state().latest.unwrap().note.as_bytes(), bytes);
        Some((signed.checkpoint.size, times.next().unwrap()))
    }

    pub fn refused(&self) -> serde_json::Value {
        assert!(matches!(self.follower.status(), Status::Refused { .. }), "{:?}", self.follower.status());
        SignedCheckpoint::parse(&self.disk.file(REFUSED_HEAD).unwrap())
            .unwrap()
            .verify_log(log_signer().vkey())
            .unwrap();
        serde_json::from_slice(&self.disk.file(REFUSED).unwrap()).unwrap()
    }
}

pub fn follower(town: &Town, source: &TempDir, disk: &Disk) -> Follower {
    let record = Record::open(&book::config(), Box::new(disk.clone()), replayer().vkey()).unwrap();
    Follower::new(record, Mirror::open(source.path().to_str().unwrap()).unwrap(), town.charter).unwrap()
}
