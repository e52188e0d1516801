//! One log's round: ask everybody, hold every head against all that was seen, replay what is new, tell.

use super::config::LogConfig;
use super::follow::{Follower, Places, Walked, first};
use super::memory::{Memory, Standing};
use super::place::{Contradiction, Held, hold};
use super::proof;
use super::sources::{self, Heard, Kind};
use super::told::{Code, Found, Report, clock, settle};
use super::vouched::vouched;
use crate::findings::Note;
use ledger::bundle::FRESH;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::note::VerifierKey;
use ledger::policy::{Policy, REPLAYERS};
use ledger::unit::UnitId;
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

/// How long a head may stand without proof before somebody is called, in seconds.
const SHOW_WITHIN: u64 = 24 * 3_600;

/// What came of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Things that were told and last.
    pub open: usize,
    /// What could not be asked or read.
    pub unknown: usize,
}

/// One log, watched.
pub struct Watch<'t> {
    config: &'t LogConfig,
    timeout: Duration,
    silent_after: u64,
    ledger: String,
    places: &'t Places,
    follower: Follower<'t>,
    /// Where reports on what was told stand, and every head.
    pub memory: Memory,
}

/// What a round has found so far.
struct Finding {
    found: Vec<Found>,
    /// Whether the newest head was replayed.
    level: bool,
    unknown: usize,
}

impl<'t> Watch<'t> {
    /// Watches a log from its memory on.
    pub fn new(
        config: &'t LogConfig,
        places: &'t Places,
        memory: Memory,
        timeout: Duration,
        silent_after: u64,
    ) -> Self {
        let follower = Follower::new(places, config.trust.charter, &config.catalogue);
        let ledger = config.trust.ledger().to_string();
        Watch { config, timeout, silent_after, ledger, places, follower, memory }
    }

    /// Looks at the log once. What is new is handed to `tell` before it counts as told: after a kill it may be told
    /// twice, and never not at all.
    ///
    /// # Errors
    /// What the system said of the state's folder.
    pub fn round(&mut self, now: u64, tell: impl Fn(&Report)) -> io::Result<Round> {
        let mut round = Finding { found: Vec::new(), level: false, unknown: 0 };
        let mut heard = sources::ask(self.config, self.timeout);
        self.verify(&mut heard);
        for signed in heard.iter().filter_map(|heard| heard.said.as_ref().ok()) {
            let keys = self.keys();
            let by = |line: &&_| keys.iter().any(|key| key.verify(signed.text().as_bytes(), line).is_ok());
            if let Some(line) = signed.signatures.iter().find(by) {
                self.memory.see(&signed.checkpoint, line, now)?;
            }
        }
        self.hold(now, &mut round)?;
        self.compare(&heard, now, &mut round);
        self.replay(&heard, now, &mut round)?;
        self.vouch(&heard, now, &mut round);
        let answered: BTreeSet<&str> =
            heard.iter().filter(|h| h.said.is_ok()).map(|h| h.place.as_str()).collect();
        let asked: BTreeSet<&str> = heard.iter().map(|h| h.place.as_str()).collect();
        let ended = |found: &Found| match (found.code, &found.source) {
            (Code::Hole | Code::Overdue, _) | (Code::Shrank, None) => round.level,
            (Code::Shrank | Code::Stale, Some(source)) => {
                answered.contains(source.as_str()) || !asked.contains(source.as_str())
            }
            _ => true,
        };
        let Memory { state, .. } = &mut self.memory;
        let reports = settle(&mut state.told, round.found, now, ended);
        for report in reports {
            tell(&report);
            state.wait(report);
        }
        self.memory.save()?;
        Ok(Round { open: self.memory.state.told.len(), unknown: round.unknown })
    }

    fn found(&self, code: Code, zh: impl Into<String>, en: impl Into<String>) -> Found {
        Found::new(code, &self.ledger, zh, en)
    }

    /// Keys that the log signs with: that of the trust material, and those that the registry enrolled.
    fn keys(&self) -> Vec<VerifierKey> {
        let enrolled = self.memory.state.log_keys.iter().filter_map(|key| VerifierKey::parse(key).ok());
        [self.config.trust.log.clone()].into_iter().chain(enrolled).collect()
    }

