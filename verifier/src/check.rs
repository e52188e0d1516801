//! Checking a receipt: one entry's inclusion, offline (SPEC section 2.8).

use crate::report::by_name;
use crate::words;
use client::Trust;
use ledger::entry::Envelope;
use ledger::leaf::{self, LeafType};
use ledger::proof::{TlogProof, TlogProofError};
use ledger::verdict::Code;
use serde::Serialize;
use std::fmt;

/// What a receipt shows.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The verdict, by its stable name.
    #[serde(serialize_with = "by_name")]
    pub verdict: Code,
    /// Why, when it does not hold.
    pub what: String,
    /// Ledger id that was pinned.
    pub ledger: String,
    /// The entry, when it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// What was not checked.
    pub not_checked: Vec<&'static str>,
}

/// An entry that stands in the signed log.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its unit.
    pub unit: String,
    /// Its number there.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// Its title or summary, when it has one.
    pub title: String,
    /// Leaf index.
    pub index: u64,
    /// Size of the signed head.
    pub size: u64,
    /// Root of the signed head, base64.
    pub root: String,
    /// Witnesses of the trusted policy that cosigned.
    pub witnesses: Vec<String>,
}

/// Judges a receipt. Whatever does not verify is CANNOT_SHOW: a file handed in convicts nobody.
pub fn check(bytes: &[u8], trust: &Trust) -> Checked {
    let (verdict, shown, what) = match judge(bytes, trust) {
        Ok((code, shown)) => (code, Some(shown), String::new()),
        Err(what) => (Code::CannotShow, None, what),
    };
    let mut not_checked = words::RECEIPT.to_vec();
    if verdict == Code::OkUnwitnessed {
        not_checked.push(words::NO_WITNESSES);
    }
    Checked { verdict, what, ledger: trust.ledger().to_string(), shown, not_checked }
}

fn judge(bytes: &[u8], trust: &Trust) -> Result<(Code, Shown), String> {
    let proof = TlogProof::parse(bytes).map_err(|e| format!("不是凭据文件 / not a receipt: {e}"))?;
    let leaf = proof.extra.as_ref().ok_or("凭据里没有条目 / the receipt does not carry its entry")?;
    let signed = proof.verify(leaf).map_err(|e| match e {
        TlogProofError::Inclusion(e) => {
            format!("条目不在这个存证点之下 / the entry is not under this checkpoint: {e}")
        }
        e => format!("凭据里的存证点不可读 / {e}"),
    })?;
    if signed.checkpoint.origin != trust.origin {
        return Err("存证点属于另一个账本 / the checkpoint is of another log".to_owned());
    }
    // LIMIT: without the registry only the log key of trust.toml is known.
    signed.verify_log(&trust.log).map_err(|e| {
        format!("存证点不是 trust.toml 里的账本密钥所签；账本换过密钥时，请取新的 trust.toml 或用 audit / not signed by the log key of trust.toml; after a change of that key get a new trust.toml or use audit: {e}")
    })?;
    let leaf = leaf::read(leaf).map_err(|e| format!("叶子不可读 / the leaf can't be read: {e}"))?;
    let envelope = match leaf.leaf_type {
        LeafType::Entry => {
            Envelope::of(&leaf.json).map_err(|e| format!("叶子不是条目 / the leaf is no entry: {e}"))?
        }
        _ => return Err("叶子不是条目 / the leaf is no entry".to_owned()),
    };
    if envelope.ledger != trust.ledger() {
        return Err(format!("条目属于另一个账本 {} / the entry is of another ledger", envelope.ledger));
    }
    let policy = trust.policy().map_err(|e| e.to_string())?;
    let quorum = policy.evaluate(&signed);
    let code = match () {
        () if policy.is_none() => Code::OkUnwitnessed,
        () if !quorum.met => Code::OkNotWitnessed,
        () if !quorum.replayed => Code::OkNotReplayed,
        () => Code::OkFirstVisit,
    };
    let title = leaf.json.text_of("title").or(leaf.json.text_of("summary")).unwrap_or_default();
    Ok((
        code,
        Shown {
            unit: envelope.unit.to_string(),
            seq: envelope.seq,
            kind: envelope.kind,
            title: title.to_owned(),
            index: proof.index,
            size: signed.checkpoint.size,
            root: signed.checkpoint.root.to_string(),
            witnesses: quorum.cosigned.into_iter().map(|(name, _)| name).collect(),
        },
    ))
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "结论 verdict　{}（{}）", words::receipt(self.verdict), self.verdict)?;
        writeln!(f, "账本 ledger　{}", self.ledger)?;
        match &self.shown {
            None => writeln!(f, "原因 reason　{}", self.what)?,
            Some(e) => {
                writeln!(f, "条目 entry　{} 第 {} 号　{}　{}", e.unit, e.seq, e.kind, e.title)?;
                writeln!(
                    f,
                    "位置 place　叶子 leaf {}，存证点共 {} 个叶子 leaves，根 root {}",
                    e.index, e.size, e.root
                )?;
                if !e.witnesses.is_empty() {
                    writeln!(f, "见证人 witnesses　{}", e.witnesses.join("，"))?;
                }
            }
        }
        writeln!(f, "没有查的 not checked")?;
        self.not_checked.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}
