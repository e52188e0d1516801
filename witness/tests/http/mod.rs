//! A witness that runs in a folder of its own, and HTTP by hand: what a well-meaning client would not send, too.
#![allow(dead_code, reason = "each test file uses its part")]

use crate::book;
use keys::Signer;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use witness::folder::Home;
use witness::{Server, Settings};

pub struct Running {
    pub folder: TempDir,
    runtime: Runtime,
    server: Option<Server>,
}

impl Running {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start(None, change)
    }

    pub fn replaying(replayer: Signer, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start(Some(replayer), change)
    }

    fn start(replayer: Option<Signer>, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Home::begin(folder.path()).unwrap();
        let mut settings = Settings::new(folder.path().to_owned(), vec![book::config()]);
        change(&mut settings);
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::start(settings, book::cosigner(), replayer));
        Running { folder, runtime, server: Some(server.unwrap()) }
    }

    pub fn restart(&mut self) {
        let settings = Settings::new(self.folder.path().to_owned(), vec![book::config()]);
        self.runtime.block_on(self.server.take().unwrap().stop()).unwrap();
        self.server = Some(self.runtime.block_on(Server::start(settings, book::cosigner(), None)).unwrap());
    }

    pub fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().address()
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address())
    }

    pub fn get(&self, path: &str) -> Answer {
        exchange(self.address(), &format!("GET {path} HTTP/1.1"), b"")
    }

    pub fn post(&self, body: &str) -> Answer {
        exchange(self.address(), "POST /add-checkpoint HTTP/1.1", body.as_bytes())
    }
}

pub struct Answer {
    /// The status line.
    pub line: String,
    pub status: u16,
    pub media: String,
    pub body: String,
}

/// One request on a connection of its own.
pub fn exchange(address: SocketAddr, line: &str, body: &[u8]) -> Answer {
    let head = format!("{line}\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // An early refusal may end the connection while the body is still on its way.
    let _ = stream.write_all(body);
    read(&mut stream).unwrap()
}

/// An answer; `None` when the connection ended without one.
pub fn read(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let line = head.lines().next()?.to_owned();
    let media = head.lines().find_map(|l| l.strip_prefix("content-type: ")).unwrap_or_default().to_owned();
    Some(Answer { status: line.split(' ').nth(1)?.parse().ok()?, line, media, body: body.to_owned() })
}
