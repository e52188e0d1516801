//! Witness policies (W-01 to W-09), with brute force as oracle.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::checkpoint::SignedCheckpoint;
use ledger::note::{Signature, assemble};
use ledger::policy::{MAX_NAMES, MAX_POLICY, Policy};
use proptest::prelude::*;
use support::*;

fn witness(i: u8) -> Key {
    Key::cosigner(&format!("w{i}.example/w"), 100 + i)
}

fn witness_lines(n: u8) -> String {
    (0..n).map(|i| format!("witness w{i} {}\n", witness(i).vkey)).collect()
}

fn policy(n: u8, rest: &str) -> Policy {
    Policy::parse(&format!("{}{rest}", witness_lines(n))).unwrap()
}

fn refused(text: &str) -> usize {
    Policy::parse(text).map(|_| text).unwrap_err().line
}

/// A checkpoint with these cosignatures, each by witness number and time.
fn cosigned(by: &[(u8, u64)]) -> SignedCheckpoint {
    let world = World::new();
    let text = world.checkpoint_text();
    let mut lines = vec![world.log.sign(&text)];
    lines.extend(by.iter().map(|(i, time)| witness(*i).cosign(*time, &text)));
    SignedCheckpoint::parse(assemble(&text, &lines).as_bytes()).unwrap()
}

#[test]
fn w01_the_grammar() {
    let log = Key::note("log.example/l", 1).vkey;
    let text = format!(
        "# comment\n\n  \t\nlog {log} https://log.example/\n\twitness\tw0 {} https://w.example/\n{}group g  any w0 w1\nquorum g\n#end",
        witness(0).vkey,
        witness_lines(2).lines().nth(1).map(|l| format!("{l}\n")).unwrap()
    );
    let read = Policy::parse(&text).unwrap();
    assert_eq!(read.logs(), std::slice::from_ref(&log));
    let witnesses: Vec<_> = read.witnesses().map(|(name, _, url)| (name, url)).collect();
    assert_eq!(witnesses, [("w0", Some("https://w.example/")), ("w1", None)]);
    let w = witness_lines(1);
    for (text, line) in [
        (w.clone(), 0),
        (String::new(), 0),
        ("quorum none\nquorum none\n".into(), 2),
        (format!("{w}quorum\n"), 2),
        (format!("{w}quorum w0 w0\n"), 2),
        (format!("{w}Quorum w0\n"), 2),
        (format!("{w}\r\nquorum w0\n"), 2),
        (format!("{w}quorum w0\r\n"), 2),
        (format!("log {} \nquorum none\n", witness(0).vkey), 1),
        (format!("log {log} a b\nquorum none\n"), 1),
        ("log\nquorum none\n".into(), 1),
        (format!("witness w0 {log}\nquorum none\n"), 1),
        (format!("witness w0 {} a b\nquorum none\n", witness(0).vkey), 1),
        ("witness w0\nquorum none\n".into(), 1),
        (format!("{w}group g\nquorum none\n"), 2),
        (format!("{w}group g 1\nquorum none\n"), 2),
        ("# \u{7F}\nquorum none\n".into(), 1),
    ] {
        assert_eq!(refused(&text), line, "{text}");
    }
}

#[test]
fn w02_names() {
    let w = witness_lines(3);
    for text in [
        format!("{w}group w0 1 w1\nquorum w0\n"),
        format!("{w}group none 1 w1\nquorum none\n"),
        format!("witness none {}\nquorum none\n", witness(0).vkey),
        format!("{w}group g 1 w9\nquorum g\n"),
        format!("{w}group g 1 g\nquorum g\n"),
        format!("{w}group g 1 h\ngroup h 1 w0\nquorum g\n"),
        format!("{w}group g 1 w0 w0\nquorum g\n"),
        format!("{w}group g 1 w0\ngroup h 1 w0\nquorum g\n"),
        format!("{w}quorum g\ngroup g 1 w0\n"),
        "quorum w0\n".into(),
    ] {
        assert!(refused(&text) > 0, "{text}");
    }
}

#[test]
fn w03_k_of_n() {
    let w = witness_lines(3);
    for k in ["0", "4", "-1", "+1", "1.0", "one", "99999999999999999999"] {
        assert_eq!(refused(&format!("{w}group g {k} w0 w1 w2\nquorum g\n")), 4, "{k}");
    }
    for (k, needed) in [("any", 1), ("1", 1), ("2", 2), ("3", 3), ("all", 3)] {
        let policy = policy(3, &format!("group g {k} w0 w1 w2\nquorum g\n"));
        for n in 0..=3_u8 {
            let by: Vec<_> = (0..n).map(|i| (i, NOW)).collect();
            assert_eq!(policy.evaluate(&cosigned(&by)).met, n >= needed);
        }
    }
}

#[test]
fn w04_limits() {
    let named = |n: usize, what: &str| -> String {
        (0..n)
            .map(|i| match what {
                "log" => format!("log {}\n", Key::note("l", i as u8 + 1).vkey),
                _ => format!("witness w{i} {}\n", Key::cosigner("w", i as u8 + 1).vkey),
            })
            .collect()
    };
    for (what, max) in [("log", MAX_NAMES), ("witness", 2 * MAX_NAMES)] {
        assert!(Policy::parse(&format!("{}quorum none\n", named(max, what))).is_ok());
        assert_eq!(refused(&format!("{}quorum none\n", named(max + 1, what))), max + 1);
    }
    let long = |n: usize| format!("quorum none\n#{}", "x".repeat(n - 13));
    assert!(Policy::parse(&long(MAX_POLICY)).is_ok());
    assert_eq!(refused(&long(MAX_POLICY + 1)), 0);
}

