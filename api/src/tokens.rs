//! Bearer tokens of members and inspectors (SPEC H-18): which there are, and what the bearer of one may see.
//!
//! A token is a file in the folder `tokens` of the log, named by the token's SHA-256; the token itself is shown once
//! and kept nowhere. Each request looks for its file: what the operator issues or revokes counts at once.

use crate::problem::{Code, Problem};
use axum::http::{HeaderMap, header};
use keys::system_random;
use ledger::entry::Visibility;
use ledger::hash::Hash;
use ledger::unit::{Scope, UnitId};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The folder's name.
const FOLDER: &str = "tokens";
/// What a token begins with, so that one left lying about is recognised.
const PREFIX: &str = "vlt_";
/// Characters of a token's hash that are its id.
const ID: usize = 12;
/// Longest name of a holder in characters.
pub const MAX_HOLDER: usize = 60;

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The first characters of its hash: names it to the operator and opens nothing.
    pub id: String,
    /// What it lets one see.
    pub access: Visibility,
    /// The units that it counts for.
    pub scope: Scope,
    /// When it was issued, Unix seconds.
    pub issued: u64,
    /// When it ends, Unix seconds.
    pub expires: u64,
    /// When it was revoked, Unix seconds.
    pub revoked: Option<u64>,
    /// Who holds it.
    pub holder: String,
}

impl Kept {
    fn text(&self) -> String {
        let Kept { access, scope, issued, expires, revoked, holder, .. } = self;
        let revoked = revoked.map_or_else(|| "-".to_owned(), |time| time.to_string());
        format!("{}\n{}\n{issued}\n{expires}\n{revoked}\n{holder}\n", access.name(), scope.as_str())
    }

    fn parse(hash: &str, text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut line = || lines.next();
        Some(Kept {
            id: hash.get(..ID)?.to_owned(),
            access: Visibility::of_name(line()?)?,
            scope: Scope::parse(line()?)?,
            issued: line()?.parse().ok()?,
            expires: line()?.parse().ok()?,
            revoked: match line()? {
                "-" => None,
                time => Some(time.parse().ok()?),
            },
            holder: line()?.to_owned(),
        })
    }

    /// Whether it counts at a time, Unix seconds.
    pub fn counts(&self, now: u64) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// The tokens of a log.
#[derive(Clone, Debug)]
pub struct Tokens(PathBuf);

impl Tokens {
    /// The tokens of the log in a folder; there need not be any.
    pub fn of(data: &Path) -> Self {
        Tokens(data.join(FOLDER))
    }

    /// Makes a token and keeps its hash with what it is for; `id` of `kept` is not looked at. Returns the token.
    ///
    /// # Errors
    /// When the system gives no randomness, or the folder can't be written.
    pub fn issue(&self, kept: &Kept) -> io::Result<String> {
        let mut secret = [0; 32];
        system_random(&mut secret).map_err(|e| io::Error::other(e.to_string()))?;
        let token = format!("{PREFIX}{}", Hash::from_bytes(secret).to_hex());
        fs::create_dir_all(&self.0)?;
        fs::set_permissions(&self.0, Permissions::from_mode(0o700))?;
        self.write(&Hash::of(token.as_bytes()).to_hex(), kept)?;
        Ok(token)
    }

    /// Every token ever issued, the newest last.
    ///
    /// # Errors
    /// When the folder can't be read, or holds what is no token.
    pub fn list(&self) -> io::Result<Vec<Kept>> {
        let mut all = self.hashes()?.iter().map(|hash| self.read(hash)).collect::<io::Result<Vec<_>>>()?;
        all.sort_by(|a, b| (a.issued, &a.id).cmp(&(b.issued, &b.id)));
        Ok(all)
    }