    /// Believes heads that one of the log's keys signed. A key that nobody knows yet may stand in the leaves: the
    /// authority signs its enrolment, so it is looked for there.
    fn verify(&mut self, heard: &mut [Heard]) {
        let keys = self.keys();
        let strange = |signed: &&SignedCheckpoint| {
            let ours = || signed.signatures.iter().filter(|line| line.name == self.config.trust.origin);
            ours().next().is_some() && !ours().any(|line| keys.iter().any(|key| key.claims(line)))
        };
        let first = heard.iter().find(|heard| heard.kind == Kind::Log);
        let head = first.and_then(|log| log.said.as_ref().ok()).filter(strange).map(|s| s.checkpoint.clone());
        if let Some(head) = head
            && self.follower.advance(&head).is_ok()
        {
            self.learn();
        }
        let keys = self.keys();
        heard.iter_mut().for_each(|heard| heard.verify(&keys));
    }

    fn learn(&mut self) {
        if let Some(walked) = self.follower.walked() {
            self.memory.state.log_keys = walked.replay.registry.log_keys().map(ToString::to_string).collect();
        }
    }

    /// Holds every head that has no place yet against those that have one.
    fn hold(&mut self, now: u64, round: &mut Finding) -> io::Result<()> {
        // Opened anew: a place that keeps tiles would show those of yesterday's book.
        let tiles = self.config.places().unwrap_or_default();
        let mut again = true;
        while std::mem::take(&mut again) {
            let open: Vec<_> =
                self.memory.heads().filter(|seen| seen.standing == Standing::Open).cloned().collect();
            for head in open {
                match hold(&head, self.memory.heads(), &tiles) {
                    Held::Unknown => continue,
                    Held::Fits => self.memory.place(&head.checkpoint, Standing::Placed)?,
                    Held::Contradicts(both) => {
                        // The file is there before the head is done with.
                        round.found.extend(self.contradicted(&both)?);
                        self.memory.place(&head.checkpoint, Standing::Forked)?;
                    }
                }
                again = true;
            }
        }
        let late = self
            .memory
            .heads()
            .filter(|seen| seen.standing == Standing::Open && now.saturating_sub(seen.time) > SHOW_WITHIN);
        if let Some(head) = late.last() {
            let (size, since) = (head.checkpoint.size, head.time);
            let found = self.found(
                Code::CannotShow,
                format!("账本签过一个 {size} 个叶子的存证点，一天了还证明不了它和其他存证点是同一本账。请打电话问经办单位"),
                format!("the log signed a head of {size} leaves and for a day could not show that it is of one book with the others: call the office"),
            );
            round.found.push(found.because(format!("since {}\n{}", clock(since), head.note())));
        }
        Ok(())
    }

    /// Two heads, told once a ledger: later ones of the same two books add nothing.
    fn contradicted(&self, both: &Contradiction) -> io::Result<Option<Found>> {
        let (older, newer) = (&both.older.checkpoint, &both.newer.checkpoint);
        let found = self.found(
            Code::TwoHeads,
            format!("账本签了两本账：{} 个叶子的存证点不是 {} 个叶子的存证点的开头。请保存证据文件，向上级和监察机关反映", older.size, newer.size),
            format!("the log signed two books: its head of {} leaves is no beginning of its head of {} leaves; keep the evidence file and report it", older.size, newer.size),
        );
        if self.memory.state.told.contains_key(&found.key()) {
            return Ok(None);
        }
        let name = format!("two-heads-{}-{}", older.size, newer.size);
        let heads = proof::both(&both.older.note(), &both.newer.note());
        let kept = Some(self.memory.keep(&format!("{name}.heads.txt"), &heads)?);
        let charter = first(self.places, newer.size).unwrap_or_default();
        let evidence = proof::two_heads(&charter, both);
        let evidence =
            evidence.map(|text| self.memory.keep(&format!("{name}.evidence.txt"), &text)).transpose()?;
        Ok(Some(Found { evidence, kept, ..found }))
    }

    /// What each source shows, against what it showed before and what the others show.
    fn compare(&mut self, heard: &[Heard], now: u64, round: &mut Finding) {
        for Heard { kind, place, said } in heard {
            let signed = match said {
                Ok(signed) => signed,
                Err(why) => {
                    round.unknown += 1;
                    let since = *self.memory.state.silent.entry(place.clone()).or_insert(now);
                    if now.saturating_sub(since) >= self.silent_after {
                        round.found.push(self.silent(*kind, place, since, why));
                    }
                    continue;
                }
            };
            self.memory.state.silent.remove(place);
            let size = signed.checkpoint.size;
            let largest = *self
                .memory
                .state
                .largest
                .entry(place.clone())
                .and_modify(|l| *l = size.max(*l))
                .or_insert(size);
            if size < largest {
                let found = self.found(
                    Code::Shrank,
                    format!("{place} 以前给出 {largest} 个叶子的存证点，现在只给 {size} 个：可能是旧副本，也可能是账本退回去了"),
                    format!("{place} showed a head of {largest} leaves before and one of {size} now: an old copy, or the log was rolled back"),
                );
                let before = self.memory.heads().rfind(|seen| seen.checkpoint.size == largest);
                let both = before.map(|before| proof::both(&before.note(), &head(signed)));
                let kept = both.and_then(|both| {
                    self.memory.keep(&format!("shrank-{largest}-{size}.heads.txt"), &both).ok()
                });
                round.found.push(Found { kept, ..found.from(place) });
            }
            let newer = self.memory.heads().find(|seen| seen.checkpoint.size > size);
            if newer.is_some_and(|newer| now.saturating_sub(newer.time) > FRESH) {
                let found = self.found(
                    Code::Stale,
                    format!("{place} 给出的存证点已落后 48 小时以上（{size} 个叶子）"),
                    format!("{place} shows a head that is behind by more than 48 hours ({size} leaves)"),
                );
                round.found.push(found.from(place));
            }
        }
    }

