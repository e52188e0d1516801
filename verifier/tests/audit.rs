//! The audit: an honest log holds, and every lie is found under its own code.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::Hash;
use ledger::json::Object;
use ledger::leaf;
use support::*;

fn notes<'a>(report: &'a serde_json::Value, list: &str) -> Vec<&'a serde_json::Value> {
    report[list]["first"].as_array().unwrap().iter().collect()
}

fn fails(log: &Log, code: &str, says: &str) {
    let (name, report) = verdict(log);
    assert_eq!(name, code, "{report}");
    assert!(notes(&report, "faults").iter().any(|n| n["what"].as_str().unwrap().contains(says)), "{report}");
}

fn holds(log: &Log) -> serde_json::Value {
    let (name, report) = verdict(log);
    assert_eq!(name, "OK_UNWITNESSED", "{report}");
    assert_eq!(report["faults"]["count"], 0);
    report
}

#[test]
fn an_honest_log_holds_and_the_report_says_what_was_looked_at() {
    let log = Log::demo();
    let report = holds(&log);
    assert_eq!(report["ledger"], log.ledger.as_str());
    assert_eq!(report["size"], log.size());
    assert_eq!(report["time"], CREATED + 300);
    assert_eq!(report["publications"], 4);
    assert_eq!(report["kinds"]["voucher"], 2);
    assert_eq!(report["kinds"]["seal"], 1);
    // Town and village registry, the village.
    assert_eq!(report["units"], 3);
    // Three acts, one of them signed by the new seal too, and four entries.
    assert_eq!(report["seals"], 8);
    assert_eq!(report["findings"]["count"], 0, "{report}");
    assert!(report["not_checked"].to_string().contains("没有见证人"));
}

#[test]
fn a_log_of_several_bundles_and_levels_holds() {
    let mut log = Log::demo();
    for seq in 5..900 {
        log.take(log.entry(seq, "voucher"));
        if seq % 100 == 0 {
            log.publish(CREATED + 300 + seq);
        }
    }
    log.publish(CREATED + 2_000);
    let report = holds(&log);
    assert_eq!(report["kinds"]["voucher"], 897);
    // Four tiles at level 0, one above.
    assert_eq!(report["tiles"], 5);
}

#[test]
fn seals_enrolled_just_before_their_entries_are_known_in_time() {
    let mut log = Log::new();
    log.enrol();
    for seq in 1..4_000 {
        if seq == 3_000 {
            let old = log.town.clone();
            log.town = Key::note(&format!("{ORIGIN}/seal/440811100/township"), 9);
            let body = log.seal_body("rotate").with("replaces", old.vkey.to_string());
            log.take(log.act(TOWN, 3, "seal", body, &[&log.town]));
        }
        log.take(log.entry(seq, "notice"));
    }
    log.publish(CREATED + 2_000);
    assert_eq!(holds(&log)["seals"], 3_999 + 4 + 2);
}

#[test]
fn index_leaves_that_are_not_f_are_found() {
    type Bend = fn(ledger::index::IndexLeaf) -> ledger::index::IndexLeaf;
    let bends: [(Bend, &str); 4] = [
        (|i| ledger::index::IndexLeaf { root: Hash::EMPTY, ..i }, "总目录根"),
        (|i| ledger::index::IndexLeaf { units: i.units + 1, ..i }, "个单位"),
        (|i| ledger::index::IndexLeaf { covers: i.covers - 1, ..i }, "最后一个叶子不是索引叶"),
        (
            |i| ledger::index::IndexLeaf { ledger: ledger::charter::LedgerId::from_text("x#y"), ..i },
            "另一个账本",
        ),
    ];
    for (bend, says) in bends {
        let mut log = Log::demo();
        log.take(log.entry(5, "voucher"));
        log.bend = bend;
        log.publish(CREATED + 400);
        fails(&log, "FAILED_INDEX", says);
    }
}

