//! Cases out of small whole ledgers: charters, leaves, books, checkpoints, proof files, bundles, evidence.

use crate::cases::{case, found};
use crate::support::*;
use crate::{Case, File};
use ledger::evidence;
use ledger::leaf;
use ledger::merkle::prove_inclusion;
use ledger::note::assemble;
use ledger::proof::TlogProof;
use serde_json::{Value, json};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn charters() -> File {
    let world = World::with(2, 3, &["quorum none".to_owned()]);
    let draft = world.charter.text();
    let signed = |draft: &str, keys: &[&Key]| leaf::seal(draft, keys.iter().map(|k| k.sign(draft)).collect());
    let [a, b, c] = &world.authority[..] else { panic!() };
    let log = &world.log;
    let mut cases = vec![
        found("all signed", json!({"charter": text(&world.charter_note)}), "accepted"),
        found("two of three", json!({"charter": signed(&draft, &[a, b, log])}), "accepted"),
        case("one of three", json!({"charter": signed(&draft, &[a, log])}), "refused"),
        case("without the log key", json!({"charter": signed(&draft, &[a, b, c])}), "refused"),
    ];
    for (name, from, to) in [
        ("a fourth of three", "\"threshold\":2", "\"threshold\":4"),
        ("nobody's", "\"threshold\":2", "\"threshold\":0"),
        ("another origin", "\"origin\":\"mazhang", "\"origin\":\"zhanjiang"),
        ("an origin of ours", "mazhang.example/ledger", "village-ledger/ledger"),
        (
            "another order",
            "\"threshold\":2,\"district\":\"440811\"",
            "\"district\":\"440811\",\"threshold\":2",
        ),
        ("a policy that can't be read", "quorum none", "quorum x"),
        ("a short district", "440811", "44081"),
        ("a space", "\"created\":", "\"created\": "),
        ("another field", ",\"created\"", ",\"more\":1,\"created\""),
    ] {
        assert!(draft.contains(from), "{from}");
        cases.push(case(
            name,
            json!({"charter": signed(&draft.replacen(from, to, 1), &[a, b, c, log])}),
            "refused",
        ));
    }
    File {
        check: "charter",
        about: "Charters with their signatures; output: charter hash and ledger id.",
        rules: &["E-15", "E-16", "E-17", "E-18"],
        cases,
    }
}

fn leaves() -> File {
    let world = World::demo();
    let good = text(&world.entry(UNIT, 1, "voucher"));
    let input = |leaf: String, at: u64| json!({"ledger": world.ledger.as_str(), "at": at, "leaf": leaf});
    let index = text(&world.shelf.leaves[13]);
    let two = format!("{good}{}\n", good.lines().last().unwrap());
    let mut cases = vec![
        found("an entry", input(good.clone(), 13), "entry"),
        found("a correction", input(text(&world.entry(UNIT, 1, "correction")), 13), "entry"),
        found("a kind of later", input(good.replace("voucher\"", "later_kind\""), 13), "entry"),
        found("seals that are wrong", input(good.replace("供电所", "供水所"), 13), "entry"),
        found("an index leaf", input(index.clone(), 13), "index"),
        case("an index leaf elsewhere", input(index, 12), "void"),
        case("a charter", input(text(&world.charter_note), 0), "charter"),
        case("a charter elsewhere", input(text(&world.charter_note), 1), "void"),
        case("one signature line twice", input(two, 13), "void"),
        case("nothing", input(String::new(), 13), "void"),
    ];
    for (name, from, to) in [
        ("another number", "\"seq\":1", "\"seq\":2"),
        ("number 0", "\"seq\":1", "\"seq\":0"),
        ("another ledger", "ledger#", "ledger#0"),
        ("another spelling", "\"seq\":1", "\"seq\":1.0"),
        ("a capital kind", "\"voucher\"", "\"Voucher\""),
        ("the row of void leaves", UNIT, "000000000000-00"),
        ("an unknown field", "\"signed_at\"", "\"signed\":1,\"signed_at\""),
        ("fields out of order", "\"seq\":1,\"kind\":\"voucher\"", "\"kind\":\"voucher\",\"seq\":1"),
        ("another type line", "entry/v1", "entry/v2"),
        ("no body", "\"body\":{", "\"title\":{"),
    ] {
        assert!(good.contains(from), "{from}");
        cases.push(case(name, input(good.replacen(from, to, 1), 13), "void"));
    }
    File {
        check: "leaf",
        about: "What f makes of a leaf at index `at` of a ledger without entries.",
        rules: &["U-04", "U-06", "U-07", "E-03", "E-09", "E-11", "E-23"],
        cases,
    }
}

