//! The client against a real server: uploads, names, rows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use client::submit::SubmitError;
use client::{HttpError, LedgerApi, Submitter};
use ledger::json::Object;
use ledger::sealed::{Access, Openings};
use std::io::Cursor;
use village::beside::{Upload, issue, list, notice, posting, sign, today, unit};
use village::{Key, ORIGIN, Running, Village};

fn api(running: &Running) -> LedgerApi {
    LedgerApi::new(&format!("http://{}", running.address)).unwrap()
}

fn status(error: HttpError) -> (u16, String) {
    match error {
        HttpError::Status { status, problem, .. } => (status, problem.code),
        e => panic!("{e}"),
    }
}

#[test]
fn a_list_goes_up_with_its_rows_and_names_and_comes_back() {
    let (village, running) = Village::founded(0);
    let api = api(&running);
    let (sealed, rows) = list(&village, 2, 300, posting(today(), 7));
    let first = notice(&village, 1, "李*", Access::Posted, posting(today(), 7));
    let blob = Upload::public("text/x.village-ledger.rows", rows.text().as_bytes());
    let ticket = sign(&blob.ticket(&village), &village.seal);
    assert!(api.upload(&ticket, None, Cursor::new(&blob.bytes)).unwrap());
    assert!(!api.upload(&ticket, None, Cursor::new(&blob.bytes)).unwrap(), "it is there");

    let submitter = Submitter::new(api.http().clone());
    let notes = [first.note.as_str(), sealed.note.as_str()];
    let Err(SubmitError::Refused(faults)) = submitter.submit(&notes) else { panic!("names are missing") };
    assert_eq!((faults.len(), faults[0].code.as_str()), (2, "beside"));
    let openings = [first.openings.clone(), sealed.openings.clone()];
    assert!(matches!(submitter.submit_with(&notes, &openings[..1]), Err(SubmitError::Size)));
    let answer = submitter.submit_with(&notes, &openings).unwrap();
    assert_eq!(answer.entries.len(), 2);
    assert_eq!(submitter.submit(&notes).unwrap().entries, answer.entries, "again, and nothing beside it");

    assert_eq!(api.openings(&unit(), 1).unwrap().unwrap(), first.openings);
    assert_eq!(api.openings(&unit(), 2).unwrap().unwrap(), sealed.openings);
    assert_eq!(api.openings(&unit(), 3).unwrap(), None);
    assert_eq!(api.unit_openings(&unit(), 1).unwrap(), [(1, first.openings.clone())]);
    let proof = api.row_proof(&unit(), 2, 299).unwrap().unwrap();
    proof.verify(&rows.summary().root, 300).unwrap();
    assert_eq!(api.row_proof(&unit(), 2, 300).unwrap(), None);
    let found = api.blob(&blob.digest).unwrap().unwrap();
    assert_eq!((found.digest(), found.media.as_str()), (blob.digest, blob.media.as_str()));
}

/// SPEC H-15: as large as a file may be, and one more byte.
#[test]
fn a_file_of_20_mib_goes_up_and_comes_back() {
    let (village, running) = Village::founded(0);
    let api = api(&running);
    let bytes: Vec<u8> = (0..20 << 20).map(|n: u32| if n % 80 == 79 { b'\n' } else { b'a' }).collect();
    let file = Upload::closed("text/plain", "inspectors", &bytes);
    let stranger = Key::new(&format!("{ORIGIN}/seal/440811100/township"), village.seal.open().role());
    let refused =
        api.upload(&sign(&file.ticket(&village), &stranger), file.salt.as_ref(), Cursor::new(&bytes));
    assert_eq!(status(refused.unwrap_err()), (401, "ticket".to_owned()), "told before the file is sent");
    let ticket = sign(&file.ticket(&village), &village.seal);
    let other = Cursor::new(vec![b'b'; 20 << 20]);
    assert_eq!(status(api.upload(&ticket, file.salt.as_ref(), other).unwrap_err()).1, "digest");
    assert!(api.upload(&ticket, file.salt.as_ref(), Cursor::new(&bytes)).unwrap());
    assert!(api.blob(&file.digest).unwrap().is_none(), "nothing names it");
    running.must_post(&[file.notice(&village, 1, "明细")]);
    assert_eq!(status(api.blob(&file.digest).err().unwrap()), (401, "token".to_owned()));
    let token = issue(&village, "inspectors", "440811", "1");
    let found = api.with_token(&token).blob(&file.digest).unwrap().unwrap();
    assert!(found.digest() == file.digest && found.bytes == bytes && found.salt == file.salt);
}

/// A list of 100,000 rows is more than a request can carry, and is told so before it is sent.
#[test]
fn a_list_too_long_for_a_request_is_told_so() {
    let (village, running) = Village::founded(0);
    let (sealed, _) = list(&village, 1, 100_000, Object::new());
    let submitter = Submitter::new(api(&running).http().clone());
    let error = submitter.submit_with(&[&sealed.note], std::slice::from_ref(&sealed.openings)).unwrap_err();
    assert!(matches!(error, SubmitError::Long), "{error}");
    let error = submitter.submit_with(&[&sealed.note], &[Openings::default()]).unwrap_err();
    assert!(matches!(error, SubmitError::Refused(_)), "{error}");
}
