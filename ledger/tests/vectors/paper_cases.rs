//! Cases of posters, neighbours' digits, compact receipts, and evidence that needs no reader's memory.

use crate::cases::{case, found};
use crate::support::{Key, NOW, ORIGIN, UNIT, World, unit};
use crate::{Case, File};
use ledger::charter::LedgerId;
use ledger::compact::{decode, encode};
use ledger::compare::digits;
use ledger::contradiction::{Contradiction, Heads, check};
use ledger::hash::Hash;
use ledger::merkle::prove_inclusion;
use ledger::note::{VerifierKey, assemble};
use ledger::policy::Policy;
use ledger::poster::{Mark, Paper, Poster, Signed, judge, root_at};
use ledger::proof::TlogProof;
use serde_json::{Value, json};

/// The verdicts that these checks end with.
pub fn expectations(check: &str) -> &'static [&'static str] {
    match check {
        "poster-address" | "compare" => &["accepted", "refused"],
        "compact" => &["holds", "refused"],
        "poster" => &["OK", "OK_UNWITNESSED", "PAPER_DIFFERS", "CANNOT_SHOW", "FAILED_TWO_BOOKS", "refused"],
        "contradiction" => {
            &["OK_UNWITNESSED", "CANNOT_SHOW", "FAILED_REWRITTEN", "FAILED_TWO_BOOKS", "unreadable"]
        }
        other => panic!("a check that this reader does not know: {other}"),
    }
}

/// Runs one of these checks: its verdict, and what it found.
pub fn run(name: &str, input: &Value) -> (&'static str, Value) {
    let text = |name: &str| input[name].as_str().unwrap();
    let charter = || Hash::from_hex(text("charter"));
    match name {
        "poster-address" => match Mark::of_address(text("address")) {
            Some((host, mark)) => {
                let Mark { unit, count, code } = mark;
                (
                    "accepted",
                    json!({"host": host, "unit": unit.as_str(), "count": count, "code": code.to_hex()}),
                )
            }
            None => ("refused", Value::Null),
        },
        "poster" => {
            let scanned = text("paper");
            let paper = Mark::of_address(scanned).map(|(_, mark)| Paper::Mark(mark));
            let Some(paper) = paper.or_else(|| Signed::parse(scanned.as_bytes()).map(Paper::Signed)) else {
                return ("refused", Value::Null);
            };
            let ask = ledger::bundle::Ask { charter: charter(), now: NOW, ..Default::default() };
            (judge(text("bundle").as_bytes(), &ask, &paper).verdict.code.name(), Value::Null)
        }
        "compare" => {
            let (count, said) = (input["count"].as_u64().unwrap(), input["said"].as_u64().unwrap());
            let (ledger, root) =
                (LedgerId::from_text(text("ledger")), Hash::from_base64(text("root")).unwrap());
            match digits(&ledger, &unit(text("unit")), count, &root, said) {
                Some(digits) => ("accepted", json!(digits)),
                None => ("refused", Value::Null),
            }
        }
        "compact" => {
            let (log, policy) =
                (VerifierKey::parse(text("vkey")).unwrap(), Policy::parse(text("policy")).unwrap());
            match decode(&hex::decode(text("receipt")).unwrap(), text("leaf").as_bytes(), &log, &policy) {
                Ok(proof) => ("holds", json!(String::from_utf8(proof.encode()).unwrap())),
                Err(_) => ("refused", Value::Null),
            }
        }
        "contradiction" => {
            (check(text("file").as_bytes(), charter()).map_or("unreadable", |v| v.code.name()), Value::Null)
        }
        other => panic!("a check that this reader does not know: {other}"),
    }
}

fn poster(world: &World, count: u64) -> Poster {
    let root = root_at(&world.bundle(UNIT, 1, None), count).unwrap();
    Poster { charter: world.charter_hash, unit: unit(UNIT), count, root }
}

fn signed(poster: &Poster, key: &Key) -> String {
    assemble(&poster.text(), &[key.sign(&poster.text())])
}

fn addresses() -> File {
    let mark = poster(&World::demo(), 4).mark();
    let address = |host: &str| format!("https://{host}{}", mark.path());
    let good = address("ledger.mazhang.example");
    let input = |address: String| json!({"address": address});
    let mut cases = vec![
        found("an address", input(good.clone()), "accepted"),
        found("with a port", input(address("127.0.0.1:8443")), "accepted"),
        case("stray bits in the code", input(format!("{}B", &good[..good.len() - 1])), "refused"),
        case("a character less", input(good[..good.len() - 1].to_owned()), "refused"),
    ];
    for (name, from, to) in [
        ("http", "https", "http"),
        ("capital host", "ledger.", "Ledger."),
        ("no host", "ledger.mazhang.example", ""),
        ("the port that need not be said", ".example/", ".example:443/"),
        ("leading zero", "/4/", "/04/"),
        ("count 0", "/4/", "/0/"),
        ("2^53 entries", "/4/", "/9007199254740992/"),
        ("no such unit", "440811", "000000"),
    ] {
        cases.push(case(name, input(good.replacen(from, to, 1)), "refused"));
    }
    let code = good.rsplit('/').next().unwrap();
    cases.push(case("lower-case code", input(good.replace(code, &code.to_lowercase())), "refused"));
    cases.push(case("a query", input(format!("{good}?from=2")), "refused"));
    let (about, rules) = ("What the first QR code of a poster carries.", &["R-11"]);
    File { check: "poster-address", about, rules, cases }
}

