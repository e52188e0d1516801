//! Which disposal (处置) a row is a stage of: as 处置编号 and 处置环节 say, else as contract numbers tell.

use crate::matter;
use crate::record::{Direction, Record};
use ledger::json::Object;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Stages as clerks write them, in their order, and their keys.
const STAGES: [(&str, &str); 9] = [
    ("提议", "propose"),
    ("商议", "discuss"),
    ("审议", "review"),
    ("决议", "resolve"),
    ("公示", "post"),
    ("交易", "trade"),
    ("签约", "contract"),
    ("收款", "collect"),
    ("完成", "complete"),
];

/// One stage of one disposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    id: String,
    stage: &'static str,
    merged_with: Option<&'static str>,
}

impl Step {
    /// Reads 处置编号 and 处置环节; `提议、商议` are two stages in one. `None` for words that are no stage.
    pub fn read(id: &str, stage: &str) -> Option<Self> {
        let mut stages = stage
            .split(['、', ',', '/', '+'])
            .map(|word| STAGES.iter().find(|(zh, _)| *zh == word.trim()).map(|(_, key)| *key));
        let (first, second) = (stages.next()??, stages.next());
        if stages.next().is_some() || second == Some(None) || second == Some(Some(first)) {
            return None;
        }
        Some(Step { id: id.to_owned(), stage: first, merged_with: second.flatten() })
    }

    fn new(id: &str, stage: &'static str) -> Self {
        Step { id: id.to_owned(), stage, merged_with: None }
    }

    /// As it stands in a body.
    pub fn object(&self) -> Object {
        Object::new()
            .with("id", self.id.as_str())
            .with("stage", self.stage)
            .with_some("merged_with", self.merged_with)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zh = |key| STAGES.iter().find(|(_, k)| *k == key).map_or("", |(zh, _)| *zh);
        write!(f, "{}（处置编号 {}）", zh(self.stage), self.id)?;
        self.merged_with.map_or(Ok(()), |key| write!(f, "，与{}合并", zh(key)))
    }
}

/// What the table's rows tell of disposals.
#[derive(Debug, Default)]
pub struct Processes {
    /// The disposal of a contract.
    contracts: BTreeMap<(UnitId, String), String>,
    /// The disposals that cite a resolution.
    resolutions: BTreeMap<(UnitId, String), BTreeSet<String>>,
}

impl Processes {
    /// Gathers contracts and cited resolutions.
    pub fn of(records: &[Record]) -> Self {
        let mut all = Processes::default();
        // What is written comes before what is concluded.
        for record in records {
            if let (Some(step), Some(contract)) = (&record.step, &record.contract) {
                all.contracts.entry((record.unit, contract.clone())).or_insert_with(|| step.id.clone());
            }
        }
        for record in records.iter().filter(|r| disposal(r).is_some()) {
            if let Some(contract) = &record.contract {
                all.contracts.entry((record.unit, contract.clone())).or_insert_with(|| contract.clone());
            }
        }
        for record in records.iter().filter(|r| !is_resolution(r)) {
            if let (Some(step), Some(resolution)) = (all.step(record), &record.resolution)
                && (record.step.is_some() || disposal(record).is_some())
            {
                all.resolutions.entry((record.unit, resolution.clone())).or_default().insert(step.id);
            }
        }
        all
    }

    /// The stage that a row is.
    pub fn step(&self, record: &Record) -> Option<Step> {
        if let Some(step) = &record.step {
            return Some(step.clone());
        }
        let by_contract = || self.contracts.get(&(record.unit, record.contract.clone()?));
        if let Some(stage) = disposal(record) {
            return by_contract().map(|id| Step::new(id, stage));
        }
        match &record.direction {
            Some((Direction::Income, _)) => by_contract().map(|id| Step::new(id, "collect")),
            None if is_resolution(record) => {
                let cited = self.resolutions.get(&(record.unit, record.resolution.clone()?))?;
                // Cited by several, it is a stage of none.
                let one = cited.first().filter(|_| cited.len() == 1);
                one.map(|id| Step::new(id, "resolve"))
            }
            _ => None,
        }
    }
}

/// The stage of a row that by its 公开事项 disposes of an asset or a resource.
fn disposal(record: &Record) -> Option<&'static str> {
    if record.direction.is_some() {
        return None;
    }
    match matter::code(&record.matter)? {
        "R02" | "A03" => Some("trade"),
        "C01" => {
            matches!(super::contract::subject_kind(record), Some("asset" | "resource")).then_some("contract")
        }
        _ => None,
    }
}

fn is_resolution(record: &Record) -> bool {
    matter::code(&record.matter) == Some("V01")
}
