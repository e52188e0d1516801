//! The audit of a ledger: every leaf, every tile, every index leaf, every seal (SPEC sections 5, 6 and 8).

use crate::beside::Wanted;
use crate::findings::{Note, Notes};
use crate::head::{Head, Heads};
use crate::hold::Holding;
use crate::kept::Kept;
use crate::past::Behind;
use crate::progress::Progress;
use crate::remember::{Compared, compare};
use crate::replay::Replay;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::source::SourceError;
use crate::tower::Tower;
use crate::walk::{Fold as _, walk};
use crate::words;
use client::{MirrorError, Trust};
use ledger::bundle::FRESH;
use ledger::catalogue::Catalogue;
use ledger::charter::Charter;
use ledger::checkpoint::SignedCheckpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::policy::Policy;
use ledger::tile::{TileError, TileKind, TilePath, Tiles, WIDTH, decode_bundle};
use ledger::time::Date;
use ledger::verdict::Code;

/// How far the log's clock may be ahead of the auditor's, in seconds.
const AHEAD: u64 = 600;

/// What the auditor knows beforehand.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Trust material.
    pub trust: Trust,
    /// The head of an earlier audit.
    pub remembered: Option<Head>,
    /// The catalogue to judge lateness by, where the registry names it or none.
    pub catalogue: Catalogue,
    /// Where what lies beside the log is read.
    pub shelf: Shelf,
    /// What of it is wanted; rows of payment lists always are.
    pub wanted: Wanted,
    /// The auditor's clock, Unix seconds; freshness depends on it, and nothing else.
    pub now: u64,
}

/// Replays a log from its tiles; the head that was audited comes with the report.
///
/// # Errors
/// [`SourceError`] when the log can't be read to its end: nothing is then said about it.
pub fn audit<T>(log: &T, ask: &Ask, progress: &mut Progress) -> Result<(Report, Head), SourceError>
where
    T: Heads + Tiles<Error = MirrorError> + Sync,
{
    let bytes = log.head()?;
    let signed = SignedCheckpoint::parse(&bytes)?;
    let head = Head { checkpoint: signed.checkpoint.clone(), bytes };
    let begun = match believable(&signed, &ask.trust) {
        Err(note) => Err(note),
        Ok(()) => charter(log, signed.checkpoint.size, &ask.trust)?,
    };
    let (charter, hash) = match begun {
        Ok(charter) => charter,
        Err(note) => return Ok((Report::of(&head, words::AUDIT).with_fault(note), head)),
    };
    let mut replay =
        Replay::new(&charter, &hash, ask.catalogue.clone(), Behind::new(log, signed.checkpoint.size));
    replay.kept = Kept::new(ask.wanted.names);
    let watch = ask.remembered.as_ref().map(|old| old.checkpoint.size);
    let tower = walk(log, signed.checkpoint.size, watch, &mut replay, progress)?;
    if let Some(lost) = replay.behind.lost() {
        return Err(lost.into());
    }
    let report = Closing { log, signed: &signed, head: &head, ask, replay, tower: &tower }.report()?;
    Ok((report, head))
}

/// What can be told of a head before anything else is fetched. A later log key is known only from the registry, so
/// a line of the log's name may pass here.
fn believable(signed: &SignedCheckpoint, trust: &Trust) -> Result<(), Note> {
    let refuse = |what: &str| Err(Note::whole("checkpoint", what));
    if signed.checkpoint.origin != trust.origin {
        return refuse("存证点属于另一个账本 / the checkpoint is of another log");
    }
    if signed.signatures.iter().any(|line| trust.log.claims(line)) {
        return match signed.verify_log(&trust.log) {
            Ok(()) => Ok(()),
            Err(_) => {
                refuse("存证点上账本的签名不对 / the log's signature on the checkpoint does not verify")
            }
        };
    }
    match signed.signatures.iter().any(|line| line.name == trust.origin) {
        true => Ok(()),
        false => refuse("存证点没有账本的签名 / the checkpoint has no signature of the log"),
    }
}

type Opened = Result<(Charter, Hash), Note>;

