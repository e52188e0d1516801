//! `audit` of what lies beside a log: rows of payment lists, attachments, sealed names, redactions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::Hash;
use ledger::sealed::{Access, Openings};
use support::beside::{ENDED, POSTED, TOKEN, list_body, name, put_blob, salt};
use support::server::Server;
use support::village::*;
use support::*;

/// P-23: every list is recomputed from its rows; what was not looked at is said.
#[test]
fn lists_are_recomputed_and_the_rest_is_asked_for() {
    let village = Village::new();
    let (exit, report) = ask(village.server(), &[]);
    assert_eq!((exit, report["verdict"].as_str()), (0, Some("OK_UNWITNESSED")), "{report}");
    assert!(is(&counts(&report, "lists"), &[("named", 2), ("held", 2)]), "{report}");
    assert!(is(&counts(&report, "attachments"), &[("named", 2)]), "{report}");
    let unsaid = report["not_checked"].to_string();
    assert!(unsaid.contains("--attachments") && unsaid.contains("--names"), "{unsaid}");

    let (exit, report) = ask(village.server(), &["--attachments", "--names"]);
    assert_eq!(exit, 0, "{report}");
    assert!(is(&counts(&report, "attachments"), &[("named", 2), ("held", 1), ("not_for_you", 1)]));
    // Opened: the long list's and one voucher's. Not for everyone: the other voucher's, the short list's.
    let names = [("sealed", 10_005), ("opened", 10_001), ("not_shown", 4)];
    assert!(is(&counts(&report, "names"), &names), "{report}");
    assert_eq!(report["findings"]["count"], 0, "{report}");

    std::fs::write(village.folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    let (exit, report) = ask(village.server(), &["--attachments", "--names", "--token-file", "token"]);
    assert_eq!(exit, 0, "{report}");
    assert!(is(&counts(&report, "attachments"), &[("named", 2), ("held", 2)]), "{report}");
    let names = [("sealed", 10_005), ("opened", 10_005), ("confidential", 4)];
    assert!(is(&counts(&report, "names"), &names), "{report}");

    // As people read it.
    let address = village.server().start();
    let args = ["audit", &address, "--trust", "trust.toml", "--names", "--attachments"];
    let said = String::from_utf8(run(village.folder.path(), &args).stdout).unwrap();
    for part in
        ["发放清单 payment lists　2　相符 held 2", "封存字段 sealed fields　10005", "无权 not for you 1"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(&name(3)) && !said.contains('黎'), "{said}");
}

/// A saved copy can be audited again without a network; names and what is not public are not in it.
#[test]
fn a_saved_copy_holds_rows_and_public_files_and_no_name() {
    let village = Village::new();
    let place = village.folder.path();
    std::fs::write(place.join("token"), TOKEN).unwrap();
    let more = ["--attachments", "--names", "--token-file", "token", "--save", "copy"];
    assert_eq!(ask(village.server(), &more).0, 0);
    for file in files(&place.join("copy")) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes != SCAN && !String::from_utf8_lossy(&bytes).contains("黎*强"), "{}", file.display());
    }
    let (exit, report) = audit_of(place, "copy", &["--attachments", "--save", "again"]);
    assert_eq!(exit, 0, "{report}");
    assert!(is(&counts(&report, "lists"), &[("named", 2), ("held", 2)]), "{report}");
    assert!(is(&counts(&report, "attachments"), &[("named", 2), ("held", 1), ("not_for_you", 1)]));
    assert_eq!(audit_of(place, "again", &[]).1["beside"]["lists"], report["beside"]["lists"]);
    // Tiles alone are no fault of the ledger's.
    let (exit, report) = audit_of(place, ".", &[]);
    assert_eq!(exit, 0, "{report}");
    assert!(is(&counts(&report, "lists"), &[("named", 2), ("not_here", 2)]), "{report}");
    assert!(report["not_checked"].to_string().contains("这份副本里没有"));
    // Names are a server's; a folder has none.
    for more in [&["--names"][..], &["--token-file", "token"]] {
        let output = run(place, &[&["audit", "copy", "--trust", "trust.toml"], more].concat());
        assert_eq!(output.status.code(), Some(64), "{output:?}");
    }
}

