//! What a log's leaves say: seals, index leaves, numbers left out, periods not closed.

use super::follow::{Stop, Walked};
use super::proof;
use super::told::{Code, Found, clock};
use super::watch::{TILES, Watch};
use crate::findings::Note;
use ledger::checkpoint::Checkpoint;
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use std::io;

/// Most evidence files of wrong seals in a round: they come from the log's own server, which may take its time.
const MAX_EVIDENCE: usize = 4;

impl Watch<'_> {
    /// Reads up to a head that the log signed; whether that could be done.
    ///
    /// LIMIT: of more than 200 wrong seals in one round the first 200 are told.
    pub(super) fn read(&mut self, head: &Checkpoint, now: u64, found: &mut Vec<Found>) -> io::Result<bool> {
        let tiles = format!("{}{TILES}", self.config.url);
        let walked = match self.follower.advance(head) {
            Ok(Some(walked)) => walked,
            // An older head than was read: what it says was told.
            Ok(None) => return Ok(false),
            Err(stop) => {
                let since = *self.memory.state.silent.entry(tiles.clone()).or_insert(now);
                if now.saturating_sub(since) >= self.silent_after {
                    found.push(self.unread(stop, since).from(&tiles));
                }
                return Ok(false);
            }
        };
        let faults = faults(walked, head);
        let books = &walked.replay.books;
        let holes: Vec<_> =
            walked.ahead.iter().map(|(unit, seq)| (*unit, books.count(unit) + 1, *seq)).collect();
        let (registry, at) = (&walked.replay.registry, walked.replay.head());
        let overdue =
            walked.closes.overdue(registry, at, &self.config.catalogue, now, |unit| books.count(unit));
        let overdue: Vec<_> = overdue.collect();
        let counts = books.units().map(|(unit, trees)| (unit.to_string(), trees.lines.size())).collect();
        self.memory.state.silent.remove(&tiles);
        self.learn();
        found.extend(self.counted(counts));
        let mut tries = MAX_EVIDENCE;
        for note in faults {
            found.extend(self.fault(&note, now, &mut tries)?);
        }
        for (unit, next, seq) in holes.into_iter().filter(|(_, next, seq)| next <= seq) {
            let hole = self.found(
                Code::Hole,
                format!("{unit} 的编号有缺：账本里有第 {seq} 号，却没有第 {next} 号"),
                format!(
                    "a hole in the numbers of {unit}: the log holds number {seq} and has no number {next}"
                ),
            );
            found.extend(self.config.watches(&unit).then(|| hole.of(&unit).at(next)));
        }
        for (unit, period, last) in overdue {
            let late = self.found(
                Code::Overdue,
                format!("{unit} 的 {period} 账还没公布：按规定 {last} 前要公布"),
                format!("{unit} has not closed {period}: it was due by {last}"),
            );
            let late = Found { period: Some(period.to_string()), ..late.of(&unit) };
            found.extend(self.config.watches(&unit).then_some(late));
        }
        Ok(true)
    }

    fn unread(&self, stop: Stop, since: u64) -> Found {
        let since = clock(since);
        match stop {
            Stop::Away(why) => {
                let found = self.found(
                    Code::Silent,
                    format!("从 {since} 起账本的条目读不到：新条目没有核对。这不说明账本有问题"),
                    format!("since {since} the log's leaves can't be read: new entries are not checked; nothing against the ledger"),
                );
                found.because(why)
            }
            Stop::Misfit(why) => {
                let found = self.found(
                    Code::CannotShow,
                    format!("从 {since} 起账本给出的条目与它签的存证点对不上。请换一个网络再查；仍如此请打电话问经办单位"),
                    format!("since {since} the leaves that the log serves do not fit the head that it signed: try another network; if it stays so, call the office"),
                );
                found.because(why)
            }
        }
    }

    /// Units that have fewer entries than before. What was there is what they are held against until it is there again.
    fn counted(&mut self, counts: BTreeMap<String, u64>) -> Vec<Found> {
        let before = std::mem::replace(&mut self.memory.state.counts, counts);
        let mut found = Vec::new();
        for (unit, was) in before {
            let is = self.memory.state.counts.get(&unit).copied().unwrap_or_default();
            if is >= was {
                continue;
            }
            let shrank = self.found(
                Code::Shrank,
                format!("{unit} 以前有 {was} 条，现在只有 {is} 条"),
                format!("{unit} had {was} entries before and has {is} now"),
            );
            if UnitId::parse(&unit).is_none_or(|unit| self.config.watches(&unit)) {
                found.push(Found { unit: Some(unit.clone()), ..shrank });
            }
            self.memory.state.counts.insert(unit, was);
        }
        found
    }

    /// A fault of the log's own; one that is new with evidence, as long as there are tries for it.
    fn fault(&self, note: &Note, now: u64, tries: &mut usize) -> io::Result<Option<Found>> {
        let at = note.seq.or(note.index).unwrap_or_default();
        let Some(unit) = note.unit.as_deref().and_then(UnitId::parse) else {
            let wrong = self.found(
                Code::WrongIndex,
                format!("账本签名的总目录（{at} 号叶子）与它之前的条目不符。请用 village-verifier audit --save 留一份副本，那就是证据"),
                format!("the signed index leaf at {at} is not what the leaves before it say: keep a copy with village-verifier audit --save, it is the evidence"),
            );
            return Ok(Some(wrong.at(at).because(note.what.clone())));
        };
        let wrong = self.found(
            Code::WrongSeal,
            format!("{unit} 第 {at} 号条目的印章不够或不对，账本却收了"),
            format!("the log took entry {at} of {unit}, whose seals do not suffice"),
        );
        let mut wrong = wrong.of(&unit).at(at).because(note.what.clone());
        if !self.config.watches(&unit) {
            return Ok(None);
        }
        if *tries > 0 && !self.memory.state.told.contains_key(&wrong.key()) {
            let text = proof::wrong_seal(&self.config.url, self.config.trust.charter, &unit, at, now);
            let keep =
                |text: String| self.memory.keep(&format!("wrong-seal-{unit}-{at}.evidence.txt"), &text);
            *tries = if text.is_some() { *tries - 1 } else { 0 };
            wrong.evidence = text.map(keep).transpose()?;
        }
        Ok(Some(wrong))
    }
}

/// What contradicts the log's own signature in what was read since this was asked last.
fn faults(walked: &mut Walked<'_>, head: &Checkpoint) -> Vec<Note> {
    let mut faults = std::mem::take(&mut walked.replay.faults).first;
    if walked.replay.head() + 1 != head.size {
        let what = "最后一个叶子不是索引叶 / the last leaf is no index leaf";
        faults.push(Note::leaf("index_leaf", head.size.saturating_sub(1), what));
    }
    faults
}
