//! What lies beside a village's log: sealed names, payment lists, files with their tickets.

use super::http::{self, Answer};
use super::{Key, ORIGIN, Running, VILLAGE, VILLAGE_REGISTRY, Village, now};
use base64ct::{Base64, Encoding as _};
use keys::{Role, system_random};
use ledger::hash::{Hash, leaf_hash};
use ledger::json::{Object, Value};
use ledger::leaf;
use ledger::money::Fen;
use ledger::payment_rows::{Row, Rows};
use ledger::registry::SealRole;
use ledger::sealed::{Access, EntryId, Opening, Openings, Salt, paths};
use ledger::unit::UnitId;
use ledger::upload::Ticket;
use std::path::Path;
use std::process::{Command, Output};

pub fn unit() -> UnitId {
    UnitId::parse(VILLAGE).unwrap()
}

pub fn salt() -> Salt {
    let mut salt = [0; 32];
    system_random(&mut salt).unwrap();
    salt
}

/// The village's supervision committee, with its seal enrolled as the second entry of the registry.
pub fn supervised(village: &Village, running: &Running) -> Key {
    let name = format!("{ORIGIN}/seal/440811100391/supervision");
    let key = Key::new(&name, Role::Seal(SealRole::Supervision));
    let body = Object::new()
        .with("act", "add")
        .with("vkey", key.vkey())
        .with("role", "supervision")
        .with("scope", "440811100391")
        .with("holder", "榕溪村务监督委员会");
    let json = village.json(VILLAGE_REGISTRY, 2, "seal", body);
    running.must_post(&[village.sign(&json, &[&village.authority, &key])]);
    key
}

/// An entry's note with what opens it.
pub struct Sealed {
    pub note: String,
    pub openings: Openings,
}

impl Sealed {
    pub fn leaf(&self) -> Hash {
        leaf_hash(self.note.as_bytes())
    }
}

pub fn id(village: &Village, seq: u64) -> EntryId {
    EntryId { ledger: village.ledger.clone(), unit: unit(), seq }
}

/// A notice whose approver's name is sealed, with more fields of the envelope.
pub fn notice(village: &Village, seq: u64, name: &str, access: Access, rest: Object) -> Sealed {
    let body = Object::new().with("text", vec!["公告".into()]);
    sealing(village, seq, "notice", name, access, rest, body)
}

/// As [`notice`], of any kind.
pub fn sealing(
    village: &Village,
    seq: u64,
    kind: &str,
    name: &str,
    access: Access,
    rest: Object,
    body: Object,
) -> Sealed {
    let path = "approvals.0.name";
    let opening = Opening { path: path.to_owned(), salt: salt(), value: name.to_owned(), access };
    let sealed = Object::new()
        .with("path", path)
        .with("commitment", id(village, seq).commit(path, &opening.salt, name).to_base64())
        .with("access", access.name());
    let approval = Object::new().with("role", "approver").with("on", "2026-01-05");
    let rest =
        rest.with("approvals", vec![Value::Object(approval)]).with("sealed", vec![Value::Object(sealed)]);
    let note = village.sign(&village.full(VILLAGE, seq, kind, rest, body), &[&village.seal]);
    Sealed { note, openings: Openings::new(vec![opening]).unwrap() }
}

/// `posting` from a day on, so many days long.
pub fn posting(from: ledger::time::Date, days: i64) -> Object {
    let posting = Object::new().with("from", from.to_string()).with("to", from.plus(days - 1).to_string());
    Object::new().with("posting", posting)
}

pub fn today() -> ledger::time::Date {
    ledger::time::Date::of_unix(now())
}

/// A payment list with its rows.
pub fn list(village: &Village, seq: u64, count: u32, rest: Object) -> (Sealed, Rows) {
    let opening = |i: u32| Opening {
        path: paths::of_row(i),
        salt: salt(),
        value: "李*明".to_owned(),
        access: Access::Posted,
    };
    let openings: Vec<Opening> = (0..count).map(opening).collect();
    let row = |(index, o): (u32, &Opening)| Row {
        index,
        group: 1,
        quantity: 0,
        amount: Fen::new(61_200).unwrap(),
        commitment: id(village, seq).commit(&o.path, &o.salt, &o.value),
    };
    let rows = Rows::new((0..).zip(&openings).map(row).collect()).unwrap();
    let list = Object::new()
        .with("digest", Hash::of(rows.text().as_bytes()).to_hex())
        .with("root", rows.summary().root.to_base64())
        .with("access", "posted");
    let body = Object::new()
        .with("policy", "耕地地力保护补贴")
        .with("count", i64::from(count))
        .with("amount", 61_200 * i64::from(count))
        .with("list", list);
    let note = village.sign(&village.full(VILLAGE, seq, "payment_list", rest, body), &[&village.seal]);
    (Sealed { note, openings: Openings::new(openings).unwrap() }, rows)
}

