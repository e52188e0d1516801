//! Checking a log's folder from its files alone, and building its query index anew.

mod forgotten;

use crate::cosigned::is_same_head;
use crate::disk::Disk;
use crate::edge::Edge;
use crate::error::StoreError;
use crate::files::FilesDisk;
use crate::layout;
use crate::log::Place;
use crate::open::{committed, open};
use crate::overlay::Overlay;
use crate::query::Query;
use crate::reader::Reader;
use crate::redactions::Withdrawal;
use crate::replay::Replay;
use forgotten::Forgotten;
use ledger::books::Class;
use ledger::checkpoint::SignedCheckpoint;
use ledger::entry::Entry;
use ledger::hash::leaf_hash;
use ledger::leaf::{self, LeafType};
use ledger::note::VerifierKey;
use ledger::tile::TilePath;
use std::path::Path;
use std::sync::Arc;

/// Faults named one by one; more are only counted.
const NAMED: usize = 100;

/// What fsck never looks at, in Chinese and English.
pub const NOT_CHECKED: &[&str] = &[
    "条目内容是否属实 / whether what the entries say is true",
    "条目字段、更正和引用是否合乎收录规则 / whether fields, corrections and references keep the rules at append",
    "这份账本之外是否还有另一份 / whether another view of this log was shown elsewhere",
    "查询索引（启动时核对，可重建） / the query index: start-up checks it, reindex rebuilds it",
    "见证人的联署 / cosignatures of witnesses",
    "开启值和附件的内容（读者按承诺和摘要核对） / what openings and blobs hold: readers hold it against commitments and digests",
];

/// What fsck found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Leaves of the committed head.
    pub size: u64,
    /// Leaves that are entries.
    pub entries: u64,
    /// Index leaves, one a publication.
    pub publications: u64,
    /// Signature lines of entries that were verified.
    pub seals: u64,
    /// Tiles and entry bundles compared byte by byte.
    pub tiles: u64,
    /// Paths that redactions withdrew, looked for beside the log.
    pub withdrawn: u64,
    /// Files that are only staged: a crash came between, and the next start puts them in place.
    pub unplaced: u64,
    /// What does not fit, the first hundred.
    pub faults: Vec<String>,
    /// How many do not fit.
    pub fault_count: u64,
}

impl Report {
    /// Whether nothing was found.
    pub fn holds(&self) -> bool {
        self.fault_count == 0
    }

    fn fault(&mut self, what: impl Into<String>) {
        self.fault_count += 1;
        if self.faults.len() < NAMED {
            self.faults.push(what.into());
        }
    }
}

struct Fsck {
    reader: Reader,
    report: Report,
    edge: Edge,
    forgotten: Forgotten,
    /// Leaves below this are accounted for in tiles that were compared.
    compared: u64,
    /// Position of the last index leaf.
    head: u64,
}

