//! Findings: stable codes, and the values that a sentence about each is filled with.

use crate::time::Date;
use std::fmt;

/// One thing to look at in one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// The unit's entry beside which it stands.
    pub seq: u64,
    /// Dotted path of the field that shows it; empty for the whole entry.
    pub field: &'static str,
    /// What the sentence of this code is filled with, in the order that [`FindingCode`] gives.
    pub values: Vec<Said>,
}

/// A value in a finding's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An amount in fen.
    Fen(i64),
    /// A number.
    Count(i64),
    /// A date.
    Date(Date),
    /// A number or name as it stands in the entry.
    Text(String),
}

/// The findings of one entry, while they are being made.
pub(super) struct Found {
    seq: u64,
    pub(super) list: Vec<Finding>,
}

impl Found {
    pub(super) fn new(seq: u64) -> Self {
        Found { seq, list: Vec::new() }
    }

    pub(super) fn say(&mut self, code: FindingCode, field: &'static str, values: Vec<Said>) {
        self.list.push(Finding { code, seq: self.seq, field, values });
    }

    pub(super) fn fen(&mut self, code: FindingCode, field: &'static str, values: &[i64]) {
        self.say(code, field, values.iter().copied().map(Said::Fen).collect());
    }

    pub(super) fn counts(&mut self, code: FindingCode, field: &'static str, values: &[i64]) {
        self.say(code, field, values.iter().copied().map(Said::Count).collect());
    }

    /// Another entry of the unit is the finding's one value.
    pub(super) fn entry(&mut self, code: FindingCode, field: &'static str, seq: u64) {
        self.counts(code, field, &[i64::try_from(seq).unwrap_or(i64::MAX)]);
    }
}

macro_rules! finding_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal;)*) => {
        /// Stable codes of findings; each line says what its values are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $($(#[$doc])* $code,)* }

        impl FindingCode {
            /// All codes.
            pub const ALL: &'static [FindingCode] = &[$(FindingCode::$code,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(FindingCode::$code => $name,)* }
            }
        }
    };
}

finding_codes! {
    /// A stated balance does not follow: stated, counted (fen).
    Balance = "balance";
    /// An opening balance, or a close's opening, is not the balance before: stated, counted (fen).
    Opening = "opening";
    /// A close's closing is not what counting gives: stated, counted (fen).
    Close = "close";
    /// A close's closing is not its own opening plus income less expense: stated, counted (fen).
    CloseSum = "close_sum";
    /// A close's income or expense is not what the period's entries add up to: stated in, stated out, counted in,
    /// counted out (fen).
    Flows = "flows";
    /// Voucher numbers are missing: first missing, last missing (text).
    VoucherGap = "voucher_gap";
    /// A voucher number stands in an earlier entry: the number (text), that entry (count).
    VoucherRepeat = "voucher_repeat";
    /// An entry is dated in a period that a close has closed: the close's entry (count).
    AfterClose = "after_close";
    /// A statement of no activity and an entry of its period and class contradict: the other entry (count).
    NotZero = "not_zero";
    /// Posted for too few days: days, days wanted (count).
    PostingShort = "posting_short";
    /// Disclosed after its deadline: the deadline (date), days late (count).
    Late = "late";
    /// Its item has a deadline, and the entry says no day or period that it could be counted from: no values.
    NoDeadline = "no_deadline";
    /// It names no item of its kind: the items of its kind (text).
    Item = "item";
    /// Too few were present: present, wanted (count).
    Quorum = "quorum";
    /// Too few voted for it: for, wanted (count).
    Majority = "majority";
    /// The meeting does not decide on this track: no values.
    Organ = "organ";
    /// A term without an end: no values.
    OpenTerm = "open_term";
    /// Let or lent for longer than the law allows: months, months allowed (count).
    LeaseTerm = "lease_term";
    /// More was received or paid under a contract than it has due: together, due (fen).
    OverSchedule = "over_schedule";
    /// Money for which a resolution is wanted, and none is named: amount, limit (fen).
    NoResolution = "no_resolution";
    /// A payment in cash over the limit: amount, limit (fen).
    Cash = "cash";
    /// Cash in hand over the limit: amount, limit (fen).
    CashHolding = "cash_holding";
    /// An award over the limit without competition: amount, limit (fen).
    NoCompetition = "no_competition";
    /// A payment without any date: no values.
    Undated = "undated";
    /// A correction of what these rules go by and don't judge again: the corrected entry (count).
    Recheck = "recheck";
    /// A correction of an entry that this reader does not have, so that sums are not known: that entry (count).
    Unknown = "unknown";
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