#[test]
fn w05_only_lines_that_verify_count() {
    let policy = policy(3, "group g 2 w0 w1 w2\nquorum g\n");
    let world = World::new();
    let text = world.checkpoint_text();
    let evaluate = |lines: Vec<Signature>| {
        policy.evaluate(&SignedCheckpoint::parse(assemble(&text, &lines).as_bytes()).unwrap())
    };
    let good = |i: u8| witness(i).cosign(NOW, &text);
    let mut bad = good(1);
    bad.bytes[20] ^= 1;
    let stranger = Key::cosigner("w1.example/w", 99).cosign(NOW, &text);
    let elsewhere = witness(1).cosign(NOW, &format!("{text}x\n"));
    assert!(evaluate(vec![good(0), good(1)]).met);
    for lines in [
        vec![good(0)],
        vec![good(0), good(0)],
        vec![good(0), bad],
        vec![good(0), stranger],
        vec![good(0), elsewhere],
    ] {
        let quorum = evaluate(lines);
        assert!(!quorum.met && quorum.time().is_none());
        assert_eq!(quorum.cosigned, [("w0".to_owned(), NOW)]);
    }
    let none = Policy::parse("quorum none\n").unwrap();
    assert!(none.is_none() && none.evaluate(&cosigned(&[])).met && none.quorums_intersect());
}

#[test]
fn w06_keys_are_distinct_and_not_weak() {
    let key = Key::cosigner("other.example/w", 100).vkey;
    assert!(refused(&format!("{}witness again {key}\nquorum none\n", witness_lines(1))) == 2);
    let log = Key::note("log.example/l", 100).vkey;
    assert!(refused(&format!("{}log {log}\nquorum none\n", witness_lines(1))) == 2);
    assert!(refused(&format!("log {log}\nlog {log}\nquorum none\n")) == 2);
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = ledger::note::VerifierKey::cosigner("weak", &identity).unwrap();
    assert!(refused(&format!("witness w {weak}\nquorum none\n")) == 1);
}

#[test]
fn w08_replayers() {
    let policy = policy(3, "group replayers 1 w2\ngroup g 2 w0 w1 replayers\nquorum g\n");
    let replayed =
        |by: &[(u8, u64)]| (policy.evaluate(&cosigned(by)).met, policy.evaluate(&cosigned(by)).replayed);
    assert_eq!(replayed(&[(0, NOW), (1, NOW)]), (true, false));
    assert_eq!(replayed(&[(0, NOW), (2, NOW)]), (true, true));
    assert_eq!(replayed(&[(2, NOW)]), (false, true));
    assert_eq!(replayed(&[]), (false, false));
}

#[test]
fn w09_the_time_is_that_of_a_whole_quorum() {
    let policy = policy(4, "group h 1 w2 w3\ngroup g 2 w0 w1 h\nquorum g\n");
    for (by, time) in [
        (vec![(0, 10), (1, 30)], Some(10)),
        (vec![(0, 10), (1, 30), (2, 20)], Some(20)),
        (vec![(0, 10), (2, 20), (3, 90)], Some(10)),
        (vec![(1, 50), (3, 90)], Some(50)),
        (vec![(0, 50)], None),
    ] {
        assert_eq!(policy.evaluate(&cosigned(&by)).time(), time, "{by:?}");
    }
}

/// A random tree of groups over n witnesses: each witness or group is a member once at most.
fn shapes(n: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec((1_usize..=4, 1_usize..=8), 1..4).prop_map(move |groups| {
        let mut free: Vec<String> = (0..n).map(|i| format!("w{i}")).collect();
        let mut text = String::new();
        for (at, (take, k)) in groups.iter().enumerate() {
            let members: Vec<String> = free.drain(..(*take).min(free.len())).collect();
            text.push_str(&format!("group g{at} {} {}\n", 1 + k % members.len(), members.join(" ")));
            free.push(format!("g{at}"));
        }
        let k = 1 + groups[0].1 % free.len();
        format!("{text}group top {k} {}\nquorum top\n", free.join(" "))
    })
}

/// W-08.
#[test]
fn a_replayer_stands_below_the_group_of_that_name() {
    let nested = policy(4, "group x 1 w0 w1\ngroup replayers 1 x w2\ngroup all 1 w3 replayers\nquorum all\n");
    let found: Vec<bool> = (0..4).map(|i| nested.is_replayer(&format!("w{i}"))).collect();
    assert_eq!(found, [true, true, true, false]);
    assert!(!nested.is_replayer("nobody") && !policy(1, "quorum w0\n").is_replayer("w0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 500 } else { 40 }))]

    /// W-07 by brute force: every pair of disjoint sets of up to eight witnesses.
    #[test]
    fn w07_quorums_intersect_as_brute_force_finds((n, text) in (1_usize..=8).prop_flat_map(|n| (Just(n), shapes(n)))) {
        let policy = policy(n as u8, &text);
        let met: Vec<bool> = (0..1_u32 << n)
            .map(|set| {
                let by: Vec<_> = (0..n as u8).filter(|i| set >> i & 1 == 1).map(|i| (i, NOW)).collect();
                policy.evaluate(&cosigned(&by)).met
            })
            .collect();
        // Satisfaction is monotone, so it is enough to hold each set against its complement.
        let all = (1_usize << n) - 1;
        let disjoint = (0..=all).any(|set| met[set] && met[all & !set]);
        prop_assert_eq!(policy.quorums_intersect(), !disjoint, "{}", text);
        // A set meets every quorum when no quorum gets by without it.
        for set in 0..=all {
            let these = |name: &str| set >> name[1..].parse::<usize>().unwrap() & 1 == 1;
            prop_assert_eq!(policy.meets_every_quorum(&these), !met[all & !set], "{} {:b}", text, set);
        }
    }
}
