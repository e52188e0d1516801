//! Passphrases: from a file, the environment, or the terminal without echo. Never from an argument.

use crate::error::KeyError;
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Shortest new passphrase, in characters.
pub const MIN_LENGTH: usize = 8;
/// Longest passphrase, in bytes.
const MAX_BYTES: u64 = 1024;
/// The environment variable that is asked when no file is given.
pub const VARIABLE: &str = "VILLAGE_KEYS_PASSPHRASE";

/// A passphrase; wiped when dropped, shown nowhere.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase as it is.
    pub fn new(text: String) -> Self {
        Passphrase(Zeroizing::new(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Holds a new passphrase against the minimum.
    ///
    /// # Errors
    /// [`KeyError::WeakPassphrase`].
    pub fn check_strength(&self) -> Result<(), KeyError> {
        let mut different: Vec<char> = Vec::new();
        for c in self.0.chars() {
            if different.len() < 4 && !different.contains(&c) {
                different.push(c);
            }
        }
        if self.0.chars().count() < MIN_LENGTH || different.len() < 4 {
            return Err(KeyError::WeakPassphrase);
        }
        Ok(())
    }

    /// Reads the first line of a file, without its line end and byte order mark.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] when it can't be read, is not UTF-8 or holds more than one line.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Passphrase { from: path.display().to_string(), source };
        let invalid = |what| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > MAX_BYTES {
            return Err(invalid("文件太大 / the file is too large"));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
        let line = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains(['\n', '\r']) {
            return Err(invalid("应只有一行 / want one line only"));
        }
        Ok(Self::new(line.to_owned()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Where the passphrase comes from: shared by all programs of the ledger.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Source {
    /// 口令文件（一行）；不给时读环境变量 VILLAGE_KEYS_PASSPHRASE，再不然在终端询问 /
    /// file with the passphrase (one line); otherwise the variable VILLAGE_KEYS_PASSPHRASE, otherwise asked
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl Source {
    /// A passphrase for an existing key file, named in the prompt.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`].
    pub fn read(&self, what: &Path) -> Result<Passphrase, KeyError> {
        match self.given(VARIABLE)? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("{} 的口令 / passphrase of {0}: ", what.display())),
        }
    }

    /// A new passphrase, asked for twice at a terminal and held against the minimum.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`], [`KeyError::PassphrasesDiffer`], [`KeyError::WeakPassphrase`].
    pub fn read_new(&self) -> Result<Passphrase, KeyError> {
        self.read_new_from(VARIABLE)
    }

    pub(crate) fn read_new_from(&self, variable: &str) -> Result<Passphrase, KeyError> {
        if let Some(passphrase) = self.given(variable)? {
            passphrase.check_strength()?;
            return Ok(passphrase);
        }
        let passphrase = ask("新口令 / new passphrase: ")?;
        passphrase.check_strength()?;
        if *ask("再输一次 / again: ")?.0 != *passphrase.0 {
            return Err(KeyError::PassphrasesDiffer);
        }
        Ok(passphrase)
    }

    fn given(&self, variable: &str) -> Result<Option<Passphrase>, KeyError> {
        match &self.passphrase_file {
            Some(path) => Passphrase::from_file(path).map(Some),
            None => Ok(std::env::var(variable).ok().map(Passphrase::new)),
        }
    }
}

fn ask(prompt: &str) -> Result<Passphrase, KeyError> {
    let failed = |source| KeyError::Passphrase { from: "终端 / terminal".to_owned(), source };
    rpassword::prompt_password(prompt).map(Passphrase::new).map_err(failed)
}
