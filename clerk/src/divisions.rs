//! The divisions table (行政区划): which units there are, what they are called, what they belong to.
//!
//! Columns `code,name,level,parent_code`, and for telephone numbers `office,phone`. Groups (组级) have a
//! unit id such as `440811100391-01` as their code.

use crate::fault::Fault;
use crate::table::{Row, Table};
use ledger::unit::UnitId;
use std::collections::BTreeMap;

/// Levels that have units in a ledger.
const LEVELS: [&str; 4] = ["县级", "乡级", "村级", "组级"];

/// One unit of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Its account unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The name of what it belongs to.
    pub parent: Option<String>,
    /// Office and telephone number.
    pub contact: Option<(String, String)>,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Divisions {
    units: BTreeMap<UnitId, Division>,
}

impl Divisions {
    /// Reads the table.
    ///
    /// # Errors
    /// Every faulty row.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let table = Table::read(bytes)?;
        let columns = ["code", "name", "level", "parent_code"];
        let missing: Vec<Fault> = columns.iter().filter(|c| !table.has(c)).map(|c| missing(c)).collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let names: BTreeMap<String, String> =
            table.rows().filter_map(|row| Some((row.code("code")?, row.code("name")?))).collect();
        let (mut units, mut faults) = (BTreeMap::new(), Vec::new());
        for row in table.rows() {
            if !row.code("level").is_some_and(|level| LEVELS.contains(&level.as_str())) {
                continue;
            }
            match division(&row, &names) {
                Err(fault) => faults.push(fault),
                Ok(division) => {
                    if units.insert(division.unit, division).is_some() {
                        faults.push(Fault::new(row.number, "code", "代码出现了两次 / the code stands twice"));
                    }
                }
            }
        }
        if faults.is_empty() { Ok(Divisions { units }) } else { Err(faults) }
    }

    /// All units, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Division> {
        self.units.values()
    }

    /// The unit with accounts of a division code and the name in 核算单位.
    ///
    /// # Errors
    /// The column at fault, and what to do.
    pub fn account(&self, code: &str, name: &str) -> Result<&Division, (&'static str, String)> {
        let own = UnitId::parse(code).or_else(|| UnitId::of_division(code, 0)).filter(|u| !u.is_registry());
        let own = own.and_then(|unit| self.units.get(&unit)).ok_or_else(|| {
            (
                crate::columns::DIVISION,
                format!(
                    "区划表里没有“{code}”，请核对代码或补上区划表 / the divisions table has no such code"
                ),
            )
        })?;
        let groups = self.units.values().filter(|d| d.unit.division() == own.unit.division());
        if let Some(group) = groups.into_iter().find(|d| !name.is_empty() && d.name == name) {
            return Ok(group);
        }
        let whole =
            name.is_empty() || ["联合社", "村委会", "委员会", "政府"].iter().any(|w| name.ends_with(w));
        if whole {
            return Ok(own);
        }
        let what = format!(
            "区划表里“{}”下没有核算单位“{name}”，请补上区划表（组级） / the divisions table has no such unit there",
            own.name
        );
        Err((crate::columns::ACCOUNT_UNIT, what))
    }
}

fn missing(column: &str) -> Fault {
    Fault::new(1, column, "缺少这一列 / the column is missing")
}

fn division(row: &Row<'_>, names: &BTreeMap<String, String>) -> Result<Division, Fault> {
    let fault = |column: &str, what: String| Fault::new(row.number, column, what);
    let code = row.code("code").unwrap_or_default();
    let unit = UnitId::parse(&code).or_else(|| UnitId::of_division(&code, 0)).filter(|u| !u.is_registry());
    let unit = unit.ok_or_else(|| {
        fault("code", format!("写的是“{code}”，应为 12 位区划代码，组级加两位序号，如 440811100391-01 / want a 12-digit division code, for a group with its number"))
    })?;
    let name = row.code("name").ok_or_else(|| fault("name", "没有填写 / it is empty".to_owned()))?;
    let contact = row.code("office").zip(row.code("phone"));
    let parent = row.code("parent_code").and_then(|code| names.get(&code).cloned());
    Ok(Division { unit, name, parent, contact })
}
