//! The row code (本户码): what a household holds on its leaflet to prove its own row and nobody else's (SPEC section 4.8,
//! rules P-27, P-28). It holds place, salt and name; unit and number of the entry stand beside it.

use super::MAX_ROWS;
use crate::base32;
use crate::hash::Hash;
use crate::sealed::{MAX_VALUE, Opening, Salt, is_value};
use std::fmt;

/// Bytes of the check at the end.
const CHECK: usize = 4;
/// Longest code in characters: place, salt, the longest name, check. That of 李*明 has 74.
pub const MAX_ROW_CODE: usize = ((3 + 32 + 4 * MAX_VALUE + CHECK) * 8).div_ceil(5);

/// What opens one row. `Debug` tells only the place.
#[derive(Clone, PartialEq, Eq)]
pub struct RowCode {
    /// The row's place in the list.
    pub index: u32,
    /// The salt of its name.
    pub salt: Salt,
    /// Its name in masked form.
    pub name: String,
}

impl fmt::Debug for RowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowCode({})", self.index)
    }
}

/// Why a text is no row code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowCodeError {
    /// Not capitals and digits of base32, or of no possible length.
    #[error(
        "本户码只有大写字母和 2 到 7，请照传单重输 / a row code has capitals and the digits 2 to 7 only; type it again from the leaflet"
    )]
    Spelling,
    /// The check does not fit: a character is wrong.
    #[error(
        "本户码有一处输错，请照传单核对 / a character of the row code is wrong; compare it with the leaflet"
    )]
    Check,
    /// The check fits, but no household's row is in it.
    #[error("本户码内容不合规定，请向村里另要一张 / the row code holds no row; ask for another leaflet")]
    Content,
}

impl RowCode {
    /// The code of the row at a place, from its opening.
    pub fn of(index: u32, opening: &Opening) -> Self {
        RowCode { index, salt: opening.salt, name: opening.value.clone() }
    }

    /// Base32 of place (3 bytes, big-endian) ‖ salt ‖ name ‖ check.
    pub fn text(&self) -> String {
        let [_, place @ ..] = self.index.to_be_bytes();
        let mut bytes = [&place[..], &self.salt, self.name.as_bytes()].concat();
        bytes.extend_from_slice(&check(&bytes));
        base32::encode(&bytes)
    }

    /// Reads a code.
    ///
    /// # Errors
    /// [`RowCodeError`]; the size limit comes first.
    pub fn parse(text: &str) -> Result<Self, RowCodeError> {
        let bytes = if text.len() > MAX_ROW_CODE { None } else { base32::decode(text) };
        let bytes = bytes.ok_or(RowCodeError::Spelling)?;
        let (content, given) = bytes.split_last_chunk::<CHECK>().ok_or(RowCodeError::Spelling)?;
        if check(content) != *given {
            return Err(RowCodeError::Check);
        }
        let read = || {
            let ([a, b, c], rest) = content.split_first_chunk()?;
            let (salt, name) = rest.split_first_chunk()?;
            let name = std::str::from_utf8(name).ok()?.to_owned();
            Some(RowCode { index: u32::from_be_bytes([0, *a, *b, *c]), salt: *salt, name })
        };
        let fits = |code: &RowCode| (code.index as usize) < MAX_ROWS && is_value(&code.name);
        read().filter(fits).ok_or(RowCodeError::Content)
    }
}

/// The first bytes of SHA-256(`village-ledger/row-code/v1\n` ‖ content): tells a typing error from a false code.
fn check(content: &[u8]) -> [u8; CHECK] {
    let hash = Hash::of(&[b"village-ledger/row-code/v1\n", content].concat());
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}
