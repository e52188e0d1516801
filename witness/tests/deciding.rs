//! What is signed and what is not: each rule of C2SP tlog-witness, races forced on purpose, power cuts, disks that fail.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod disk;

use book::{Book, ORIGIN, body, config, cosigned, cosigner, log_signer, verify};
use disk::{Cut, Disk, Fault};
use keys::{Role, Signer};
use ledger::hash::Hash;
use ledger::note::{self, NoteError};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use witness::log::Answer;
use witness::record::{CONTRADICTION, LATEST, LoadError};
use witness::request::Malformed;
use witness::{LogConfig, Witness};

const NOW: u64 = 1_790_000_000;

fn open(disk: &Disk) -> Result<Witness, LoadError> {
    let mut witness = Witness::new(cosigner(), || NOW);
    witness.watch(&config(), Box::new(disk.clone()))?;
    Ok(witness)
}

fn witness() -> Witness {
    open(&Disk::default()).unwrap()
}

fn ask(witness: &Witness, body: &str) -> Answer {
    witness.add_checkpoint(body.as_bytes()).1
}

fn signs(witness: &Witness, book: &Book, old: u64) {
    match ask(witness, &book.body(old)) {
        Answer::Cosigned(lines) => assert_eq!(verify(witness.vkey(), book, &lines), [NOW]),
        other => panic!("{old} to {}: {other:?}", book.size()),
    }
}

fn latest(witness: &Witness) -> Option<(u64, String)> {
    let (_, log) = witness.logs().next().unwrap();
    log.state().latest.map(|l| (l.checkpoint.size, l.note.clone()))
}

#[test]
fn it_follows_a_log_that_grows() {
    let witness = witness();
    let mut old = 0;
    for size in [0, 0, 1, 1, 2, 3, 7, 8, 64, 65, 200] {
        signs(&witness, &Book::honest(size), old);
        let (kept, note) = latest(&witness).unwrap();
        assert_eq!((kept, cosigned(note.as_bytes()).size), (size, size));
        old = size;
    }
}

#[test]
fn every_consistent_step_is_signed_and_no_other() {
    for new in 0..=20 {
        for old in 0..=new {
            let witness = witness();
            signs(&witness, &Book::honest(old), 0);
            let mut fork = Book::honest(new);
            if let Some(leaf) = fork.0.get_mut((old as usize).wrapping_sub(1)) {
                *leaf = Hash::EMPTY;
                let refused = ask(&witness, &fork.body(old));
                assert!(matches!(refused, Answer::Inconsistent(_)), "{old} {new}: {refused:?}");
            }
            signs(&witness, &Book::honest(new), old);
        }
    }
}

#[test]
fn another_old_size_is_a_conflict_and_says_the_right_one() {
    let witness = witness();
    for old in [1, 5, 9] {
        assert_eq!(ask(&witness, &Book::honest(9).body(old)), Answer::Conflict(0));
    }
    signs(&witness, &Book::honest(9), 0);
    for (old, new) in [(0, 9), (8, 9), (0, 3), (3, 3), (10, 10), (0, 20), (10, 20)] {
        assert_eq!(ask(&witness, &Book::honest(new).body(old)), Answer::Conflict(9), "{old} {new}");
    }
    assert_eq!(
        ask(&witness, &body(21, &[], &Book::honest(20).signed())),
        Answer::Malformed(Malformed::Shrinks)
    );
}

#[test]
fn a_proof_that_does_not_hold_is_refused_whatever_is_wrong_with_it() {
    let witness = witness();
    let not_empty = body(0, &[Hash::EMPTY], &Book::honest(9).signed());
    assert!(matches!(ask(&witness, &not_empty), Answer::Inconsistent(_)));
    let mut wrong_root = Book::honest(0).text();
    wrong_root = wrong_root.replace(&Hash::EMPTY.to_base64(), &Book::honest(1).root().to_base64());
    let signed = note::assemble(&wrong_root, &[log_signer().sign_note(&wrong_root).unwrap()]);
    assert!(matches!(ask(&witness, &body(0, &[], &signed)), Answer::Inconsistent(_)));
    signs(&witness, &Book::honest(9), 0);
    let (book, proof) = (Book::honest(20), Book::honest(20).proof(9));
    let short = &proof[1..];
    let long: Vec<Hash> = proof.iter().copied().chain([Hash::EMPTY]).collect();
    let mut turned = proof.clone();
    turned.swap(0, 1);
    for wrong in [&[][..], short, &long, &turned] {
        assert!(matches!(ask(&witness, &body(9, wrong, &book.signed())), Answer::Inconsistent(_)));
    }
    let refresh = body(9, &[Hash::EMPTY], &Book::honest(9).signed());
    assert!(matches!(ask(&witness, &refresh), Answer::Inconsistent(_)));
    signs(&witness, &book, 9);
}

