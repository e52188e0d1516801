//! Words between neighbours: digits that two people read to each other to find out whether their phones show one book
//! (SPEC section 8.7, rule R-20).

use crate::charter::LedgerId;
use crate::hash::Hash;
use crate::unit::UnitId;

/// First line of what is hashed.
pub const TYPE_LINE: &str = "village-ledger/compare/v1";
/// Largest number that one of the two says aloud.
pub const MAX_SAID: u64 = 999_999_999;

/// Four groups of four digits for the first `count` entries of a unit's book, `root` being the root of its tree at that
/// count: the smaller one of the two phones' counts. One of the two says `number` aloud once both phones have their
/// book; whoever makes two books can't know it before. `None` for a number over [`MAX_SAID`].
pub fn digits(ledger: &LedgerId, unit: &UnitId, count: u64, root: &Hash, number: u64) -> Option<String> {
    if number > MAX_SAID {
        return None;
    }
    let text = format!("{TYPE_LINE}\n{ledger}\n{unit}\n{count}\n{}\n{number}\n", root.to_hex());
    let eight = Hash::of(text.as_bytes()).as_bytes().first_chunk::<8>().copied()?;
    let sixteen = u64::from_be_bytes(eight) % 10_000_000_000_000_000;
    let group = |at: u32| sixteen / 10_000_u64.pow(at) % 10_000;
    Some(format!("{:04} {:04} {:04} {:04}", group(3), group(2), group(1), group(0)))
}
