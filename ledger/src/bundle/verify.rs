//! Judging a bundle, in the order of SPEC section 8.3 (rules B-12 to B-24; the verifier of [`super::build`]).
//!
//! Pinned charter → registries from the charter's keys → policy in force → checkpoint and cosignatures → index
//! leaf → rows → registries are complete → the unit: peaks, lines, numbers, places, times, notes, seals → what
//! was remembered. Nothing is said before everything has been checked.

use super::{Bundle, Head, Item, OpenedHead};
use crate::amend::target_of;
use crate::charter::{Charter, LedgerId};
use crate::entry::{Entry, is_amendment};
use crate::hash::Hash;
use crate::index::{Line, Row, UnitTrees};
use crate::leaf;
use crate::note::Note;
use crate::peaks::{CompactRange, roots_of};
use crate::policy::Policy;
use crate::registry::{Profile, Registry, SealFault, Standing};
use crate::sections::SectionError;
use crate::unit::UnitId;
use crate::verdict::{Code, Verdict, why};

/// What the reader asks, and what the reader already knows.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The unit, when it must be this one.
    pub unit: Option<UnitId>,
    /// The pinned charter hash; without one the bundle's own charter is believed (a first visit).
    pub charter: Option<Hash>,
    /// The head that was remembered, as [`Head::encode`] wrote it.
    pub memory: Option<Vec<u8>>,
    /// The reader's clock, Unix seconds; 0 when unknown. Only freshness depends on it.
    pub now: u64,
}

/// An entry of the unit that is in the signed ledger.
#[derive(Clone, Debug)]
pub struct VerifiedEntry {
    /// Its place and time.
    pub line: Line,
    /// The entry.
    pub entry: Entry,
    /// What its seals are worth.
    pub standing: Standing,
    /// Numbers of later corrections of it.
    pub corrected_by: Vec<u64>,
}

/// A unit as the ledger signed it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The ledger.
    pub ledger: LedgerId,
    /// The pinned or believed charter hash.
    pub charter: Hash,
    /// The unit.
    pub unit: UnitId,
    /// Its profile.
    pub profile: Option<Profile>,
    /// Its row.
    pub row: Row,
    /// First entry carried.
    pub from: u64,
    /// Logged time of the entry before the first one carried: "everything since". `None`: all entries are here.
    pub since: Option<u64>,
    /// The entries.
    pub entries: Vec<VerifiedEntry>,
    /// Every row of the unit's division, shown to be all of them.
    pub division: Vec<Row>,
    /// The registries' contents.
    pub registry: Registry,
    /// Leaves of the log.
    pub size: u64,
    /// Time of the index leaf: the log's own.
    pub time: u64,
    /// Time of the quorum, when the policy has one and it is met.
    pub quorum_time: Option<u64>,
    /// Names of the witnesses that cosigned.
    pub witnesses: Vec<String>,
    /// Whether a remembered head was found to be a beginning of this one.
    pub remembered: bool,
    /// The head to remember from now on.
    pub head: Vec<u8>,
}

/// How a check of a bundle ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// The unit, when its bytes were verified. It is there for some red verdicts too.
    pub verified: Option<Box<Verified>>,
}

/// Something does not fit; without signed statements that contradict each other this is never more than amber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    what: String,
    code: Option<Code>,
}

impl Broken {
    pub(crate) fn of(what: impl Into<String>) -> Self {
        Broken { what: what.into(), code: None }
    }

    fn with(code: Code, what: impl Into<String>) -> Self {
        Broken { what: what.into(), code: Some(code) }
    }
}

/// Oldest quorum time that is still fresh, in seconds (SPEC B-23).
pub const FRESH: u64 = 48 * 3600;

/// Judges a bundle. Never panics; whatever can't be shown is CANNOT_SHOW, and red needs two signed statements
/// that contradict each other, both inside the evidence file.
pub fn verify(bytes: &[u8], ask: &Ask) -> Outcome {
    match judge(bytes, ask) {
        Ok((code, verified)) => {
            Outcome { verdict: Verdict::new(code, ""), verified: Some(Box::new(verified)) }
        }
        Err(broken) => {
            let code = broken.code.unwrap_or(Code::CannotShow);
            let evidence = (code.level() == crate::verdict::Level::Red)
                .then(|| crate::evidence::write(bytes, ask.memory.as_deref()));
            Outcome { verdict: Verdict { code, detail: broken.what, evidence }, verified: None }
        }
    }
}

