//! Every sentence that a villager can see: one table per language, keyed by [`Code`] and by label.
//!
//! Wording rules (a test holds the tables against them): second person, everyday verbs, titles of at most 18
//! Chinese characters and paragraphs of at most 60, no exclamation mark but for FAILED, none of the words in
//! [`FORBIDDEN`] outside the corner for technical readers.

#[cfg(feature = "english")]
mod en;
mod zh;

use ledger::verdict::Code;

/// Words that promise too much or that nobody in a village uses; allowed only in [`Words::expert`].
pub const FORBIDDEN: &[&str] = &[
    "哈希",
    "区块链",
    "验证",
    "签名",
    "默克尔",
    "校验",
    "一致性",
    "安全",
    "放心",
    "真实",
    "hash",
    "blockchain",
    "verif",
    "signature",
    "merkle",
    "consisten",
    "secure",
    "safe",
    "authentic",
    "genuine",
];

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    #[cfg(feature = "english")]
    En,
}

impl Lang {
    /// All languages.
    pub const ALL: &'static [Lang] = &[
        Lang::Zh,
        #[cfg(feature = "english")]
        Lang::En,
    ];

    /// The language of a tag such as `en-GB`; Chinese for any other.
    pub fn of_tag(tag: &str) -> Self {
        let fits = |lang: &&Lang| tag.get(..2) == lang.tag().get(..2);
        Self::ALL.iter().find(fits).copied().unwrap_or_default()
    }

    /// The tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            #[cfg(feature = "english")]
            Lang::En => "en",
        }
    }

    /// The labels.
    pub fn words(self) -> &'static Words {
        match self {
            Lang::Zh => &zh::WORDS,
            #[cfg(feature = "english")]
            Lang::En => &en::WORDS,
        }
    }

    /// What is said of a verdict.
    pub fn verdict(self, code: Code) -> Saying {
        match self {
            Lang::Zh => zh::verdict(code),
            #[cfg(feature = "english")]
            Lang::En => en::verdict(code),
        }
    }
}

/// What is said of one verdict.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// A shape, so that colour never carries the meaning alone.
    pub icon: &'static str,
    /// One line.
    pub title: &'static str,
    /// Paragraphs.
    pub body: &'static [&'static str],
    /// What to do next.
    pub next: &'static str,
}