fn books() -> File {
    let mut world = World::demo();
    let group = world.entry(GROUP, 1, "notice");
    world.take(vec![group], NOW);
    world.force(b"void\n".to_vec());
    world.force(world.entry(UNIT, 2, "voucher"));
    world.publish(NOW);
    let leaves = |w: &World| w.shelf.leaves.iter().map(|l| text(l)).collect::<Vec<_>>();
    let good = leaves(&world);
    world.cheat = Some(|mut index| {
        index.units += 1;
        index
    });
    world.publish(NOW + 1);
    let cheated = leaves(&world);
    File {
        check: "books",
        about: "All leaves of a ledger, replayed through f; output: rows and index root.",
        rules: &["U-08", "U-09", "U-10", "U-11"],
        cases: vec![
            found("entries, a void leaf, a number twice", json!({"leaves": good}), "replayed"),
            case("an index leaf with a row too many", json!({"leaves": cheated}), "differs"),
        ],
    }
}

fn checkpoints() -> Vec<File> {
    let world = World::demo();
    let (head, log) = (world.checkpoint_text(), &world.log);
    let stranger = Key::note("stranger.example/x", 77);
    let input = |text: String| json!({"checkpoint": text, "vkey": log.vkey.to_string()});
    let signed = |head: &str| assemble(head, &[log.sign(head)]);
    let checkpoints = vec![
        case("signed", input(signed(&head)), "holds"),
        case(
            "signed, and by a stranger",
            input(assemble(&head, &[stranger.sign(&head), log.sign(&head)])),
            "holds",
        ),
        case("by a stranger", input(assemble(&head, &[stranger.sign(&head)])), "refused"),
        case("another size", input(signed(&head).replacen("\n14\n", "\n15\n", 1)), "refused"),
        case("an extension line", input(signed(&format!("{head}more\n"))), "refused"),
        case("a leading zero", input(signed(&head.replacen("\n14\n", "\n014\n", 1))), "refused"),
        case("another origin", input(signed(&head.replacen("mazhang", "zhanjiang", 1))), "refused"),
        case("no signature", input(head.clone()), "refused"),
    ];
    let proof = TlogProof {
        extra: Some(world.shelf.leaves[9].clone()),
        index: 9,
        path: prove_inclusion(&world.shelf, 9, 14).unwrap(),
        checkpoint: world.shelf.checkpoint.clone(),
    };
    let input = |file: &str| json!({"file": file, "vkey": log.vkey.to_string()});
    let good = text(&proof.encode());
    let mut files = vec![
        case("included", input(&good), "holds"),
        case(
            "another leaf",
            input(&text(&TlogProof { extra: Some(world.shelf.leaves[8].clone()), ..proof.clone() }.encode())),
            "refused",
        ),
        case(
            "without the leaf",
            input(&text(&TlogProof { extra: None, ..proof.clone() }.encode())),
            "refused",
        ),
        case(
            "a hash less",
            input(&text(&TlogProof { path: proof.path[1..].to_vec(), ..proof.clone() }.encode())),
            "refused",
        ),
    ];
    for (from, to) in [
        ("index 9", "index 8"),
        ("index 9", "index 09"),
        ("@v1", "@v2"),
        ("\n14\n", "\n15\n"),
        ("=\n\nmazhang", "=\nmazhang"),
    ] {
        files.push(case(format!("{from:?} as {to:?}"), input(&good.replacen(from, to, 1)), "refused"));
    }
    vec![
        File {
            check: "checkpoint",
            about: "Checkpoints under a log key.",
            rules: &["C-01", "C-02", "C-03", "C-04", "N-04", "N-05"],
            cases: checkpoints,
        },
        File {
            check: "proof-file",
            about: "Proof files with the leaf in `extra`, under a log key.",
            rules: &["P-01", "P-02"],
            cases: files,
        },
    ]
}