fn judge(bytes: &[u8], ask: &Ask) -> Result<(Code, Verified), Broken> {
    let bundle = Bundle::parse(bytes).map_err(|e| match e {
        SectionError::Version if bytes.starts_with(b"village-ledger/bundle/") => {
            Broken::with(Code::ViewerTooOld, "an unknown version of the bundle")
        }
        e => Broken::of(format!("bundle: {}", why(e))),
    })?;
    if ask.unit.is_some_and(|unit| unit != bundle.unit) {
        return Err(Broken::of("the bundle is of another unit"));
    }
    let (charter, charter_hash) = bundle.head.charter(ask.charter.as_ref())?;
    let ledger = LedgerId::new(&charter.origin, &charter_hash);

    let mut faults = Vec::new();
    let mut registry = read_registries(&bundle, &charter, &ledger, &mut faults)?;
    let policy = policy_of(&registry, &bundle)?;

    let opened = bundle.head.open(&charter, &charter_hash, &registry)?;
    for (unit, items) in bundle.unit.registries().iter().zip(&bundle.registries) {
        check_complete(&bundle.head, unit, items, opened.index.covers)?;
    }
    let division = bundle.head.division(&bundle.unit, opened.index.units);
    let division = division.ok_or_else(|| Broken::of("the rows of the division are not all there"))?;

    let row = *bundle.head.row(&bundle.unit).ok_or_else(|| Broken::of("the unit has no row"))?;
    let lines = check_unit(&bundle, &row, opened.index.covers)?;
    let (entries, unit_faults) = read_entries(&bundle, &lines, &ledger, &mut registry)?;
    faults.extend(unit_faults);

    // From here on everything is signed by the log: what contradicts it is evidence.
    let remembered = check_memory(&bundle, &charter, &charter_hash, &registry, &opened, &lines, ask)?;
    if let Some((seq, fault)) = faults.first() {
        return Err(Broken::with(Code::FailedSeal, format!("entry {seq}: {fault}")));
    }
    let quorum = policy.evaluate(&opened.checkpoint);
    let quorum_time = quorum.time().filter(|_| quorum.met && !policy.is_none());
    let code = if policy.is_none() {
        Code::OkUnwitnessed
    } else if !quorum.met {
        Code::OkNotWitnessed
    } else if quorum_time.is_some_and(|t| ask.now > t.saturating_add(FRESH)) {
        Code::StaleHead
    } else if !quorum.replayed {
        Code::OkNotReplayed
    } else if remembered {
        Code::Ok
    } else {
        Code::OkFirstVisit
    };
    let verified = Verified {
        ledger,
        charter: charter_hash,
        unit: bundle.unit,
        profile: registry.profile(&bundle.unit).cloned(),
        row,
        from: bundle.from,
        since: bundle.before.map(|line| line.time),
        entries,
        division,
        registry,
        size: opened.checkpoint.checkpoint.size,
        time: opened.index.time,
        quorum_time,
        witnesses: quorum.cosigned.iter().map(|(name, _)| name.clone()).collect(),
        remembered,
        head: bundle.head.encode(),
    };
    Ok((code, verified))
}

/// Applies the registries in log order, believing only what the authority signed (SPEC B-12).
fn read_registries(
    bundle: &Bundle,
    charter: &Charter,
    ledger: &LedgerId,
    faults: &mut Vec<(u64, SealFault)>,
) -> Result<Registry, Broken> {
    let units = bundle.unit.registries();
    if units.len() != bundle.registries.len() {
        return Err(Broken::of("not every registry of the unit is there"));
    }
    let mut registry = Registry::new(charter);
    let whole = units.iter().zip(&bundle.registries).map(|(unit, items)| (unit, 1, items.as_slice()));
    let mut queues: Vec<(&UnitId, u64, &[Item])> = whole.collect();
    // Each registry rises by itself (`check_complete`), so the next act is the lowest of the first ones.
    while let Some((unit, seq, items)) = queues
        .iter_mut()
        .filter(|(_, _, items)| !items.is_empty())
        .min_by_key(|(_, _, items)| items.first().map(|item| item.index))
        && let Some((item, rest)) = items.split_first()
    {
        let entry = entry_of(item, unit, *seq, ledger)?;
        // An act that is not the authority's has no effect, and is a fault to show.
        match seal_of(item, &entry, &registry) {
            Ok(_) => registry.apply(&entry, item.index, item.time),
            Err(fault) => faults.push((*seq, fault)),
        }
        (*seq, *items) = (*seq + 1, rest);
    }
    Ok(registry)
}

