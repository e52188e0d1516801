//! Verdicts: how a check can end (SPEC section 8.4, rules V-01, V-06).
//!
//! A verdict is what the proof says; it is not an error. Trouble in the network never becomes a red one, and a
//! red one always carries a file that convinces a third party.

use std::fmt;

/// How much a verdict asks of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing was found out.
    Neutral,
    /// It holds.
    Calm,
    /// It holds or does not; somebody should look.
    Amber,
    /// A contradiction, with evidence.
    Red,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $level:ident;)*) => {
        /// Every way a check can end. Names are stable: wording tables, tools and tests switch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            /// The level.
            pub fn level(self) -> Level {
                match self { $(Code::$code => Level::$level,)* }
            }
        }
    };
}

codes! {
    /// Working.
    Checking = "CHECKING", Neutral;
    /// Quorum and replay, everything asked for holds, complete since a named time.
    Ok = "OK", Calm;
    /// The same with nothing remembered and no poster: no claim about the past.
    OkFirstVisit = "OK_FIRST_VISIT", Calm;
    /// Holds; nobody has replayed it yet.
    OkNotReplayed = "OK_NOT_REPLAYED", Calm;
    /// Holds; the quorum is not yet complete.
    OkNotWitnessed = "OK_NOT_WITNESSED", Calm;
    /// Holds; this ledger has no witnesses.
    OkUnwitnessed = "OK_UNWITNESSED", Calm;
    /// An entry was amended later.
    Corrected = "CORRECTED", Calm;
    /// Signed between a seal's compromise and its revocation.
    Marked = "MARKED", Calm;
    /// Signed by a seal younger than 30 days.
    YoungSeal = "YOUNG_SEAL", Calm;
    /// No quorum time within 48 hours.
    StaleHead = "STALE_HEAD", Amber;
    /// The period's disclosure is late.
    Overdue = "OVERDUE", Amber;
    /// An opening is missing without a redaction.
    NameWithheld = "NAME_WITHHELD", Amber;
    /// Paper and ledger differ, and nobody signed the paper.
    PaperDiffers = "PAPER_DIFFERS", Amber;
    /// The ledger could not show that what was seen is still in it.
    CannotShow = "CANNOT_SHOW", Amber;
    /// No network.
    Offline = "OFFLINE", Neutral;
    /// This device can't check.
    CannotCheck = "CANNOT_CHECK", Neutral;
    /// The viewer is too old for what it got.
    ViewerTooOld = "VIEWER_TOO_OLD", Neutral;
    /// The log's own signed heads contradict each other.
    FailedRewritten = "FAILED_REWRITTEN", Red;
    /// Two signed books of one unit.
    FailedTwoBooks = "FAILED_TWO_BOOKS", Red;
    /// An entry in the signed ledger whose seals do not suffice.
    FailedSeal = "FAILED_SEAL", Red;
    /// A signed index leaf that is not what the leaves before it say.
    FailedIndex = "FAILED_INDEX", Red;
}

impl Code {
    /// The code of a stable name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    /// Whether the reader is told that it holds.
    pub fn holds(self) -> bool {
        self.level() == Level::Calm
    }

    /// Exit code of the command-line tools: 0 holds or is merely late, 1 does not, 2 could not be found out.
    pub fn exit(self) -> u8 {
        match self {
            Code::StaleHead | Code::Overdue => 0,
            code => match code.level() {
                Level::Calm => 0,
                Level::Amber | Level::Red => 1,
                Level::Neutral => 2,
            },
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A verdict with its reason and, when it is red, its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How the check ended.
    pub code: Code,
    /// For whoever looks closer: which step ended it and how; never shown first.
    pub detail: String,
    /// The evidence file, when the code is red.
    pub evidence: Option<String>,
}

impl Verdict {
    /// A verdict without evidence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Verdict { code, detail: detail.into(), evidence: None }
    }
}

/// Why something does not hold, for consoles and tools. A phone names the step alone: the words of every error
/// would be two kilobytes more to fetch, and the verifier says them about the same bytes.
pub(crate) fn why(error: impl fmt::Display) -> String {
    if cfg!(feature = "append") { error.to_string() } else { String::new() }
}

/// Words that [`why`] would leave out on a phone need not be there at all.
#[inline(always)]
pub(crate) const fn words(text: &'static str) -> &'static str {
    if cfg!(feature = "append") { text } else { "" }
}