#[test]
fn only_trusted_signatures_count_and_each_of_them_must_hold() {
    let witness = witness();
    let book = Book::honest(3);
    let (text, honest) = (book.text(), log_signer().sign_note(&book.text()).unwrap());
    let stranger = Signer::from_secret(ORIGIN, Role::Log, &[9; 32]).unwrap().sign_note(&text).unwrap();
    let mut broken = honest.clone();
    broken.bytes[10] ^= 1;
    let mut other_name = honest.clone();
    other_name.name = "other.example/ledger".to_owned();
    let ask = |lines: &[note::Signature]| ask(&witness, &body(0, &[], &note::assemble(&text, lines)));
    let unknown = Answer::NotSigned(NoteError::UnknownKey);
    assert_eq!(ask(std::slice::from_ref(&stranger)), unknown);
    assert_eq!(ask(&[other_name]), unknown);
    assert_eq!(ask(std::slice::from_ref(&broken)), Answer::NotSigned(NoteError::Signature));
    assert_eq!(ask(&[honest.clone(), broken]), Answer::NotSigned(NoteError::Signature));
    // A cosignature says nothing of who wrote the log.
    assert_eq!(ask(&[cosigner().cosign(NOW, &text).unwrap()]), unknown);
    assert!(matches!(ask(&[stranger, honest.clone(), honest]), Answer::Cosigned(_)));
    let kept = ledger::checkpoint::SignedCheckpoint::parse(latest(&witness).unwrap().1.as_bytes()).unwrap();
    assert_eq!(kept.signatures.len(), 2, "the log's once, and ours");
}

#[test]
fn a_log_with_two_keys_is_followed_through_the_change() {
    let new = Signer::from_secret(ORIGIN, Role::Log, &[9; 32]).unwrap();
    let config = LogConfig { vkeys: vec![log_signer().vkey().clone(), new.vkey().clone()], ..config() };
    let mut witness = Witness::new(cosigner(), || NOW);
    witness.watch(&config, Box::new(Disk::default())).unwrap();
    signs(&witness, &Book::honest(3), 0);
    let book = Book::honest(4);
    let signed = note::assemble(&book.text(), &[new.sign_note(&book.text()).unwrap()]);
    assert!(matches!(ask(&witness, &body(3, &book.proof(3), &signed)), Answer::Cosigned(_)));
}

#[test]
fn logs_do_not_touch_one_another() {
    let other = Signer::from_secret("other.example/ledger", Role::Log, &[5; 32]).unwrap();
    let mut witness = witness();
    let config =
        LogConfig { origin: other.name().to_owned(), vkeys: vec![other.vkey().clone()], follow: None };
    witness.watch(&config, Box::new(Disk::default())).unwrap();
    signs(&witness, &Book::honest(7), 0);
    let text = Book::honest(2).text().replace(ORIGIN, other.name());
    let signed = note::assemble(&text, &[other.sign_note(&text).unwrap()]);
    assert!(matches!(ask(&witness, &body(0, &[], &signed)), Answer::Cosigned(_)));
    let text = Book::honest(2).text().replace(ORIGIN, "third.example/ledger");
    let third = Signer::from_secret("third.example/ledger", Role::Log, &[6; 32]).unwrap();
    let signed = note::assemble(&text, &[third.sign_note(&text).unwrap()]);
    assert_eq!(ask(&witness, &body(0, &[], &signed)), Answer::UnknownOrigin);
}