fn policy_of(registry: &Registry, bundle: &Bundle) -> Result<Policy, Broken> {
    let covers = bundle.registries.iter().flatten().map(|i| i.index.saturating_add(1)).max().unwrap_or(0);
    let policy =
        Policy::of_lines(registry.policy(covers)).map_err(|e| Broken::of(format!("policy: {}", why(e))))?;
    if policy.quorums_intersect() {
        Ok(policy)
    } else {
        Err(Broken::of("policy: two quorums need not have a witness in common"))
    }
}

/// Reads an item as entry `seq` of `unit`. When f's layer holds but a field is beyond this reader, its seals can't
/// be judged either: the reader is too old, and says so (SPEC B-14).
fn entry_of(item: &Item, unit: &UnitId, seq: u64, ledger: &LedgerId) -> Result<Entry, Broken> {
    let broken = |what: &str| Broken::of(format!("entry {seq} of {unit}: {what}"));
    let leaf = leaf::read(&item.note).map_err(|e| broken(&why(e)))?;
    let envelope =
        crate::entry::Envelope::of(&leaf.json).map_err(|e| broken(&format!("not an entry: {}", why(e))))?;
    let fits = leaf.leaf_type == leaf::LeafType::Entry
        && envelope.ledger == *ledger
        && envelope.unit == *unit
        && envelope.seq == seq;
    if !fits {
        return Err(broken("another ledger, unit or number"));
    }
    Entry::of(leaf.json)
        .map_err(|e| Broken::with(Code::ViewerTooOld, format!("entry {seq} of {unit}: {}", why(e))))
}

fn seal_of(item: &Item, entry: &Entry, registry: &Registry) -> Result<Standing, SealFault> {
    let note = Note::parse(&item.note).map_err(|_| SealFault::Missing { role: "any" })?;
    let signers = registry.signers(&note, entry)?;
    registry.judge(entry, &signers, item.index, item.time)
}

/// A registry's items rebuild its row: none is missing, none is added.
fn check_complete(head: &Head, unit: &UnitId, items: &[Item], covers: u64) -> Result<(), Broken> {
    let row = head.row(unit).ok_or_else(|| Broken::of(format!("registry {unit} has no row")))?;
    let lines = lines_of(None, 1, items);
    check_order(&lines, covers)?;
    let mut range = CompactRange::new();
    lines.iter().for_each(|line| range.append(line.hash()));
    if range.size() == row.count && range.root() == row.root {
        Ok(())
    } else {
        Err(Broken::of(format!("registry {unit} is not complete")))
    }
}

/// The lines of items from number `seq` on, behind the one before.
fn lines_of(before: Option<Line>, seq: u64, items: &[Item]) -> Vec<Line> {
    let mut lines = Vec::from_iter(before);
    for (seq, item) in (seq..).zip(items) {
        lines.push(item.line(seq));
    }
    lines
}

/// Leaf indexes rise, times do not fall, all lie below the index leaf.
fn check_order(lines: &[Line], covers: u64) -> Result<(), Broken> {
    let pairs = lines.iter().zip(lines.iter().skip(1));
    let rising = pairs.into_iter().all(|(a, b)| a.index < b.index && a.time <= b.time && a.seq + 1 == b.seq);
    if rising && lines.iter().all(|l| l.index < covers) {
        Ok(())
    } else {
        Err(Broken::of("places or times of the unit's entries do not rise"))
    }
}

/// The unit's lines from a − 1 on rebuild its row (SPEC B-16 to B-18).
fn check_unit(bundle: &Bundle, row: &Row, covers: u64) -> Result<Vec<Line>, Broken> {
    let incomplete = || Broken::of("the unit's entries are not complete");
    let hidden = bundle.from.saturating_sub(2);
    let mut range = CompactRange::from_peaks(hidden, bundle.peaks.clone()).ok_or_else(incomplete)?;
    let before_fits = match bundle.before {
        None => bundle.from == 1,
        Some(line) => bundle.from > 1 && line.seq == bundle.from - 1,
    };
    if !before_fits {
        return Err(incomplete());
    }
    let lines = lines_of(bundle.before, bundle.from, &bundle.entries);
    check_order(&lines, covers)?;
    lines.iter().for_each(|line| range.append(line.hash()));
    if range.size() != row.count || range.root() != row.root {
        return Err(incomplete());
    }
    Ok(lines)
}

type Faults = Vec<(u64, SealFault)>;

