//! The charter: leaf 0, the root of everything that is believed (SPEC section 3.3, rules E-15 to E-18).

use crate::hash::{Hash, leaf_hash};
use crate::json::{Object, Value};
use crate::leaf::{self, Leaf, LeafType};
use crate::note::VerifierKey;
use crate::policy::Policy;
use crate::verdict::why;
use std::fmt;

/// `<origin>#<first 16 bytes of the charter hash in lower-case hex>`: binds an entry to one ledger and to one
/// start of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerId(String);

impl LedgerId {
    /// The id of the ledger with this origin and charter hash.
    pub fn new(origin: &str, charter: &Hash) -> Self {
        let hex = charter.to_hex();
        LedgerId(format!("{origin}#{}", hex.get(..32).unwrap_or_default()))
    }

    /// Takes an id as given, for building drafts; the ledger compares it with its own.
    pub fn from_text(text: &str) -> Self {
        LedgerId(text.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The authority: m of n keys whose acts stand in the registries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The keys, n of them.
    pub keys: Vec<VerifierKey>,
    /// How many of them must sign: m, 1 ≤ m ≤ n.
    pub threshold: usize,
}

/// What the charter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charter {
    /// Origin of the log: its name and the name of its key.
    pub origin: String,
    /// The log's key.
    pub log: VerifierKey,
    /// The first authority keys.
    pub authority: Authority,
    /// 6-digit code of the district.
    pub district: String,
    /// The first witness policy, C2SP tlog-policy, line by line.
    pub policy: Vec<String>,
    /// Digest of the disclosure catalogue in force at the start, if there is one.
    pub catalogue: Option<Hash>,
    /// When it was drawn up, Unix seconds.
    pub created: u64,
}

/// Why a leaf is not an acceptable charter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("章程无效：{what} / the charter is not acceptable: {what}")]
pub struct CharterError {
    /// What is wrong.
    pub what: String,
}

fn refuse<T>(what: impl fmt::Display) -> Result<T, CharterError> {
    Err(CharterError { what: why(what) })
}

/// Names of keys and origins of this ledger: `[a-z0-9./-]+` (SPEC K-02).
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'/' | b'-'))
}

/// Whether an origin may be used: a key name that can't be taken for a type line or another protocol's text.
pub fn is_origin(origin: &str) -> bool {
    let reserved = ["village-ledger/", "cosignature/", "c2sp.org/"];
    is_key_name(origin) && !reserved.iter().any(|r| origin.starts_with(r))
}

impl Charter {
    /// The text to be signed by authority and log.
    pub fn text(&self) -> String {
        let keys: Vec<Value> = self.authority.keys.iter().map(|k| k.to_string().into()).collect();
        let policy: Vec<Value> = self.policy.iter().map(|l| l.as_str().into()).collect();
        let json = Object::new()
            .with("origin", self.origin.as_str())
            .with("log", self.log.to_string())
            .with("authority", keys)
            .with("threshold", self.authority.threshold as i64)
            .with("district", self.district.as_str())
            .with("policy", policy)
            .with_some("catalogue", self.catalogue.map(|h| h.to_hex()))
            .with("created", self.created as i64);
        leaf::text(LeafType::Charter, &json)
    }

