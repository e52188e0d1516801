//! Posters: what a printed board says of a unit's book, and whether the ledger says the same (SPEC section 8.6, rules ).
//!
//! A first QR code carries an address with the poster's code, a second one may carry the same signed by the town's seal.
//! Anyone can print anything: only a signed poster is a statement that can contradict another.

use crate::base32;
use crate::bundle::{Ask, Bundle, Outcome, Verified, verify};
use crate::contradiction::file_of_posters;
use crate::hash::Hash;
use crate::index::{Line, decimal};
use crate::json::MAX_INTEGER;
use crate::note::Note;
use crate::peaks::CompactRange;
use crate::registry::{Registry, Seal, SealRole};
use crate::unit::UnitId;
use crate::verdict::{Code, Verdict, words};

/// First line of a poster's text, and of a signed poster.
pub const TYPE_LINE: &str = "village-ledger/poster/v1";
/// Longest signed poster in bytes, its signature lines included.
pub const MAX_POSTER: usize = 4096;

/// What a poster says: the first `count` entries of this unit's book have this root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poster {
    /// Charter hash of the ledger.
    pub charter: Hash,
    /// The unit.
    pub unit: UnitId,
    /// Entries when it was printed, from 1.
    pub count: u64,
    /// Root of the unit tree over them.
    pub root: Hash,
}

/// What the first QR code of a poster carries behind the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The unit.
    pub unit: UnitId,
    /// Entries when it was printed, from 1.
    pub count: u64,
    /// SHA-256 of the poster's text.
    pub code: Hash,
}

/// A poster as a signed note, bytes as they came. Whether a signature counts is for [`Signed::seals`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub poster: Poster,
    note: Vec<u8>,
}

/// What somebody scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The address of the first code: nobody signed it.
    Mark(Mark),
    /// The second code.
    Signed(Signed),
}

impl Poster {
    /// The text: five lines, each ended by a newline.
    pub fn text(&self) -> String {
        let Poster { charter, unit, count, root } = self;
        format!("{TYPE_LINE}\n{}\n{unit}\n{count}\n{}\n", charter.to_hex(), root.to_hex())
    }

    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n').skip(1);
        let mut line = || lines.next();
        let charter = Hash::from_hex(line()?)?;
        let poster = Poster {
            charter,
            unit: UnitId::parse(line()?)?,
            count: count_of(line()?)?,
            root: Hash::from_hex(line()?)?,
        };
        // One spelling, nothing behind it.
        (poster.text() == text).then_some(poster)
    }

    /// What the first QR code carries.
    pub fn mark(&self) -> Mark {
        Mark { unit: self.unit, count: self.count, code: Hash::of(self.text().as_bytes()) }
    }
}

impl Mark {
    /// `/p/<unit>/<count>/<code>`, the code in 52 characters of base32.
    pub fn path(&self) -> String {
        format!("/p/{}/{}/{}", self.unit, self.count, base32::encode(self.code.as_bytes()))
    }

    /// Reads a path; `None` for every other spelling.
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/p/")?.split('/');
        let (unit, count, code) = (parts.next()?, parts.next()?, parts.next()?);
        let code = Some(code).filter(|code| code.len() == 52).and_then(base32::decode);
        let code = code.and_then(|bytes| Hash::from_slice(&bytes))?;
        let mark = Mark { unit: UnitId::parse(unit)?, count: count_of(count)?, code };
        parts.next().is_none().then_some(mark)
    }

    /// `https://<host>/p/<unit>/<count>/<code>`; `None` unless [`is_host`].
    pub fn address(&self, host: &str) -> Option<String> {
        is_host(host).then(|| format!("https://{host}{}", self.path()))
    }

    /// Reads an address: its host and what it carries; `None` for every other spelling.
    pub fn of_address(address: &str) -> Option<(&str, Self)> {
        let rest = address.strip_prefix("https://")?;
        let (host, path) = rest.split_at_checked(rest.find('/')?)?;
        is_host(host).then_some((host, Self::of_path(path)?))
    }
}

fn count_of(text: &str) -> Option<u64> {
    decimal(text).filter(|count| (1..=MAX_INTEGER as u64).contains(count))
}

/// Whether a poster may name this host: a name of lower-case labels of at most 63 characters, 253 in all, and a port
/// unless it is 443.
pub fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |l: &str| {
        let ends = l.starts_with('-') || l.ends_with('-');
        !ends && (1..=63).contains(&l.len()) && l.bytes().all(plain)
    };
    let is_port = |p: &str| decimal(p).is_some_and(|p| (1..=65_535).contains(&p) && p != 443);
    name.len() <= 253 && name.split('.').all(label) && port.is_none_or(is_port)
}

