//! Blobs: files beside the log, named by their digest and durable before anything refers to them.
//!
//! A blob is three files at most: the bytes, what is known of them (written last: what has none is not there), and,
//! once it was withdrawn, the mark that keeps it from coming again.

use crate::disk::{Disk, Stream};
use crate::error::{StoreError, damaged, io};
use crate::layout;
use crate::redactions::Redactions;
use ledger::entry::{MAX_ATTACHMENT, Visibility};
use ledger::hash::Hash;
use ledger::unit::UnitId;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A blob that no entry named so long after its upload goes, in seconds.
const UNNAMED: u64 = 7 * 86_400;
/// What a blob that no entry names counts for at the least, in bytes: many small ones take up room and memory, too.
pub const LEAST: u64 = 64 * 1024;
/// In the place of an uploader that is not known.
const NOBODY: &str = "-";
/// First line of what is known of a blob.
const TYPE_LINE: &str = "village-ledger/blob/v1";

/// What is known of a blob. `Debug` does not tell the salt: with it anyone could guess at what a file holds.
#[derive(Clone, PartialEq, Eq)]
pub struct About {
    /// Bytes.
    pub size: u64,
    /// Media type.
    pub media: String,
    /// Who may fetch it.
    pub access: Visibility,
    /// What its digest begins with when it is not public: SHA-256(salt ‖ file).
    pub salt: Option<[u8; 32]>,
    /// The unit for which it was uploaded last.
    pub unit: UnitId,
}

/// What is known of a blob, and its bytes, piece by piece.
pub type Blob = (About, Box<dyn Read + Send>);

impl fmt::Debug for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "About({} {} {} {})", self.unit, self.size, self.media, self.access.name())
    }
}

impl About {
    /// One line each, the last two being time of the upload and uploader.
    fn text(&self, uploaded: u64, by: &str) -> String {
        let About { size, media, access, salt, unit } = self;
        let salt = salt.map_or("-".to_owned(), |salt| Hash::from_bytes(salt).to_base64());
        format!("{TYPE_LINE}\n{size}\n{media}\n{}\n{salt}\n{unit}\n{uploaded}\n{by}\n", access.name())
    }

    fn parse(bytes: &[u8]) -> Option<Known> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let lines: Vec<&str> = text.split('\n').collect();
        let (of_all, by) = lines.split_at_checked(7)?;
        let [TYPE_LINE, size, media, access, salt, unit, uploaded] = *of_all else { return None };
        let by = match by {
            // As the first versions wrote it.
            [] => NOBODY,
            [by] => by,
            _ => return None,
        };
        let salt = match salt {
            "-" => None,
            salt => Some(*Hash::from_base64(salt)?.as_bytes()),
        };
        let (size, media) = (size.parse().ok()?, media.to_owned());
        let access = Visibility::of_name(access)?;
        let about = About { size, media, access, salt, unit: UnitId::parse(unit)? };
        Some(Known { about, uploaded: uploaded.parse().ok()?, by: by.to_owned() })
    }
}

/// All that is kept of a blob.
struct Known {
    about: About,
    /// Unix seconds.
    uploaded: u64,
    /// Whoever uploaded it last.
    by: String,
}

/// A blob that no entry names.
struct Unnamed {
    bytes: u64,
    uploaded: u64,
    by: String,
}

impl From<&Known> for Unnamed {
    fn from(known: &Known) -> Self {
        Unnamed { bytes: known.about.size.max(LEAST), uploaded: known.uploaded, by: known.by.clone() }
    }
}

/// Blobs between their upload and the publication that names them.
#[derive(Default)]
struct Pending {
    /// Named by entries that wait to be committed: they stay as they are.
    held: BTreeSet<Hash>,
    unnamed: BTreeMap<Hash, Unnamed>,
}

/// The blobs of a log. Clones are handles of the same.
#[derive(Clone)]
pub struct Blobs {
    disk: Arc<dyn Disk>,
    redactions: Redactions,
    clock: fn() -> u64,
    uploads: Arc<AtomicU64>,
    /// Locked while a blob is put in place, held, withdrawn or swept.
    pending: Arc<Mutex<Pending>>,
}

