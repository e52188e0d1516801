//! Roles: what a key is for, and the first lines it may sign (SPEC K-04).

use crate::error::KeyError;
use ledger::charter::{is_key_name, is_origin};
use ledger::leaf::LeafType;
use ledger::registry::SealRole;
use ledger::unit::Scope;
use ledger::{poster, upload};

/// What a key is for. One public key has one name and one role, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The log key: its name is the origin. Signs checkpoints, index leaves and the charter.
    Log,
    /// An authority key, `…/authority/<name>`: signs the charter and entries of the registries.
    Authority,
    /// A seal, `…/seal/<scope>/township` or `…/seal/<scope>/supervision`: signs entries and upload
    /// tickets; the town's also posters.
    Seal(SealRole),
    /// A witness or replayer (`0x04`): cosigns checkpoints, never signs notes.
    Cosigner,
}

impl Role {
    /// The role that a note key of this name has.
    ///
    /// # Errors
    /// [`KeyError::Name`] when the name is not of the grammar or fits no role.
    pub fn of_name(name: &str) -> Result<Self, KeyError> {
        let refuse = |why| Err(KeyError::Name { name: name.to_owned(), why });
        if !is_key_name(name) {
            return refuse("只能用小写字母、数字和 . / - / only a-z, 0-9, '.', '/' and '-'");
        }
        let parts: Vec<&str> = name.split('/').collect();
        match parts.as_slice() {
            [.., "seal", scope, role] => match (Scope::parse(scope), SealRole::parse(role)) {
                (Some(_), Some(role)) => Ok(Role::Seal(role)),
                _ => refuse(
                    "印章密钥应以 /seal/<范围>/township 或 supervision 结尾 / a seal's name ends in /seal/<scope>/township or supervision",
                ),
            },
            [_, .., "authority", who] if !who.is_empty() => Ok(Role::Authority),
            parts if parts.contains(&"seal") || parts.contains(&"authority") => {
                refuse("/authority/ 后应有且只有一段 / exactly one part follows /authority/")
            }
            _ if is_origin(name) => Ok(Role::Log),
            _ => refuse("这是保留的前缀 / a reserved beginning"),
        }
    }

    /// Whether a key of this role and name may sign a text that begins with this line. Of entries a log key signs
    /// only its own enrolment; the signer sees to that.
    pub fn may_sign(self, name: &str, first_line: &str) -> bool {
        let leaf = |types: &[LeafType]| types.iter().any(|t| t.line() == first_line);
        match self {
            Role::Log => first_line == name || leaf(&[LeafType::Index, LeafType::Charter, LeafType::Entry]),
            Role::Authority => leaf(&[LeafType::Charter, LeafType::Entry]),
            Role::Seal(role) => {
                let paper = role == SealRole::Township && first_line == poster::TYPE_LINE;
                leaf(&[LeafType::Entry]) || first_line == upload::TYPE_LINE || paper
            }
            Role::Cosigner => false,
        }
    }

    /// The stable English key.
    pub fn key(self) -> &'static str {
        match self {
            Role::Log => "log",
            Role::Authority => "authority",
            Role::Seal(role) => role.name(),
            Role::Cosigner => "cosigner",
        }
    }

    /// What people call it.
    pub fn zh(self) -> &'static str {
        match self {
            Role::Log => "账本密钥",
            Role::Authority => "主管机关密钥",
            Role::Seal(SealRole::Township) => "镇章",
            Role::Seal(SealRole::Supervision) => "监督章",
            Role::Cosigner => "见证密钥",
        }
    }
}
