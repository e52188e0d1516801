//! The seal registry: whose signature counts, where, and from which leaf to which (SPEC section 5, rules G-01 to G-17).
//!
//! It is what the registry units say, applied in log order. Server, auditor and phone use this same code; the
//! phone feeds it the registries of one unit only, which is all that the unit's seals can depend on.

use crate::charter::{Authority, Charter, is_key_name};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::json::{Object, Value};
use crate::note::{Note, NoteError, VerifierKey};
pub use crate::seal::{Seal, SealFault, SealRole, Standing};
use crate::table::Table;
use crate::terms::Terms;
use crate::unit::{Level, Scope, UnitId};

/// What the registry says of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The unit's name.
    pub name: String,
    /// The name of what it belongs to.
    pub parent: Option<String>,
    /// Offices and their telephone numbers.
    pub contacts: Vec<(String, String)>,
    /// The units it goes on from.
    pub predecessors: Vec<UnitId>,
}

/// The state of the registries after some leaves.
#[derive(Clone, Debug)]
pub struct Registry {
    district: String,
    authority: Timeline<Authority>,
    /// Log keys with the logged times of their acts.
    logs: Timeline<(VerifierKey, u64)>,
    policies: Timeline<Vec<String>>,
    catalogues: Timeline<Terms>,
    overrides: Timeline<Terms>,
    keys: Table<(String, u32), VerifierKey>,
    seals: Table<(String, u32), Seal>,
    /// Profiles, with leaf index and logged time of each unit's first one.
    units: Table<UnitId, (u64, u64, Profile)>,
    closed: Table<UnitId, u64>,
}

impl Registry {
    /// The registry right after the charter.
    pub fn new(charter: &Charter) -> Self {
        let mut keys = Table::new();
        let named = Object::new().with_some("digest", charter.catalogue.map(|h| h.to_hex()));
        for key in charter.authority.keys.iter().chain([&charter.log]) {
            keys.insert((key.name().to_owned(), key.id()), key.clone());
        }
        Registry {
            district: charter.district.clone(),
            authority: Timeline::new(charter.authority.clone()),
            logs: Timeline::new((charter.log.clone(), 0)),
            policies: Timeline::new(charter.policy.clone()),
            catalogues: Timeline::new(Terms::of(&named)),
            overrides: Timeline::new(Terms::default()),
            keys,
            seals: Table::new(),
            units: Table::new(),
            closed: Table::new(),
        }
    }

    /// Every key ever enrolled under (name, key id): to verify a signature line, not to judge it.
    pub fn key(&self, name: &str, id: u32) -> Option<&VerifierKey> {
        self.keys.get(&(name.to_owned(), id))
    }

    /// The log key that signs a head and its index leaf, when the index leaf of the head before stands at
    /// `previous` (0 for the first): a change counts from the head after the one that contains it.
    pub fn log_key(&self, previous: u64) -> &VerifierKey {
        &self.logs.before(previous).0
    }

