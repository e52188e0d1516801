//! Key files: a readable header (name, public key, checksum) and the sealed secret as PEM.
//!
//! ```text
//! # 村务阳光账本密钥文件，以口令封存 / Village Ledger key file, sealed with a passphrase
//! name: mazhang.example/ledger/authority/a
//! vkey: mazhang.example/ledger/authority/a+1a2b3c4d+AQ…
//! check: 0f1e2d3c4b5a6978
//!
//! -----BEGIN ENCRYPTED PRIVATE KEY-----
//! …
//! ```
//!
//! The checksum tells a damaged file from a wrong passphrase; the public key is held against the secret on
//! every opening.

use crate::error::KeyError;
use crate::passphrase::Passphrase;
use crate::role::Role;
use crate::sealed::{self, Cost, OpenError};
use crate::signer::Signer;
use ledger::note::VerifierKey;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const TITLE: &str = "# 村务阳光账本密钥文件，以口令封存 / Village Ledger key file, sealed with a passphrase";
/// Largest key file in bytes.
const MAX_FILE: u64 = 16 * 1024;

/// What a key file says to anyone, without its passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The public key, its name inside.
    pub vkey: VerifierKey,
    /// The role that name and key type give.
    pub role: Role,
}

/// Writes a new key file, readable by its owner only, and on disk when this returns.
///
/// # Errors
/// [`KeyError::WeakPassphrase`], [`KeyError::Exists`], [`KeyError::Io`].
pub fn write(path: &Path, signer: &Signer, passphrase: &Passphrase, cost: Cost) -> Result<(), KeyError> {
    passphrase.check_strength()?;
    write_new(path, &render(signer, passphrase, cost)?)
}

/// Reads the header of a key file.
///
/// # Errors
/// [`KeyError::NotFound`], [`KeyError::Readable`], [`KeyError::Damaged`], [`KeyError::Io`].
pub fn show(path: &Path) -> Result<Header, KeyError> {
    Ok(read(path)?.0)
}

/// Opens a key file.
///
/// # Errors
/// As [`show`], and [`KeyError::WrongPassphrase`].
pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Signer, KeyError> {
    let damaged = |what| KeyError::Damaged { path: path.to_owned(), what };
    let (header, pem) = read(path)?;
    let secret = sealed::open(&pem, passphrase).map_err(|e| match e {
        OpenError::Damaged(what) => damaged(what),
        OpenError::WrongPassphrase => KeyError::WrongPassphrase { path: path.to_owned() },
    })?;
    let signer = Signer::from_secret(header.vkey.name(), header.role, &secret)?;
    if *signer.vkey() != header.vkey {
        return Err(damaged("公钥与私钥不是一对 / the public key is not that of the secret"));
    }
    Ok(signer)
}

/// Seals a key file anew under another passphrase. The old file stays whole until the new one is on disk.
///
/// # Errors
/// As [`open`] and [`write`].
pub fn change_passphrase(
    path: &Path,
    old: &Passphrase,
    new: &Passphrase,
    cost: Cost,
) -> Result<(), KeyError> {
    let signer = open(path, old)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write(&beside, &signer, new, cost)?;
    std::fs::rename(&beside, path).map_err(io(path, "换上新文件"))?;
    sync_folder(path)
}

fn render(signer: &Signer, passphrase: &Passphrase, cost: Cost) -> Result<String, KeyError> {
    let pem = sealed::seal(&signer.secret(), passphrase, cost)?;
    let head = format!("{TITLE}\nname: {}\nvkey: {}\n", signer.name(), signer.vkey());
    Ok(format!("{head}check: {}\n\n{pem}", checksum(&head, &pem)))
}

/// First 8 bytes of SHA-256 over header and PEM: against damage, not against people.
fn checksum(head: &str, pem: &str) -> String {
    let digest = Sha256::new().chain_update(head).chain_update(pem).finalize();
    hex::encode(digest).get(..16).unwrap_or_default().to_owned()
}

fn read(path: &Path) -> Result<(Header, String), KeyError> {
    let found = std::fs::metadata(path).map_err(io(path, "读取"))?;
    private(path, &found)?;
    let damaged = |what| KeyError::Damaged { path: path.to_owned(), what };
    if found.len() > MAX_FILE {
        return Err(damaged("文件太大，不是密钥文件 / too large for a key file"));
    }
    let bytes = std::fs::read(path).map_err(io(path, "读取"))?;
    // Windows editors leave \r\n behind; the checksum is over \n.
    let text = String::from_utf8(bytes)
        .map(|t| t.replace("\r\n", "\n"))
        .map_err(|_| damaged("不是文本 / not text"))?;
    parse(&text).map_err(damaged)
}

fn parse(text: &str) -> Result<(Header, String), &'static str> {
    let (head, pem) = text.split_once("\n\n").ok_or("没有文件头 / no header")?;
    let (head, check) = head.split_once("\ncheck: ").ok_or("没有校验码 / no checksum")?;
    let head = format!("{head}\n");
    if checksum(&head, pem) != check {
        return Err("校验码不符，内容被改动过 / its checksum does not fit, something was changed");
    }
    let field = |name: &str| head.lines().find_map(|l| l.strip_prefix(name));
    let (name, vkey) = (field("name: "), field("vkey: ").and_then(|v| VerifierKey::parse(v).ok()));
    let vkey = vkey
        .filter(|v| Some(v.name()) == name)
        .ok_or("名称或公钥不可读 / name or public key can't be read")?;
    let role = if vkey.is_cosigner() { Ok(Role::Cosigner) } else { Role::of_name(vkey.name()) };
    Ok((Header { vkey, role: role.map_err(|_| "名称没有职责 / its name has no role")? }, pem.to_owned()))
}

fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| match source.kind() {
        std::io::ErrorKind::NotFound if doing == "读取" => KeyError::NotFound { path },
        _ => KeyError::Io { path, doing, source },
    }
}

/// Refuses a file that group or others can touch.
#[cfg(unix)]
fn private(path: &Path, found: &std::fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Readable { path: path.to_owned(), mode });
    }
    Ok(())
}

// LIMIT: on Windows the folder's access list decides; it is not looked at.
#[cfg(not(unix))]
fn private(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

fn write_new(path: &Path, text: &str) -> Result<(), KeyError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
        _ => KeyError::Io { path: path.to_owned(), doing: "新建", source },
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io(path, "写入"))?;
    sync_folder(path)
}

/// A new name is durable once its folder is.
fn sync_folder(path: &Path) -> Result<(), KeyError> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(io(folder, "落盘"))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
