//! A secret sealed with a passphrase: PKCS#8 `EncryptedPrivateKeyInfo`, PBES2 with scrypt and AES-256-CBC.
//!
//! The costs stay within what OpenSSL opens by default, so a key outlives this program:
//! `openssl pkey -in FILE -noout -text`.

use crate::error::KeyError;
use crate::passphrase::Passphrase;
use crate::signer::system_random;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, KeypairBytes};
use pkcs8::der::Decode;
use pkcs8::der::pem::PemLabel;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2;
use pkcs8::{EncodePrivateKey, EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

/// What guessing a passphrase costs: scrypt's N, r and p. Written into the file; the reader takes any cost
/// within its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cost {
    /// N = 2^14, r = 8, p = 5 (OWASP's scrypt setting for 16 MiB): about a quarter of a second.
    #[default]
    Interactive,
    /// N = 2^10, r = 8, p = 1: for tests and throwaway keys only. No program offers it.
    Light,
}

/// Bounds of what the reader takes: 64 MiB of memory and a few seconds.
const MAX_N: u64 = 1 << 16;
const MAX_R: u16 = 8;
const MAX_P: u16 = 16;

/// Why a sealed secret did not open.
pub(crate) enum OpenError {
    /// Not the PEM of a sealed key, or with costs out of bounds.
    Damaged(&'static str),
    /// The passphrase does not fit.
    WrongPassphrase,
}

/// Seals a secret; returns the PEM.
pub(crate) fn seal(secret: &[u8; 32], passphrase: &Passphrase, cost: Cost) -> Result<String, KeyError> {
    let (n, p) = match cost {
        Cost::Interactive => (1 << 14, 5),
        Cost::Light => (1 << 10, 1),
    };
    let (mut salt, mut iv) = ([0u8; 16], [0u8; 16]);
    system_random(&mut salt)?;
    system_random(&mut iv)?;
    let kdf = pbes2::ScryptParams {
        salt: pbes2::Salt::new(salt).map_err(|_| KeyError::Sealing)?,
        cost_parameter: n,
        block_size: 8,
        parallelization: p,
        key_length: None,
    };
    let parameters =
        pbes2::Parameters { kdf: kdf.into(), encryption: pbes2::EncryptionScheme::Aes256Cbc { iv } };
    let plain = KeypairBytes { secret_key: *secret, public_key: None }
        .to_pkcs8_der()
        .map_err(|_| KeyError::Sealing)?;
    let pem = PrivateKeyInfoRef::from_der(plain.as_bytes())
        .map_err(pkcs8::Error::from)
        .and_then(|info| info.encrypt_with_params(parameters, passphrase.as_bytes()))
        .map_err(|_| KeyError::Sealing)?
        .to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
        .map_err(|_| KeyError::Sealing)?;
    Ok(pem.to_string())
}

/// Opens a sealed secret.
pub(crate) fn open(pem: &str, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let document = SecretDocument::from_pem(pem)
        .ok()
        .filter(|(label, _)| *label == EncryptedPrivateKeyInfoRef::PEM_LABEL)
        .map(|(_, document)| document)
        .ok_or(OpenError::Damaged("PEM 部分不可读 / the PEM part can't be read"))?;
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|_| OpenError::Damaged("不是加密的 PKCS#8 / not an encrypted PKCS#8 key"))?;
    if !within_bounds(&info.encryption_algorithm) {
        return Err(OpenError::Damaged(
            "加密方式或强度不在允许范围 / its encryption or cost is not one this program takes",
        ));
    }
    let plain = info.decrypt(passphrase.as_bytes()).map_err(|_| OpenError::WrongPassphrase)?;
    let key = SigningKey::from_pkcs8_der(plain.as_bytes()).map_err(|_| OpenError::WrongPassphrase)?;
    Ok(Zeroizing::new(key.to_bytes()))
}

/// Only scrypt within bounds and AES-256-CBC: a made-up file can't make us work for hours.
fn within_bounds(scheme: &EncryptionScheme) -> bool {
    let Some(parameters) = scheme.pbes2() else { return false };
    let Some(scrypt) = parameters.kdf.scrypt() else { return false };
    matches!(parameters.encryption, pbes2::EncryptionScheme::Aes256Cbc { .. })
        && scrypt.cost_parameter <= MAX_N
        && scrypt.block_size <= MAX_R
        && scrypt.parallelization <= MAX_P
}
