//! kill -9 of the real `village-ledger serve` under load: what was answered is there, the log verifies, and
//! nobody has to lend a hand.
//!
//! 5 rounds; 50 with `VILLAGE_LONG=1`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use keys::{Cost, Passphrase};
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use ledger::merkle::{verify_consistency, verify_inclusion};
use ledger::note::VerifierKey;
use ledger::proof::TlogProof;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use village::watch::{fast, health, signed, watched};
use village::{Village, http};

const PASSPHRASE: &str = "correct horse battery";
/// Units that submit at the same time.
const CLERKS: usize = 6;

struct Process {
    child: Child,
    address: SocketAddr,
}

/// The real program on a village's folder.
struct Program<'a> {
    village: &'a Village,
    key: PathBuf,
}

impl<'a> Program<'a> {
    fn new(village: &'a Village) -> Self {
        let key = village.folder.path().join("log.key");
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        keys::file::write(&key, &village.log.open(), &passphrase, Cost::Light).unwrap();
        Program { village, key }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_village-ledger"));
        command
            .arg(name)
            .arg("--data")
            .arg(self.village.data())
            .env("VILLAGE_KEYS_PASSPHRASE", PASSPHRASE)
            .env("RUST_LOG", "error");
        command
    }

    fn serve(&self) -> Process {
        let mut command = self.command("serve");
        command.arg("--log-key").arg(&self.key).args(["--listen", "127.0.0.1:0"]);
        command.args(["--submissions-per-minute", "1000000"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").and_then(|a| a.strip_suffix('/'));
        let address =
            address.unwrap_or_else(|| panic!("it did not start by itself: {line:?}")).parse().unwrap();
        Process { child, address }
    }

    fn fsck(&self) -> Output {
        self.command("fsck").output().unwrap()
    }
}

fn unit(clerk: usize) -> String {
    format!("440811100391-{clerk:02}")
}

/// An entry that some clerk was told is logged.
type Answered = BTreeMap<(String, u64), (u64, String)>;

fn notice(village: &Village, clerk: usize, seq: u64) -> String {
    let body = Object::new().with("text", vec![Value::Text(format!("{clerk} 组第 {seq} 号"))]);
    village.sign(&village.json(&unit(clerk), seq, "notice", body), &[&village.seal])
}

/// Submits until the server is gone. What it does not know the fate of is sent again in the next round.
fn clerk(village: &Village, address: SocketAddr, clerk: usize, mut seq: u64, answered: &Mutex<Answered>) {
    loop {
        let batch: Vec<String> = (seq..seq + 1 + clerk as u64).map(|n| notice(village, clerk, n)).collect();
        let Ok(answer) = http::try_post(address, &batch) else { return };
        match answer.status {
            200 => {
                let json = answer.json();
                let mut answered = answered.lock().unwrap();
                for (note, place) in batch.iter().zip(json["entries"].as_array().unwrap()) {
                    let at = (unit(clerk), place["seq"].as_u64().unwrap());
                    answered.insert(at, (place["index"].as_u64().unwrap(), note.clone()));
                }
                seq += batch.len() as u64;
            }
            // Logged before the kill, unanswered, and now signed at another second.
            409 => seq = answer.json()["errors"][0]["next_seq"].as_u64().unwrap(),
            503 => return,
            _ => panic!("{}", answer.text()),
        }
    }
}

/// Every answered entry stands where it was said to, proven against the checkpoint.
fn check(village: &Village, address: SocketAddr, answered: &Answered) -> SignedCheckpoint {
    let head = SignedCheckpoint::parse(&http::get(address, "/checkpoint", &[]).body).unwrap();
    head.verify_log(&VerifierKey::parse(&village.log.vkey()).unwrap()).unwrap();
    for ((unit, seq), (index, note)) in answered {
        let proof = http::get(address, &format!("/api/v1/proof/{unit}/{seq}"), &[]);
        assert_eq!(proof.status, 200, "{unit} {seq} was answered: {}", proof.text());
        let proof = TlogProof::parse(&proof.body).unwrap();
        assert_eq!((proof.index, proof.extra.as_deref()), (*index, Some(note.as_bytes())), "{unit} {seq}");
        let at = &SignedCheckpoint::parse(&proof.checkpoint).unwrap().checkpoint;
        verify_inclusion(&leaf_hash(note.as_bytes()), *index, at.size, &proof.path, &at.root).unwrap();
    }
    head
}

fn found(village: &Village, address: SocketAddr) {
    let mut founding = village.founding();
    for clerk in 1..=CLERKS {
        let profile = Object::new().with("unit", unit(clerk)).with("name", format!("{clerk} 组"));
        let json = village.json(village::VILLAGE_REGISTRY, 1 + clerk as u64, "unit", profile);
        founding.push(village.sign(&json, &[&village.authority]));
    }
    assert_eq!(http::post(address, &founding).status, 200);
}

/// SPEC D-05, D-06.
#[test]
fn what_was_answered_survives_every_kill() {
    kill_and_check(&Village::new());
}

/// What a witness has seen is never taken back: all of them cosign the last head, which follows from all they have.
///
/// SPEC D-05, D-06.
#[test]
fn what_witnesses_have_seen_survives_every_kill() {
    let (village, _posts) = watched(3, 2);
    kill_and_check(&village);
    let running = village.serve_with(fast);
    let size = health(&running)["size"].as_u64().unwrap();
    signed(&running, size, 3);
}

fn kill_and_check(village: &Village) {
    let rounds = if std::env::var_os("VILLAGE_LONG").is_some() { 50 } else { 5 };
    let program = Program::new(village);
    let all = Mutex::new(Answered::new());
    let mut last: Option<SignedCheckpoint> = None;
    for round in 0..=rounds {
        let mut process = program.serve();
        if round == 0 {
            found(village, process.address);
        }
        let known = all.lock().unwrap().clone();
        // All of them at the end, the youngest before: a round stays short.
        let skip = if round == rounds { 0 } else { known.len().saturating_sub(100) };
        let head = check(village, process.address, &known.into_iter().skip(skip).collect());
        if let Some(last) = &last {
            let (old, new) = (&last.checkpoint, &head.checkpoint);
            let path = format!("/api/v1/consistency?from={}&to={}", old.size, new.size);
            let json = http::get(process.address, &path, &[]).json();
            let hash = |h: &serde_json::Value| ledger::hash::Hash::from_base64(h.as_str().unwrap()).unwrap();
            let proof: Vec<_> = json["proof"].as_array().unwrap().iter().map(hash).collect();
            verify_consistency(old.size, new.size, &old.root, &new.root, &proof).unwrap();
        }
        last = Some(head);
        if round < rounds {
            std::thread::scope(|scope| {
                for number in 1..=CLERKS {
                    let (all, address) = (&all, process.address);
                    let next =
                        all.lock().unwrap().keys().filter(|k| k.0 == unit(number)).map(|k| k.1 + 1).max();
                    scope.spawn(move || clerk(village, address, number, next.unwrap_or(1), all));
                }
                // Another moment of the publication each round.
                std::thread::sleep(Duration::from_millis(120 + (round * 37) % 101));
                process.child.kill().unwrap();
            });
        } else {
            process.child.kill().unwrap();
        }
        process.child.wait().unwrap();
    }
    let fsck = program.fsck();
    assert!(
        fsck.status.success(),
        "{}{}",
        String::from_utf8_lossy(&fsck.stdout),
        String::from_utf8_lossy(&fsck.stderr)
    );
    let answered = all.into_inner().unwrap().len();
    assert!(answered >= rounds as usize * CLERKS, "there was load: {answered}");
}
