//! A small village for the store's tests: fixed keys, entries that the ledger takes, and a log in memory.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test stops at the first surprise"
)]

use keys::{Role, Signer};
use ledger::append::Submission;
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use ledger::kinds::KINDS;
use ledger::leaf::{self, LeafType};
use ledger::registry::SealRole;
use std::future::Future;
use std::sync::Arc;
use store::{Log, MemoryDisk, MemoryIndex, Options, Place, Receipt, SubmitError};

pub const ORIGIN: &str = "test.example/ledger";
pub const UNIT: &str = "440811100391-00";
pub const NOW: u64 = 1_780_000_000;

pub struct Village {
    pub log: Signer,
    pub authority: Signer,
    pub seal: Signer,
    pub charter: Vec<u8>,
    pub ledger: LedgerId,
}

fn signer(name: &str, role: Role, n: u8) -> Signer {
    Signer::from_secret(name, role, &[n; 32]).unwrap()
}

pub fn log_key() -> Signer {
    signer(ORIGIN, Role::Log, 1)
}

impl Village {
    pub fn new() -> Self {
        let (log, authority) = (log_key(), signer(&format!("{ORIGIN}/authority/a"), Role::Authority, 2));
        let seal = signer(&format!("{ORIGIN}/seal/440811100/township"), Role::Seal(SealRole::Township), 3);
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: vec!["quorum none".to_owned()],
            catalogue: None,
            created: NOW,
        };
        let text = charter.text();
        let note =
            leaf::seal(&text, vec![log.sign_note(&text).unwrap(), authority.sign_note(&text).unwrap()]);
        let ledger = LedgerId::new(ORIGIN, &leaf_hash(note.as_bytes()));
        Village { log, authority, seal, charter: note.into_bytes(), ledger }
    }

    fn entry(&self, unit: &str, seq: u64, kind: &str, body: Object, signers: &[&Signer]) -> Vec<u8> {
        let json = Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit)
            .with("seq", seq as i64)
            .with("kind", kind)
            .with("body", body)
            .with("signed_at", NOW as i64);
        let text = leaf::text(LeafType::Entry, &json);
        let lines = signers.iter().map(|s| s.sign_note(&text).unwrap()).collect();
        leaf::seal(&text, lines).into_bytes()
    }

    /// The town's seal and the village's profile.
    pub fn registry(&self) -> Vec<Vec<u8>> {
        let seal = Object::new()
            .with("act", "add")
            .with("vkey", self.seal.vkey().to_string())
            .with("role", "township")
            .with("scope", "440811100")
            .with("holder", "麻章镇人民政府");
        let unit = Object::new().with("unit", UNIT).with("name", "榕溪村");
        vec![
            self.entry("440811100000-99", 1, "seal", seal, &[&self.authority, &self.seal]),
            self.entry("440811100391-99", 1, "unit", unit, &[&self.authority]),
        ]
    }

    pub fn notice(&self, seq: u64, text: &str) -> Vec<u8> {
        let body = Object::new().with("text", vec![Value::from(text)]);
        self.entry(UNIT, seq, "notice", body, &[&self.seal])
    }

    /// A correction of a notice's text.
    pub fn correction(&self, seq: u64, target: (u64, &[u8]), old: &str, new: &str) -> Vec<u8> {
        let field = Object::new().with("path", "body.text.0").with("old", old).with("new", new);
        let of = Object::new().with("seq", target.0 as i64).with("leaf", leaf_hash(target.1).to_base64());
        let body = Object::new()
            .with("target", of)
            .with("fields", vec![Value::from(field)])
            .with("reason", "typo")
            .with("explanation", "录入错误");
        self.entry(UNIT, seq, "correction", body, &[&self.seal])
    }
}

pub fn parse(log: &Log, notes: Vec<Vec<u8>>) -> Vec<Submission> {
    let registry = log.registry();
    let verified = |note| {
        let mut submission = Submission::parse(note, KINDS).unwrap();
        submission.verify(&registry).unwrap();
        submission
    };
    notes.into_iter().map(verified).collect()
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub fn submit(log: &Log, notes: Vec<Vec<u8>>) -> Result<Vec<Receipt>, SubmitError> {
    run(log.submit(parse(log, notes)))
}

pub fn place(disk: &Arc<MemoryDisk>) -> Place {
    Place {
        disk: Arc::clone(disk) as _,
        lock: Arc::clone(disk) as _,
        index: Arc::new(MemoryIndex::default()),
        name: "memory".to_owned(),
    }
}

pub fn options() -> Options {
    Options { clock: || NOW, ..Options::default() }
}

/// A log in memory with registry and `notices` notices.
pub fn start(village: &Village, disk: &Arc<MemoryDisk>, notices: u64) -> Log {
    Log::init(&place(disk), &village.charter, &village.log, NOW).unwrap();
    let log = Log::open(place(disk), log_key(), options()).unwrap();
    submit(&log, village.registry()).unwrap();
    for seq in 1..=notices {
        submit(&log, vec![village.notice(seq, &format!("公告 {seq}"))]).unwrap();
    }
    log
}