/// P-23, V-06: rows that are not the entry's are shown up, and convict nobody.
#[test]
fn altered_and_missing_files_are_found() {
    let village = Village::new();
    let list = village.entries[0].rows.as_ref().unwrap();
    let digest = Hash::of(list.text().as_bytes());
    let altered = list.text().replacen(" 65700 ", " 95700 ", 1).into_bytes();
    let mut server = village.server();
    server.blobs.insert(digest.to_hex(), (altered.clone(), None));
    let (exit, report) = ask(server, &["--names"]);
    assert_eq!((exit, report["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{report}");
    assert_eq!(told(&report, "faults"), [("blob".to_owned(), 5)]);
    assert!(is(&counts(&report, "lists"), &[("named", 2), ("held", 1), ("wrong", 1)]), "{report}");
    assert!(report["not_checked"].to_string().contains("没有取到各行的清单"), "{report}");

    // The ledger's own server may not lose them; one that has tiles only says nothing.
    for (refuse, api, exit) in
        [(Some(410), true, 1), (None, true, 1), (None, false, 0), (Some(403), true, 2), (Some(500), true, 2)]
    {
        let mut server = village.server();
        server.api = api;
        server.blobs.remove(&digest.to_hex());
        let path = format!("api/v1/blobs/{}", digest.to_hex());
        server.refuses.extend(refuse.map(|status| (path, status)));
        let (code, report) = ask(server, &[]);
        assert_eq!(code, exit, "{refuse:?} {api}: {report}");
        if exit == 1 {
            assert_eq!(told(&report, "faults"), [("blob".to_owned(), 5)]);
        }
    }

    // In a folder: altered, cut, too long.
    for bytes in [altered, list.text().into_bytes()[..500].to_vec(), vec![b'0'; 21 << 20]] {
        put_blob(village.folder.path(), &digest, &bytes);
        let (exit, report) = audit_of(village.folder.path(), ".", &[]);
        assert_eq!((exit, told(&report, "faults")), (1, vec![("blob".to_owned(), 5)]), "{report}");
    }

    // A public attachment, and one with another salt.
    let mut server = village.server();
    server.blobs.insert(Hash::of(FILE).to_hex(), (b"other\n".to_vec(), None));
    server.blobs.insert(salted().to_hex(), (SCAN.to_vec(), Some(salt("other"))));
    std::fs::write(village.folder.path().join("token"), TOKEN).unwrap();
    let (exit, report) = ask(server, &["--attachments", "--token-file", "token"]);
    assert_eq!((exit, told(&report, "faults")), (1, [("blob".to_owned(), 9), ("blob".to_owned(), 9)].into()));
}

/// P-23, E-62: a ledger that took an entry against its rules: the digest fits, the numbers do not.
#[test]
fn lists_and_files_taken_against_the_rules_are_found() {
    let mut log = Log::village();
    let list = log.list(5, 40, POSTED, Access::Posted);
    let rows = list.rows.clone().unwrap();
    let body = list_body(&rows, Access::Posted);
    let other = log.list(6, 40, POSTED, Access::Posted).rows.unwrap().summary().root.to_base64();
    let doubled = rows.text() + rows.text().split_inclusive('\n').next().unwrap();
    let text = rows.text();
    let blobs = [
        (with(&body, "count", 39), text.clone()),
        (with(&body, "amount", 1), text.clone()),
        (with(&body, "list.root", other), text.clone()),
        (with(&body, "list.digest", Hash::of(doubled.as_bytes()).to_hex()), doubled),
        (with(&body, "list.digest", Hash::of(b"no list").to_hex()), "no list".to_owned()),
        (body, text),
    ];
    for (seq, (body, _)) in (5..).zip(&blobs) {
        log.force(sealed(&log.draft(UNIT, seq, "payment_list", body.clone()), &[&log.town]));
    }
    log.force(log.notice_with(11, &[(Hash::of(FILE), FILE.len() + 1, "public")]));
    log.publish(CREATED + 500);
    let folder = log.folder();
    put_blob(folder.path(), &Hash::of(FILE), FILE);
    for (_, text) in &blobs {
        put_blob(folder.path(), &Hash::of(text.as_bytes()), text.as_bytes());
    }
    let (exit, report) = audit_of(folder.path(), ".", &["--attachments"]);
    assert_eq!((exit, report["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{report}");
    let mut faults: Vec<_> = (5..10).map(|seq| ("list".to_owned(), seq)).collect();
    faults.push(("attachment".to_owned(), 11));
    assert_eq!(told(&report, "faults"), faults);
    assert!(is(&counts(&report, "lists"), &[("named", 6), ("held", 1), ("wrong", 5)]), "{report}");
    let rows: Vec<_> = report["faults"]["first"].as_array().unwrap().iter().map(|n| &n["what"]).collect();
    assert!(rows.iter().all(|what| what.as_str().unwrap().contains("违反了规则")), "{rows:?}");
}

/// P-16: an opening swapped, altered or of another entry is neither the ledger's word nor shown.
#[test]
fn openings_that_are_not_the_entrys_are_found() {
    let village = Village::new();
    let (voucher, other) = (&village.entries[1].openings, &village.entries[2].openings);
    let list = &village.entries[0].openings;
    let swapped: Vec<_> = list
        .iter()
        .map(|opening| {
            let path = match opening.path.as_str() {
                "rows.3.name" => "rows.4.name",
                "rows.4.name" => "rows.3.name",
                path => path,
            };
            ledger::sealed::Opening { path: path.to_owned(), ..opening.clone() }
        })
        .collect();
    let parse = |text: String| Openings::parse(text.as_bytes()).unwrap();
    for (seq, openings, wrong) in [
        (5, Openings::new(swapped).unwrap(), 2),
        (6, parse(voucher.text().replace('黎', "李")), 1),
        (6, parse(voucher.text().replace("posted", "household")), 1),
        (6, parse(voucher.text().replace("counterparty", "winner")), 1),
        (6, parse(other.text().replace("inspectors", "posted")), 1),
        (9, voucher.clone(), 1),
    ] {
        let mut server = village.server();
        server.shown.insert(seq, openings);
        let (exit, report) = ask(server, &["--names"]);
        assert_eq!((exit, report["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{seq}: {report}");
        assert_eq!(told(&report, "faults"), [("opening".to_owned(), seq)]);
        assert_eq!(report["beside"]["names"]["wrong"], wrong, "{report}");
    }
}

/// P-16: NAME_WITHHELD for what is posted, not given and not withdrawn; not for what nobody is entitled to see.
#[test]
fn p16_a_withheld_name_is_told_by_unit_and_number() {
    let mut village = Village::new();
    let ended = village.log.sealed_voucher(10, ENDED, Access::Posted);
    village.log.bring(&ended);
    village.log.publish(CREATED + 600);
    village.log.write(village.folder.path());
    let (exit, report) = ask(village.server(), &["--names"]);
    assert_eq!((exit, report["beside"]["names"]["not_shown"].as_u64()), (0, Some(5)), "{report}");

    let mut server = village.server();
    server.shown.remove(&6);
    let part = server.shown[&5].without(&["rows.17", "rows.9999.name"]);
    server.shown.insert(5, part);
    let (exit, report) = ask(server.clone(), &["--names"]);
    assert_eq!((exit, report["verdict"].as_str()), (1, Some("NAME_WITHHELD")), "{report}");
    let withheld = |seq| ("name_withheld".to_owned(), seq);
    assert_eq!(told(&report, "findings"), [withheld(5), withheld(6)]);
    assert_eq!(report["findings"]["first"][0]["unit"], UNIT);
    assert_eq!(report["beside"]["names"]["withheld"], 3);
    // A unit with too many names for one answer is asked entry by entry.
    let mut many = server.clone();
    many.refuses.insert(format!("api/v1/units/{UNIT}/openings?from=5"), 422);
    assert_eq!(ask(many, &["--names"]), (exit, report));
    // Without being asked for names the auditor says nothing of them.
    assert_eq!(ask(server.clone(), &[]).0, 0);

    // Withdrawn, the proofs hold and nothing is withheld.
    village.redact(11, 1, &["counterparty.name"]);
    village.redact(12, 0, &["rows.17.name", "rows.9999.name"]);
    let (exit, report) = ask(server, &["--names"]);
    assert_eq!((exit, report["verdict"].as_str()), (0, Some("OK_UNWITNESSED")), "{report}");
    assert_eq!(report["beside"]["names"]["withdrawn"], 3, "{report}");
    assert_eq!(report["beside"]["redactions"], serde_json::json!({"court": 2}));
    // A server that goes on showing them is told.
    let (exit, report) = ask(village.server(), &["--names"]);
    assert_eq!(exit, 0, "{report}");
    assert_eq!(told(&report, "findings"), [("name_kept".to_owned(), 5), ("name_kept".to_owned(), 6)]);
}

/// P-19: names that anyone is given though nobody may see them.
#[test]
fn p19_names_shown_to_anyone_against_their_access_are_told() {
    let mut village = Village::new();
    let ended = village.log.sealed_voucher(10, ENDED, Access::Posted);
    village.log.bring(&ended);
    village.log.publish(CREATED + 600);
    village.log.write(village.folder.path());
    let mut server = village.server();
    server.keep(&ended);
    server.shown = server.kept.clone();
    let (exit, report) = ask(server.clone(), &["--names"]);
    assert_eq!(exit, 0, "{report}");
    let shown = |seq| ("name_shown".to_owned(), seq);
    assert_eq!(told(&report, "findings"), [shown(7), shown(8), shown(10)]);
    std::fs::write(village.folder.path().join("token"), TOKEN).unwrap();
    let (_, report) = ask(server, &["--names", "--token-file", "token"]);
    assert_eq!(report["findings"]["count"], 0, "{report}");
}

/// P-36: an attachment that its unit has withdrawn is no fault when it is gone, and told when it is not.
#[test]
fn withdrawn_files_are_no_fault() {
    let mut village = Village::new();
    let again = village.log.notice_with(10, &[(Hash::of(FILE), FILE.len(), "public")]);
    village.log.take(again);
    village.redact(11, 4, &["attachments.0"]);
    let mut server = village.server();
    server.blobs.remove(&Hash::of(FILE).to_hex());
    server.refuses.insert(format!("api/v1/blobs/{}", Hash::of(FILE).to_hex()), 410);
    let (exit, report) = ask(server, &["--attachments"]);
    assert_eq!(exit, 0, "{report}");
    let files = [("named", 3), ("withdrawn", 2), ("not_for_you", 1)];
    assert!(is(&counts(&report, "attachments"), &files), "{report}");
    let (exit, report) = ask(village.server(), &["--attachments"]);
    assert_eq!(exit, 0, "{report}");
    assert_eq!(told(&report, "findings"), [("file_kept".to_owned(), 9), ("file_kept".to_owned(), 10)]);
}

/// G-22, E-91, E-98 as the auditor sees them: a redaction that breaks its rules is told and withdraws nothing.
#[test]
fn redactions_against_the_rules_withdraw_nothing() {
    let village = Village::new();
    let (town, supervision) = (village.log.town.clone(), village.log.supervision());
    let both: &[&Key] = &[&town, &supervision];
    let voucher = &village.entries[1].note;
    for (paths, basis, keys, verdict, code) in [
        (["counterparty.name"], "court", &both[..1], "FAILED_SEAL", "seal"),
        (["counterparty.name"], "posting_ended", both, "NAME_WITHHELD", "target"),
        (["amount"], "court", both, "NAME_WITHHELD", "target"),
    ] {
        let mut log = village.log.clone();
        log.force(log.redaction(10, voucher, &paths, basis, keys));
        log.publish(CREATED + 600);
        let folder = log.folder();
        let mut server = Server { folder: folder.path().to_owned(), ..village.server() };
        server.shown.remove(&6);
        let (exit, report) = ask(server, &["--names"]);
        assert_eq!((exit, report["verdict"].as_str()), (1, Some(verdict)), "{basis}: {report}");
        let told = [told(&report, "faults"), told(&report, "findings")].concat();
        assert!(told.contains(&(code.to_owned(), 10)), "{told:?}");
        assert!(told.contains(&("name_withheld".to_owned(), 6)), "{told:?}");
        assert_eq!(report["beside"]["redactions"], serde_json::json!({}));
    }
}

/// What a log of entries that keep nothing says.
#[test]
fn a_log_without_any_of_it_has_nothing_to_say() {
    let (exit, report) = audit(Log::demo().folder().path(), &[]);
    assert_eq!(exit, 0);
    assert_eq!(report["beside"]["lists"]["named"], 0);
    assert!(!report["not_checked"].to_string().contains("--names"), "{report}");
}
