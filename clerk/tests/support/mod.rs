//! A ledger in memory behind real TCP, run by the ledger's own rules; and `village-clerk` as it is run.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each test uses its part; a failed step fails it"
)]

pub mod rows;

use base64ct::{Base64, Encoding as _};
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
use ledger::note::{self, Note};
use ledger::payment_rows::{Rows, list_of};
use ledger::proof::TlogProof;
use ledger::sealed::{Openings, redaction_of};
use ledger::unit::UnitId;
use ledger::upload::Ticket;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// What it takes for the time, Unix seconds.
    pub clock: u64,
    /// Posts that arrived, faulty ones included.
    pub posts: usize,
    /// Answers to lose on purpose: the batch is logged, the connection is cut.
    pub lose: usize,
    /// What was uploaded, by digest, and how often something was.
    pub blobs: BTreeMap<Hash, Vec<u8>>,
    pub uploads: usize,
    /// What opens the entries, as long as no redaction withdrew it.
    pub openings: BTreeMap<(UnitId, u64), Openings>,
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

    fn put(&mut self, digest: &str, ticket: &str, salt: Option<&str>, file: &[u8]) -> u16 {
        self.uploads += 1;
        let note = Base64::decode_vec(ticket).unwrap_or_default();
        let (Ok(ticket), Ok(note)) = (Ticket::parse(&note), Note::parse(&note)) else { return 401 };
        if self.state.registry.may_upload(&note, &ticket, self.clock).is_err() || ticket.ledger != self.ledger
        {
            return 401;
        }
        let salt = salt.map(|salt| Base64::decode_vec(salt).unwrap()).unwrap_or_default();
        let found = Hash::of(&[salt.as_slice(), file].concat());
        if found.to_hex() != digest || found != ticket.digest || file.len() as u64 != ticket.size {
            return 422;
        }
        if self.blobs.insert(found, file.to_vec()).is_some() { 200 } else { 201 }
    }

    fn submit(&mut self, notes: Vec<String>, openings: Vec<serde_json::Value>) -> (u16, serde_json::Value) {
        use serde_json::json;
        self.posts += 1;
        let (mut batch, mut faults) = (Vec::new(), Vec::new());
        for (at, note) in notes.into_iter().enumerate() {
            let read = Submission::parse(note.into_bytes(), KINDS).and_then(|mut s| {
                s.verify(&self.state.registry)?;
                let given = openings.get(at).map_or("[]".to_owned(), spelled);
                let rows = list_of(&s.entry).and_then(|list| Rows::parse(self.blobs.get(&list.digest)?).ok());
                s.bring(Openings::parse(given.as_bytes()).unwrap(), rows.as_ref(), &|file| {
                    assert_eq!(self.blobs[&file.digest].len() as u64, file.size);
                    Ok(())
                });
                Ok(s)
            });
            match read {
                Ok(submission) => batch.push(submission),
                Err(refusal) => faults.push((at, refusal)),
            }
        }
        let admitted = match faults.is_empty() {
            true => self.state.admit(&batch, self.clock, &self.shelf),
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
                for s in batch
                    .iter()
                    .zip(&admitted)
                    .filter(|(_, a)| matches!(a, Admission::New(_)))
                    .map(|(s, _)| s)
                {
                    let (unit, openings) = (s.entry.unit(), s.beside.clone().unwrap());
                    self.openings.insert((unit, s.entry.seq()), openings);
                    if let Some((target, paths)) = redaction_of(&s.entry) {
                        let kept = self.openings.get_mut(&(unit, target)).unwrap();
                        *kept = kept.without(&paths);
                    }
                }
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

    pub fn leaf_of(&self, unit: &UnitId, seq: usize) -> Hash {
        self.shelf.lines[unit][seq - 1].0.leaf
    }

    /// What a reader may see of an entry's openings: an inspector all that is kept, others nothing here.
    fn seen(&self, unit: &UnitId, seq: u64, token: Option<&String>) -> Option<Openings> {
        let inspector = token.is_some_and(|token| token == "Bearer inspectors-token");
        self.openings.get(&(*unit, seq)).map(|o| if inspector { o.clone() } else { Openings::default() })
    }

    fn get(&self, path: &str, token: Option<&String>) -> (u16, Vec<u8>) {
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
            (["openings", _, seq], Some(unit)) => match self.seen(&unit, seq.parse().unwrap(), token) {
                Some(openings) => (200, openings.text().into_bytes()),
                None => (404, Vec::new()),
            },
            (["units", _, "openings", _], Some(unit)) => {
                let of_unit = self.openings.keys().filter(|(of, _)| *of == unit).map(|(_, seq)| *seq);
                let seen = of_unit.map(|seq| (seq, self.seen(&unit, seq, token).unwrap().without(&["rows"])));
                let kept = seen.filter(|(_, openings)| !openings.is_empty());
                (200, kept.map(|(seq, o)| format!("{seq} {}\n", o.text())).collect::<String>().into_bytes())
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

/// Openings in the one spelling, which serde's order of names is not.
fn spelled(openings: &serde_json::Value) -> String {
    let item = |o: &serde_json::Value| {
        let [path, salt, value, access] = ["path", "salt", "value", "access"].map(|name| o[name].to_string());
        format!(r#"{{"path":{path},"salt":{salt},"value":{value},"access":{access}}}"#)
    };
    format!("[{}]", openings.as_array().unwrap().iter().map(item).collect::<Vec<_>>().join(","))
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
        let mut log = Log {
            signer: log,
            ledger,
            state,
            shelf: Shelf::default(),
            clock: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
            posts: 0,
            lose: 0,
            blobs: BTreeMap::new(),
            uploads: 0,
            openings: BTreeMap::new(),
        };
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
        let offline = ["import", "check", "sign", "leaflets"].contains(&args[0]);
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
            let (mut line, mut headers) = (String::new(), BTreeMap::new());
            reader.read_line(&mut line).unwrap();
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                if header.trim().is_empty() {
                    break;
                }
                let (name, value) = header.split_once(':').unwrap();
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            if headers.contains_key("expect") {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let mut log = log.lock().unwrap();
            let path = line.split(' ').nth(1).unwrap();
            let (status, answer) = if line.starts_with("POST") {
                let batch: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let [entries, openings] = ["entries", "openings"].map(|name| batch[name].clone());
                let (status, answer) = log.submit(
                    serde_json::from_value(entries).unwrap(),
                    serde_json::from_value(openings).unwrap(),
                );
                if log.lose > 0 {
                    log.lose -= 1;
                    continue;
                }
                (status, answer.to_string().into_bytes())
            } else if let Some(digest) =
                path.strip_prefix("/api/v1/blobs/").filter(|_| line.starts_with("PUT"))
            {
                let salt = headers.get("blob-salt").map(String::as_str);
                (log.put(digest, &headers["upload-ticket"], salt, &body), Vec::new())
            } else {
                log.get(path, headers.get("authorization"))
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