    /// Every log key so far, the charter's first.
    pub fn log_keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.all_logs().map(|(key, _)| key)
    }

    /// The log keys that may have signed a head with an index leaf of this time: the newest one by then, and, when
    /// it was enrolled in that very second, the one before it.
    pub fn log_keys_at(&self, time: u64) -> impl Iterator<Item = &VerifierKey> {
        let ends = self.all_logs().skip(1).map(|(_, since)| *since).chain([u64::MAX]);
        self.all_logs()
            .zip(ends)
            .filter(move |((_, since), end)| *since <= time && time <= *end)
            .map(|(log, _)| &log.0)
    }

    fn all_logs(&self) -> impl Iterator<Item = &(VerifierKey, u64)> {
        std::iter::once(&self.logs.first).chain(self.logs.changes.iter().map(|(_, log)| log))
    }

    /// The newest log key.
    pub fn newest_log_key(&self) -> &VerifierKey {
        &self.logs.before(u64::MAX).0
    }

    /// The witness policy in force for a head that covers `index` leaves, line by line.
    pub fn policy(&self, index: u64) -> &[String] {
        self.policies.before(index)
    }

    /// SHA-256 of the catalogue's file in force for a leaf at `index`: the newest `catalogue` entry's, else the
    /// charter's.
    pub fn catalogue(&self, index: u64) -> Option<Hash> {
        self.catalogues.before(index).digest()
    }

    /// What the county sets otherwise than the catalogue, for a leaf at `index`: the newest `overrides` entry's.
    pub fn overrides(&self, index: u64) -> &Terms {
        self.overrides.before(index)
    }

    /// The terms in force for a leaf at `index`, those that go first first: the county's, then the catalogue's.
    pub fn terms(&self, index: u64) -> [&Terms; 2] {
        [self.overrides.before(index), self.catalogues.before(index)]
    }

    /// The profile of a unit.
    pub fn profile(&self, unit: &UnitId) -> Option<&Profile> {
        self.units.get(unit).map(|(.., profile)| profile)
    }

    /// Whether a unit was closed.
    pub fn is_closed(&self, unit: &UnitId) -> bool {
        self.closed.get(unit).is_some()
    }

    /// The logged time of a unit's first profile, Unix seconds: since when it has a book here.
    pub fn since(&self, unit: &UnitId) -> Option<u64> {
        self.units.get(unit).map(|(_, time, _)| *time)
    }

    /// All profiles, by unit.
    pub fn profiles(&self) -> impl Iterator<Item = (&UnitId, &Profile)> {
        self.units.iter().map(|(unit, (.., profile))| (unit, profile))
    }

    /// All seals.
    pub fn seals(&self) -> impl Iterator<Item = &Seal> {
        self.seals.values()
    }

    /// Verifies every signature line of an entry and returns the keys that signed, in the lines' order.
    ///
    /// Which of them may sign *here* is for [`Registry::judge`]. New keys in the body of an authority act are
    /// taken from there (proof of possession).
    ///
    /// # Errors
    /// [`SealFault::Unknown`], [`SealFault::Signature`].
    pub fn signers(&self, note: &Note<'_>, entry: &Entry) -> Result<Vec<VerifierKey>, SealFault> {
        let new = if is_authority_act(entry) { new_keys(entry) } else { Vec::new() };
        let mut signers = Vec::with_capacity(note.signatures.len());
        for line in &note.signatures {
            let known = self.key(&line.name, line.id);
            let enrolling = || new.iter().find(|k| k.name() == line.name && k.id() == line.id);
            let Some(key) = known.or_else(enrolling) else {
                return Err(SealFault::Unknown { name: line.name.clone() });
            };
            match key.verify(note.text.as_bytes(), line) {
                Ok(()) => signers.push(key.clone()),
                Err(NoteError::UnknownKey) => return Err(SealFault::Unknown { name: line.name.clone() }),
                Err(_) => return Err(SealFault::Signature { name: line.name.clone() }),
            }
        }
        Ok(signers)
    }

    /// Judges verified signers of the entry at leaf `index`, logged at `time`.
    ///
    /// # Errors
    /// [`SealFault`]: the reason why these signatures do not suffice at this position (SPEC G-05 to G-12).
    pub fn judge(
        &self,
        entry: &Entry,
        signers: &[VerifierKey],
        index: u64,
        time: u64,
    ) -> Result<Standing, SealFault> {
        let unit = entry.unit();
        // Another district's registry would change keys and policy for a server, and for no phone of this district.
        if !unit.as_str().starts_with(&self.district) {
            return Err(SealFault::Foreign { unit });
        }
        let withdraws = entry.kind() == "redaction";
        // What is to be forgotten is forgotten in a closed unit too.
        if !withdraws && self.closed.get(&unit).is_some_and(|at| *at < index) {
            return Err(SealFault::UnitClosed { unit });
        }
        if is_authority_act(entry) {
            return self.judge_authority(entry, signers, index);
        }
        if self.units.get(&unit).is_none_or(|(since, ..)| *since >= index) {
            return Err(SealFault::UnitUnknown { unit });
        }
        // The authority may withdraw by itself (SPEC G-22): a unit's supervision seal may be gone.
        let authority = &self.authority.before(index).keys;
        if withdraws && signers.iter().any(|key| authority.contains(key)) {
            return self.judge_authority(entry, signers, index);
        }
        let mut standing = Standing::default();
        let mut roles = Vec::new();
        for key in signers {
            let not_here = |why| SealFault::NotHere { name: key.name().to_owned(), why };
            let seal = self.seals.get(&id_of(key)).ok_or_else(|| not_here("不是印章 / not a seal"))?;
            if !seal.scope.covers(&unit) {
                return Err(not_here("不在范围内 / outside its scope"));
            }
            if index <= seal.since || seal.until.is_some_and(|until| index >= until) {
                return Err(not_here("此时无效 / not valid at this position"));
            }
            standing.marked |= seal.compromised_from.is_some_and(|from| time >= from);
            standing.youngest_seal = standing.youngest_seal.max(seal.since_time);
            roles.push(seal.role);
        }
        for role in self.demanded(entry, index) {
            if !roles.contains(&role) {
                return Err(SealFault::Missing { role: role.name() });
            }
        }
        Ok(standing)
    }

    /// The seals an entry needs: what county and catalogue in force at `index` demand of its item, else the town's.
    fn demanded(&self, entry: &Entry, index: u64) -> Vec<SealRole> {
        let item = entry.item.as_deref();
        let listed = item.and_then(|item| self.terms(index).into_iter().find_map(|terms| terms.seals(item)));
        let mut roles = listed.unwrap_or_else(|| vec![SealRole::Township]);
        // Who withdraws a name does not do so alone (SPEC G-22).
        if entry.kind() == "redaction" {
            roles.push(SealRole::Supervision);
        }
        roles
    }

    fn judge_authority(
        &self,
        entry: &Entry,
        signers: &[VerifierKey],
        index: u64,
    ) -> Result<Standing, SealFault> {
        if is_misplaced(entry) {
            return Err(SealFault::Misplaced { unit: entry.unit() });
        }
        let wanted = self.authority.before(index);
        let new = new_keys(entry);
        let signed = |key: &VerifierKey| signers.contains(key);
        for key in signers {
            if !wanted.keys.contains(key) && !new.contains(key) {
                return Err(SealFault::NotHere {
                    name: key.name().to_owned(),
                    why: "此时不是授权机关 / not of the authority at this position",
                });
            }
        }
        let given = wanted.keys.iter().filter(|k| signed(k)).count();
        if given < wanted.threshold {
            return Err(SealFault::Authority { given, wanted: wanted.threshold });
        }
        for key in &new {
            let name = || key.name().to_owned();
            let known = self.keys.get(&id_of(key));
            let stays = entry.kind() == "authority" && wanted.keys.contains(key);
            if stays {
                continue;
            }
            let same_material = self.keys.values().any(|k| k.key() == key.key());
            if known.is_some()
                || same_material
                || key.is_weak()
                || !key.is_note_key()
                || !is_key_name(key.name())
            {
                return Err(SealFault::Reused { name: name() });
            }
            if !signed(key) {
                return Err(SealFault::Possession { name: name() });
            }
        }
        if let Some(old) = retired_key(entry) {
            // Of this registry: whoever reads only another unit's registries must not miss the end of a seal.
            let ours = |s: &Seal| s.until.is_none() && s.scope.registry() == Some(entry.unit());
            let live = self.seals.get(&id_of(&old)).is_some_and(ours);
            if !live {
                return Err(SealFault::Unknown { name: old.name().to_owned() });
            }
        }
        Ok(Standing::default())
    }

    /// Applies an entry that [`Registry::judge`] accepted; entries that say nothing to the registry change nothing.
    pub fn apply(&mut self, entry: &Entry, index: u64, time: u64) {
        if entry.kind() == "closed" {
            self.closed.insert(entry.unit(), index);
        }
        if !entry.unit().is_registry() {
            return;
        }
        let body = entry.body();
        let retired = retired_key(entry).map(|k| id_of(&k));
        for key in new_keys(entry) {
            self.keys.insert(id_of(&key), key);
        }
        match entry.kind() {
            "authority" => {
                let threshold = body.int_of("threshold").and_then(|m| usize::try_from(m).ok()).unwrap_or(1);
                self.authority.change(index, Authority { keys: new_keys(entry), threshold });
            }
            "log_key" => new_keys(entry).into_iter().for_each(|key| self.logs.change(index, (key, time))),
            "policy" => {
                let lines = body.list_of("lines").iter().filter_map(|l| l.as_text().map(str::to_owned));
                self.policies.change(index, lines.collect());
            }
            "catalogue" => self.catalogues.change(index, Terms::of(body)),
            "overrides" => self.overrides.change(index, Terms::of(body)),
            "seal" => self.apply_seal(body, retired, index, time),
            "unit" => {
                if let Some((unit, profile)) = profile(body) {
                    let (since, time) = self.units.get(&unit).map_or((index, time), |old| (old.0, old.1));
                    self.units.insert(unit, (since, time, profile));
                }
            }
            _ => {}
        }
    }

    fn apply_seal(&mut self, body: &Object, retired: Option<(String, u32)>, index: u64, time: u64) {
        if let Some(old) = retired.and_then(|id| self.seals.get_mut(&id)) {
            old.until = Some(index);
            old.compromised_from = body.int_of("compromised_from").and_then(|t| u64::try_from(t).ok());
        }
        let text = |name| body.text_of(name).unwrap_or_default();
        if text("act") == "revoke" {
            return;
        }
        let parts = (
            VerifierKey::parse(text("vkey")).ok(),
            SealRole::parse(text("role")),
            Scope::parse(text("scope")),
        );
        if let (Some(key), Some(role), Some(scope)) = parts {
            let seal = Seal {
                role,
                scope,
                holder: text("holder").to_owned(),
                since: index,
                since_time: time,
                until: None,
                compromised_from: None,
                key: key.clone(),
            };
            self.seals.insert(id_of(&key), seal);
        }
    }

    /// Sets the logged time of what the leaf at `index` enrolled, known only when its publication closes.
    pub fn set_time(&mut self, index: u64, time: u64) {
        for seal in self.seals.values_mut().filter(|s| s.since == index) {
            seal.since_time = time;
        }
        for unit in self.units.values_mut().filter(|u| u.0 == index) {
            unit.1 = time;
        }
        for (_, log) in self.logs.changes.iter_mut().filter(|(at, _)| *at == index) {
            log.1 = time;
        }
    }
}

