//! A copy of a log: all of it, nothing but it, and never less of it than before.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod disk;
mod scene;
mod town;
mod web;

use book::{ORIGIN, cosigner, log_signer};
use client::{Http, HttpTiles, Mirror};
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::hash::Hash;
use ledger::note;
use ledger::verdict::Code;
use scene::NOW;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use town::Town;
use verifier::plain;
use verifier::progress::Progress;
use web::{Mood, Web, files, place};
use witness::copy::LogCopy;
use witness::folder::DiskFolder;
use witness::lines;
use witness::mirror::{EVIDENCE, Mirrored, Status};
use witness::source;

/// A town's ledger on a server, and somebody who copies it.
struct Copying {
    town: Town,
    source: TempDir,
    web: Web,
    folder: TempDir,
    mirrored: Mirrored,
}

fn open(town: &Town, url: &str, folder: &Path) -> Mirrored {
    let http = Http::new(url).unwrap().once(Duration::from_millis(600));
    let copy = LogCopy::new(DiskFolder::open(folder.to_owned()).unwrap());
    let source = Mirror::Http(HttpTiles::new(http));
    Mirrored::open(&book::config(), town.charter, source, copy).unwrap()
}

impl Copying {
    /// A ledger with `count` entries.
    fn new(count: u64) -> Self {
        let mut town = Town::new(NOW);
        grow(&mut town, None, count);
        Self::of(&town)
    }

