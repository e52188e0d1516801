//! A small village for the store's tests: fixed keys, entries that the ledger takes, and a log in memory.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test stops at the first surprise"
)]

pub mod folder;

use keys::{Role, Signer};
use ledger::append::Submission;
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::entry::Visibility;
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value};
use ledger::kinds::KINDS;
use ledger::leaf::{self, LeafType};
use ledger::money::Fen;
use ledger::payment_rows::{Row, Rows};
use ledger::registry::SealRole;
use ledger::sealed::{Access, EntryId, Opening, Openings};
use ledger::unit::UnitId;
use std::future::Future;
use std::sync::Arc;
use store::{About, Disk, Log, MemoryDisk, MemoryIndex, Options, Place, Receipt, SubmitError};

pub const ORIGIN: &str = "test.example/ledger";
pub const UNIT: &str = "440811100391-00";
pub const NOW: u64 = 1_780_000_000;

pub struct Village {
    pub log: Signer,
    pub authority: Signer,
    pub seal: Signer,
    pub supervision: Signer,
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
        Self::under(&["quorum none".to_owned()])
    }

    /// Under a witness policy.
    pub fn under(policy: &[String]) -> Self {
        let (log, authority) = (log_key(), signer(&format!("{ORIGIN}/authority/a"), Role::Authority, 2));
        let seal = signer(&format!("{ORIGIN}/seal/440811100/township"), Role::Seal(SealRole::Township), 3);
        let name = format!("{ORIGIN}/seal/440811100391/supervision");
        let supervision = signer(&name, Role::Seal(SealRole::Supervision), 4);
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: policy.to_vec(),
            catalogue: None,
            created: NOW,
        };
        let text = charter.text();
        let note =
            leaf::seal(&text, vec![log.sign_note(&text).unwrap(), authority.sign_note(&text).unwrap()]);
        let ledger = LedgerId::new(ORIGIN, &leaf_hash(note.as_bytes()));
        Village { log, authority, seal, supervision, charter: note.into_bytes(), ledger }
    }

    fn entry(&self, unit: &str, seq: u64, kind: &str, body: Object, signers: &[&Signer]) -> Vec<u8> {
        self.entry_with(unit, seq, kind, body, &[], signers)
    }

    /// An entry with lists behind its body, in the envelope's order.
    fn entry_with(
        &self,
        unit: &str,
        seq: u64,
        kind: &str,
        body: Object,
        lists: &[(&str, Vec<Object>)],
        signers: &[&Signer],
    ) -> Vec<u8> {
        let mut json = Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit)
            .with("seq", seq as i64)
            .with("kind", kind)
            .with("body", body);
        for (name, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
            json = json.with(name, list.iter().cloned().map(Value::from).collect::<Vec<_>>());
        }
        let json = json.with("signed_at", NOW as i64);
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

    /// The seal of the village's supervision.
    pub fn supervisor(&self) -> Vec<u8> {
        let seal = Object::new()
            .with("act", "add")
            .with("vkey", self.supervision.vkey().to_string())
            .with("role", "supervision")
            .with("scope", "440811100391")
            .with("holder", "榕溪村务监督委员会");
        self.entry("440811100391-99", 2, "seal", seal, &[&self.authority, &self.supervision])
    }

    /// The profile of another of the village's units.
    pub fn profile(&self, seq: u64, unit: &str) -> Vec<u8> {
        let profile = Object::new().with("unit", unit).with("name", "一组");
        self.entry("440811100391-99", seq, "unit", profile, &[&self.authority])
    }

    /// A notice that seals the names of who approved it and of its counterparty, and has attachments.
    pub fn sealed(&self, unit: &str, seq: u64, names: [&str; 2], files: &[(Hash, &About)]) -> Brought {
        let id = EntryId { ledger: self.ledger.clone(), unit: UnitId::parse(unit).unwrap(), seq };
        let paths = ["approvals.0.name", "counterparty.name"];
        let opening = |(path, value): (&str, &str)| Opening {
            path: path.to_owned(),
            salt: *Hash::of(format!("{seq} {path}").as_bytes()).as_bytes(),
            value: value.to_owned(),
            access: Access::Posted,
        };
        let openings: Vec<Opening> = paths.into_iter().zip(names).map(opening).collect();
        let sealed = openings.iter().map(|o| {
            Object::new()
                .with("path", o.path.as_str())
                .with("commitment", id.commit(&o.path, &o.salt, &o.value).to_base64())
                .with("access", o.access.name())
        });
        let files = files.iter().map(|(digest, about)| {
            Object::new()
                .with("digest", digest.to_hex())
                .with("size", about.size as i64)
                .with("type", about.media.as_str())
                .with("title", "附件")
                .with("access", about.access.name())
        });
        let body = Object::new()
            .with("text", vec![Value::from("公告")])
            .with("counterparty", Object::new().with("kind", "person"));
        let approval = Object::new().with("role", "approver").with("on", "2026-05-01");
        let lists = [
            ("approvals", vec![approval]),
            ("attachments", files.collect()),
            ("sealed", sealed.collect::<Vec<_>>()),
        ];
        let note = self.entry_with(unit, seq, "notice", body, &lists, &[&self.seal]);
        Brought { note, openings: Openings::new(openings).unwrap() }
    }

    /// A payment list with a row for each name.
    pub fn list(&self, seq: u64, names: &[&str]) -> (Brought, Rows) {
        let id = EntryId { ledger: self.ledger.clone(), unit: UnitId::parse(UNIT).unwrap(), seq };
        let opening = |(index, name): (usize, &&str)| Opening {
            path: format!("rows.{index}.name"),
            salt: *Hash::of(format!("{seq} {index}").as_bytes()).as_bytes(),
            value: (*name).to_owned(),
            access: Access::Posted,
        };
        let openings: Vec<Opening> = names.iter().enumerate().map(opening).collect();
        let row = |(index, o): (usize, &Opening)| Row {
            index: index as u32,
            group: 1,
            quantity: 0,
            amount: Fen::new(100).unwrap(),
            commitment: id.commit(&o.path, &o.salt, &o.value),
        };
        let rows = Rows::new(openings.iter().enumerate().map(row).collect()).unwrap();
        let list = Object::new()
            .with("digest", Hash::of(rows.text().as_bytes()).to_hex())
            .with("root", rows.summary().root.to_base64())
            .with("access", "posted");
        let body = Object::new()
            .with("policy", "耕地地力保护补贴")
            .with("count", names.len() as i64)
            .with("amount", 100 * names.len() as i64)
            .with("list", list);
        let note = self.entry(UNIT, seq, "payment_list", body, &[&self.seal]);
        (Brought { note, openings: Openings::new(openings).unwrap() }, rows)
    }

    /// A redaction of paths of an earlier entry.
    pub fn redaction(&self, seq: u64, target: (u64, &[u8]), paths: &[&str]) -> Vec<u8> {
        let of = Object::new().with("seq", target.0 as i64).with("leaf", leaf_hash(target.1).to_base64());
        let body = Object::new()
            .with("target", of)
            .with("paths", paths.iter().map(|path| Value::from(*path)).collect::<Vec<_>>())
            .with("basis", "privacy_law")
            .with("ordered_by", "榕溪村务监督委员会");
        self.entry(UNIT, seq, "redaction", body, &[&self.seal, &self.supervision])
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

/// A note with the openings that come beside it.
#[derive(Clone)]
pub struct Brought {
    pub note: Vec<u8>,
    pub openings: Openings,
}

/// The values of openings and what else of them must not be found.
pub fn secrets(openings: &Openings) -> Vec<Vec<u8>> {
    let of = |o: &Opening| {
        [o.value.clone().into_bytes(), Hash::from_bytes(o.salt).to_base64().into_bytes(), o.salt.to_vec()]
    };
    openings.iter().flat_map(of).collect()
}

/// The files of a disk that hold one of these.
pub fn holding(disk: &dyn Disk, wanted: &[Vec<u8>]) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        for name in disk.list(&folder).unwrap() {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            match disk.read(&path).ok().flatten() {
                None => folders.push(path),
                Some(bytes) if wanted.iter().any(|w| bytes.windows(w.len()).any(|b| b == w)) => {
                    found.push(path)
                }
                Some(_) => {}
            }
        }
    }
    found
}

