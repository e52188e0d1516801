//! A village for tests: fresh keys, a ledger in a temporary folder, signed entries, and a plain HTTP client.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "each test program uses a part of it, and a test that can't go on should stop"
)]

pub mod beside;
pub mod http;
pub mod watch;

use api::{ServeError, Server, Settings};
use http::{Answer, send};
use keys::{Role, Signer, system_random};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::leaf::{self, LeafType};
use ledger::registry::SealRole;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const ORIGIN: &str = "village.example/ledger";
pub const DISTRICT: &str = "440811";
pub const TOWN_REGISTRY: &str = "440811100000-99";
pub const VILLAGE_REGISTRY: &str = "440811100391-99";
pub const VILLAGE: &str = "440811100391-00";

/// A key whose secret is kept, so that it can be opened as often as a test starts a server.
pub struct Key {
    name: String,
    role: Role,
    secret: [u8; 32],
}

impl Key {
    pub fn new(name: &str, role: Role) -> Self {
        let mut secret = [0; 32];
        system_random(&mut secret).unwrap();
        Key { name: name.to_owned(), role, secret }
    }

    pub fn open(&self) -> Signer {
        Signer::from_secret(&self.name, self.role, &self.secret).unwrap()
    }

    pub fn vkey(&self) -> String {
        self.open().vkey().to_string()
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A ledger on disk with its keys.
pub struct Village {
    pub folder: TempDir,
    pub log: Key,
    pub authority: Key,
    pub seal: Key,
    pub ledger: LedgerId,
    pub charter: Hash,
}

impl Village {
    /// A ledger that was just started: charter and first index leaf.
    pub fn new() -> Self {
        Self::new_at(now())
    }

    /// A ledger that was started at a time.
    pub fn new_at(created: u64) -> Self {
        Self::under(Key::new(ORIGIN, Role::Log), &["quorum none".to_owned()], created)
    }

    /// A ledger of a key, under a witness policy.
    pub fn under(log: Key, policy: &[String], created: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Key::new(&format!("{ORIGIN}/authority/a"), Role::Authority);
        let seal = Key::new(&format!("{ORIGIN}/seal/440811100/township"), Role::Seal(SealRole::Township));
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.open().vkey().clone(),
            authority: Authority { keys: vec![authority.open().vkey().clone()], threshold: 1 },
            district: DISTRICT.to_owned(),
            policy: policy.to_vec(),
            catalogue: None,
            created,
        };
        let text = charter.text();
        let signatures =
            vec![authority.open().sign_note(&text).unwrap(), log.open().sign_note(&text).unwrap()];
        let note = leaf::seal(&text, signatures);
        let (_, hash) = Charter::open(note.as_bytes()).unwrap();
        let village =
            Village { ledger: LedgerId::new(ORIGIN, &hash), charter: hash, folder, log, authority, seal };
        store::init_path(&village.data(), note.as_bytes(), &village.log.open(), created).unwrap();
        village
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The JSON of an entry, the body last but for `signed_at`.
    pub fn json(&self, unit: &str, seq: u64, kind: &str, body: Object) -> Object {
        self.full(unit, seq, kind, Object::new(), body)
    }

    /// The JSON of an entry with some of the fields that may be there, in the envelope's order.
    pub fn full(&self, unit: &str, seq: u64, kind: &str, rest: Object, body: Object) -> Object {
        let given = Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit)
            .with("seq", seq as i64)
            .with("kind", kind);
        let given = rest.fields().iter().fold(given, |o, (n, v)| o.with(n, v.clone()));
        let given = given.with("body", body).with("signed_at", now() as i64);
        // In the order of the envelope.
        ledger::entry::FIELDS
            .iter()
            .fold(Object::new(), |out, name| out.with_some(name, given.get(name).cloned()))
    }

    pub fn sign(&self, json: &Object, keys: &[&Key]) -> String {
        let text = leaf::text(LeafType::Entry, json);
        leaf::seal(&text, keys.iter().map(|k| k.open().sign_note(&text).unwrap()).collect())
    }

    /// The township's seal and the village's profile.
    pub fn founding(&self) -> Vec<String> {
        let seal = Object::new()
            .with("act", "add")
            .with("vkey", self.seal.vkey())
            .with("role", "township")
            .with("scope", "440811100")
            .with("holder", "麻章镇人民政府");
        let contact = Object::new().with("office", "村务监督委员会").with("phone", "0759-0000001");
        let unit = Object::new()
            .with("unit", VILLAGE)
            .with("name", "榕溪村")
            .with("parent", "麻章镇")
            .with("contacts", vec![Value::Object(contact)]);
        vec![
            self.sign(&self.json(TOWN_REGISTRY, 1, "seal", seal), &[&self.authority, &self.seal]),
            self.sign(&self.json(VILLAGE_REGISTRY, 1, "unit", unit), &[&self.authority]),
        ]
    }

    /// A notice of the village, sealed by the town.
    pub fn notice(&self, seq: u64) -> String {
        self.notice_in(seq, None)
    }

    /// A notice with a period.
    pub fn notice_in(&self, seq: u64, period: Option<&str>) -> String {
        let body = Object::new().with("text", vec![Value::Text(format!("第 {seq} 号公告"))]);
        let rest = Object::new()
            .with_some("period", period)
            .with("title", "公告")
            .with("summary", format!("第 {seq} 号"));
        self.sign(&self.full(VILLAGE, seq, "notice", rest, body), &[&self.seal])
    }

    /// Starts a server with settings of one's own.
    pub fn serve_with(&self, change: impl FnOnce(Settings) -> Settings) -> Running {
        self.try_serve_with(change).unwrap()
    }

    pub fn try_serve_with(&self, change: impl FnOnce(Settings) -> Settings) -> Result<Running, ServeError> {
        let runtime = Runtime::new().unwrap();
        let settings = change(Settings::new(self.data()));
        let server = runtime.block_on(Server::start(settings, self.log.open()))?;
        Ok(Running { address: server.address(), server: Some(server), runtime })
    }

    pub fn serve(&self) -> Running {
        self.serve_with(|s| s)
    }

    /// A server on which the founding entries and `notices` notices are already published.
    pub fn founded(notices: u64) -> (Self, Running) {
        let village = Village::new();
        let running = village.serve();
        running.must_post(&village.founding());
        if notices > 0 {
            running.must_post(&(1..=notices).map(|n| village.notice(n)).collect::<Vec<_>>());
        }
        (village, running)
    }
}

/// A server, in this process if it is to be stopped.
pub struct Running {
    pub address: SocketAddr,
    server: Option<Server>,
    runtime: Runtime,
}

impl Running {
    /// A server in another process.
    pub fn elsewhere(address: SocketAddr) -> Self {
        Running { address, server: None, runtime: Runtime::new().unwrap() }
    }

    pub fn get(&self, path: &str) -> Answer {
        http::get(self.address, path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::get(self.address, path, headers)
    }

    pub fn post(&self, entries: &[String]) -> Answer {
        http::post(self.address, entries)
    }

    pub fn must_post(&self, entries: &[String]) -> serde_json::Value {
        let answer = self.post(entries);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn raw(&self, request: &str) -> Answer {
        send(self.address, request.as_bytes()).unwrap()
    }

    /// Ends the server as SIGTERM does.
    pub fn stop(mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop()).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            let _ = self.runtime.block_on(server.stop());
        }
    }
}
