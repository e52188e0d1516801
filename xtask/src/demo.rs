//! `cargo xtask demo`: a whole ledger on this machine, made by the real tools from the sample table.
//!
//! **In scope:** fresh keys, charter and ledger, the divisions, a seal for each town, the table imported, sealed
//! and published; serving it until Ctrl-C. **Out of scope (and who does it):** everything that a tool does
//! (`village-keys`, `village-ledger`, `village-clerk`): this only calls them, as a newcomer would.

mod attack;
mod making;
mod server;
mod witnesses;

use crate::viewer;
use crate::workshop::{cargo, run};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use making::make;
pub use making::program;
pub use server::Server;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use witnesses::{Witnesses, settled};

/// The units whose pages are printed: those of the tables.
const UNITS: [&str; 4] = ["440811100391-00", "440811101391-00", "440811102391-00", "440811100392-00"];
/// How often the server is looked at.
const WATCH: Duration = Duration::from_millis(250);

/// Makes a ledger with the sample data and serves it, with the viewer, until Ctrl-C
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the ledger in this folder; one that is there is served again (default: a temporary folder)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to listen on (default: any free port, or that of the last time)
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Let three witnesses sign its heads, one of which also replays it
    #[arg(long)]
    witnesses: bool,
    /// Serve a small ledger that cheats instead: two-books, rollback, omit, edit or bad-seal
    #[arg(long, value_name = "NAME", conflicts_with_all = ["listen", "witnesses"])]
    attack: Option<String>,
}

/// A demo that is being served.
pub struct Running {
    server: Server,
    witnesses: Witnesses,
    folder: PathBuf,
}

impl Demo {
    /// Builds what is needed, then makes and serves the demo.
    pub fn run(&self) -> Result<()> {
        let temporary;
        let folder = match &self.data {
            Some(folder) => folder.as_path(),
            None => {
                temporary = tempfile::Builder::new().prefix("village-ledger-").tempdir()?;
                temporary.path()
            }
        };
        if let Some(name) = &self.attack {
            return attack::run(name, folder);
        }
        build()?;
        let viewer = viewer::build()?;
        let mut running = Running::start(folder, self.listen, &viewer, self.witnesses)?;
        running.print(self.data.is_some())?;
        running.wait()?;
        running.stop()
    }
}

/// Builds the programs that the demo calls. All programs, with what all crates ask of their dependencies: so that
/// demo and tests build each dependency once.
pub fn build() -> Result<()> {
    run(cargo().args(["build", "--quiet", "--workspace", "--bins"]))
}

impl Running {
    /// Serves the demo in a folder, with its witnesses when it has some; makes it when there is none yet.
    pub fn start(
        folder: &Path,
        listen: Option<SocketAddr>,
        viewer: &Path,
        is_witnessed: bool,
    ) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        // Written last: a demo that was cut short while it was made has none.
        let trust = folder.join("trust.toml");
        let is_empty = fs::read_dir(&folder)?.next().is_none();
        let (server, witnesses) = if trust.is_file() {
            let last = fs::read_to_string(folder.join("address")).ok().and_then(|a| a.trim().parse().ok());
            let mut listen = listen.or(last);
            if folder.join("policy").is_file() {
                listen = Some(settled(listen)?);
            } else if is_witnessed {
                bail!("the demo in {} was made without witnesses; give another --data", folder.display());
            }
            let witnesses = Witnesses::start(&folder, listen)?;
            (Server::start(&folder, "ledger", listen, viewer)?, witnesses)
        } else if is_empty {
            make(&folder, listen, viewer, is_witnessed)?
        } else {
            bail!("{} is neither empty nor a finished demo; give another --data", folder.display());
        };
        fs::write(folder.join("address"), format!("{}\n", server.address()))?;
        fs::write(&trust, server.get("/trust.toml")?)?;
        Ok(Running { server, witnesses, folder })
    }

    /// The viewer's address and the log's prefix.
    pub fn url(&self) -> String {
        format!("http://{}/", self.server.address())
    }

    /// The ledger's own folder.
    pub fn ledger(&self) -> PathBuf {
        self.folder.join("ledger")
    }

    /// Everything of the demo.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The charter's hash and the keys, for the auditor's program.
    pub fn trust(&self) -> PathBuf {
        self.folder.join("trust.toml")
    }

    /// Fetches one path of the server.
    pub fn get(&self, path: &str) -> Result<String> {
        self.server.get(path)
    }

    /// Its witnesses.
    pub fn witnesses(&mut self) -> &mut Witnesses {
        &mut self.witnesses
    }

    fn print(&self, is_kept: bool) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let url = self.url();
        writeln!(out, "{url}")?;
        for unit in UNITS {
            writeln!(out, "{url}u/{unit}")?;
        }
        for path in ["checkpoint", "policy.txt", "trust.toml"] {
            writeln!(out, "{url}{path}")?;
        }
        for (name, page) in self.witnesses.pages() {
            writeln!(out, "witness {name} {page}")?;
        }
        let folder = self.folder.display();
        writeln!(out, "data {folder}\ntrust {folder}/trust.toml")?;
        out.flush()?;
        let end = if is_kept { "the data is kept" } else { "the data is removed; --data DIR keeps it" };
        eprintln!("Ctrl-C ends it; {end}");
        Ok(())
    }

    /// Waits for Ctrl-C or SIGTERM; an error when the server ends first.
    fn wait(&mut self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => return Ok(()),
                    _ = terminate.recv() => return Ok(()),
                    () = tokio::time::sleep(WATCH) => {
                        ensure!(self.server.is_running()?, "{}", self.server.log());
                        self.witnesses.still_run()?;
                    }
                }
            }
        })
    }

    /// Ends it as an operator would.
    pub fn stop(self) -> Result<()> {
        self.server.stop()?;
        self.witnesses.stop()
    }
}
