//! What can go wrong with keys, said so that the holder knows what to do. No variant carries a secret.

use std::path::PathBuf;

/// Why a key can't be made, opened or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name fits no role.
    #[error("密钥名称“{name}”不能用：{why}")]
    Name {
        /// The name given.
        name: String,
        /// What is wrong, in Chinese and English.
        why: &'static str,
    },
    /// A key signs only what its role allows.
    #[error(
        "{role}“{name}”不能签署以“{first_line}”开头的内容，请换用有此职责的密钥 / this {role_key} key may not sign a text that begins so; use the key whose role it is"
    )]
    NotAllowed {
        /// Name of the key.
        name: String,
        /// Its role as people call it.
        role: &'static str,
        /// Its role's English key.
        role_key: &'static str,
        /// First line of the text.
        first_line: String,
    },
    /// The text is not one that can be signed at all.
    #[error("这份内容不能签署：{what}")]
    Text {
        /// What is wrong, in Chinese and English.
        what: String,
    },
    /// There is no such key file.
    #[error("没有这个密钥文件：{path}。请检查路径 / no such key file: check the path", path = path.display())]
    NotFound {
        /// The path tried.
        path: PathBuf,
    },
    /// Group or others may read the file.
    #[error(
        "密钥文件 {path} 可被其他人读取（权限 {mode:03o}），未打开。请运行：chmod 600 {path} / others can read the key file; run chmod 600 on it, and think of making a new key",
        path = path.display()
    )]
    Readable {
        /// The path.
        path: PathBuf,
        /// Permission bits.
        mode: u32,
    },
    /// The file is not as it was written.
    #[error(
        "密钥文件 {path} 已损坏：{what}。请用备份的密钥文件 / the key file is damaged: use your backup copy",
        path = path.display()
    )]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The passphrase does not open the file.
    #[error("口令不对，没有打开 {path}。请重新输入 / wrong passphrase: nothing was opened, try again", path = path.display())]
    WrongPassphrase {
        /// The path.
        path: PathBuf,
    },
    /// A new passphrase is too weak.
    #[error("口令太弱：至少 {min} 个字，且至少 4 个不同的字 / the passphrase is too weak: at least {min} characters, 4 of them different", min = crate::passphrase::MIN_LENGTH)]
    WeakPassphrase,
    /// The two passphrases typed are not the same.
    #[error("两次输入的口令不同，请重来 / the two passphrases differ, start again")]
    PassphrasesDiffer,
    /// No passphrase could be had.
    #[error(
        "读不到口令（{from}）：{source} / can't read the passphrase; give --passphrase-file FILE, or type it at a terminal"
    )]
    Passphrase {
        /// Where it was looked for.
        from: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Key files are never overwritten.
    #[error("{path} 已存在，密钥文件从不覆盖。请换一个文件名 / the file exists, and key files are never overwritten: choose another name", path = path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{path}：{doing}失败：{source} / {path}: the system refused", path = path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What was tried, in Chinese.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no randomness.
    #[error("系统没有提供随机数，没有生成密钥 / the system gave no randomness, no key was made")]
    Random,
    /// The sealing library refused its own parameters.
    #[error("密钥封存失败 / sealing the key failed")]
    Sealing,
}

impl KeyError {
    /// Exit code of a command that ends with this: 1 refused, 2 could not find out.
    pub fn exit_code(&self) -> u8 {
        match self {
            KeyError::NotFound { .. }
            | KeyError::Io { .. }
            | KeyError::Random
            | KeyError::Sealing
            | KeyError::Passphrase { .. } => 2,
            _ => 1,
        }
    }
}
