//! The command line of `village-ledger`, by the real program: exit codes, both steps of `init`, clean endings.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use keys::{Cost, Passphrase};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use village::{DISTRICT, Key, ORIGIN, VILLAGE, Village, http};

const PASSPHRASE: &str = "correct horse battery";

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_village-ledger"));
    command.args(args).env("VILLAGE_KEYS_PASSPHRASE", PASSPHRASE).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Both languages, and no panic.
fn assert_told(output: &Output, exit: i32) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(said.chars().any(|c| c > '\u{2E80}') && said.chars().any(|c| c.is_ascii_alphabetic()), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

fn write_key(path: &Path, key: &Key) {
    keys::file::write(path, &key.open(), &Passphrase::new(PASSPHRASE.to_owned()), Cost::Light).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_ledger_is_drafted_signed_started_served_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let [key, draft, data] = ["log.key", "charter", "data"].map(|n| folder.path().join(n));
    let log = Key::new(ORIGIN, keys::Role::Log);
    let authority = Key::new(&format!("{ORIGIN}/authority/a"), keys::Role::Authority);
    write_key(&key, &log);
    let vkey = authority.vkey();
    let mut init = vec!["init", "--origin", ORIGIN, "--district", DISTRICT, "--log-key", text(&key)];
    init.extend(["--authority", &vkey, "--threshold", "1", "--out", text(&draft)]);
    let output = run(&init);
    assert!(output.status.success(), "{}", said(&output));
    assert_told(&run(&init), 2);

    let start = ["init", "--charter", text(&draft), "--data", text(&data), "--log-key", text(&key)];
    assert_told(&run(&start), 1);
    let unsigned = std::fs::read_to_string(&draft).unwrap();
    let one = keys::cli::sign(&unsigned, &authority.open()).unwrap();
    std::fs::write(&draft, keys::cli::sign(&one, &log.open()).unwrap()).unwrap();
    let output = run(&start);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim().len(), 64, "the charter hash");
    assert_ne!(run(&start).status.code(), Some(0), "a ledger is never started over");

    let output = run(&["fsck", "--data", text(&data)]);
    assert!(output.status.success(), "{}", said(&output));
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.contains("未检查") && report.contains("not checked"), "{report}");
    assert!(run(&["reindex", "--data", text(&data)]).status.success());
    assert!(run(&["fsck", "--data", text(&data)]).status.success());
}

#[test]
fn wrong_usage_is_64_and_help_is_0() {
    for args in [
        &[][..],
        &["nonsense"],
        &["serve"],
        &["serve", "--data"],
        &["init", "--log-key", "k"],
        &["init", "--origin", ORIGIN, "--log-key", "k"],
        &["init", "--origin", ORIGIN, "--charter", "c", "--log-key", "k"],
        &["init", "--charter", "c", "--log-key", "k"],
        &["serve", "--data", "d", "--log-key", "k", "--listen", "nowhere"],
        &["serve", "--data", "d", "--log-key", "k", "--submissions-per-minute", "0"],
    ] {
        assert_eq!(run(args).status.code(), Some(64), "{args:?}");
    }
    assert_eq!(run(&["--help"]).status.code(), Some(0));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn a_draft_that_could_never_be_a_charter_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("log.key");
    write_key(&key, &Key::new(ORIGIN, keys::Role::Log));
    let vkey = Key::new(&format!("{ORIGIN}/authority/a"), keys::Role::Authority).vkey();
    let out = folder.path().join("charter");
    let other = format!("{ORIGIN}2");
    for (origin, district, authority, threshold) in [
        (other.as_str(), DISTRICT, vkey.as_str(), "1"),
        (ORIGIN, "4408", &vkey, "1"),
        (ORIGIN, DISTRICT, "nobody", "1"),
        (ORIGIN, DISTRICT, &vkey, "2"),
        (ORIGIN, DISTRICT, &vkey, "0"),
    ] {
        let mut args = vec!["init", "--origin", origin, "--district", district, "--log-key", text(&key)];
        args.extend(["--authority", authority, "--threshold", threshold, "--out", text(&out)]);
        assert_told(&run(&args), 1);
        assert!(!out.exists());
    }
}

#[test]
fn what_is_missing_or_damaged_is_told_apart() {
    let village = Village::new();
    let key = village.folder.path().join("log.key");
    write_key(&key, &village.log);
    let data = village.data();
    assert_told(&run(&["fsck", "--data", "/no/such/folder"]), 2);
    assert_told(&run(&["reindex", "--data", "/no/such/folder"]), 2);
    assert_told(&run(&["serve", "--data", "/no/such/folder", "--log-key", text(&key)]), 2);
    assert_told(&run(&["serve", "--data", text(&data), "--log-key", "/no/such/key"]), 2);
    let viewer = ["serve", "--data", text(&data), "--log-key", text(&key), "--viewer", "/no/such/folder"];
    assert_told(&run(&viewer), 2);
    let stranger = village.folder.path().join("other.key");
    write_key(&stranger, &Key::new(ORIGIN, keys::Role::Log));
    assert_told(
        &run(&["serve", "--data", text(&data), "--log-key", text(&stranger), "--listen", "127.0.0.1:0"]),
        1,
    );
}

#[test]
fn fsck_finds_one_changed_byte() {
    let (village, running) = Village::founded(5);
    running.stop();
    assert_eq!(run(&["fsck", "--data", text(&village.data())]).status.code(), Some(0));
    let bundles = village.data().join("tile/entries");
    let newest = newest_file(&bundles);
    let mut bytes = std::fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, &bytes).unwrap();
    assert_told(&run(&["fsck", "--data", text(&village.data())]), 1);
}

/// The widest entry bundle below a folder.
fn newest_file(folder: &Path) -> std::path::PathBuf {
    let mut found: Vec<(u64, std::path::PathBuf)> = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let item = item.unwrap();
            if item.file_type().unwrap().is_dir() {
                folders.push(item.path());
            } else {
                found.push((item.metadata().unwrap().len(), item.path()));
            }
        }
    }
    found.sort();
    found.pop().unwrap().1
}

#[test]
fn sigterm_and_sigint_end_it_cleanly() {
    let (village, running) = Village::founded(0);
    running.stop();
    let key = village.folder.path().join("log.key");
    write_key(&key, &village.log);
    for (signal, seq) in [("-TERM", 1), ("-INT", 2)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_village-ledger"))
            .args([
                "serve",
                "--data",
                text(&village.data()),
                "--log-key",
                text(&key),
                "--listen",
                "127.0.0.1:0",
            ])
            .env("VILLAGE_KEYS_PASSPHRASE", PASSPHRASE)
            .env("RUST_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().strip_suffix('/').unwrap();
        let address = address.parse().unwrap();
        assert_eq!(http::post(address, &[village.notice(seq)]).status, 200);
        assert_eq!(http::get(address, &format!("/u/{VILLAGE}"), &[]).status, 200);
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        let mut log = String::new();
        child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(
            log.lines().all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok()),
            "JSON lines: {log}"
        );
        for word in [VILLAGE, "公告", "127.0.0.1:0", PASSPHRASE, &village.seal.vkey()] {
            assert!(!log.contains(word), "{word} in {log}");
        }
    }
}
