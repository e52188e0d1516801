//! Key files: what opens, what does not, and what each failure says.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use keys::{Cost, KeyError, Passphrase, Role, Signer, file};
use ledger::note::VerifierKey;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::pkcs5::pbes2;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, SecretDocument};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

const NAME: &str = "mazhang.example/ledger/authority/a";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

fn good() -> Passphrase {
    passphrase("稻花香里说丰年一")
}

fn write(folder: &Path) -> (PathBuf, Signer) {
    let signer = Signer::generate(NAME, Role::Authority, keys::system_random).unwrap();
    let path = folder.join("authority.key");
    file::write(&path, &signer, &good(), Cost::Light).unwrap();
    (path, signer)
}

fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, change(text)).unwrap();
}

#[test]
fn a_file_opens_with_its_passphrase_and_with_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    let opened = file::open(&path, &good()).unwrap();
    assert_eq!(opened.vkey(), signer.vkey());
    let shown = file::show(&path).unwrap();
    assert_eq!((&shown.vkey, shown.role), (signer.vkey(), Role::Authority));
    for wrong in ["", "稻花香里说丰年", "稻花香里说丰年一 "] {
        let error = file::open(&path, &passphrase(wrong)).unwrap_err();
        assert!(matches!(error, KeyError::WrongPassphrase { .. }), "{error}");
    }
}

#[cfg(unix)]
/// SPEC K-01.
#[test]
fn a_new_file_is_its_owners_alone_and_a_shared_one_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = write(folder.path());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o604, 0o640, 0o602] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(file::open(&path, &good()), Err(KeyError::Readable { mode: m, .. }) if m == mode));
        assert!(matches!(file::show(&path), Err(KeyError::Readable { .. })));
    }
}

#[test]
fn every_changed_character_is_called_damage_and_not_a_wrong_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = write(folder.path());
    let whole = std::fs::read_to_string(&path).unwrap();
    for (at, c) in whole.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
        let other = if c == 'A' { "B" } else { "A" };
        rewrite(&path, |_| format!("{}{other}{}", &whole[..at], &whole[at + 1..]));
        let error = file::open(&path, &good()).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }), "at {at}: {error}");
    }
    for cut in [0, 10, whole.len() / 2, whole.len() - 1] {
        let cut = (cut..).find(|c| whole.is_char_boundary(*c)).unwrap();
        rewrite(&path, |_| whole[..cut].to_owned());
        assert!(matches!(file::show(&path), Err(KeyError::Damaged { .. })));
    }
    std::fs::write(&path, [0xFF, 0xFE, 0x00]).unwrap();
    assert!(matches!(file::show(&path), Err(KeyError::Damaged { .. })));
    std::fs::write(&path, vec![b'a'; 20_000]).unwrap();
    assert!(matches!(file::show(&path), Err(KeyError::Damaged { .. })));
}

#[test]
fn windows_line_ends_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    rewrite(&path, |text| text.replace('\n', "\r\n"));
    let opened = file::open(&path, &good()).unwrap();
    assert_eq!(opened.vkey(), signer.vkey());
}

#[test]
fn nothing_is_overwritten_and_weak_passphrases_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    let again = file::write(&path, &signer, &passphrase("another passphrase"), Cost::Light);
    assert!(matches!(again, Err(KeyError::Exists { .. })));
    for weak in ["", "1234567", "aaaaaaaaaaaa", "稻花香里说丰年"] {
        let other = folder.path().join("other.key");
        let made = file::write(&other, &signer, &passphrase(weak), Cost::Light);
        assert!(matches!(made, Err(KeyError::WeakPassphrase)), "{weak}");
        assert!(!other.exists());
    }
}

#[test]
fn the_passphrase_can_be_changed_and_a_failed_change_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    let (old, new) = (good(), passphrase("听取蛙声一片呀呀"));
    assert!(matches!(
        file::change_passphrase(&path, &passphrase("不是这个口令的啊"), &new, Cost::Light),
        Err(KeyError::WrongPassphrase { .. })
    ));
    assert!(matches!(
        file::change_passphrase(&path, &old, &passphrase("short"), Cost::Light),
        Err(KeyError::WeakPassphrase)
    ));
    file::open(&path, &old).unwrap();
    file::change_passphrase(&path, &old, &new, Cost::Light).unwrap();
    assert!(matches!(file::open(&path, &old), Err(KeyError::WrongPassphrase { .. })));
    assert_eq!(file::open(&path, &new).unwrap().vkey(), signer.vkey());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A file as an attacker would write it: any header, any PEM, a checksum that fits.
