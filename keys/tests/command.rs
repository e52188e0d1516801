//! `village-keys` as it is run.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use ledger::charter::{Authority, Charter};
use ledger::note::VerifierKey;
use std::path::Path;
use std::process::{Command, Output};

const LOG: &str = "mazhang.example/ledger";
const AUTHORITY: &str = "mazhang.example/ledger/authority/a";

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_village-keys"))
        .args(args)
        .current_dir(folder)
        .env_remove("VILLAGE_KEYS_PASSPHRASE")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn generate(folder: &Path, name: &str, file: &str) -> VerifierKey {
    std::fs::write(folder.join("pass"), "稻花香里说丰年一\r\n").unwrap();
    let made = run(folder, &["generate", "--name", name, "--out", file, "--passphrase-file", "pass"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(out(&made).lines().count(), 1);
    VerifierKey::parse(out(&made).trim_end()).unwrap()
}

#[test]
fn a_charter_gets_its_signatures_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let log = generate(folder, LOG, "log.key");
    let authority = generate(folder, AUTHORITY, "a.key");
    let charter = Charter {
        origin: LOG.to_owned(),
        log,
        authority: Authority { keys: vec![authority], threshold: 1 },
        district: "440811".to_owned(),
        policy: vec!["quorum none".to_owned()],
        catalogue: None,
        created: 1_790_000_000,
    };
    std::fs::write(folder.join("draft"), charter.text()).unwrap();
    for key in ["a.key", "log.key", "log.key"] {
        let signed = run(folder, &["sign", "--key", key, "--in", "draft", "--passphrase-file", "pass"]);
        assert_eq!(signed.status.code(), Some(0), "{}", err(&signed));
        assert!(err(&signed).starts_with("签署章程 / charter: mazhang.example/ledger"), "{}", err(&signed));
    }
    let bytes = std::fs::read(folder.join("draft")).unwrap();
    assert_eq!(Charter::open(&bytes).unwrap().0, charter);
    let printed =
        run(folder, &["sign", "--key", "a.key", "--in", "draft", "--out", "-", "--passphrase-file", "pass"]);
    assert_eq!(printed.stdout, bytes);
}

#[test]
fn checkpoints_and_index_leaves_are_not_signed_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    generate(folder, LOG, "log.key");
    let head = format!("{LOG}\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    for text in [head.as_str(), "village-ledger/index/v1\n{\"ledger\":\"x\"}\n"] {
        std::fs::write(folder.join("in"), text).unwrap();
        let signed = run(folder, &["sign", "--key", "log.key", "--in", "in", "--passphrase-file", "pass"]);
        assert_eq!(signed.status.code(), Some(1), "{}", err(&signed));
        assert_eq!(std::fs::read_to_string(folder.join("in")).unwrap(), text);
    }
    std::fs::write(folder.join("in"), "village-ledger/entry/v1\n{}\n").unwrap();
    let signed = run(folder, &["sign", "--key", "log.key", "--in", "in", "--passphrase-file", "pass"]);
    assert!(err(&signed).contains("账本密钥只能在自己的登记（log_key）上签名"), "{}", err(&signed));
}

#[test]
fn each_failure_has_its_message_and_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    generate(folder, AUTHORITY, "a.key");
    std::fs::write(folder.join("wrong"), "不是这个口令的啊\n").unwrap();
    std::fs::write(folder.join("weak"), "123\n").unwrap();
    std::fs::write(folder.join("new"), "听取蛙声一片呀呀\n").unwrap();
    let passwd = |old: &str, new: &str| {
        run(folder, &["passwd", "a.key", "--passphrase-file", old, "--new-passphrase-file", new])
    };
    let cases = [
        (run(folder, &["show", "none.key"]), 2, "没有这个密钥文件：none.key"),
        (passwd("wrong", "new"), 1, "口令不对，没有打开 a.key"),
        (passwd("pass", "weak"), 1, "口令太弱"),
        (passwd("none", "new"), 2, "读不到口令（none）"),
        (
            run(folder, &["generate", "--name", LOG, "--out", "a.key", "--passphrase-file", "pass"]),
            1,
            "a.key 已存在",
        ),
        (
            run(folder, &["generate", "--name", "Big", "--out", "b.key", "--passphrase-file", "pass"]),
            1,
            "密钥名称“Big”不能用",
        ),
        (run(folder, &["generate"]), 64, ""),
        (run(folder, &["--help"]), 0, ""),
    ];
    for (output, code, message) in cases {
        assert_eq!(output.status.code(), Some(code), "{}", err(&output));
        assert!(err(&output).starts_with(message), "{}", err(&output));
    }
    assert_eq!(passwd("pass", "new").status.code(), Some(0));
    let shown = run(folder, &["show", "a.key"]);
    assert!(out(&shown).contains("主管机关密钥 authority"), "{}", out(&shown));
}

#[test]
fn openssl_opens_what_we_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let vkey = generate(folder, AUTHORITY, "a.key");
    let ran = Command::new("openssl")
        .args(["pkey", "-in", "a.key", "-passin", "pass:稻花香里说丰年一", "-pubout", "-outform", "DER"])
        .current_dir(folder)
        .output();
    match ran {
        Ok(output) => {
            assert!(output.status.success(), "{}", err(&output));
            assert!(output.stdout.ends_with(vkey.key()));
        }
        Err(_) => eprintln!("skipped: no openssl on this machine"),
    }
}