    fn silent(&self, kind: Kind, place: &str, since: u64, why: &str) -> Found {
        let (zh, en) = match kind {
            Kind::Log => ("账本", "the log"),
            Kind::Mirror => ("副本", "the mirror"),
            Kind::Witness => ("见证人", "the witness"),
        };
        let found = self.found(
            Code::Silent,
            format!("{zh} {place} 从 {} 起没有给出账本签名的存证点。这不说明账本有问题：请检查网络和地址", clock(since)),
            format!("{en} {place} has given no head signed by the log since {}: nothing against the ledger; check network and address", clock(since)),
        );
        found.from(place).because(why)
    }

    /// Reads the leaves of the largest head that comes with tiles.
    fn replay(&mut self, heard: &[Heard], now: u64, round: &mut Finding) -> io::Result<()> {
        let with_tiles = heard.iter().filter(|heard| heard.kind != Kind::Witness);
        let heads = with_tiles.filter_map(|heard| heard.said.as_ref().ok());
        let Some(head) = heads.map(|signed| &signed.checkpoint).max_by_key(|head| head.size).cloned() else {
            return Ok(());
        };
        let tiles = format!("{}/tile", self.config.url);
        if let Err(why) = self.follower.advance(&head) {
            round.unknown += 1;
            let since = *self.memory.state.silent.entry(tiles.clone()).or_insert(now);
            if now.saturating_sub(since) >= self.silent_after {
                let found = self.found(
                    Code::Silent,
                    format!("{} 起账本的条目读不到，或与它签的存证点对不上：条目没有核对", clock(since)),
                    format!("since {} the log's leaves can't be read, or don't fit the head that it signed: they are not checked", clock(since)),
                );
                round.found.push(found.from(&tiles).because(why));
            }
            return Ok(());
        }
        self.memory.state.silent.remove(&tiles);
        self.learn();
        round.level = true;
        let Some(walked) = self.follower.walked() else { return Ok(()) };
        let mut found = wrong(walked, &head, &self.ledger, self.config);
        found.extend(books(walked, &self.ledger, self.config, now));
        let counts =
            walked.replay.books.units().map(|(unit, trees)| (unit.to_string(), trees.lines.size())).collect();
        let before = std::mem::replace(&mut self.memory.state.counts, counts);
        for (unit, was) in before {
            let is = self.memory.state.counts.get(&unit).copied().unwrap_or_default();
            if is < was {
                let mut shrank = self.found(
                    Code::Shrank,
                    format!("{unit} 以前有 {was} 条，现在只有 {is} 条"),
                    format!("{unit} had {was} entries before and has {is} now"),
                );
                shrank.unit = Some(unit.clone());
                round.found.push(shrank);
                // What was there is what it is held against, until it is there again.
                self.memory.state.counts.insert(unit, was);
            }
        }
        for found in &mut found {
            if !self.memory.state.told.contains_key(&found.key()) {
                found.evidence = self.evidence(found, now)?;
            }
        }
        round.found.extend(found);
        Ok(())
    }

    fn evidence(&self, found: &Found, now: u64) -> io::Result<Option<String>> {
        let unit = found.unit.as_deref().and_then(UnitId::parse);
        let (Code::WrongSeal, Some(unit), Some(seq)) = (found.code, unit, found.seq) else { return Ok(None) };
        let text = proof::wrong_seal(&self.config.url, self.config.trust.charter, &unit, seq, now);
        text.map(|text| self.memory.keep(&format!("wrong-seal-{unit}-{seq}.evidence.txt"), &text)).transpose()
    }

