//! Blobs: files beside the log, named by their digest and durable before anything refers to them.
//!
//! A blob is three files at most: the bytes, what is known of them (written last: what has none is not there), and,
//! once it was withdrawn, the mark that keeps it from coming again.

use crate::disk::{Disk, Stream};
use crate::error::{StoreError, damaged, io};
use crate::layout;
use crate::query::Query;
use ledger::entry::{MAX_ATTACHMENT, Visibility};
use ledger::hash::Hash;
use ledger::unit::UnitId;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A blob that no entry named so long after its upload goes at the next start, in seconds.
const UNNAMED: u64 = 7 * 86_400;
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
    /// One line each, the last being the time of the upload.
    fn text(&self, uploaded: u64) -> String {
        let About { size, media, access, salt, unit } = self;
        let salt = salt.map_or("-".to_owned(), |salt| Hash::from_bytes(salt).to_base64());
        format!("{TYPE_LINE}\n{size}\n{media}\n{}\n{salt}\n{unit}\n{uploaded}\n", access.name())
    }

    fn parse(bytes: &[u8]) -> Option<(Self, u64)> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let lines: Vec<&str> = text.split('\n').collect();
        let [TYPE_LINE, size, media, access, salt, unit, uploaded] = lines[..] else { return None };
        let salt = match salt {
            "-" => None,
            salt => Some(*Hash::from_base64(salt)?.as_bytes()),
        };
        let (size, media) = (size.parse().ok()?, media.to_owned());
        let access = Visibility::of_name(access)?;
        Some((About { size, media, access, salt, unit: UnitId::parse(unit)? }, uploaded.parse().ok()?))
    }
}

/// The blobs of a log. Clones are handles of the same.
#[derive(Clone)]
pub struct Blobs {
    disk: Arc<dyn Disk>,
    query: Query,
    clock: fn() -> u64,
    uploads: Arc<AtomicU64>,
    /// Held while a blob is put in place or withdrawn.
    placing: Arc<Mutex<()>>,
}

impl Blobs {
    pub(crate) fn new(disk: Arc<dyn Disk>, query: Query, clock: fn() -> u64) -> Self {
        Blobs { disk, query, clock, uploads: Arc::default(), placing: Arc::default() }
    }

    /// Begins a blob that comes in piece by piece. Dropped before it is finished, it leaves nothing.
    pub fn writer(&self) -> BlobWriter {
        let path = format!("{}/{}", layout::UPLOADS, self.uploads.fetch_add(1, Ordering::Relaxed));
        BlobWriter { blobs: self.clone(), path, size: 0 }
    }

    /// What is known of a blob; `None` when it is not here, or was withdrawn.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn about(&self, digest: &Hash) -> Result<Option<About>, StoreError> {
        Ok(about(&*self.disk, digest)?.map(|(about, _)| about))
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
        let _placing = self.place();
        // First the mark: what it stands for is finished by the next start.
        self.disk.replace(&layout::withdrawn(digest), b"withdrawn\n")?;
        self.remove(digest)
    }

    fn remove(&self, digest: &Hash) -> Result<(), StoreError> {
        let (about, blob) = (layout::about(digest), layout::blob(digest));
        self.disk.remove(&about)?;
        self.disk.remove(&blob)?;
        self.disk.sync(&[&about, &blob])
    }

    fn place(&self) -> MutexGuard<'_, ()> {
        self.placing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes, at the start, what has no right to stay: uploads that were cut short, blobs that have to go, and
    /// those that no entry named in time. `now` is Unix seconds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn tidy(
        &self,
        now: u64,
        has_to_go: &dyn Fn(&Hash) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.disk.remove(layout::UPLOADS)?;
        for folder in self.disk.list(layout::BLOBS)? {
            let names = self.disk.list(&format!("{}/{folder}", layout::BLOBS))?;
            let there: BTreeSet<Hash> = names
                .iter()
                .filter(|name| !name.ends_with(".withdrawn"))
                .filter_map(|n| layout::blob_digest(n))
                .collect();
            for digest in there {
                if self.is_withdrawn(&digest)? || has_to_go(&digest)? {
                    self.withdraw(&digest)?;
                } else if self.query.namings(&digest)?.is_empty() {
                    let uploaded = about(&*self.disk, &digest)?.map_or(0, |(_, uploaded)| uploaded);
                    if uploaded.saturating_add(UNNAMED) < now {
                        self.remove(&digest)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is known of a blob that was not withdrawn, and when it was uploaded.
fn about(disk: &dyn Disk, digest: &Hash) -> Result<Option<(About, u64)>, StoreError> {
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
    let known = about(disk, digest)?.map(|(about, _)| about.size);
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
        Ok(())
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
        let _placing = blobs.place();
        if blobs.is_withdrawn(digest)? {
            return Err(StoreError::Withdrawn);
        }
        let is_new = !is_accounted_for(&*blobs.disk, digest)?;
        if !is_new && !blobs.query.namings(digest)?.is_empty() {
            return Ok(false);
        }
        let path = layout::blob(digest);
        blobs.disk.rename(&self.path, &path)?;
        blobs.disk.sync(&[&path])?;
        let about = about.text((blobs.clock)());
        blobs.disk.replace(&layout::about(digest), about.as_bytes()).map(|()| is_new)
    }

    /// Of what is on the disk, so that nothing else is kept under its name.
    fn digest(&self, salt: Option<[u8; 32]>) -> Result<Hash, StoreError> {
        let mut hash = Sha256::new();
        hash.update(salt.as_ref().map_or(&[][..], |salt| salt));
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
