//! Audits over HTTP, from a server of a few lines that can be made to behave badly.

use crate::support::Folder;
use crate::world::*;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

/// What the server does with a file.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Honest,
    /// Says how long the file is, sends half of it and hangs up.
    HangsUp,
    /// Hangs up before a word.
    Silent,
    Answers(u16),
    /// A sign-in page with status 200.
    Page,
}

/// Serves a folder on a free port of this machine; `mood` decides on each path. Ends with the test's process.
fn serve(folder: PathBuf, mood: impl Fn(&str) -> Mood + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(stream.unwrap(), &folder, &mood);
        }
    });
    address
}

fn answer(
    mut stream: TcpStream,
    folder: &std::path::Path,
    mood: &impl Fn(&str) -> Mood,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut asked = String::new();
    reader.read_line(&mut asked)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let (status, body) = match (mood(&path), std::fs::read(folder.join(&path))) {
        (Mood::Silent, _) => return Ok(()),
        (Mood::Answers(status), _) => (status, b"no\n".to_vec()),
        (Mood::Page, _) => (200, b"<html>\n\nsign in</html>\n".to_vec()),
        (_, Ok(bytes)) => (200, bytes),
        (_, Err(_)) => (404, Vec::new()),
    };
    write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    let end = if mood(&path) == Mood::HangsUp { body.len() / 2 } else { body.len() };
    stream.write_all(&body[..end])
}

#[test]
fn a_log_on_a_server_is_audited_like_one_in_a_folder() {
    let mut world = World::demo();
    for seq in 5..285 {
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], NOW);
    }
    world.publish(NOW);
    let folder = Folder::of(&world);
    let address = serve(folder.log(), |_| Mood::Honest);
    for place in [address.clone(), format!("{address}/")] {
        let run = folder.audit_of(&place);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.json(), folder.audit().json());
    }
}

/// T-05: a partial tile that is gone is cut out of the full one.
#[test]
fn partial_tiles_that_are_gone_come_out_of_the_full_ones() {
    let mut world = World::demo();
    let checkpoint = world.shelf.checkpoint.clone();
    for seq in 5..285 {
        let note = world.entry(UNIT, seq, "notice");
        world.take(vec![note], NOW);
    }
    world.publish(NOW);
    let folder = Folder::of(&world);
    folder.put("log/checkpoint", &checkpoint);
    let run = folder.audit();
    assert_eq!((run.code, run.json()["size"].as_u64()), (0, Some(14)), "{run:?}");
}

/// The network never makes a verdict.
#[test]
fn a_server_that_fails_cannot_be_checked() {
    let folder = Folder::of(&World::demo());
    for file in ["checkpoint", "tile/0/000.p/14", "tile/entries/000.p/14"] {
        for mood in [
            Mood::HangsUp,
            Mood::Silent,
            Mood::Answers(404),
            Mood::Answers(500),
            Mood::Answers(403),
            Mood::Page,
        ] {
            let address = serve(folder.log(), move |path| if path == file { mood } else { Mood::Honest });
            let run = folder.audit_of(&address);
            assert_eq!(run.code, 2, "{file}: {run:?}");
            assert!(!run.out.contains("\"OK") && !run.out.contains("FAILED_"), "{file}: {run:?}");
        }
    }
}

#[test]
fn nobody_at_the_address_cannot_be_checked() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = Folder::of(&World::new()).audit_of(&format!("http://127.0.0.1:{port}"));
    assert_eq!(run.code, 2, "{run:?}");
}
