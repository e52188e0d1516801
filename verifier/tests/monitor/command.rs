//! The command: exit codes, JSON lines, the webhook, signals, one program at a time.

use crate::host::{Host, Mood};
use crate::rig::Rig;
use crate::support::{CREATED, Log, run};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use verifier::monitor::Config;
use verifier::monitor::config::EXAMPLE;

/// No month of this ledger is over yet by the machine's clock: it was begun today.
fn today() -> (Log, Host, Rig) {
    let log = Log::new();
    let host = Host::of(&log);
    let rig = Rig::new(&log, &host.address, "");
    (log, host, rig)
}

fn once(rig: &Rig, more: &[&str]) -> (i32, Vec<Value>, String) {
    let run = run(rig.dir.path(), &[&["monitor", "--config", "monitor.toml", "--once"], more].concat());
    let out = String::from_utf8(run.stdout).unwrap();
    let lines = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (run.status.code().unwrap(), lines, String::from_utf8(run.stderr).unwrap())
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_round_ends_with_0_1_or_2() {
    let (mut log, host, rig) = today();
    assert_eq!(once(&rig, &[]), (0, vec![], String::new()));
    host.be(Mood::HangsUp);
    rig.configure("", &host.address, "");
    assert_eq!(once(&rig, &["--json"]), (2, vec![], String::new()), "away for a moment: nothing is told");
    host.be(Mood::Fine);
    log.publish(CREATED + 9);
    log.bend = |index| ledger::index::IndexLeaf { units: 9, ..index };
    log.publish(CREATED + 10);
    host.show(&log);
    let (code, lines, said) = once(&rig, &[]);
    assert_eq!((code, lines.len()), (1, 1), "{lines:?}");
    assert!(said.contains("[wrong_index]") && said.contains("总目录") && said.contains(" / "), "{said}");
    for field in ["id", "state", "code", "ledger", "seq", "zh", "en", "since", "time"] {
        assert!(lines[0].get(field).is_some(), "{field}: {lines:?}");
    }
    assert_eq!((lines[0]["code"].as_str(), lines[0]["state"].as_str()), (Some("wrong_index"), Some("open")));
    // It is told once, and it is still so.
    assert_eq!(once(&rig, &["--json"]), (1, vec![], String::new()));
}

/// The help's example is one.
#[test]
fn the_example_is_a_configuration() {
    let (_, _, rig) = today();
    let text = EXAMPLE.split_once('\n').unwrap().1;
    std::fs::write(rig.file(), text).unwrap();
    std::fs::write(rig.dir.path().join("catalogue.jsonl"), ledger::catalogue::STANDARD).unwrap();
    let config = Config::read(&rig.file()).unwrap();
    let log = &config.logs[0];
    assert_eq!((config.interval.as_secs(), log.mirrors.len(), log.witnesses.len()), (300, 1, 2));
    let help = run(rig.dir.path(), &["monitor", "--help"]);
    assert!(String::from_utf8(help.stdout).unwrap().contains("[[log]]"));
}

#[test]
fn a_configuration_that_cannot_be_used_says_why() {
    let (_, host, rig) = today();
    let table = |text: &str| format!("[[log]]\ntrust = \"trust.toml\"\nurl = \"{}\"\n{text}", host.address);
    let cases = [
        (String::new(), "log"),
        ("log = []".to_owned(), "[[log]]"),
        (table("unit = 1"), "unit"),
        (table("units = [\"440811\"]"), "单位编号"),
        (table("witnesses = [\"w0\"]"), "见证人"),
        (format!("webhook = \"mailto:a\"\n{}", table("")), "webhook"),
        (format!("interval = 0\n{}", table("")), "interval"),
        (table("catalogue = \"gone\""), "gone"),
        (table("").replace("trust.toml", "gone.toml"), "gone.toml"),
        (table("").replace(&host.address, "gone"), "gone"),
        (format!("{}{}", table(""), table("")), "两次"),
    ];
    for (text, said) in cases {
        std::fs::write(rig.file(), &text).unwrap();
        let (code, lines, err) = once(&rig, &[]);
        assert_eq!((code, lines.len()), (2, 0), "{text}");
        assert!(err.contains(said), "{text}: {err}");
    }
}

/// A report is posted, and one that could not be posted is posted later; no message names the address.
#[test]
fn a_webhook_that_is_down_gets_its_reports_later() {
    let (_, host, rig) = today();
    let hook = Host::new();
    hook.be(Mood::Status(500));
    let top = format!("silent_after = 0\nwebhook = \"{}/hook?token=SECRET\"", hook.address);
    rig.configure(&top, &host.address, "");
    host.be(Mood::Page);
    let (code, lines, err) = once(&rig, &[]);
    assert_eq!((code, lines.len(), hook.posted().len()), (1, 1, 0));
    assert!(err.contains("HTTP 500") && !err.contains("SECRET"), "{err}");
    hook.be(Mood::Fine);
    let (code, told, _) = once(&rig, &[]);
    assert_eq!((code, told.len()), (1, 0));
    assert_eq!(hook.posted(), lines, "the report of the round before");
    host.be(Mood::Fine);
    let (code, lines, _) = once(&rig, &[]);
    assert_eq!((code, hook.posted().len()), (0, 2));
    assert_eq!(hook.posted()[1], lines[0]);
    assert_eq!(lines[0]["state"], "resolved");
}

fn daemon(rig: &Rig) -> Child {
    Command::new(env!("CARGO_BIN_EXE_village-verifier"))
        .args(["monitor", "--config", "monitor.toml", "--json"])
        .current_dir(rig.dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn kill(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// A webhook that hangs holds up nothing, and a signal ends the program with 0 at once.
#[test]
fn a_daemon_goes_on_beside_a_slow_webhook_and_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let (_, host, rig) = today();
        let hook = Host::new();
        hook.be(Mood::Slow);
        rig.configure(&format!("silent_after = 0\nwebhook = \"{}\"", hook.address), &host.address, "");
        host.be(Mood::HangsUp);
        let mut child = daemon(&rig);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().contains("\"silent\""));
        host.be(Mood::Fine);
        assert!(lines.next().unwrap().unwrap().contains("\"resolved\""));
        let (code, _, err) = once(&rig, &["--state", "monitor-state"]);
        assert!(code == 2 && err.contains("另一个程序"), "{code} {err}");
        kill(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

/// A log that is slow with its leaves holds up no word on another.
#[test]
fn a_slow_log_holds_up_no_other() {
    let (_, host, rig) = today();
    let other = Log::with(&["# another ledger".to_owned(), "quorum none".to_owned()]);
    let slow = Host::of(&other);
    slow.slow("tile/");
    std::fs::write(rig.dir.path().join("other.toml"), other.trust().text()).unwrap();
    let more = format!("[[log]]\ntrust = \"other.toml\"\nurl = \"{}\"", slow.address);
    rig.configure("silent_after = 0", &host.address, &more);
    let mut child = daemon(&rig);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for mood in [Mood::HangsUp, Mood::Fine] {
        host.be(mood);
        assert!(lines.next().unwrap().unwrap().contains(&host.address), "{mood:?}");
    }
    kill(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Killed again and again while it writes: the memory is always one that can be gone on with.
#[test]
fn a_daemon_that_is_killed_goes_on_where_it_was() {
    let (mut log, host, rig) = today();
    for round in 0..8_u64 {
        log.publish(CREATED + 10 + round);
        host.show(&log);
        host.asked();
        let mut child = daemon(&rig);
        wait_for("it asks", || !host.asked().is_empty());
        std::thread::sleep(Duration::from_millis(7 * round));
        kill(&child, "-KILL");
        child.wait().unwrap();
    }
    let (code, lines, err) = once(&rig, &["--json"]);
    assert_eq!((code, lines), (0, vec![]), "{err}");
}
