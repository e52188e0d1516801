//! A ledger's server of a few lines: tiles from a folder, and beside them whatever a test wants to be answered.

use super::UNIT;
use super::beside::{Sealed, TOKEN};
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::payment_rows::RowTree;
use ledger::sealed::{Access, Openings, Salt};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

/// What the server has and says.
#[derive(Clone, Default)]
pub struct Server {
    pub folder: PathBuf,
    /// Where the tiles are from the first request for something else on: the log has grown meanwhile.
    pub later: Option<PathBuf>,
    /// By digest in hex; those with a salt are for the token only.
    pub blobs: BTreeMap<String, (Vec<u8>, Option<Salt>)>,
    /// What anyone is shown of the village's entries.
    pub shown: BTreeMap<u64, Openings>,
    /// What the token is shown.
    pub kept: BTreeMap<u64, Openings>,
    /// Row proofs, by number and place.
    pub proofs: BTreeMap<(u64, u32), String>,
    /// Paths that are answered with this status and nothing else.
    pub refuses: BTreeMap<String, u16>,
    /// Whether it is a ledger's own server, not a host of tiles.
    pub api: bool,
}

impl Server {
    pub fn new(folder: PathBuf) -> Self {
        Server { folder, api: true, ..Server::default() }
    }

    /// Has what came with an entry; what is posted is shown to anyone.
    pub fn keep(&mut self, sealed: &Sealed) {
        let seq = Entry::of_leaf(&sealed.note).unwrap().seq();
        if sealed.openings.iter().all(|opening| opening.access == Access::Posted) {
            self.shown.insert(seq, sealed.openings.clone());
        }
        self.kept.insert(seq, sealed.openings.clone());
        if let Some(rows) = &sealed.rows {
            let text = rows.text().into_bytes();
            self.blobs.insert(Hash::of(&text).to_hex(), (text, None));
            let proof = RowTree::new(rows).prove(0).unwrap();
            self.proofs.insert((seq, 0), proof.encode());
        }
    }

    /// Serves on a free port of this machine until the test's process ends; the address.
    pub fn start(mut self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = self.answer(stream.unwrap());
            }
        });
        address
    }

    fn answer(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let asked = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let token = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .any(|line| line.eq_ignore_ascii_case(&format!("authorization: Bearer {TOKEN}")));
        let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        if path.starts_with("api/") {
            self.folder = self.later.take().unwrap_or(std::mem::take(&mut self.folder));
        }
        let (status, salt, body) = match self.refuses.get(&path) {
            Some(status) => (*status, None, Vec::new()),
            None => self.find(&path, token).unwrap_or((404, None, Vec::new())),
        };
        write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len())?;
        if let Some(salt) = salt {
            write!(stream, "blob-salt: {}\r\n", Hash::from_bytes(salt).to_base64())?;
        }
        stream.write_all(b"\r\n")?;
        stream.write_all(&body)
    }

    fn find(&self, path: &str, token: bool) -> Option<(u16, Option<Salt>, Vec<u8>)> {
        let Some(asked) = path.strip_prefix("api/v1/").filter(|_| self.api) else {
            return Some((200, None, std::fs::read(self.folder.join(path)).ok()?));
        };
        let openings = if token { &self.kept } else { &self.shown };
        let unit = format!("units/{UNIT}");
        let body = match asked.split('/').collect::<Vec<_>>()[..] {
            ["blobs", digest] => match self.blobs.get(digest)? {
                (_, Some(_)) if !token => return Some((401, None, Vec::new())),
                (bytes, salt) => return Some((200, *salt, bytes.clone())),
            },
            ["openings", UNIT, seq] => {
                openings.get(&seq.parse().unwrap()).cloned().unwrap_or_default().text()
            }
            ["rows", UNIT, seq, place] => {
                self.proofs.get(&(seq.parse().unwrap(), place.parse().unwrap()))?.clone()
            }
            _ if asked == unit => r#"{"count":9,"next_seq":10}"#.to_owned(),
            _ => {
                let from = asked.strip_prefix(&unit)?.strip_prefix("/openings?from=")?.parse().unwrap();
                // Rows of payment lists are got by entry.
                let names = openings.range(from..u64::MAX).map(|(seq, o)| (seq, o.without(&["rows"])));
                let lines = names.filter(|(_, o)| !o.is_empty());
                lines.map(|(seq, o)| format!("{seq} {}\n", o.text())).collect()
            }
        };
        Some((200, None, body.into_bytes()))
    }
}
