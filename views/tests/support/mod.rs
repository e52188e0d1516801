//! Verified bundles made by hand: what pages are drawn from, without a ledger behind it.

#![allow(dead_code, reason = "each test file uses some of it")]

use ledger::bundle::{Verified, VerifiedEntry};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::entry::{Entry, FIELDS};
use ledger::hash::Hash;
use ledger::index::{Line, Row};
use ledger::json::{Object, Value, parse};
use ledger::note::VerifierKey;
use ledger::registry::{Profile, Registry, Standing};
use ledger::unit::UnitId;

pub const UNIT: &str = "440811100391-00";
/// 2026-09-30 in Asia/Shanghai.
pub const LOGGED: u64 = 1_790_700_000;

/// An entry of the period 2026-08, its JSON as a clerk would have it; `more` replaces envelope fields.
pub fn entry(seq: u64, kind: &str, body: &str, more: &[(&str, &str)]) -> VerifiedEntry {
    let text = |value: &str| Value::from(value);
    let own = |name: &str| match name {
        "ledger" => Some(text("ledger#1")),
        "unit" => Some(text(UNIT)),
        "seq" => Some(Value::Int(seq as i64)),
        "kind" => Some(text(kind)),
        "period" => Some(text("2026-08")),
        "occurred" => Some(text("2026-08-12")),
        "body" => Some(parse(body).unwrap().into()),
        "signed_at" => Some(Value::Int(LOGGED as i64)),
        _ => None,
    };
    // What begins like JSON is JSON.
    let given = |v: &str| match v.starts_with(['[', '{']) {
        true => parse(&format!(r#"{{"x":{v}}}"#)).unwrap().get("x").cloned().unwrap(),
        false => text(v),
    };
    let field =
        |name: &str| more.iter().find(|(n, _)| *n == name).map(|(_, v)| given(v)).or_else(|| own(name));
    let json = FIELDS.iter().fold(Object::new(), |json, name| json.with_some(name, field(name)));
    VerifiedEntry {
        line: Line { seq, index: seq, time: LOGGED + seq, leaf: Hash::EMPTY },
        entry: Entry::of(json).unwrap(),
        standing: Standing::default(),
        corrected_by: Vec::new(),
    }
}

pub fn voucher(seq: u64, direction: &str, fen: i64, more: &[(&str, &str)]) -> VerifiedEntry {
    let body = format!(
        r#"{{"voucher_no":"{seq}","direction":"{direction}","lines":[{{"account":"a","amount":{fen}}}],"amount":{fen}}}"#
    );
    entry(seq, "voucher", &body, more)
}

pub fn correction(seq: u64, target: u64, old: i64, new: i64, more: &[(&str, &str)]) -> VerifiedEntry {
    let field = |path: &str| format!(r#"{{"path":"{path}","old":{old},"new":{new}}}"#);
    let (amount, line) = (field("body.amount"), field("body.lines.0.amount"));
    let body = format!(
        r#"{{"target":{{"seq":{target},"leaf":"x"}},"fields":[{amount},{line}],"reason":"typo","explanation":"录入数字颠倒"}}"#
    );
    entry(seq, "correction", &body, more)
}

pub fn opening(seq: u64, fen: i64) -> VerifiedEntry {
    entry(
        seq,
        "opening_balance",
        &format!(r#"{{"accounts":[{{"account":"bank","amount":{fen}}}],"amount":{fen}}}"#),
        &[],
    )
}

pub fn close(seq: u64, [opening, income, expense, closing]: [i64; 4]) -> VerifiedEntry {
    let body =
        format!(r#"{{"opening":{opening},"income":{income},"expense":{expense},"closing":{closing}}}"#);
    entry(seq, "period_close", &body, &[])
}

pub fn verified(entries: Vec<VerifiedEntry>) -> Verified {
    // The base point and its double: any two keys will do.
    let key = |name: &str, first: u8| {
        let mut bytes = [0x66; 32];
        bytes[0] = first;
        VerifierKey::ed25519(name, &bytes).unwrap()
    };
    let log = key("mazhang.example/ledger", 0x58);
    let charter = Charter {
        origin: "mazhang.example/ledger".to_owned(),
        authority: Authority { keys: vec![log.clone()], threshold: 1 },
        log,
        district: "440811".to_owned(),
        policy: vec!["quorum none".to_owned()],
        catalogue: None,
        created: 0,
    };
    let unit = UnitId::parse(UNIT).unwrap();
    let from = entries.first().map_or(1, |e| e.line.seq);
    let count = entries.last().map_or(0, |e| e.line.seq);
    let row = Row { unit, count, root: Hash::EMPTY, amendments: 0, amendment_root: Hash::EMPTY };
    let contacts = vec![("榕溪村务监督委员会".to_owned(), "0759-0000001".to_owned())];
    Verified {
        ledger: LedgerId::new(&charter.origin, &Hash::EMPTY),
        charter: Hash::EMPTY,
        unit,
        profile: Some(Profile {
            name: "榕溪村".to_owned(),
            parent: Some("麻章镇".to_owned()),
            contacts,
            predecessors: Vec::new(),
        }),
        row,
        from,
        since: (from > 1).then_some(LOGGED),
        entries,
        division: vec![row],
        registry: Registry::new(&charter),
        size: 20,
        time: LOGGED + 100,
        quorum_time: None,
        witnesses: Vec::new(),
        remembered: false,
        head: Vec::new(),
    }
}

pub fn contacts() -> Vec<views::Contact> {
    vec![("榕溪村务监督委员会".to_owned(), "0759-0000001".to_owned())]
}
