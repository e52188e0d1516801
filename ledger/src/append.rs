//! Rules at append: what the ledger takes (SPEC section 7, rules E-50 to E-62).
//!
//! Pure functions over (state, entry). [`Submission::parse`] needs nothing but the bytes and runs anywhere;
//! [`Submission::verify`] is the expensive part and needs only a view of the registry, so both run on every
//! core; [`State::admit`] is cheap and runs in the one place that knows what comes next.

use crate::amend::{apply_correction, target_of};
use crate::books::{Books, Class};
use crate::charter::{Charter, LedgerId};
use crate::entry::{Entry, FieldError};
use crate::hash::{Hash, leaf_hash};
use crate::index::{IndexLeaf, Line};
use crate::json::{Object, Value};
use crate::kinds::{self, Kind};
use crate::leaf::{self, LeafType};
use crate::note::{Note, VerifierKey};
use crate::registry::{Registry, SealFault};
use crate::time::Date;
use crate::unit::UnitId;

/// Why an entry was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[{code}] {field}: {what}")]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// Dotted path of the field, or empty for the whole entry.
    pub field: String,
    /// What is wrong and what to do, in Chinese and English.
    pub what: String,
    /// For [`RefusalCode::WrongSeq`]: the unit's next number.
    pub next_seq: Option<u64>,
}

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal;)*) => {
        /// Stable codes of refusals, as they stand in problem+json and metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RefusalCode { $($(#[$doc])* $code,)* }

        impl RefusalCode {
            /// All codes.
            pub const ALL: &'static [RefusalCode] = &[$(RefusalCode::$code,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(RefusalCode::$code => $name,)* }
            }
        }
    };
}

refusal_codes! {
    /// Not a leaf in the one spelling.
    Spelling = "spelling";
    /// A charter or an index leaf: never taken from a submitter.
    NotAnEntry = "not_an_entry";
    /// Signed for another ledger.
    WrongLedger = "wrong_ledger";
    /// A kind this ledger does not know.
    UnknownKind = "unknown_kind";
    /// A field is not as its kind demands.
    Field = "field";
    /// Text is not in Unicode normal form C.
    NotNfc = "not_nfc";
    /// Not the unit's next number.
    WrongSeq = "wrong_seq";
    /// Another entry already has this number.
    SeqTaken = "seq_taken";
    /// Seals do not suffice.
    Seal = "seal";
    /// A date lies after today.
    Future = "future";
    /// A correction's target is not there, or its old values are not what was published.
    Target = "target";
    /// A reference to an entry that is not there.
    Reference = "reference";
    /// Sealed fields or attachments, which this version does not take yet.
    NotYet = "not_yet";
}

impl std::fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

fn refuse(code: RefusalCode, field: &str, what: impl Into<String>) -> Refusal {
    Refusal { code, field: field.to_owned(), what: what.into(), next_seq: None }
}

impl From<FieldError> for Refusal {
    fn from(e: FieldError) -> Self {
        Refusal { code: RefusalCode::Field, field: e.path, what: e.what, next_seq: None }
    }
}

impl From<SealFault> for Refusal {
    fn from(e: SealFault) -> Self {
        refuse(RefusalCode::Seal, "", e.to_string())
    }
}

/// What is already logged, for rules that look back. Leaves that wait for their index leaf are known to
/// [`State`] itself; this is asked for committed ones.
pub trait Past {
    /// The leaf of a unit's entry; `None` when there is none (or it can't be read: the entry is then refused).
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>>;
    /// The numbers of a unit's amendments, rising.
    fn amendments(&self, unit: &UnitId) -> Vec<u64>;
}

/// An entry on its way in: everything that can be known of it without the ledger's state.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The note as it came.
    pub bytes: Vec<u8>,
    /// The entry.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf: Hash,
    signers: Vec<VerifierKey>,
}

impl Submission {
    /// Reads a note: spelling, envelope, kind, sums, Unicode form.
    ///
    /// # Errors
    /// [`Refusal`] for the first rule that does not hold.
    pub fn parse(bytes: Vec<u8>, kinds: &[&Kind]) -> Result<Self, Refusal> {
        let leaf = leaf::read(&bytes).map_err(|e| refuse(RefusalCode::Spelling, "", e.to_string()))?;
        if leaf.leaf_type != LeafType::Entry {
            return Err(refuse(RefusalCode::NotAnEntry, "", "只接受条目 / only entries are taken"));
        }
        let entry = Entry::of(leaf.json)?;
        check_alone(&entry, kinds)?;
        let hash = leaf_hash(&bytes);
        Ok(Submission { bytes, entry, leaf: hash, signers: Vec::new() })
    }

    /// Verifies every signature line with the registry's keys. Whether they suffice *here* is for admission.
    ///
    /// # Errors
    /// [`Refusal`] with code `seal`.
    pub fn verify(&mut self, registry: &Registry) -> Result<(), Refusal> {
        let note = Note::parse(&self.bytes).map_err(|e| refuse(RefusalCode::Spelling, "", e.to_string()))?;
        self.signers = registry.signers(&note, &self.entry)?;
        Ok(())
    }

