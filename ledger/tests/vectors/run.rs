//! The checks that the vector files name, as any implementation has them.

use crate::paper_cases;
use crate::support::unit;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::books::{Books, Class};
use ledger::bundle::{Ask, verify};
use ledger::charter::{Charter, LedgerId};
use ledger::checkpoint::SignedCheckpoint;
use ledger::entry::Posting;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::{Line, Row, UnitTrees, verify_rows};
use ledger::merkle::{verify_consistency, verify_inclusion};
use ledger::note::{Note, Signature, VerifierKey};
use ledger::payment_rows::{RowCode, RowProof, Rows, Summary, verify_row};
use ledger::peaks::{Extension, roots_of};
use ledger::policy::Policy;
use ledger::proof::TlogProof;
use ledger::sealed::{Access, EntryId, Openings, Sealed, check};
use ledger::tile::{TileKind, TilePath};
use ledger::time::Date;
use ledger::upload::Ticket;
use ledger::{cosignature, evidence, json as token, leaf};
use serde_json::{Value, json};

const BOOLEAN: &[&str] = &["holds", "refused"];

/// The verdicts a check can end with.
pub fn expectations(check: &str) -> &'static [&'static str] {
    match check {
        "json-line" | "note" | "vkey" | "tile-path" | "charter" | "line" | "row" | "payment-rows"
        | "ticket" => &["accepted", "refused"],
        "inclusion" | "consistency" | "extension" | "rows" | "checkpoint" | "cosignature" | "proof-file"
        | "row-proof" => BOOLEAN,
        "sealed" => &["opens", "missing", "wrong", "stray", "refused"],
        "policy" => &["accepted", "refused", "does-not-intersect"],
        "quorum" => &["met", "not-met"],
        "root" => &["empty", "some"],
        "leaf" => &["entry", "void", "charter", "index"],
        "books" => &["replayed", "differs"],
        "bundle" | "evidence" => &[
            "OK",
            "OK_FIRST_VISIT",
            "OK_NOT_REPLAYED",
            "OK_NOT_WITNESSED",
            "OK_UNWITNESSED",
            "STALE_HEAD",
            "CANNOT_SHOW",
            "VIEWER_TOO_OLD",
            "FAILED_REWRITTEN",
            "FAILED_TWO_BOOKS",
            "FAILED_SEAL",
            "unreadable",
        ],
        other => paper_cases::expectations(other),
    }
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap()
}

fn number(input: &Value, name: &str) -> u64 {
    input[name].as_u64().unwrap()
}