impl Signed {
    /// Reads a signed poster; `None` when it has more than [`MAX_POSTER`] bytes or is not of the form.
    pub fn parse(note: &[u8]) -> Option<Self> {
        if note.len() > MAX_POSTER {
            return None;
        }
        let poster = Poster::of_text(Note::parse(note).ok()?.text)?;
        Some(Signed { poster, note: note.to_vec() })
    }

    /// The bytes as they came.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// The town's seals that signed it, in force or not, among those whose scope covers the unit.
    pub fn seals<'a>(&self, registry: &'a Registry) -> Vec<&'a Seal> {
        let Ok(note) = Note::parse(&self.note) else { return Vec::new() };
        let signed = |seal: &&Seal| {
            seal.role == SealRole::Township
                && seal.scope.covers(&self.poster.unit)
                && note.signatures.iter().any(|line| seal.key.verify(note.text.as_bytes(), line).is_ok())
        };
        registry.seals().filter(signed).collect()
    }
}

/// The root of the first `count` entries of a unit's book, out of a bundle whose lines have been verified. `None` when
/// the book is shorter, or the entries carried begin after `count + 2`: ask for the bundle from there or below.
pub fn root_at(bundle: &Bundle, count: u64) -> Option<Hash> {
    let hidden = bundle.from.saturating_sub(2);
    let mut range = CompactRange::from_peaks(hidden, bundle.peaks.clone())?;
    let carried = (bundle.from..).zip(&bundle.entries).map(|(seq, item)| item.line(seq));
    let lines: Vec<Line> = bundle.before.into_iter().chain(carried).collect();
    let wanted = usize::try_from(count.checked_sub(hidden)?).ok()?;
    lines.get(..wanted)?.iter().for_each(|line| range.append(line.hash()));
    Some(range.root())
}

/// Judges a bundle as [`verify`] does, and then the paper against it: `OK` when both say the same (what was read on a
/// board is as good as a remembered head), `PAPER_DIFFERS` when they do not and no seal in force stands behind the
/// paper, `FAILED_TWO_BOOKS` with an evidence file when one does.
pub fn judge(bytes: &[u8], ask: &Ask, paper: &Paper) -> Outcome {
    let mut outcome = verify(bytes, ask);
    if let (Some(verified), Ok(bundle)) = (&outcome.verified, Bundle::parse(bytes)) {
        match hold(&bundle, verified, paper) {
            Ok(()) if outcome.verdict.code == Code::OkFirstVisit => outcome.verdict.code = Code::Ok,
            Ok(()) => {}
            Err((code, what)) => {
                outcome.verdict = Verdict::new(code, what);
                if let (Code::FailedTwoBooks, Paper::Signed(signed)) = (code, paper) {
                    outcome.verdict.evidence = Some(file_of_posters(&signed.note, None, bytes));
                }
            }
        }
    }
    outcome
}

/// Whether paper and ledger say the same; if not, how it ends and why.
fn hold(bundle: &Bundle, verified: &Verified, paper: &Paper) -> Result<(), (Code, &'static str)> {
    let (unit, count) = match paper {
        Paper::Mark(mark) => (mark.unit, mark.count),
        Paper::Signed(signed) => (signed.poster.unit, signed.poster.count),
    };
    if unit != bundle.unit {
        return Err((Code::CannotShow, words("the bundle is not of the paper's unit")));
    }
    if count > verified.row.count {
        return Err((Code::PaperDiffers, words("the paper counts more entries than the ledger shows")));
    }
    let root = root_at(bundle, count)
        .ok_or((Code::CannotShow, words("the entries carried begin after those that the paper counts")))?;
    let shown = Poster { charter: verified.charter, unit, count, root };
    match paper {
        Paper::Mark(mark) if *mark == shown.mark() => Ok(()),
        Paper::Mark(_) => Err((Code::PaperDiffers, words("a wrong print, a false paper, or two books"))),
        Paper::Signed(signed) if signed.poster == shown => Ok(()),
        Paper::Signed(signed) if signed.poster.charter != shown.charter => {
            Err((Code::PaperDiffers, words("the paper is of another ledger")))
        }
        Paper::Signed(signed) => {
            if signed.seals(&verified.registry).iter().any(|seal| seal.until.is_none()) {
                Err((Code::FailedTwoBooks, words("the town's seal and the log have signed two books")))
            } else {
                Err((Code::PaperDiffers, words("the paper is signed by no seal in force for this unit")))
            }
        }
    }
}
