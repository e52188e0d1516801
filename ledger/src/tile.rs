//! Tiles and entry bundles (SPEC section 2.4, rules T-01 to T-05; C2SP tlog-tiles).

use crate::hash::Hash;
use crate::merkle::{Nodes, complete_root};
use std::fmt;

/// Levels of the tree that one tile spans.
pub const HEIGHT: u8 = 8;
/// Hashes in a full tile, leaves in a full entry bundle.
pub const WIDTH: u64 = 256;
/// Highest tile level: level 8 holds the root of 2^64 leaves.
pub const MAX_LEVEL: u8 = 7;

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum TileKind {
    /// Hashes at tile level L: roots of complete subtrees of 256^L leaves.
    Hashes(u8),
    /// The leaves themselves.
    Entries,
}

/// A tile's place: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// A tile of `width` 1..=256; `None` beyond that, or for a level over [`MAX_LEVEL`].
    pub fn new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let fits =
            (1..=256).contains(&width) && !matches!(kind, TileKind::Hashes(level) if level > MAX_LEVEL);
        fits.then_some(TilePath { kind, index, width })
    }

    /// The tile as wide as a tree of `size` leaves makes it; `None` when the tree does not reach it.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = if let TileKind::Hashes(level) = kind { level } else { 0 };
        let nodes = size.checked_shr(u32::from(level) * u32::from(HEIGHT)).unwrap_or(0);
        let width = nodes.checked_sub(index.checked_mul(WIDTH)?)?.min(WIDTH);
        Self::new(kind, index, width as u16)
    }

    /// What it holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// N: the tile's number within its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hashes or leaves in it, 1..=256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is not full.
    pub fn is_partial(&self) -> bool {
        u64::from(self.width) < WIDTH
    }

    /// The full tile at the same place.
    #[must_use]
    pub fn full(&self) -> Self {
        TilePath { width: WIDTH as u16, ..*self }
    }

    /// Reads a path, without a leading slash. Only the one spelling of C2SP tlog-tiles is read.
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(level.parse().ok()?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok().filter(|w| *w < WIDTH as u16)?),
            None => (rest, WIDTH as u16),
        };
        let mut number = 0_u64;
        for group in index.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            number = number.checked_mul(1000)?.checked_add(digits.parse::<u64>().ok()?)?;
        }
        // The rest of the grammar by writing it back: leading zeroes, signs, missing and extra x.
        Self::new(kind, number, width).filter(|t| t.to_string() == path)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        f.write_str(&grouped(self.index))?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// A number in groups of three digits, all but the last with an `x`: `x001/x234/067`.
pub fn grouped(number: u64) -> String {
    let mut out = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        out = format!("x{:03}/{out}", rest % 1000);
        rest /= 1000;
    }
    out
}

/// The tiles of a tree of `new` leaves that a tree of `old` leaves did not have in that width: hash tiles of
/// every level, then entry bundles.
pub fn new_tiles(old: u64, new: u64) -> Vec<TilePath> {
    let mut out = Vec::new();
    let levels = (0..=MAX_LEVEL).map(TileKind::Hashes);
    for kind in levels.chain([TileKind::Entries]) {
        let shift = if let TileKind::Hashes(level) = kind { u32::from(level) * u32::from(HEIGHT) } else { 0 };
        let (old, new) = (old >> shift, new >> shift);
        if new <= old {
            continue;
        }
        for index in old / WIDTH..new.div_ceil(WIDTH) {
            out.extend(TilePath::new(kind, index, (new - index * WIDTH).min(WIDTH) as u16));
        }
    }
    out
}

/// Why an entry bundle can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not exactly as many hashes or entries as the path says.
    #[error("not as many hashes or entries as its path says")]
    Width,
    /// An entry over 65,535 bytes can't be written.
    #[error("an entry has more than 65,535 bytes")]
    TooLong,
}

/// The bytes of an entry bundle: each entry behind its length, 2 bytes big-endian.
///
/// # Errors
/// [`TileError::TooLong`].
pub fn encode_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, TileError> {
    let mut out = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| TileError::TooLong)?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle, exactly `width` of them.
///
/// # Errors
/// [`TileError::Width`].
pub fn decode_bundle(mut bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(width.into());
    for _ in 0..width {
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(TileError::Width)?;
        let (entry, rest) =
            rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(TileError::Width)?;
        entries.push(entry);
        bytes = rest;
    }
    if bytes.is_empty() { Ok(entries) } else { Err(TileError::Width) }
}

/// The first `width` entries of a wider bundle, as bytes: what a partial bundle held.
///
/// # Errors
/// [`TileError::Width`].
pub fn truncate_bundle(bytes: &[u8], width: u16) -> Result<&[u8], TileError> {
    let mut end = 0_usize;
    for _ in 0..width {
        let length = bytes.get(end..).and_then(|b| b.first_chunk::<2>()).ok_or(TileError::Width)?;
        end += 2 + usize::from(u16::from_be_bytes(*length));
    }
    bytes.get(..end).ok_or(TileError::Width)
}

/// The bytes of a hash tile.
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|h| *h.as_bytes()).collect()
}

/// The hashes of a tile, exactly `width` of them.
///
/// # Errors
/// [`TileError::Width`].
pub fn decode_tile(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    if bytes.len() != usize::from(width) * 32 {
        return Err(TileError::Width);
    }
    Ok(bytes.chunks_exact(32).filter_map(Hash::from_slice).collect())
}

/// A log's tiles and entry bundles, wherever they are kept.
pub trait Tiles {
    /// Why a tile can't be had.
    type Error: From<TileError>;

    /// The bytes of a tile or entry bundle, exactly as wide as its path says.
    ///
    /// # Errors
    /// When it can't be read.
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, Self::Error>;
}

/// The complete subtrees of a log of `size` leaves, read from its tiles.
#[derive(Debug)]
pub struct TileNodes<'a, T> {
    /// The tiles.
    pub tiles: &'a T,
    /// Size of the tree that they are read for.
    pub size: u64,
}

impl<T: Tiles> Nodes for TileNodes<'_, T> {
    type Error = T::Error;

    fn node(&self, level: u8, index: u64) -> Result<Hash, T::Error> {
        let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
        let first = index.checked_shl(within.into()).ok_or(TileError::Width)?;
        let path = TilePath::in_tree(TileKind::Hashes(tile_level), first / WIDTH, self.size);
        let path = path.ok_or(TileError::Width)?;
        let hashes = decode_tile(&self.tiles.tile(&path)?, path.width())?;
        let at = (first % WIDTH) as usize;
        let hashes = hashes.get(at..at + (1 << within)).ok_or(TileError::Width)?;
        Ok(complete_root(hashes).ok_or(TileError::Width)?)
    }
}
