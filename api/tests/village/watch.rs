//! Witnesses for tests: the real program in this process, and others that say what a test wants.

use super::{Key, ORIGIN, Running, VILLAGE, Village, now};
use api::WitnessSettings;
use keys::{Role, Signer};
use ledger::bundle::{Ask, verify};
use ledger::checkpoint::SignedCheckpoint;
use ledger::cosignature;
use ledger::hash::Hash;
use ledger::note::Signature;
use ledger::unit::UnitId;
use ledger::verdict::Code;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use witness::folder::Home;
use witness::{LogConfig, Server};

/// An address that nobody holds.
pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A witness with a place of its own, running or not.
pub struct Post {
    pub name: String,
    pub key: Key,
    pub replay: Key,
    folder: TempDir,
    address: SocketAddr,
    log: LogConfig,
    running: Option<(Runtime, Server)>,
}

impl Post {
    /// One that does not run yet.
    pub fn of(name: &str, log: &Key) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Home::begin(folder.path()).unwrap();
        let origin = log.open().name().to_owned();
        let log = LogConfig { origin, vkeys: vec![log.open().vkey().clone()], follow: None };
        Post {
            key: Key::new(&format!("{name}.example/w"), Role::Cosigner),
            replay: Key::new(&format!("{name}.example/replay"), Role::Cosigner),
            name: name.to_owned(),
            folder,
            address: free(),
            log,
            running: None,
        }
    }

    /// Its line in a policy.
    pub fn line(&self) -> String {
        format!("witness {} {} http://{}/", self.name, self.key.vkey(), self.address)
    }

    /// The line of its replay statement.
    pub fn replay_line(&self) -> String {
        format!("witness {}-replay {} http://{}/replay", self.name, self.replay.vkey(), self.address)
    }

    /// It replays the log in a folder.
    pub fn follow(&mut self, data: &Path, charter: Hash) {
        self.log.follow = Some((data.to_str().unwrap().to_owned(), charter));
    }

    pub fn start(&mut self) {
        let settings = witness::Settings {
            listen: self.address,
            poll: Duration::from_millis(50),
            ..witness::Settings::new(self.folder.path().to_owned(), vec![self.log.clone()])
        };
        let runtime = Runtime::new().unwrap();
        let replayer = self.log.follow.as_ref().map(|_| self.replay.open());
        let server = runtime.block_on(Server::start(settings, self.key.open(), replayer)).unwrap();
        self.running = Some((runtime, server));
    }

    /// It ends, and whoever calls its address gets no answer.
    pub fn hang(&mut self) -> std::net::TcpListener {
        self.stop();
        std::net::TcpListener::bind(self.address).unwrap()
    }

    pub fn stop(&mut self) {
        if let Some((runtime, server)) = self.running.take() {
            runtime.block_on(server.stop()).unwrap();
        }
    }
}

/// What a made-up witness does with a request: writes what it likes.
pub type Act = fn(&Signer, &Asked, &mut TcpStream);

/// A request to a made-up witness.
pub struct Asked {
    /// Its first line.
    pub line: String,
    /// The checkpoint that is to be cosigned, if any.
    pub checkpoint: Option<SignedCheckpoint>,
}

/// A witness that does what a test wants, until the test ends.
pub struct Fake {
    pub name: String,
    pub key: Key,
    pub address: SocketAddr,
}

impl Fake {
    pub fn new(name: &str, act: Act) -> Self {
        let key = Key::new(&format!("{name}.example/w"), Role::Cosigner);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, signer) = (listener.local_addr().unwrap(), std::sync::Arc::new(key.open()));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let signer = std::sync::Arc::clone(&signer);
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    if let Some(asked) = read(&mut stream) {
                        act(&signer, &asked, &mut stream);
                    }
                });
            }
        });
        Fake { name: name.to_owned(), key, address }
    }

    pub fn line(&self) -> String {
        format!("witness {} {} http://{}/", self.name, self.key.vkey(), self.address)
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let (head, body) = loop {
        let n = stream.read(&mut part).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    let checkpoint = body.split_once("\n\n").and_then(|(_, c)| SignedCheckpoint::parse(c.as_bytes()).ok());
    Some(Asked { line: head.lines().next()?.to_owned(), checkpoint })
}

/// Answers with lines as 200.
pub fn answer(stream: &mut TcpStream, lines: &[Signature]) {
    let body: String = lines.iter().map(Signature::line).collect();
    say(stream, "200 OK", "text/plain", body.as_bytes());
}

pub fn say(stream: &mut TcpStream, status: &str, media: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// Looks until something is so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Short times, so that tests don't wait.
pub fn fast(settings: api::Settings) -> api::Settings {
    let witnesses = WitnessSettings {
        patience: Duration::from_millis(300),
        request: Duration::from_millis(800),
        retry: Duration::from_millis(100),
        most: Duration::from_millis(200),
        start: Duration::from_secs(2),
        ..WitnessSettings::default()
    };
    api::Settings { witnesses, per_minute: NonZeroU32::MAX, ..settings }
}

/// A village with running witnesses `w0`, `w1`, …, of which `k` are a quorum.
pub fn watched(n: usize, k: usize) -> (Village, Vec<Post>) {
    let log = Key::new(ORIGIN, Role::Log);
    let mut posts: Vec<Post> = (0..n).map(|i| Post::of(&format!("w{i}"), &log)).collect();
    posts.iter_mut().for_each(Post::start);
    let names: Vec<&str> = posts.iter().map(|post| post.name.as_str()).collect();
    let mut policy: Vec<String> = posts.iter().map(Post::line).collect();
    policy.extend([format!("group all {k} {}", names.join(" ")), "quorum all".to_owned()]);
    (Village::under(log, &policy, now()), posts)
}

pub fn checkpoint(running: &Running) -> SignedCheckpoint {
    SignedCheckpoint::parse(&running.get("/checkpoint").body).unwrap()
}

pub fn health(running: &Running) -> serde_json::Value {
    running.get("/healthz").json()
}

/// Waits until the published head has this size and so many cosigners.
pub fn signed(running: &Running, size: u64, by: u64) -> SignedCheckpoint {
    until(&format!("{by} witnesses of {size} leaves"), || {
        let health = health(running);
        (health["size"] == size && health["witnesses"]["signed"] == by).then(|| checkpoint(running))
    })
}

pub fn times(head: &SignedCheckpoint, key: &Key) -> Vec<u64> {
    let key = key.open();
    head.signatures.iter().filter_map(|l| cosignature::verify(key.vkey(), head.text(), l).ok()).collect()
}

/// What a phone makes of the village's book.
pub fn verdict(village: &Village, running: &Running) -> Code {
    let bundle = running.get(&format!("/api/v1/units/{VILLAGE}/bundle?from=1")).body;
    let ask = Ask { unit: UnitId::parse(VILLAGE), charter: Some(village.charter), memory: None, now: now() };
    let outcome = verify(&bundle, &ask);
    println!("{} {}", outcome.verdict.code, outcome.verdict.detail);
    outcome.verdict.code
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
