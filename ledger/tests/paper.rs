//! What a board on a wall says, and what neighbours read to each other (sections 8.6 and 8.7, R-10 to R-20).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::bundle::{Ask, Outcome};
use ledger::compact::MAX_COMPACT;
use ledger::compare::{MAX_SAID, digits};
use ledger::contradiction::{Contradiction, MAX_ACTS, MAX_EVIDENCE, check};
use ledger::hash::Hash;
use ledger::note::assemble;
use ledger::poster::{MAX_POSTER, Mark, Paper, Poster, Signed, is_host, judge, root_at};
use ledger::verdict::{Code, Level};
use proptest::prelude::*;
use support::*;

/// The demo's book with entries up to `count`, witnessed by a quorum and a replayer.
fn grown(count: u64) -> World {
    let mut world = World::witnessed();
    for seq in 5..=count {
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], NOW);
        world.publish(NOW);
    }
    world.sign(&[(0, NOW), (2, NOW)]);
    world
}

fn poster(world: &World, count: u64) -> Poster {
    let root = root_at(&world.bundle(UNIT, 1, None), count).unwrap();
    Poster { charter: world.charter_hash, unit: unit(UNIT), count, root }
}

fn signed_text(text: &str, key: &Key) -> Vec<u8> {
    assemble(text, &[key.sign(text)]).into_bytes()
}

fn signed(poster: &Poster, key: &Key) -> Paper {
    Paper::Signed(Signed::parse(&signed_text(&poster.text(), key)).unwrap())
}

fn held(world: &World, from: u64, paper: &Paper) -> Outcome {
    judge(&world.bundle(UNIT, from, None).encode(), &world.ask(), paper)
}