#[test]
fn a_wrong_index_leaf_stays_found_under_later_right_ones() {
    let mut log = Log::demo();
    log.take(log.entry(5, "voucher"));
    log.bend = |i| ledger::index::IndexLeaf { root: Hash::EMPTY, ..i };
    log.publish(CREATED + 400);
    log.bend = |i| i;
    log.take(log.entry(6, "voucher"));
    log.publish(CREATED + 500);
    fails(&log, "FAILED_INDEX", "总目录根");
}

#[test]
fn an_index_leaf_of_another_place_signed_by_the_log_is_found_in_the_middle() {
    let mut log = Log::demo();
    let old = log.leaves.last().unwrap().clone();
    log.force(old);
    log.publish(CREATED + 400);
    fails(&log, "FAILED_INDEX", "不在它所说的位置");
}

#[test]
fn falling_time_is_found() {
    let mut log = Log::demo();
    log.take(log.entry(5, "voucher"));
    log.bend = |i| ledger::index::IndexLeaf { time: CREATED + 10, ..i };
    log.publish(CREATED + 400);
    fails(&log, "FAILED_INDEX", "时间倒退");
}

#[test]
fn a_head_that_does_not_end_with_an_index_leaf_is_found() {
    let mut log = Log::demo();
    log.take(log.entry(5, "voucher"));
    fails(&log, "FAILED_INDEX", "最后一个叶子不是索引叶");
}

#[test]
fn a_number_left_out_is_void_and_a_log_that_counts_it_fails() {
    let mut log = Log::demo();
    log.force(log.entry(6, "voucher"));
    log.publish(CREATED + 400);
    let report = holds(&log);
    let found = notes(&report, "findings");
    assert_eq!(found[0]["code"], "void");
    assert!(found[0]["what"].as_str().unwrap().contains("应为 5"), "{report}");

    // The log states a book with that entry in it as number 5.
    let mut lying = Log::demo();
    let mut other = Log::demo();
    lying.force(lying.entry(6, "voucher"));
    other.take(other.entry(5, "voucher"));
    let (stated, _, _) = other.state.close(CREATED + 400, Vec::new());
    let text = stated.text();
    lying.leaves.push(leaf::seal(&text, vec![lying.log.sign(&text)]).into_bytes());
    fails(&lying, "FAILED_INDEX", "总目录根");
}

#[test]
fn seals_that_do_not_suffice_are_found() {
    let stranger = Key::note(&format!("{ORIGIN}/seal/440811100/township"), 77);
    let other_town = Key::note(&format!("{ORIGIN}/seal/440811101/township"), 78);
    let draft = |log: &Log| log.draft(UNIT, 5, "voucher", example("voucher"));
    let bytes = |log: &Log| sealed(&draft(log), &[&log.town]);
    let tampered = |log: &Log| {
        let good = String::from_utf8(bytes(log)).unwrap();
        good.replacen("供电所", "供水所", 1).into_bytes()
    };
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("unknown key", sealed(&draft(&Log::demo()), &[&stranger]), "没有登记"),
        ("key of the authority", sealed(&draft(&Log::demo()), &[&Log::demo().authority]), "不是印章"),
        ("signature of another text", tampered(&Log::demo()), "签名不对"),
        ("seal of nobody here", sealed(&draft(&Log::demo()), &[&other_town]), "没有登记"),
    ];
    for (what, leaf, says) in cases {
        let mut log = Log::demo();
        log.force(leaf);
        log.publish(CREATED + 400);
        let (name, report) = verdict(&log);
        assert_eq!(name, "FAILED_SEAL", "{what}: {report}");
        let fault = notes(&report, "faults")[0];
        assert!(fault["what"].as_str().unwrap().contains(says), "{what}: {report}");
        assert_eq!((&fault["unit"], &fault["seq"]), (&UNIT.into(), &5.into()));
    }
}

#[test]
fn a_revoked_seal_is_found_and_what_it_marked_is_counted() {
    let mut log = Log::demo();
    let body = log.seal_body("revoke").with("compromised_from", (CREATED + 250) as i64);
    log.take(log.act(TOWN, 3, "seal", body, &[]));
    log.publish(CREATED + 400);
    let report = holds(&log);
    let marked = notes(&report, "findings")[0];
    assert_eq!(marked["code"], "marked");
    assert!(marked["what"].as_str().unwrap().contains("盖章的 2 条"), "{report}");
    log.force(log.entry(5, "voucher"));
    log.publish(CREATED + 500);
    fails(&log, "FAILED_SEAL", "此时无效");
}