    /// Ends a token by its id, durably; whether there is one. One that was revoked before stays as it is.
    ///
    /// # Errors
    /// When the folder can't be read or written.
    pub fn revoke(&self, id: &str, now: u64) -> io::Result<bool> {
        let Some(hash) = self.hashes()?.into_iter().find(|hash| hash.get(..ID) == Some(id)) else {
            return Ok(false);
        };
        let kept = self.read(&hash)?;
        if kept.revoked.is_none() {
            self.write(&hash, &Kept { revoked: Some(now), ..kept })?;
        }
        Ok(true)
    }

    fn hashes(&self) -> io::Result<Vec<String>> {
        let items = match fs::read_dir(&self.0) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            items => items?,
        };
        let names = items.map(|item| item.map(|item| item.file_name().to_string_lossy().into_owned()));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        Ok(names.into_iter().filter(|name| Hash::from_hex(name).is_some()).collect())
    }

    fn read(&self, hash: &str) -> io::Result<Kept> {
        let text = fs::read_to_string(self.0.join(hash))?;
        Kept::parse(hash, &text).ok_or_else(|| io::Error::other(format!("{FOLDER}/{hash}")))
    }

    /// Replaces a file whole: a crash leaves the one before or the one after.
    fn write(&self, hash: &str, kept: &Kept) -> io::Result<()> {
        let (path, new) = (self.0.join(hash), self.0.join(format!("{hash}.new")));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(kept.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(&self.0)?.sync_all()
    }

    /// Who asks: anyone, or the bearer of a token that counts.
    ///
    /// # Errors
    /// [`Code::Token`] for a token that does not count; when its file can't be read.
    pub fn reader(&self, headers: &HeaderMap, now: u64) -> Result<Reader, Problem> {
        let Some(given) = headers.get(header::AUTHORIZATION) else { return Ok(Reader::ANYONE) };
        let given = given.to_str().ok().and_then(|value| value.split_once(' '));
        let token = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
        // By its hash: how long looking takes tells nothing of other tokens.
        let hash = token.map(|token| Hash::of(token.as_bytes()).to_hex());
        let kept = match hash.map(|hash| self.read(&hash)) {
            Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => return Err(Problem::internal(&e)),
            found => found.and_then(Result::ok),
        };
        match kept.filter(|kept| kept.counts(now)) {
            Some(kept) => Ok(Reader(Some((kept.access, kept.scope)))),
            None => Err(Problem::new(
                Code::Token,
                "令牌不认识、已过期或已撤销，请向账本运行单位另要一个 / the token is unknown, expired or revoked; ask the ledger's operator for another",
            )),
        }
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Reader(Option<(Visibility, Scope)>);

impl Reader {
    /// Whoever comes without a token.
    pub const ANYONE: Reader = Reader(None);

    /// Holds what is asked for against the token.
    ///
    /// # Errors
    /// [`Code::Token`] without one, [`Code::Forbidden`] when it is of lower access or for other units.
    pub fn may_see(&self, unit: &UnitId, wanted: Visibility) -> Result<(), Problem> {
        let Reader(token) = self;
        match (token, wanted) {
            (_, Visibility::Public) => Ok(()),
            (None, _) => Err(Problem::new(
                Code::Token,
                "这个文件不对所有人公开，请带 authorization: Bearer 令牌来取 / this is not for everyone: ask with authorization: Bearer and a token",
            )),
            (Some((access, scope)), _) => {
                if !scope.covers(unit) {
                    let detail = format!(
                        "令牌不管单位 {unit}，请用管它的令牌 / the token is not for unit {unit}; use one that is"
                    );
                    return Err(Problem::new(Code::Forbidden, detail));
                }
                if *access == wanted || *access == Visibility::Inspectors {
                    return Ok(());
                }
                Err(Problem::new(
                    Code::Forbidden,
                    "只有监督检查人员的令牌能看 / only a token of inspectors opens this",
                ))
            }
        }
    }

    /// Whether everything that is kept of a unit is open to it.
    pub fn is_inspector(&self, unit: &UnitId) -> bool {
        self.may_see(unit, Visibility::Inspectors).is_ok()
    }
}
