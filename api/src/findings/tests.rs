#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use super::*;
use ledger::rules::FindingCode;
use std::sync::mpsc;

/// SPEC H-11: whoever waits gets the book when it is free in time, else is sent away.
#[test]
fn a_book_that_another_reads_is_waited_for_a_short_time_only() {
    let book = Arc::new(Mutex::new(Book::default()));
    let (held, is_held) = mpsc::channel();
    let (free, is_free) = mpsc::channel::<()>();
    let reader = {
        let book = Arc::clone(&book);
        thread::spawn(move || {
            let _book = book.lock().unwrap();
            held.send(()).unwrap();
            let _ = is_free.recv();
        })
    };
    is_held.recv().unwrap();
    let began = Instant::now();
    let problem = hold(&book).unwrap_err();
    assert_eq!((problem.code, problem.retry_after), (Code::Busy, Some(BOOK_RETRY)));
    assert!(began.elapsed() >= BOOK_TIME);
    let waits = {
        let book = Arc::clone(&book);
        thread::spawn(move || hold(&book).is_ok())
    };
    drop(free);
    reader.join().unwrap();
    assert!(waits.join().unwrap());
    assert!(hold(&book).is_ok());
}

#[test]
fn a_book_is_there_after_whoever_read_it_panicked() {
    let book = Arc::new(Mutex::new(Book::default()));
    let reader = Arc::clone(&book);
    let panicked = thread::spawn(move || {
        let _book = reader.lock().unwrap();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    assert!(hold(&book).is_ok());
}

/// SPEC H-11: what is beside one entry is never told in parts.
#[test]
fn a_page_ends_between_entries() {
    let found = |seqs: &[u64]| -> Vec<Finding> {
        let of = |seq: &u64| Finding { code: FindingCode::Cash, seq: *seq, field: "", values: Vec::new() };
        seqs.iter().map(of).collect()
    };
    for (seqs, most, count, next) in [
        (&[][..], 2, 0, None),
        (&[1, 2], 2, 2, None),
        (&[1, 2, 3], 2, 2, Some(3)),
        (&[1, 2, 2], 2, 1, Some(2)),
        (&[1, 1, 1, 2], 2, 3, Some(2)),
        (&[1, 1, 1], 2, 3, None),
    ] {
        let list = found(seqs);
        let (part, told) = page(&list, most);
        assert_eq!((part.len(), told), (count, next), "{seqs:?}");
    }
}
