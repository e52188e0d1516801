//! The district that the entries are about: towns, villages, some of them with groups. All made up.

use anyhow::{Context as _, Result, ensure};
use ledger::unit::UnitId;
use std::fmt::Write as _;

/// 6-digit code of the district.
pub const DISTRICT: &str = "440811";
/// Most units with accounts.
pub const MAX_UNITS: usize = 5_000;
/// First town code inside the district; far above those in use.
const FIRST_TOWN: usize = 150;
/// First village code inside a town.
const FIRST_VILLAGE: usize = 301;
/// Villages in a town.
const VILLAGES: usize = 33;
/// Every so many villages one has accounts of its groups.
const WITH_GROUPS: usize = 5;
/// Groups with accounts in such a village.
const GROUPS: u8 = 3;

const FIRST: &str = "榕石稔沙蒲岭湖龙新东西南北上下大古官坡塘湾溪洋田桥林竹梅松荔";
const SECOND: &str = "溪陂湾尾岭头村塘桥田坑洋角埠坡园庄墩墟边屋寮井坎潭浦港仔陇排";

/// A place with a unit.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its own account unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Code and name of what it belongs to.
    pub parent: (String, String),
    /// 9-digit code of its town: the scope of the seal that signs for it.
    pub town: String,
}

/// The district.
#[derive(Clone, Debug)]
pub struct District {
    /// Its towns: they seal, and publish nothing of their own here.
    pub towns: Vec<Place>,
    /// The units with accounts: villages, each followed by its groups.
    pub units: Vec<Place>,
}

impl District {
    /// A district with so many units with accounts.
    ///
    /// # Errors
    /// No units, or more than [`MAX_UNITS`].
    pub fn new(units: usize) -> Result<Self> {
        ensure!((1..=MAX_UNITS).contains(&units), "--units: want 1 to {MAX_UNITS} units, not {units}");
        let mut district = District { towns: Vec::new(), units: Vec::with_capacity(units) };
        let mut villages = 0;
        while district.units.len() < units {
            if villages % VILLAGES == 0 {
                district.add_town()?;
            }
            district.add_village(villages)?;
            villages += 1;
        }
        district.units.truncate(units);
        Ok(district)
    }

    fn add_town(&mut self) -> Result<()> {
        let number = self.towns.len();
        let code = format!("{DISTRICT}{:03}", FIRST_TOWN + number);
        let name = format!("{}镇", name(number * 7 + 3).context("too many towns")?);
        let parent = (format!("{DISTRICT}000000"), "麻章区".to_owned());
        self.towns.push(Place { unit: unit(&format!("{code}000"), 0)?, name, parent, town: code });
        Ok(())
    }

    fn add_village(&mut self, number: usize) -> Result<()> {
        let town = self.towns.last().context("a village without a town")?;
        let division = format!("{}{:03}", town.town, FIRST_VILLAGE + number % VILLAGES);
        let short = name(number).context("too many villages")?;
        let village = Place {
            unit: unit(&division, 0)?,
            name: format!("{short}村"),
            parent: (format!("{}000", town.town), town.name.clone()),
            town: town.town.clone(),
        };
        let (parent, town) = ((division.clone(), village.name.clone()), village.town.clone());
        self.units.push(village);
        if number % WITH_GROUPS == WITH_GROUPS - 1 {
            for (group, which) in (1..=GROUPS).zip(["一", "二", "三"]) {
                let name = format!("{short}第{which}经济合作社");
                self.units.push(Place {
                    unit: unit(&division, group)?,
                    name,
                    parent: parent.clone(),
                    town: town.clone(),
                });
            }
        }
        Ok(())
    }

    /// The divisions table that `village-clerk units --divisions` reads.
    pub fn table(&self) -> String {
        let mut table = String::from("code,name,level,parent_code,real_or_fictional,note\n");
        table.push_str("440000000000,广东省,省级,,真实,GB/T 2260\n");
        table.push_str("440800000000,湛江市,地级,440000000000,真实,GB/T 2260\n");
        table.push_str("440811000000,麻章区,县级,440800000000,真实,GB/T 2260:440811\n");
        for place in self.towns.iter().chain(&self.units) {
            let own = place.unit.as_str().ends_with("-00");
            let code = if own { place.unit.division() } else { place.unit.as_str() };
            let level = match (own, code.ends_with("000")) {
                (false, _) => "组级",
                (true, true) => "乡级",
                (true, false) => "村级",
            };
            // Writing into a String never fails.
            let _ = writeln!(table, "{code},{},{level},{},虚构,", place.name, place.parent.0);
        }
        table
    }
}

fn unit(division: &str, number: u8) -> Result<UnitId> {
    UnitId::of_division(division, number).with_context(|| format!("{division} is no division code"))
}

/// Names that differ for the first 900 numbers, then carry a number of their own.
fn name(number: usize) -> Option<String> {
    let (first, second): (Vec<char>, Vec<char>) = (FIRST.chars().collect(), SECOND.chars().collect());
    let all = first.len() * second.len();
    // 257 is prime and shares no factor with the number of pairs, so every pair comes once.
    let at = number * 257 % all;
    let pair = [first.get(at % first.len())?, second.get(at / first.len())?];
    let round = number / all;
    let text: String = pair.into_iter().collect();
    Some(if round == 0 { text } else { format!("{text}{}", round + 1) })
}