/// A redaction by township and supervision.
pub fn redaction(
    village: &Village,
    supervision: &Key,
    seq: u64,
    target: (u64, Hash),
    paths: &[&str],
    basis: &str,
) -> String {
    let target = Object::new().with("seq", target.0 as i64).with("leaf", target.1.to_base64());
    let paths: Vec<Value> = paths.iter().map(|path| Value::from(*path)).collect();
    let body = Object::new().with("target", target).with("paths", paths).with("basis", basis);
    let body = body.with("ordered_by", "榕溪村务监督委员会");
    village.sign(&village.json(VILLAGE, seq, "redaction", body), &[&village.seal, supervision])
}

/// Posts entries, each with the text of its openings.
pub fn post(running: &Running, entries: &[(&str, String)]) -> Answer {
    let notes: Vec<&str> = entries.iter().map(|(note, _)| *note).collect();
    let openings: Vec<String> = entries.iter().map(|(_, openings)| openings.clone()).collect();
    let notes = serde_json::to_string(&notes).unwrap();
    let body = format!(r#"{{"entries":{notes},"openings":[{}]}}"#, openings.join(","));
    let json = [("content-type", "application/json")];
    http::send(running.address, &http::request("POST", "/api/v1/entries", &json, body.as_bytes())).unwrap()
}

pub fn must_bring(running: &Running, sealed: &Sealed) {
    let answer = post(running, &[(&sealed.note, sealed.openings.text())]);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// A file on its way to the ledger.
#[derive(Clone)]
pub struct Upload {
    pub digest: Hash,
    pub media: String,
    pub access: &'static str,
    pub salt: Option<Salt>,
    pub bytes: Vec<u8>,
}

impl Upload {
    pub fn public(media: &str, bytes: &[u8]) -> Self {
        let digest = Hash::of(bytes);
        Upload { digest, media: media.to_owned(), access: "public", salt: None, bytes: bytes.to_vec() }
    }

    pub fn closed(media: &str, access: &'static str, bytes: &[u8]) -> Self {
        let salt = salt();
        let digest = Hash::of(&[&salt, bytes].concat());
        Upload { digest, access, salt: Some(salt), ..Upload::public(media, bytes) }
    }

    pub fn ticket(&self, village: &Village) -> Ticket {
        Ticket {
            ledger: village.ledger.clone(),
            unit: unit(),
            digest: self.digest,
            size: self.bytes.len() as u64,
            media: self.media.clone(),
            access: ledger::entry::Visibility::of_name(self.access).unwrap(),
            time: now(),
        }
    }

    pub fn path(&self) -> String {
        format!("/api/v1/blobs/{}", self.digest.to_hex())
    }

    /// The request with a ticket's note.
    pub fn request(&self, note: &str) -> Vec<u8> {
        let (note, salt) =
            (Base64::encode_string(note.as_bytes()), self.salt.map(|s| Base64::encode_string(&s)));
        let mut headers = vec![("content-type", self.media.as_str()), ("upload-ticket", &note)];
        headers.extend(salt.as_deref().map(|salt| ("blob-salt", salt)));
        http::request("PUT", &self.path(), &headers, &self.bytes)
    }

    pub fn send(&self, running: &Running, note: &str) -> Answer {
        http::send(running.address, &self.request(note)).unwrap()
    }

    /// Uploads it with a ticket of the township's.
    pub fn put(&self, village: &Village, running: &Running) -> Answer {
        self.send(running, &sign(&self.ticket(village), &village.seal))
    }

    pub fn attachment(&self, title: &str) -> Object {
        Object::new()
            .with("digest", self.digest.to_hex())
            .with("size", self.bytes.len() as i64)
            .with("type", self.media.as_str())
            .with("title", title)
            .with("access", self.access)
    }

    /// A notice that names it.
    pub fn notice(&self, village: &Village, seq: u64, title: &str) -> String {
        let rest = Object::new().with("attachments", vec![Value::Object(self.attachment(title))]);
        let body = Object::new().with("text", vec!["公告".into()]);
        village.sign(&village.full(VILLAGE, seq, "notice", rest, body), &[&village.seal])
    }
}

pub fn sign(ticket: &Ticket, key: &Key) -> String {
    let text = ticket.text();
    leaf::seal(&text, vec![key.open().sign_note(&text).unwrap()])
}

/// Runs `village-ledger token`.
pub fn program(village: &Village, args: &[&str]) -> Output {
    let data = village.data();
    let mut command = Command::new(env!("CARGO_BIN_EXE_village-ledger"));
    command.args([&["token"], args].concat()).args(["--data", data.to_str().unwrap()]).output().unwrap()
}

/// A token from the real program.
pub fn issue(village: &Village, access: &str, scope: &str, days: &str) -> String {
    let args = ["issue", "--access", access, "--scope", scope, "--days", days, "--holder", "王某 纪委"];
    let output = program(village, &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The files below a folder that hold these bytes.
pub fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if bytes.is_empty() || std::fs::read(&path).is_ok_and(|all| has(&all, bytes)) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn has(all: &[u8], bytes: &[u8]) -> bool {
    all.windows(bytes.len()).any(|part| part == bytes)
}
