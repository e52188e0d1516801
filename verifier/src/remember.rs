//! The head of an earlier audit: a log may only have grown since (SPEC B-20, B-21).

use crate::findings::Note;
use crate::head::Head;
use crate::source::SourceError;
use ledger::checkpoint::MAX_CHECKPOINT;
use ledger::hash::Hash;
use ledger::note::VerifierKey;
use std::path::Path;

/// What a remembered head makes of the newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is a beginning of the newer one.
    Grown,
    /// The log showed less than before; that may be an old copy.
    Shrunk(Note),
    /// Two heads, both signed by the log, of which the older is no beginning of the newer.
    Rewritten(Note),
}

/// Reads the head remembered in a file; none when there is no file yet.
///
/// # Errors
/// [`SourceError::Remembered`] when the file holds something else.
pub fn load(file: &Path) -> Result<Option<Head>, SourceError> {
    let refuse = |what: String| SourceError::Remembered(format!("--remember {}：{what}", file.display()));
    match std::fs::metadata(file) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(refuse(e.to_string())),
        Ok(found) if found.len() > MAX_CHECKPOINT as u64 => {
            return Err(refuse("不是存证点 / no checkpoint".to_owned()));
        }
        Ok(_) => {}
    }
    let bytes = std::fs::read(file).map_err(|e| refuse(e.to_string()))?;
    Head::parse(&bytes).map(Some).map_err(|e| refuse(format!("不是存证点 / no checkpoint: {e}")))
}

/// Remembers a head that was found to hold.
///
/// # Errors
/// [`SourceError::Remembered`] when the file can't be written.
pub fn store(file: &Path, bytes: &[u8]) -> Result<(), SourceError> {
    crate::saving::write(file, bytes).map_err(|e| {
        SourceError::Remembered(format!("--remember {}：写入失败：{e} / can't be written", file.display()))
    })
}

/// Holds a remembered head against a newer one that was proved; `root` is what the newer tree gives at the older size.
///
/// # Errors
/// [`SourceError::Remembered`] when none of the log's keys signed the remembered one: it convicts nobody.
pub fn compare<'k>(
    old: &Head,
    new: &Head,
    root: Option<Hash>,
    mut keys: impl Iterator<Item = &'k VerifierKey>,
) -> Result<Compared, SourceError> {
    let (was, is) = (&old.checkpoint, &new.checkpoint);
    if was.origin != is.origin || !keys.any(|key| old.signed_by(key).is_ok()) {
        let what = "记住的存证点不是这个账本所签，请换一个文件 / the remembered checkpoint is not of this log; use another file";
        return Err(SourceError::Remembered(what.to_owned()));
    }
    if was.size > is.size {
        let what = format!(
            "上次有 {} 个叶子，这次只有 {}：可能是旧副本，请稍后再查；仍如此请求助 / fewer leaves than remembered: an old copy, perhaps; if it stays so, call for help",
            was.size, is.size
        );
        return Ok(Compared::Shrunk(Note::whole("remembered", what)));
    }
    let root = if was.size == is.size { Some(is.root) } else { root };
    if root == Some(was.root) || was.size == 0 {
        return Ok(Compared::Grown);
    }
    let what = format!(
        "上次签名的存证点（{} 个叶子）不是现在这份的开头：两份存证点都由账本签名 / the remembered signed head is no beginning of this signed one",
        was.size
    );
    Ok(Compared::Rewritten(Note::whole("remembered", what)))
}