/// Re-hashes every leaf, compares every tile, replays f with every index leaf, verifies every seal and every
/// published checkpoint; looks for what redactions withdrew and entries name beside the log. It takes no lock and may
/// run beside the server; memory does not grow with the log.
///
/// # Errors
/// [`StoreError`] when the log can't be read so far that nothing can be said: no committed checkpoint, no
/// charter, a bundle that is missing or can't be taken apart.
pub fn fsck(dir: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Report, StoreError> {
    let (disk, name) = (FilesDisk::reader(dir), dir.display().to_string());
    let (_, signed) = committed(&disk, &disk, &name)?;
    let size = signed.checkpoint.size;
    let disk = Overlay::new(disk, &signed.checkpoint)?;
    let unplaced = disk.unplaced();
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let reader = Reader::new(Arc::clone(&disk));
    let mut replay = Replay::new(&reader.leaf(0, size)?)?;
    let mut fsck = Fsck {
        reader,
        report: Report { size, unplaced, ..Report::default() },
        edge: Edge::default(),
        forgotten: Forgotten::new(disk),
        compared: 0,
        head: 0,
    };
    for at in 0..size {
        if at.is_multiple_of(1024) {
            progress(at, size);
        }
        let bytes = fsck.reader.leaf(at, size)?;
        fsck.leaf(&mut replay, at, bytes)?;
    }
    fsck.forgotten.end(&fsck.reader, size, &mut fsck.report)?;
    fsck.forgotten.lost(|| later(dir, size), &mut fsck.report)?;
    fsck.compare_tiles()?;
    if fsck.edge.root() != signed.checkpoint.root {
        fsck.report.fault("已提交存证点的根与叶子不符 / the leaves do not give the committed root");
    }
    if fsck.head + 1 != size {
        fsck.report.fault("最后一个叶子不是索引叶 / the last leaf is no index leaf");
    }
    if !replay.registry.log_keys().any(|key| signed.verify_log(key).is_ok()) {
        fsck.report.fault("已提交存证点的签名不对 / the committed checkpoint is not signed by this log");
    }
    // Beside a running log, what is published by now may be younger than the head that was checked.
    let disk = FilesDisk::reader(dir);
    let newest = committed(&disk, &disk, &name)?.1.checkpoint.size;
    fsck.published(newest)?;
    progress(size, size);
    Ok(fsck.report)
}

impl Fsck {
    fn leaf(&mut self, replay: &mut Replay, at: u64, bytes: Vec<u8>) -> Result<(), StoreError> {
        let key = replay.registry.log_key(self.head).clone();
        self.seals(replay, at, &bytes)?;
        let closed = replay.take(&bytes);
        let signed_by_log = closed.is_some() && signed_by(&bytes, &key);
        self.edge.append(bytes.clone(), leaf_hash(&bytes))?;
        if let Some(closed) = closed {
            if !closed.holds {
                self.report
                    .fault(format!("索引叶 {at} 与条目不符 / index leaf {at} is not what the entries say"));
            }
            if !signed_by_log {
                self.report
                    .fault(format!("索引叶 {at} 的签名不对 / index leaf {at} is not signed by the log key"));
            }
            if self.report.publications > 0 && self.head + 1 == at {
                self.report.fault(format!("索引叶 {at} 之前没有条目 / index leaf {at} follows another"));
            }
            self.report.publications += 1;
            self.head = at;
            self.checkpoint(&layout::checkpoint(at + 1), &key)?;
        }
        if self.edge.size().is_multiple_of(256) {
            self.compare_tiles()?;
        }
        Ok(())
    }

    /// Judges an entry's seals where it stands.
    fn seals(&mut self, replay: &Replay, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let Ok(leaf) = leaf::read(bytes) else {
            self.report.fault(format!("叶子 {at} 不可读 / leaf {at} is void"));
            return Ok(());
        };
        if replay.books.classify_leaf(&leaf) == Class::Void {
            // This program never logs one: a number out of turn, another ledger's entry, a second charter.
            self.report.fault(format!(
                "叶子 {at} 不算数 / leaf {at} is void: not the next of its unit, or misplaced"
            ));
        }
        if leaf.leaf_type != LeafType::Entry {
            return Ok(());
        }
        self.report.entries += 1;
        self.report.seals += leaf.note.signatures.len() as u64;
        let entry = Entry::of(leaf.json).map_err(|e| e.to_string());
        let judged = entry.as_ref().map_err(String::clone).and_then(|entry| {
            let signers = replay.registry.signers(&leaf.note, entry).map_err(|e| e.to_string())?;
            replay.registry.judge(entry, &signers, at, 0).map_err(|e| e.to_string())
        });
        if let Err(why) = judged {
            self.report.fault(format!("叶子 {at}：{why} / leaf {at}"));
        }
        entry.map_or(Ok(()), |entry| self.forgotten.take(&entry, &mut self.report))
    }

    /// Compares the tiles that the leaves so far make with the files.
    fn compare_tiles(&mut self) -> Result<(), StoreError> {
        let last = self.edge.size() == self.report.size;
        // Every partial tile of the last head, not only those that changed since the last comparison.
        let tiles = self.edge.tiles_since(if last { 0 } else { self.compared })?;
        self.compared = self.edge.size();
        for (path, bytes) in tiles {
            // Partial tiles of earlier heads may be gone; those of the last head are needed.
            if path.is_partial() && !last {
                continue;
            }
            self.report.tiles += 1;
            if self.tile(&path)?.as_deref() != Some(&bytes) {
                self.report.fault(format!(
                    "{path} 与叶子不符或缺失 / {path} is missing or not what the leaves give"
                ));
            }
        }
        Ok(())
    }

    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, StoreError> {
        match self.reader.tile_file(path) {
            Ok(found) => Ok(found.map(|bytes| bytes.to_vec())),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The checkpoint kept for the head that ends here.
    fn checkpoint(&mut self, path: &str, key: &VerifierKey) -> Result<(), StoreError> {
        let signed = self.reader.file(path)?.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
        let fits = signed.is_some_and(|s| {
            let head = &s.checkpoint;
            head.size == self.edge.size() && head.root == self.edge.root() && s.verify_log(key).is_ok()
        });
        if !fits {
            self.report.fault(format!("{path} 缺失或与叶子不符 / {path} is missing or not of this log"));
        }
        Ok(())
    }

    /// The published checkpoint is one of the log's own heads, none of them above `size`.
    fn published(&mut self, size: u64) -> Result<(), StoreError> {
        let Some(published) = self.reader.file(layout::PUBLISHED)? else { return Ok(()) };
        let head = SignedCheckpoint::parse(&published).ok().map(|s| s.checkpoint.size).filter(|n| *n <= size);
        let kept = match head {
            Some(head) => self.reader.file(&layout::checkpoint(head))?,
            None => None,
        };
        // Cosignatures may have come between the one and the other.
        if !kept.is_some_and(|kept| is_same_head(&kept, &published)) {
            self.report.fault("公布的存证点不是本账本的 / the published checkpoint is none of this log's");
        }
        Ok(())
    }
}

/// Redactions that were committed beside a running log since it had `size` leaves.
fn later(dir: &Path, size: u64) -> Result<Vec<Withdrawal>, StoreError> {
    let disk = FilesDisk::reader(dir);
    let head = committed(&disk, &disk, &dir.display().to_string())?.1.checkpoint;
    let reader = Reader::new(Arc::new(Overlay::new(disk, &head)?));
    let mut withdrawals = Vec::new();
    for at in size..head.size {
        let entry = Entry::of_leaf(&reader.leaf(at, head.size)?).ok();
        withdrawals.extend(entry.as_ref().and_then(Withdrawal::of));
    }
    Ok(withdrawals)
}

fn signed_by(bytes: &[u8], key: &VerifierKey) -> bool {
    leaf::read(bytes).is_ok_and(|leaf| {
        leaf.note.signatures.iter().any(|s| key.verify(leaf.note.text.as_bytes(), s).is_ok())
    })
}

/// Builds the query index anew from the tiles; the server must not run. Returns the leaves read.
///
/// # Errors
/// As opening a log.
pub fn reindex(dir: &Path) -> Result<u64, StoreError> {
    let place = Place::existing(dir)?;
    let (reader, query) = (Reader::new(Arc::clone(&place.disk)), Query::new(Arc::clone(&place.index)));
    query.clear()?;
    open(&*place.disk, &*place.lock, &reader, &query, &place.name).map(|found| found.size)
}
