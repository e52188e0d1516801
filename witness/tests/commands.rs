//! The command line: exit codes, and what the messages say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod program;

use book::{Book, ORIGIN, config, cosigned, cosigner, log_signer};
use client::witness::{Answer, add_checkpoint, latest};
use keys::{Cost, Passphrase};
use program::Program;
use std::process::Command;
use std::time::Duration;
use witness::Config;
use witness::witness::origin_hash;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn replay_needs_a_key_of_its_own_and_a_place_to_read_from() {
    let program = Program::new();
    let with_replay = |program: &Program| {
        let args = program.serve_args();
        let args: Vec<&str> = args.iter().map(String::as_str).chain(["--replay"]).collect();
        let output = program.run(&args);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = with_replay(&program);
    assert!(code == 1 && message.contains("replay_key"), "{message}");
    let text = std::fs::read_to_string(program.config()).unwrap();
    let source = program.folder.path().to_str().unwrap();
    let follow = format!("{text}url = {source:?}\ncharter = \"{}\"\n", "0f".repeat(32));
    std::fs::write(program.config(), format!("replay_key = \"witness.key\"\n{follow}")).unwrap();
    let (code, message) = with_replay(&program);
    assert!(code == 1 && message.contains("must differ"), "{message}");
    std::fs::write(program.config(), format!("replay_key = \"none.key\"\n{follow}")).unwrap();
    assert_eq!(with_replay(&program).0, 2);
}

/// Runs `serve`, which must fail: its exit code and message.
fn fails(program: &Program) -> (i32, String) {
    let args = program.serve_args();
    let output = program.run(&args.each_ref().map(String::as_str));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_serves_ends_on_a_signal_and_goes_on_where_it_was() {
    let program = Program::new();
    let mut running = program.serve();
    let book = Book::honest(9);
    let answer = add_checkpoint(&running.url, 0, &[], book.signed().as_bytes(), SOON).unwrap();
    assert!(matches!(answer, Answer::Cosigned(_)));
    let (code, message) = fails(&program);
    assert!(code == 2 && message.contains(&format!("pid {}", running.child.id())), "{code} {message}");
    assert!(Command::new("kill").arg(running.child.id().to_string()).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
    let running = program.serve();
    assert_eq!(cosigned(&latest(&running.url, ORIGIN, SOON).unwrap().unwrap()).root, book.root());
}

#[test]
fn exit_codes() {
    let program = Program::new();
    assert_eq!(program.run(&["serve"]).status.code(), Some(64));
    assert_eq!(program.run(&["--help"]).status.code(), Some(0));
    assert_eq!(program.run(&["init", "--data", &program.data()]).status.code(), Some(1), "begun twice");

    let record = format!("{}/{}", program.data(), origin_hash(ORIGIN));
    std::fs::create_dir(&record).unwrap();
    std::fs::write(format!("{record}/checkpoint"), "garbage").unwrap();
    let (code, message) = fails(&program);
    assert!(code == 1 && message.contains(ORIGIN) && message.contains("damaged"), "{message}");

    std::fs::remove_dir_all(program.data()).unwrap();
    std::fs::create_dir(program.data()).unwrap();
    let (code, message) = fails(&program);
    assert!(code == 1 && message.contains("village-witness init"), "{message}");

    program.configure("no.key", &log_signer().vkey().to_string());
    assert_eq!(fails(&program).0, 2);
    let passphrase = Passphrase::new("correct horse battery".to_owned());
    keys::file::write(&program.folder.path().join("log.key"), &log_signer(), &passphrase, Cost::Light)
        .unwrap();
    program.configure("log.key", &log_signer().vkey().to_string());
    let (code, message) = fails(&program);
    assert!(code == 1 && message.contains("--cosigner"), "{message}");
    program.configure("witness.key", &cosigner().vkey().to_string());
    assert_eq!(fails(&program).0, 1);
    std::fs::remove_file(program.config()).unwrap();
    assert_eq!(fails(&program).0, 2);
}

#[test]
fn configurations() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/village-witness.toml");
    let example = Config::read(std::path::Path::new(example)).unwrap();
    assert!(example.replay_key.is_some() && example.logs[0].follow.is_some());
    let vkey = log_signer().vkey().to_string();
    let log = format!("[[log]]\norigin = {ORIGIN:?}\nvkeys = [{vkey:?}]\n");
    let good = Config::parse(&format!("key = \"k\"\n{log}url = \"x\"\ncharter = \"{}\"\n", "0f".repeat(32)))
        .unwrap();
    assert_eq!(good.logs[0].vkeys, config().vkeys);
    assert!(good.logs[0].follow.is_some());
    let wrong = [
        log.clone(),
        "key = \"k\"\n".to_owned(),
        format!("key = \"k\"\n{log}{log}"),
        format!("key = \"k\"\nurl = \"x\"\n{log}"),
        format!("key = \"k\"\n{log}url = \"x\"\n"),
        format!("key = \"k\"\n{log}charter = \"{}\"\n", "0F".repeat(32)),
        format!("key = \"k\"\n{}", log.replace(&format!("[{vkey:?}]"), "[]")),
        format!("key = \"k\"\n{}", log.replacen(ORIGIN, "other.example/ledger", 1)),
        format!("key = \"k\"\n{}", log.replacen(ORIGIN, "c2sp.org/x", 1)),
        format!("key = \"k\"\n{}", log.replace(&vkey, &cosigner().vkey().to_string())),
        format!("key = \"k\"\n{}", log.replace(&format!("[{vkey:?}]"), &format!("[{vkey:?}, {vkey:?}]"))),
    ];
    for text in wrong {
        assert!(Config::parse(&text).is_err(), "{text}");
    }
}