impl Blobs {
    pub(crate) fn new(disk: Arc<dyn Disk>, redactions: Redactions, clock: fn() -> u64) -> Self {
        Blobs { disk, redactions, clock, uploads: Arc::default(), pending: Arc::default() }
    }

    /// Begins a blob that comes in piece by piece. Dropped before it is finished, it leaves nothing.
    pub fn writer(&self) -> BlobWriter {
        self.writer_of(NOBODY, None)
    }

    /// As [`Blobs::writer`], for an uploader known by a name without line ends, and with the salt that the digest begins
    /// with.
    pub fn writer_of(&self, by: &str, salt: Option<[u8; 32]>) -> BlobWriter {
        let path = format!("{}/{}", layout::UPLOADS, self.uploads.fetch_add(1, Ordering::Relaxed));
        let hash = salted(salt.as_ref());
        BlobWriter { blobs: self.clone(), path, size: 0, hash, by: by.to_owned() }
    }

    /// Bytes of blobs that no entry names: of one uploader, and of all. Each counts for [`LEAST`] at the least.
    pub fn unnamed(&self, by: &str) -> (u64, u64) {
        let pending = self.pending();
        let bytes = |it: &Unnamed| it.bytes;
        let all = pending.unnamed.values();
        (all.clone().filter(|it| it.by == by).map(bytes).sum(), all.map(bytes).sum())
    }