/// SPEC C-11.
#[test]
fn malformed_requests() {
    let (witness, book) = (witness(), Book::honest(9));
    let good = book.body(0);
    let hashes = |n| vec![Hash::EMPTY; n];
    let cases = [
        (String::new(), Malformed::Shape),
        ("old 0\n".to_owned(), Malformed::Shape),
        (book.signed(), Malformed::Old),
        (good.replacen("old 0", "old 00", 1), Malformed::Old),
        (good.replacen("old 0", "old +0", 1), Malformed::Old),
        (good.replacen("old 0", "old ", 1), Malformed::Old),
        (good.replacen("old 0", "old  0", 1), Malformed::Old),
        (good.replacen("old 0", "OLD 0", 1), Malformed::Old),
        (good.replacen("old 0", "old 18446744073709551616", 1), Malformed::Old),
        (good.replacen("old 0\n", "old 0\r\n", 1), Malformed::Old),
        (good.replacen("old 0\n", "old 0\nAAAA\n", 1), Malformed::Proof),
        (good.replacen("old 0\n", &format!("old 0\n{} \n", Hash::EMPTY), 1), Malformed::Proof),
        (good.replacen("old 0\n", &format!("old 0\n{}\n", Hash::EMPTY.to_hex()), 1), Malformed::Proof),
        (body(0, &hashes(64), &book.signed()), Malformed::TooLong),
        (good.replacen("old 0\n", &format!("old 0{}\n", " ".repeat(100_000)), 1), Malformed::Shape),
    ];
    for (body, wanted) in cases {
        assert_eq!(ask(&witness, &body), Answer::Malformed(wanted), "{body}");
    }
    let extended = format!("{}extension\n", book.text());
    let line = log_signer().sign_note(&book.text()).unwrap();
    let checkpoints = [
        note::assemble(&extended, std::slice::from_ref(&line)),
        book.text() + "\n",
        book.text(),
        note::assemble(&book.text(), &vec![line.clone(); 65]),
        book.signed().trim_end().to_owned(),
        book.signed() + "\n",
        book.signed() + "— x AAAA",
    ];
    for checkpoint in checkpoints {
        let answer = ask(&witness, &body(0, &[], &checkpoint));
        assert!(
            matches!(answer, Answer::Malformed(Malformed::Checkpoint(_) | Malformed::Shape)),
            "{checkpoint}"
        );
    }
    assert!(matches!(ask(&witness, &body(0, &hashes(63), &book.signed())), Answer::Inconsistent(_)));
    assert_eq!(latest(&witness), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_sign(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let answer = witness().add_checkpoint(&bytes).1;
        prop_assert!(matches!(answer, Answer::Malformed(_)));
    }

    #[test]
    fn no_change_of_a_request_is_signed(at in 0_usize..600, bit in 0_u8..8) {
        let witness = witness();
        signs(&witness, &Book::honest(5), 0);
        let mut bytes = Book::honest(12).body(5).into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let answer = witness.add_checkpoint(&bytes).1;
        prop_assert!(!matches!(answer, Answer::Cosigned(_)), "{}", String::from_utf8_lossy(&bytes));
    }
}

/// SPEC C-13.
#[test]
fn two_books_of_one_size_are_kept_once_and_convict_the_log() {
    let disk = Disk::default();
    let witness = open(&disk).unwrap();
    signs(&witness, &Book::honest(9), 0);
    let fork = Book::forked(9, 7, "another");
    assert!(matches!(ask(&witness, &body(9, &[], &fork.signed())), Answer::Inconsistent(_)));
    let [a, b] = CONTRADICTION.map(|name| disk.file(name).unwrap());
    let (ours, theirs) = (cosigned(&a), ledger::checkpoint::SignedCheckpoint::parse(&b).unwrap());
    theirs.verify_log(log_signer().vkey()).unwrap();
    assert_eq!(ours.size, theirs.checkpoint.size);
    assert_ne!(ours.root, theirs.checkpoint.root);
    // Not overwritten, remembered, and the honest book goes on.
    ask(&witness, &Book::forked(9, 3, "a third").body(0));
    assert_eq!(disk.file(CONTRADICTION[1]).unwrap(), b);
    signs(&witness, &Book::honest(12), 9);
    assert!(open(&disk).unwrap().logs().next().unwrap().1.state().contradicted);
}

/// SPEC C-12.
#[test]
fn times_rise_with_sizes_and_a_clock_that_went_back_signs_nothing() {
    let clock = Arc::new(AtomicU64::new(NOW));
    let hand = Arc::clone(&clock);
    let mut witness = Witness::new(cosigner(), move || hand.load(Ordering::Relaxed));
    witness.watch(&config(), Box::new(Disk::default())).unwrap();
    let at = |time: u64, size: u64, old: u64| {
        clock.store(time, Ordering::Relaxed);
        match ask(&witness, &Book::honest(size).body(old)) {
            Answer::Cosigned(lines) => Some(verify(witness.vkey(), &Book::honest(size), &lines)),
            Answer::Unavailable(_) => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(at(0, 1, 0), None, "a cosignature is never without a time");
    assert_eq!(at(NOW, 1, 0), Some(vec![NOW]));
    assert_eq!(at(NOW - 300, 2, 1), Some(vec![NOW]));
    assert_eq!(at(NOW - 301, 3, 2), None);
    assert_eq!(at(NOW + 5, 2, 2), Some(vec![NOW + 5]), "a refresh has the new time");
}

#[test]
fn the_same_head_again_in_the_same_second_is_not_written_again() {
    let disk = Disk::default();
    let witness = open(&disk).unwrap();
    signs(&witness, &Book::honest(4), 0);
    let steps = disk.steps();
    signs(&witness, &Book::honest(4), 4);
    assert_eq!(disk.steps(), steps);
}

/// SPEC C-10.
#[test]
fn of_many_books_at_one_time_one_is_signed() {
    for round in 0..5 {
        let disk = Disk::slow(Duration::from_millis(10));
        let witness = open(&disk).unwrap();
        signs(&witness, &Book::honest(3), 0);
        let signed = Mutex::new(Vec::new());
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (witness, signed, start) = (&witness, &signed, &start);
                scope.spawn(move || {
                    let book = Book::forked(6 + n % 2, 3 + (round + n) % 3, &format!("book {n}"));
                    let body = book.body(3);
                    start.wait();
                    match ask(witness, &body) {
                        Answer::Cosigned(_) => signed.lock().unwrap().push(book),
                        Answer::Conflict(6 | 7) => {}
                        other => panic!("{other:?}"),
                    }
                });
            }
        });
        let signed = signed.into_inner().unwrap();
        assert_eq!(signed.len(), 1, "one of eight that all follow from size 3");
        assert_eq!(cosigned(&disk.file(LATEST).unwrap()).root, signed[0].root());
    }
}

