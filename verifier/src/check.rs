//! Checking a receipt: one entry's inclusion, offline (SPEC section 2.8).

use client::Trust;
use ledger::charter::LedgerId;
use ledger::entry::Entry;
use ledger::policy::Policy;
use ledger::proof::{TlogProof, TlogProofError};
use ledger::verdict::Code;
use serde::Serialize;
use std::fmt;

const NOT_CHECKED: &[&str] = &[
    "是不是全部条目 / whether there are other entries: a receipt says nothing about completeness",
    "条目上的印章 / the seals on the entry: they need the registry; audit checks them",
    "内容是否属实 / whether what it says is true",
];

/// What a receipt shows.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The verdict's stable name.
    pub verdict: String,
    /// Why, when it does not hold.
    pub what: String,
    /// Ledger id of the entry.
    pub ledger: String,
    /// Unit and number.
    pub entry: String,
    /// Title or summary of the entry.
    pub title: String,
    /// Leaf index.
    pub index: u64,
    /// Size of the signed head.
    pub size: u64,
    /// Witnesses that cosigned.
    pub witnesses: Vec<String>,
    /// What was not checked.
    pub not_checked: Vec<&'static str>,
}

impl Checked {
    /// The verdict.
    pub fn code(&self) -> Code {
        Code::of_name(&self.verdict).unwrap_or(Code::CannotCheck)
    }
}

/// Judges a receipt. Whatever does not verify is CANNOT_SHOW: a file handed in proves nothing about a log.
pub fn check(bytes: &[u8], trust: &Trust) -> Checked {
    let blank = Checked {
        verdict: Code::CannotShow.name().to_owned(),
        what: String::new(),
        ledger: trust.origin.clone(),
        entry: String::new(),
        title: String::new(),
        index: 0,
        size: 0,
        witnesses: Vec::new(),
        not_checked: NOT_CHECKED.to_vec(),
    };
    judge(bytes, trust, &blank).unwrap_or_else(|what| Checked { what, ..blank })
}

fn judge(bytes: &[u8], trust: &Trust, blank: &Checked) -> Result<Checked, String> {
    let proof = TlogProof::parse(bytes).map_err(|e| format!("不是凭据文件 / {e}"))?;
    let leaf = proof.extra.as_ref().ok_or("凭据里没有条目 / the receipt does not carry its entry")?;
    let signed = proof.verify(leaf).map_err(|e| match e {
        TlogProofError::Inclusion(e) => {
            format!("条目不在这个存证点之下 / the entry is not under this checkpoint: {e}")
        }
        e => e.to_string(),
    })?;
    // LIMIT: only the first log key is known here; a receipt signed after a log key change needs the audit.
    signed
        .verify_log(&trust.log)
        .map_err(|e| format!("存证点不是信任文件里的账本所签 / not signed by the trusted log: {e}"))?;
    let entry =
        Entry::of_leaf(leaf).map_err(|e| format!("凭据里的叶子不是条目 / the leaf is no entry: {e}"))?;
    let ledger = LedgerId::new(&trust.origin, &trust.charter);
    if entry.envelope.ledger != ledger {
        return Err(format!("条目属于另一个账本 {} / the entry is of another ledger", entry.envelope.ledger));
    }
    let policy =
        Policy::parse(&trust.policy).map_err(|e| format!("信任文件的见证规则不可读 / policy: {e}"))?;
    let quorum = policy.evaluate(&signed);
    let code = match () {
        () if policy.is_none() => Code::OkUnwitnessed,
        () if !quorum.met => Code::OkNotWitnessed,
        () if !quorum.replayed => Code::OkNotReplayed,
        () => Code::OkFirstVisit,
    };
    Ok(Checked {
        verdict: code.name().to_owned(),
        ledger: ledger.to_string(),
        entry: format!("{} 第 {} 号", entry.unit(), entry.seq()),
        title: entry.title.or(entry.summary).unwrap_or_default(),
        index: proof.index,
        size: signed.checkpoint.size,
        witnesses: quorum.cosigned.into_iter().map(|(name, _)| name).collect(),
        ..blank.clone()
    })
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code().holds() {
            writeln!(f, "成立：这个条目在账本里，字节没有改动（{}）/ holds", self.verdict)?;
            writeln!(f, "账本：{}", self.ledger)?;
            writeln!(f, "条目：{}　{}", self.entry, self.title)?;
            writeln!(f, "位置：叶子 {}，存证点共 {} 个叶子", self.index, self.size)?;
            match self.witnesses.as_slice() {
                [] => writeln!(f, "见证人：没有 / no witnesses")?,
                names => writeln!(f, "见证人：{}", names.join("，"))?,
            }
        } else {
            writeln!(f, "不成立：{}（{}）/ does not verify", self.what, self.verdict)?;
        }
        writeln!(f, "没有查的：")?;
        self.not_checked.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}
