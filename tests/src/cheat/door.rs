//! A server on loopback that shows one face at a time.

use super::Face;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An address at which a ledger is served until the process ends.
#[derive(Clone)]
pub struct Door {
    /// Its address, without a slash at the end.
    pub url: String,
    shown: Arc<Mutex<Arc<Face>>>,
    viewer: Option<PathBuf>,
}

impl Door {
    /// Serves a face on a free port, with the viewer's files out of a folder.
    ///
    /// # Errors
    /// When nothing can be listened on.
    pub fn open(face: &Face, viewer: Option<PathBuf>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let shown = Arc::new(Mutex::new(Arc::new(face.clone())));
        let door = Door { url, shown, viewer };
        let serving = door.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let door = serving.clone();
                std::thread::spawn(move || door.answer(stream));
            }
        });
        Ok(door)
    }

    /// From now on it shows this face.
    pub fn show(&self, face: &Face) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(face.clone());
    }

    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let asked = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
        let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
        let face = Arc::clone(&self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        let body = face.answer(path).or_else(|| self.file(path.strip_prefix("viewer/")?));
        let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
        let (body, media) = (body.unwrap_or_default(), media_type(path));
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )?;
        stream.write_all(&body)
    }

    /// A file of the viewer's folder itself.
    fn file(&self, name: &str) -> Option<Vec<u8>> {
        let plain = !name.starts_with('.') && !name.contains(['/', '\\']);
        std::fs::read(self.viewer.as_ref().filter(|_| plain)?.join(name)).ok()
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "wasm")) => "application/wasm",
        Some((_, "txt" | "toml")) => "text/plain; charset=utf-8",
        _ if path.starts_with("u/") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}
