//! The seal registry: whose signature counts, where, and from which leaf to which (SPEC section 5, rules G-01 to G-20).
//!
//! It is what the registry units say, applied in log order. Server, auditor and phone use this same code; the
//! phone feeds it the registries of one unit only, which is all that the unit's seals can depend on.

use crate::charter::{Authority, Charter, is_key_name};
use crate::entry::Entry;
use crate::json::{Object, Value};
use crate::note::{Note, NoteError, VerifierKey};
use crate::unit::{Scope, UnitId};
use std::collections::BTreeMap;

/// Role of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealRole {
    /// 镇章: the town's bookkeeping office.
    Township,
    /// 监督章: the village supervision committee.
    Supervision,
}

impl SealRole {
    /// The role of a stable English key.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "township" => Some(Self::Township),
            "supervision" => Some(Self::Supervision),
            _ => None,
        }
    }

    /// The stable English key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Township => "township",
            Self::Supervision => "supervision",
        }
    }
}

/// An enrolled seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Its key.
    pub key: VerifierKey,
    /// Its role.
    pub role: SealRole,
    /// The units it may sign for.
    pub scope: Scope,
    /// The office that holds it.
    pub holder: String,
    /// Leaf index of its enrolment; it counts for entries above.
    pub since: u64,
    /// Logged time of its enrolment, Unix seconds.
    pub since_time: u64,
    /// Leaf index of its revocation or rotation; it counts for entries below.
    pub until: Option<u64>,
    /// From this logged time on its entries are marked.
    pub compromised_from: Option<u64>,
}

/// What the registry says of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The unit's name.
    pub name: String,
    /// The name of what it belongs to.
    pub parent: Option<String>,
    /// Offices and their telephone numbers.
    pub contacts: Vec<(String, String)>,
}

/// Why the signatures under an entry do not suffice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// A signature line of a key that nobody enrolled.
    #[error("签名密钥 {name} 没有登记 / the key {name} is not enrolled")]
    Unknown {
        /// Key name of the line.
        name: String,
    },
    /// A signature that does not verify.
    #[error("{name} 的签名不对 / the signature of {name} does not verify")]
    Signature {
        /// Key name of the line.
        name: String,
    },
    /// A key that is enrolled but may not sign this entry here.
    #[error("{name} 在这里不能用：{why} / {name} may not sign here")]
    NotHere {
        /// Key name.
        name: String,
        /// Why: role, scope or position.
        why: &'static str,
    },
    /// A seal that the item demands is missing.
    #[error("缺少{role}章 / the {role} seal is missing")]
    Missing {
        /// The role.
        role: &'static str,
    },
    /// Too few authority keys.
    #[error("授权机关签名 {given} 个，需要 {wanted} 个 / {given} authority keys signed, {wanted} must")]
    Authority {
        /// Valid authority signatures.
        given: usize,
        /// The threshold in force.
        wanted: usize,
    },
    /// A new key has not signed its own enrolment.
    #[error("新密钥 {name} 没有在自己的登记上签名 / the new key {name} has not signed its own enrolment")]
    Possession {
        /// Key name.
        name: String,
    },
    /// The key, or its name and id, was used before.
    #[error("密钥 {name} 已经登记过 / the key {name}, or its name and id, was enrolled before")]
    Reused {
        /// Key name.
        name: String,
    },
    /// The unit has no profile.
    #[error("单位 {unit} 没有登记 / unit {unit} has no profile in its registry")]
    UnitUnknown {
        /// The unit.
        unit: UnitId,
    },
    /// The unit is closed.
    #[error("单位 {unit} 已经终止 / unit {unit} is closed")]
    UnitClosed {
        /// The unit.
        unit: UnitId,
    },
}

/// What valid signatures are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Signed by a seal after it was compromised and before its revocation.
    pub marked: bool,
    /// Logged time of the youngest seal that was needed; 0 for authority acts.
    pub youngest_seal: u64,
}

/// The state of the registries after some leaves.
#[derive(Clone, Debug)]
pub struct Registry {
    authority: Timeline<Authority>,
    logs: Timeline<VerifierKey>,
    policies: Timeline<Vec<String>>,
    demands: Timeline<BTreeMap<String, Vec<SealRole>>>,
    keys: BTreeMap<(String, u32), VerifierKey>,
    seals: BTreeMap<(String, u32), Seal>,
    units: BTreeMap<UnitId, Profile>,
    closed: BTreeMap<UnitId, u64>,
}

impl Registry {
    /// The registry right after the charter.
    pub fn new(charter: &Charter) -> Self {
        let mut keys = BTreeMap::new();
        for key in charter.authority.keys.iter().chain([&charter.log]) {
            keys.insert((key.name().to_owned(), key.id()), key.clone());
        }
        Registry {
            authority: Timeline::new(charter.authority.clone()),
            logs: Timeline::new(charter.log.clone()),
            policies: Timeline::new(charter.policy.clone()),
            demands: Timeline::new(BTreeMap::new()),
            keys,
            seals: BTreeMap::new(),
            units: BTreeMap::new(),
            closed: BTreeMap::new(),
        }
    }

