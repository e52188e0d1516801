//! A folder in memory that is slow, fails, or loses power where a test tells it to.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use witness::folder::Folder;

/// What the one step that fails leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NotDone,
    YetDone,
}

/// What a power cut makes of names and contents that were not yet durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// All of it is gone.
    Lost,
    /// Names came through; contents are whole where they were synced, torn where not.
    Kept,
    /// As `Kept`, with empty files in place of torn ones.
    Empty,
}

impl Cut {
    pub const ALL: [Cut; 3] = [Cut::Lost, Cut::Kept, Cut::Empty];
}

#[derive(Clone, Default)]
struct Inner {
    seen: BTreeMap<String, Vec<u8>>,
    durable: BTreeMap<String, Vec<u8>>,
    /// A file that was being written when the power went.
    torn: Option<(String, Vec<u8>)>,
    history: Vec<(String, Vec<u8>)>,
    steps: u64,
    cut_after: Option<u64>,
    fault: Option<(u64, Fault)>,
}

#[derive(Clone, Default)]
pub struct Disk {
    inner: Arc<Mutex<Inner>>,
    pause: Duration,
}

impl Disk {
    pub fn slow(pause: Duration) -> Self {
        Disk { pause, ..Disk::default() }
    }

    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.inner.lock().unwrap().seen.get(name).cloned()
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        self.inner.lock().unwrap().seen.insert(name.to_owned(), bytes.to_vec());
    }

    /// Every content that a name has had.
    pub fn history(&self, name: &str) -> Vec<Vec<u8>> {
        let inner = self.inner.lock().unwrap();
        inner.history.iter().filter(|(n, _)| n == name).map(|(_, bytes)| bytes.clone()).collect()
    }

    /// Changing steps so far.
    pub fn steps(&self) -> u64 {
        self.inner.lock().unwrap().steps
    }

    /// Only so many more steps are done; from then on everything fails.
    pub fn cut_after(&self, steps: u64) {
        let mut inner = self.inner.lock().unwrap();
        inner.cut_after = Some(inner.steps + steps);
    }

    /// The step after so many more fails.
    pub fn fail_once(&self, steps: u64, fault: Fault) {
        let mut inner = self.inner.lock().unwrap();
        inner.fault = Some((inner.steps + steps, fault));
    }

    /// What is found after the cut.
    pub fn after_power_cut(&self, cut: Cut) -> Disk {
        let inner = self.inner.lock().unwrap().clone();
        let mut files = if cut == Cut::Lost { inner.durable } else { inner.seen };
        if let Some((name, torn)) = inner.torn.filter(|_| cut != Cut::Lost) {
            files.insert(name, if cut == Cut::Empty { Vec::new() } else { torn });
        }
        let inner = Inner { seen: files.clone(), durable: files, ..Inner::default() };
        Disk { inner: Arc::new(Mutex::new(inner)), pause: Duration::ZERO }
    }

    fn step(&self, torn: Option<(&str, &[u8])>, work: impl FnOnce(&mut Inner)) -> io::Result<()> {
        std::thread::sleep(self.pause);
        let mut inner = self.inner.lock().unwrap();
        if inner.cut_after.is_some_and(|at| inner.steps >= at) {
            let half = torn.map(|(name, bytes)| (name.to_owned(), bytes[..bytes.len() / 2].to_vec()));
            inner.torn = inner.torn.take().or(half);
            inner.cut_after = Some(0);
            return Err(io::Error::other("no power"));
        }
        let fault = inner.fault.filter(|(at, _)| *at == inner.steps).map(|(_, fault)| fault);
        inner.steps += 1;
        if fault != Some(Fault::NotDone) {
            work(&mut inner);
        }
        if fault.is_some() { Err(io::Error::other("a fault")) } else { Ok(()) }
    }
}

impl Folder for Disk {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.file(name))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step(Some((name, bytes)), |inner| {
            inner.seen.insert(name.to_owned(), bytes.to_vec());
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(None, |inner| {
            let bytes = inner.seen.remove(from).unwrap();
            inner.history.push((to.to_owned(), bytes.clone()));
            inner.seen.insert(to.to_owned(), bytes);
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.step(None, |inner| inner.durable = inner.seen.clone())
    }
}
