//! Checking a receipt: one entry's inclusion, offline (SPEC section 2.8), and what is handed in beside it.

use crate::held::{File, Opened};
use crate::report::by_name;
use crate::row::Shown as RowShown;
use crate::words;
use client::Trust;
use ledger::entry::{Entry, Envelope};
use ledger::json::Object;
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
    /// The one row of its list that a household's code opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<RowShown>,
    /// What a file of openings is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openings: Option<Opened>,
    /// The attachment that a file is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<File>,
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

/// A receipt that holds.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// How it holds: one of the calm verdicts.
    pub verdict: Code,
    /// What it shows.
    pub shown: Shown,
    json: Object,
}

impl Receipt {
    /// Judges a receipt.
    ///
    /// # Errors
    /// Why it does not verify.
    pub fn open(bytes: &[u8], trust: &Trust) -> Result<Self, String> {
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
        let verdict = match () {
            () if policy.is_none() => Code::OkUnwitnessed,
            () if !quorum.met => Code::OkNotWitnessed,
            () if !quorum.replayed => Code::OkNotReplayed,
            () => Code::OkFirstVisit,
        };
        let title = leaf.json.text_of("title").or(leaf.json.text_of("summary")).unwrap_or_default();
        let shown = Shown {
            unit: envelope.unit.to_string(),
            seq: envelope.seq,
            kind: envelope.kind,
            title: title.to_owned(),
            index: proof.index,
            size: signed.checkpoint.size,
            root: signed.checkpoint.root.to_string(),
            witnesses: quorum.cosigned.into_iter().map(|(name, _)| name).collect(),
        };
        Ok(Receipt { verdict, shown, json: leaf.json })
    }

    /// Its entry with every field typed.
    ///
    /// # Errors
    /// Which field this program can't read.
    pub fn entry(&self) -> Result<Entry, String> {
        Entry::of(self.json.clone()).map_err(|e| {
            format!("条目有本程序读不了的字段，请升级 / a field of the entry can't be read here: {e}")
        })
    }
}

impl Checked {
    /// What a receipt shows by itself. Whatever does not verify is CANNOT_SHOW: a file handed in convicts nobody.
    pub fn of(receipt: &Result<Receipt, String>, trust: &Trust) -> Self {
        let mut checked = Checked {
            verdict: Code::CannotShow,
            what: String::new(),
            ledger: trust.ledger().to_string(),
            shown: None,
            row: None,
            openings: None,
            attachment: None,
            not_checked: words::RECEIPT.to_vec(),
        };
        match receipt {
            Ok(receipt) => {
                checked.verdict = receipt.verdict;
                checked.shown = Some(receipt.shown.clone());
            }
            Err(what) => checked.what.clone_from(what),
        }
        if checked.verdict == Code::OkUnwitnessed {
            checked.not_checked.push(words::NO_WITNESSES);
        }
        checked
    }

    /// What was handed in beside the receipt does not fit its entry: CANNOT_SHOW.
    pub fn refuse(&mut self, what: String) {
        if self.what.is_empty() {
            (self.verdict, self.what) = (Code::CannotShow, what);
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match &self.shown {
            Some(_) if self.verdict == Code::CannotShow => words::MISFIT,
            _ => words::receipt(self.verdict),
        };
        writeln!(f, "结论 verdict　{says}（{}）", self.verdict)?;
        writeln!(f, "账本 ledger　{}", self.ledger)?;
        if !self.what.is_empty() {
            writeln!(f, "原因 reason　{}", self.what)?;
        }
        if let Some(e) = &self.shown {
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
        self.row.iter().try_for_each(|row| row.fmt(f))?;
        self.openings.iter().try_for_each(|opened| opened.fmt(f))?;
        self.attachment.iter().try_for_each(|file| file.fmt(f))?;
        writeln!(f, "没有查的 not checked")?;
        self.not_checked.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}