/// Reads the unit's entries, judges their seals, and finds which were corrected later.
fn read_entries(
    bundle: &Bundle,
    lines: &[Line],
    ledger: &LedgerId,
    registry: &mut Registry,
) -> Result<(Vec<VerifiedEntry>, Faults), Broken> {
    let (mut entries, mut faults) = (Vec::<VerifiedEntry>::new(), Vec::new());
    let carried = lines.iter().skip(usize::from(bundle.before.is_some()));
    let mut trees = UnitTrees::default();
    for (line, item) in carried.zip(&bundle.entries) {
        let entry = entry_of(item, &bundle.unit, line.seq, ledger)?;
        trees.push(line, is_amendment(entry.kind()));
        let mut standing = Standing::default();
        // A registry's own acts were judged when they were applied; a second time every key would be a used one.
        if !bundle.unit.is_registry() {
            match seal_of(item, &entry, registry) {
                Ok(found) => {
                    standing = found;
                    // A closed unit takes no more entries; nothing else in a unit's own book changes the registry.
                    registry.apply(&entry, item.index, item.time);
                }
                Err(fault) => faults.push((line.seq, fault)),
            }
        }
        if entry.kind() == "correction"
            && let Some(target) = target_of(&entry).and_then(|t| t.checked_sub(bundle.from))
            && let Some(target) = usize::try_from(target).ok().and_then(|t| entries.get_mut(t))
        {
            target.corrected_by.push(line.seq);
        }
        entries.push(VerifiedEntry { line: *line, entry, standing, corrected_by: Vec::new() });
    }
    if bundle.from == 1 {
        let row = bundle.head.row(&bundle.unit);
        let same = row.is_some_and(|r| {
            r.amendments == trees.amendments.size() && r.amendment_root == trees.amendments.root()
        });
        if !same {
            return Err(Broken::of("the unit's amendments are not what its entries say"));
        }
    }
    Ok((entries, faults))
}

/// Holds the remembered head against this one (SPEC B-20 to B-22). A memory that can't be read, or is of another
/// ledger, is no memory.
fn check_memory(
    bundle: &Bundle,
    charter: &Charter,
    charter_hash: &Hash,
    registry: &Registry,
    opened: &OpenedHead,
    lines: &[Line],
    ask: &Ask,
) -> Result<bool, Broken> {
    let Some(memory) = ask.memory.as_deref().and_then(|m| Head::parse(m).ok()) else { return Ok(false) };
    if memory.charter != bundle.head.charter {
        return Ok(false);
    }
    // It verified when it was remembered: if it does not now, the keys of this ledger's registry have changed.
    let old = memory.open(charter, charter_hash, registry);
    let old =
        old.map_err(|e| Broken::of(format!("the remembered head does not open any more: {}", e.what)))?;
    let (old, new) = (&old.checkpoint.checkpoint, &opened.checkpoint.checkpoint);
    if old.size > new.size {
        return Err(Broken::of("the ledger showed an older head than the one remembered"));
    }
    if old.size == new.size && old.root != new.root {
        return Err(Broken::with(Code::FailedRewritten, "two signed heads of one size differ"));
    }
    let extension = bundle.extension.as_ref().filter(|e| e.old == old.size && e.new == new.size);
    let extension = extension.ok_or_else(|| Broken::of("no proof from the remembered head came"))?;
    let (old_root, new_root) = roots_of(extension).map_err(|e| Broken::of(why(e)))?;
    if new_root != new.root {
        return Err(Broken::of("the proof from the remembered head does not lead to this one"));
    }
    if old_root != old.root {
        return Err(Broken::with(
            Code::FailedRewritten,
            "the remembered signed head is no beginning of this one",
        ));
    }
    if let Some(row) = memory.row(&bundle.unit) {
        check_remembered_unit(bundle, row, lines)?;
    }
    Ok(true)
}

/// The unit's book that was remembered is a beginning of this one.
fn check_remembered_unit(bundle: &Bundle, old: &Row, lines: &[Line]) -> Result<(), Broken> {
    let total = lines.last().map_or(0, |line| line.seq);
    let hidden = bundle.from.saturating_sub(2);
    if old.count < hidden {
        return Err(Broken::of("the entries carried begin after those remembered"));
    }
    if old.count > total {
        return Err(Broken::with(Code::FailedTwoBooks, "the unit's signed book has become shorter"));
    }
    let mut range = CompactRange::from_peaks(hidden, bundle.peaks.clone())
        .ok_or_else(|| Broken::of("the peaks are not of their form"))?;
    let known = (old.count - hidden) as usize;
    lines.iter().take(known).for_each(|line| range.append(line.hash()));
    if range.root() == old.root {
        return Ok(());
    }
    Err(Broken::with(Code::FailedTwoBooks, "the unit's remembered signed book is no beginning of this one"))
}