/// Whether an entry is an act of the authority: everything in a registry, and the closing of a unit.
pub fn is_authority_act(entry: &Entry) -> bool {
    entry.unit().is_registry() || entry.kind() == "closed"
}

/// A value that changes at leaf indexes; a change counts for what stands above it.
#[derive(Clone, Debug)]
struct Timeline<T> {
    first: T,
    changes: Vec<(u64, T)>,
}

impl<T> Timeline<T> {
    fn new(first: T) -> Self {
        Timeline { first, changes: Vec::new() }
    }

    fn change(&mut self, index: u64, value: T) {
        self.changes.push((index, value));
    }

    /// The value in force for a leaf at `index`.
    fn before(&self, index: u64) -> &T {
        self.changes.iter().rev().find(|(at, _)| *at < index).map_or(&self.first, |(_, value)| value)
    }
}

fn id_of(key: &VerifierKey) -> (String, u32) {
    (key.name().to_owned(), key.id())
}

/// Whether an act stands in a registry where readers of those it binds would not look for it (SPEC G-12): keys,
/// policy, catalogue, overrides and releases belong in a district's, a seal in its scope's, a profile in its own
/// division's.
fn is_misplaced(act: &Entry) -> bool {
    let text = |name| act.body().text_of(name).unwrap_or_default();
    let home = match act.kind() {
        "authority" | "log_key" | "policy" | "catalogue" | "overrides" | "release" => {
            return act.unit().level() != Level::District;
        }
        "seal" => Scope::parse(text("scope")).and_then(|scope| scope.registry()),
        "unit" => UnitId::parse(text("unit")).map(|unit| unit.registry()),
        _ => return false,
    };
    home != Some(act.unit())
}