    /// Whether a quorum and a replayer have cosigned some head within 48 hours.
    fn vouch(&mut self, heard: &[Heard], now: u64, round: &mut Finding) {
        let registry = self.follower.walked().map(|walked| {
            let lines = walked.replay.registry.policy(walked.replay.head());
            lines.iter().map(|line| format!("{line}\n")).collect()
        });
        let text = registry.unwrap_or_else(|| self.config.trust.policy.clone());
        let policy = Policy::parse(&text).ok().filter(|policy| !policy.is_none());
        let Some(policy) = policy else { return };
        let replayers = text.lines().any(|line| line.split_whitespace().nth(1) == Some(REPLAYERS));
        let times = vouched(heard.iter().filter_map(|heard| heard.said.as_ref().ok()), &policy, now);
        let state = &mut self.memory.state;
        state.quorum = state.quorum.max(times.quorum);
        state.replay = state.replay.max(times.replay);
        let (since, quorum, replay) = (state.since, state.quorum, state.replay);
        let late = |time: Option<u64>| now.saturating_sub(time.unwrap_or(since)) > FRESH;
        let last = |time: Option<u64>| format!("last {}", time.map_or("never".to_owned(), clock));
        if late(quorum) {
            let found = self.found(
                Code::NoQuorum,
                "48 小时内没有足够的见证人为任何存证点签名：新内容没有人作证",
                "for 48 hours no quorum of witnesses has cosigned any head: nobody vouches for what is new",
            );
            round.found.push(found.because(last(quorum)));
        }
        if replayers && late(replay) {
            let found = self.found(
                Code::NoReplay,
                "48 小时内没有核对人重放账本并签名：没有人证明新内容是完整的",
                "for 48 hours no replayer has cosigned: nobody vouches that what is new is complete",
            );
            round.found.push(found.because(last(replay)));
        }
    }
}

fn head(signed: &SignedCheckpoint) -> String {
    ledger::note::assemble(signed.text(), &signed.signatures)
}

/// What contradicts the log's own signature in what was read since the last round.
fn wrong(walked: &mut Walked<'_>, head: &Checkpoint, ledger: &str, config: &LogConfig) -> Vec<Found> {
    let faults = std::mem::take(&mut walked.replay.faults);
    let watched =
        |note: &&Note| note.unit.as_deref().and_then(UnitId::parse).is_none_or(|unit| config.watches(&unit));
    let one = |note: &Note| {
        let at = note.seq.or(note.index).unwrap_or_default();
        let found = match (note.code, note.unit.as_deref().and_then(UnitId::parse)) {
            ("seal", Some(unit)) => Found::new(
                Code::WrongSeal,
                ledger,
                format!("{unit} 第 {at} 号条目的印章不够或不对，账本却收了"),
                format!("the log took entry {at} of {unit}, whose seals do not suffice"),
            )
            .of(&unit),
            _ => Found::new(
                Code::WrongIndex,
                ledger,
                format!("账本签名的总目录（{at} 号叶子）与它之前的条目不符"),
                format!("the signed index leaf at {at} is not what the leaves before it say"),
            ),
        };
        found.at(at).because(note.what.clone())
    };
    let mut found: Vec<Found> = faults.first.iter().filter(watched).map(one).collect();
    if walked.replay.head() + 1 != head.size {
        let what = "最后一个叶子不是索引叶 / the last leaf is no index leaf";
        found.push(one(&Note::leaf("index_leaf", head.size.saturating_sub(1), what)));
    }
    found
}

/// What the units' books show now: numbers left out, periods not closed.
fn books(walked: &Walked<'_>, ledger: &str, config: &LogConfig, now: u64) -> Vec<Found> {
    let (books, registry) = (&walked.replay.books, &walked.replay.registry);
    let holes = walked.ahead.iter().map(|(unit, seq)| (unit, books.count(unit) + 1, *seq));
    let holes = holes.filter(|(_, next, seq)| next <= seq).map(|(unit, next, seq)| {
        let found = Found::new(
            Code::Hole,
            ledger,
            format!("{unit} 的编号有缺：账本里有第 {seq} 号，却没有第 {next} 号"),
            format!("a hole in the numbers of {unit}: the log holds number {seq} and has no number {next}"),
        );
        (*unit, found.of(unit).at(next))
    });
    let overdue = walked
        .closes
        .overdue(registry, walked.replay.head(), &config.catalogue, now, |unit| books.count(unit));
    let overdue = overdue.map(|(unit, period, last)| {
        let found = Found::new(
            Code::Overdue,
            ledger,
            format!("{unit} 的 {period} 账还没公布：按规定 {last} 前要公布"),
            format!("{unit} has not closed {period}: it was due by {last}"),
        );
        (unit, Found { period: Some(period.to_string()), ..found.of(&unit) })
    });
    holes.chain(overdue).filter(|(unit, _)| config.watches(unit)).map(|(_, found)| found).collect()
}
