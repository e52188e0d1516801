//! What lies beside the small ledger: sealed names, payment lists, attachments, and their redaction.

use super::*;
use ledger::payment_rows::{Row, RowCode, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings, Salt};

/// Posted from before the demo to long after any clock that runs a test.
pub const POSTED: (&str, &str) = ("2026-09-01", "2190-12-31");
/// Posted once, and no longer.
pub const ENDED: (&str, &str) = ("2026-01-01", "2026-02-01");
pub const TOKEN: &str = "a-token-of-an-inspector";

/// An entry with what comes beside it.
#[derive(Clone)]
pub struct Sealed {
    pub note: Vec<u8>,
    pub openings: Openings,
    pub rows: Option<Rows>,
}

/// A salt that only a test would make so.
pub fn salt(of: &str) -> Salt {
    *Hash::of(of.as_bytes()).as_bytes()
}

fn posting((from, to): (&str, &str)) -> Value {
    Object::new().with("from", from).with("to", to).into()
}

/// A masked name of its own for each row: two characters of 20 and 500.
pub fn name(row: u32) -> String {
    let at = |first: u32, n: u32| char::from_u32(first + n).unwrap();
    format!("{}*{}", at(0x5F20, row / 500), at(0x6000, row % 500))
}

/// The code that a household finds on its leaflet.
pub fn code(of: &Sealed, row: u32) -> String {
    RowCode::of(row, of.openings.get(&format!("rows.{row}.name")).unwrap()).text()
}

impl Log {
    /// [`Log::demo`] with a supervision seal, which a redaction needs; the village's next number is 5.
    pub fn village() -> Self {
        let mut log = Self::demo();
        let supervision = log.supervision();
        let body = Object::new()
            .with("act", "add")
            .with("vkey", supervision.vkey.to_string())
            .with("role", "supervision")
            .with("scope", "440811100391")
            .with("holder", "榕溪村务监督委员会");
        log.take(log.act(VILLAGE, 2, "seal", body, &[&supervision]));
        log.publish(CREATED + 400);
        log
    }

    pub fn supervision(&self) -> Key {
        Key::note(&format!("{ORIGIN}/seal/440811100391/supervision"), 4)
    }

    fn id(&self, seq: u64) -> EntryId {
        EntryId { ledger: self.ledger.clone(), unit: unit(UNIT), seq }
    }

    /// The village's entry, with fields put in before `signed_at`, sealed by the town.
    pub fn with_fields(&self, seq: u64, kind: &str, body: Object, fields: &[(&str, Value)]) -> Vec<u8> {
        let draft = self.draft(UNIT, seq, kind, body);
        let field = |name: &str| {
            let given = fields.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
            given.or_else(|| draft.get(name).cloned())
        };
        let all = ledger::entry::FIELDS.iter();
        let json = all.fold(Object::new(), |json, name| json.with_some(name, field(name)));
        sealed(&json, &[&self.town])
    }

    /// A voucher whose payee's name is sealed.
    pub fn sealed_voucher(&self, seq: u64, posted: (&str, &str), access: Access) -> Sealed {
        let path = "counterparty.name".to_owned();
        let opening =
            Opening { path, salt: salt(&format!("voucher {seq}")), value: "黎*强".to_owned(), access };
        let commitment = self.id(seq).commit(&opening.path, &opening.salt, &opening.value);
        let body = with(&example("voucher"), "counterparty", Object::new().with("kind", "person"));
        let field = Object::new()
            .with("path", opening.path.as_str())
            .with("commitment", commitment.to_base64())
            .with("access", access.name());
        let fields = [("posting", posting(posted)), ("sealed", vec![Value::from(field)].into())];
        let note = self.with_fields(seq, "voucher", body, &fields);
        Sealed { note, openings: Openings::new(vec![opening]).unwrap(), rows: None }
    }

    /// A payment list of `count` rows, everyone's name sealed.
    pub fn list(&self, seq: u64, count: u32, posted: (&str, &str), access: Access) -> Sealed {
        let opening = |row: u32| Opening {
            path: format!("rows.{row}.name"),
            salt: salt(&format!("list {seq} row {row}")),
            value: name(row),
            access,
        };
        let openings: Vec<Opening> = (0..count).map(opening).collect();
        let row = |(index, opening): (u32, &Opening)| Row {
            index,
            group: (index % 9 + 1) as u8,
            quantity: 365,
            amount: ledger::money::Fen::new(65_700 + i64::from(index)).unwrap(),
            commitment: self.id(seq).commit(&opening.path, &opening.salt, &opening.value),
        };
        let rows = Rows::new((0..).zip(&openings).map(row).collect()).unwrap();
        let body = list_body(&rows, access);
        let note = self.with_fields(seq, "payment_list", body, &[("posting", posting(posted))]);
        Sealed { note, openings: Openings::new(openings).unwrap(), rows: Some(rows) }
    }

    /// A notice with attachments: digest, size, who may fetch it.
    pub fn notice_with(&self, seq: u64, attachments: &[(Hash, usize, &str)]) -> Vec<u8> {
        let attachment = |(digest, size, access): &(Hash, usize, &str)| {
            let object = Object::new()
                .with("digest", digest.to_hex())
                .with("size", *size as i64)
                .with("type", "text/plain")
                .with("title", "说明")
                .with("access", *access);
            Value::from(object)
        };
        let list: Vec<Value> = attachments.iter().map(attachment).collect();
        self.with_fields(seq, "notice", example("notice"), &[("attachments", list.into())])
    }

    pub fn bring(&mut self, sealed: &Sealed) {
        self.take_with(sealed.note.clone(), &sealed.openings, sealed.rows.as_ref());
    }

    /// A redaction of the village's entry `target`, by these keys.
    pub fn redaction(&self, seq: u64, target: &[u8], paths: &[&str], basis: &str, keys: &[&Key]) -> Vec<u8> {
        let number = Entry::of_leaf(target).unwrap().seq() as i64;
        let target = Object::new().with("seq", number).with("leaf", leaf_hash(target).to_base64());
        let paths: Vec<Value> = paths.iter().map(|path| Value::from(*path)).collect();
        let body = Object::new()
            .with("target", target)
            .with("paths", paths)
            .with("basis", basis)
            .with("ordered_by", "榕溪村务监督委员会");
        sealed(&self.draft(UNIT, seq, "redaction", body), keys)
    }

    /// The receipt of the village's entry.
    pub fn receipt_of(&self, note: &[u8]) -> Vec<u8> {
        let index = self.leaves.iter().position(|leaf| leaf == note).unwrap();
        self.receipt(index as u64).encode()
    }
}

/// The body of a payment list's entry that says of its rows what is so.
pub fn list_body(rows: &Rows, access: Access) -> Object {
    let (summary, digest) = (rows.summary(), Hash::of(rows.text().as_bytes()));
    let list = Object::new()
        .with("digest", digest.to_hex())
        .with("root", summary.root.to_base64())
        .with("unit", "亩")
        .with("access", access.name());
    Object::new()
        .with("policy", "耕地地力保护补贴")
        .with("count", i64::from(summary.count))
        .with("amount", summary.total.get())
        .with("list", list)
}

/// Puts a file where a folder has it.
pub fn put_blob(folder: &Path, digest: &Hash, bytes: &[u8]) {
    let hex = digest.to_hex();
    let place = folder.join("blobs").join(&hex[..2]);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join(hex), bytes).unwrap();
}
