//! Every sentence that a villager can see: one data file per language, keyed by label, field, kind and code.
//!
//! `data/words.*.txt` holds `key=words` lines in `[section]`s. A server has the files inside (feature `words`); a
//! phone fetches the one of its page and hands it to [`Words::read`], so its code carries no words at all. A file
//! that is not whole is none: then the phone cannot check, and the page that came stays as it is.
//!
//! Wording rules (a test holds the files against them): second person, everyday verbs, titles of at most 18
//! Chinese characters and paragraphs of at most 60, no exclamation mark but for FAILED, none of the words in
//! [`FORBIDDEN`] outside the corner for technical readers.

use ledger::verdict::Code;
#[cfg(feature = "words")]
use std::sync::LazyLock;

/// Words that promise too much or that nobody in a village uses; allowed only in labels that begin with `expert_`.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "words", derive(Default))]
pub enum Lang {
    /// 简体中文.
    #[cfg(feature = "words")]
    #[default]
    Zh,
    /// English.
    #[cfg(feature = "words")]
    En,
    /// Words that came over the network.
    Fetched(&'static Words),
}

#[cfg(feature = "words")]
impl Lang {
    /// The languages whose words are inside.
    pub const ALL: &'static [Lang] = &[Lang::Zh, Lang::En];

    /// The language of a tag such as `en-GB`; Chinese for any other.
    pub fn of_tag(tag: &str) -> Self {
        if tag.get(..2) == Some("en") { Lang::En } else { Lang::Zh }
    }
}

#[cfg(feature = "words")]
static ZH: LazyLock<Words> = LazyLock::new(|| inside(include_str!("../data/words.zh.txt")));
#[cfg(feature = "words")]
static EN: LazyLock<Words> = LazyLock::new(|| inside(include_str!("../data/words.en.txt")));

/// A file that travels with the code; a test holds that it is whole.
#[cfg(feature = "words")]
fn inside(text: &'static str) -> Words {
    Words::read(text).unwrap_or(Words::NONE)
}

impl Lang {
    /// The words.
    pub fn words(self) -> &'static Words {
        match self {
            #[cfg(feature = "words")]
            Lang::Zh => &ZH,
            #[cfg(feature = "words")]
            Lang::En => &EN,
            Lang::Fetched(words) => words,
        }
    }

    /// The tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        self.words().tag()
    }

    /// What is said of a verdict.
    pub fn verdict(self, code: Code) -> Saying {
        let keys = self.words().section(code.name()).unwrap_or(Keys(""));
        let one = |key| keys.get(key).unwrap_or_default();
        let mut saying =
            Saying { icon: one("icon"), title: one("title"), body: Vec::new(), next: one("next") };
        for (_, words) in keys.iter().filter(|(key, _)| *key == "body") {
            saying.body.push(words);
        }
        saying
    }
}

/// What is said of one verdict.
#[derive(Clone, Debug)]
pub struct Saying {
    /// A shape, so that colour never carries the meaning alone.
    pub icon: &'static str,
    /// One line.
    pub title: &'static str,
    /// Paragraphs.
    pub body: Vec<&'static str>,
    /// What to do next.
    pub next: &'static str,
}

/// Words for stable keys, `key=word` one a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys(&'static str);

impl Keys {
    /// The pairs in their order.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.split('\n').filter_map(|line| line.split_once('='))
    }

    /// The word for a key.
    pub fn get(self, key: &str) -> Option<&'static str> {
        self.0.split('\n').find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    }

    /// The word for a key; the key itself when it is not in the table.
    pub fn word(self, key: &str) -> &str {
        self.get(key).unwrap_or(key)
    }
}