fn papers() -> File {
    let mut world = World::witnessed();
    world.sign(&[(0, NOW), (2, NOW)]);
    let text = |world: &World, from| String::from_utf8(world.bundle(UNIT, from, None).encode()).unwrap();
    let of = |bundle: String, paper: String| json!({"charter": world.charter_hash.to_hex(), "bundle": bundle, "paper": paper});
    let printed = |poster: &Poster| poster.mark().address("ledger.mazhang.example").unwrap();
    let (good, whole) = (poster(&world, 3), text(&world, 1));
    let false_one = Poster { root: Hash::EMPTY, ..good };
    let stranger = Key::note(world.town.name(), 99);
    let cases = vec![
        case("a poster", of(whole.clone(), printed(&good)), "OK"),
        case("a signed poster", of(whole.clone(), signed(&good, &world.town)), "OK"),
        case("a bundle from two entries behind it", of(text(&world, 5), printed(&good)), "OK"),
        case("a bundle from farther on", of(text(&world, 5), printed(&poster(&world, 2))), "CANNOT_SHOW"),
        case("another root", of(whole.clone(), printed(&false_one)), "PAPER_DIFFERS"),
        case(
            "more entries than there are",
            of(whole.clone(), printed(&Poster { count: 5, ..good })),
            "PAPER_DIFFERS",
        ),
        case(
            "another root, signed by the town",
            of(whole.clone(), signed(&false_one, &world.town)),
            "FAILED_TWO_BOOKS",
        ),
        case(
            "another root, signed by nobody known",
            of(whole.clone(), signed(&false_one, &stranger)),
            "PAPER_DIFFERS",
        ),
        case(
            "another root, signed by the supervision",
            of(whole.clone(), signed(&false_one, &world.supervision)),
            "PAPER_DIFFERS",
        ),
        case(
            "a signed poster with a line more",
            of(whole, signed(&good, &world.town).replacen("\n\n", "\nmore\n\n", 1)),
            "refused",
        ),
    ];
    let about = "A poster, scanned as an address or as a signed note, against a bundle of its unit.";
    File { check: "poster", about, rules: &["R-10", "R-12", "R-13", "R-14", "R-15"], cases }
}

fn comparisons() -> File {
    let world = World::demo();
    let root = poster(&world, 4).root.to_base64();
    let of = |count: u64, said: u64| json!({"ledger": world.ledger.as_str(), "unit": UNIT, "count": count, "root": root, "said": said});
    let cases = vec![
        found("four groups", of(4, 381_902), "accepted"),
        found("another number", of(4, 381_903), "accepted"),
        found("another count", of(3, 381_902), "accepted"),
        found("the largest number", of(4, 999_999_999), "accepted"),
        case("a larger number", of(4, 1_000_000_000), "refused"),
    ];
    let about = "The digits that neighbours read to each other; output: the digits.";
    File { check: "compare", about, rules: &["R-20"], cases }
}

