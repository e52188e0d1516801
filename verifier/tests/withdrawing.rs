//! `audit` of what may go from beside a log: postings corrected, entries superseded, what goes while it reads.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::{Hash, leaf_hash};
use ledger::json::Object;
use ledger::sealed::Access;
use serde_json::Value;
use std::path::Path;
use support::beside::{ENDED, POSTED, Sealed};
use support::server::Server;
use support::village::*;
use support::*;

/// A correction of when an entry is posted: path, old and new day.
fn correction(log: &Log, seq: u64, of: &Sealed, fields: &[(&str, &str, &str)]) -> Vec<u8> {
    let field = |(path, old, new): &(&str, &str, &str)| {
        ledger::json::Value::from(Object::new().with("path", *path).with("old", *old).with("new", *new))
    };
    let fields: Vec<_> = fields.iter().map(field).collect();
    let number = ledger::entry::Entry::of_leaf(&of.note).unwrap().seq() as i64;
    let target = Object::new().with("seq", number).with("leaf", leaf_hash(&of.note).to_base64());
    let body = with(&with(&example("correction"), "target", target), "fields", fields);
    sealed(&log.draft(UNIT, seq, "correction", body), &[&log.town])
}

/// P-16: a correction makes a posting longer, and what is missing then is withheld.
#[test]
fn corrections_of_a_posting_are_applied() {
    let mut village = Village::new();
    let short = village.log.sealed_voucher(10, (POSTED.0, "2026-10-10"), Access::Posted);
    village.log.bring(&short);
    village.log.publish(CREATED + 600);
    village.log.write(village.folder.path());
    let (exit, report) = ask(village.server(), &["--names"]);
    assert_eq!((exit, report["findings"]["count"].as_u64()), (0, Some(0)), "its posting is over: {report}");
    let note = correction(&village.log, 11, &short, &[("posting.to", "2026-10-10", POSTED.1)]);
    village.log.take(note);
    village.log.publish(CREATED + 700);
    village.log.write(village.folder.path());
    let (exit, report) = ask(village.server(), &["--names"]);
    assert_eq!((exit, told(&report, "findings")), (1, vec![("name_withheld".to_owned(), 10)]), "{report}");
}

/// E-99: what a correction would hide is told as before, and the correction with it; what was let go is not due again.
#[test]
fn e99_a_correction_hides_no_name() {
    let village = Village::new();
    for fields in [
        &[("posting.to", POSTED.1, "2026-09-20")][..],
        &[("posting.from", POSTED.0, "1900-01-01"), ("posting.to", POSTED.1, "1900-01-02")],
    ] {
        let mut log = village.log.clone();
        log.force(correction(&log, 10, &village.entries[1], fields));
        log.publish(CREATED + 600);
        let folder = log.folder();
        let mut server = Server { folder: folder.path().to_owned(), ..village.server() };
        server.shown.remove(&6);
        let (exit, report) = ask(server, &["--names"]);
        assert_eq!((exit, report["verdict"].as_str()), (1, Some("NAME_WITHHELD")), "{report}");
        let found = [("target".to_owned(), 10), ("name_withheld".to_owned(), 6)];
        assert_eq!(told(&report, "findings"), found, "{report}");
        assert!(report["findings"].to_string().contains("E-99"));
    }
    let mut log = village.log.clone();
    let ended = log.sealed_voucher(10, ENDED, Access::Posted);
    log.bring(&ended);
    log.force(correction(&log, 11, &ended, &[("posting.to", ENDED.1, POSTED.1)]));
    log.publish(CREATED + 600);
    let folder = log.folder();
    let server = Server { folder: folder.path().to_owned(), ..village.server() };
    let (exit, report) = ask(server, &["--names"]);
    assert_eq!((exit, told(&report, "findings")), (0, vec![("target".to_owned(), 11)]), "{report}");
}

/// E-99: a correction that was taken on the last day and logged after midnight is no fault of an honest ledger.
#[test]
fn e99_midnight_accuses_nobody() {
    let day = |second| ledger::time::Date::of_unix(CREATED + second).to_string();
    let (last, late) = (day(500), day(7_200));
    assert_ne!(last, late);
    for (between, found) in [(false, vec![]), (true, vec![("target".to_owned(), 11)])] {
        let mut village = Village::new();
        let ends = village.log.sealed_voucher(10, (POSTED.0, &last), Access::Posted);
        village.log.bring(&ends);
        village.log.publish(CREATED + 600);
        if between {
            // What was taken after this one was taken on the next day.
            village.log.publish(CREATED + 7_200);
        }
        village.log.force(correction(&village.log, 11, &ends, &[("posting.to", &last, &late)]));
        village.log.publish(CREATED + 7_300);
        let folder = village.log.folder();
        let (_, report) = audit(folder.path(), &[]);
        let told = told(&report, "findings").into_iter().filter(|(code, _)| code != "empty");
        assert_eq!(told.collect::<Vec<_>>(), found, "{report}");
    }
}