    fn of(town: &Town) -> Self {
        let (town, source, folder) =
            (town.clone(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        town.write(source.path());
        let web = Web::serve(source.path());
        let mirrored = open(&town, &web.url(), folder.path());
        Copying { town, source, web, folder, mirrored }
    }

    fn restart(&mut self) {
        self.mirrored = open(&self.town, &self.web.url(), self.folder.path());
    }

    fn look(&self) -> Status {
        let _ = self.mirrored.round();
        self.mirrored.status()
    }

    fn grow(&mut self, count: u64) {
        grow(&mut self.town, Some(self.source.path()), count);
    }

    fn served(&self) -> Option<u64> {
        self.mirrored.head().map(|head| head.checkpoint.size)
    }

    /// What is kept, is the log's: each file byte for byte, whether a head proves it yet or not.
    fn nothing_else_is_kept(&self) {
        for path in files(self.folder.path()) {
            let (ours, theirs) = (self.folder.path().join(&path), self.source.path().join(&path));
            let known = path == "new" || path == EVIDENCE || path == "checkpoint";
            assert!(known || std::fs::read(ours).unwrap() == std::fs::read(theirs).unwrap(), "{path}");
        }
    }

    /// The copy is whole.
    fn is_whole(&self) {
        let size = self.served().unwrap();
        assert_eq!(size, self.town.size());
        self.nothing_else_is_kept();
        for path in files(self.source.path()).iter().filter(|path| path.starts_with("tile/")) {
            let tile = ledger::tile::TilePath::parse(path).unwrap();
            assert_eq!(
                self.mirrored.tile(&tile).unwrap(),
                std::fs::read(self.source.path().join(path)).unwrap()
            );
        }
        for path in files(&self.source.path().join("checkpoints")) {
            let size = path.replace(['x', '/'], "").parse().unwrap();
            let kept = self.mirrored.checkpoint(size).unwrap().unwrap();
            assert_eq!(
                kept,
                std::fs::read(place(self.source.path(), &format!("checkpoints/{size}"))).unwrap()
            );
        }
        let log = Mirror::open(self.folder.path().to_str().unwrap()).unwrap();
        let audit = plain::audit(&log, log_signer().vkey(), None, &mut Progress::hidden()).unwrap();
        assert!(audit.0.proven && audit.0.faults.count == 0);
    }

    /// The head that the source shows from now on, of this tree.
    fn show(&self, town: &Town) {
        std::fs::write(self.source.path().join("checkpoint"), town.checkpoint()).unwrap();
    }
}

fn grow(town: &mut Town, folder: Option<&Path>, count: u64) {
    for n in 0..count {
        town.entry(&format!("{} {n}", town.size()));
    }
    town.publish(NOW + town.size());
    if let Some(folder) = folder {
        town.write(folder);
    }
}

#[test]
fn a_copy_is_the_log_byte_for_byte_and_grows_with_it() {
    let mut at = Copying::new(3);
    for count in [0, 1, 246, 1, 2, 700, 5, 254, 0] {
        at.grow(count);
        if count != 2 {
            assert_eq!(at.look(), Status::Current { size: at.town.size() });
            at.is_whole();
        }
        if count == 246 {
            at.restart();
        }
    }
    // What is there is not asked for again.
    at.web.asked.lock().unwrap().clear();
    at.look();
    assert_eq!(*at.web.asked.lock().unwrap(), ["checkpoint"]);
    at.grow(2);
    at.look();
    let asked = at.web.asked.lock().unwrap().clone();
    assert!(asked.len() <= 8, "{asked:?}");
    // Only the widest of partial tiles is kept.
    let partial =
        files(at.folder.path()).iter().filter(|path| path.starts_with("tile/entries/004.p/")).count();
    assert_eq!(partial, 1);
}

/// SPEC C-20.
#[test]
fn what_does_not_prove_itself_is_never_kept() {
    let moods = [
        Mood::Bent("tile/entries/000"),
        Mood::Bent("tile/entries/002"),
        Mood::Bent("tile/0/000"),
        Mood::Bent("tile/0/002"),
        Mood::Bent("tile/1"),
        Mood::Bent("checkpoint"),
        Mood::Hole("tile/entries/001"),
        Mood::Page,
        Mood::Huge,
        Mood::Cut,
        Mood::Silent,
        Mood::Busy,
    ];
    let mut town = Town::new(NOW);
    grow(&mut town, None, 600);
    let mut grown = town.clone();
    grow(&mut grown, None, 60);
    for mood in moods {
        let mut at = Copying::of(&town);
        at.web.set(mood);
        assert!(matches!(at.look(), Status::Trouble { .. }), "{mood:?}: {:?}", at.mirrored.status());
        assert_eq!(at.served(), None);
        at.nothing_else_is_kept();
        at.web.set(Mood::Honest);
        assert_eq!(at.look(), Status::Current { size: at.town.size() }, "{mood:?}");
        at.is_whole();
        // The same when there is a copy already.
        let before = at.served();
        at.web.set(mood);
        at.town = grown.clone();
        at.town.write(at.source.path());
        let harmless =
            matches!(mood, Mood::Bent("tile/entries/000" | "tile/0/000" | "tile/1") | Mood::Hole(_));
        assert_eq!(matches!(at.look(), Status::Trouble { .. }), !harmless, "{mood:?}");
        assert!(at.served() == before || harmless);
        at.nothing_else_is_kept();
        at.web.set(Mood::Honest);
        at.look();
        at.is_whole();
    }
}

/// A past checkpoint is worth less than the copy: one that can't be used is left out.
#[test]
fn past_checkpoints_that_do_not_fit_are_left_out() {
    let mut at = Copying::new(3);
    at.grow(2);
    at.web.set(Mood::Bent("checkpoints/"));
    assert_eq!(at.look(), Status::Current { size: at.town.size() });
    assert_eq!(files(&at.folder.path().join("checkpoints")), ["009"]);
    assert!(!at.mirrored.contradicted());
}

/// SPEC C-21.
#[test]
fn an_older_head_is_refused() {
    let mut at = Copying::new(300);
    let old = at.town.clone();
    at.grow(40);
    at.look();
    at.show(&old);
    assert_eq!(at.look(), Status::Older { shown: old.size() });
    assert_eq!(at.served(), Some(at.town.size()));
    assert!(!at.mirrored.contradicted());
    at.restart();
    assert_eq!(at.look(), Status::Older { shown: old.size() });
    at.show(&at.town);
    assert_eq!(at.look(), Status::Current { size: at.town.size() });
}

/// Two books of one log: smaller, as large, larger than the copy, and as a checkpoint of the past.
/// SPEC C-21.
#[test]
fn a_fork_is_refused_and_its_evidence_kept() {
    for (ours, theirs) in [(40, 10), (40, 40), (10, 40), (10, 600)] {
        let mut at = Copying::new(300);
        let mut other = at.town.clone();
        at.grow(ours);
        at.look();
        let before = at.mirrored.head();
        other.entry("another book");
        grow(&mut other, None, theirs - 1);
        let keep = std::fs::read(at.folder.path().join("tile/0/001.p/47")).ok();
        other.write(at.source.path());
        assert_eq!(at.look(), Status::Forked { shown: other.size() });
        assert_eq!(at.mirrored.head(), before);
        assert!(at.mirrored.contradicted());
        assert_eq!(std::fs::read(at.folder.path().join("tile/0/001.p/47")).ok(), keep);
        convicts(&at);
        at.restart();
        assert!(at.mirrored.contradicted() && at.mirrored.head() == before);
        // The log comes back to the book that is kept.
        at.town.write(at.source.path());
        at.grow(1);
        assert_eq!(at.look(), Status::Current { size: at.town.size() });
        assert!(at.mirrored.contradicted());
    }
}

fn convicts(at: &Copying) {
    let file = std::fs::read(at.folder.path().join(EVIDENCE)).unwrap();
    let verdict = ledger::contradiction::check(&file, Some(at.town.charter)).unwrap();
    assert_eq!(verdict.code, Code::FailedRewritten, "{}", verdict.detail);
}

#[test]
fn a_checkpoint_of_the_past_that_contradicts_is_evidence() {
    let mut at = Copying::new(300);
    let size = at.town.size();
    at.grow(5);
    let text = Checkpoint { origin: ORIGIN.to_owned(), size, root: Hash::of(b"another book") }.text();
    let signed = note::assemble(&text, &[log_signer().sign_note(&text).unwrap()]);
    std::fs::write(place(at.source.path(), &format!("checkpoints/{size}")), signed).unwrap();
    assert_eq!(at.look(), Status::Current { size: at.town.size() });
    assert!(at.mirrored.contradicted());
    assert_eq!(at.mirrored.checkpoint(size).unwrap(), None);
    convicts(&at);
}

#[test]
fn another_charter_is_not_copied() {
    let at = Copying::new(300);
    let mut other = at.town.clone();
    other.charter = Hash::EMPTY;
    let mirrored = open(&other, &at.web.url(), at.folder.path());
    assert!(mirrored.round().is_err());
    assert!(matches!(mirrored.status(), Status::Trouble { what } if what.contains("charter")));
    assert_eq!(mirrored.head(), None);
}

/// A disk that lost the right edge: nothing is served until it is whole again.
/// SPEC C-20.
#[test]
fn a_torn_copy_is_mended_before_it_is_served() {
    let mut at = Copying::new(600);
    at.look();
    let whole = at.served();
    std::fs::write(at.folder.path().join("tile/1/000.p/2"), [0; 64]).unwrap();
    std::fs::write(at.folder.path().join("tile/entries/001"), "torn").unwrap();
    at.restart();
    assert_eq!(at.served(), None);
    at.look();
    assert_eq!(at.served(), whole);
    at.is_whole();
}

/// A head that the copy served is its memory: without the log's signature it is not believed.
#[test]
fn a_damaged_head_stops_the_start() {
    let at = Copying::new(3);
    at.look();
    std::fs::write(at.folder.path().join("checkpoint"), "garbage").unwrap();
    let copy = LogCopy::new(DiskFolder::open(at.folder.path().to_owned()).unwrap());
    let source = Mirror::open(&at.web.url()).unwrap();
    assert!(Mirrored::open(&book::config(), at.town.charter, source, copy).is_err());
}

#[test]
fn late_cosignatures_are_added_and_stay() {
    let mut at = Copying::new(3);
    at.look();
    let head = at.town.checkpoint();
    let text = head.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let line = cosigner().cosign(NOW, &text).unwrap();
    std::fs::write(at.source.path().join("checkpoint"), head.clone() + &line.line()).unwrap();
    at.look();
    let has_it = |at: &Copying| at.mirrored.head().unwrap().note.contains(&line.line());
    assert!(has_it(&at));
    at.town.write(at.source.path());
    at.restart();
    at.look();
    assert!(has_it(&at));
    let past = at.mirrored.checkpoint(at.town.size()).unwrap().unwrap();
    assert_eq!(past, at.mirrored.head().unwrap().note.as_bytes());
}

/// SPEC C-22.
#[test]
fn cosignatures_are_gathered_and_bent_ones_dropped() {
    let town = Town::new(NOW);
    let head = town.checkpoint();
    let text = head.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let (witness, stranger) = (cosigner(), scene::replayer());
    let [early, late] = [5, 9].map(|time| vec![witness.cosign(time, &text).unwrap()]);
    let strange = vec![stranger.cosign(7, &text).unwrap()];
    let mut bent = late.clone();
    bent[0].bytes[20] ^= 1;
    let shown = |lines: &[note::Signature]| {
        let log = log_signer().sign_note(&text).unwrap();
        let note = note::assemble(&text, &[&[log], lines].concat());
        source::open(note.as_bytes(), &book::config()).unwrap()
    };
    let lines = |lines: &[note::Signature], before: &[note::Signature]| {
        let merged = lines::merged(&shown(lines), before, [witness.vkey()].into_iter());
        let signed = SignedCheckpoint::parse(merged.as_bytes()).unwrap();
        signed.verify_log(log_signer().vkey()).unwrap();
        signed.signatures[1..].to_vec()
    };
    assert_eq!(lines(&[], &early), early);
    assert_eq!(lines(&late, &early), late);
    let both = [late.clone(), strange.clone()].concat();
    assert_eq!(lines(&early, &both), both);
    assert_eq!(lines(&bent, &early), early);
    assert_eq!(lines(&bent, &[]), []);
    // However many strangers sign: the witness's line stays.
    let crowd = |name: &str| -> Vec<_> {
        (0..60).map(|n| note::Signature { name: format!("{name}{n}"), ..strange[0].clone() }).collect()
    };
    assert!(lines(&crowd("x"), &[crowd("y"), early.clone()].concat()).contains(&early[0]));
}