macro_rules! words {
    (labels { $($(#[$doc:meta])* $name:ident,)* } sections { $($(#[$about:meta])* $keys:ident,)* }) => {
        /// The labels that a file must have.
        pub const LABELS: [&str; [$(stringify!($name)),*].len()] = [$(stringify!($name)),*];
        const SECTIONS: [&str; [$(stringify!($keys)),*].len()] = [$(stringify!($keys)),*];

        #[allow(non_camel_case_types, reason = "places in the two lists above, spelled as they are there")]
        enum Label { $($name),* }
        #[allow(non_camel_case_types, reason = "as above")]
        enum Section { $($keys),* }

        impl Words {
            $($(#[$doc])* #[inline(always)] pub fn $name(&self) -> &'static str { self.labels.get(Label::$name as usize).copied().unwrap_or_default() })*
            $($(#[$about])* #[inline(always)] pub fn $keys(&self) -> Keys { Keys(self.sections.get(Section::$keys as usize).copied().unwrap_or_default()) })*
        }
    };
}

/// The words of one language. `{}` and `{n}` in a label are filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    text: &'static str,
    labels: [&'static str; LABELS.len()],
    sections: [&'static str; SECTIONS.len()],
}

impl Words {
    /// No words at all.
    #[cfg(feature = "words")]
    const NONE: Words = Words { text: "", labels: [""; LABELS.len()], sections: [""; SECTIONS.len()] };

    /// Reads a file; `None` when it is not whole.
    pub fn read(text: &'static str) -> Option<Words> {
        let given = section(text, "labels")?;
        let mut words = Words { text, labels: [""; LABELS.len()], sections: SECTIONS };
        let mut read = SEED;
        for (at, (name, label)) in given.iter().enumerate() {
            *words.labels.get_mut(at)? = label;
            read = sum(read, name);
        }
        if read != NAMES {
            return None;
        }
        for keys in &mut words.sections {
            *keys = section(text, keys)?.0;
        }
        let said = |code: &Code| words.section(code.name()).is_some();
        (words.section("end").is_some() && Code::ALL.iter().all(said)).then_some(words)
    }

    /// The lines of a section.
    pub fn section(&self, name: &str) -> Option<Keys> {
        section(self.text, name)
    }
}

/// Names of labels are long; a phone carries their sum, and a file whose labels are others, or in another order, is not
/// whole.
const NAMES: u64 = {
    let (mut all, mut rest) = (SEED, LABELS.as_slice());
    while let [name, more @ ..] = rest {
        (all, rest) = (sum(all, name), more);
    }
    all
};
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: it tells versions of one file apart and keeps nobody out.
const fn sum(mut all: u64, name: &str) -> u64 {
    let mut rest = name.as_bytes();
    while let [byte, more @ ..] = rest {
        (all, rest) = ((all ^ *byte as u64).wrapping_mul(0x0100_0000_01b3), more);
    }
    (all ^ b'=' as u64).wrapping_mul(0x0100_0000_01b3)
}

/// `[` begins a section and stands nowhere else.
fn section(text: &'static str, name: &str) -> Option<Keys> {
    text.split('[').find_map(|part| part.strip_prefix(name)?.strip_prefix("]\n")).map(Keys)
}

words! {
labels {
    /// The tag for the `lang` attribute.
    tag,
    /// Name of the whole.
    site,
    /// Home: what this page is for.
    home_lead,
    /// Home: how many entries a unit has.
    home_count,
    /// Home: opens the units without entries: how many.
    home_silent,
    /// Home: a unit without entries.
    home_none,
    /// Way back to the list of units.
    back,
    /// The line that a ledger without witnesses shows on every page.
    no_witnesses,
    /// Shown when the page waits too long for its script.
    late,
    /// Heading of a period's account.
    period_of,
    /// Heading when no entry has a date.
    no_period,
    /// What came in.
    came_in,
    /// What went out.
    went_out,
    /// What is left.
    left,
    /// A figure that the entries don't give.
    unknown,
    /// Money: the number.
    money,
    /// Area: the number of mu.
    area,
    /// Money for a year.
    a_year,
    /// A number of months.
    months,
    /// From a day to a day.
    span,
    /// A name and what it is.
    named,
    /// A date: year, month by name, day.
    date,
    /// A date without its year: month by name, day.
    day,
    /// A month: year, month by name.
    month,
    /// A quarter: year, its number.
    quarter,
    /// A year.
    year,
    /// `true`.
    yes,
    /// `false`.
    no,
    /// All entries from number 1 on are here.
    all_entries,
    /// The whole period is here; entries logged before … are not.
    whole_period,
    /// Not the whole period may be here: only what was logged after ….
    since_only,
    /// Before what should be looked at.
    look,
    /// How many entries of the page should be looked at.
    looks,
    /// Heading of the entries.
    entries,
    /// Heading of the entries of earlier periods: how many.
    earlier,
    /// How many of these should be looked at.
    earlier_looks,
    /// An entry's number.
    number,
    /// A kind that this viewer does not know.
    other_kind,
    /// Nothing happened: period, of what.
    nothing,
    /// A correction says of which entry it is.
    corrects,
    /// A redaction says of which entry it is.
    redacts,
    /// An entry was replaced by this one.
    replaced,
    /// It stands in the place of this one.
    replaces,
    /// Before the old value.
    old_value,
    /// Before the new value.
    new_value,
    /// Before the reason.
    reason,
    /// Opens the rest of an entry.
    more,
    /// Before an entry's stage in its process.
    stages,
    /// Where the whole line of the process stands.
    whole_line,
    /// A stage that was skipped: no entry tells of it.
    skipped,
    /// A stage that is not on this page.
    not_here,
    /// A stage done together with another.
    merged,
    /// In the place of a name: it is being fetched.
    names_coming,
    /// In the place of a name: the network failed.
    names_unfetched,
    /// In the place of a name: not for everyone.
    name_private,
    /// In the place of a name: its posting does not run.
    name_not_posted,
    /// In the place of a name: what came is not what was sealed.
    name_wrong,
    /// Something of an entry was withdrawn by this one.
    redacted,
    /// How to see an attachment for members.
    file_members,
    /// How to see an attachment for inspectors.
    file_inspectors,
    /// A file or a list: on its way.
    fetching,
    /// A file or a list: the network failed.
    unfetched,
    /// A file: its bytes are those that the entry names.
    file_held,
    /// A file: what that does not say.
    file_limit,
    /// A file: what came is not what the entry names.
    file_unproved,
    /// A file or a list: withdrawn, and no entry here says so.
    file_gone,
    /// Who may see the names of a payment list.
    list_names,
    /// Link: a payment list without its names.
    whole_list,
    /// Heading: a payment list, row by row.
    list_title,
    /// Button: how many rows, how many bytes.
    list_see,
    /// In the button's place: too many rows for a phone.
    list_long,
    /// The list holds: rows, total.
    list_held,
    /// What came is not the list of the entry.
    list_unproved,
    /// Column: a row's number, from 1.
    list_no,
    /// Column: what amounts are in.
    list_money,
    /// In a row, in the place of a name: not for everyone.
    cell_private,
    /// Its posting does not run.
    cell_not_posted,
    /// Withdrawn.
    cell_gone,
    /// It should be here, and is not.
    cell_withheld,
    /// What came is not what was sealed.
    cell_wrong,
    /// The network failed.
    cell_unfetched,
    /// From the page of an entry to that of its unit.
    whole_book,
    /// Heading and link: a household's own row.
    my_row,
    /// My row: how to begin.
    row_lead,
    /// My row: the code.
    row_code,
    /// My row, button.
    row_check,
    /// My row: being checked.
    row_checking,
    /// My row: this phone can't.
    row_cannot,
    /// My row: it holds, and which it is, from 1.
    row_held,
    /// My row: what that does not say.
    row_limit,
    /// My row: the household's name.
    row_name,
    /// My row: the number of its group.
    row_group,
    /// My row: of no group.
    row_village,
    /// My row: a typing error.
    row_typing,
    /// My row: the code is of another row or list.
    row_other,
    /// My row: no proof came.
    row_unproved,
    /// My row: no network.
    row_offline,
    /// Opens what was checked.
    what_checked,
    /// Heading: checked.
    checked,
    /// Heading: not checked.
    not_checked,
    /// Checked: all entries are there, none is missing.
    check_all,
    /// Checked: everything since ….
    check_since,
    /// Checked: each entry has the seals it needs.
    check_seals,
    /// Checked: nothing changed since the last visit.
    check_grown,
    /// Not yet: this phone has no memory.
    check_first,
    /// Checked: witnesses, by name.
    check_witnesses,
    /// Between names in a list.
    list,
    /// No witnesses at all.
    check_unwitnessed,
    /// Witnesses have not all come yet.
    check_few_witnesses,
    /// Somebody went through the whole ledger.
    check_replayed,
    /// Nobody has gone through the whole ledger.
    check_not_replayed,
    /// Seals younger than 30 days: entries, the day of the youngest.
    check_young,
    /// Button: check again.
    again,
    /// Heading of the telephone numbers.
    call,
    /// FAILED: how to begin.
    failed_calm,
    /// FAILED, step 1.
    step_save,
    /// FAILED, step 1, button.
    save,
    /// FAILED, step 2.
    step_call,
    /// FAILED, step 3.
    step_neighbour,
    /// Opens the corner for technical readers, the only place for their words.
    expert_title,
    /// Name of the ledger.
    expert_ledger,
    /// Hash of the charter.
    expert_charter,
    /// Leaves of the log.
    expert_size,
    /// Time of the newest index leaf.
    expert_time,
    /// Root of the unit's tree.
    expert_root,
    /// Name of the verdict.
    expert_verdict,
    /// Link: signed checkpoint.
    expert_checkpoint,
    /// Link: bundle.
    expert_bundle,
    /// Forgets what this phone remembers.
    expert_forget,
}
sections {
    /// What no check of this kind can say.
    limits,
    /// Numbers that hold everywhere: name and number.
    hotlines,
    /// Months by number.
    month_names,
    /// Kinds of entries.
    kinds,
    /// Fields of an entry: by kind and name, or by name.
    fields,
    /// Stable keys of enumerations: by field and key.
    choices,
    /// What a finding says, by code; its values are filled in.
    findings,
}
}
