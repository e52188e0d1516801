//! A staged publication: every file that a head adds, in one file, so that one write decides over all of them.
//!
//! Form: for each file `<length of path, 2 bytes><path><length, 4 bytes><bytes>`, big-endian, then the SHA-256 of
//! all before. A file cut short by a crash does not hash and is as good as absent.

use crate::cosigned::is_same_head;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::layout;
use ledger::hash::Hash;
use ledger::tile::TilePath;

/// The files that a publication adds, in the order in which they are put in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged(pub Vec<(String, Vec<u8>)>);

impl Staged {
    /// The bytes of the staged file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(self.0.iter().map(|(p, b)| p.len() + b.len() + 6).sum::<usize>() + 32);
        for (path, bytes) in &self.0 {
            out.extend_from_slice(&(path.len() as u16).to_be_bytes());
            out.extend_from_slice(path.as_bytes());
            out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            out.extend_from_slice(bytes);
        }
        let digest = Hash::of(&out);
        out.extend_from_slice(digest.as_bytes());
        out
    }

    /// Reads a staged file; `None` when it is cut short or damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut rest, digest) = bytes.split_last_chunk::<32>()?;
        if Hash::of(rest).as_bytes() != digest {
            return None;
        }
        let mut files = Vec::new();
        while !rest.is_empty() {
            let (length, tail) = rest.split_first_chunk::<2>()?;
            let (path, tail) = tail.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (length, tail) = tail.split_first_chunk::<4>()?;
            let (bytes, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            files.push((std::str::from_utf8(path).ok()?.to_owned(), bytes.to_vec()));
            rest = tail;
        }
        Some(Staged(files))
    }

    /// Leaves out checkpoints that are in place: cosignatures were added to them, durably.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn keep_cosigned(&mut self, disk: &dyn Disk) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for (path, bytes) in std::mem::take(&mut self.0) {
            let in_place = if path.starts_with(layout::CHECKPOINTS) { disk.read(&path)? } else { None };
            if !in_place.is_some_and(|there| there != bytes && is_same_head(&there, &bytes)) {
                kept.push((path, bytes));
            }
        }
        self.0 = kept;
        Ok(())
    }

    /// Puts the files in their places: the same code after a commit and at start-up. Doing it twice does no
    /// harm. Nothing is synced here: the staged file must stay until the paths returned have been.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn apply(&self, disk: &dyn Disk) -> Result<Vec<String>, StoreError> {
        for (path, bytes) in &self.0 {
            disk.write(path, bytes)?;
            // Only once the full tile stands may its beginnings go; readers cut them out of it.
            if let Some(full) = TilePath::parse(path).filter(|t| !t.is_partial()) {
                disk.remove(&layout::partials(&full))?;
            }
        }
        Ok(self.0.iter().map(|(path, _)| path.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Staged;

    #[test]
    fn a_staged_file_that_is_cut_short_or_changed_is_as_good_as_absent() {
        let files = Staged(vec![
            ("tile/0/000.p/2".to_owned(), vec![7; 64]),
            ("checkpoints/002".to_owned(), b"x".to_vec()),
        ]);
        let whole = files.encode();
        assert_eq!(Staged::decode(&whole), Some(files));
        for end in 0..whole.len() {
            assert_eq!(Staged::decode(&whole[..end]), None, "cut to {end} bytes");
        }
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Staged::decode(&flipped), None, "bit {bit}");
        }
    }
}
