//! A witness of other hands, as it is: litewitness, which serves `add-checkpoint` and nothing else. `cargo xtask interop`
//! builds it and runs this.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use keys::Role;
use ledger::verdict::Code;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use village::watch::{copy, fast, health, signed, verdict};
use village::{Key, ORIGIN, Village, now};

/// It ends when its standard input does.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs litewitness: cargo xtask interop"]
fn litewitness_cosigns_our_heads_and_keeps_an_old_backup_from_signing() {
    let peers = PathBuf::from(std::env::var_os("VILLAGE_PEERS").unwrap());
    let (log, folder) = (Key::new(ORIGIN, Role::Log), tempfile::tempdir().unwrap());
    let mut peer = Command::new(peers.join("interop"));
    peer.arg("witness").arg(peers.join("litewitness")).arg(folder.path()).arg(log.vkey());
    let mut peer = Peer(peer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(peer.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let village =
        Village::under(log, &[format!("witness lite {}", line.trim()), "quorum lite".to_owned()], now());
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 1);
    running.must_post(&[village.notice(1)]);
    signed(&running, 7, 1);
    assert_eq!(verdict(&village, &running), Code::OkNotReplayed);
    running.stop();
    let backup = village.folder.path().join("backup");
    copy(&village.data(), &backup);
    let running = village.serve_with(fast);
    running.must_post(&[village.notice(2)]);
    signed(&running, 9, 1);
    running.stop();
    std::fs::remove_dir_all(village.data()).unwrap();
    std::fs::rename(backup, village.data()).unwrap();
    // It has nothing to show but a number: enough for the log to wait.
    let running = village.serve_with(fast);
    assert_eq!(running.post(&[village.notice(2)]).status, 503);
    assert!(health(&running).to_string().contains("9 leaves"));
}