#[test]
fn an_act_that_is_not_the_authoritys_is_found_and_enrols_nobody() {
    let mut log = Log::demo();
    let thief = Key::note(&format!("{ORIGIN}/seal/440811100391/supervision"), 66);
    let body = Object::new()
        .with("act", "add")
        .with("vkey", thief.vkey.to_string())
        .with("role", "supervision")
        .with("scope", "440811100391")
        .with("holder", "无人");
    log.force(sealed(&log.draft(VILLAGE, 2, "seal", body), &[&thief]));
    log.publish(CREATED + 400);
    fails(&log, "FAILED_SEAL", "授权机关签名");
    log.force(sealed(&log.draft(UNIT, 5, "voucher", example("voucher")), &[&log.town, &thief]));
    log.publish(CREATED + 500);
    let (_, report) = verdict(&log);
    assert_eq!(report["faults"]["codes"]["seal"], 2, "{report}");
}

#[test]
fn a_log_key_is_changed_by_the_rules_or_the_head_is_not_believed() {
    let new = Key::note(ORIGIN, 88);
    let mut log = Log::demo();
    log.take(log.log_key_act(1, &new));
    let old = log.log.clone();
    log.publish(CREATED + 400);
    holds(&log); // the head with the act in it is the old key's
    let mut right = log.clone();
    right.log = new.clone();
    right.take(right.entry(5, "voucher"));
    right.publish(CREATED + 500);
    let report = holds(&right);
    assert_eq!(notes(&report, "findings")[0]["code"], "trust", "the trust file knows the old key only");

    // The old key goes on: the head is not signed as it must be.
    let mut late = log.clone();
    late.take(late.entry(5, "voucher"));
    late.publish(CREATED + 500);
    fails(&late, "CANNOT_SHOW", "存证点不是当时的账本密钥所签");
    // Only the index leaf is the old key's: under a head of the new one that convicts.
    late.log = new.clone();
    fails(&late, "FAILED_INDEX", "索引叶不是当时的账本密钥所签");
    // The new key is too early.
    let mut early = Log::demo();
    early.take(early.log_key_act(1, &new));
    early.log = new;
    early.publish(CREATED + 400);
    fails(&early, "CANNOT_SHOW", "存证点不是当时的账本密钥所签");
    drop(old);
}

#[test]
fn void_leaves_are_findings_and_change_nothing() {
    let mut log = Log::demo();
    log.force(b"hello".to_vec());
    log.force(log.leaves[0].clone());
    let foreign = with(&log.draft(UNIT, 5, "voucher", example("voucher")), "ledger", "x.example/l#00");
    log.force(sealed(&foreign, &[&log.town]));
    log.take(log.entry(5, "voucher"));
    log.publish(CREATED + 400);
    let report = holds(&log);
    assert_eq!(report["findings"]["codes"]["void"], 3, "{report}");
    let says: Vec<&str> = notes(&report, "findings").iter().map(|n| n["what"].as_str().unwrap()).collect();
    assert!(says[0].contains("不是条目") && says[1].contains("放错了位置") && says[2].contains("另一个账本"));
}

