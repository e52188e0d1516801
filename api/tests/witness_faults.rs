//! Witnesses that are slow, broken or hostile: the ledger goes on, and nothing of theirs reaches a checkpoint.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::Settings;
use keys::{Role, Signer};
use ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use ledger::hash::Hash;
use ledger::note::assemble;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use village::watch::{
    Act, Asked, Fake, Post, answer, copy, fast, health, say, signed, times, until, verdict,
};
use village::{Key, ORIGIN, Village, now};

/// A village whose quorum is the real witness `w0`; beside it stand others that do what they like.
fn beset(acts: &[(&str, Act)]) -> (Village, Post, Vec<Fake>) {
    let log = Key::new(ORIGIN, Role::Log);
    let mut post = Post::of("w0", &log);
    post.start();
    let fakes: Vec<Fake> = acts.iter().map(|(name, act)| Fake::new(name, *act)).collect();
    let mut policy = vec![post.line()];
    policy.extend(fakes.iter().map(Fake::line));
    policy.push("quorum w0".to_owned());
    (Village::under(log, &policy, now()), post, fakes)
}

/// What is to be cosigned; when it is a head that is asked for, one of nobody's.
fn text(asked: &Asked) -> String {
    let other = || Checkpoint { origin: ORIGIN.to_owned(), size: 1, root: Hash::EMPTY }.text();
    asked.checkpoint.as_ref().map_or_else(other, |c| c.text().to_owned())
}

fn hang(_: &Signer, _: &Asked, _: &mut TcpStream) {
    std::thread::sleep(Duration::from_secs(60));
}

