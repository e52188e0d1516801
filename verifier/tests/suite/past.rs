//! What an entry says of earlier ones, held against them: findings, as a server of these rules would have refused it.

use crate::support::{holds, notes};
use crate::world::*;
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};

/// The book of [`World::demo`], and the bytes of its entries.
struct Book {
    world: World,
    notes: Vec<Vec<u8>>,
}

impl Book {
    fn new() -> Self {
        let world = World::demo();
        let kinds = ["opening_balance", "voucher", "voucher", "notice"];
        let notes = (1..).zip(kinds).map(|(seq, kind)| world.entry(UNIT, seq, kind)).collect();
        Book { world, notes }
    }

    fn next(&self) -> u64 {
        self.world.state.books.count(&unit(UNIT)) + 1
    }

    /// An entry's number and leaf hash.
    fn target(&self, seq: u64) -> Object {
        let note = &self.notes[seq as usize - 1];
        Object::new().with("seq", seq as i64).with("leaf", leaf_hash(note).to_base64())
    }

    fn correction(&self, target: Object, old: &str, new: &str) -> Object {
        let field = Object::new().with("path", "body.voucher_no").with("old", old).with("new", new);
        set_in(&set_in(&example("correction"), "target", target), "fields", vec![Value::from(field)])
    }

    /// The next entry, sealed, past every rule when these would refuse it.
    fn log(&mut self, kind: &str, envelope: &Object, body: Object, allowed: bool) {
        let mut draft = self.world.draft(UNIT, self.next(), kind, body);
        for (name, value) in envelope.fields() {
            draft = set(&draft, name, Some(value.clone()));
        }
        let note = seal(&draft, &[&self.world.town]);
        self.notes.push(note.clone());
        match self.world.submit(vec![note.clone()], NOW) {
            Ok(_) => assert!(allowed, "{kind} was taken"),
            Err(refused) => {
                assert!(!allowed, "{refused:?}");
                self.world.force(note);
            }
        }
    }

    /// Code and number of each finding.
    fn found(&mut self) -> Vec<(String, u64)> {
        self.world.publish(NOW);
        let report = holds(&self.world, "OK_UNWITNESSED");
        let first = report["findings"]["first"].as_array().unwrap();
        assert_eq!(first.len() as u64, report["findings"]["count"].as_u64().unwrap());
        first.iter().map(|n| (n["code"].as_str().unwrap().to_owned(), n["seq"].as_u64().unwrap())).collect()
    }
}

fn set_in(object: &Object, name: &str, value: impl Into<Value>) -> Object {
    let mut out = object.clone();
    assert!(out.replace_at(name, value.into()));
    out
}

/// E-59: what is corrected must be there, under its hash, and say what the correction says it said.
#[test]
fn corrections_are_held_against_what_they_correct() {
    let mut book = Book::new();
    let none = Object::new();
    let right = book.correction(book.target(2), "记-0003", "记-0002");
    book.log("correction", &none, right.clone(), true);
    // The old value is now the corrected one; said in the same publication.
    book.log("correction", &none, right.clone(), false);
    let again = book.correction(book.target(2), "记-0002", "记-0001");
    book.log("correction", &none, again, true);
    assert_eq!(book.found(), [("target".to_owned(), 6)]);
    // The same in later publications, and other wrong targets.
    book.log("correction", &none, right, false);
    let foreign = set_in(&book.target(3), "seq", 2);
    let foreign = book.correction(foreign, "记-0001", "记-0009");
    book.log("correction", &none, foreign, false);
    let amendment = book.correction(book.target(5), "记-0001", "记-0009");
    book.log("correction", &none, amendment, false);
    let other = book.correction(book.target(3), "记-0003", "记-0009");
    book.log("correction", &none, other, true);
    assert_eq!(book.found(), [6, 8, 9, 10].map(|seq| ("target".to_owned(), seq)));
}

/// E-60.
#[test]
fn references_are_held_against_the_entries_that_stand() {
    let mut book = Book::new();
    let to = |seq: i64, target: &Object| {
        let reference = Object::new()
            .with("rel", "contract")
            .with("unit", UNIT)
            .with("seq", seq)
            .with("leaf", target.text_of("leaf").unwrap());
        Object::new().with("refs", vec![Value::from(reference)])
    };
    let (second, third) = (book.target(2), book.target(3));
    for (seq, target, allowed) in
        [(2, &second, true), (2, &third, false), (3, &third, true), (99, &third, false), (8, &third, false)]
    {
        book.log("notice", &to(seq, target), example("notice"), allowed);
    }
    assert_eq!(book.found(), [6, 8, 9].map(|seq| ("reference".to_owned(), seq)));
}

/// E-92: a closing names the book's root.
#[test]
fn a_closing_is_held_against_the_book() {
    for (wrong, found) in [(false, 0), (true, 1)] {
        let mut book = Book::new();
        let body = book.world.closing(UNIT);
        let body = if wrong { set_in(&body, "root", ledger::hash::Hash::EMPTY.to_base64()) } else { body };
        let act = book.world.act(UNIT, 5, "closed", body, &[]);
        if wrong {
            assert!(!book.world.submit_any(vec![act.clone()], NOW));
            book.world.force(act);
        } else {
            book.world.take(vec![act], NOW);
        }
        book.world.publish(NOW);
        let report = holds(&book.world, "OK_UNWITNESSED");
        assert_eq!(notes(&report, "findings", "closing").len(), found, "{report:#}");
    }
}
