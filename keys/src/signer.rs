//! The signer: an opened key that signs only what its role allows.

use crate::error::KeyError;
use crate::role::Role;
use ed25519_dalek::{Signer as _, SigningKey};
use ledger::checkpoint::Checkpoint;
use ledger::cosignature;
use ledger::leaf::LeafType;
use ledger::note::{Signature, VerifierKey};
use std::fmt;
use zeroize::Zeroizing;

/// Randomness of the operating system, for [`Signer::generate`].
///
/// # Errors
/// [`KeyError::Random`].
pub fn system_random(buffer: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(buffer).map_err(|_| KeyError::Random)
}

/// An opened key. The secret is wiped when it is dropped and shown nowhere.
pub struct Signer {
    key: SigningKey,
    vkey: VerifierKey,
    role: Role,
}

impl Signer {
    /// Makes a new key; `random` fills its secret, normally [`system_random`].
    ///
    /// # Errors
    /// [`KeyError::Name`] when the name is not of that role, or what `random` returned.
    pub fn generate(
        name: &str,
        role: Role,
        random: impl FnOnce(&mut [u8]) -> Result<(), KeyError>,
    ) -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new([0u8; 32]);
        random(secret.as_mut_slice())?;
        Self::from_secret(name, role, &secret)
    }

    /// The key with this secret (the 32 bytes of RFC 8032). Tests with fixed keys use it too.
    ///
    /// # Errors
    /// [`KeyError::Name`] when the name is not of that role.
    pub fn from_secret(name: &str, role: Role, secret: &[u8; 32]) -> Result<Self, KeyError> {
        let of_name = Role::of_name(name)?;
        let fits = of_name == role || (role == Role::Cosigner && of_name == Role::Log);
        let refused = || KeyError::Name {
            name: name.to_owned(),
            why: "名称与职责不符 / the name is not of that role",
        };
        if !fits {
            return Err(refused());
        }
        let key = SigningKey::from_bytes(secret);
        let public = key.verifying_key().to_bytes();
        let vkey = match role {
            Role::Cosigner => VerifierKey::cosigner(name, &public),
            _ => VerifierKey::ed25519(name, &public),
        };
        Ok(Signer { key, vkey: vkey.map_err(|_| refused())?, role })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        self.vkey.name()
    }

    /// The public verifier key.
    pub fn vkey(&self) -> &VerifierKey {
        &self.vkey
    }

    /// The key's role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Signs a note's text (SPEC K-04).
    ///
    /// # Errors
    /// [`KeyError::NotAllowed`] when the role may not sign a text with this first line, [`KeyError::Text`] when
    /// it can't be the text of a note, or begins as a checkpoint and is none.
    pub fn sign_note(&self, text: &str) -> Result<Signature, KeyError> {
        let first_line = text.split('\n').next().unwrap_or_default();
        if !self.role.may_sign(self.name(), first_line) {
            return Err(self.not_allowed(first_line));
        }
        if !text.ends_with('\n') {
            let what = "最后一行没有换行 / its last line does not end in a newline".to_owned();
            return Err(KeyError::Text { what });
        }
        if self.role == Role::Log && first_line == LeafType::Entry.line() && !enrols_a_log_key(text) {
            let what =
                "账本密钥只能在自己的登记（log_key）上签名 / a log key signs no entry but its own enrolment";
            return Err(KeyError::Text { what: what.to_owned() });
        }
        if first_line == self.name() {
            let what = |e| format!("不是存证点 / not a checkpoint: {e}");
            Checkpoint::parse(text).map_err(|e| KeyError::Text { what: what(e) })?;
        }
        let bytes = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        Ok(Signature { name: self.name().to_owned(), id: self.vkey.id(), bytes })
    }

    /// Cosigns a checkpoint's text at a time in Unix seconds (SPEC C-05).
    ///
    /// # Errors
    /// [`KeyError::NotAllowed`] for any key that is not a cosigner's, [`KeyError::Text`] when the text is no
    /// checkpoint.
    pub fn cosign(&self, time: u64, checkpoint_text: &str) -> Result<Signature, KeyError> {
        if self.role != Role::Cosigner {
            return Err(self.not_allowed("cosignature/v1"));
        }
        Checkpoint::parse(checkpoint_text)
            .map_err(|e| KeyError::Text { what: format!("不是存证点 / not a checkpoint: {e}") })?;
        let message = cosignature::message(time, checkpoint_text);
        Ok(cosignature::assemble(&self.vkey, time, &self.key.sign(message.as_bytes()).to_bytes()))
    }

    fn not_allowed(&self, first_line: &str) -> KeyError {
        KeyError::NotAllowed {
            name: self.name().to_owned(),
            role: self.role.zh(),
            role_key: self.role.key(),
            first_line: first_line.chars().take(80).collect(),
        }
    }

    /// The secret, for sealing it into a file.
    pub(crate) fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.vkey)
    }
}

/// Whether a text is a `log_key` act: the one entry that a new log key signs, as proof of possession (SPEC G-03).
fn enrols_a_log_key(text: &str) -> bool {
    let line = text.split('\n').nth(1).and_then(|line| ledger::json::parse(line).ok());
    line.is_some_and(|entry| entry.text_of("kind") == Some("log_key"))
}