/// Each byte comes in time, the whole does not.
fn trickle(_: &Signer, _: &Asked, stream: &mut TcpStream) {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
    let _ = stream.write_all(head);
    for _ in 0..600 {
        if stream.write_all(b"x").is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn cut(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    let line = signer.cosign(now(), &text(asked)).unwrap().line();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", line.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&line.as_bytes()[..40]));
}

fn garbage(_: &Signer, _: &Asked, stream: &mut TcpStream) {
    let _ = stream.write_all(b"\x00\xff\x16\x03 nothing like HTTP\r\n\r\n\r\n");
}

fn lines_of_garbage(_: &Signer, _: &Asked, stream: &mut TcpStream) {
    say(stream, "200 OK", "text/plain", "— w AAAA\n\u{202e}\n\n— \n".as_bytes());
}

fn huge(_: &Signer, _: &Asked, stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    let part = vec![b'a'; 1024 * 1024];
    while stream.write_all(&part).is_ok() {}
}

fn elsewhere(_: &Signer, _: &Asked, stream: &mut TcpStream) {
    let _ =
        stream.write_all(b"HTTP/1.1 307 Off\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n");
}

/// Its own key and its own time, but not its signature.
fn forged(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    let mut line = signer.cosign(now(), &text(asked)).unwrap();
    line.bytes[20] ^= 1;
    answer(stream, &[line]);
}

/// A cosignature of an earlier head.
fn of_another_head(signer: &Signer, _: &Asked, stream: &mut TcpStream) {
    let of_nothing = Asked { line: String::new(), checkpoint: None };
    answer(stream, &[signer.cosign(now(), &text(&of_nothing)).unwrap()]);
}

/// A key that calls itself as the log does.
fn of_another_key(_: &Signer, asked: &Asked, stream: &mut TcpStream) {
    let other = Signer::from_secret("w0.example/w", Role::Cosigner, &[77; 32]).unwrap();
    answer(stream, &[other.cosign(now(), &text(asked)).unwrap()]);
}

fn from_the_future(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    answer(stream, &[signer.cosign(now() + 3_600, &text(asked)).unwrap()]);
}

fn expired(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    answer(stream, &[signer.cosign(now() - 3_600, &text(asked)).unwrap()]);
}

/// Good ones among doubles, old ones and strangers', in no order.
fn in_a_heap(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    let of = |time| signer.cosign(time, &text(asked)).unwrap();
    let stranger = Signer::from_secret("stranger.example/w", Role::Cosigner, &[78; 32]).unwrap();
    let stranger = stranger.cosign(now(), &text(asked)).unwrap();
    let newest = of(now());
    let log = asked.checkpoint.as_ref().map_or_else(|| stranger.clone(), |c| c.signatures[0].clone());
    answer(
        stream,
        &[of(now() - 100), newest.clone(), log, stranger, of(now() - 50), newest, of(now() - 100)],
    );
}

/// D-13, D-18: what does not verify, is not the newest, is not of now, or is of nobody in the policy, never reaches a checkpoint.
#[test]
fn nothing_but_cosignatures_that_hold_reaches_a_checkpoint() {
    let acts: [(&str, Act); 12] = [
        ("hang", hang),
        ("trickle", trickle),
        ("cut", cut),
        ("garbage", garbage),
        ("lines", lines_of_garbage),
        ("huge", huge),
        ("elsewhere", elsewhere),
        ("forged", forged),
        ("head", of_another_head),
        ("key", of_another_key),
        ("future", from_the_future),
        ("expired", expired),
    ];
    let mut all = acts.to_vec();
    all.push(("heap", in_a_heap));
    let (village, post, fakes) = beset(&all);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    let first = signed(&running, 5, 2);
    running.must_post(&[village.notice(1)]);
    let second = signed(&running, 7, 2);
    // Time for the slow ones to have their say.
    std::thread::sleep(Duration::from_millis(1_500));
    for (head, size) in [(&first, 5), (&second, 7)] {
        let kept = SignedCheckpoint::parse(&running.get(&format!("/checkpoints/{size}")).body).unwrap();
        assert_eq!(kept.checkpoint, head.checkpoint);
        let names: Vec<&str> = kept.signatures.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, [ORIGIN, "w0.example/w", "heap.example/w"]);
        assert_eq!(times(&kept, &post.key).len(), 1);
        assert!(times(&kept, &fakes[12].key)[0] > now() - 30, "the newest of those that came");
    }
    for seat in health(&running)["witnesses"]["each"].as_array().unwrap() {
        let good = ["w0", "heap"].contains(&seat["name"].as_str().unwrap());
        assert_eq!(seat["trouble"] == "", good, "{seat}");
        assert_eq!(seat["heard"] == true, good, "{seat}");
    }
}

/// D-12: committing and answering wait for nobody.
#[test]
fn entries_are_answered_while_witnesses_hang() {
    let (village, mut post, _fakes) = beset(&[("a", hang), ("b", trickle), ("c", huge)]);
    let running = village.serve_with(|settings| {
        let mut settings = fast(settings);
        settings.witnesses.patience = Duration::from_secs(4);
        settings.witnesses.request = Duration::from_secs(30);
        settings
    });
    running.must_post(&village.founding());
    signed(&running, 5, 1);
    post.stop();
    let begun = Instant::now();
    for n in 1..=10 {
        let answer = running.must_post(&[village.notice(n)]);
        assert_eq!((answer["published"].as_bool(), answer["size"].as_u64()), (Some(false), Some(5)));
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    // Then they are published all the same.
    signed(&running, 25, 0);
    let begun = Instant::now();
    running.stop();
    assert!(begun.elapsed() < Duration::from_secs(3), "an end waits for no witness: {:?}", begun.elapsed());
}

fn large_number(_: &Signer, asked: &Asked, stream: &mut TcpStream) {
    if asked.line.starts_with("POST") {
        say(stream, "409 Conflict", "text/x.tlog.size", b"999999\n");
    } else {
        say(stream, "404 Not Found", "text/plain", b"");
    }
}

/// A larger head of this origin, cosigned, and signed by a key that is not the log's.
fn large_head(signer: &Signer, asked: &Asked, stream: &mut TcpStream) {
    if asked.line.starts_with("POST") {
        return say(stream, "409 Conflict", "text/x.tlog.size", b"999999\n");
    }
    let text = Checkpoint { origin: ORIGIN.to_owned(), size: 999_999, root: Hash::EMPTY }.text();
    let log = Signer::from_secret(ORIGIN, Role::Log, &[79; 32]).unwrap();
    let lines = [log.sign_note(&text).unwrap(), signer.cosign(now(), &text).unwrap()];
    say(stream, "200 OK", "text/plain", assemble(&text, &lines).as_bytes());
}

/// Numbers that no proof leads from.
fn small_number(_: &Signer, asked: &Asked, stream: &mut TcpStream) {
    if asked.line.starts_with("POST") {
        say(stream, "409 Conflict", "text/x.tlog.size", b"0\n");
    } else {
        say(stream, "500 Oh", "text/plain", b"");
    }
}

/// D-17: a number without a signature stops nobody, nor a head without the log's.
#[test]
fn what_the_log_did_not_sign_stops_nobody() {
    let (village, _post, _fakes) =
        beset(&[("number", large_number), ("head", large_head), ("small", small_number)]);
    for n in 0..3 {
        let running = village.serve_with(fast);
        if n == 0 {
            running.must_post(&village.founding());
        } else {
            running.must_post(&[village.notice(n)]);
        }
        signed(&running, 5 + 2 * n, 1);
        assert!(n == 0 || verdict(&village, &running).holds());
        running.stop();
    }
}

/// D-17: a clone of the machine that goes on with the same key ends whoever comes second, also while it runs.
#[test]
fn a_head_that_was_not_signed_here_stops_a_running_log() {
    let (village, _post, _) = beset(&[]);
    let running = village.serve_with(fast);
    running.must_post(&village.founding());
    signed(&running, 5, 1);
    running.stop();
    let twin = village.folder.path().join("twin");
    copy(&village.data(), &twin);
    let (running, twin) =
        (village.serve_with(fast), village.serve_with(|s| Settings { data: twin, ..fast(s) }));
    twin.must_post(&[village.notice(1)]);
    signed(&twin, 7, 1);
    running.must_post(&[village.notice_in(1, Some("2025"))]);
    until("the end of signing", || (running.post(&[village.notice(2)]).status == 503).then_some(()));
    assert!(health(&running).to_string().contains("w0"));
    twin.must_post(&[village.notice(2)]);
    signed(&twin, 9, 1);
}