#[test]
fn r10_r11_text_code_and_address() {
    let poster = poster(&grown(4), 4);
    let (charter, root) = (poster.charter.to_hex(), poster.root.to_hex());
    let text = format!("village-ledger/poster/v1\n{charter}\n{UNIT}\n4\n{root}\n");
    assert_eq!(poster.text(), text);
    let mark = poster.mark();
    assert_eq!(mark.code, Hash::of(text.as_bytes()));
    let address = mark.address("ledger.mazhang.example").unwrap();
    let code = address.strip_prefix(&format!("https://ledger.mazhang.example/p/{UNIT}/4/")).unwrap();
    assert!(code.len() == 52 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    assert_eq!(Mark::of_address(&address), Some(("ledger.mazhang.example", mark)));
    assert_eq!(Mark::of_path(&mark.path()), Some(mark));
}

#[test]
fn r11_other_spellings_are_refused() {
    let mark = poster(&grown(4), 4).mark();
    let good = mark.address("a.example").unwrap();
    let code = good.rsplit('/').next().unwrap();
    let stray = format!("{}B", &good[..good.len() - 1]);
    for bad in [
        good.replace("https", "http"),
        good.replace("https", "HTTPS"),
        good.replace("a.example", ""),
        good.replace("a.example", "A.example"),
        good.replace("a.example", "user@a.example"),
        good.replace("/p/", "/P/"),
        good.replace("/p/", "/p//"),
        good.replace("/4/", "/04/"),
        good.replace("/4/", "/0/"),
        good.replace("/4/", "/9007199254740992/"),
        good.replace("/4/", "/-4/"),
        good.replace(UNIT, "440811100391"),
        good.replace(UNIT, "000000000000-00"),
        good.replace(code, &code.to_lowercase()),
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        format!("{good}/"),
        format!("{good}?x"),
        format!("{good}#x"),
        format!(" {good}"),
        stray,
        String::new(),
    ] {
        assert_eq!(Mark::of_address(&bad), None, "{bad}");
    }
    let long = format!("{}.example", "a".repeat(63));
    for host in ["a.example", "127.0.0.1:8443", "localhost", "xn--fiq228c.example", &long] {
        assert!(is_host(host) && mark.address(host).is_some(), "{host}");
    }
    let longer = format!("a{long}");
    let whole = ["a"; 127].join(".");
    assert!(whole.len() == 253 && is_host(&whole) && !is_host(&format!("{whole}.a")));
    for host in
        ["", ".", "a..b", "-a", "a-", "a:443", "a:0", "a:65536", "a:08", "a:", "[::1]", "a_b", &longer]
    {
        assert!(!is_host(host) && mark.address(host).is_none(), "{host}");
    }
}

#[test]
fn r12_a_signed_poster_has_one_spelling() {
    let (world, other) = (grown(4), World::with(1, 2, &["quorum none".to_owned()]));
    let text = poster(&world, 4).text();
    let parsed = |text: &str| Signed::parse(&signed_text(text, &world.town));
    let good = parsed(&text).unwrap();
    assert_eq!(good.poster, poster(&world, 4));
    assert_eq!(good.note(), signed_text(&text, &world.town));
    for bad in [
        text.replace("poster/v1", "poster/v2"),
        text.replace("poster/v1\n", "poster/v1\n\n"),
        text.replace("\n4\n", "\n04\n"),
        text.replace("\n4\n", "\n0\n"),
        text.replace(&world.charter_hash.to_hex(), &world.charter_hash.to_hex().to_uppercase()),
        format!("{text}more\n"),
        format!("{text}\n"),
    ] {
        assert_eq!(parsed(&bad), None, "{bad}");
    }
    // Both sides of MAX_POSTER, filled with lines of others.
    let filled = |bytes: usize| {
        let mut note = signed_text(&text, &world.town);
        while note.len() + 300 < bytes {
            note.extend_from_slice(other.town.sign("x").line().as_bytes());
        }
        let free = bytes - note.len() - "—  \n".len() - 92;
        note.extend_from_slice(Key::note(&"k".repeat(free), 9).sign("x").line().as_bytes());
        assert_eq!(note.len(), bytes);
        Signed::parse(&note)
    };
    assert!(filled(MAX_POSTER).is_some() && filled(MAX_POSTER + 1).is_none());
}

#[test]
fn r13_the_root_at_every_count() {
    let world = grown(9);
    let whole = world.bundle(UNIT, 1, None);
    for count in 1..=9 {
        let root = root_at(&grown(count.max(4)).bundle(UNIT, 1, None), count);
        assert!(root.is_some() && root_at(&whole, count) == root);
        for from in 1..=10 {
            let found = root_at(&world.bundle(UNIT, from, None), count);
            assert_eq!(found, root.filter(|_| from <= count + 2), "{count} from {from}");
        }
    }
    assert_eq!(root_at(&whole, 10), None);
    assert_eq!(root_at(&whole, u64::MAX), None);
    assert_eq!(root_at(&whole, 0), Some(Hash::EMPTY));
}

#[test]
fn r14_a_board_that_says_the_same() {
    let world = grown(7);
    for count in 1..=7 {
        let poster = poster(&world, count);
        for paper in [Paper::Mark(poster.mark()), signed(&poster, &world.town)] {
            let outcome = held(&world, count + 2, &paper);
            assert_eq!(outcome.verdict.code, Code::Ok, "as good as a remembered head");
            assert!(outcome.verified.is_some());
            assert_eq!(held(&world, 1, &paper).verdict.code, Code::Ok);
        }
    }
    // What else holds keeps its own name.
    let mut plain = grown(7);
    plain.sign(&[(0, NOW), (1, NOW)]);
    let paper = Paper::Mark(poster(&plain, 6).mark());
    assert_eq!(held(&plain, 1, &paper).verdict.code, Code::OkNotReplayed);
}

#[test]
fn r14_what_nobody_signed_is_never_red() {
    let world = grown(7);
    let good = poster(&world, 6);
    let code = |from, paper: &Paper| {
        let verdict = held(&world, from, paper).verdict;
        assert_eq!(verdict.evidence, None);
        verdict.code
    };
    let other = Poster { root: Hash::EMPTY, ..good };
    let stranger = Key::note(world.town.name(), 99);
    assert_eq!(code(1, &Paper::Mark(other.mark())), Code::PaperDiffers);
    assert_eq!(code(1, &Paper::Mark(Poster { count: 5, ..good }.mark())), Code::PaperDiffers);
    assert_eq!(code(1, &Paper::Mark(Poster { count: 8, ..good }.mark())), Code::PaperDiffers);
    assert_eq!(code(1, &Paper::Mark(Poster { charter: Hash::EMPTY, ..good }.mark())), Code::PaperDiffers);
    assert_eq!(code(1, &signed(&other, &stranger)), Code::PaperDiffers, "a key of the same name");
    assert_eq!(code(1, &signed(&other, &world.supervision)), Code::PaperDiffers, "no seal of the town");
    assert_eq!(code(1, &signed(&Poster { count: 8, ..good }, &world.town)), Code::PaperDiffers);
    let elsewhere = Poster { charter: Hash::EMPTY, ..good };
    assert_eq!(code(1, &signed(&elsewhere, &world.town)), Code::PaperDiffers, "of another ledger");
    // Nothing is said about what was not shown.
    assert_eq!(code(9, &Paper::Mark(other.mark())), Code::PaperDiffers, "from 8, so 6 is known");
    assert_eq!(code(8, &Paper::Mark(Poster { count: 5, ..good }.mark())), Code::CannotShow);
    assert_eq!(code(1, &Paper::Mark(Poster { unit: unit(GROUP), ..good }.mark())), Code::CannotShow);
    let garbage = judge(b"garbage", &world.ask(), &signed(&other, &world.town));
    assert_eq!(garbage.verdict.code, Code::CannotShow);
}

#[test]
fn r15_a_seal_against_the_ledger_is_evidence() {
    let world = grown(7);
    let false_one = Poster { root: Hash::EMPTY, ..poster(&world, 6) };
    let verdict = held(&world, 1, &signed(&false_one, &world.town)).verdict;
    assert_eq!(verdict.code, Code::FailedTwoBooks);
    let file = verdict.evidence.unwrap();
    let again = check(file.as_bytes(), Some(world.charter_hash)).unwrap();
    assert_eq!((again.code, again.evidence.as_ref()), (Code::FailedTwoBooks, Some(&file)));
    assert_eq!(check(file.as_bytes(), Some(Hash::EMPTY)).unwrap().code, Code::CannotShow);
    let mut world = world;
    // A seal that is no longer in force may have been stolen.
    let body = seal_body("revoke", &world.town, "township", TOWN_SCOPE);
    let act = world.act(TOWN, 3, "seal", body, &[]);
    world.take(vec![act], NOW);
    world.publish(NOW);
    world.sign(&[(0, NOW), (2, NOW)]);
    let verdict = held(&world, 1, &signed(&false_one, &world.town)).verdict;
    assert_eq!(verdict.code, Code::PaperDiffers);
}

#[test]
fn r20_neighbours_hear_the_same_digits_only_of_one_book() {
    let world = grown(7);
    let bundles = [world.bundle(UNIT, 1, None), world.bundle(UNIT, 4, None)];
    let of = |ledger: &ledger::charter::LedgerId, unit: &str, count, root: &Hash, said| {
        digits(ledger, &support::unit(unit), count, root, said).unwrap()
    };
    let root = root_at(&bundles[0], 5).unwrap();
    assert_eq!(root_at(&bundles[1], 5), Some(root));
    let heard = of(&world.ledger, UNIT, 5, &root, 381_902);
    let groups: Vec<&str> = heard.split(' ').collect();
    assert!(groups.len() == 4 && groups.iter().all(|g| g.len() == 4 && g.parse::<u32>().is_ok()), "{heard}");
    let ledger = ledger::charter::LedgerId::from_text("other.example/ledger#0");
    for other in [
        of(&ledger, UNIT, 5, &root, 381_902),
        of(&world.ledger, GROUP, 5, &root, 381_902),
        of(&world.ledger, UNIT, 6, &root, 381_902),
        of(&world.ledger, UNIT, 5, &Hash::EMPTY, 381_902),
        of(&world.ledger, UNIT, 5, &root, 381_903),
    ] {
        assert_ne!(other, heard);
    }
    // What is hashed, and how digits come of it.
    let text = format!(
        "village-ledger/compare/v1\n{}\n{UNIT}\n5\n{}\n381902\n",
        world.ledger.as_str(),
        root.to_hex()
    );
    let hash = *Hash::of(text.as_bytes()).as_bytes();
    let number = u64::from_be_bytes(hash[..8].try_into().unwrap()) % 10_u64.pow(16);
    assert_eq!(heard.replace(' ', ""), format!("{number:016}"));
    let said = |n| digits(&world.ledger, &support::unit(UNIT), 5, &root, n);
    assert!(said(MAX_SAID).is_some() && said(MAX_SAID + 1).is_none());
}

proptest! {
    /// Whatever is scanned is answered; what is read has this one spelling.
    #[test]
    fn any_scan_is_answered(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Signed::parse(&bytes);
        for text in [text.clone(), format!("https://a.example{text}"), format!("https://a.example/p/{text}")] {
            if let Some((host, mark)) = Mark::of_address(&text) {
                prop_assert_eq!(mark.address(host), Some(text));
            }
        }
    }

    #[test]
    fn every_mark_comes_back(code in any::<[u8; 32]>(), count in 1_u64..1 << 53) {
        let mark = Mark { unit: unit(UNIT), count, code: Hash::from_bytes(code) };
        let address = mark.address("a.example").unwrap();
        prop_assert_eq!(Mark::of_address(&address), Some(("a.example", mark)));
    }
}

/// An honest town and an honest ledger never contradict each other, whatever was changed on the paper or on the way.
#[test]
fn r15_no_honest_poster_convicts() {
    let (old, new) = (grown(5), grown(8));
    let bundle = new.bundle(UNIT, 2, None).encode();
    let papers: Vec<Vec<u8>> = (1..=5).map(|n| signed_text(&poster(&old, n).text(), &old.town)).collect();
    let mut seed = 7_u64;
    let innocent = |paper: &[u8], bundle: &[u8]| {
        for other in &papers {
            let (poster, other) = (paper.to_vec(), Some(other.clone()));
            let found = Contradiction::Posters { poster, other, bundle: bundle.to_vec() };
            assert_ne!(found.judge(Some(new.charter_hash)).code.level(), Level::Red);
        }
        if let Some(signed) = Signed::parse(paper) {
            let ask = Ask { charter: Some(new.charter_hash), ..Ask::default() };
            let code = judge(bundle, &ask, &Paper::Signed(signed)).verdict.code;
            assert_ne!(code.level(), Level::Red);
        }
    };
    for _ in 0..if long() { 20_000 } else { 200 } {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, byte) = ((seed >> 33) as usize, (seed >> 17) as u8);
        let (mut paper, mut bytes) = (papers[at % papers.len()].clone(), bundle.clone());
        innocent(&paper, &bytes);
        let target = if at % 3 == 0 { &mut bytes } else { &mut paper };
        let len = target.len();
        target[at % len] = byte;
        innocent(&paper, &bytes);
    }
}