    /// The keys whose signatures verified; none before [`Submission::verify`].
    pub fn signers(&self) -> &[VerifierKey] {
        &self.signers
    }
}

/// What happened to one submission of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Taken at this leaf index.
    New(u64),
    /// The same text is already the unit's entry of this number.
    Known,
}

/// Everything that decides whether an entry is taken: books, registry, and the entries that wait.
#[derive(Clone, Debug)]
pub struct State {
    /// The units' books.
    pub books: Books,
    /// The registry.
    pub registry: Registry,
    waiting: Vec<Submission>,
    head: u64,
}

impl State {
    /// The state right after the charter, at size 1.
    pub fn new(charter: &Charter, hash: &Hash) -> Self {
        let ledger = LedgerId::new(&charter.origin, hash);
        let mut books = Books::new(ledger, &charter.district);
        books.add(*hash, &Class::Charter);
        State::restore(books, Registry::new(charter), 0)
    }

    /// A state from its parts; `head` is the position of the last index leaf.
    pub fn restore(books: Books, registry: Registry, head: u64) -> Self {
        State { books, registry, waiting: Vec::new(), head }
    }

    /// The key that signs the next head and its index leaf.
    pub fn log_key(&self) -> &VerifierKey {
        self.registry.log_key(self.head)
    }

    /// Admits an atomic batch: all of it or, with one refusal for every faulty entry, nothing.
    ///
    /// `now` is the clock, Unix seconds.
    ///
    /// # Errors
    /// Position in the batch and reason of each refused entry. The state is then as before.
    pub fn admit(
        &mut self,
        batch: &[Submission],
        now: u64,
        past: &dyn Past,
    ) -> Result<Vec<Admission>, Vec<(usize, Refusal)>> {
        let registry = batch.iter().any(|s| s.entry.unit().is_registry() || s.entry.kind() == "closed");
        let before = (self.waiting.len(), registry.then(|| self.registry.clone()));
        let mut admitted = Vec::with_capacity(batch.len());
        let mut refused = Vec::new();
        for (at, submission) in batch.iter().enumerate() {
            match self.admit_one(submission, now, past) {
                Ok(admission) => admitted.push(admission),
                Err(refusal) => refused.push((at, refusal)),
            }
        }
        if refused.is_empty() {
            return Ok(admitted);
        }
        self.books.take_back(self.waiting.len() - before.0);
        self.waiting.truncate(before.0);
        if let Some(registry) = before.1 {
            self.registry = registry;
        }
        Err(refused)
    }

    fn admit_one(&mut self, s: &Submission, now: u64, past: &dyn Past) -> Result<Admission, Refusal> {
        let (entry, index) = (&s.entry, self.books.size());
        if entry.envelope.ledger != *self.books.ledger() {
            let what = format!("本账本是 {} / this ledger is {0}", self.books.ledger());
            return Err(refuse(RefusalCode::WrongLedger, "ledger", what));
        }
        let next = self.books.count(&entry.unit()) + 1;
        if entry.seq() < next && entry.seq() > 0 {
            let same =
                self.leaf(&entry.unit(), entry.seq(), past).is_some_and(|l| text_of(&l) == text_of(&s.bytes));
            if same {
                return Ok(Admission::Known);
            }
        }
        if entry.seq() != next {
            let code = if entry.seq() < next { RefusalCode::SeqTaken } else { RefusalCode::WrongSeq };
            let what = format!(
                "下一个编号是 {next}，请重新编号并重新盖章 / the next number is {next}; renumber and sign again"
            );
            return Err(Refusal { next_seq: Some(next), ..refuse(code, "seq", what) });
        }
        self.registry.judge(entry, &s.signers, index, now)?;
        check_dates(entry, now)?;
        self.check_references(entry, past)?;
        if entry.kind() == "correction" {
            self.check_correction(entry, past)?;
        }
        let class = self.books.classify_entry(&entry.envelope);
        self.books.add(s.leaf, &class);
        self.registry.apply(entry, index, now);
        self.waiting.push(s.clone());
        Ok(Admission::New(index))
    }

    /// A unit's leaf, waiting or committed.
    fn leaf(&self, unit: &UnitId, seq: u64, past: &dyn Past) -> Option<Vec<u8>> {
        let waiting = self.waiting.iter().find(|s| s.entry.unit() == *unit && s.entry.seq() == seq);
        waiting.map(|s| s.bytes.clone()).or_else(|| past.leaf(unit, seq))
    }

    fn check_references(&self, entry: &Entry, past: &dyn Past) -> Result<(), Refusal> {
        for (i, reference) in entry.refs.iter().enumerate() {
            let leaf = self.leaf(&reference.unit, reference.seq, past);
            if leaf.map(|l| leaf_hash(&l)) != Some(reference.leaf) {
                let what = "引用的条目不在账本里 / the entry referred to is not in the ledger";
                return Err(refuse(RefusalCode::Reference, &format!("refs.{i}"), what));
            }
        }
        Ok(())
    }