/// P-16: who supersedes an entry neither withdraws its names nor is accused of it.
#[test]
fn p16_superseding_leaves_names_as_they_were() {
    let mut village = Village::new();
    let new = sealed(&village.log.draft(UNIT, 10, "voucher", example("voucher")), &[&village.log.town]);
    village.log.take(new.clone());
    village.log.publish(CREATED + 600);
    let named =
        |seq: i64, note: &[u8]| Object::new().with("seq", seq).with("leaf", leaf_hash(note).to_base64());
    let body = Object::new()
        .with("target", named(6, &village.entries[1].note))
        .with("by", named(10, &new))
        .with("reason", "重新公布");
    village.log.take(sealed(&village.log.draft(UNIT, 11, "supersede", body), &[&village.log.town]));
    village.log.publish(CREATED + 700);
    village.log.write(village.folder.path());
    let (exit, report) = ask(village.server(), &["--names"]);
    assert_eq!((exit, report["findings"]["count"].as_u64()), (0, Some(0)), "{report}");
    let mut server = village.server();
    server.shown.remove(&6);
    let (exit, report) = ask(server, &["--names"]);
    assert_eq!((exit, told(&report, "findings")), (1, vec![("name_withheld".to_owned(), 6)]), "{report}");
}

/// P-16, P-36: what was withdrawn after the log was read and before names and files were is withdrawn, and no fault.
#[test]
fn what_is_withdrawn_meanwhile_is_not_withheld() {
    let mut village = Village::new();
    let before = village.log.folder();
    let (name, file) = ("counterparty.name", Hash::of(FILE).to_hex());
    let more = ["--names", "--attachments"];
    let server = |village: &Village, later: &Path| {
        let later = Some(later.to_owned());
        let mut server = Server { later, folder: before.path().to_owned(), ..village.server() };
        server.shown.remove(&6);
        server.blobs.remove(&file);
        server
    };
    let accused = |(exit, report): (i32, Value)| {
        assert_eq!((exit, report["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{report}");
        assert_eq!(told(&report, "faults"), [("blob".to_owned(), 9)]);
        assert_eq!(told(&report, "findings"), [("name_withheld".to_owned(), 6)]);
        for list in ["faults", "findings"] {
            assert!(report[list].to_string().contains("账本读到最新，也没有撤下"), "worded alike: {report}");
        }
    };
    // The log has not grown, or by something else.
    accused(ask(server(&village, before.path()), &more));
    village.redact(10, 2, &[name]);
    accused(ask(server(&village, village.folder.path()), &more));
    village.redact(11, 1, &[name]);
    village.redact(12, 4, &["attachments.0"]);
    let (exit, report) = ask(server(&village, village.folder.path()), &more);
    assert_eq!((exit, report["verdict"].as_str()), (0, Some("OK_UNWITNESSED")), "{report}");
    assert_eq!((&report["findings"]["count"], &report["faults"]["count"]), (&0.into(), &0.into()));
    assert_eq!(
        (&report["beside"]["names"]["withdrawn"], &report["size"]),
        (&1.into(), &before_size(&before))
    );
    assert!(is(&counts(&report, "attachments"), &[("named", 2), ("withdrawn", 1), ("not_for_you", 1)]));
    // A newer head that the log did not sign excuses nothing.
    let mut forger = village.log.clone();
    forger.log = Key::note(ORIGIN, 99);
    forger.write(village.folder.path());
    accused(ask(server(&village, village.folder.path()), &more));
    // Nor one whose leaves are others.
    village.log.write(village.folder.path());
    let checkpoint = std::fs::read(village.folder.path().join("checkpoint")).unwrap();
    let at = village.log.leaves.len() - 1;
    village.log.leaves[at].push(b'\n');
    village.log.write(village.folder.path());
    std::fs::write(village.folder.path().join("checkpoint"), checkpoint).unwrap();
    accused(ask(server(&village, village.folder.path()), &more));
}

/// Leaves of the log in a folder.
fn before_size(folder: &tempfile::TempDir) -> Value {
    let checkpoint = std::fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    checkpoint.lines().nth(1).unwrap().parse::<u64>().unwrap().into()
}

/// P-37: an act that names a file, which a dishonest ledger took, is told, and keeps the file from nobody's withdrawal.
#[test]
fn p37_an_act_keeps_no_file() {
    let mut village = Village::new();
    let file = Object::new()
        .with("digest", Hash::of(FILE).to_hex())
        .with("size", FILE.len() as i64)
        .with("type", "text/plain")
        .with("title", "说明")
        .with("access", "public");
    let profile = Object::new().with("unit", UNIT).with("name", "榕溪村");
    let draft = village.log.draft(VILLAGE, 3, "unit", profile);
    let all = ledger::entry::FIELDS.iter();
    let draft = all.fold(Object::new(), |json, name| match *name {
        "attachments" => json.with("attachments", vec![ledger::json::Value::from(file.clone())]),
        name => json.with_some(name, draft.get(name).cloned()),
    });
    village.log.force_act(sealed(&draft, &[&village.log.authority.clone()]));
    village.redact(10, 4, &["attachments.0"]);
    let mut server = village.server();
    server.blobs.remove(&Hash::of(FILE).to_hex());
    let (exit, report) = ask(server, &["--attachments"]);
    assert_eq!(exit, 0, "{report}");
    assert_eq!(told(&report, "findings"), [("field".to_owned(), 3)]);
    let files = [("named", 2), ("withdrawn", 1), ("not_for_you", 1)];
    assert!(is(&counts(&report, "attachments"), &files), "{report}");
}
