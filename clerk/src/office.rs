//! For the authority's office: acts in registries, signed by authority keys: numbered, posted once, never doubled.

use crate::divisions::{Division, Divisions};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::privacy;
use crate::progress::Progress;
use client::submit::MAX_BATCH;
use client::{LedgerApi, SubmitError, Submitter};
use keys::Signer;
use ledger::charter::LedgerId;
use ledger::entry::Entry as Logged;
use ledger::json::{Object, Value};
use ledger::kinds::{self, KINDS};
use ledger::leaf::{self, LeafType};
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Times that an act is numbered anew when others act at the same time.
pub const RENUMBERINGS: usize = 3;

/// One act on its way into a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The registry.
    pub registry: UnitId,
    /// The kind of entry.
    pub kind: &'static str,
    /// What people read.
    pub title: String,
    /// The body.
    pub body: Object,
}

/// What became of acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Logged now.
    pub new: usize,
    /// There already.
    pub known: usize,
}

/// The profile of every unit of a table.
pub fn profiles(divisions: &Divisions) -> Vec<Act> {
    divisions.iter().map(profile).collect()
}

fn profile(division: &Division) -> Act {
    let contacts = division.contact.as_ref().map(|(office, phone)| {
        vec![Value::from(Object::new().with("office", office.as_str()).with("phone", phone.as_str()))]
    });
    let body = Object::new()
        .with("unit", division.unit.to_string())
        .with("name", division.name.as_str())
        .with_some("parent", division.parent.clone())
        .with_some("contacts", contacts);
    Act {
        registry: division.unit.registry(),
        kind: "unit",
        title: format!("登记单位：{}", division.name),
        body,
    }
}

impl Act {
    /// The text of the act as number `seq` of its registry, signed at `now`.
    pub fn text(&self, ledger: &LedgerId, seq: u64, now: u64) -> String {
        leaf::text(LeafType::Entry, &self.json(ledger, seq, now))
    }

    /// Holds the act against its kind, as the ledger will.
    ///
    /// # Errors
    /// [`Failure::Refused`] with the field and what it should be.
    pub fn checked(self) -> Result<Self, Failure> {
        // A number that is above every other: an act may be about an earlier entry.
        let entry = Logged::of(self.json(&LedgerId::from_text("draft"), u64::from(u32::MAX), 0));
        let kind = kinds::find(KINDS, self.kind);
        let fits = entry.and_then(|entry| kind.map_or(Ok(()), |kind| kind.check(&entry)));
        fits.map_err(|e| Failure::refused(e.to_string()))?;
        Ok(self)
    }

    fn json(&self, ledger: &LedgerId, seq: u64, now: u64) -> Object {
        let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        Object::new()
            .with("ledger", ledger.as_str())
            .with("unit", self.registry.to_string())
            .with("seq", number(seq))
            .with("kind", self.kind)
            .with("title", self.title.as_str())
            .with("body", self.body.clone())
            .with("signed_at", number(now))
    }

    /// Whether the registry says this already: the same act on the same key; of all else, of the unit's profile
    /// too, only what was said last.
    fn is_known(&self, past: &[Logged]) -> bool {
        let same = |name: &str, e: &Logged| e.body().text_of(name) == self.body.text_of(name);
        let ours = || past.iter().filter(|e| e.kind() == self.kind);
        match self.kind {
            "seal" => ours().any(|e| same("vkey", e) && same("act", e)),
            _ => ours().rfind(|e| same("unit", e)).is_some_and(|e| *e.body() == self.body),
        }
    }
}

/// Holds acts against what may not be published, before any of them is signed.
///
/// # Errors
/// [`Failure::Faults`], each by the unit that is enrolled, or the kind of act, and the path.
pub fn guarded(acts: &[Act]) -> Result<(), Failure> {
    let of_act = |act: &Act| {
        let entry = Logged::of(act.json(&LedgerId::from_text("draft"), 1, 0));
        let mut faults = entry.map(|entry| privacy::of_entry(0, &entry)).unwrap_or_default();
        let about = act.body.text_of("unit").unwrap_or(act.kind);
        faults.iter_mut().for_each(|fault| fault.column = format!("{about} {}", fault.column));
        faults
    };
    let faults: Vec<Fault> = acts.iter().flat_map(of_act).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults(faults)) }
}

/// Signs and posts acts that their registries do not have yet. In one registry they keep their order.
///
/// # Errors
/// [`Failure`]; acts of an earlier batch are logged then, and known when this is run again.
pub fn post(acts: &[Act], signers: &[Signer], api: &LedgerApi, now: u64) -> Result<Done, Failure> {
    let mut left = RENUMBERINGS;
    loop {
        match post_once(acts, signers, api, now) {
            Err(Failure::Submit(SubmitError::WrongSeq(_))) if left > 0 => left -= 1,
            done => return done,
        }
    }
}

fn post_once(acts: &[Act], signers: &[Signer], api: &LedgerApi, now: u64) -> Result<Done, Failure> {
    let ledger = api.ledger()?;
    let submitter = Submitter::new(api.http().clone());
    let mut registries: BTreeMap<UnitId, Vec<Logged>> = BTreeMap::new();
    let (mut notes, mut next) = (Vec::new(), BTreeMap::new());
    for act in acts {
        let past = match registries.entry(act.registry) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(past(api, &act.registry)?),
        };
        if act.is_known(past) {
            continue;
        }
        let seq = next.entry(act.registry).or_insert(past.len() as u64 + 1);
        notes.push(sign(&act.text(&ledger, *seq, now), signers)?);
        *seq += 1;
    }
    let mut progress = Progress::new("登记", notes.len());
    for batch in notes.chunks(MAX_BATCH) {
        submitter.submit(&batch.iter().map(String::as_str).collect::<Vec<_>>())?;
        progress.add(batch.len());
    }
    progress.finish();
    Ok(Done { new: notes.len(), known: acts.len() - notes.len() })
}

/// A note signed by all of these keys.
///
/// # Errors
/// [`Failure::Key`].
pub fn sign(text: &str, signers: &[Signer]) -> Result<String, Failure> {
    let signatures = signers.iter().map(|s| s.sign_note(text)).collect::<Result<Vec<_>, _>>()?;
    Ok(leaf::seal(text, signatures))
}

/// The number that a unit's next entry must have.
///
/// # Errors
/// [`Failure::Http`].
pub fn next_seq(api: &LedgerApi, unit: &UnitId) -> Result<u64, Failure> {
    Ok(api.unit(unit)?.map_or(1, |numbers| numbers.next_seq))
}

/// Every entry of a registry.
///
/// # Errors
/// [`Failure::Http`], also when an entry can't be read.
pub fn past(api: &LedgerApi, registry: &UnitId) -> Result<Vec<Logged>, Failure> {
    let count = api.unit(registry)?.map_or(0, |numbers| numbers.count);
    let shape = |seq: u64| client::HttpError::Shape {
        url: api.http().base().to_owned(),
        what: format!("{registry} 第 {seq} 号 / entry {seq}"),
    };
    (1..=count)
        .map(|seq| {
            let bytes = api.entry(registry, seq)?.ok_or_else(|| shape(seq))?;
            Ok(Logged::of_leaf(&bytes).map_err(|_| shape(seq))?)
        })
        .collect()
}