pub fn bring(log: &Log, brought: &Brought) -> Submission {
    let mut submission = parse(log, vec![brought.note.clone()]).pop().unwrap();
    submission.bring(brought.openings.clone(), None, &|_| Ok(()));
    submission
}

/// Uploads a file for the unit in pieces.
pub fn upload(log: &Log, file: &[u8], salt: Option<[u8; 32]>) -> (Hash, About) {
    let about = About {
        size: file.len() as u64,
        media: "text/plain".to_owned(),
        access: if salt.is_some() { Visibility::Members } else { Visibility::Public },
        salt,
        unit: UnitId::parse(UNIT).unwrap(),
    };
    let digest = Hash::of(&[salt.as_ref().map_or(&[][..], |salt| salt), file].concat());
    let mut writer = log.blobs().writer();
    file.chunks(7).for_each(|piece| writer.write(piece).unwrap());
    writer.finish(&digest, about.clone()).unwrap();
    (digest, about)
}

/// Uploads the rows of a list, as such.
pub fn upload_rows(log: &Log, rows: &Rows) -> (Hash, About) {
    let text = rows.text();
    let (digest, about) = (
        Hash::of(text.as_bytes()),
        About {
            size: text.len() as u64,
            media: ledger::payment_rows::ROWS_MEDIA.to_owned(),
            access: Visibility::Public,
            salt: None,
            unit: UnitId::parse(UNIT).unwrap(),
        },
    );
    let mut writer = log.blobs().writer();
    writer.write(text.as_bytes()).unwrap();
    writer.finish(&digest, about.clone()).unwrap();
    (digest, about)
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
