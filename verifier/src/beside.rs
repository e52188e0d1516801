//! What lies beside a log, counted: the rows of payment lists, attachments, sealed names, redactions.

use crate::words;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What of it the auditor asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Attachments.
    pub attachments: bool,
    /// Openings.
    pub names: bool,
    /// Whether a token says that this reader may see what is not for everyone.
    pub token: bool,
}

/// How many there are of what lies beside the log, and what came of each.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Beside {
    /// Payment lists.
    pub lists: Files,
    /// Attachments.
    pub attachments: Files,
    /// Sealed fields; rows of payment lists are among them only when names are held.
    pub names: Names,
    /// Redactions by their basis.
    pub redactions: BTreeMap<String, u64>,
}

impl Beside {
    /// What of it was not checked.
    pub fn not_checked(&self, wanted: Wanted) -> impl Iterator<Item = &'static str> {
        let Beside { lists, attachments, names, .. } = self;
        let sealed = names.sealed + lists.named > 0;
        [
            (lists.not_here + attachments.not_here > 0, words::NOT_HERE),
            (attachments.not_for_you > 0, words::NOT_FOR_YOU),
            (attachments.named > 0 && !wanted.attachments, words::ATTACHMENTS),
            (sealed && !wanted.names, words::NAMES),
            (wanted.names && lists.held < lists.named, words::NAMES_OF_LISTS),
            (names.not_shown > 0, words::NOT_SHOWN),
        ]
        .into_iter()
        .filter_map(|(so, what)| so.then_some(what))
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |title: &str, named: u64, counts: &[(&str, u64)]| {
            if named == 0 {
                return Ok(());
            }
            write!(f, "{title}　{named}")?;
            for (what, count) in counts.iter().filter(|(_, count)| *count > 0) {
                write!(f, "　{what} {count}")?;
            }
            writeln!(f)
        };
        for (title, files) in
            [("发放清单 payment lists", &self.lists), ("附件 attachments", &self.attachments)]
        {
            line(
                title,
                files.named,
                &[
                    ("相符 held", files.held),
                    ("已撤下 withdrawn", files.withdrawn),
                    ("无权 not for you", files.not_for_you),
                    ("本副本没有 not here", files.not_here),
                    ("不符 wrong", files.wrong),
                ],
            )?;
        }
        line(
            "封存字段 sealed fields",
            self.names.sealed,
            &[
                ("相符 opened", self.names.opened),
                ("其中不公开 of them confidential", self.names.confidential),
                ("已撤下 withdrawn", self.names.withdrawn),
                ("未公开 not shown", self.names.not_shown),
                ("被扣住 withheld", self.names.withheld),
                ("不符 wrong", self.names.wrong),
            ],
        )?;
        let bases: Vec<(&str, u64)> = self.redactions.iter().map(|(basis, n)| (basis.as_str(), *n)).collect();
        line("隐私撤下 redactions", self.redactions.values().sum(), &bases)
    }
}

/// Files of one sort. What is in none of the numbers below `named` was not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Files {
    /// Named by entries.
    pub named: u64,
    /// Read and found to be what the entry says.
    pub held: u64,
    /// Withdrawn by a redaction, and gone.
    pub withdrawn: u64,
    /// Not for this reader.
    pub not_for_you: u64,
    /// Not in this copy.
    pub not_here: u64,
    /// Read and not what the entry says, or refused by the server: each is a fault.
    pub wrong: u64,
}

/// Sealed fields. What is in none of the numbers below `sealed` was not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Names {
    /// Sealed.
    pub sealed: u64,
    /// Opened by what the server gave, and as the entry says.
    pub opened: u64,
    /// Those of them that are not for everyone.
    pub confidential: u64,
    /// Withdrawn by a redaction.
    pub withdrawn: u64,
    /// Not given, and nobody is entitled to see them now without a token whose scope covers the unit.
    pub not_shown: u64,
    /// NAME_WITHHELD: posted, not withdrawn, not given.
    pub withheld: u64,
    /// Altered, or of what was not sealed: each is a fault.
    pub wrong: u64,
}
