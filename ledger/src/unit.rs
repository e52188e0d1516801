//! Units (核算单位), their registries and the scope of seals (SPEC section 3.4, rules E-20 to E-22).

use std::fmt;

/// A unit id: 12-digit division code, `-`, two digits. `-00` is the village's (town's, district's) own
/// account, `-01`… its groups, `-99` its registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId([u8; 15]);

/// The level of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 县级 (a district or county): digits 7 to 12 are zero.
    District,
    /// 乡级 (a town): digits 10 to 12 are zero.
    Town,
    /// 村级 (a village).
    Village,
}

impl UnitId {
    /// The row of void leaves; never a unit that an entry may name.
    pub const VOID: UnitId = UnitId(*b"000000000000-00");

    /// Reads a unit id. `None` when it is not of the grammar, or when its district is `000000`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 15] = text.as_bytes().try_into().ok()?;
        let digits =
            bytes.iter().enumerate().all(|(i, b)| if i == 12 { *b == b'-' } else { b.is_ascii_digit() });
        (digits && !text.starts_with("000000")).then_some(UnitId(bytes))
    }

    /// The unit of a 12-digit division code and an account number 0..=99.
    pub fn of_division(division: &str, number: u8) -> Option<Self> {
        Self::parse(&format!("{division}-{number:02}"))
    }

    /// The id as text, 15 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 12-digit division code.
    pub fn division(&self) -> &str {
        self.as_str().get(..12).unwrap_or_default()
    }

    /// The level of the division.
    pub fn level(&self) -> Level {
        let division = self.division();
        if division.ends_with("000000") {
            Level::District
        } else if division.ends_with("000") {
            Level::Town
        } else {
            Level::Village
        }
    }

    /// Whether this is a registry unit (`-99`).
    pub fn is_registry(&self) -> bool {
        self.0.ends_with(b"-99")
    }

    /// The registry of this unit's own division: where its profile stands.
    pub fn registry(&self) -> UnitId {
        let mut id = self.0;
        if let Some(tail) = id.get_mut(13..) {
            tail.fill(b'9');
        }
        UnitId(id)
    }

    /// The registries that matter for this unit, district first: one, two or three, by its level.
    /// The row of void leaves has none.
    pub fn registries(&self) -> Vec<UnitId> {
        if *self == Self::VOID {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(3);
        for digits in [6, 9, 12] {
            let prefix = self.as_str().get(..digits).unwrap_or_default();
            if let Some(id) = UnitId::of_division(&format!("{prefix:0<12}"), 99)
                && !out.contains(&id)
            {
                out.push(id);
            }
        }
        out
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The scope of a seal: the first 6, 9, 12 or all 15 characters of the unit ids it may sign for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope(String);

impl Scope {
    /// Reads a scope. `None` when it is not a possible beginning of a unit id of one of the four lengths.
    pub fn parse(text: &str) -> Option<Self> {
        let template = "100000000000-00";
        let rest = template.get(text.len()..)?;
        let fits = matches!(text.len(), 6 | 9 | 12 | 15) && UnitId::parse(&format!("{text}{rest}")).is_some();
        fits.then(|| Scope(text.to_owned()))
    }

    /// Whether a unit lies in this scope.
    pub fn covers(&self, unit: &UnitId) -> bool {
        unit.as_str().starts_with(&self.0)
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registry unit in which a seal of this scope is enrolled.
    pub fn registry(&self) -> Option<UnitId> {
        let division = self.0.get(..12).unwrap_or(&self.0);
        UnitId::of_division(&format!("{division:0<12}"), 99)
    }
}
