//! What a monitor remembers of one log: every signed head it ever saw, and what it told.
//!
//! Heads stand in a file that only grows, a line each; the rest in one that is replaced whole. After a kill at any
//! point each of them is as it was before or after the write.

use super::told::Report;
use ledger::checkpoint::Checkpoint;
use ledger::hash::Hash;
use ledger::note::{self, Signature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The file of heads.
pub const HEADS: &str = "heads";
/// The file of everything else.
pub const STATE: &str = "state.json";
/// The folder of evidence files.
pub const EVIDENCE: &str = "evidence";
/// The folder's format, which stands in [`STATE`].
const VERSION: u32 = 1;
/// Most reports that wait for a webhook that does not answer; the oldest are given up first.
const MAX_WAITING: usize = 10_000;

/// How a head stands to those that were seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It could not be held against them yet.
    Open,
    /// All of one book.
    Placed,
    /// It contradicts one of them.
    Forked,
}

impl Standing {
    const ALL: [(Standing, &'static str); 3] =
        [(Standing::Open, "open"), (Standing::Placed, "placed"), (Standing::Forked, "forked")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(standing, _)| *standing == self).map_or("", |(_, name)| name)
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(standing, _)| *standing)
    }
}

/// A head that the log signed.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The log's signature on it.
    pub line: Signature,
    /// When it was seen first, Unix seconds.
    pub time: u64,
    /// How it stands.
    pub standing: Standing,
}

impl Seen {
    /// The head as the log signed it.
    pub fn note(&self) -> String {
        note::assemble(&self.checkpoint.text(), std::slice::from_ref(&self.line))
    }
}

/// What is replaced whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// When the log was looked at first, Unix seconds.
    pub since: u64,
    /// Log keys that the registry enrolled.
    pub log_keys: Vec<String>,
    /// The witness policy that the registry has in force.
    pub policy: Option<String>,
    /// Leaf 0, once it was read.
    pub charter: Option<String>,
    /// The acts that changed the authority's keys or the log's, as leaves.
    pub acts: Vec<String>,
    /// Latest time at which a whole quorum had cosigned, Unix seconds.
    pub quorum: Option<u64>,
    /// Latest time at which a replayer had cosigned.
    pub replay: Option<u64>,
    /// Largest head that each source showed.
    pub largest: BTreeMap<String, u64>,
    /// Since when each source does not answer.
    pub silent: BTreeMap<String, u64>,
    /// Entries of each unit in the newest head that was replayed.
    pub counts: BTreeMap<String, u64>,
    /// What was told and lasts, by [`super::told::Found::key`].
    pub told: BTreeMap<String, Report>,
    /// What the webhook has not taken yet.
    pub waiting: Vec<Report>,
}

impl State {
    /// A report waits for the webhook.
    pub fn wait(&mut self, report: Report) {
        self.waiting.push(report);
        let over = self.waiting.len().saturating_sub(MAX_WAITING);
        self.waiting.drain(..over);
    }
}

/// One log's folder.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    origin: String,
    heads: BTreeMap<(u64, Hash), Seen>,
    /// What is replaced whole; [`Memory::save`] makes it durable.
    pub state: State,
}