/// Words for stable keys, `key=word` one a line: a phone carries a text, not a table of pointers.
#[derive(Clone, Copy, Debug)]
pub struct Keys(&'static str);

impl Keys {
    /// The pairs in their order.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.split('\n').filter_map(|line| line.split_once('='))
    }

    /// The word for a key.
    pub fn get(self, key: &str) -> Option<&'static str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, word)| word)
    }

    /// The word for a key; the key itself when it is not in the table.
    pub fn word(self, key: &str) -> &str {
        self.get(key).unwrap_or(key)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// The labels of one language. `{}` in a label is filled in, in order.
        #[derive(Debug)]
        pub struct Words { $($(#[$doc])* pub $name: $type,)* }
    };
}

words! {
    /// Name of the whole.
    site: &'static str,
    /// Home: what this page is for.
    home_lead: &'static str,
    /// Home: how many entries a unit has.
    home_count: &'static str,
    /// Home: opens the units without entries: how many.
    home_silent: &'static str,
    /// Home: a unit without entries.
    home_none: &'static str,
    /// Way back to the list of units.
    back: &'static str,
    /// The line that a ledger without witnesses shows on every page.
    no_witnesses: &'static str,
    /// Shown when the page waits too long for its script.
    late: &'static str,
    /// Heading of a period's account.
    period_of: &'static str,
    /// Heading when no entry has a date.
    no_period: &'static str,
    /// What came in.
    came_in: &'static str,
    /// What went out.
    went_out: &'static str,
    /// What is left.
    left: &'static str,
    /// A figure that the entries don't give.
    unknown: &'static str,
    /// Unit of money, set after the number.
    yuan: &'static str,
    /// All entries from number 1 on are here.
    all_entries: &'static str,
    /// The whole period is here; entries logged before … are not.
    whole_period: &'static str,
    /// Not the whole period may be here: only what was logged after ….
    since_only: &'static str,
    /// The close and the count of the entries differ: counted, stated, difference.
    finding_close: &'static str,
    /// The close's flows and the count differ: stated in, stated out.
    finding_flows: &'static str,
    /// A correction of an entry that is not on this page: its number, its target, the difference.
    finding_earlier: &'static str,
    /// Heading of the entries.
    entries: &'static str,
    /// Heading of the entries of earlier periods: how many.
    earlier: &'static str,
    /// An entry's number.
    number: &'static str,
    /// Kinds of entries; vouchers by direction.
    kinds: Keys,
    /// A kind that this viewer does not know.
    other_kind: &'static str,
    /// A correction says of which entry it is.
    corrects: &'static str,
    /// Before the old value.
    old: &'static str,
    /// Before the new value.
    new: &'static str,
    /// Before the reason.
    reason: &'static str,
    /// Reasons of corrections.
    reasons: Keys,
    /// Opens the rest of an entry.
    more: &'static str,
    /// Fields of an entry, by path below `body.` or by envelope name.
    fields: Keys,
    /// Where money comes from.
    funds: Keys,
    /// How money was paid.
    methods: Keys,
    /// What kind of counterparty.
    parties: Keys,
    /// Who approved.
    approvers: Keys,
    /// Opens what was checked.
    what_checked: &'static str,
    /// Heading: checked.
    checked: &'static str,
    /// Heading: not checked.
    not_checked: &'static str,
    /// Checked: all entries are there, none is missing.
    check_all: &'static str,
    /// Checked: everything since ….
    check_since: &'static str,
    /// Checked: each entry has the seals it needs.
    check_seals: &'static str,
    /// Checked: nothing changed since the last visit.
    check_grown: &'static str,
    /// Not yet: this phone has no memory.
    check_first: &'static str,
    /// Checked: witnesses, by name.
    check_witnesses: &'static str,
    /// Between names in a list.
    list: &'static str,
    /// No witnesses at all.
    check_unwitnessed: &'static str,
    /// Witnesses have not all come yet.
    check_few_witnesses: &'static str,
    /// Somebody went through the whole ledger.
    check_replayed: &'static str,
    /// Nobody has gone through the whole ledger.
    check_not_replayed: &'static str,
    /// Seals younger than 30 days: entries, the day of the youngest.
    check_young: &'static str,
    /// What no check of this kind can say.
    limits: &'static [&'static str],
    /// The one sentence that goes with every good verdict.
    caveat: &'static str,
    /// Button: check again.
    again: &'static str,
    /// Heading of the telephone numbers.
    call: &'static str,
    /// Numbers that hold everywhere: name and number.
    hotlines: Keys,
    /// FAILED: how to begin.
    failed_calm: &'static str,
    /// FAILED, step 1.
    step_save: &'static str,
    /// FAILED, step 1, button.
    save: &'static str,
    /// FAILED, step 2.
    step_call: &'static str,
    /// FAILED, step 3.
    step_neighbour: &'static str,
    /// The corner for technical readers; the only place for their words.
    expert: Expert,
}

/// Labels of the corner for technical readers.
#[derive(Debug)]
pub struct Expert {
    /// Opens it.
    pub title: &'static str,
    /// Name of the ledger.
    pub ledger: &'static str,
    /// Hash of the charter.
    pub charter: &'static str,
    /// Leaves of the log.
    pub size: &'static str,
    /// Time of the newest index leaf.
    pub time: &'static str,
    /// Root of the unit's tree.
    pub root: &'static str,
    /// Name of the verdict.
    pub verdict: &'static str,
    /// Link: signed checkpoint.
    pub checkpoint: &'static str,
    /// Link: bundle.
    pub bundle: &'static str,
    /// Forgets what this phone remembers.
    pub forget: &'static str,
}
