//! Money in fen (分), never in fractions (SPEC section 3.5).

use std::fmt;

/// An amount in fen. Negative only for red-letter reversals (红字冲销) and overdrawn balances.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Fen(i64);

impl Fen {
    /// Largest magnitude: 100 billion yuan.
    pub const MAX: i64 = 10_000_000_000_000;

    /// An amount; `None` beyond [`Fen::MAX`].
    pub fn new(fen: i64) -> Option<Self> {
        (-Self::MAX..=Self::MAX).contains(&fen).then_some(Fen(fen))
    }

    /// The number of fen.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Fen {
    /// Yuan with thousands separators; fen only when there are some: `12,000`, `-3.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let digits = (magnitude / 100).to_string();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        match magnitude % 100 {
            0 => Ok(()),
            fen => write!(f, ".{fen:02}"),
        }
    }
}