/// The race that the specification describes: the smaller of two checked requests must not come last.
#[test]
fn what_is_kept_never_shrinks() {
    let disk = Disk::slow(Duration::from_millis(2));
    let witness = open(&disk).unwrap();
    std::thread::scope(|scope| {
        for n in 0..6 {
            let witness = &witness;
            scope.spawn(move || {
                for step in 0..20 {
                    let old = latest(witness).map_or(0, |(size, _)| size);
                    ask(witness, &Book::honest(old + (n * 7 + step) % 5).body(old));
                }
            });
        }
    });
    let sizes: Vec<u64> = disk.history(LATEST).iter().map(|note| cosigned(note).size).collect();
    assert!(sizes.is_sorted(), "{sizes:?}");
    assert!(sizes.last() > Some(&5), "{sizes:?}");
}

/// A power cut at every step of a replacement, with every outcome it can have: the record is the old head or the
/// new one, it is the new one when an answer went out, and no second book is signed beside an answered one.
/// SPEC C-10.
#[test]
fn a_power_cut_leaves_the_old_head_or_the_new_one() {
    let mut cuts = 0;
    for first in [false, true] {
        for step in 0..=3 {
            for cut in Cut::ALL {
                let disk = Disk::default();
                let witness = open(&disk).unwrap();
                if !first {
                    signs(&witness, &Book::honest(5), 0);
                }
                let old = if first { 0 } else { 5 };
                disk.cut_after(step);
                let answered = matches!(ask(&witness, &Book::honest(8).body(old)), Answer::Cosigned(_));
                assert_eq!(answered, step == 3);
                let disk = disk.after_power_cut(cut);
                let witness = open(&disk).unwrap();
                let size = latest(&witness).map_or(0, |(size, _)| size);
                assert!(size == 8 || (size == old && !answered), "{step} {cut:?}: {size}");
                let fork = Book::forked(9, 5, "another");
                let forked = matches!(ask(&witness, &fork.body(old)), Answer::Cosigned(_));
                assert!(!(forked && answered), "{step} {cut:?}");
                if !forked {
                    signs(&witness, &Book::honest(9), 8);
                }
                cuts += 1;
            }
        }
    }
    assert_eq!(cuts, 2 * 4 * Cut::ALL.len());
}

