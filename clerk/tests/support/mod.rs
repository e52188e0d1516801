//! A ledger in memory behind real TCP, run by the ledger's own rules; and `village-clerk` as it is run.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each test uses its part; a failed step fails it"
)]

pub mod rows;

use keys::{Cost, Passphrase, Role, Signer, file};
use ledger::amend::Amendment;
use ledger::append::{Admission, Past, State, Submission};
use ledger::bundle::{Source, build};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::checkpoint::Checkpoint;
use ledger::entry::Entry;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::{Line, Row};
use ledger::kinds::KINDS;
use ledger::leaf;
use ledger::merkle::{MemoryTree, NoLeaves, Nodes, prove_inclusion, root_of};
use ledger::note;
use ledger::proof::TlogProof;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub const ORIGIN: &str = "mazhang.example/ledger";
pub const TOWNS: [&str; 3] = ["440811100", "440811101", "440811102"];
const PASSPHRASE: &str = "稻花香里说丰年一";
const NOW: u64 = 1_790_000_000;
/// Makes each ledger another one.
static COUNTER: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
pub struct Shelf {
    pub leaves: Vec<Vec<u8>>,
    tree: MemoryTree,
    lines: BTreeMap<UnitId, Vec<(Line, bool)>>,
    rows: Vec<Row>,
    checkpoint: Vec<u8>,
}

impl Past for Shelf {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        let (line, _) = self.lines.get(unit)?.get(usize::try_from(seq).ok()?.checked_sub(1)?)?;
        self.leaves.get(line.index as usize).cloned()
    }
    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        let all = self.lines.get(unit).into_iter().flatten().filter(|(_, amends)| *amends);
        let read = all.filter_map(|(line, _)| Entry::of_leaf(&self.leaves[line.index as usize]).ok());
        read.filter_map(|e| Amendment::of(&e)).filter(|(of, _)| *of == target).map(|(_, it)| it).collect()
    }
}

impl Nodes for Shelf {
    type Error = NoLeaves;
    fn node(&self, level: u8, index: u64) -> Result<Hash, NoLeaves> {
        self.tree.node(level, index)
    }
}

impl Source for Shelf {
    fn checkpoint(&self) -> (&[u8], u64) {
        (&self.checkpoint, self.leaves.len() as u64)
    }
    fn rows(&self) -> &[Row] {
        &self.rows
    }
    fn leaf(&self, index: u64) -> Result<Vec<u8>, NoLeaves> {
        self.leaves.get(index as usize).cloned().ok_or(NoLeaves)
    }
    fn lines(&self, unit: &UnitId, count: u64) -> Result<Vec<Line>, NoLeaves> {
        Ok(self.lines.get(unit).into_iter().flatten().map(|(line, _)| *line).take(count as usize).collect())
    }
}

pub struct Log {
    signer: Signer,
    pub ledger: LedgerId,
    pub state: State,
    pub shelf: Shelf,
    /// Posts that arrived, faulty ones included.
    pub posts: usize,
    /// Answers to lose on purpose: the batch is logged, the connection is cut.
    pub lose: usize,
}

impl Log {
    fn publish(&mut self, mut waiting: Vec<Vec<u8>>) {
        let (index, lines, _) = self.state.close(NOW, Vec::new());
        for (unit, line, amendment) in lines {
            self.shelf.lines.entry(unit).or_default().push((line, amendment));
        }
        let text = index.text();
        waiting.push(leaf::seal(&text, vec![self.signer.sign_note(&text).unwrap()]).into_bytes());
        for leaf in waiting {
            self.shelf.tree.append(leaf_hash(&leaf));
            self.shelf.leaves.push(leaf);
        }
        self.shelf.rows = self.state.books.rows();
        let size = self.shelf.leaves.len() as u64;
        let root = root_of(&self.shelf.tree, size).unwrap();
        let text = Checkpoint { origin: ORIGIN.to_owned(), size, root }.text();
        self.shelf.checkpoint = note::assemble(&text, &[self.signer.sign_note(&text).unwrap()]).into_bytes();
    }

