//! Rules at append: what the ledger takes (SPEC section 7, rules E-50 to E-62, E-90 to E-99).
//!
//! Pure functions over (state, entry). [`Submission::parse`] needs nothing but the bytes and runs anywhere;
//! [`Submission::verify`] is the expensive part and needs only a view of the registry, so both run on every
//! core; [`State::admit`] is cheap and runs in the one place that knows what comes next. An auditor holds entries
//! against the same rules: [`check_alone`], [`check_dates`], [`check_past`], [`check_posting`].

mod back;
mod beside;
mod refusal;

pub use back::{Past, check_past, check_posting};
pub use refusal::{Refusal, RefusalCode};

use crate::amend::{Amendment, changed_fields};
use crate::books::{Books, Class};
use crate::charter::{Charter, LedgerId};
use crate::entry::{Attachment, Entry};
use crate::hash::{Hash, leaf_hash};
use crate::index::{IndexLeaf, Line};
use crate::json::{Object, Value};
use crate::kinds::{self, Kind};
use crate::leaf::{self, LeafError, LeafType};
use crate::note::{Note, VerifierKey};
use crate::payment_rows::Rows;
use crate::registry::{Registry, is_authority_act};
use crate::sealed::{Openings, Sealed};
use crate::time::{Date, Period};
use crate::unit::UnitId;
use crate::upload;
use refusal::refuse;
use std::collections::BTreeMap;

/// An entry on its way in: everything that can be known of it without the ledger's state.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The note as it came.
    pub bytes: Vec<u8>,
    /// The entry.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf: Hash,
    /// What came beside it, judged: the openings to be kept when it is taken, or why it can't be taken as it came. An
    /// entry that needs nothing beside it is fine from the start, another once [`Submission::bring`] has judged.
    pub beside: Result<Openings, Refusal>,
    signers: Vec<VerifierKey>,
}

impl Submission {
    /// Reads a note: spelling, envelope, kind, sums, Unicode form.
    ///
    /// # Errors
    /// [`Refusal`] for the first rule that does not hold.
    pub fn parse(bytes: Vec<u8>, kinds: &[&Kind]) -> Result<Self, Refusal> {
        let leaf = leaf::read(&bytes)?;
        if leaf.leaf_type != LeafType::Entry {
            return Err(refuse(
                RefusalCode::NotAnEntry,
                "",
                "只接受条目；章程和索引叶由账本自己写 / only entries are taken; the ledger writes its charter and index leaves itself",
            ));
        }
        let entry = Entry::of(leaf.json)?;
        check_alone(&entry, kinds)?;
        let hash = leaf_hash(&bytes);
        let beside = beside::none(&entry);
        Ok(Submission { bytes, entry, leaf: hash, beside, signers: Vec::new() })
    }

    /// Judges what came beside the entry (SPEC E-62): its openings, the rows of the blob that its list names, and, by
    /// `blobs`, whether a file is there with this size, type and access: each attachment as the entry gives it, and
    /// the list's blob as rows. What is wrong stands in [`Submission::beside`]: of an entry that is already logged
    /// nobody asks again.
    pub fn bring(
        &mut self,
        openings: Openings,
        rows: Option<&Rows>,
        blobs: &dyn Fn(&Attachment) -> Result<(), Refusal>,
    ) {
        self.beside = beside::judge(&self.entry, openings, rows, blobs);
    }

    /// Verifies every signature line with the registry's keys. Whether they suffice *here* is for admission.
    ///
    /// # Errors
    /// [`Refusal`] with code `seal`.
    pub fn verify(&mut self, registry: &Registry) -> Result<(), Refusal> {
        let note = Note::parse(&self.bytes).map_err(LeafError::from)?;
        self.signers = registry.signers(&note, &self.entry)?;
        Ok(())
    }

    /// The keys whose signatures verified; none before [`Submission::verify`].
    pub fn signers(&self) -> &[VerifierKey] {
        &self.signers
    }
}

/// What is logged and what waits.
struct Known<'a> {
    waiting: &'a Waiting,
    past: &'a dyn Past,
}

impl Past for Known<'_> {
    fn leaf(&self, unit: &UnitId, seq: u64) -> Option<Vec<u8>> {
        match self.waiting.find(unit, seq) {
            Some(s) => Some(s.bytes.clone()),
            None => self.past.leaf(unit, seq),
        }
    }

    fn stands(&self, unit: &UnitId, seq: u64, leaf: &Hash) -> bool {
        match self.waiting.find(unit, seq) {
            Some(s) => s.leaf == *leaf,
            None => self.past.stands(unit, seq, leaf),
        }
    }

    fn amendments(&self, unit: &UnitId, target: u64) -> Vec<Amendment> {
        let mut known = self.past.amendments(unit, target);
        known.extend(self.waiting.amendments(unit, target));
        known
    }
}

/// Entries that wait for publication, in log order, with what looking back asks of them: thousands may wait while
/// each of thousands looks back.
#[derive(Clone, Debug, Default)]
struct Waiting {
    list: Vec<Submission>,
    /// Where in the list a unit's entry stands.
    places: BTreeMap<(UnitId, u64), usize>,
    /// Unit, target and number of the amendments among them, and whether they supersede.
    amendments: BTreeMap<(UnitId, u64, u64), bool>,
}

impl Waiting {
    fn push(&mut self, s: Submission) {
        let (unit, seq) = (s.entry.unit(), s.entry.seq());
        self.places.insert((unit, seq), self.list.len());
        if let Some((target, amendment)) = Amendment::of(&s.entry) {
            self.amendments.insert((unit, target, seq), amendment.supersedes);
        }
        self.list.push(s);
    }

    fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
        self.places.retain(|_, at| *at < length);
        self.amendments.retain(|(unit, _, seq), _| self.places.contains_key(&(*unit, *seq)));
    }

    fn find(&self, unit: &UnitId, seq: u64) -> Option<&Submission> {
        self.list.get(*self.places.get(&(*unit, seq))?)
    }

    fn amendments(&self, unit: &UnitId, target: u64) -> impl Iterator<Item = Amendment> {
        let of_target = self.amendments.range((*unit, target, 0)..=(*unit, target, u64::MAX));
        of_target.map(|((_, _, seq), supersedes)| Amendment { seq: *seq, supersedes: *supersedes })
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
    waiting: Waiting,
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
        State { books, registry, waiting: Waiting::default(), head }
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
        let before = (self.waiting.list.len(), registry.then(|| self.registry.clone()));
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
        self.books.take_back(self.waiting.list.len() - before.0);
        self.waiting.truncate(before.0);
        if let Some(registry) = before.1 {
            self.registry = registry;
        }
        Err(refused)
    }

    fn admit_one(&mut self, s: &Submission, now: u64, past: &dyn Past) -> Result<Admission, Refusal> {
        let (entry, index) = (&s.entry, self.books.size());
        let known = Known { waiting: &self.waiting, past };
        if entry.envelope.ledger != *self.books.ledger() {
            let what = format!(
                "本账本是 {}，请改正并重新盖章 / this ledger is {0}; correct it and sign again",
                self.books.ledger()
            );
            return Err(refuse(RefusalCode::WrongLedger, "ledger", what));
        }
        let next = self.books.count(&entry.unit()) + 1;
        if entry.seq() < next && entry.seq() > 0 {
            let same =
                known.leaf(&entry.unit(), entry.seq()).is_some_and(|l| text_of(&l) == text_of(&s.bytes));
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
        check_past(entry, &known, &self.books, &self.registry)?;
        check_posting(entry, &known, [now, now])?;
        if let Err(refusal) = &s.beside {
            return Err(refusal.clone());
        }
        let class = self.books.classify_entry(&entry.envelope);
        self.books.add(s.leaf, &class);
        self.registry.apply(entry, index, now);
        self.waiting.push(s.clone());
        Ok(Admission::New(index))
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
        (leaf, lines, std::mem::take(&mut self.waiting).list)
    }
}

/// The rules that need nothing but the entry (SPEC E-53, E-54, P-11 to P-13, P-31, P-37): its kind, what it seals, its
/// attachments, Unicode form. At append what breaks them is refused; an auditor reports it.
///
/// # Errors
/// [`Refusal`] for the first rule that does not hold.
pub fn check_alone(entry: &Entry, kinds: &[&Kind]) -> Result<(), Refusal> {
    let Some(kind) = kinds::find(kinds, entry.kind()) else {
        let what = "未知的条目类型，请改用已知的，或用 notice / an unknown kind; use a known one, or notice";
        return Err(refuse(RefusalCode::UnknownKind, "kind", what));
    };
    kind.check(entry)?;
    let beside = ["sealed", "attachments"].into_iter().find(|name| entry.json.get(name).is_some());
    if let Some(field) = beside.filter(|_| is_authority_act(entry)) {
        let what = "登记簿的条目和 closed 不能有封存字段和附件，放进去就再也撤不下来；请另公布一条 notice / entries of a registry, and `closed`, have no sealed fields and no attachments, which could never be withdrawn; publish a notice in the unit's own book [P-37]";
        return Err(refuse(RefusalCode::Field, field, what));
    }
    Sealed::of(entry)?;
    upload::check(&entry.attachments)?;
    if let Some(path) = not_nfc(&entry.json) {
        return Err(refuse(
            RefusalCode::NotNfc,
            &path,
            "文字须为 NFC 规范形式，请重新输入 / text must be in NFC; normalise it",
        ));
    }
    Ok(())
}

/// Dates lie not after the logged date, a period does not begin after it, a budget's not more than a year after it
/// (SPEC E-56), and a posting begins on the day after it at the latest (E-93): those of the entry, and those that it
/// writes into another as a correction. `now` is Unix seconds.
///
/// # Errors
/// [`Refusal`] with code `future`.
pub fn check_dates(entry: &Entry, now: u64) -> Result<(), Refusal> {
    let own = [
        ("occurred", entry.occurred),
        ("period", entry.period.map(|p| p.first_day())),
        ("posting.from", entry.posting.map(|p| p.from)),
    ];
    let first_day = |t: &str| Date::parse(t).or_else(|| Period::parse(t).map(|p| p.first_day()));
    let written = changed_fields(entry)
        .enumerate()
        .map(|(i, (path, _, new))| (format!("body.fields.{i}.new"), path, new.as_text().and_then(first_day)));
    let written = written.filter(|(_, path, _)| own.iter().any(|(name, _)| name == path));
    for (field, path, date) in own.iter().map(|(p, date)| ((*p).to_owned(), *p, *date)).chain(written) {
        let (days, rule) = match path {
            "posting.from" => (1, "E-93"),
            "period" if entry.kind() == "budget" => (366, "E-56"),
            _ => (0, "E-56"),
        };
        let latest = Date::of_unix(now).plus(days);
        if date.is_some_and(|date| date > latest) {
            let what = format!(
                "最迟为 {latest}，请改正，或到时再提交 / {latest} is the latest day; correct it, or submit then [{rule}]"
            );
            return Err(refuse(RefusalCode::Future, &field, what));
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