/// Leaf 0, held against the pinned hash.
fn charter<T: Tiles<Error = MirrorError>>(log: &T, size: u64, trust: &Trust) -> Result<Opened, SourceError> {
    let refuse = |what: String| Ok(Err(Note::leaf("charter", 0, what)));
    let Some(path) = TilePath::in_tree(TileKind::Entries, 0, size) else {
        return refuse("账本是空的 / the log is empty".to_owned());
    };
    let bundle = log.tile(&path)?;
    let leaves = decode_bundle(&bundle, path.width()).map_err(MirrorError::from)?;
    let leaf = leaves.first().copied().unwrap_or_default();
    if leaf_hash(leaf) != trust.charter {
        return refuse(
            "0 号叶子不是 trust.toml 里的章程 / leaf 0 is not the charter of trust.toml".to_owned(),
        );
    }
    match Charter::open(leaf) {
        Ok(opened) => Ok(Ok(opened)),
        Err(e) => refuse(e.to_string()),
    }
}

/// Everything that is known once all leaves were replayed.
struct Closing<'a, T> {
    log: &'a T,
    signed: &'a SignedCheckpoint,
    head: &'a Head,
    ask: &'a Ask,
    replay: Replay<'a>,
    tower: &'a Tower<'a, T>,
}

impl<T: Heads + Tiles<Error = MirrorError> + Sync> Closing<'_, T> {
    fn report(mut self) -> Result<Report, SourceError> {
        let (checkpoint, replay) = (&self.signed.checkpoint, &self.replay);
        let mut report = Report::of(self.head, words::AUDIT);
        report.ledger = replay.books.ledger().to_string();
        report.time = replay.books.time();
        report.units = replay.books.units().filter(|(_, trees)| trees.lines.size() > 0).count() as u64;
        report.kinds.clone_from(&replay.kinds);
        report.publications = replay.publications;
        report.seals = replay.seals;
        report.tiles = self.tower.compared();

        // First what makes the head the log's own statement about these leaves.
        if self.signed.verify_log(replay.head_key()).is_err() {
            let what = "存证点不是当时的账本密钥所签 / the checkpoint is not signed by the log key in force";
            report.faults.push(Note::whole("checkpoint", what));
        }
        if self.tower.root() != checkpoint.root {
            let what = "条目的根与存证点不符 / the leaves do not give the checkpoint's root";
            report.faults.push(Note::whole("root", what));
        }
        report.proven = report.faults.count == 0;

        for path in self.tower.misfits() {
            let what = format!("{path} 与条目不符 / {path} is not what the entries hash to");
            report.faults.push(Note::whole("tile", what));
        }
        report.faults.append(&replay.faults);
        if replay.head() + 1 != checkpoint.size {
            let what = "最后一个叶子不是索引叶 / the last leaf is no index leaf";
            report.faults.push(Note::leaf("index_leaf", checkpoint.size - 1, what));
        }
        report.findings.append(&replay.findings);
        report.hints.append(&replay.rules.hints);
        if replay.rules.undated > 0 {
            report.not_checked.push(words::LATENESS);
        }
        self.hold_trust(&mut report);
        let rewritten = self.compare(&mut report)?;
        let calm = self.witnesses(&mut report);
        let unread = self.replay.unread;
        // Last: it may read on, beyond the head of which all else is said.
        self.beside(&mut report)?;
        report.verdict = match () {
            () if rewritten => Code::FailedRewritten,
            () if !report.proven => Code::CannotShow,
            () if report.faults.has("index_leaf") => Code::FailedIndex,
            () if report.faults.has("seal") => Code::FailedSeal,
            () if report.faults.count > 0 => Code::CannotShow,
            () if report.findings.has("name_withheld") => Code::NameWithheld,
            () if unread > 0 => Code::ViewerTooOld,
            () => calm,
        };
        Ok(report)
    }

    /// What lies beside a log that is proved.
    fn beside(&mut self, report: &mut Report) -> Result<(), SourceError> {
        if !report.proven {
            report.not_checked.push(words::BESIDE);
            return Ok(());
        }
        let Ask { shelf, wanted, now, .. } = self.ask;
        let mut holding = Holding {
            shelf,
            wanted: *wanted,
            days: [self.replay.books.time(), *now].map(Date::of_unix),
            beside: Default::default(),
            faults: Notes::default(),
            findings: Notes::default(),
            doubts: Vec::new(),
        };
        holding.hold(&self.replay.kept)?;
        if !holding.doubts.is_empty() {
            let read = self.read_on()?;
            holding.settle(read.then_some(&self.replay.kept));
        }
        report.faults.append(&holding.faults);
        report.findings.append(&holding.findings);
        report.not_checked.extend(holding.beside.not_checked(*wanted));
        report.beside = Some(holding.beside);
        Ok(())
    }

    /// Reads on to the newest head: whether there is a newer one, signed by the log, that continues the audited one.
    /// What was replayed by then is to be believed only if so.
    fn read_on(&mut self) -> Result<bool, SourceError> {
        let newer = SignedCheckpoint::parse(&self.log.head()?)?;
        let (old, new) = (self.signed.checkpoint.size, newer.checkpoint.size);
        if new <= old {
            return Ok(false);
        }
        let (mut range, replay) = (self.tower.range(), &mut self.replay);
        replay.behind.grow(new);
        for bundle in old / WIDTH..new.div_ceil(WIDTH) {
            let path = TilePath::in_tree(TileKind::Entries, bundle, new);
            let path = path.ok_or(MirrorError::Tile(TileError::Width))?;
            let bytes = self.log.tile(&path)?;
            let leaves = decode_bundle(&bytes, path.width()).map_err(MirrorError::from)?;
            for leaf in leaves.into_iter().skip(old.saturating_sub(bundle * WIDTH) as usize) {
                let (hash, known) = (leaf_hash(leaf), replay.known());
                range.append(hash);
                replay.fold(Replay::prepare(&known, leaf, hash));
            }
        }
        if let Some(lost) = replay.behind.lost() {
            return Err(lost.into());
        }
        let signed = newer.verify_log(replay.head_key()).is_ok();
        let same_log = newer.checkpoint.origin == self.signed.checkpoint.origin;
        Ok(signed && same_log && range.root() == newer.checkpoint.root)
    }

    /// The remembered head; true when two signed heads contradict each other.
    fn compare(&self, report: &mut Report) -> Result<bool, SourceError> {
        let Some(old) = &self.ask.remembered else { return Ok(false) };
        // A tree that was not proved says nothing about an older one; two signed roots of one size do.
        let signed = self.signed.verify_log(self.replay.head_key()).is_ok();
        let same_size = signed && old.checkpoint.size == self.head.checkpoint.size;
        if !(report.proven || same_size) {
            return Ok(false);
        }
        let keys = self.replay.registry.log_keys();
        match compare(old, self.head, self.tower.watched(), keys)? {
            Compared::Grown => report.grown_from = report.proven.then_some(old.checkpoint.size),
            Compared::Shrunk(note) => report.faults.push(note),
            Compared::Rewritten(note) => {
                report.faults.push(note);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Cosignatures under the policy in force, and the verdict when everything else holds.
    fn witnesses(&self, report: &mut Report) -> Code {
        let policy = match self.policy() {
            Ok(policy) => policy,
            Err(what) => {
                report.faults.push(Note::whole("policy", what));
                return Code::CannotShow;
            }
        };
        let quorum = policy.evaluate(self.signed);
        report.witnesses = quorum.cosigned.iter().map(|(name, _)| name.clone()).collect();
        report.quorum_time = quorum.time();
        if policy.is_none() {
            report.not_checked.push(words::NO_WITNESSES);
            Code::OkUnwitnessed
        } else if !quorum.met {
            Code::OkNotWitnessed
        } else if quorum.time().is_some_and(|time| self.ask.now > time.saturating_add(FRESH)) {
            Code::StaleHead
        } else if report.grown_from.is_some() {
            Code::Ok
        } else {
            Code::OkFirstVisit
        }
    }

    fn policy_text(&self) -> String {
        self.replay.registry.policy(self.replay.head()).iter().map(|line| format!("{line}\n")).collect()
    }

    fn policy(&self) -> Result<Policy, String> {
        let policy = Policy::parse(&self.policy_text())
            .map_err(|e| format!("见证规则不可读：{e} / the policy in force can't be read"))?;
        if policy.quorums_intersect() {
            return Ok(policy);
        }
        Err("见证规则不合规：两组法定人数可能没有共同的见证人 / two quorums need not have a witness in common".to_owned())
    }

    /// `trust.toml` against the registry: the registry is in force, and who trusts something else is told.
    fn hold_trust(&self, report: &mut Report) {
        let (registry, trust) = (&self.replay.registry, &self.ask.trust);
        if *registry.newest_log_key() != trust.log {
            let what = "trust.toml 里的账本密钥不是登记册里最新的 / its log key is not the registry's newest";
            report.findings.push(Note::whole("trust", what));
        }
        if self.policy_text().lines().ne(trust.policy.lines()) {
            let what = "trust.toml 里的见证规则与登记册不同，以登记册为准 / its policy is not the registry's, which was used";
            report.findings.push(Note::whole("trust", what));
        }
        if self.replay.books.time() > self.ask.now.saturating_add(AHEAD) {
            let what = "账本的时间比这台电脑晚 10 分钟以上 / the log's time is ahead of this computer's by more than 10 minutes";
            report.findings.push(Note::whole("clock", what));
        }
    }
}
