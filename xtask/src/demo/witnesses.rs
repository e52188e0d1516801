//! The demo's three witnesses: the ledger is held by two of them, and the last also replays it.

use super::making::program;
use super::server::Server;
use crate::workshop::output;
use anyhow::{Context as _, Result, ensure};
use ledger::charter::Charter;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// Their names in the policy, and the beginnings of their files.
const NAMES: [&str; 3] = ["w1", "w2", "w3"];
/// The one that also replays, and its second name.
const REPLAYER: [&str; 2] = ["w3", "r3"];

/// The witnesses of a demo; none where its charter names none.
pub struct Witnesses {
    folder: PathBuf,
    each: Vec<Witness>,
}

struct Witness {
    name: String,
    address: SocketAddr,
    /// None while it has ended.
    server: Option<Server>,
}

/// Makes the witnesses' folders and keys, with a tool that makes a key of this name in this file and returns its vkey,
/// and returns the policy, with free addresses in it.
pub fn found(folder: &Path, new_key: impl Fn(&str, &str) -> Result<String>) -> Result<String> {
    let line = |name: &str, url: String| -> Result<String> {
        let vkey = new_key(&format!("{name}.village-ledger.example"), &format!("{name}.key"))?;
        Ok(format!("witness {name} {vkey} {url}\n"))
    };
    let mut policy = String::new();
    for (name, address) in NAMES.into_iter().zip(free(NAMES.len())?) {
        let mut init = program("village-witness", folder)?;
        output(init.args(["init", "--data", name]))?;
        policy += &line(name, format!("http://{address}/"))?;
        let [witness, replayer] = REPLAYER;
        if name == witness {
            policy += &line(replayer, format!("http://{address}/replay"))?;
        }
    }
    let [.., replayer] = REPLAYER;
    let groups = format!("group replayers any {replayer}\ngroup witnesses 2 {}\n", NAMES.join(" "));
    Ok(policy + &groups + "quorum witnesses\n")
}

/// The ledger's address when witnesses must know it before it listens.
pub fn settled(listen: Option<SocketAddr>) -> Result<SocketAddr> {
    let given = listen.filter(|listen| listen.port() != 0);
    given.map_or_else(|| free(1)?.pop().context("no address is free"), Ok)
}

/// That many free addresses on this machine.
fn free(count: usize) -> Result<Vec<SocketAddr>> {
    // All are held until all are found, so that they differ.
    let held: Vec<_> =
        (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<_, _>>()?;
    Ok(held.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}

impl Witnesses {
    /// Starts the witnesses that the charter in a demo's folder names, of the ledger at this address.
    pub fn start(folder: &Path, ledger: Option<SocketAddr>) -> Result<Self> {
        let (charter, hash) = Charter::open(&fs::read(folder.join("charter"))?)?;
        let policy = charter.policy()?;
        let mut witnesses = Witnesses { folder: folder.to_owned(), each: Vec::new() };
        for (name, _, url) in policy.witnesses().filter(|(name, ..)| !policy.is_replayer(name)) {
            let address = url.and_then(|url| url.strip_prefix("http://")?.strip_suffix('/')?.parse().ok());
            let address = address.with_context(|| format!("{name} has no address in the policy"))?;
            let ledger = ledger.context("witnesses need to know the ledger's address")?;
            let mut config = format!("key = \"{name}.key\"\n");
            let [witness, replayer] = REPLAYER;
            if name == witness {
                config += &format!("replay_key = \"{replayer}.key\"\n");
            }
            config += &format!("[[log]]\norigin = \"{}\"\nvkeys = [\"{}\"]\n", charter.origin, charter.log);
            config += &format!("url = \"http://{ledger}/\"\ncharter = \"{}\"\n", hash.to_hex());
            fs::write(folder.join(format!("{name}.toml")), config)?;
            witnesses.each.push(Witness { name: name.to_owned(), address, server: None });
        }
        for witness in &mut witnesses.each {
            witness.begin(folder)?;
        }
        Ok(witnesses)
    }

    /// Names and status pages.
    pub fn pages(&self) -> impl Iterator<Item = (&str, String)> {
        self.each.iter().map(|witness| (witness.name.as_str(), format!("http://{}/", witness.address)))
    }

    /// An error when one of them has ended by itself.
    pub fn still_run(&mut self) -> Result<()> {
        for server in self.each.iter_mut().filter_map(|witness| witness.server.as_mut()) {
            ensure!(server.is_running()?, "{}", server.log());
        }
        Ok(())
    }

    /// Ends one of them.
    pub fn end(&mut self, name: &str) -> Result<()> {
        let server = self.find(name)?.server.take();
        server.context("the witness does not run")?.stop()
    }

    /// Starts one again.
    pub fn begin(&mut self, name: &str) -> Result<()> {
        let folder = self.folder.clone();
        self.find(name)?.begin(&folder)
    }

    /// Ends them all.
    pub fn stop(self) -> Result<()> {
        self.each.into_iter().filter_map(|witness| witness.server).try_for_each(Server::stop)
    }

    fn find(&mut self, name: &str) -> Result<&mut Witness> {
        self.each.iter_mut().find(|witness| witness.name == name).context("there is no such witness")
    }
}

impl Witness {
    fn begin(&mut self, folder: &Path) -> Result<()> {
        let mut serve = program("village-witness", folder)?;
        let (config, log) = (format!("{}.toml", self.name), format!("{}.log", self.name));
        serve.args(["serve", "--config", &config, "--data", &self.name, "--passphrase-file", "passphrase"]);
        serve.args(["--listen", &self.address.to_string()]);
        let [replays, _] = REPLAYER;
        if self.name == replays {
            serve.arg("--replay");
        }
        self.server = Some(Server::spawn(serve, folder.join(log))?);
        Ok(())
    }
}
