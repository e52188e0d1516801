//! A small server of a log's folder, which a test can make lie, stall or end.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// One byte of every tile whose path begins so is another.
    Bent(&'static str),
    /// The page of something between, for everything but the checkpoint.
    Page,
    /// Far too long.
    Huge,
    /// The first half.
    Cut,
    /// Nothing at all.
    Silent,
    /// 503.
    Busy,
    /// No tile with such a path.
    Hole(&'static str),
}

#[derive(Clone)]
pub struct Web {
    pub address: SocketAddr,
    pub mood: Arc<Mutex<Mood>>,
    pub asked: Arc<Mutex<Vec<String>>>,
    pub pause: Arc<Mutex<Duration>>,
    gone: Arc<AtomicBool>,
}

impl Web {
    pub fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Web {
            address: listener.local_addr().unwrap(),
            mood: Arc::new(Mutex::new(Mood::Honest)),
            asked: Arc::default(),
            pause: Arc::default(),
            gone: Arc::default(),
        };
        let (folder, served) = (folder.to_owned(), web.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if served.gone.load(Ordering::SeqCst) {
                    return;
                }
                let (served, folder) = (served.clone(), folder.clone());
                std::thread::spawn(move || served.answer(stream.unwrap(), &folder));
            }
        });
        web
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Ends it: from now on nobody listens.
    pub fn end(&self) {
        self.gone.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }

    fn answer(&self, mut stream: TcpStream, folder: &Path) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let Some(Ok(line)) = lines.next() else { return };
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let path = line.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let pause = *self.pause.lock().unwrap();
        std::thread::sleep(pause);
        let mut body = std::fs::read(place(folder, &path)).ok();
        let tile = path.starts_with("tile/");
        let (mut promised, mut status) = (None, 200);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Bent(prefix) if path.starts_with(prefix) => {
                if let Some(body) = &mut body {
                    let middle = body.len() / 2;
                    body[middle] ^= 1;
                }
            }
            Mood::Hole(prefix) if path.starts_with(prefix) => body = None,
            Mood::Page if tile => body = Some(b"<html>please log in</html>".to_vec()),
            Mood::Huge if tile => body = Some(vec![7; 40_000_000]),
            Mood::Cut if tile => {
                let body = body.as_mut().unwrap();
                promised = Some(body.len());
                body.truncate(body.len() / 2);
            }
            Mood::Silent if tile => return std::thread::sleep(Duration::from_secs(20)),
            Mood::Busy => status = 503,
            _ => {}
        }
        if body.is_none() {
            status = 404;
        }
        let body = body.unwrap_or_default();
        let length = promised.unwrap_or(body.len());
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    }
}

/// Where a file that is served lies in a log's folder.
pub fn place(folder: &Path, path: &str) -> PathBuf {
    match path.strip_prefix("checkpoints/").and_then(|n| n.parse().ok()) {
        Some(size) => folder.join("checkpoints").join(ledger::tile::grouped(size)),
        None => folder.join(path),
    }
}

/// Every file of a folder, by its path in it.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for file in std::fs::read_dir(next).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
