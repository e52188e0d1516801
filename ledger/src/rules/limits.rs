//! The limits that soft rules go by: what the registry says, else the project's defaults.

use crate::registry::Registry;

/// Limits in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest payment in cash, in fen.
    pub cash_payment: i64,
    /// Payments from which on a resolution is wanted, in fen.
    pub resolution: i64,
    /// Awards from which on competition is wanted, in fen.
    pub tender: i64,
    /// Longest lease in months (民法典 art. 705).
    pub lease_months: i64,
    /// Shortest posting in days, both days counted (村民委员会组织法 art. 35).
    pub posting_days: i64,
    /// Items whose shortest posting is another.
    pub posting: Vec<(String, i64)>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cash_payment: 500_000,
            resolution: 2_000_000,
            tender: 5_000_000,
            lease_months: 240,
            posting_days: 15,
            posting: Vec::new(),
        }
    }
}

impl Limits {
    /// The limits in force for a leaf at `index`.
    pub fn of(_registry: &Registry, _index: u64) -> Self {
        Limits::default()
    }
}
