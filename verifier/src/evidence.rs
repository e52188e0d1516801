//! Checking an evidence file: whether it convicts the ledger it is about (SPEC section 8.5).

use crate::report::by_name;
use ledger::bundle::Bundle;
use ledger::charter::Charter;
use ledger::contradiction::{self, Contradiction};
use ledger::evidence;
use ledger::hash::Hash;
use ledger::verdict::{Code, Level};
use serde::Serialize;
use std::fmt;

/// Longest evidence file in bytes: a bundle and the head remembered, in base64.
pub const MAX_EVIDENCE: u64 = 48 * 1024 * 1024;

/// What an evidence file shows.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The verdict that its bundle and memory lead to, by its stable name.
    #[serde(serialize_with = "by_name")]
    pub verdict: Code,
    /// Whether it convicts.
    pub convicts: bool,
    /// Which step ended the check and how.
    pub what: String,
    /// Origin in the charter that the file carries; empty when that can't be read.
    pub origin: String,
    /// Hash of that charter in hex.
    pub charter: String,
    /// Whether the charter was held against a pinned one.
    pub pinned: bool,
}

/// Judges an evidence file again, offline.
pub fn check(file: &[u8], charter: Option<Hash>) -> Judged {
    let (verdict, what) = match contradiction::check(file, charter) {
        Ok(verdict) => (verdict.code, verdict.detail),
        Err(e) => (Code::CannotShow, format!("不是证据文件 / not an evidence file: {e}")),
    };
    let (origin, hash) = carried(file).unwrap_or_default();
    let convicts = verdict.level() == Level::Red;
    Judged { verdict, convicts, what, origin, charter: hash, pinned: charter.is_some() }
}

/// Origin and hash of the charter that the file carries.
fn carried(file: &[u8]) -> Option<(String, String)> {
    let of_bundle = |bundle: &[u8]| Some(Bundle::parse(bundle).ok()?.head.charter);
    let charter = match Contradiction::read(file).ok()? {
        Some(Contradiction::Heads(heads)) => heads.charter,
        Some(Contradiction::Posters { bundle, .. }) => of_bundle(&bundle)?,
        None => of_bundle(&evidence::read(file).ok()?.bundle)?,
    };
    let (charter, hash) = Charter::open(&charter).ok()?;
    Some((charter.origin, hash.to_hex()))
}

impl Judged {
    /// 1 when it convicts, otherwise 2: nothing was found out, whatever else the file may hold.
    pub fn exit(&self) -> u8 {
        if self.convicts { self.verdict.exit() } else { Code::CannotCheck.exit() }
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = if self.convicts {
            "证据成立：账本签了名却自相矛盾 / it convicts: signed statements of the ledger contradict each other"
        } else {
            "证明不了什么：这份文件不能说明账本作假 / it shows nothing against the ledger"
        };
        writeln!(f, "结论 verdict　{says}（{}）", self.verdict)?;
        if !self.what.is_empty() {
            writeln!(f, "情形 detail　{}", self.what)?;
        }
        if !self.origin.is_empty() {
            writeln!(f, "账本 ledger　{}　章程 charter {}", self.origin, self.charter)?;
        }
        if !self.pinned {
            writeln!(
                f,
                "没有给 --trust：章程取自文件本身，请先核对它是不是你的账本 / without --trust the file's own charter was believed: make sure first that it is your ledger's"
            )?;
        }
        Ok(())
    }
}
