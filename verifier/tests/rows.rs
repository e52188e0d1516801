//! `check` with what people hold in their hands: a household's code, an inspector's openings, an attachment.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::Hash;
use ledger::payment_rows::{RowCode, RowTree, Rows};
use ledger::sealed::{Access, Openings};
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};
use support::beside::{POSTED, Sealed, code, name, salt};
use support::server::Server;
use support::*;

const ROWS: u32 = 10_000;

/// A village with a long list, a short one of the same households, and a folder with everything handed out.
struct Hand {
    log: Log,
    list: Sealed,
    other: Sealed,
    folder: tempfile::TempDir,
}

impl Hand {
    fn new() -> Self {
        let mut log = Log::village();
        let list = log.list(5, ROWS, POSTED, Access::Household);
        let other = log.list(6, 5, POSTED, Access::Household);
        log.bring(&list);
        log.bring(&other);
        log.publish(CREATED + 500);
        let folder = log.folder();
        let hand = Hand { log, list, other, folder };
        hand.put("list.tlog-proof", &hand.log.receipt_of(&hand.list.note));
        hand.put("other.tlog-proof", &hand.log.receipt_of(&hand.other.note));
        hand.put("rows", hand.rows().text().as_bytes());
        hand
    }

    fn rows(&self) -> &Rows {
        self.list.rows.as_ref().unwrap()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn check(&self, receipt: &str, more: &[&str]) -> (i32, Value) {
        let args = [&["check", receipt, "--trust", "trust.toml", "--json"], more].concat();
        let output = run(self.folder.path(), &args);
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        (output.status.code().unwrap(), json)
    }

    /// CANNOT_SHOW with a reason and without a row.
    fn refused(&self, receipt: &str, more: &[&str], says: &str) {
        let (exit, json) = self.check(receipt, more);
        assert_eq!((exit, json["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{more:?}: {json}");
        assert!(json["what"].as_str().unwrap().contains(says), "{says}: {json}");
        assert!(json.get("row").is_none() && !json.to_string().contains('*'), "{json}");
    }
}

/// P-23 to P-26: the receipt gives root and count, the proof the row, the code whose it is.
#[test]
fn a_household_proves_its_own_row_and_nobody_elses() {
    let hand = Hand::new();
    let proof = RowTree::new(hand.rows()).prove(4_321).unwrap().encode();
    assert!(proof.len() < 2_048);
    hand.put("row", proof.as_bytes());
    let mine = code(&hand.list, 4_321);
    for by in [["--row-proof", "row"], ["--rows", "rows"]] {
        let (exit, json) = hand.check("list.tlog-proof", &[&["--row-code", &mine], &by[..]].concat());
        assert_eq!((exit, json["verdict"].as_str()), (0, Some("OK_UNWITNESSED")), "{json}");
        let row = &json["row"];
        assert_eq!(row["place"], 4_321);
        assert_eq!((row["group"].as_u64(), row["amount"].as_u64()), (Some(2), Some(65_700 + 4_321)));
        assert_eq!((row["quantity"].as_u64(), row["unit"].as_str()), (Some(365), Some("亩")));
        assert_eq!((row["count"].as_u64(), row["name"].as_str()), (Some(10_000), Some(name(4_321).as_str())));
    }
    // As people read it: this name and no other's, the money in yuan.
    let args = ["check", "list.tlog-proof", "--trust", "trust.toml", "--row-code", &mine, "--rows", "rows"];
    let said = String::from_utf8(run(hand.folder.path(), &args).stdout).unwrap();
    assert_eq!(said.matches('*').count(), 1, "{said}");
    for part in ["700.21", "3.65 亩", "耕地地力保护补贴", "别户的行和姓名都没有显示", &name(4_321)]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(&mine));
}

/// P-27, P-28: a code as it is typed; from standard input no command history keeps it.
#[test]
fn spaces_and_lower_case_in_a_typed_code_are_put_right_before_it_is_read() {
    let hand = Hand::new();
    let exact = code(&hand.list, 7);
    let spaced: String = exact.chars().enumerate().fold(String::new(), |mut out, (i, c)| {
        out.push_str(if i % 4 == 0 { " \u{3000}" } else { "" });
        out.push(c.to_ascii_lowercase());
        out
    });
    let by = ["--rows", "rows"];
    assert_eq!(hand.check("list.tlog-proof", &[&["--row-code", &spaced], &by[..]].concat()).0, 0);
    let mut child = Command::new(env!("CARGO_BIN_EXE_village-verifier"))
        .args(["check", "list.tlog-proof", "--trust", "trust.toml", "--row-code", "-", "--rows", "rows"])
        .current_dir(hand.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{exact}\n").as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Every other slip is one.
    let (head, rest) = exact.split_at(10);
    for slip in [
        format!("{head}{}{}", if rest.starts_with('A') { 'B' } else { 'A' }, &rest[1..]),
        exact[1..].to_owned(),
        format!("{exact}A"),
        format!("{head}-{rest}"),
        format!("{head}0{}", &rest[1..]),
        String::new(),
        exact.repeat(20),
    ] {
        hand.refused("list.tlog-proof", &[&["--row-code", &slip], &by[..]].concat(), "本户码");
    }
}

/// P-25, P-26: codes of others, and rows that are not the list's.
#[test]
fn codes_and_rows_of_others_do_not_verify() {
    let hand = Hand::new();
    let proof = |row| RowTree::new(hand.rows()).prove(row).unwrap();
    let mine = code(&hand.list, 3);
    let with = |file: &str, says: &str| {
        hand.refused("list.tlog-proof", &["--row-code", &mine, "--row-proof", file], says);
    };
    // Another household's row under my code, and mine under its code.
    hand.put("theirs", proof(4).encode().as_bytes());
    with("theirs", "本户码打不开这一行");
    hand.put("mine", proof(3).encode().as_bytes());
    let theirs = code(&hand.list, 4);
    hand.refused("list.tlog-proof", &["--row-code", &theirs, "--row-proof", "mine"], "本户码打不开这一行");
    // The same household's code of another list, and the other way round.
    let there = code(&hand.other, 3);
    for (receipt, code) in [("list.tlog-proof", &there), ("other.tlog-proof", &mine)] {
        hand.refused(receipt, &["--row-code", code, "--row-proof", "mine"], "");
    }
    // A name that somebody put into a code of their own, and a place that is not there.
    let opening = hand.list.openings.get("rows.3.name").unwrap();
    let forged = RowCode { name: "贾*充".to_owned(), ..RowCode::of(3, opening) }.text();
    hand.refused("list.tlog-proof", &["--row-code", &forged, "--rows", "rows"], "本户码打不开这一行");
    let beyond = RowCode::of(ROWS, opening).text();
    hand.refused("list.tlog-proof", &["--row-code", &beyond, "--rows", "rows"], "没有本户码所说的那一行");
    // A row with more money, a path of another row, a count of one's own, half a file.
    let mut rich = proof(3);
    rich.row.amount = ledger::money::Fen::new(9_999_900).unwrap();
    let mut path = proof(3);
    path.path = proof(5).path;
    let mut count = proof(3);
    count.count -= 1;
    for (bent, says) in [(rich, "不在条目所载的清单里"), (path, "不在"), (count, "不在")] {
        hand.put("bent", bent.encode().as_bytes());
        with("bent", says);
    }
    let whole = proof(3).encode();
    for part in [&whole.as_bytes()[..whole.len() / 2], b"", b"<html>"] {
        hand.put("bent", part);
        with("bent", "单户证明");
    }
    // An entry without a list; files that are not there, or too long to be one.
    let notice = hand.log.receipt(9).encode();
    hand.put("voucher.tlog-proof", &notice);
    hand.refused("voucher.tlog-proof", &["--row-code", &mine, "--rows", "rows"], "没有带行的发放清单");
    let (exit, json) = hand.check("list.tlog-proof", &["--row-code", &mine, "--row-proof", "gone"]);
    assert_eq!((exit, json["verdict"].as_str()), (2, Some("CANNOT_CHECK")), "{json}");
    assert_eq!(hand.check("list.tlog-proof", &["--row-code", &mine, "--row-proof", "rows"]).0, 2);
}

/// P-21, P-23: a list with a row forged, doubled, missing or moved shows nobody's row.
#[test]
fn lists_that_were_bent_show_nothing() {
    let hand = Hand::new();
    let mine = code(&hand.list, 3);
    let text = hand.rows().text();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let forged = lines[9].replace(" 65709 ", " 75709 ");
    assert_ne!(forged, lines[9]);
    let doubled = [&lines[..10], &lines[9..]].concat();
    let missing = [&lines[..9], &lines[10..]].concat();
    let mut moved = lines.clone();
    moved.swap(8, 9);
    let mut bent = lines.clone();
    bent[9] = &forged;
    for lines in [doubled, missing, moved, bent, lines[..9_999].to_vec(), Vec::new()] {
        hand.put("bent", lines.concat().as_bytes());
        hand.refused("list.tlog-proof", &["--row-code", &mine, "--rows", "bent"], "摘要与条目不符");
    }
    hand.refused("other.tlog-proof", &["--row-code", &code(&hand.other, 3), "--rows", "rows"], "摘要");
}

/// H-17: the proof fetched from the ledger's server is believed no more than a file.
#[test]
fn the_servers_row_proof_is_held_like_any_other() {
    let hand = Hand::new();
    let mut server = Server::new(hand.folder.path().to_owned());
    server.keep(&hand.list);
    server.proofs.insert((5, 1), server.proofs[&(5, 0)].clone());
    server.proofs.insert((5, 2), "<html>".to_owned());
    let address = server.start();
    let ask = |row: u32| {
        hand.check("list.tlog-proof", &["--row-code", &code(&hand.list, row), "--server", &address])
    };
    assert_eq!(ask(0).0, 0);
    assert_eq!((ask(1).0, ask(2).0, ask(3).0), (1, 2, 1));
}

/// P-16: what an inspector was handed, held against the entry. Of openings only paths are told.
#[test]
fn openings_are_held_against_the_entry_of_a_receipt() {
    let mut log = Log::village();
    let (first, second) = (
        log.sealed_voucher(5, POSTED, Access::Inspectors),
        log.sealed_voucher(6, POSTED, Access::Inspectors),
    );
    let list = log.list(7, 20, POSTED, Access::Household);
    [&first, &second, &list].into_iter().for_each(|sealed| log.bring(sealed));
    log.publish(CREATED + 500);
    let folder = log.folder();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let check = |of: &Sealed, openings: &str, more: &[&str]| {
        put("receipt", &log.receipt_of(&of.note));
        put("openings", openings.as_bytes());
        let args = ["check", "receipt", "--trust", "trust.toml", "--json", "--openings", "openings"];
        let output = run(folder.path(), &[&args, more].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!json.to_string().contains('*'), "a name is told: {json}");
        (output.status.code().unwrap(), json)
    };
    let (exit, json) = check(&first, &first.openings.text(), &[]);
    assert_eq!((exit, json["openings"]["opened"].as_u64()), (0, Some(1)), "{json}");
    // Another entry's opening, another name, another access, a path that is not sealed, nothing at all.
    let text = first.openings.text();
    for (openings, sort) in [
        (second.openings.text(), "wrong"),
        (text.replace('黎', "李"), "wrong"),
        (text.replace("inspectors", "posted"), "wrong"),
        (text.replace("counterparty.name", "approvals.0.name"), "stray"),
        ("[]".to_owned(), "missing"),
    ] {
        let (exit, json) = check(&first, &openings, &[]);
        assert_eq!((exit, json["verdict"].as_str()), (1, Some("CANNOT_SHOW")), "{json}");
        assert_eq!(json["openings"][sort]["count"], 1, "{json}");
    }
    assert_eq!(check(&first, "[{]", &[]).0, 1);
    // A payment list's names are sealed in its rows; part of them may have been withdrawn.
    put("rows", list.rows.as_ref().unwrap().text().as_bytes());
    assert_eq!(check(&list, &list.openings.text(), &[]).0, 1);
    let part: Openings = list.openings.without(&["rows.3", "rows.4"]);
    let (exit, json) = check(&list, &part.text(), &["--rows", "rows"]);
    let told = &json["openings"];
    assert_eq!((exit, told["opened"].as_u64(), told["missing"]["count"].as_u64()), (0, Some(18), Some(2)));
    assert_eq!(told["missing"]["first"], serde_json::json!(["rows.3.name", "rows.4.name"]));
}

/// A file in the hand against the digests of an entry's attachments, public and salted.
#[test]
fn an_attachment_is_held_against_the_entry_of_a_receipt() {
    let mut log = Log::village();
    let (file, scan, salt) = (b"public\n".as_slice(), b"for inspectors\n".as_slice(), salt("scan"));
    let secret = Hash::of(&[&salt, scan].concat());
    // The last says that a salted digest is public.
    let note = log.notice_with(
        5,
        &[
            (Hash::of(file), file.len(), "public"),
            (secret, scan.len(), "inspectors"),
            (Hash::of(b"four"), 5, "public"),
        ],
    );
    log.take(note.clone());
    log.publish(CREATED + 500);
    let folder = log.folder();
    std::fs::write(folder.path().join("receipt"), log.receipt_of(&note)).unwrap();
    let check = |bytes: &[u8], more: &[&str]| {
        std::fs::write(folder.path().join("file"), bytes).unwrap();
        let args = ["check", "receipt", "--trust", "trust.toml", "--json", "--attachment", "file"];
        let output = run(folder.path(), &[&args, more].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().unwrap(), json["attachment"]["place"].as_u64())
    };
    let (salted, other) = (Hash::from_bytes(salt).to_base64(), Hash::EMPTY.to_base64());
    assert_eq!(check(file, &[]), (0, Some(0)));
    assert_eq!(check(scan, &["--salt", &salted]), (0, Some(1)));
    for (bytes, more) in [
        (scan, &[][..]),
        (scan, &["--salt", &other]),
        (file, &["--salt", &salted]),
        (b"public", &[]),
        (&[salt.as_slice(), scan].concat(), &[]),
        (b"four", &[]),
        (b"", &[]),
    ] {
        assert_eq!(check(bytes, more), (1, None), "{more:?}");
    }
    assert_eq!(check(file, &["--salt", "short"]).0, 64);
}

#[test]
fn arguments_that_do_not_go_together_are_usage_errors() {
    let folder = Log::demo().folder();
    for more in [
        &["--row-code", "A"][..],
        &["--row-proof", "x"],
        &["--rows", "x"],
        &["--server", "http://127.0.0.1:1"],
        &["--salt", "x"],
        &["--row-code", "A", "--rows", "x", "--row-proof", "y"],
    ] {
        let output = run(folder.path(), &[&["check", "x", "--trust", "trust.toml"], more].concat());
        assert_eq!(output.status.code(), Some(64), "{more:?}: {output:?}");
    }
}
