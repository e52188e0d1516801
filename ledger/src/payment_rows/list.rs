//! What the entry of a payment list says of its rows (SPEC section 4.8, rules P-21, P-23, E-81).

use super::{MAX_ROWS, Rows, Summary};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::json::Value;
use crate::money::Fen;
use crate::sealed::Access;

/// Media type of the rows' blob.
pub const ROWS_MEDIA: &str = "text/x.village-ledger.rows";

/// The `list` of a payment list's entry, with the `count` and `amount` that are then its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// SHA-256 of the rows' blob.
    pub digest: Hash,
    /// Root of the RFC 6962 tree over the row lines.
    pub root: Hash,
    /// Who may see the rows' names.
    pub access: Access,
    /// Rows.
    pub count: u32,
    /// What is paid in all.
    pub total: Fen,
}

/// The list of an entry; `None` when it has none.
pub fn list_of(entry: &Entry) -> Option<List> {
    let body = entry.body();
    let list = body.get("list").and_then(Value::object).filter(|_| entry.kind() == "payment_list")?;
    let count = u32::try_from(body.int_of("count")?).ok()?;
    Some(List {
        digest: Hash::from_hex(list.text_of("digest")?)?,
        root: Hash::from_base64(list.text_of("root")?)?,
        access: Access::of_name(list.text_of("access")?)?,
        count: Some(count).filter(|count| (1..=MAX_ROWS).contains(&(*count as usize)))?,
        total: Fen::new(body.int_of("amount")?).filter(|total| *total >= Fen::default())?,
    })
}

impl List {
    /// Whether these are its rows: the blob's digest, count, total and root, all computed anew.
    pub fn holds(&self, rows: &Rows) -> bool {
        let List { digest, root, count, total, .. } = *self;
        rows.summary() == Summary { count, total, root } && Hash::of(rows.text().as_bytes()) == digest
    }
}
