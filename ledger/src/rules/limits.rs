//! The limits that soft rules go by: what the registry says, else the project's defaults.

use crate::registry::Registry;

/// Limits in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest payment in cash, in fen.
    pub cash_payment: i64,
    /// Most cash in hand at the end of a period, in fen.
    pub cash_holding: i64,
    /// Payments from which on a resolution is wanted, in fen.
    pub resolution: i64,
    /// Awards from which on competition is wanted, in fen.
    pub tender: i64,
    /// Longest lease in months (民法典 art. 705).
    pub lease_months: i64,
    /// Shortest posting in days, both days counted (村民委员会组织法 art. 35).
    pub posting_days: i64,
    /// Items whose shortest posting is another; of two for one item the first counts.
    pub posting: Vec<(String, i64)>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cash_payment: 500_000,
            cash_holding: 500_000,
            resolution: 2_000_000,
            tender: 5_000_000,
            lease_months: 240,
            posting_days: 15,
            posting: Vec::new(),
        }
    }
}

impl Limits {
    /// The limits in force for a leaf at `index`: the county's, else the catalogue's, else the project's (SPEC G-17).
    pub fn of(registry: &Registry, index: u64) -> Self {
        let terms = registry.terms(index);
        let set = |name, default| terms.iter().find_map(|t| t.limit(name)).unwrap_or(default);
        let project = Limits::default();
        let postings = terms.iter().flat_map(|t| t.postings());
        Limits {
            cash_payment: set("cash_payment", project.cash_payment),
            cash_holding: set("cash_holding", project.cash_holding),
            resolution: set("resolution", project.resolution),
            tender: set("tender", project.tender),
            posting: postings.map(|(item, days)| (item.to_owned(), days)).collect(),
            ..project
        }
    }

    /// The shortest posting of an item, in days.
    pub fn posting(&self, item: Option<&str>) -> i64 {
        let set = self.posting.iter().find(|(of, _)| Some(of.as_str()) == item);
        set.map_or(self.posting_days, |(_, days)| *days)
    }
}