/// The keys that an act enrols: all of an authority set, the key of a log change, of a seal added or rotated in.
/// Acts of other kinds, later ones too, enrol none, whatever their fields are called.
fn new_keys(entry: &Entry) -> Vec<VerifierKey> {
    let body = entry.body();
    let enrols = match entry.kind() {
        "authority" | "log_key" => true,
        "seal" => body.text_of("act") != Some("revoke"),
        _ => false,
    };
    let one = body.get("vkey").into_iter();
    let texts = one.chain(body.list_of("keys")).filter_map(Value::as_text).filter(|_| enrols);
    texts.filter_map(|t| VerifierKey::parse(t).ok()).collect()
}

/// The seal that an act ends: the one replaced, or the one revoked.
fn retired_key(entry: &Entry) -> Option<VerifierKey> {
    let body = entry.body();
    let name = if body.text_of("act") == Some("revoke") { "vkey" } else { "replaces" };
    let text = body.text_of(name).filter(|_| entry.kind() == "seal");
    text.and_then(|t| VerifierKey::parse(t).ok())
}

fn profile(body: &Object) -> Option<(UnitId, Profile)> {
    let contact = |v: &Value| {
        let o = v.object()?;
        Some((o.text_of("office")?.to_owned(), o.text_of("phone")?.to_owned()))
    };
    Some((
        UnitId::parse(body.text_of("unit")?)?,
        Profile {
            name: body.text_of("name")?.to_owned(),
            parent: body.text_of("parent").map(str::to_owned),
            contacts: body.list_of("contacts").iter().filter_map(contact).collect(),
            predecessors: body
                .list_of("predecessors")
                .iter()
                .filter_map(|v| v.as_text().and_then(UnitId::parse))
                .collect(),
        },
    ))
}