    fn submit(&mut self, notes: Vec<String>) -> (u16, serde_json::Value) {
        use serde_json::json;
        self.posts += 1;
        let (mut batch, mut faults) = (Vec::new(), Vec::new());
        for (at, note) in notes.into_iter().enumerate() {
            let read = Submission::parse(note.into_bytes(), KINDS).and_then(|mut s| {
                s.verify(&self.state.registry)?;
                Ok(s)
            });
            match read {
                Ok(submission) => batch.push(submission),
                Err(refusal) => faults.push((at, refusal)),
            }
        }
        let admitted = match faults.is_empty() {
            true => self.state.admit(&batch, 1_795_000_000, &self.shelf),
            false => Err(faults),
        };
        match admitted {
            Err(faults) => {
                let status = if faults[0].1.next_seq.is_some() { 409 } else { 422 };
                let errors: Vec<_> = faults
                    .iter()
                    .map(|(at, r)| json!({"at": at, "code": r.code.name(), "field": r.field, "what": r.what, "next_seq": r.next_seq}))
                    .collect();
                (status, json!({"title": "有条目不合规", "code": "refused", "errors": errors}))
            }
            Ok(admitted) => {
                let new = |(s, a): (&Submission, &Admission)| {
                    matches!(a, Admission::New(_)).then(|| s.bytes.clone())
                };
                self.publish(batch.iter().zip(&admitted).filter_map(new).collect());
                let place = |s: &Submission| {
                    let line = self.shelf.lines[&s.entry.unit()][s.entry.seq() as usize - 1].0;
                    json!({"unit": line_unit(s), "seq": line.seq, "index": line.index, "leaf": line.leaf.to_base64()})
                };
                let entries: Vec<_> = batch.iter().map(place).collect();
                (200, json!({"entries": entries, "published": true, "size": self.shelf.leaves.len()}))
            }
        }
    }

    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        use serde_json::json;
        let row = |unit: &UnitId| self.shelf.rows.iter().find(|r| r.unit == *unit);
        let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split(['/', '?']).collect();
        let unit = parts.get(1).and_then(|u| UnitId::parse(u));
        let line = |unit: &UnitId, seq: &str| {
            seq.parse::<usize>()
                .ok()
                .and_then(|n| self.shelf.lines.get(unit)?.get(n.checked_sub(1)?))
                .map(|l| l.0)
        };
        let json = |value: serde_json::Value| (200, value.to_string().into_bytes());
        match (parts.as_slice(), unit) {
            (["units"], _) => {
                let units: Vec<_> = self
                    .state
                    .registry
                    .profiles()
                    .map(|(unit, p)| {
                        let count = row(unit).map_or(0, |r| r.count);
                        json!({"unit": unit.to_string(), "name": p.name, "parent": p.parent, "count": count, "amendments": 0})
                    })
                    .collect();
                json(
                    json!({"ledger": self.ledger.as_str(), "size": self.shelf.leaves.len(), "time": NOW, "checkpoint": "", "units": units}),
                )
            }
            (["units", _], Some(unit)) => match row(&unit) {
                Some(row) => json(json!({"count": row.count, "next_seq": row.count + 1})),
                None => (404, Vec::new()),
            },
            (["units", _, "bundle", query], Some(unit)) => {
                let from = query.trim_start_matches("from=").parse().unwrap();
                (200, build(&self.shelf, unit, from, None).unwrap().encode())
            }
            (["entries", _, seq], Some(unit)) => match line(&unit, seq) {
                Some(line) => (200, self.shelf.leaves[line.index as usize].clone()),
                None => (404, Vec::new()),
            },
            (["proof", _, seq], Some(unit)) => {
                let line = line(&unit, seq).unwrap();
                let path = prove_inclusion(&self.shelf, line.index, self.shelf.leaves.len() as u64).unwrap();
                let leaf = self.shelf.leaves[line.index as usize].clone();
                let checkpoint = self.shelf.checkpoint.clone();
                (200, TlogProof { extra: Some(leaf), index: line.index, path, checkpoint }.encode())
            }
            _ => (404, Vec::new()),
        }
    }
}

fn line_unit(submission: &Submission) -> String {
    submission.entry.unit().to_string()
}

/// A running ledger, its folder of key files, and the clerk's tool.
pub struct World {
    pub dir: tempfile::TempDir,
    pub url: String,
    log: Arc<Mutex<Log>>,
}

fn key(name: &str, n: u8) -> Signer {
    Signer::from_secret(name, Role::of_name(name).unwrap(), &[n; 32]).unwrap()
}

pub fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo").join(name)
}