#[test]
fn kinds_and_rules_are_findings_and_what_can_not_be_read_is_too_new() {
    let mut log = Log::demo();
    log.force(sealed(&log.draft(UNIT, 5, "lottery", Object::new()), &[&log.town]));
    let wrong_sum = with(&log.draft(UNIT, 6, "voucher", example("voucher")), "body.amount", 1);
    log.force(sealed(&wrong_sum, &[&log.town]));
    let decomposed = with(&log.draft(UNIT, 7, "notice", example("notice")), "body.subject", "e\u{301}");
    log.force(sealed(&decomposed, &[&log.town]));
    log.publish(CREATED + 400);
    let report = holds(&log);
    let codes = &report["findings"]["codes"];
    assert_eq!(
        (&codes["unknown_kind"], &codes["field"], &codes["not_nfc"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(report["kinds"]["unknown"], 1);

    let mut odd = Object::new();
    for (name, value) in log.draft(UNIT, 8, "notice", example("notice")).fields() {
        odd = odd.with(name, value.clone());
        if name == "kind" {
            odd = odd.with("item", "not an item");
        }
    }
    log.force(sealed(&odd, &[&log.town]));
    log.publish(CREATED + 500);
    let (name, report) = verdict(&log);
    assert_eq!(name, "VIEWER_TOO_OLD", "{report}");
}

#[test]
fn a_period_that_begins_after_the_logged_day_is_a_finding() {
    let mut log = Log::demo();
    let mut late = Object::new();
    for (name, value) in log.draft(UNIT, 5, "notice", example("notice")).fields() {
        late = late.with(name, value.clone());
        if name == "kind" {
            late = late.with("period", "2099-01");
        }
    }
    log.force(sealed(&late, &[&log.town]));
    log.publish(CREATED + 400);
    assert_eq!(notes(&holds(&log), "findings")[0]["code"], "future");
}

#[test]
fn a_charter_that_is_not_the_pinned_one_is_refused() {
    let log = Log::demo();
    let folder = log.folder();
    let mut trust = log.trust();
    trust.charter = Hash::EMPTY;
    std::fs::write(folder.path().join("trust.toml"), trust.text()).unwrap();
    let (code, report) = audit(folder.path(), &[]);
    assert_eq!((code, report["verdict"].as_str().unwrap()), (1, "CANNOT_SHOW"));
    assert_eq!(notes(&report, "faults")[0]["code"], "charter");
}

#[test]
fn a_checkpoint_of_another_key_log_or_size_is_refused() {
    let mut log = Log::demo();
    log.log = Key::note(ORIGIN, 99);
    fails(&log, "CANNOT_SHOW", "存证点不是当时的账本密钥所签");
    log.log = Key::note("other.example/log", 99);
    fails(&log, "CANNOT_SHOW", "没有账本的签名");

    let log = Log::demo();
    let mut longer = log.clone();
    longer.take(longer.entry(5, "voucher"));
    longer.publish(CREATED + 400);
    // A larger head over a folder that has not got there: a hole is no verdict.
    let folder = log.folder();
    std::fs::write(folder.path().join("checkpoint"), longer.checkpoint()).unwrap();
    let (code, report) = audit(folder.path(), &[]);
    assert_eq!((code, report["verdict"].as_str().unwrap()), (2, "CANNOT_CHECK"), "{report}");
    // A smaller one over a folder that has gone on: the log as it was then.
    let folder = longer.folder();
    std::fs::write(folder.path().join("checkpoint"), log.checkpoint()).unwrap();
    let (code, report) = audit(folder.path(), &[]);
    assert_eq!(code, 2, "its partial tiles are gone and no full ones are there: {report}");
}

#[test]
fn a_policy_with_witnesses_is_judged_as_the_registry_has_it() {
    let witness = |i: u8| Key::cosigner(&format!("witness{i}.example/w"), 50 + i);
    let line = |i: u8| format!("witness w{i} {}", witness(i).vkey);
    let policy = [line(0), line(1), "group all-of-them 2 w0 w1".to_owned(), "quorum all-of-them".to_owned()];
    let mut log = Log::with(&policy);
    log.fill();
    assert_eq!(verdict(&log).0, "OK_NOT_WITNESSED");
    log.cosigners = vec![(witness(0), CREATED + 400), (witness(1), CREATED + 500)];
    let (name, report) = verdict(&log);
    assert_eq!(name, "STALE_HEAD", "the fixed times lie days before today: {report}");
    assert_eq!((&report["quorum_time"], &report["witnesses"][1]), (&(CREATED + 400).into(), &"w1".into()));
    log.cosigners.iter_mut().for_each(|(_, time)| *time = 4_000_000_000);
    assert_eq!(verdict(&log).0, "OK_FIRST_VISIT");
}
