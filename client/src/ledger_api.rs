//! The reading side of a ledger's own API. What it returns is what the server says; checking it is `ledger`'s.

use crate::http::{Http, HttpError};
use crate::trust::{Trust, TrustError};
use ledger::bundle::MAX_BUNDLE;
use ledger::charter::LedgerId;
use ledger::leaf::MAX_LEAF;
use ledger::proof::MAX_PROOF;
use ledger::unit::UnitId;
use serde::Deserialize;

/// Largest list of units in bytes.
const MAX_UNITS: u64 = 16 * 1024 * 1024;
/// Largest answer about one unit in bytes.
const MAX_UNIT: u64 = 256 * 1024;

/// A unit in the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UnitRow {
    /// Unit id.
    pub unit: String,
    /// Name.
    pub name: String,
    /// What it belongs to.
    pub parent: Option<String>,
    /// Entries.
    pub count: u64,
    /// Amendments among them.
    pub amendments: u64,
}

/// All units of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Units {
    /// The ledger's id.
    pub ledger: String,
    /// Leaves of the log.
    pub size: u64,
    /// Time of the index leaf, Unix seconds.
    pub time: u64,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The units, by id.
    pub units: Vec<UnitRow>,
}

/// The numbers of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UnitNumbers {
    /// Entries.
    pub count: u64,
    /// The number that the next entry must have.
    pub next_seq: u64,
}

/// A ledger's server.
#[derive(Clone)]
pub struct LedgerApi {
    http: Http,
    token: Option<String>,
}

impl std::fmt::Debug for LedgerApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerApi({})", self.http.base())
    }
}

impl LedgerApi {
    /// A ledger by its base address.
    ///
    /// # Errors
    /// [`HttpError::Address`].
    pub fn new(base: &str) -> Result<Self, HttpError> {
        Ok(LedgerApi { http: Http::new(base)?, token: None })
    }

    /// The same ledger, read with a bearer token that its operator issued.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same server for other requests.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Every unit with accounts.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn units(&self) -> Result<Units, HttpError> {
        self.http.get_json("api/v1/units", MAX_UNITS)
    }

    /// The ledger's id, for entries that are to be signed.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn ledger(&self) -> Result<LedgerId, HttpError> {
        Ok(LedgerId::from_text(&self.units()?.ledger))
    }

    /// The numbers of a unit, registries included; `None` for a unit the ledger does not have yet.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn unit(&self, unit: &UnitId) -> Result<Option<UnitNumbers>, HttpError> {
        absent(self.http.get_json(&format!("api/v1/units/{unit}"), MAX_UNIT))
    }

    /// The bundle of a unit: `from` an entry's number (the server chooses without one), `size` the remembered
    /// head's.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn bundle(&self, unit: &UnitId, from: Option<u64>, size: Option<u64>) -> Result<Vec<u8>, HttpError> {
        let query: Vec<String> = [("from", from), ("size", size)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|v| format!("{name}={v}")))
            .collect();
        let mut path = format!("api/v1/units/{unit}/bundle");
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        self.http.get(&path, MAX_BUNDLE as u64)
    }

    /// An entry's leaf; `None` when the ledger does not have it.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn entry(&self, unit: &UnitId, seq: u64) -> Result<Option<Vec<u8>>, HttpError> {
        absent(self.http.get(&format!("api/v1/entries/{unit}/{seq}"), MAX_LEAF as u64))
    }

    /// An entry's proof file.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn proof(&self, unit: &UnitId, seq: u64) -> Result<Vec<u8>, HttpError> {
        self.http.get(&format!("api/v1/proof/{unit}/{seq}"), MAX_PROOF as u64)
    }

    /// The trust material that the server offers: a hint, never a proof.
    ///
    /// # Errors
    /// [`HttpError`], or what is wrong with it.
    pub fn trust(&self) -> Result<Result<Trust, TrustError>, HttpError> {
        let bytes = self.http.get("trust.toml", crate::trust::MAX_TRUST)?;
        Ok(Trust::parse(&String::from_utf8_lossy(&bytes)))
    }
}

pub(crate) fn absent<T>(answer: Result<T, HttpError>) -> Result<Option<T>, HttpError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(e) if e.is_not_found() => Ok(None),
        Err(e) => Err(e),
    }
}