    /// Reads the text of a charter without looking at signatures (a draft).
    ///
    /// # Errors
    /// [`CharterError`] naming the field.
    pub fn parse(leaf: &Leaf<'_>) -> Result<Self, CharterError> {
        if leaf.leaf_type != LeafType::Charter {
            return refuse("the leaf is not a charter");
        }
        let json = &leaf.json;
        let names = ["origin", "log", "authority", "threshold", "district", "policy", "catalogue", "created"];
        let mut rest = names.iter();
        if !json.fields().iter().all(|(n, _)| rest.any(|m| m == n)) {
            return refuse("unknown fields or fields out of order");
        }
        let text =
            |name: &str| json.text_of(name).map_or_else(|| refuse(format_args!("{name} is missing")), Ok);
        let vkey =
            |s: &str| VerifierKey::parse(s).or_else(|_| refuse(format_args!("{s} is no verifier key")));
        let origin = text("origin")?.to_owned();
        let log = vkey(text("log")?)?;
        let mut keys = Vec::new();
        for value in json.list_of("authority") {
            keys.push(vkey(value.as_text().unwrap_or_default())?);
        }
        let threshold = json.int_of("threshold").and_then(|m| usize::try_from(m).ok()).unwrap_or(0);
        let district = text("district")?.to_owned();
        let policy: Vec<String> =
            json.list_of("policy").iter().filter_map(|v| v.as_text().map(str::to_owned)).collect();
        let catalogue = match json.text_of("catalogue") {
            Some(hex) => match Hash::from_hex(hex) {
                Some(hash) => Some(hash),
                None => return refuse("catalogue is not a digest in lower-case hex"),
            },
            None => None,
        };
        let Some(created) = json.int_of("created").and_then(|t| u64::try_from(t).ok()) else {
            return refuse("created is missing");
        };
        let charter = Charter {
            origin,
            log,
            authority: Authority { keys, threshold },
            district,
            policy,
            catalogue,
            created,
        };
        charter.check()?;
        if charter.text() != leaf.note.text {
            return refuse("a field has the wrong type");
        }
        Ok(charter)
    }

    fn check(&self) -> Result<(), CharterError> {
        if !is_origin(&self.origin) || self.log.name() != self.origin {
            return refuse("the origin is not usable or is not the name of the log key");
        }
        let n = self.authority.keys.len();
        if n == 0 || n > 16 || self.authority.threshold == 0 || self.authority.threshold > n {
            return refuse("the authority is not m of n keys with 1 ≤ m ≤ n ≤ 16");
        }
        let mut seen: Vec<&[u8]> = vec![];
        for key in std::iter::once(&self.log).chain(&self.authority.keys) {
            if !key.is_note_key() || key.is_weak() || !is_key_name(key.name()) {
                return refuse(format_args!(
                    "{key} may not be used: no Ed25519 note key, a weak key or a bad name"
                ));
            }
            if seen.contains(&key.key()) {
                return refuse(format_args!("{key} stands twice"));
            }
            seen.push(key.key());
        }
        if self.district.len() != 6 || !self.district.bytes().all(|b| b.is_ascii_digit()) {
            return refuse("district is not a 6-digit code");
        }
        self.policy().map(drop)
    }

    /// The first witness policy.
    ///
    /// # Errors
    /// [`CharterError`] with the line that can't be read.
    pub fn policy(&self) -> Result<Policy, CharterError> {
        let policy = Policy::of_lines(&self.policy).or_else(|e| refuse(format_args!("policy: {e}")))?;
        if !policy.quorums_intersect() {
            return refuse("policy: two quorums need not have a witness in common");
        }
        Ok(policy)
    }

    /// Reads leaf 0 and checks its signatures: the log key and at least m of the authority keys.
    ///
    /// # Errors
    /// [`CharterError`].
    pub fn open(bytes: &[u8]) -> Result<(Self, Hash), CharterError> {
        let leaf = leaf::read(bytes).or_else(refuse)?;
        let charter = Self::parse(&leaf)?;
        let signed = |key: &VerifierKey| {
            leaf.note.signatures.iter().any(|s| key.verify(leaf.note.text.as_bytes(), s).is_ok())
        };
        let signers = charter.authority.keys.iter().filter(|k| signed(k)).count();
        if signers < charter.authority.threshold {
            return refuse(format_args!(
                "{signers} authority keys signed, {} must",
                charter.authority.threshold
            ));
        }
        if !signed(&charter.log) {
            return refuse("the log key has not signed");
        }
        Ok((charter, leaf_hash(bytes)))
    }
}