#[test]
fn a_disk_that_fails_gets_no_cosignature_out_of_us() {
    for (step, stops) in [(0, false), (1, true), (2, true)] {
        for fault in [Fault::NotDone, Fault::YetDone] {
            let disk = Disk::default();
            let witness = open(&disk).unwrap();
            signs(&witness, &Book::honest(5), 0);
            disk.fail_once(step, fault);
            assert!(matches!(ask(&witness, &Book::honest(8).body(5)), Answer::Unavailable(_)));
            assert_eq!(latest(&witness).unwrap().0, 5, "what is served is what was answered");
            let again = ask(&witness, &Book::honest(8).body(5));
            assert_eq!(matches!(again, Answer::Unavailable(_)), stops, "{step} {fault:?}: {again:?}");
            // After a start the record decides.
            let witness = open(&disk).unwrap();
            let size = latest(&witness).unwrap().0;
            signs(&witness, &Book::honest(9), size);
        }
    }
}

#[test]
fn a_record_is_believed_only_with_its_signatures() {
    let disk = Disk::default();
    signs(&open(&disk).unwrap(), &Book::honest(5), 0);
    let good = disk.file(LATEST).unwrap();
    let stranger = Signer::from_secret(ORIGIN, Role::Log, &[9; 32]).unwrap();
    let text = Book::honest(2).text();
    let forged = note::assemble(&text, &[stranger.sign_note(&text).unwrap()]).into_bytes();
    let other =
        String::from_utf8(good.clone()).unwrap().replacen(ORIGIN, "other.example/ledger", 1).into_bytes();
    for bytes in [Vec::new(), good[..good.len() - 1].to_vec(), b"garbage".to_vec(), forged, other] {
        disk.put(LATEST, &bytes);
        assert!(matches!(open(&disk), Err(LoadError::Damaged { .. })), "{}", String::from_utf8_lossy(&bytes));
    }
    // A new cosigner's key, or a log key that has been replaced: the record still binds.
    disk.put(LATEST, &good);
    let mut new_key =
        Witness::new(Signer::from_secret("witness.example/w2", Role::Cosigner, &[7; 32]).unwrap(), || NOW);
    new_key.watch(&config(), Box::new(disk.clone())).unwrap();
    assert_eq!(ask(&new_key, &Book::honest(9).body(0)), Answer::Conflict(5));
    assert!(matches!(ask(&new_key, &Book::honest(5).body(5)), Answer::Cosigned(_)));
    disk.put(LATEST, &good);
    let mut rotated = Witness::new(cosigner(), || NOW);
    let config = LogConfig { vkeys: vec![stranger.vkey().clone()], ..config() };
    rotated.watch(&config, Box::new(disk)).unwrap();
    assert_eq!(latest(&rotated).unwrap().0, 5);
}

/// The record was brought back from an old backup; a head with our own cosignature tells so.
/// SPEC C-10.
#[test]
fn what_we_have_cosigned_ourselves_counts_as_the_last_head() {
    let disk = Disk::default();
    let witness = open(&disk).unwrap();
    signs(&witness, &Book::honest(5), 0);
    let backup = disk.file(LATEST).unwrap();
    signs(&witness, &Book::honest(9), 5);
    let (_, newest) = latest(&witness).unwrap();
    disk.put(LATEST, &backup);
    let witness = open(&disk).unwrap();
    assert_eq!(ask(&witness, &body(5, &Book::honest(9).proof(5), &newest)), Answer::Conflict(9));
    assert_eq!(ask(&witness, &Book::forked(12, 7, "another").body(5)), Answer::Conflict(9));
    assert_eq!(cosigned(&disk.file(LATEST).unwrap()).size, 9);
    signs(&witness, &Book::honest(12), 9);
    // A head that we have signed and that can't be beside the record: this key is worth nothing any more.
    let fork = Book::forked(12, 7, "another");
    let lines =
        [log_signer().sign_note(&fork.text()).unwrap(), cosigner().cosign(NOW, &fork.text()).unwrap()];
    let refused = ask(&witness, &body(12, &[], &note::assemble(&fork.text(), &lines)));
    assert!(matches!(refused, Answer::Unavailable(_)), "{refused:?}");
    assert!(matches!(ask(&witness, &Book::honest(13).body(12)), Answer::Unavailable(_)));
}