fn receipts() -> File {
    let mut world = World::witnessed();
    world.sign(&[(2, NOW), (0, NOW + 1)]);
    let policy = world.charter.policy.iter().map(|line| format!("{line}\n")).collect::<String>();
    let (parsed, log) = (Policy::parse(&policy).unwrap(), world.log.vkey.clone());
    let (index, size) = (world.shelf.lines[&unit(UNIT)][1].0.index, world.shelf.leaves.len() as u64);
    let leaf = world.shelf.leaves[index as usize].clone();
    let path = prove_inclusion(&world.shelf, index, size).unwrap();
    let proof =
        TlogProof { extra: Some(leaf.clone()), index, path, checkpoint: world.shelf.checkpoint.clone() };
    let bytes = encode(&proof, &log, &parsed).unwrap();
    let leaf = String::from_utf8(leaf).unwrap();
    let with = |bytes: &[u8], leaf: &str, vkey: &VerifierKey| json!({"receipt": hex::encode(bytes), "leaf": leaf, "vkey": vkey.to_string(), "policy": policy});
    let of = |bytes: &[u8]| with(bytes, &leaf, &log);
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        of(&bytes)
    };
    let place = bytes.len() - 2 * 73;
    let cases = vec![
        found("two witnesses", of(&bytes), "holds"),
        found("without the second", of(&bytes[..bytes.len() - 73]), "holds"),
        found("without witnesses", of(&bytes[..place]), "holds"),
        case("a byte less", of(&bytes[..bytes.len() - 1]), "refused"),
        case("a byte more", of(&[&bytes[..], &[0]].concat()), "refused"),
        case("a witness twice", of(&[&bytes[..], &bytes[place..place + 73]].concat()), "refused"),
        case("another version", changed(0, 2), "refused"),
        case("another index", changed(8, 8), "refused"),
        case("another size", changed(16, 15), "refused"),
        case("another place in the policy", changed(place, 1), "refused"),
        case("no place in the policy", changed(place, 3), "refused"),
        case("another time", changed(place + 8, 0), "refused"),
        case("another hash", changed(17, bytes[17] ^ 1), "refused"),
        case("another leaf", with(&bytes, "another", &log), "refused"),
        case("another key", with(&bytes, &leaf, &Key::note(ORIGIN, 2).vkey), "refused"),
    ];
    let about = "Compact receipts with their inputs; output: the proof file.";
    File { check: "compact", about, rules: &["R-01", "R-02", "R-03"], cases }
}

fn contradictions() -> File {
    let trunk = World::demo();
    let (mut a, mut b) = (trunk.clone(), trunk.clone());
    let (one, other) = (a.entry(UNIT, 5, "notice"), b.entry(UNIT, 5, "voucher"));
    a.take(vec![one], NOW);
    b.take(vec![other], NOW);
    a.publish(NOW);
    b.publish(NOW);
    let mut later = b.clone();
    later.publish(NOW + 1);
    let charter = trunk.charter_hash.to_hex();
    let of = |found: Contradiction| json!({"charter": charter, "file": found.file()});
    let heads = |one: &World, other: &World| {
        let pair = [one.shelf.checkpoint.as_slice(), other.shelf.checkpoint.as_slice()];
        Heads::prove(&trunk.charter_note, &[], pair, &other.shelf).unwrap().unwrap()
    };
    let two = |heads: Heads| of(Contradiction::Heads(Box::new(heads)));
    let bundle = |world: &World| world.bundle(UNIT, 1, None).encode();
    let note = |world: &World, count| signed(&poster(world, count), &trunk.town).into_bytes();
    let posters = |poster: Vec<u8>, other: Option<Vec<u8>>, world: &World| {
        of(Contradiction::Posters { poster, other, bundle: bundle(world) })
    };
    let no_proof = Heads { extension: None, ..heads(&a, &later) };
    let mut bent = heads(&a, &later);
    bent.extension.iter_mut().for_each(|e| std::mem::swap(&mut e.peaks, &mut e.subtrees));
    let mut pinned_elsewhere = two(heads(&a, &b));
    pinned_elsewhere["charter"] = Hash::EMPTY.to_hex().into();
    let cases: Vec<Case> = vec![
        case("two heads of one size", two(heads(&a, &b)), "FAILED_REWRITTEN"),
        case("a later head of the other history", two(heads(&a, &later)), "FAILED_REWRITTEN"),
        case("one head", two(heads(&a, &a)), "CANNOT_SHOW"),
        case("a head and its continuation", two(heads(&trunk, &later)), "CANNOT_SHOW"),
        case("no proof", two(no_proof), "CANNOT_SHOW"),
        case("a proof that leads elsewhere", two(bent), "CANNOT_SHOW"),
        case("another charter", pinned_elsewhere, "CANNOT_SHOW"),
        case("two posters of one seal", posters(note(&a, 5), Some(note(&b, 5)), &a), "FAILED_TWO_BOOKS"),
        case("the same poster twice", posters(note(&a, 5), Some(note(&a, 5)), &a), "CANNOT_SHOW"),
        case("posters of two counts", posters(note(&a, 5), Some(note(&a, 4)), &a), "CANNOT_SHOW"),
        case("a poster against the ledger", posters(note(&b, 5), None, &a), "FAILED_TWO_BOOKS"),
        case("a poster that agrees", posters(note(&a, 5), None, &a), "OK_UNWITNESSED"),
        case(
            "garbage",
            json!({"charter": charter, "file": "village-ledger/evidence/v1\nAAAA\n"}),
            "unreadable",
        ),
    ];
    let about = "Evidence files out of signed heads and signed posters.";
    File { check: "contradiction", about, rules: &["R-30", "R-31", "R-33"], cases }
}

pub fn files() -> Vec<File> {
    vec![addresses(), papers(), comparisons(), receipts(), contradictions()]
}