    fn check_correction(&self, entry: &Entry, past: &dyn Past) -> Result<(), Refusal> {
        let unit = entry.unit();
        let wrong = |field: &str, what: &str| refuse(RefusalCode::Target, field, what);
        let seq = target_of(entry).ok_or_else(|| wrong("body.target.seq", "缺少 / missing"))?;
        let leaf = self.leaf(&unit, seq, past).ok_or_else(|| {
            wrong(
                "body.target.seq",
                "要更正的条目不在账本里 / the entry to be corrected is not in the ledger",
            )
        })?;
        if entry.body().at_path("target.leaf").and_then(Value::as_text) != Some(&leaf_hash(&leaf).to_base64())
        {
            return Err(wrong(
                "body.target.leaf",
                "与被更正条目的指纹不符 / not the leaf hash of that entry",
            ));
        }
        let mut target = Entry::of_leaf(&leaf).map_err(|e| wrong("body.target", &e.to_string()))?;
        if target.kind() == "correction" {
            return Err(wrong(
                "body.target",
                "更正不能再被更正，请更正原条目 / correct the first entry, not its correction",
            ));
        }
        let waiting = self.waiting.iter().filter(|s| s.entry.unit() == unit).map(|s| s.entry.seq());
        for amendment in past.amendments(&unit).into_iter().chain(waiting) {
            if let Some(earlier) = self.leaf(&unit, amendment, past).and_then(|l| Entry::of_leaf(&l).ok()) {
                apply_correction(&mut target.json, seq, &earlier);
            }
        }
        for (i, field) in entry.body().list_of("fields").iter().filter_map(Value::object).enumerate() {
            let path = field.text_of("path").unwrap_or_default();
            if target.json.at_path(path) != field.get("old") {
                let what = "旧值与已公布的不符 / the old value is not what was published";
                return Err(wrong(&format!("body.fields.{i}.old"), what));
            }
        }
        Ok(())
    }

    /// Closes the waiting entries: the index leaf to be signed, the lines it covers, and the waiting
    /// submissions with their leaf bytes, in log order.
    pub fn close(
        &mut self,
        now: u64,
        witnessed: Vec<String>,
    ) -> (IndexLeaf, Vec<(UnitId, Line, bool)>, Vec<Submission>) {
        let (leaf, lines) = self.books.close(now, witnessed);
        for (unit, line, _) in &lines {
            if unit.is_registry() {
                self.registry.set_time(line.index, line.time);
            }
        }
        self.head = leaf.covers;
        (leaf, lines, std::mem::take(&mut self.waiting))
    }
}

/// The rules that need nothing but the entry (SPEC E-53, E-54, E-62): what this version takes, its kind, Unicode
/// form. At append what breaks them is refused; an auditor reports it.
///
/// # Errors
/// [`Refusal`] for the first rule that does not hold.
pub fn check_alone(entry: &Entry, kinds: &[&Kind]) -> Result<(), Refusal> {
    for name in ["sealed", "attachments"] {
        if entry.json.get(name).is_some() {
            let what = "本版本尚不接受密封字段和附件 / sealed fields and attachments are not taken yet";
            return Err(refuse(RefusalCode::NotYet, name, what));
        }
    }
    let Some(kind) = kinds::find(kinds, entry.kind()) else {
        return Err(refuse(RefusalCode::UnknownKind, "kind", "未知的条目类型 / an unknown kind"));
    };
    kind.check(entry)?;
    if let Some(path) = not_nfc(&entry.json) {
        return Err(refuse(RefusalCode::NotNfc, &path, "文字须为 NFC 规范形式 / text must be in NFC"));
    }
    Ok(())
}

/// Dates lie not after the logged date; a period does not begin after it (SPEC E-56). `now` is Unix seconds.
///
/// # Errors
/// [`Refusal`] with code `future`.
pub fn check_dates(entry: &Entry, now: u64) -> Result<(), Refusal> {
    let today = Date::of_unix(now);
    let late = [("occurred", entry.occurred), ("period", entry.period.map(|p| p.first_day()))];
    for (field, date) in late {
        if date.is_some_and(|d| d > today) {
            let what = format!("晚于今天 {today} / lies after today, {today}");
            return Err(refuse(RefusalCode::Future, field, what));
        }
    }
    Ok(())
}

/// The text part of a note, without its signatures.
fn text_of(note: &[u8]) -> Option<&[u8]> {
    let at = note.windows(2).rposition(|w| w == b"\n\n")?;
    note.get(..at)
}

/// The dotted path of the first text that is not in NFC. Paths are put together only for what is found.
fn not_nfc(object: &Object) -> Option<String> {
    object.fields().iter().find_map(|(name, value)| value_not_nfc(value).map(|rest| format!("{name}{rest}")))
}

fn value_not_nfc(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => (!unicode_normalization::is_nfc(text)).then(String::new),
        Value::List(list) => {
            list.iter().enumerate().find_map(|(i, v)| value_not_nfc(v).map(|rest| format!(".{i}{rest}")))
        }
        Value::Object(object) => not_nfc(object).map(|path| format!(".{path}")),
        Value::Int(_) | Value::Bool(_) => None,
    }
}