    /// What is known of a blob; `None` when it is not here, or was withdrawn.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn about(&self, digest: &Hash) -> Result<Option<About>, StoreError> {
        Ok(known(&*self.disk, digest)?.map(|known| known.about))
    }

    /// A blob with what is known of it, to be read piece by piece; `None` when it is not here, or was withdrawn.
    /// The reader holds it against its digest.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file is missing or of another size, [`StoreError::Io`].
    pub fn read(&self, digest: &Hash) -> Result<Option<Blob>, StoreError> {
        let Some(about) = self.about(digest)? else { return Ok(None) };
        match self.disk.open(&layout::blob(digest))? {
            Some((size, stream)) if size == about.size => Ok(Some((about, stream))),
            // Withdrawn at this moment: the mark is there before the file goes.
            None if self.is_withdrawn(digest)? => Ok(None),
            _ => damaged(format!(
                "附件 {0} 缺失或大小不符 / blob {0} is missing or of another size",
                digest.to_hex()
            )),
        }
    }

    /// Whether a blob was withdrawn: it is gone and can't be uploaded again.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn is_withdrawn(&self, digest: &Hash) -> Result<bool, StoreError> {
        is_withdrawn(&*self.disk, digest)
    }

    /// Removes a blob for ever; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(crate) fn withdraw(&self, digest: &Hash) -> Result<(), StoreError> {
        self.withdraw_from(&mut self.pending(), digest)
    }

    fn withdraw_from(&self, pending: &mut Pending, digest: &Hash) -> Result<(), StoreError> {
        // First the mark: what it stands for is finished by the next start.
        self.disk.replace(&layout::withdrawn(digest), b"withdrawn\n")?;
        self.remove(pending, digest)
    }

    fn remove(&self, pending: &mut Pending, digest: &Hash) -> Result<(), StoreError> {
        let (about, blob) = (layout::about(digest), layout::blob(digest));
        self.disk.remove(&about)?;
        self.disk.remove(&blob)?;
        self.disk.sync(&[&about, &blob])?;
        pending.unnamed.remove(digest);
        Ok(())
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a blob as it is until [`Blobs::committed`], when it is here and `is_it`.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(crate) fn hold(&self, digest: &Hash, is_it: impl FnOnce(&About) -> bool) -> Result<bool, StoreError> {
        let mut pending = self.pending();
        let is_here = self.about(digest)?.is_some_and(|about| is_it(&about));
        if is_here {
            pending.held.insert(*digest);
        }
        Ok(is_here)
    }

    /// The entries for which blobs were held are committed, or will never be.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub(crate) fn committed(&self) -> Result<(), StoreError> {
        let mut pending = self.pending();
        for digest in std::mem::take(&mut pending.held) {
            if !self.redactions.query.namings(&digest)?.is_empty() {
                pending.unnamed.remove(&digest);
            }
        }
        Ok(())
    }

    /// Removes, at the start, what has no right to stay: uploads that were cut short, blobs that have to go, and
    /// those that no entry named in time. `size` is the committed head's, `now` Unix seconds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn tidy(&self, now: u64, size: u64) -> Result<(), StoreError> {
        self.disk.remove(layout::UPLOADS)?;
        let mut pending = self.pending();
        // A start that found the index damaged comes here twice.
        pending.unnamed.clear();
        for folder in self.disk.list(layout::BLOBS)? {
            let names = self.disk.list(&format!("{}/{folder}", layout::BLOBS))?;
            let there: BTreeSet<Hash> = names
                .iter()
                .filter(|name| !name.ends_with(".withdrawn"))
                .filter_map(|n| layout::blob_digest(n))
                .collect();
            for digest in there {
                if self.is_withdrawn(&digest)? || self.redactions.take(&digest, size)? {
                    self.withdraw_from(&mut pending, &digest)?;
                } else if self.redactions.query.namings(&digest)?.is_empty() {
                    // What has no description was never kept: it may be of a week ago.
                    let never = Unnamed { bytes: LEAST, uploaded: 0, by: NOBODY.to_owned() };
                    let known = known(&*self.disk, &digest)?;
                    pending.unnamed.insert(digest, known.as_ref().map_or(never, Unnamed::from));
                }
            }
        }
        drop(pending);
        self.sweep(now).map(drop)
    }

    /// Removes what no entry named in time; how many. Long as it may take, uploads go on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn sweep(&self, now: u64) -> Result<u64, StoreError> {
        let is_old = |it: &Unnamed| it.uploaded.saturating_add(UNNAMED) < now;
        let old: Vec<Hash> =
            self.pending().unnamed.iter().filter(|(_, it)| is_old(it)).map(|(digest, _)| *digest).collect();
        let mut count = 0;
        for digest in old {
            let mut pending = self.pending();
            if pending.held.contains(&digest) || !pending.unnamed.get(&digest).is_some_and(is_old) {
                continue;
            }
            if !self.redactions.query.namings(&digest)?.is_empty() {
                pending.unnamed.remove(&digest);
                continue;
            }
            self.remove(&mut pending, &digest)?;
            count += 1;
        }
        Ok(count)
    }
}

fn salted(salt: Option<&[u8; 32]>) -> Sha256 {
    Sha256::new().chain_update(salt.map_or(&[][..], |salt| salt))
}

/// What is known of a blob that was not withdrawn.
fn known(disk: &dyn Disk, digest: &Hash) -> Result<Option<Known>, StoreError> {
    if is_withdrawn(disk, digest)? {
        return Ok(None);
    }
    Ok(disk.read(&layout::about(digest))?.and_then(|bytes| About::parse(&bytes)))
}

fn is_withdrawn(disk: &dyn Disk, digest: &Hash) -> Result<bool, StoreError> {
    Ok(disk.open(&layout::withdrawn(digest))?.is_some())
}

/// Whether a blob is there with the bytes that its upload had, or else was withdrawn.
pub(crate) fn is_accounted_for(disk: &dyn Disk, digest: &Hash) -> Result<bool, StoreError> {
    let known = known(disk, digest)?.map(|known| known.about.size);
    let there = disk.open(&layout::blob(digest))?.map(|(size, _)| size);
    Ok((known.is_some() && there == known) || is_withdrawn(disk, digest)?)
}

