//! Cases of trees: inclusion, consistency, extensions, rows, and the lines of a unit.

use crate::File;
use crate::cases::{case, found};
use crate::support::{NOW, UNIT};
use ledger::hash::{Hash, leaf_hash};
use ledger::index::{IndexTree, Line, UnitTrees};
use ledger::merkle::{MemoryTree, prove_consistency, prove_inclusion, root_of};
use ledger::peaks::{prove_extension, prove_peaks};
use serde_json::{Value, json};

fn hashes(list: &[Hash]) -> Value {
    list.iter().map(Hash::to_base64).collect::<Vec<_>>().into()
}

fn leaf(i: u64) -> Hash {
    leaf_hash(format!("leaf {i}").as_bytes())
}

fn trees() -> Vec<File> {
    let tree = MemoryTree::new((0..13).map(leaf).collect());
    let root = |n: u64| root_of(&tree, n).unwrap().to_base64();
    let (mut inclusion, mut consistency, mut extension) = (Vec::new(), Vec::new(), Vec::new());
    for (index, size) in [(0, 1), (0, 8), (5, 8), (7, 8), (12, 13), (8, 13), (4, 7), (6, 7)] {
        let path = prove_inclusion(&tree, index, size).unwrap();
        let input = |index: u64, path: &[Hash]| json!({"leaf": leaf(index.min(size - 1)).to_base64(), "index": index, "size": size, "path": hashes(path), "root": root(size)});
        inclusion.push(case(format!("{index} of {size}"), input(index, &path), "holds"));
        inclusion.push(case(
            format!("{index} of {size}, a hash more"),
            input(index, &[&path[..], &[Hash::EMPTY]].concat()),
            "refused",
        ));
        if let Some((_, short)) = path.split_last() {
            inclusion.push(case(format!("{index} of {size}, a hash less"), input(index, short), "refused"));
        }
        inclusion.push(case(format!("{size} of {size}"), input(size, &path), "refused"));
    }
    for (old, new) in [(1, 1), (1, 2), (4, 8), (6, 8), (8, 13), (7, 13), (13, 13)] {
        let proof = prove_consistency(&tree, old, new).unwrap();
        let input = |old_root: String, proof: &[Hash]| json!({"old": old, "new": new, "old_root": old_root, "new_root": root(new), "proof": hashes(proof)});
        consistency.push(case(format!("{old} to {new}"), input(root(old), &proof), "holds"));
        consistency.push(case(
            format!("{old} to {new}, another old root"),
            input(leaf(99).to_base64(), &proof),
            "refused",
        ));
        consistency.push(case(
            format!("{old} to {new}, a hash more"),
            input(root(old), &[&proof[..], &[Hash::EMPTY]].concat()),
            "refused",
        ));
    }
    consistency.push(case(
        "0 to 8",
        json!({"old": 0, "new": 8, "old_root": root(0), "new_root": root(8), "proof": []}),
        "refused",
    ));
    consistency.push(case(
        "8 to 4",
        json!({"old": 8, "new": 4, "old_root": root(8), "new_root": root(4), "proof": []}),
        "refused",
    ));
    for (old, new) in [(0, 0), (0, 13), (1, 13), (6, 8), (8, 13), (13, 13)] {
        let (peaks, subtrees) = (prove_peaks(&tree, old).unwrap(), prove_extension(&tree, old, new).unwrap());
        let input = |old_root: String, subtrees: &[Hash]| json!({"old": old, "new": new, "old_root": old_root, "new_root": root(new), "peaks": hashes(&peaks), "subtrees": hashes(subtrees)});
        extension.push(case(format!("{old} to {new}"), input(root(old), &subtrees), "holds"));
        extension.push(case(
            format!("{old} to {new}, another old root"),
            input(leaf(99).to_base64(), &subtrees),
            "refused",
        ));
        extension.push(case(
            format!("{old} to {new}, a hash more"),
            input(root(old), &[&subtrees[..], &[Hash::EMPTY]].concat()),
            "refused",
        ));
    }
    let index = IndexTree::new((0..9).map(leaf));
    let mut rows = Vec::new();
    for positions in [vec![0], vec![8], vec![2, 3], vec![0, 4, 8], (0..9).collect()] {
        let proof = index.prove_rows(&positions);
        let at: Vec<Value> =
            positions.iter().map(|p| json!({"at": p, "hash": leaf(*p as u64).to_base64()})).collect();
        let input = |rows: &[Value], proof: &[Hash]| json!({"rows": rows, "total": 9, "proof": hashes(proof), "root": index.root().to_base64()});
        rows.push(case(format!("{positions:?} of 9"), input(&at, &proof), "holds"));
        rows.push(case(
            format!("{positions:?} of 9, a hash more"),
            input(&at, &[&proof[..], &[Hash::EMPTY]].concat()),
            "refused",
        ));
        let mut doubled = at.clone();
        doubled.insert(0, json!({"at": positions[0], "hash": leaf(99).to_base64()}));
        rows.push(case(
            format!("{positions:?} of 9, a forged leaf on a doubled position"),
            input(&doubled, &proof),
            "refused",
        ));
        let mut turned = at.clone();
        turned.reverse();
        if turned != at {
            rows.push(case(format!("{positions:?} of 9, falling"), input(&turned, &proof), "refused"));
        }
    }
    rows.push(case(
        "no rows",
        json!({"rows": [], "total": 0, "proof": [], "root": Hash::EMPTY.to_base64()}),
        "refused",
    ));
    vec![
        File {
            check: "inclusion",
            about: "RFC 6962 inclusion over leaves \"leaf 0\", \"leaf 1\", ….",
            rules: &["L-04"],
            cases: inclusion,
        },
        File {
            check: "consistency",
            about: "RFC 6962 consistency over the same leaves.",
            rules: &["L-05"],
            cases: consistency,
        },
        File {
            check: "extension",
            about: "Peaks of the old tree and aligned subtrees up to the new one.",
            rules: &["L-10", "L-11", "L-12"],
            cases: extension,
        },
        File {
            check: "rows",
            about: "Several rows of one index tree under a common proof.",
            rules: &["U-12"],
            cases: rows,
        },
    ]
}

