//! kill -9 of the real `village-witness serve` under submissions of books that contradict each other: all
//! cosignatures that ever went out are of one book.
//!
//! 6 rounds; 60 with `VILLAGE_LONG=1`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod program;

use book::{Book, ORIGIN, cosigned, verify};
use client::witness::{Answer, add_checkpoint, latest};
use ledger::hash::{Hash, leaf_hash};
use program::Program;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// Operators that each want to make the log grow in their own way.
const OPERATORS: u64 = 6;
const SOON: Duration = Duration::from_secs(10);

/// What the operators know: every book that any of them made up, by root, and what was answered.
#[derive(Default)]
struct Known {
    books: Mutex<BTreeMap<Hash, Book>>,
    cosigned: Mutex<Vec<(Book, String)>>,
}

impl Known {
    /// The book of the head that the witness serves; `None` when the witness is gone.
    fn served(&self, url: &str) -> Option<Book> {
        match latest(url, ORIGIN, SOON).ok()? {
            None => Some(Book::default()),
            Some(note) => Some(self.books.lock().unwrap()[&cosigned(&note).root].clone()),
        }
    }

    /// Extends what is served in a way that nobody else does, until the witness is gone.
    fn operate(&self, url: &str, operator: u64, round: u64) {
        for n in 0_u64.. {
            let Some(base) = self.served(url) else { return };
            let mut book = base.clone();
            for leaf in 0..(n + operator) % 4 {
                book.0.push(leaf_hash(format!("{round} {operator} {n} {leaf}").as_bytes()));
            }
            self.books.lock().unwrap().insert(book.root(), book.clone());
            let proof = book.proof(base.size());
            match add_checkpoint(url, base.size(), &proof, book.signed().as_bytes(), SOON) {
                Ok(Answer::Cosigned(lines)) => {
                    let lines = lines.iter().map(ledger::note::Signature::line).collect();
                    self.cosigned.lock().unwrap().push((book, lines));
                }
                // Somebody else was first, with another size or another book of this one.
                Ok(Answer::Conflict(_) | Answer::Refused { status: 422, .. }) => {}
                Ok(other) => panic!("{other:?}"),
                Err(_) => return,
            }
        }
    }
}

#[test]
fn no_kill_makes_it_sign_two_books() {
    let rounds = if std::env::var_os("VILLAGE_LONG").is_some() { 60 } else { 6 };
    let (program, known) = (Program::new(), Known::default());
    for round in 0..rounds {
        let mut running = program.serve();
        let url = running.url.clone();
        let answered = known.cosigned.lock().unwrap().iter().map(|(book, _)| book.size()).max();
        assert!(known.served(&url).unwrap().size() >= answered.unwrap_or(0), "an answered head is gone");
        std::thread::scope(|scope| {
            for operator in 0..OPERATORS {
                let (known, url) = (&known, &url);
                scope.spawn(move || known.operate(url, operator, round));
            }
            // Another moment of a write each round.
            std::thread::sleep(Duration::from_millis(100 + (round * 37) % 101));
            running.child.kill().unwrap();
        });
        running.child.wait().unwrap();
    }
    let mut cosigned = known.cosigned.into_inner().unwrap();
    cosigned.sort_by_key(|(book, _)| book.size());
    for (book, lines) in &cosigned {
        assert_eq!(verify(book::cosigner().vkey(), book, lines).len(), 1);
    }
    for pair in cosigned.windows(2) {
        assert!(
            pair[1].0.0.starts_with(&pair[0].0.0),
            "two books: {} and {}",
            pair[0].0.size(),
            pair[1].0.size()
        );
    }
    let grown = cosigned.last().unwrap().0.size();
    assert!(
        cosigned.len() as u64 >= rounds && grown >= rounds,
        "there was load: {}, {grown}",
        cosigned.len()
    );
}
