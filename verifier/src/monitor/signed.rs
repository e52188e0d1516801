//! What a log signed: heads held against all that were seen, what each source shows, who vouched and when.

use super::memory::Standing;
use super::place::{Contradiction, Held, hold};
use super::proof;
use super::sources::{Heard, Kind};
use super::told::{Code, Found, clock};
use super::vouched::vouched;
use super::watch::Watch;
use client::{Http, HttpTiles, Mirror};
use ledger::bundle::FRESH;
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::note;
use ledger::policy::Policy;
use std::io;

/// How long a head may stand without proof before somebody is called, in seconds.
const SHOW_WITHIN: u64 = 24 * 3_600;

impl Watch<'_> {
    /// Holds every head that has no place yet against those that have one. Those that contradict them are returned, to
    /// be put down once they are told.
    pub(super) fn hold(&mut self, now: u64, found: &mut Vec<Found>) -> io::Result<Vec<Checkpoint>> {
        let tiles = self.tiles();
        let (mut forked, mut convicted, mut again) = (Vec::new(), true, true);
        // One that found its place may be what another waits for.
        while std::mem::take(&mut again) {
            let open = self.memory.heads().filter(|seen| seen.standing == Standing::Open);
            let open: Vec<_> = open.filter(|seen| !forked.contains(&seen.checkpoint)).cloned().collect();
            for head in open {
                match hold(&head, self.memory.heads(), &tiles) {
                    Held::Unknown => continue,
                    Held::Fits => self.memory.place(&head.checkpoint, Standing::Placed)?,
                    Held::Contradicts(both) => {
                        let told = self.two_heads(&both, &tiles)?;
                        convicted &= told.as_ref().is_none_or(|told| told.evidence.is_some());
                        found.extend(told);
                        forked.push(head.checkpoint);
                    }
                }
                again = true;
            }
        }
        let late = self.memory.heads().rfind(|seen| {
            let open = seen.standing == Standing::Open && !forked.contains(&seen.checkpoint);
            open && now.saturating_sub(seen.time) > SHOW_WITHIN
        });
        found.extend(late.map(|head| {
            let (size, since) = (head.checkpoint.size, clock(head.time));
            let found = self.found(
                Code::CannotShow,
                format!("账本签过 {size} 个叶子的存证点（{since} 见到），一天了还没有证明它和其他存证点是同一本账：请打电话问经办单位"),
                format!("the log signed a head of {size} leaves (seen {since}) and for a day has not shown that it is of one book with the others: call the office"),
            );
            found.because(head.note())
        }));
        // Without a file that convicts they are held again: what it takes may be read by then.
        Ok(if convicted { forked } else { Vec::new() })
    }

    /// Where tiles for proofs are read: opened anew, since a place that keeps tiles would show yesterday's book; and
    /// without patience, since whoever has two books has no haste.
    fn tiles(&self) -> Vec<Mirror> {
        let open = |place: &String| match Http::new(place) {
            Ok(http) => Some(Mirror::Http(HttpTiles::new(http.once(self.timeout)))),
            Err(_) => Mirror::open(place).ok(),
        };
        [&self.config.url].into_iter().chain(&self.config.mirrors).filter_map(open).collect()
    }

    /// Two heads, told once a ledger: later ones of the same two books add nothing.
    fn two_heads(&self, both: &Contradiction, tiles: &[Mirror]) -> io::Result<Option<Found>> {
        let (older, newer) = (both.older.checkpoint.size, both.newer.checkpoint.size);
        let found = self.found(
            Code::TwoHeads,
            format!("账本签了两本账：{older} 个叶子的存证点和 {newer} 个叶子的存证点互相矛盾。请保存证据文件，向上级和监察机关反映"),
            format!("the log signed two books: its heads of {older} and of {newer} leaves contradict each other; keep the evidence file and report it"),
        );
        if self.memory.state.told.get(&found.key()).is_some_and(|told| told.found.evidence.is_some()) {
            return Ok(None);
        }
        let name = format!("two-heads-{older}-{newer}");
        let heads = proof::both(&both.older.note(), &both.newer.note());
        let kept = self.memory.keep(&format!("{name}.heads.txt"), &heads)?;
        let pinned = self.config.trust.charter;
        let charter = self.memory.state.charter.clone();
        let charter = charter.or_else(|| proof::charter(pinned, &[newer, older], tiles));
        let evidence =
            charter.and_then(|charter| proof::two_heads(pinned, charter, &self.memory.state.acts, both));
        let evidence =
            evidence.map(|text| self.memory.keep(&format!("{name}.evidence.txt"), &text)).transpose()?;
        Ok(Some(Found { evidence, kept: Some(kept), ..found }))
    }

    /// What each source shows, against what it showed before and what the others show; how many could not be asked.
    ///
    /// LIMIT: an address behind which several servers stand, one of them behind the others, goes back and forth.
    pub(super) fn compare(&mut self, heard: &[Heard], now: u64, found: &mut Vec<Found>) -> usize {
        let mut unknown = 0;
        for Heard { kind, place, said } in heard {
            match said {
                Ok(signed) => {
                    self.memory.state.silent.remove(place);
                    found.extend(self.shrank(place, signed));
                    found.extend(self.stale(place, signed.checkpoint.size, now));
                }
                Err(why) => {
                    unknown += 1;
                    found.extend(self.silent(*kind, place, now, why));
                }
            }
        }
        unknown
    }

    fn shrank(&mut self, place: &str, signed: &SignedCheckpoint) -> Option<Found> {
        let size = signed.checkpoint.size;
        let largest = self.memory.state.largest.entry(place.to_owned()).or_default();
        *largest = size.max(*largest);
        let largest = *largest;
        if size == largest {
            return None;
        }
        let found = self.found(
            Code::Shrank,
            format!("{place} 给出过 {largest} 个叶子的存证点，现在只有 {size} 个：可能是旧副本，也可能账本退回去了。两份签名都已保存"),
            format!("{place} showed a head of {largest} leaves before and one of {size} now: an old copy, or the log was rolled back; both signed heads are kept"),
        );
        let before = self.memory.heads().rfind(|seen| seen.checkpoint.size == largest)?.note();
        let both = proof::both(&before, &note::assemble(signed.text(), &signed.signatures));
        let kept = self.memory.keep(&format!("shrank-{largest}-{size}.heads.txt"), &both).ok();
        Some(Found { kept, ..found.from(place) })
    }

    fn stale(&self, place: &str, size: u64, now: u64) -> Option<Found> {
        let newer = self.memory.heads().find(|seen| seen.checkpoint.size > size)?;
        (now.saturating_sub(newer.time) > FRESH).then(|| {
            let found = self.found(
                Code::Stale,
                format!("{place} 给出的存证点（{size} 个叶子）已落后 48 小时以上"),
                format!("{place} shows a head of {size} leaves that is behind by more than 48 hours"),
            );
            found.from(place)
        })
    }

    fn silent(&mut self, kind: Kind, place: &str, now: u64, why: &str) -> Option<Found> {
        let since = *self.memory.state.silent.entry(place.to_owned()).or_insert(now);
        if now.saturating_sub(since) < self.silent_after {
            return None;
        }
        let (zh, en) = match kind {
            Kind::Log => ("账本", "the log"),
            Kind::Mirror => ("副本", "the mirror"),
            Kind::Witness => ("见证人", "the witness"),
        };
        let since = clock(since);
        let found = self.found(
            Code::Silent,
            format!("{zh} {place} 从 {since} 起没有给出账本签名的存证点。这不说明账本有问题：请检查网络和地址"),
            format!("{en} {place} has given no head signed by the log since {since}: nothing against the ledger; check network and address"),
        );
        Some(found.from(place).because(why))
    }

    /// Whether a quorum and a replayer have cosigned some head within 48 hours.
    pub(super) fn vouch(&mut self, heard: &[Heard], now: u64, found: &mut Vec<Found>) {
        let known = self.memory.state.policy.iter().chain([&self.config.trust.policy]);
        let policy = known.filter_map(|text| Policy::parse(text).ok()).next();
        let Some(policy) = policy.filter(|policy| !policy.is_none()) else { return };
        let times = vouched(heard.iter().filter_map(|heard| heard.said.as_ref().ok()), &policy, now);
        let state = &mut self.memory.state;
        state.quorum = state.quorum.max(times.quorum);
        state.replay = state.replay.max(times.replay);
        let (since, quorum, replay) = (state.since, state.quorum, state.replay);
        let late = |time: Option<u64>| now.saturating_sub(time.unwrap_or(since)) > FRESH;
        let last = |time: Option<u64>| format!("last {}", time.map_or("never".to_owned(), clock));
        if late(quorum) {
            let no = self.found(
                Code::NoQuorum,
                "48 小时内没有足够的见证人签名：新内容没有人作证",
                "for 48 hours no quorum of witnesses has cosigned: nobody vouches for what is new",
            );
            found.push(no.because(last(quorum)));
        }
        if policy.witnesses().any(|(name, ..)| policy.is_replayer(name)) && late(replay) {
            let no = self.found(
                Code::NoReplay,
                "48 小时内没有核对人核对全部条目并签名：没有人证明新内容是完整的",
                "for 48 hours no replayer has cosigned: nobody vouches that what is new is complete",
            );
            found.push(no.because(last(replay)));
        }
    }
}
