//! Seals: what an enrolled one is, what its signature is worth, and why signatures do not suffice (SPEC section 5).
//!
//! Which of them counts where is for [`crate::registry`].

use crate::note::VerifierKey;
use crate::unit::{Scope, UnitId};

/// Role of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealRole {
    /// 镇章: the town's bookkeeping office.
    Township,
    /// 监督章: the village supervision committee.
    Supervision,
}

impl SealRole {
    /// The role of a stable English key.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "township" => Some(Self::Township),
            "supervision" => Some(Self::Supervision),
            _ => None,
        }
    }

    /// The stable English key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Township => "township",
            Self::Supervision => "supervision",
        }
    }
}

/// An enrolled seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Its key.
    pub key: VerifierKey,
    /// Its role.
    pub role: SealRole,
    /// The units it may sign for.
    pub scope: Scope,
    /// The office that holds it.
    pub holder: String,
    /// Leaf index of its enrolment; it counts for entries above.
    pub since: u64,
    /// Logged time of its enrolment, Unix seconds.
    pub since_time: u64,
    /// Leaf index of its revocation or rotation; it counts for entries below.
    pub until: Option<u64>,
    /// From this logged time on its entries are marked.
    pub compromised_from: Option<u64>,
}

/// Why the signatures under an entry do not suffice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// A signature line of a key that nobody enrolled.
    #[error("签名密钥 {name} 没有登记 / the key {name} is not enrolled")]
    Unknown {
        /// Key name of the line.
        name: String,
    },
    /// A signature that does not verify.
    #[error("{name} 的签名不对 / the signature of {name} does not verify")]
    Signature {
        /// Key name of the line.
        name: String,
    },
    /// A key that is enrolled but may not sign this entry here.
    #[error("{name} 在这里不能用：{why} / {name} may not sign here")]
    NotHere {
        /// Key name.
        name: String,
        /// Why: role, scope or position.
        why: &'static str,
    },
    /// A seal that the item demands is missing.
    #[error("缺少{}章 / the {role} seal is missing", zh(role))]
    Missing {
        /// The role.
        role: &'static str,
    },
    /// Too few authority keys.
    #[error("授权机关签名 {given} 个，需要 {wanted} 个 / {given} authority keys signed, {wanted} must")]
    Authority {
        /// Valid authority signatures.
        given: usize,
        /// The threshold in force.
        wanted: usize,
    },
    /// A new key has not signed its own enrolment.
    #[error("新密钥 {name} 没有在自己的登记上签名 / the new key {name} has not signed its own enrolment")]
    Possession {
        /// Key name.
        name: String,
    },
    /// The key, or its name and id, was used before.
    #[error("密钥 {name} 已经登记过 / the key {name}, or its name and id, was enrolled before")]
    Reused {
        /// Key name.
        name: String,
    },
    /// The unit is of another district.
    #[error("单位 {unit} 不属于本账本的区县 / unit {unit} is not of this ledger's district")]
    Foreign {
        /// The unit.
        unit: UnitId,
    },
    /// An act in a registry where it does not belong.
    #[error("这项登记不应放在 {unit} / this act does not belong in registry {unit}")]
    Misplaced {
        /// The registry in which it stands.
        unit: UnitId,
    },
    /// The unit has no profile.
    #[error("单位 {unit} 没有登记 / unit {unit} has no profile in its registry")]
    UnitUnknown {
        /// The unit.
        unit: UnitId,
    },
    /// The unit is closed.
    #[error("单位 {unit} 已经终止 / unit {unit} is closed")]
    UnitClosed {
        /// The unit.
        unit: UnitId,
    },
}

/// What valid signatures are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Signed by a seal after it was compromised and before its revocation.
    pub marked: bool,
    /// Logged time of the youngest seal that was needed; 0 for authority acts.
    pub youngest_seal: u64,
}

/// A role as its seal is called: 镇章, 监督章.
fn zh(role: &str) -> &'static str {
    match role {
        "township" => "镇",
        "supervision" => "监督",
        _ => "印",
    }
}
