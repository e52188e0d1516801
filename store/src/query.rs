//! What the query index says: lines by unit, unit trees, amendments by target, acts, who names which file, and the head
//! it stands at.
//!
//! | key | value |
//! | --- | --- |
//! | `l` unit chunk | up to 256 lines of 48 bytes: leaf index, time, leaf hash |
//! | `u` unit | [`UnitTrees::encode`] |
//! | `a` unit target | amendments of that entry, 9 bytes each: number, 1 when it supersedes |
//! | `g` leaf index | time of a registry act or a closing there |
//! | `n` digest unit number | an entry that names the file: 1 as its list, 0 as an attachment |
//! | `m3` | size and time of the head it stands at; the 3 is this layout's |

use crate::error::StoreError;
use crate::index::{Index, Puts};
use ledger::amend::Amendment;
use ledger::books::Books;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::index::{Line, UnitTrees};
use ledger::payment_rows::list_of;
use ledger::registry::is_authority_act;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines in one record.
const CHUNK: u64 = 256;
/// Bytes of a line in a record.
const LINE: usize = 48;
/// Bytes of an amendment in a record.
const AMENDMENT: usize = 9;
/// Its number is the layout's, and whoever changes a record raises it: an index of another layout has no head under
/// this key and is built anew, never misread.
const META: &[u8] = b"m3";

/// What a publication's entries add beside their lines.
#[derive(Default)]
pub struct Noted {
    /// Leaf indexes of registry acts and closings.
    pub acts: Vec<u64>,
    /// Unit and number of an amended entry, and the amendment.
    amended: Vec<(UnitId, u64, Amendment)>,
    /// Files and who names them.
    named: Vec<(Hash, Naming)>,
}

/// An entry that names a file.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// Its unit.
    pub unit: UnitId,
    /// Its number there.
    pub seq: u64,
    /// As the list of a payment list, which nothing withdraws; else as an attachment.
    pub is_list: bool,
}

impl Noted {
    /// Notes the entry at a leaf index.
    pub fn take(&mut self, entry: &Entry, index: u64) {
        let (unit, seq) = (entry.unit(), entry.seq());
        if is_authority_act(entry) {
            self.acts.push(index);
        }
        self.amended.extend(Amendment::of(entry).map(|(target, it)| (unit, target, it)));
        let attachments = entry.attachments.iter().map(|attachment| (attachment.digest, false));
        let list = list_of(entry).map(|list| (list.digest, true));
        let named = attachments.chain(list);
        self.named.extend(named.map(|(digest, is_list)| (digest, Naming { unit, seq, is_list })));
    }
}

/// The query index of a log.
#[derive(Clone)]
pub struct Query {
    index: Arc<dyn Index>,
    /// Entries of each unit that has a record: registries without entries are written once, and a line that
    /// must be there and is not shows that the index is damaged.
    known: Arc<Mutex<BTreeMap<UnitId, u64>>>,
}

/// A line that a publication covers, and whether it amends an earlier entry.
pub type Covered = (UnitId, Line, bool);

impl Query {
    /// The query index in a table.
    pub fn new(index: Arc<dyn Index>) -> Self {
        Query { index, known: Arc::default() }
    }

