//! The demo's servers, `village-ledger serve` and `village-witness serve`: started, asked, ended by their id.

use super::making::program;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Serves a ledger in a demo's folder.
    pub fn start(folder: &Path, data: &str, listen: Option<SocketAddr>, viewer: &Path) -> Result<Self> {
        let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut command = program("village-ledger", folder)?;
        command
            .args(["serve", "--data", data, "--log-key", "log.key", "--passphrase-file", "passphrase"])
            .args(["--listen", &listen.to_string(), "--viewer"])
            .arg(viewer);
        Self::spawn(command, folder.join("server.log"))
    }

    /// Starts a program that says first where it listens; what else it says goes to a file.
    pub fn spawn(mut command: Command, log: PathBuf) -> Result<Self> {
        let said = File::options().append(true).create(true).open(&log)?;
        let program = command.get_program().to_owned();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .with_context(|| format!("can't start {}", program.display()))?;
        let mut line = String::new();
        let stdout = child.stdout.as_mut().context("the server has no standard output")?;
        BufReader::new(stdout).read_line(&mut line).context("can't read what the server says")?;
        let address = line.trim().strip_prefix("listening on http://").and_then(|a| a.strip_suffix('/'));
        let Some(address) = address.and_then(|a| a.parse().ok()) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("{line}{}", last_words(&log));
        };
        Ok(Server { child, address, log })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// What it said last.
    pub fn log(&self) -> String {
        last_words(&self.log)
    }

    /// Fetches one path.
    pub fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.address).context("can't connect to the server")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {}\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).with_context(|| format!("can't read {path}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
        ensure!(head.split(' ').nth(1) == Some("200"), "GET {path}: {head}");
        Ok(body.to_owned())
    }

    /// Ends it as an operator would, and waits for it.
    pub fn stop(mut self) -> Result<()> {
        if self.is_running()? {
            // Ctrl-C in a terminal reaches the server too, so it may be gone a moment later.
            let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        }
        let status = self.child.wait()?;
        ensure!(status.success(), "the server did not end well: {status}\n{}", self.log());
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end; after an error there is.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn last_words(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = said.lines().rev().take(5).collect();
    let last: Vec<&str> = lines.into_iter().rev().collect();
    format!("the server ended or did not start ({}):\n{}", log.display(), last.join("\n"))
}
