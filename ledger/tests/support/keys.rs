//! Keys with fixed seeds: the same in every run and in every vector file.

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::cosignature;
use ledger::note::{Signature, VerifierKey};

/// A key that signs.
#[derive(Clone)]
pub struct Key {
    pub vkey: VerifierKey,
    secret: SigningKey,
}

impl Key {
    /// A note signer (`0x01`).
    pub fn note(name: &str, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        Key { vkey: VerifierKey::ed25519(name, secret.verifying_key().as_bytes()).unwrap(), secret }
    }

    /// A cosigner (`0x04`).
    pub fn cosigner(name: &str, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        Key { vkey: VerifierKey::cosigner(name, secret.verifying_key().as_bytes()).unwrap(), secret }
    }

    pub fn name(&self) -> &str {
        self.vkey.name()
    }

    /// A signature line over a note's text.
    pub fn sign(&self, text: &str) -> Signature {
        let bytes = self.secret.sign(text.as_bytes()).to_bytes().to_vec();
        Signature { name: self.name().to_owned(), id: self.vkey.id(), bytes }
    }

    /// A cosignature line over a checkpoint's text.
    pub fn cosign(&self, time: u64, text: &str) -> Signature {
        let signature = self.secret.sign(cosignature::message(time, text).as_bytes()).to_bytes();
        cosignature::assemble(&self.vkey, time, &signature)
    }
}