    /// Size and time of the head it stands at; `None` when it is empty or damaged.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn head(&self) -> Result<Option<(u64, u64)>, StoreError> {
        let meta = self.index.get(META)?;
        Ok(meta.and_then(|m| Some((number(m.get(..8)?)?, number(m.get(8..16)?)?))))
    }

    /// Every unit's trees; `None` when a record is damaged.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn units(&self) -> Result<Option<BTreeMap<UnitId, UnitTrees>>, StoreError> {
        let mut units = BTreeMap::new();
        for (key, value) in self.index.scan(b"u")? {
            let unit = key.get(1..).and_then(|k| std::str::from_utf8(k).ok());
            let void = unit == Some(UnitId::VOID.as_str());
            let unit = unit.and_then(UnitId::parse).or(void.then_some(UnitId::VOID));
            match unit.zip(UnitTrees::decode(&value)) {
                Some((unit, trees)) => units.insert(unit, trees),
                None => return Ok(None),
            };
        }
        self.counts().extend(units.iter().map(|(unit, trees)| (*unit, trees.lines.size())));
        Ok(Some(units))
    }

    /// Leaf indexes and times of registry acts and closings, in log order.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn acts(&self) -> Result<Vec<(u64, u64)>, StoreError> {
        let acts = self.index.scan(b"g")?;
        Ok(acts.iter().filter_map(|(k, v)| Some((number(k.get(1..)?)?, number(v)?))).collect())
    }

    /// The first `count` lines of a unit, or as many as there are.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn lines(&self, unit: &UnitId, count: u64) -> Result<Vec<Line>, StoreError> {
        let mut lines = Vec::new();
        for chunk in 0..count.div_ceil(CHUNK) {
            let record = self.index.get(&line_key(unit, chunk))?.unwrap_or_default();
            let first = chunk * CHUNK + 1;
            lines.extend(
                (first..=count).zip(record.chunks_exact(LINE)).filter_map(|(seq, b)| read_line(seq, b)),
            );
        }
        Ok(lines)
    }

    /// The line of a unit's entry; `None` when it has no such number.
    ///
    /// # Errors
    /// [`StoreError::Index`], also when the unit has that number and its line is not there.
    pub fn line(&self, unit: &UnitId, seq: u64) -> Result<Option<Line>, StoreError> {
        let count = self.counts().get(unit).copied().unwrap_or_default();
        let Some(at) = seq.checked_sub(1).filter(|_| seq <= count) else { return Ok(None) };
        let record = self.index.get(&line_key(unit, at / CHUNK))?.unwrap_or_default();
        let line = record.chunks_exact(LINE).nth((at % CHUNK) as usize).and_then(|b| read_line(seq, b));
        line.ok_or_else(|| lacks(unit, seq)).map(Some)
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<UnitId, u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The amendments of a unit's entry, numbers rising.
    ///
    /// # Errors
    /// [`StoreError::Index`], also when the record is damaged.
    pub fn amendments(&self, unit: &UnitId, target: u64) -> Result<Vec<Amendment>, StoreError> {
        let record = self.index.get(&amendments_key(unit, target))?.unwrap_or_default();
        record.chunks(AMENDMENT).map(|b| read_amendment(b).ok_or_else(|| lacks(unit, target))).collect()
    }

    /// The entries that name a file, by unit and number.
    ///
    /// # Errors
    /// [`StoreError::Index`], also when a record is damaged.
    pub fn namings(&self, digest: &Hash) -> Result<Vec<Naming>, StoreError> {
        let records = self.index.scan(&[b"n", digest.as_bytes().as_slice()].concat())?;
        let damaged = || StoreError::Index(format!("附件 {} / blob {0}", digest.to_hex()));
        records.iter().map(|(key, value)| read_naming(key, value).ok_or_else(damaged)).collect()
    }

    /// Records a publication: the lines it covers, what was noted of its entries, and the head, all at once.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn record(&self, books: &Books, covered: &[Covered], noted: &Noted) -> Result<(), StoreError> {
        let mut puts: Puts =
            noted.named.iter().map(|(digest, naming)| naming_record(digest, naming)).collect();
        let mut chunks: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut amendments: BTreeMap<Vec<u8>, Vec<Amendment>> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for (unit, line, _) in covered {
            let at = line.seq.saturating_sub(1);
            let key = line_key(unit, at / CHUNK);
            let record = match chunks.entry(key.clone()) {
                std::collections::btree_map::Entry::Occupied(o) => o.into_mut(),
                std::collections::btree_map::Entry::Vacant(v) => {
                    v.insert(self.index.get(&key)?.unwrap_or_default())
                }
            };
            // A record that a crash left longer than the head it stands at is written over from here; in one
            // that is too short, this and all later lines would stand in another entry's place.
            let end = (at % CHUNK) as usize * LINE;
            if record.len() < end {
                return Err(lacks(unit, line.seq - 1));
            }
            record.truncate(end);
            record.extend_from_slice(&line.index.to_be_bytes());
            record.extend_from_slice(&line.time.to_be_bytes());
            record.extend_from_slice(line.leaf.as_bytes());
            if noted.acts.contains(&line.index) {
                puts.push((
                    [b"g", line.index.to_be_bytes().as_slice()].concat(),
                    line.time.to_be_bytes().to_vec(),
                ));
            }
            touched.insert(*unit);
        }
        puts.extend(chunks);
        for (unit, target, amendment) in &noted.amended {
            let key = amendments_key(unit, *target);
            let mut known = match amendments.remove(&key) {
                Some(known) => known,
                None => self.amendments(unit, *target)?,
            };
            // As with lines: what a crash left beyond the head is written over.
            known.retain(|earlier| earlier.seq < amendment.seq);
            known.push(*amendment);
            amendments.insert(key, known);
        }
        let bytes = |a: &Amendment| a.seq.to_be_bytes().into_iter().chain([u8::from(a.supersedes)]);
        puts.extend(amendments.into_iter().map(|(key, known)| (key, known.iter().flat_map(bytes).collect())));
        let mut counts = Vec::new();
        {
            let known = self.counts();
            for (unit, trees) in books.units() {
                if touched.contains(unit) || !known.contains_key(unit) {
                    puts.push((unit_key(b'u', unit), trees.encode()));
                    counts.push((*unit, trees.lines.size()));
                }
            }
        }
        puts.push((META.to_vec(), [books.size().to_be_bytes(), books.time().to_be_bytes()].concat()));
        self.index.apply(puts)?;
        // After the lines are there: readers take a line below its unit's count for granted.
        self.counts().extend(counts);
        Ok(())
    }

    /// Forgets the head that it stands at, so that the next start builds it anew.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn distrust(&self) -> Result<(), StoreError> {
        self.index.apply(vec![(META.to_vec(), Vec::new())])?;
        self.index.flush()
    }

    /// Brings it to the disk.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn flush(&self) -> Result<(), StoreError> {
        self.index.flush()
    }

    /// Empties it.
    ///
    /// # Errors
    /// [`StoreError::Index`].
    pub fn clear(&self) -> Result<(), StoreError> {
        self.counts().clear();
        self.index.clear()
    }
}