fn forge(path: &Path, head: &str, pem: &str) {
    let digest = Sha256::new().chain_update(head).chain_update(pem).finalize();
    let check: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    std::fs::write(path, format!("{head}check: {check}\n\n{pem}")).unwrap();
}

#[test]
fn a_public_key_swapped_in_the_header_is_damage_and_a_new_name_is_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let (_, pem) = text.split_once("\n\n").unwrap();
    let other = Signer::from_secret(NAME, Role::Authority, &[1; 32]).unwrap();
    forge(&path, &format!("#\nname: {NAME}\nvkey: {}\n", other.vkey()), pem);
    let error = file::open(&path, &good()).unwrap_err();
    assert!(matches!(error, KeyError::Damaged { .. }), "{error}");
    // Whoever can write the file can rename the key; what comes out is a vkey that nobody has enrolled.
    let name = "mazhang.example/ledger/authority/b";
    let renamed = VerifierKey::ed25519(name, signer.vkey().key().try_into().unwrap()).unwrap();
    forge(&path, &format!("#\nname: {name}\nvkey: {renamed}\n"), pem);
    let opened = file::open(&path, &good()).unwrap();
    assert_eq!(opened.vkey(), &renamed);
    assert_ne!(opened.vkey().id(), signer.vkey().id());
}

#[test]
fn a_file_that_asks_for_hours_of_work_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, signer) = write(folder.path());
    let head = format!("#\nname: {NAME}\nvkey: {}\n", signer.vkey());
    let parameters = pbes2::Parameters {
        kdf: pbes2::ScryptParams {
            salt: pbes2::Salt::new([0; 16]).unwrap(),
            cost_parameter: 1 << 30,
            block_size: 8,
            parallelization: 1,
            key_length: None,
        }
        .into(),
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] },
    };
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&[0; 48]).unwrap(),
    };
    let pem = SecretDocument::encode_msg(&info).unwrap().to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF);
    forge(&path, &head, &pem.unwrap());
    assert!(matches!(file::open(&path, &good()), Err(KeyError::Damaged { .. })));
    forge(&path, &head, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert!(matches!(file::open(&path, &good()), Err(KeyError::Damaged { .. })));
}

#[test]
fn golden_messages() {
    let path = PathBuf::from("镇章.key");
    let golden = [
        (
            KeyError::NotFound { path: path.clone() },
            "没有这个密钥文件：镇章.key。请检查路径 / no such key file: check the path",
        ),
        (
            KeyError::Readable { path: path.clone(), mode: 0o644 },
            "密钥文件 镇章.key 可被其他人读取（权限 644），未打开。请运行：chmod 600 镇章.key / others can read the key file; run chmod 600 on it, and think of making a new key",
        ),
        (
            KeyError::Damaged {
                path: path.clone(),
                what: "校验码不符，内容被改动过 / its checksum does not fit, something was changed",
            },
            "密钥文件 镇章.key 已损坏：校验码不符，内容被改动过 / its checksum does not fit, something was changed。请用备份的密钥文件 / the key file is damaged: use your backup copy",
        ),
        (
            KeyError::WrongPassphrase { path: path.clone() },
            "口令不对，没有打开 镇章.key。请重新输入 / wrong passphrase: nothing was opened, try again",
        ),
        (
            KeyError::WeakPassphrase,
            "口令太弱：至少 8 个字，且至少 4 个不同的字 / the passphrase is too weak: at least 8 characters, 4 of them different",
        ),
        (
            KeyError::Exists { path },
            "镇章.key 已存在，密钥文件从不覆盖。请换一个文件名 / the file exists, and key files are never overwritten: choose another name",
        ),
    ];
    for (error, message) in golden {
        assert_eq!(error.to_string(), message);
    }
}