fn bundles() -> Vec<File> {
    let trunk = World::demo();
    let (mut a, mut b) = (trunk.clone(), trunk.clone());
    for (world, kind) in [(&mut a, "notice"), (&mut b, "voucher")] {
        let note = world.entry(UNIT, 5, kind);
        world.take(vec![note], NOW);
        world.publish(NOW);
    }
    let mut sealless = trunk.clone();
    sealless.force(seal(&trunk.draft(UNIT, 5, "notice", example("notice")), &[&trunk.supervision]));
    sealless.publish(NOW);
    let mut rebooked = trunk.clone();
    rebooked.rebook(UNIT, vec![trunk.entry(UNIT, 1, "notice")], |_| false, NOW);
    let charter = trunk.charter_hash.to_hex();
    let input = |bundle: &[u8], memory: Option<&[u8]>| {
        let mut input = json!({"charter": charter, "now": NOW, "bundle": text(bundle)});
        if let Some(memory) = memory {
            input["memory"] = json!(text(memory));
        }
        input
    };
    let (head, good) = (trunk.head(UNIT), a.bundle(UNIT, 4, Some(14)));
    let mut cases: Vec<Case> = vec![
        case("a first visit", input(&good.encode(), None), "OK_UNWITNESSED"),
        case("a later visit", input(&good.encode(), Some(&head)), "OK_UNWITNESSED"),
        case("all entries", input(&trunk.bundle(UNIT, 1, None).encode(), None), "OK_UNWITNESSED"),
        case(
            "a registry without entries",
            input(&trunk.bundle(DISTRICT, 1, None).encode(), None),
            "OK_UNWITNESSED",
        ),
        case(
            "an older head than the remembered one",
            input(&trunk.bundle(UNIT, 1, None).encode(), Some(&a.head(UNIT))),
            "CANNOT_SHOW",
        ),
        case(
            "no proof from the remembered head",
            input(&a.bundle(UNIT, 4, None).encode(), Some(&head)),
            "CANNOT_SHOW",
        ),
        case(
            "two heads of one size",
            input(&b.bundle(UNIT, 5, Some(16)).encode(), Some(&a.head(UNIT))),
            "FAILED_REWRITTEN",
        ),
        case(
            "a shorter book",
            input(&rebooked.bundle(UNIT, 1, Some(14)).encode(), Some(&head)),
            "FAILED_TWO_BOOKS",
        ),
        case(
            "the town's seal is missing",
            input(&sealless.bundle(UNIT, 5, None).encode(), None),
            "FAILED_SEAL",
        ),
        case("garbage", input(b"<html>", None), "CANNOT_SHOW"),
        case(
            "a later version",
            input(text(&good.encode()).replacen("/v1", "/v9", 1).as_bytes(), None),
            "VIEWER_TOO_OLD",
        ),
    ];
    let mut other = input(&good.encode(), None);
    other["charter"] = Value::from("0".repeat(64));
    cases.push(case("another charter is pinned", other, "CANNOT_SHOW"));
    let mut dropped = good.clone();
    dropped.entries.pop();
    cases.push(case("an entry is missing", input(&dropped.encode(), None), "CANNOT_SHOW"));
    let mut hidden = good.clone();
    hidden.registries[2].pop();
    cases.push(case("a registry entry is missing", input(&hidden.encode(), None), "CANNOT_SHOW"));
    let mut witnessed = World::witnessed();
    for (name, cosigners, expect) in [
        ("nobody", vec![], "OK_NOT_WITNESSED"),
        ("a quorum", vec![(0, NOW), (1, NOW)], "OK_NOT_REPLAYED"),
        ("a quorum with a replayer", vec![(0, NOW), (2, NOW)], "OK_FIRST_VISIT"),
        ("a quorum of three days ago", vec![(0, NOW - 259_200), (2, NOW)], "STALE_HEAD"),
    ] {
        witnessed.sign(&cosigners);
        let bytes = witnessed.bundle(UNIT, 4, None).encode();
        let input = json!({"charter": witnessed.charter_hash.to_hex(), "now": NOW, "bundle": text(&bytes)});
        cases.push(case(format!("cosigned by {name}"), input, expect));
    }
    let file = evidence::write(&b.bundle(UNIT, 5, Some(16)).encode(), Some(&a.head(UNIT)));
    let proof = |file: &str, charter: &str| json!({"charter": charter, "file": file});
    let evidence = vec![
        case("two heads of one size", proof(&file, &charter), "FAILED_REWRITTEN"),
        case(
            "a missing seal",
            proof(&evidence::write(&sealless.bundle(UNIT, 5, None).encode(), None), &charter),
            "FAILED_SEAL",
        ),
        case(
            "a bundle that holds",
            proof(&evidence::write(&good.encode(), Some(&head)), &charter),
            "OK_UNWITNESSED",
        ),
        case("of another ledger", proof(&file, &"0".repeat(64)), "CANNOT_SHOW"),
        case("cut", proof(&file[..file.len() / 2], &charter), "unreadable"),
        case("another version", proof(&file.replacen("/v1", "/v2", 1), &charter), "unreadable"),
    ];
    vec![
        File {
            check: "bundle",
            about: "Bundles, the pinned charter, the reader's clock and, where given, the remembered head.",
            rules: &["B-05", "B-12", "B-14", "B-17", "B-20", "B-21", "B-22", "B-23", "B-24", "V-06"],
            cases,
        },
        File {
            check: "evidence",
            about: "Evidence files under a charter hash.",
            rules: &["V-02", "V-03", "V-04"],
            cases: evidence,
        },
    ]
}

pub fn files() -> Vec<File> {
    let mut out = vec![charters(), leaves(), books()];
    out.extend(checkpoints());
    out.extend(bundles());
    out
}