impl World {
    /// An empty ledger; key files `authority.key`, `<town>.key`, `<town>-new.key`, `supervision.key`, and `pass`.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (log, authority) = (key(ORIGIN, 1), key("mazhang.example/ledger/authority/a", 2));
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: vec!["quorum none".to_owned()],
            catalogue: None,
            created: NOW + COUNTER.fetch_add(1, Ordering::Relaxed),
        };
        let text = charter.text();
        let signatures = vec![authority.sign_note(&text).unwrap(), log.sign_note(&text).unwrap()];
        let note = leaf::seal(&text, signatures).into_bytes();
        let (charter, hash) = Charter::open(&note).unwrap();
        let ledger = LedgerId::new(ORIGIN, &hash);
        let state = State::new(&charter, &hash);
        let mut log = Log { signer: log, ledger, state, shelf: Shelf::default(), posts: 0, lose: 0 };
        log.publish(vec![note]);

        let world = World { url: String::new(), log: Arc::new(Mutex::new(log)), dir };
        world.write_key("authority", &authority);
        for (n, town) in (10..).zip(TOWNS) {
            let name = format!("{ORIGIN}/seal/{town}/township");
            world.write_key(town, &key(&name, n));
            world.write_key(&format!("{town}-new"), &key(&name, n + 10));
        }
        world.write_key("supervision", &key(&format!("{ORIGIN}/seal/440811100391/supervision"), 40));
        std::fs::write(world.dir.path().join("pass"), PASSPHRASE).unwrap();
        let url = serve(Arc::clone(&world.log));
        World { url, ..world }
    }

    /// With units and the towns' seals enrolled by the tool itself.
    pub fn enrolled() -> Self {
        let world = Self::new();
        world.ok(&["units", "--divisions", &world.demo("divisions_sample.csv"), "--key", "authority.key"]);
        for town in TOWNS {
            let seal_key = format!("{town}.key");
            world.ok(&[
                "seal",
                "add",
                "--seal-key",
                &seal_key,
                "--holder",
                "镇政府",
                "--key",
                "authority.key",
            ]);
        }
        world
    }

    fn write_key(&self, name: &str, signer: &Signer) {
        let path = self.dir.path().join(format!("{name}.key"));
        file::write(&path, signer, &Passphrase::new(PASSPHRASE.to_owned()), Cost::Light).unwrap();
    }

    pub fn demo(&self, name: &str) -> String {
        demo(name).to_str().unwrap().to_owned()
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Runs the tool, with the server where the command takes one.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_village-clerk"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .env_remove("VILLAGE_LEDGER_SERVER");
        let offline = ["import", "check", "sign"].contains(&args[0]);
        if !offline && !args.contains(&"--server") {
            command.args(["--server", &self.url]);
        }
        if args.contains(&"--key") || args.contains(&"--seal-key") {
            command.args(["--passphrase-file", "pass"]);
        }
        command.output().unwrap()
    }

    /// Runs the tool, which must succeed; returns what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the tool, which must end with this code; returns what it said.
    pub fn fails(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", err(&output));
        err(&output)
    }

    /// Imports the sample table into a draft.
    pub fn import(&self, draft: &str) {
        let (table, divisions) = (self.demo("sample_disclosures.csv"), self.demo("divisions_sample.csv"));
        self.ok(&["import", &table, "--divisions", &divisions, "--out", draft]);
    }

    pub fn seal_all(&self, draft: &str) {
        let keys: Vec<String> = TOWNS.iter().map(|t| format!("{t}.key")).collect();
        self.ok(&[
            "sign", "--key", &keys[0], "--key", &keys[1], "--key", &keys[2], draft, "--server", &self.url,
        ]);
    }

    pub fn read(&self, file: &str) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.dir.path().join(file)).unwrap()).unwrap()
    }
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn serve(log: Arc<Mutex<Log>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            reader.read_line(&mut line).unwrap();
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if header.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let mut log = log.lock().unwrap();
            let path = line.split(' ').nth(1).unwrap();
            let (status, answer) = if line.starts_with("POST") {
                let batch: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let (status, answer) = log.submit(serde_json::from_value(batch["entries"].clone()).unwrap());
                if log.lose > 0 {
                    log.lose -= 1;
                    continue;
                }
                (status, answer.to_string().into_bytes())
            } else {
                log.get(path)
            };
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
        }
    });
    url
}