    /// Every key ever enrolled under (name, key id): to verify a signature line, not to judge it.
    pub fn key(&self, name: &str, id: u32) -> Option<&VerifierKey> {
        self.keys.get(&(name.to_owned(), id))
    }

    /// The log key that signs a head and its index leaf, when the index leaf of the head before stands at
    /// `previous` (0 for the first): a change counts from the head after the one that contains it.
    pub fn log_key(&self, previous: u64) -> &VerifierKey {
        self.logs.before(previous)
    }

    /// Every log key so far, the charter's first.
    pub fn log_keys(&self) -> impl Iterator<Item = &VerifierKey> {
        std::iter::once(&self.logs.first).chain(self.logs.changes.iter().map(|(_, key)| key))
    }

    /// The newest log key.
    pub fn newest_log_key(&self) -> &VerifierKey {
        self.logs.before(u64::MAX)
    }

    /// The witness policy in force for a head that covers `index` leaves, line by line.
    pub fn policy(&self, index: u64) -> &[String] {
        self.policies.before(index)
    }

    /// The profile of a unit.
    pub fn profile(&self, unit: &UnitId) -> Option<&Profile> {
        self.units.get(unit)
    }

    /// All profiles, by unit.
    pub fn profiles(&self) -> impl Iterator<Item = (&UnitId, &Profile)> {
        self.units.iter()
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
        let new = if is_authority_act(entry) { new_keys(entry.body()) } else { Vec::new() };
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
        if self.closed.get(&unit).is_some_and(|at| *at < index) {
            return Err(SealFault::UnitClosed { unit });
        }
        if is_authority_act(entry) {
            return self.judge_authority(entry, signers, index);
        }
        if !self.units.contains_key(&unit) {
            return Err(SealFault::UnitUnknown { unit });
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

    /// The seals an entry needs: what the catalogue in force at `index` demands of its item, else the town's.
    fn demanded(&self, entry: &Entry, index: u64) -> Vec<SealRole> {
        let listed = entry.item.as_ref().and_then(|item| self.demands.before(index).get(item));
        listed.cloned().unwrap_or_else(|| vec![SealRole::Township])
    }

    fn judge_authority(
        &self,
        entry: &Entry,
        signers: &[VerifierKey],
        index: u64,
    ) -> Result<Standing, SealFault> {
        let wanted = self.authority.before(index);
        let new = new_keys(entry.body());
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
        if let Some(old) = retired_key(entry.body()) {
            let live = self.seals.get(&id_of(&old)).is_some_and(|s| s.until.is_none());
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
        let retired = retired_key(body).map(|k| id_of(&k));
        for key in new_keys(body) {
            self.keys.insert(id_of(&key), key);
        }
        match entry.kind() {
            "authority" => {
                let threshold = body.int_of("threshold").and_then(|m| usize::try_from(m).ok()).unwrap_or(1);
                self.authority.change(index, Authority { keys: new_keys(body), threshold });
            }
            "log_key" => new_keys(body).into_iter().for_each(|key| self.logs.change(index, key)),
            "policy" => {
                let lines = body.list_of("lines").iter().filter_map(|l| l.as_text().map(str::to_owned));
                self.policies.change(index, lines.collect());
            }
            "catalogue" => self.demands.change(index, demands(body)),
            "seal" => self.apply_seal(body, retired, index, time),
            "unit" => {
                if let Some((unit, profile)) = profile(body) {
                    self.units.insert(unit, profile);
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

/// The keys that a body enrols: all of an authority set, the key of a log change, of a seal added or rotated in.
fn new_keys(body: &Object) -> Vec<VerifierKey> {
    if body.text_of("act") == Some("revoke") {
        return Vec::new();
    }
    let one = body.get("vkey").into_iter();
    let texts = one.chain(body.list_of("keys")).filter_map(Value::as_text);
    texts.filter_map(|t| VerifierKey::parse(t).ok()).collect()
}

/// The seal that a body ends: the one replaced, or the one revoked.
fn retired_key(body: &Object) -> Option<VerifierKey> {
    let name = if body.text_of("act") == Some("revoke") { "vkey" } else { "replaces" };
    body.text_of(name).and_then(|t| VerifierKey::parse(t).ok())
}

fn demands(body: &Object) -> BTreeMap<String, Vec<SealRole>> {
    let rows = body.list_of("items").iter().filter_map(Value::object);
    rows.map(|row| {
        let seals = row.list_of("seals").iter().filter_map(|s| s.as_text().and_then(SealRole::parse));
        (row.text_of("item").unwrap_or_default().to_owned(), seals.collect())
    })
    .collect()
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
        },
    ))
}
