//! Tokens of members and inspectors: issued and revoked by the real program while a server runs, and what they open.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::Settings;
use ledger::json::Object;
use ledger::sealed::{Access, Openings};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU64, Ordering};
use village::beside::{Upload, holding, issue, must_bring, notice, program};
use village::http::Answer;
use village::{Running, VILLAGE, Village, now};

fn ask(running: &Running, path: &str, token: &str) -> Answer {
    running.get_with(path, &[("authorization", &format!("Bearer {token}"))])
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.problem())
}

static DAYS: AtomicU64 = AtomicU64::new(0);

fn later() -> u64 {
    now() + DAYS.load(Ordering::Relaxed) * 86_400
}

/// SPEC H-16, H-18.
#[test]
fn a_file_that_is_not_for_everyone_needs_a_token_that_counts() {
    let (village, running) = Village::founded(0);
    running.stop();
    let running = village.serve_with(|s| Settings { clock: later, ..s });
    let members = Upload::closed("text/plain", "members", b"for members\n");
    let inspectors = Upload::closed("text/plain", "inspectors", b"for inspectors\n");
    for (seq, file) in [(1, &members), (2, &inspectors)] {
        assert_eq!(file.put(&village, &running).status, 201);
        running.must_post(&[file.notice(&village, seq, "明细")]);
    }
    let denied = |status, code: &str| (status, code.to_owned());
    let none = running.get(&members.path());
    assert_eq!(told(&none), denied(401, "token"));
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    assert_eq!(told(&ask(&running, &members.path(), "vlt_0000")), denied(401, "token"));

    let member = issue(&village, "members", "440811100391-00", "30");
    let inspector = issue(&village, "inspectors", "440811", "1");
    let stranger = issue(&village, "inspectors", "440811200", "30");
    let answer = ask(&running, &members.path(), &member);
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"for members\n".as_slice()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let salt = ledger::hash::Hash::from_bytes(members.salt.unwrap()).to_base64();
    assert_eq!(answer.header("blob-salt"), Some(salt.as_str()));
    assert_eq!(told(&ask(&running, &inspectors.path(), &member)), denied(403, "forbidden"));
    assert_eq!(told(&ask(&running, &members.path(), &stranger)), denied(403, "forbidden"));
    for file in [&members, &inspectors] {
        assert_eq!(ask(&running, &file.path(), &inspector).status, 200);
    }
    DAYS.store(1, Ordering::Relaxed);
    assert_eq!(told(&ask(&running, &members.path(), &inspector)), denied(401, "token"), "expired");

    // Listed without the token; revoked while the server runs.
    let list = String::from_utf8(program(&village, &["list"]).stdout).unwrap();
    assert!(list.lines().count() == 3 && list.contains("王某 纪委") && !list.contains(&member), "{list}");
    let line = list.lines().find(|line| line.contains("members")).unwrap();
    let id = line.split(' ').next().unwrap();
    assert!(program(&village, &["revoke", id]).status.success());
    assert_eq!(told(&ask(&running, &members.path(), &member)), denied(401, "token"), "revoked");
    assert_eq!(program(&village, &["revoke", "000000000000"]).status.code(), Some(1));
    let list = String::from_utf8(program(&village, &["list"]).stdout).unwrap();
    assert!(list.lines().any(|line| line.starts_with(id) && line.contains("revoked")), "{list}");

    for token in [&member, &inspector, &stranger] {
        assert_eq!(holding(&village.data(), token.as_bytes()), Vec::<String>::new(), "kept as a hash only");
        let secret = token.strip_prefix("vlt_").unwrap();
        assert_eq!(holding(&village.data(), secret.as_bytes()), Vec::<String>::new());
    }
    for item in std::fs::read_dir(village.data().join("tokens")).unwrap() {
        let mode = item.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// SPEC H-13, H-14: inspectors see everything that is kept of the units that their token is for.
#[test]
fn an_inspector_sees_names_that_are_not_posted() {
    let (village, running) = Village::founded(0);
    let names = ["李*", "王*", "欧阳*明"];
    let sealed: Vec<_> = [Access::Posted, Access::Household, Access::Inspectors]
        .into_iter()
        .zip(names)
        .zip(1..)
        .map(|((access, name), seq)| notice(&village, seq, name, access, Object::new()))
        .collect();
    sealed.iter().for_each(|sealed| must_bring(&running, sealed));
    let inspector = issue(&village, "inspectors", "440811100391", "1");
    let member = issue(&village, "members", "440811", "1");
    let stranger = issue(&village, "inspectors", "440811200", "1");
    let all: String = (1..).zip(&sealed).map(|(seq, s)| format!("{seq} {}\n", s.openings.text())).collect();
    let unit = format!("/api/v1/units/{VILLAGE}/openings?from=1");
    assert_eq!(ask(&running, &unit, &inspector).text(), all);
    for token in [&member, &stranger] {
        assert_eq!(ask(&running, &unit, token).text(), "");
    }
    assert_eq!(ask(&running, &unit, "vlt_").status, 401);
    for (seq, sealed) in (1..).zip(&sealed) {
        let path = format!("/api/v1/openings/{VILLAGE}/{seq}");
        assert_eq!(Openings::parse(&ask(&running, &path, &inspector).body).unwrap(), sealed.openings);
        assert_eq!(running.get(&path).text(), "[]");
    }
}

#[test]
fn a_token_for_no_ledger_or_no_units_is_not_issued() {
    let village = Village::new();
    let bad = |args: &[&str], exit| {
        let output = program(&village, args);
        assert_eq!(output.status.code(), Some(exit), "{args:?}");
        assert!(output.stdout.is_empty());
    };
    bad(&["issue", "--access", "members", "--scope", "44081", "--days", "1", "--holder", "x"], 1);
    bad(&["issue", "--access", "members", "--scope", "440811", "--days", "1", "--holder", " "], 1);
    bad(&["issue", "--access", "public", "--scope", "440811", "--days", "1", "--holder", "x"], 64);
    bad(&["issue", "--access", "members", "--scope", "440811", "--days", "0", "--holder", "x"], 64);
    std::fs::remove_file(village.data().join("checkpoint")).unwrap();
    bad(&["list"], 2);
}