/// Whether anything of a blob is there.
pub(crate) fn is_kept(disk: &dyn Disk, digest: &Hash) -> Result<bool, StoreError> {
    Ok(disk.open(&layout::blob(digest))?.is_some() || disk.open(&layout::about(digest))?.is_some())
}

/// A blob on its way in.
pub struct BlobWriter {
    blobs: Blobs,
    path: String,
    size: u64,
    hash: Sha256,
    by: String,
}

impl BlobWriter {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] beyond [`MAX_ATTACHMENT`] bytes, [`StoreError::Io`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let size = self.size + bytes.len() as u64;
        if size > MAX_ATTACHMENT {
            return Err(StoreError::TooLarge { bytes: size, limit: MAX_ATTACHMENT });
        }
        self.blobs.disk.append(&self.path, bytes)?;
        self.size = size;
        self.hash.update(bytes);
        Ok(())
    }

    /// Whether what was taken has this digest, with the salt that [`Blobs::writer_of`] was given.
    pub fn is(&self, digest: &Hash) -> bool {
        Hash::from_bytes(self.hash.clone().finalize().into()) == *digest
    }

    /// What was taken so far, from its beginning: to be looked through before it is finished.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn read(&self) -> Result<Box<dyn Read + Send>, StoreError> {
        let stream = self.blobs.disk.open(&self.path)?;
        Ok(stream.map_or_else(|| Box::new(std::io::empty()) as _, |(_, stream): Stream| stream))
    }

    /// Keeps the blob; durable when this returns. Whether it is new: one that an entry names stays as it is, of any
    /// other the last upload counts.
    ///
    /// # Errors
    /// [`StoreError::Content`] when digest or size are not those of the bytes, or a salt is there that should not be, or
    /// the other way round; [`StoreError::Withdrawn`], [`StoreError::Io`], [`StoreError::Index`].
    pub fn finish(self, digest: &Hash, about: About) -> Result<bool, StoreError> {
        let blobs = &self.blobs;
        let is_salted = about.salt.is_some() == (about.access != Visibility::Public);
        if !is_salted || self.size != about.size || self.digest(about.salt)? != *digest {
            return Err(StoreError::Content);
        }
        let mut pending = blobs.pending();
        if blobs.is_withdrawn(digest)? {
            return Err(StoreError::Withdrawn);
        }
        let is_new = !is_accounted_for(&*blobs.disk, digest)?;
        let is_named = !blobs.redactions.query.namings(digest)?.is_empty();
        if !is_new && (is_named || pending.held.contains(digest)) {
            return Ok(false);
        }
        let size = || blobs.redactions.query.head().map(|head| head.map_or(0, |(size, _)| size));
        // An older copy of the folder may have been brought back: the mark is lost, the log remembers.
        if is_named && blobs.redactions.take(digest, size()?)? {
            blobs.withdraw_from(&mut pending, digest)?;
            return Err(StoreError::Withdrawn);
        }
        let path = layout::blob(digest);
        blobs.disk.rename(&self.path, &path)?;
        blobs.disk.sync(&[&path])?;
        let known = Known { about, uploaded: (blobs.clock)(), by: self.by.clone() };
        let text = known.about.text(known.uploaded, &known.by);
        blobs.disk.replace(&layout::about(digest), text.as_bytes())?;
        if !is_named {
            pending.unnamed.insert(*digest, Unnamed::from(&known));
        }
        Ok(is_new)
    }

    /// Of what is on the disk, so that nothing else is kept under its name.
    fn digest(&self, salt: Option<[u8; 32]>) -> Result<Hash, StoreError> {
        let mut hash = salted(salt.as_ref());
        let (mut stream, mut piece) = (self.read()?, vec![0; 64 * 1024]);
        loop {
            match stream.read(&mut piece).map_err(io("读取", &self.path))? {
                0 => return Ok(Hash::from_bytes(hash.finalize().into())),
                n => hash.update(piece.get(..n).unwrap_or_default()),
            }
        }
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // What can't be removed now goes at the next start.
        let _ = self.blobs.disk.remove(&self.path);
    }
}