fn lacks(unit: &UnitId, seq: u64) -> StoreError {
    StoreError::Index(format!("缺少 {unit} 第 {seq} 号 / {unit} number {seq} is missing"))
}

fn line_key(unit: &UnitId, chunk: u64) -> Vec<u8> {
    [b"l", unit.as_str().as_bytes(), &chunk.to_be_bytes()].concat()
}

fn unit_key(table: u8, unit: &UnitId) -> Vec<u8> {
    [&[table], unit.as_str().as_bytes()].concat()
}

fn amendments_key(unit: &UnitId, target: u64) -> Vec<u8> {
    [b"a", unit.as_str().as_bytes(), &target.to_be_bytes()].concat()
}

fn naming_record(digest: &Hash, naming: &Naming) -> (Vec<u8>, Vec<u8>) {
    let (unit, seq) = (naming.unit.as_str().as_bytes(), naming.seq.to_be_bytes());
    ([b"n", digest.as_bytes().as_slice(), unit, &seq].concat(), vec![u8::from(naming.is_list)])
}

fn read_naming(key: &[u8], value: &[u8]) -> Option<Naming> {
    let (rest, seq) = key.split_last_chunk::<8>()?;
    let unit = UnitId::parse(std::str::from_utf8(rest.get(1 + 32..)?).ok()?)?;
    Some(Naming { unit, seq: u64::from_be_bytes(*seq), is_list: value == [1] })
}

fn read_amendment(bytes: &[u8]) -> Option<Amendment> {
    let (flag, seq) = bytes.split_last()?;
    Some(Amendment { seq: number(seq)?, supersedes: *flag == 1 })
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

fn read_line(seq: u64, bytes: &[u8]) -> Option<Line> {
    let (index, rest) = bytes.split_first_chunk::<8>()?;
    let (time, leaf) = rest.split_first_chunk::<8>()?;
    Some(Line {
        seq,
        index: u64::from_be_bytes(*index),
        time: u64::from_be_bytes(*time),
        leaf: Hash::from_slice(leaf)?,
    })
}
