//! A server of a few lines: a log, a witness or a webhook, in whatever mood a test wants.

use crate::support::{Log, ORIGIN};
use ledger::hash::Hash;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Mood {
    #[default]
    Fine,
    /// Hangs up before a word.
    HangsUp,
    /// A sign-in page with status 200.
    Page,
    /// Bytes without end.
    Huge,
    /// One byte a second.
    Slow,
    Status(u16),
}

#[derive(Default)]
struct Shared {
    folder: Option<PathBuf>,
    files: BTreeMap<String, Vec<u8>>,
    mood: Mood,
    /// Paths that begin so are slow.
    slow: Option<String>,
    posted: Vec<serde_json::Value>,
    asked: Vec<String>,
}

/// It answers until the test's process ends.
#[derive(Clone)]
pub struct Host {
    pub address: String,
    shared: Arc<Mutex<Shared>>,
}

impl Host {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
        let host = Host { address, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream.unwrap(), &shared));
            }
        });
        host
    }

    /// A log's server, or a copy's.
    pub fn of(log: &Log) -> Self {
        let host = Self::new();
        host.show(log);
        host
    }

    /// From now on it serves this log, and every tile of it.
    pub fn show(&self, log: &Log) {
        self.serve(log.folder());
    }

    /// The same of a log in a folder.
    pub fn serve(&self, folder: tempfile::TempDir) {
        // Kept: it is served until the process ends.
        let folder = folder.keep();
        self.shared.lock().unwrap().folder = Some(folder);
    }

    /// A witness that cosigned this head last.
    pub fn witness(head: Vec<u8>) -> Self {
        let host = Self::new();
        host.cosigned(head);
        host
    }

    pub fn cosigned(&self, head: Vec<u8>) {
        let path = format!("{}/checkpoint", Hash::of(ORIGIN.as_bytes()).to_hex());
        self.shared.lock().unwrap().files.insert(path, head);
    }

    pub fn be(&self, mood: Mood) {
        self.shared.lock().unwrap().mood = mood;
    }

    /// From now on, paths that begin so are answered one byte a second, and others as before.
    pub fn slow(&self, begin: &str) {
        self.shared.lock().unwrap().slow = Some(begin.to_owned());
    }

    /// Answers a path with these bytes.
    pub fn answers(&self, path: &str, bytes: &[u8]) {
        self.shared.lock().unwrap().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// What was posted to it and taken.
    pub fn posted(&self) -> Vec<serde_json::Value> {
        self.shared.lock().unwrap().posted.clone()
    }

    /// The paths that were asked for since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().asked)
    }
}

fn answer(mut stream: TcpStream, shared: &Mutex<Shared>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut lines = (&mut reader).lines().map_while(Result::ok);
    let asked = lines.next()?;
    let length = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .last();
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let path = asked.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (mood, found) = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(path.clone());
        let file = shared.folder.as_ref().and_then(|folder| std::fs::read(folder.join(&path)).ok());
        let found = shared.files.get(&path).cloned().or(file);
        if asked.starts_with("POST") && shared.mood == Mood::Fine {
            shared.posted.push(serde_json::from_slice(&body).unwrap());
        }
        let slow = shared.slow.as_ref().is_some_and(|begin| path.starts_with(begin.as_str()));
        (
            if slow { Mood::Slow } else { shared.mood },
            if asked.starts_with("POST") { Some(Vec::new()) } else { found },
        )
    };
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
    };
    let mut send = |status: u16, body: &[u8]| {
        stream.write_all(head(status, body.len()).as_bytes()).and_then(|()| stream.write_all(body)).ok()
    };
    match (mood, found) {
        (Mood::HangsUp, _) => None,
        (Mood::Page, _) => send(200, b"<html>\n\nsign in</html>\n"),
        (Mood::Status(status), _) => send(status, b"no\n"),
        (Mood::Huge, _) => {
            stream.write_all(head(200, 1 << 40).as_bytes()).ok()?;
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
            None
        }
        (Mood::Slow, body) => {
            let body = body.unwrap_or_default();
            stream.write_all(head(200, body.len()).as_bytes()).ok()?;
            let is_slow = || {
                let shared = shared.lock().unwrap();
                shared.mood == Mood::Slow || shared.slow.as_ref().is_some_and(|slow| path.starts_with(slow))
            };
            for byte in body.into_iter().take_while(|_| is_slow()) {
                stream.write_all(&[byte]).ok()?;
                std::thread::sleep(Duration::from_secs(1));
            }
            None
        }
        (Mood::Fine, Some(body)) => send(200, &body),
        (Mood::Fine, None) => send(404, b""),
    }
}
