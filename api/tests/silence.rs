//! What the program says of names, salts and tokens, whatever it is asked and however much it logs: nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use keys::{Cost, Passphrase};
use ledger::hash::Hash;
use ledger::sealed::Access;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use village::beside::{Upload, issue, must_bring, notice, post, posting, redaction, supervised, today};
use village::{Running, VILLAGE, Village};

const PASSPHRASE: &str = "correct horse battery";

#[test]
fn no_name_salt_or_token_is_ever_logged() {
    let (village, running) = Village::founded(0);
    let supervision = supervised(&village, &running);
    running.stop();
    let key = village.folder.path().join("log.key");
    keys::file::write(&key, &village.log.open(), &Passphrase::new(PASSPHRASE.to_owned()), Cost::Light)
        .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_village-ledger"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log-key", key.to_str().unwrap()])
        .args(["--data", village.data().to_str().unwrap()])
        .env("VILLAGE_KEYS_PASSPHRASE", PASSPHRASE)
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).map(|_| log).unwrap()
    });
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().strip_suffix('/').unwrap();
    let running = Running::elsewhere(address.parse().unwrap());

    let sealed = notice(&village, 1, "欧阳*明", Access::Posted, posting(today(), 3));
    let wrong = sealed.openings.text().replace("欧阳*明", "欧阳*亮");
    assert_eq!(post(&running, &[(&sealed.note, wrong.clone())]).status, 422);
    assert_eq!(post(&running, &[(&sealed.note, wrong.replace("posted", "欧阳"))]).status, 422);
    assert_eq!(post(&running, &[(&sealed.note, wrong.replace(']', ""))]).status, 400);
    must_bring(&running, &sealed);
    let token = issue(&village, "inspectors", "440811", "1");
    let bearer = format!("Bearer {token}");
    for path in ["/u/{}", "/u/{}/1", "/api/v1/openings/{}/1", "/api/v1/units/{}/openings?from=1"] {
        let path = path.replace("{}", VILLAGE);
        for headers in [&[][..], &[("authorization", bearer.as_str())]] {
            let answer = running.get_with(&path, headers);
            assert!(answer.status == 200 && answer.text().contains("欧阳*明"), "{path}");
        }
    }
    assert_eq!(running.get_with("/api/v1/openings/x/1", &[("authorization", "Bearer 欧阳")]).status, 401);
    let file = Upload::closed("text/plain", "members", b"minutes\n");
    assert_eq!(file.put(&village, &running).status, 201);
    let bad = Upload::public("text/plain", b"call 13800138000\n");
    assert_eq!(bad.put(&village, &running).problem(), "privacy");
    let target = (1, sealed.leaf());
    let gone = redaction(&village, &supervision, 2, target, &["approvals.0.name"], "court");
    running.must_post(&[gone]);

    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = log.join().unwrap();
    assert!(log.contains("answered"), "it does log: {log}");
    let salts = [sealed.openings.iter().next().unwrap().salt, file.salt.unwrap()];
    let [one, two] = salts.map(|salt| Hash::from_bytes(salt).to_base64());
    for word in ["欧阳", "13800138000", &token, &one, &two, PASSPHRASE] {
        assert!(!log.contains(word), "{word}");
    }
}
