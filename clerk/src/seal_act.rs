//! Acts on seals: enrolled, rotated, revoked.

use crate::cell;
use crate::failure::Failure;
use crate::office::{self, Act};
use client::LedgerApi;
use ledger::json::Object;
use ledger::note::VerifierKey;
use ledger::registry::SealRole;
use ledger::time::SHANGHAI;
use ledger::unit::Scope;

/// What is done with a seal.
#[derive(Clone, Debug)]
pub enum SealAct {
    /// A new seal with its holder.
    Add {
        /// The key.
        key: VerifierKey,
        /// The office that holds it.
        holder: String,
    },
    /// A new key in the place of an old one.
    Rotate {
        /// The new key.
        key: VerifierKey,
        /// The old one.
        old: Box<VerifierKey>,
        /// The office; that of the old one when not given.
        holder: Option<String>,
    },
    /// No more.
    Revoke {
        /// The key.
        old: VerifierKey,
        /// Entries from this day on (`YYYY-MM-DD`) are marked.
        compromised_from: Option<String>,
    },
}

impl SealAct {
    /// The act for its registry, which is asked for the old seal's holder where that is needed.
    ///
    /// # Errors
    /// [`Failure`]: a key that is no seal's, a seal that is not enrolled, a date that is none.
    pub fn act(&self, api: &LedgerApi) -> Result<Act, Failure> {
        let key = match self {
            SealAct::Add { key, .. } | SealAct::Rotate { key, .. } | SealAct::Revoke { old: key, .. } => key,
        };
        let (scope, role) = parts(key)?;
        let registry = scope.registry().ok_or_else(|| no_seal(key))?;
        let holder = match self {
            SealAct::Add { holder, .. } | SealAct::Rotate { holder: Some(holder), .. } => holder.clone(),
            SealAct::Rotate { old, .. } => holder_of(api, &registry, old)?,
            SealAct::Revoke { old, .. } => holder_of(api, &registry, old)?,
        };
        let from = match self {
            SealAct::Revoke { compromised_from: Some(text), .. } => Some(day(text)?),
            _ => None,
        };
        let (act, word, replaces) = match self {
            SealAct::Add { .. } => ("add", "登记", None),
            SealAct::Rotate { old, .. } => ("rotate", "更换", Some(old.to_string())),
            SealAct::Revoke { .. } => ("revoke", "吊销", None),
        };
        let body = Object::new()
            .with("act", act)
            .with("vkey", key.to_string())
            .with("role", role.name())
            .with("scope", scope.as_str())
            .with("holder", holder.as_str())
            .with_some("replaces", replaces)
            .with_some("compromised_from", from);
        let name = if role == SealRole::Township { "镇章" } else { "监督章" };
        Ok(Act { registry, kind: "seal", title: format!("{word}{name}：{holder}"), body })
    }
}

/// Scope and role in a seal's name.
fn parts(key: &VerifierKey) -> Result<(Scope, SealRole), Failure> {
    let mut parts = key.name().rsplit('/');
    let role = parts.next().and_then(SealRole::parse);
    let scope = parts.next().and_then(Scope::parse);
    scope.zip(role).ok_or_else(|| no_seal(key))
}

fn no_seal(key: &VerifierKey) -> Failure {
    Failure::refused(format!(
        "{} 不是印章密钥，名称应以 /seal/<范围>/township 或 supervision 结尾 / not a seal's key",
        key.name()
    ))
}

fn holder_of(api: &LedgerApi, registry: &ledger::unit::UnitId, old: &VerifierKey) -> Result<String, Failure> {
    let old = old.to_string();
    let past = office::past(api, registry)?;
    let enrolled = past.iter().rfind(|e| e.kind() == "seal" && e.body().text_of("vkey") == Some(&old));
    enrolled.and_then(|e| e.body().text_of("holder")).map(str::to_owned).ok_or_else(|| {
        Failure::refused(format!("登记簿 {registry} 里没有这枚印章：{old} / the registry has no such seal"))
    })
}

/// Midnight in Asia/Shanghai at the beginning of a day, Unix seconds.
fn day(text: &str) -> Result<i64, Failure> {
    let date = cell::date(text).ok_or_else(|| {
        Failure::refused(format!("写的是“{text}”，应为日期，如 2026-01-06 / want a date such as 2026-01-06"))
    })?;
    Ok(date.days() * 86_400 - SHANGHAI as i64)
}
