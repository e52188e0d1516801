//! A disposal as a process (SPEC section 4): entries with one process id, each at a stage, shown as a line on which
//! the stages that were skipped can be seen.
//!
//! Nothing is refused here: that a stage is missing, or came late, is what readers are to see (四议两公开).

use crate::entry::Entry;
use crate::json::{Object, Value};
use crate::table::Table;

macro_rules! stages {
    ($($(#[$doc:meta])* $stage:ident = $name:literal;)*) => {
        /// Stages of a disposal in their order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Stage { $($(#[$doc])* $stage,)* }

        impl Stage {
            /// All stages in their order.
            pub const ALL: &'static [Stage] = &[$(Stage::$stage,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Stage::$stage => $name,)* }
            }
        }
    };
}

stages! {
    /// The party branch proposes (支部提议).
    Propose = "propose";
    /// The two committees discuss (两委商议).
    Discuss = "discuss";
    /// The party members' meeting reviews (党员大会审议).
    Review = "review";
    /// The villagers' or members' representatives resolve (代表会议决议).
    Resolve = "resolve";
    /// The resolution is posted (决议公开).
    Post = "post";
    /// It is put out and awarded (交易).
    Trade = "trade";
    /// The contract is signed (签合同).
    Contract = "contract";
    /// What is due comes in (收款).
    Collect = "collect";
    /// It is done (完成).
    Complete = "complete";
}

impl Stage {
    /// The stage of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Stage::ALL.iter().find(|stage| stage.name() == name).copied()
    }

    /// The stage that an object names.
    fn of(object: &Object, field: &str) -> Option<Self> {
        object.text_of(field).and_then(Stage::parse)
    }
}

/// The process that an entry is a stage of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The process's id in its unit.
    pub id: String,
    /// The entry's stage.
    pub stage: Stage,
    /// The stage that was done in one with it, where secretary and chair are one person, say.
    pub merged_with: Option<Stage>,
}

/// The process of an entry, if it names one.
pub fn of(entry: &Entry) -> Option<Process> {
    let process = entry.body().get("process")?.object()?;
    Some(Process {
        id: process.text_of("id")?.to_owned(),
        stage: Stage::of(process, "stage")?,
        merged_with: Stage::of(process, "merged_with"),
    })
}

/// One stage on the line of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// Numbers of the entries that did it, in the order given; empty when none did.
    pub by: Vec<u64>,
    /// No entry did it, and one did a later stage.
    pub skipped: bool,
}

/// The lines of a unit's processes. A stage merged with another is done by the same entry, and so are the steps that
/// a resolution tells of.
#[derive(Clone, Debug, Default)]
pub struct Lines(Table<String, Vec<Step>>);

impl Lines {
    /// Takes the unit's next entry; one that is no stage of a process changes nothing.
    pub fn take(&mut self, entry: &Entry) {
        let Some(process) = of(entry) else { return };
        if self.0.get(&process.id).is_none() {
            let step = |stage: &Stage| Step { stage: *stage, by: Vec::new(), skipped: false };
            self.0.insert(process.id.clone(), Stage::ALL.iter().map(step).collect());
        }
        let Some(line) = self.0.get_mut(&process.id) else { return };
        let mut done = |stage: Option<Stage>| {
            let step = line.iter_mut().find(|step| Some(step.stage) == stage);
            if let Some(step) = step.filter(|step| step.by.last() != Some(&entry.seq())) {
                step.by.push(entry.seq());
            }
        };
        done(Some(process.stage));
        done(process.merged_with);
        for step in entry.body().list_of("steps").iter().filter_map(Value::object) {
            done(Stage::of(step, "step"));
            done(Stage::of(step, "merged_with"));
        }
        let furthest = line.iter().rposition(|step| !step.by.is_empty()).unwrap_or_default();
        for (at, step) in line.iter_mut().enumerate() {
            step.skipped = at < furthest && step.by.is_empty();
        }
    }

    /// The line of a process: every stage in order, done by which entries, or skipped; empty when none is of it.
    pub fn get(&self, id: &String) -> &[Step] {
        self.0.get(id).map(Vec::as_slice).unwrap_or_default()
    }
}