fn books() -> Vec<File> {
    let line = |seq| Line { seq, index: seq + 8, time: NOW, leaf: leaf(seq) }.text();
    let row = UnitTrees::default().row(crate::support::unit(UNIT)).text();
    let good = line(1);
    let lines = |n: u64| (1..=n).map(line).collect::<Vec<_>>();
    let cut = |s: &str| json!({"line": s});
    vec![
        File {
            check: "line",
            about: "Lines of a unit tree; output: the line's leaf hash.",
            rules: &["U-01"],
            cases: vec![
                found("a line", cut(&good), "accepted"),
                case("leading zero", cut(&format!("0{good}")), "refused"),
                case("two spaces", cut(&good.replacen(' ', "  ", 1)), "refused"),
                case("no hash", cut("1 9 5"), "refused"),
            ],
        },
        File {
            check: "row",
            about: "Rows of the index tree; output: the row's leaf hash.",
            rules: &["U-05", "U-06"],
            cases: vec![
                found("a registry without entries", json!({"row": row.replace("-00", "-99")}), "accepted"),
                found("void leaves", json!({"row": row.replace(UNIT, "000000000000-00")}), "accepted"),
                case(
                    "another unit of district 000000",
                    json!({"row": row.replace(UNIT, "000000000000-01")}),
                    "refused",
                ),
                case("one word more", json!({"row": row.replace('\n', " 0\n")}), "refused"),
            ],
        },
        File {
            check: "root",
            about: "The row that a unit's lines make, none of them an amendment.",
            rules: &["U-02", "U-03", "L-02"],
            cases: (0..6)
                .map(|n| {
                    found(
                        format!("{n} lines"),
                        json!({"unit": UNIT, "lines": lines(n)}),
                        if n == 0 { "empty" } else { "some" },
                    )
                })
                .collect(),
        },
    ]
}

pub fn files() -> Vec<File> {
    let mut out = trees();
    out.extend(books());
    out
}