/// The examples of SPEC.md are what the code makes, and its section 11 has the limits.
#[test]
fn the_specification_shows_this_poster() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SPEC.md")).unwrap();
    let world = World::demo();
    let poster = poster(&world, 4);
    let address = poster.mark().address("ledger.mazhang.example").unwrap();
    let heard = digits(&world.ledger, &poster.unit, 4, &poster.root, 381_902).unwrap();
    let text = format!("{}\n{address}\n", poster.text());
    let indented = |text: &str| {
        let line = |l: &str| if l.is_empty() { "\n".to_owned() } else { format!("    {l}\n") };
        text.lines().map(line).collect::<String>()
    };
    assert!(spec.contains(&indented(&text)) && spec.contains(&indented(&heard)), "{text}{heard}");
    let limits = spec.split("## 11. Limits").nth(1).unwrap().split("## 12.").next().unwrap();
    assert_eq!((MAX_COMPACT, MAX_POSTER, MAX_EVIDENCE), (6_728, 4_096, 50_331_648));
    assert_eq!((MAX_ACTS, MAX_SAID), (64, 999_999_999));
    for number in ["6,728 bytes", "poster 4,096", "50,331,648 bytes and 64 acts", "999,999,999"] {
        assert!(limits.split_whitespace().collect::<Vec<_>>().join(" ").contains(number), "{number}");
    }
}
