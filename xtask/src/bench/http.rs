//! HTTP/1.1 as little as the load generator needs: keep-alive, bodies with a length or in chunks.

use anyhow::{Context as _, Result, bail, ensure};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body as sent, without its chunk marks.
    pub body: Vec<u8>,
}

/// The bytes of a submission.
pub fn post(body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST /api/v1/entries HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    (head + body).into_bytes()
}

/// Fetches one path; anything but 200 is an error.
pub async fn fetch(address: SocketAddr, path: &str) -> Result<Vec<u8>> {
    fetch_with(address, path, "").await
}

/// The same with more header lines, each ended by `\r\n`.
pub async fn fetch_with(address: SocketAddr, path: &str, headers: &str) -> Result<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n");
    let answer = Connection::open(address).await?.send(request.as_bytes()).await?;
    ensure!(answer.status == 200, "GET {path}: status {}", answer.status);
    Ok(answer.body)
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream =
            TcpStream::connect(address).await.with_context(|| format!("can't connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::new() })
    }

    /// Sends a submission; anything but 200 is an error that shows the answer.
    pub async fn submit(&mut self, request: &[u8]) -> Result<()> {
        let answer = self.send(request).await?;
        let start: String = String::from_utf8_lossy(&answer.body).chars().take(600).collect();
        ensure!(answer.status == 200, "a submission was answered {}: {start}", answer.status);
        Ok(())
    }

    /// Sends a request and reads its answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await.context("can't send a request")?;
        let end = loop {
            match self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.more().await?,
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head =
            String::from_utf8(head).context("the head of an answer is not UTF-8")?.to_ascii_lowercase();
        let status =
            head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("an answer without a status")?;
        let header = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
        let body = if let Some(length) = header("content-length:") {
            self.exactly(length.parse().context("a length that is no number")?).await?
        } else if header("transfer-encoding:") == Some("chunked") {
            self.chunks().await?
        } else {
            bail!("an answer whose length is not said: {head}");
        };
        Ok(Answer { status, body })
    }

    async fn more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await.context("can't read an answer")?;
        ensure!(read > 0, "the server closed the connection in the middle");
        Ok(())
    }

    async fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.more().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match self.buffer.windows(2).position(|w| w == b"\r\n") {
                    Some(at) => break at + 2,
                    None => self.more().await?,
                }
            };
            let line: Vec<u8> = self.buffer.drain(..end).collect();
            let size = std::str::from_utf8(&line).context("a chunk's size is no text")?;
            let size = usize::from_str_radix(size.trim(), 16).context("a chunk's size is no number")?;
            body.extend(self.exactly(size).await?);
            self.exactly(2).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}
