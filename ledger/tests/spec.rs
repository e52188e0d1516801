//! The examples of SPEC.md are what the code makes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::cosignature;
use ledger::entry::{Entry, Visibility};
use ledger::hash::Hash;
use ledger::kinds::{Field, KINDS, Place, Type};
use ledger::merkle::prove_inclusion;
use ledger::note;
use ledger::proof::TlogProof;
use ledger::unit::Level;
use ledger::upload::Ticket;
use support::*;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn policy_example(world: &World) -> String {
    let witness = |i: usize| format!("witness w{i} {}\n", world.witnesses[i].vkey);
    let witnesses: String = (0..3).map(witness).collect();
    format!("{witnesses}group replayers 1 w2\ngroup village 2 w0 w1 replayers\nquorum village\n")
}

/// Name and bytes of every example.
fn examples() -> Vec<(&'static str, String)> {
    let world = World::demo();
    let text_of_checkpoint = world.checkpoint_text();
    let signatures =
        [world.log.sign(&text_of_checkpoint), world.witnesses[0].cosign(NOW, &text_of_checkpoint)];
    let line = world.shelf.lines[&unit(UNIT)][1].0;
    let row = world.shelf.rows.iter().find(|r| r.unit == unit(UNIT)).unwrap();
    let last = world.shelf.leaves.len() as u64 - 1;
    let proof = TlogProof {
        extra: Some(world.shelf.leaves[line.index as usize].clone()),
        index: line.index,
        path: prove_inclusion(&world.shelf, line.index, last + 1).unwrap(),
        checkpoint: world.shelf.checkpoint.clone(),
    };
    let bundle = text(&world.bundle(UNIT, 3, Some(8)).encode());
    let (head, tail) = bundle.split_once("\nunit 18\n").unwrap();
    assert!(head.starts_with("village-ledger/bundle/v1\n"));
    let (before, after) = tail.split_once("\n11 1790000300").unwrap();
    let rest = after.split_once("\nextension 5\n").unwrap().1;
    let bundle = format!("unit 18\n{before}\n11 1790000300 563\n…\n\nextension 5\n{rest}");
    let ticket = Ticket {
        ledger: world.ledger.clone(),
        unit: unit(UNIT),
        digest: Hash::of(b"a file"),
        size: 6,
        media: "image/png".into(),
        access: Visibility::Members,
        time: NOW,
    };
    let mut out = vec![
        ("vkey", world.log.vkey.to_string()),
        ("checkpoint", note::assemble(&text_of_checkpoint, &signatures)),
        ("proof", text(&proof.encode())),
        ("policy", policy_example(&world)),
        ("charter", text(&world.charter_note)),
        ("entry", text(&world.shelf.leaves[line.index as usize])),
        ("line", line.text()),
        ("row", row.text()),
        ("index", text(&world.shelf.leaves[last as usize])),
        ("bundle", bundle),
        ("ticket", ticket.text()),
    ];
    assert!(cosignature::verify(&world.witnesses[0].vkey, &text_of_checkpoint, &signatures[1]).is_ok());
    for kind in KINDS {
        out.push((if kind.name == "policy" { "policy_kind" } else { kind.name }, kind.example.to_owned()));
    }
    out
}

/// SPEC section 4 and every worked example: what a reader copies from the specification is right.
#[test]
fn every_example_of_the_specification_is_what_the_code_makes() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SPEC.md")).unwrap();
    let mut missing = Vec::new();
    for (name, example) in examples() {
        let indented: String = example
            .trim_end()
            .lines()
            .map(|l| if l.is_empty() { "\n".to_owned() } else { format!("    {l}\n") })
            .collect();
        if !spec.contains(&indented) {
            missing.push(format!("--- {name}\n{indented}"));
        }
    }
    assert!(missing.is_empty(), "SPEC.md lacks these examples:\n{}", missing.concat());
}

/// A field's type as SPEC section 4 writes it.
fn described(ty: &Type) -> String {
    match ty {
        Type::Text(max) => format!("text {max}"),
        Type::Instant => "time".to_owned(),
        Type::Choice(keys) => match keys.first() {
            Some(&"propose") => "stage".to_owned(),
            Some(&"tender") => "method".to_owned(),
            Some(&"asset") => "subject".to_owned(),
            Some(&"self") if keys.contains(&"levy") => "fund".to_owned(),
            _ => keys.join("|"),
        },
        Type::Object(fields) | Type::List(fields) => {
            let names: Vec<&str> = fields.iter().map(|f| f.name).collect();
            let text = match names[..] {
                ["kind", "name", "code"] => "counterparty".to_owned(),
                ["hundredths", "unit"] => "quantity".to_owned(),
                ["from", "to", "months"] => "term".to_owned(),
                ["seq", "leaf"] => "target".to_owned(),
                ["id", "stage", "merged_with"] => "process".to_owned(),
                ["rule", "days", ..] => "due".to_owned(),
                ["due", "amount"] => "payment".to_owned(),
                _ => format!("{{{}}}", all_described(fields)),
            };
            if matches!(ty, Type::List(_)) { format!("[{text}]") } else { text }
        }
        Type::Many(of) => format!("[{}]", described(of)),
        one_word => format!("{one_word:?}").to_lowercase(),
    }
}

fn all_described(fields: &[Field]) -> String {
    let one = |f: &Field| {
        let (may, ty) = (if f.required { "" } else { "?" }, described(&f.ty));
        if ty == f.name { format!("`{ty}`{may}") } else { format!("`{}`{may} {ty}", f.name) }
    };
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Every kind stands in section 4 with all its fields, in order, with their types.
#[test]
fn the_specification_has_every_field_of_every_kind() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SPEC.md")).unwrap();
    let spec = spec.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut missing = Vec::new();
    for kind in KINDS {
        let place = match kind.place {
            Place::Accounts => "accounts",
            Place::Anywhere => "anywhere",
            Place::Registry([Level::District]) => "district registry",
            Place::Registry([Level::Town, Level::Village]) => "registries of town and village",
            Place::Registry(_) => "registries",
        };
        let text = format!("**{}** ({}; {place}): {}.", kind.name, kind.zh, all_described(kind.fields));
        if !spec.contains(&text) {
            missing.push(text);
        }
    }
    assert!(missing.is_empty(), "SPEC.md lacks:\n{}", missing.join("\n"));
}

/// E-41: each kind's example passes its own check, and the whole entry reads back.
#[test]
fn every_kinds_example_is_accepted_by_its_kind() {
    for kind in KINDS {
        let json = example_entry(kind);
        let entry = Entry::of(json.clone()).unwrap();
        kind.check(&entry).unwrap_or_else(|e| panic!("{}: {e}", kind.name));
        assert_eq!(ledger::json::parse(&json.text()).unwrap(), json);
    }
}