fn hash(value: &Value) -> Hash {
    Hash::from_base64(value.as_str().unwrap()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

/// Bytes given as text, or in base64 under `<name>_base64` when they are no text.
fn bytes(input: &Value, name: &str) -> Vec<u8> {
    match input.get(name) {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => STANDARD.decode(text(input, &format!("{name}_base64"))).unwrap(),
    }
}

fn answer<T>(result: Option<T>, good: &'static str, output: impl Fn(T) -> Value) -> (&'static str, Value) {
    result.map_or(("refused", Value::Null), |found| (good, output(found)))
}

fn holds(result: bool) -> (&'static str, Value) {
    (if result { "holds" } else { "refused" }, Value::Null)
}

/// Runs a check: its verdict, and what it found.
pub fn run(check: &str, input: &Value) -> (&'static str, Value) {
    match check {
        "json-line" => answer(token::parse(text(input, "line")).ok(), "accepted", |o| json!(o.text())),
        "note" => {
            let bytes = bytes(input, "note");
            answer(Note::parse(&bytes).ok(), "accepted", |n| {
                let lines: Vec<Value> = n
                    .signatures
                    .iter()
                    .map(|s| json!({"name": s.name, "id": format!("{:08x}", s.id)}))
                    .collect();
                json!({"text": n.text, "signatures": lines})
            })
        }
        "vkey" => answer(
            VerifierKey::parse(text(input, "vkey")).ok(),
            "accepted",
            |k| json!({"name": k.name(), "id": format!("{:08x}", k.id()), "type": if k.is_cosigner() { 4 } else { 1 }, "weak": k.is_weak()}),
        ),
        "tile-path" => answer(TilePath::parse(text(input, "path")), "accepted", |t| {
            let level = match t.kind() {
                TileKind::Hashes(level) => json!(level),
                TileKind::Entries => json!("entries"),
            };
            json!({"level": level, "index": t.index().to_string(), "width": t.width()})
        }),
        "inclusion" => {
            let (index, size) = (number(input, "index"), number(input, "size"));
            holds(
                verify_inclusion(
                    &hash(&input["leaf"]),
                    index,
                    size,
                    &hashes(&input["path"]),
                    &hash(&input["root"]),
                )
                .is_ok(),
            )
        }
        "consistency" => {
            let (old, new) = (number(input, "old"), number(input, "new"));
            let (old_root, new_root) = (hash(&input["old_root"]), hash(&input["new_root"]));
            holds(verify_consistency(old, new, &old_root, &new_root, &hashes(&input["proof"])).is_ok())
        }
        "extension" => {
            let (old, new) = (number(input, "old"), number(input, "new"));
            let (peaks, subtrees) = (hashes(&input["peaks"]), hashes(&input["subtrees"]));
            let roots = roots_of(&Extension { old, new, peaks, subtrees });
            holds(roots == Ok((hash(&input["old_root"]), hash(&input["new_root"]))))
        }
        "rows" => {
            let rows: Vec<(u64, Hash)> = input["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| (number(r, "at"), hash(&r["hash"])))
                .collect();
            holds(verify_rows(&rows, number(input, "total"), &hashes(&input["proof"]), &hash(&input["root"])))
        }
        "line" => answer(Line::parse(text(input, "line")), "accepted", |l| json!(l.hash().to_base64())),
        "row" => answer(Row::parse(text(input, "row")), "accepted", |r| json!(r.hash().to_base64())),
        "root" => {
            let mut trees = UnitTrees::default();
            texts(&input["lines"]).iter().for_each(|l| trees.push(&Line::parse(l).unwrap(), false));
            let row = trees.row(unit(text(input, "unit")));
            (if row.count == 0 { "empty" } else { "some" }, json!(row.text()))
        }
        "checkpoint" => holds(
            SignedCheckpoint::parse(&bytes(input, "checkpoint"))
                .is_ok_and(|c| c.verify_log(&VerifierKey::parse(text(input, "vkey")).unwrap()).is_ok()),
        ),
        "cosignature" => {
            let key = VerifierKey::parse(text(input, "vkey")).unwrap();
            let line = Signature::parse(text(input, "line")).ok();
            let time = line.and_then(|l| cosignature::verify(&key, text(input, "checkpoint"), &l).ok());
            answer(time, "holds", |t| json!(t))
        }
        "proof-file" => {
            let log = VerifierKey::parse(text(input, "vkey")).unwrap();
            let holds_so = || {
                let proof = TlogProof::parse(&bytes(input, "file")).ok()?;
                proof.verify(proof.extra.as_deref()?).ok()?.verify_log(&log).ok()
            };
            holds(holds_so().is_some())
        }
        "charter" => answer(
            Charter::open(&bytes(input, "charter")).ok(),
            "accepted",
            |(c, hash)| json!({"hash": hash.to_hex(), "ledger": LedgerId::new(&c.origin, &hash).as_str()}),
        ),
        "policy" => match Policy::parse(text(input, "policy")) {
            Ok(policy) if policy.quorums_intersect() => ("accepted", Value::Null),
            Ok(_) => ("does-not-intersect", Value::Null),
            Err(_) => ("refused", Value::Null),
        },
        "quorum" => {
            let policy = Policy::parse(text(input, "policy")).unwrap();
            let quorum = policy.evaluate(&SignedCheckpoint::parse(&bytes(input, "checkpoint")).unwrap());
            let output = json!({"replayed": quorum.replayed, "time": quorum.time()});
            (if quorum.met { "met" } else { "not-met" }, output)
        }
        "leaf" => {
            let books = Books::restore(
                LedgerId::from_text(text(input, "ledger")),
                number(input, "at"),
                0,
                Default::default(),
            );
            let bytes = bytes(input, "leaf");
            match books.classify(&bytes) {
                Class::Entry { unit, seq, amendment } => {
                    ("entry", json!({"unit": unit.as_str(), "seq": seq, "amendment": amendment}))
                }
                Class::Void => ("void", Value::Null),
                Class::Charter => ("charter", Value::Null),
                Class::Index(index) => ("index", json!({"root": index.root.to_base64()})),
            }
        }
        "books" => books(input),
        "bundle" => {
            let memory = input.get("memory").map(|m| m.as_str().unwrap().as_bytes().to_vec());
            let charter = Hash::from_hex(text(input, "charter")).unwrap();
            let ask = Ask { charter: Some(charter), memory, now: number(input, "now"), unit: None };
            (verify(&bytes(input, "bundle"), &ask).verdict.code.name(), Value::Null)
        }
        "evidence" => {
            let charter = Hash::from_hex(text(input, "charter")).unwrap();
            let outcome = evidence::check(&bytes(input, "file"), Some(charter));
            (outcome.map_or("unreadable", |o| o.verdict.code.name()), Value::Null)
        }
        "sealed" => sealed(input),
        "ticket" => answer(
            Ticket::parse(text(input, "ticket").as_bytes()).ok(),
            "accepted",
            |ticket| json!({"type": ticket.media, "size": ticket.size}),
        ),
        "payment-rows" => answer(Rows::parse(text(input, "rows").as_bytes()).ok(), "accepted", |rows| {
            let Summary { count, total, root } = rows.summary();
            json!({"count": count, "total": total.get(), "root": root.to_base64()})
        }),
        "row-proof" => {
            let holds_so = || {
                let proof = RowProof::parse(text(input, "proof").as_bytes()).ok()?;
                let code = RowCode::parse(text(input, "code")).ok()?;
                let count = u32::try_from(number(input, "count")).ok()?;
                verify_row(&proof, &code, &entry_id(input), &hash(&input["root"]), count).ok()
            };
            holds(holds_so().is_some())
        }
        other => paper_cases::run(other, input),
    }
}

fn entry_id(input: &Value) -> EntryId {
    let ledger = LedgerId::from_text(text(input, "ledger"));
    EntryId { ledger, unit: unit(text(input, "unit")), seq: number(input, "seq") }
}

/// Holds a file of openings against what an entry sealed, and tells what anyone may see on a day.
fn sealed(input: &Value) -> (&'static str, Value) {
    let field = |v: &Value| {
        let access = Access::of_name(text(v, "access")).unwrap();
        Sealed { path: text(v, "path").to_owned(), commitment: hash(&v["commitment"]), access }
    };
    let fields: Vec<Sealed> = input["sealed"].as_array().unwrap().iter().map(field).collect();
    let Ok(openings) = Openings::parse(text(input, "openings").as_bytes()) else {
        return ("refused", Value::Null);
    };
    let report = check(&entry_id(input), &fields, &openings);
    let day = |value: &Value| Date::parse(value.as_str().unwrap()).unwrap();
    let posting = input.get("posting").map(|p| Posting { from: day(&p["from"]), to: day(&p["to"]) });
    let shown: Vec<&str> =
        report.shown(posting, day(&input["on"])).iter().map(|opening| opening.value.as_str()).collect();
    let redacted = texts(&input["redacted"]);
    let withheld = report.withheld(&redacted, posting, [day(&input["head"]), day(&input["on"])]);
    let missing: Vec<&str> = report.missing.iter().map(|field| field.path.as_str()).collect();
    let verdict = match () {
        () if !report.wrong.is_empty() => "wrong",
        () if !report.stray.is_empty() => "stray",
        () if !report.missing.is_empty() => "missing",
        () => "opens",
    };
    (
        verdict,
        json!({"shown": shown, "missing": missing, "withheld": withheld, "wrong": report.wrong, "stray": report.stray}),
    )
}

/// Replays a whole ledger through f: every index leaf must come out.
fn books(input: &Value) -> (&'static str, Value) {
    let leaves: Vec<Vec<u8>> = texts(&input["leaves"]).iter().map(|l| l.as_bytes().to_vec()).collect();
    let charter = Charter::parse(&leaf::read(&leaves[0]).unwrap()).unwrap();
    let mut books = Books::new(LedgerId::new(&charter.origin, &leaf_hash(&leaves[0])), &charter.district);
    for bytes in &leaves {
        match books.classify(bytes) {
            Class::Index(index) => {
                if books.close(index.time, index.witnessed.clone()).0 != index {
                    return ("differs", Value::Null);
                }
            }
            class => books.add(leaf_hash(bytes), &class),
        }
    }
    let rows: Vec<String> = books.rows().iter().map(Row::text).collect();
    ("replayed", json!({"rows": rows, "root": books.index_tree().root().to_base64()}))
}
