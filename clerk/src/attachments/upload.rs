//! What `publish` uploads before an entry: its attachments' copies, held against what the entry says of them.

use crate::draft::{Draft, DraftEntry};
use crate::failure::Failure;
use crate::fault::Fault;
use ledger::entry::{Attachment, Visibility};
use ledger::hash::Hash;
use ledger::json::Value;
use ledger::sealed::Salt;
use std::path::{Path, PathBuf};

/// One file to upload. `Debug` of it is not derived: it holds a salt.
pub struct Upload {
    /// What the entry says of it: digest, size, media type, access.
    pub about: Attachment,
    /// What precedes its bytes in the digest; only where not everyone may fetch it.
    pub salt: Option<Salt>,
    /// Where the copy lies.
    pub path: PathBuf,
}

/// SHA-256 of the file; of 32 random bytes and the file, when it is not public (SPEC section 4.9).
pub fn digest(salt: Option<&Salt>, bytes: &[u8]) -> Hash {
    match salt {
        None => Hash::of(bytes),
        Some(salt) => Hash::of(&[salt, bytes].concat()),
    }
}

fn about(line: &Value) -> Option<Attachment> {
    let line = line.object()?;
    Some(Attachment {
        digest: Hash::from_hex(line.text_of("digest")?)?,
        size: u64::try_from(line.int_of("size")?).ok()?,
        media: line.text_of("type")?.to_owned(),
        title: line.text_of("title")?.to_owned(),
        access: Visibility::of_name(line.text_of("access")?)?,
    })
}

/// What to upload for an entry of the draft at a path, each copy read once and found unaltered.
///
/// # Errors
/// [`Fault`] by row: a copy is gone, or is another one than was imported.
pub fn uploads(draft: &Path, entry: &DraftEntry) -> Result<Vec<Upload>, Fault> {
    let folder = draft.parent().unwrap_or(Path::new(""));
    let wrong = |title: &str| {
        let what = format!(
            "“{title}”的副本不见了或被改动，请重新 import / the copy is gone or was altered: import again"
        );
        Fault::new(entry.row, crate::columns::FILES, what)
    };
    let upload = |line: &Value| {
        let about = about(line).ok_or_else(|| wrong(""))?;
        let held = || {
            let file = entry.files.iter().find(|file| file.digest == about.digest.to_hex())?;
            let salt = match &file.salt {
                Some(salt) => Some(*Hash::from_base64(salt)?.as_bytes()),
                None => None,
            };
            let path = folder.join(&file.file);
            let bytes = std::fs::read(&path).ok()?;
            let is_it = (about.access == Visibility::Public) == salt.is_none()
                && bytes.len() as u64 == about.size
                && digest(salt.as_ref(), &bytes) == about.digest;
            is_it.then_some((salt, path))
        };
        let (salt, path) = held().ok_or_else(|| wrong(&about.title))?;
        Ok(Upload { about, salt, path })
    };
    entry.entry.0.list_of("attachments").iter().map(upload).collect()
}

/// Finds the copies of every entry that is not published yet.
///
/// # Errors
/// [`Failure::Faults`]: those that are gone or altered, by row.
pub fn check(draft: &Draft, path: &Path) -> Result<(), Failure> {
    let open = draft.entries.iter().filter(|entry| entry.receipt.is_none());
    let faults: Vec<Fault> = open.filter_map(|entry| uploads(path, entry).err()).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults(faults)) }
}

/// How many attachments a draft has and for whom; empty when it has none.
pub fn summary(draft: &Draft) -> String {
    let lines = draft.entries.iter().flat_map(|entry| entry.entry.0.list_of("attachments"));
    let all: Vec<Attachment> = lines.filter_map(about).collect();
    let count = |access| all.iter().filter(|one| one.access == access).count();
    let (public, members, inspectors) =
        (count(Visibility::Public), count(Visibility::Members), count(Visibility::Inspectors));
    if all.is_empty() {
        return String::new();
    }
    format!(
        "附件 {} 个：所有人可看 {public}，成员可看 {members}，监督人员可看 {inspectors} / attachments: for anyone, for members, for inspectors\n",
        all.len()
    )
}
