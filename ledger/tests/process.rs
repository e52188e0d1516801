//! Disposals as processes: a line of stages on which the skipped ones can be seen.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/book.rs"]
mod book;

use book::entry;
use ledger::entry::Entry;
use ledger::kinds::{KINDS, Type, find};
use ledger::process::{Lines, Process, Stage, of};

fn notice(seq: u64, id: &str, stage: &str, more: &str) -> Entry {
    let body = format!(r#"{{"text":["x"],"process":{{"id":"{id}","stage":"{stage}"{more}}}}}"#);
    entry(seq, "notice", "", &body)
}

/// The stages done and by which entries, and the names of those skipped.
fn told(id: &str, entries: &[Entry]) -> (Vec<(&'static str, Vec<u64>)>, Vec<&'static str>) {
    let mut lines = Lines::default();
    entries.iter().for_each(|entry| lines.take(entry));
    let line = lines.get(&id.to_owned());
    if line.is_empty() {
        return (Vec::new(), Vec::new());
    }
    assert!(line.iter().map(|step| step.stage).eq(Stage::ALL.iter().copied()));
    assert!(line.iter().all(|step| !step.skipped || step.by.is_empty()));
    let skipped = line.iter().filter(|step| step.skipped).map(|step| step.stage.name()).collect();
    let done = line.iter().filter(|step| !step.by.is_empty());
    (done.map(|step| (step.stage.name(), step.by.clone())).collect(), skipped)
}

#[test]
fn what_an_entry_says_of_its_process() {
    let merged = notice(1, "RW-1", "propose", r#","merged_with":"discuss""#);
    let process = Process { id: "RW-1".into(), stage: Stage::Propose, merged_with: Some(Stage::Discuss) };
    assert_eq!(of(&merged), Some(process));
    assert_eq!(of(&notice(1, "x", "complete", "")).unwrap().merged_with, None);
    assert_eq!(of(&entry(1, "notice", "", r#"{"text":["x"]}"#)), None);
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.name()), Some(*stage));
    }
    assert_eq!(Stage::parse("sell"), None);
}

#[test]
fn stages_are_those_of_the_kinds() {
    let steps = find(KINDS, "resolution").unwrap().fields.iter().find(|f| f.name == "steps").unwrap();
    let Type::List(fields) = steps.ty else { panic!() };
    let Type::Choice(names) = fields[0].ty else { panic!() };
    assert!(Stage::ALL.iter().map(|s| s.name()).eq(names.iter().copied()));
}

#[test]
fn skipped_stages_are_seen_and_later_ones_are_not_skipped() {
    let entries =
        [notice(3, "p", "propose", ""), notice(5, "p", "trade", ""), notice(6, "p", "contract", "")];
    let (done, skipped) = told("p", &entries);
    assert_eq!(done, [("propose", vec![3]), ("trade", vec![5]), ("contract", vec![6])]);
    assert_eq!(skipped, ["discuss", "review", "resolve", "post"]);
    assert_eq!(told("p", &entries[..1]), (vec![("propose", vec![3])], vec![]));
    assert_eq!(told("p", &[]), (vec![], vec![]));
    let last = [notice(9, "p", "complete", "")];
    assert_eq!(told("p", &last).1.len(), 8);
}

#[test]
fn merged_stages_and_the_steps_of_a_resolution_count_as_done() {
    let resolution = r#"{"resolution_no":"x","track":"village","organ":"villager_representatives","held_on":"2026-01-10","motion":"m","eligible":3,"present":3,"for":3,"against":0,"abstain":0,"passed":true,"steps":[{"step":"review","on":"2026-01-05"},{"step":"resolve","on":"2026-01-10"}],"process":{"id":"p","stage":"resolve"}}"#;
    let entries =
        [notice(1, "p", "propose", r#","merged_with":"discuss""#), entry(2, "resolution", "", resolution)];
    let (done, skipped) = told("p", &entries);
    let wanted = [("propose", 1), ("discuss", 1), ("review", 2), ("resolve", 2)];
    assert_eq!(done, wanted.map(|(stage, seq)| (stage, vec![seq])));
    assert!(skipped.is_empty());
}

#[test]
fn out_of_order_several_at_a_stage_and_two_processes() {
    let entries = [
        notice(1, "p", "collect", ""),
        notice(2, "q", "discuss", ""),
        notice(3, "p", "propose", r#","merged_with":"propose""#),
        notice(4, "p", "collect", ""),
        entry(5, "notice", "", r#"{"text":["x"]}"#),
    ];
    let (done, skipped) = told("p", &entries);
    assert_eq!(done, [("propose", vec![3]), ("collect", vec![1, 4])]);
    assert_eq!(skipped, ["discuss", "review", "resolve", "post", "trade", "contract"]);
    assert_eq!(told("q", &entries), (vec![("discuss", vec![2])], vec!["propose"]));
    assert_eq!(told("r", &entries), (vec![], vec![]));
}