impl Memory {
    /// Opens a log's folder, or begins it at `now`.
    ///
    /// # Errors
    /// What the system said, or that a file is damaged.
    pub fn open(folder: PathBuf, origin: &str, now: u64) -> io::Result<Self> {
        fs::create_dir_all(folder.join(EVIDENCE))?;
        let state = match fs::read(folder.join(STATE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| damaged(STATE, &e))?,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                State { version: VERSION, since: now, ..State::default() }
            }
            Err(e) => return Err(e),
        };
        if state.version != VERSION {
            return Err(damaged(STATE, &"版本不同 / of another version"));
        }
        let mut memory = Memory { folder, origin: origin.to_owned(), heads: BTreeMap::new(), state };
        memory.load()?;
        Ok(memory)
    }

    fn load(&mut self) -> io::Result<()> {
        let path = self.folder.join(HEADS);
        let mut bytes = match fs::read(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            read => read?,
        };
        // A kill in the middle of a line: what it was to say never happened.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < bytes.len() {
            File::options().write(true).open(&path)?.set_len(whole as u64)?;
            bytes.truncate(whole);
        }
        let text = String::from_utf8(bytes).map_err(|e| damaged(HEADS, &e))?;
        for (at, line) in (1..).zip(text.lines()) {
            self.read(line).ok_or_else(|| damaged(HEADS, &format!("第 {at} 行 / line {at}")))?;
        }
        Ok(())
    }

    /// `seen <time> <size> <root> <signature line>`, or `<standing> <size> <root>`.
    fn read(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        if word == "seen" {
            let [time, size, root, line] =
                <[&str; 4]>::try_from(rest.splitn(4, ' ').collect::<Vec<_>>()).ok()?;
            let root = Hash::from_base64(root)?;
            let checkpoint = Checkpoint { origin: self.origin.clone(), size: size.parse().ok()?, root };
            let (line, time) = (Signature::parse(line).ok()?, time.parse().ok()?);
            let key = (checkpoint.size, root);
            self.heads.insert(key, Seen { checkpoint, line, time, standing: Standing::Open });
            return Some(());
        }
        let (size, root) = rest.split_once(' ')?;
        let seen = self.heads.get_mut(&(size.parse().ok()?, Hash::from_base64(root)?))?;
        seen.standing = Standing::of(word)?;
        Some(())
    }

    /// Every head, by size.
    pub fn heads(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.heads.values()
    }

    /// A head that the log signed with `line`; durable when this returns.
    ///
    /// # Errors
    /// What the system said.
    pub fn see(&mut self, checkpoint: &Checkpoint, line: &Signature, now: u64) -> io::Result<()> {
        let key = (checkpoint.size, checkpoint.root);
        if self.heads.contains_key(&key) {
            return Ok(());
        }
        self.append(&format!("seen {now} {} {} {}", checkpoint.size, checkpoint.root, line.line()))?;
        let (checkpoint, line) = (checkpoint.clone(), line.clone());
        self.heads.insert(key, Seen { checkpoint, line, time: now, standing: Standing::Open });
        Ok(())
    }

    /// How a head stands, durably.
    ///
    /// # Errors
    /// What the system said.
    pub fn place(&mut self, checkpoint: &Checkpoint, standing: Standing) -> io::Result<()> {
        self.append(&format!("{} {} {}\n", standing.name(), checkpoint.size, checkpoint.root))?;
        if let Some(seen) = self.heads.get_mut(&(checkpoint.size, checkpoint.root)) {
            seen.standing = standing;
        }
        Ok(())
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let mut file = File::options().create(true).append(true).open(self.folder.join(HEADS))?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }

    /// Makes the state durable.
    ///
    /// # Errors
    /// What the system said; then the old one is there.
    pub fn save(&self) -> io::Result<()> {
        replace(&self.folder.join(STATE), &serde_json::to_vec_pretty(&self.state)?)
    }

    /// Keeps an evidence file; durable when this returns, and there before anybody is told of it.
    ///
    /// # Errors
    /// What the system said.
    pub fn keep(&self, name: &str, text: &str) -> io::Result<String> {
        let file = self.folder.join(EVIDENCE).join(name);
        replace(&file, text.as_bytes())?;
        Ok(file.display().to_string())
    }
}

/// Writes beside, then renames: the name points to the old content or the new one, and both are on disk.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut new = File::create(&beside)?;
    new.write_all(bytes)?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    match file.parent() {
        // Folders can't be opened everywhere; where they can't, the system keeps names by itself.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn damaged(file: &str, what: &dyn std::fmt::Display) -> io::Error {
    let what = format!(
        "{file} 损坏（{what}）。不要删掉：改名保存，它可能是证据 / is damaged: don't delete it, rename and keep it, it may be evidence"
    );
    io::Error::new(ErrorKind::InvalidData, what)
}
