//! How the demo's ledger comes to be: the steps that a district, its towns and its villages take once.

use super::server::Server;
use crate::workshop::{output, programs, root};
use anyhow::{Context as _, Result, ensure};
use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

const ORIGIN: &str = "demo.village-ledger.example/440811";
const DISTRICT: &str = "440811";

/// One of the real tools, in the demo's folder and untouched by settings of the one who runs it.
pub fn program(name: &str, folder: &Path) -> Result<Command> {
    let mut command = Command::new(programs()?.join(name));
    command.current_dir(folder);
    for variable in ["VILLAGE_LEDGER_SERVER", "VILLAGE_KEYS_PASSPHRASE", "VILLAGE_KEYS_NEW_PASSPHRASE"] {
        command.env_remove(variable);
    }
    Ok(command)
}

/// Makes keys, charter and ledger in an empty folder, starts the server, and publishes the sample table.
pub fn make(folder: &Path, listen: Option<SocketAddr>, viewer: &Path) -> Result<Server> {
    let tool = |name: &str, words: &[&str]| -> Result<String> {
        output(program(name, folder)?.args(words)).with_context(|| format!("{name} failed"))
    };
    write_passphrase(&folder.join("passphrase"))?;
    let divisions = root().join("demo/divisions_sample.csv");
    let table = root().join("demo/sample_disclosures.csv");
    let (divisions, table) = (text(&divisions)?, text(&table)?);
    let towns = towns(divisions)?;

    eprintln!("keys: the ledger's, the authority's, one seal for each of {} towns", towns.len());
    let new_key = |name: &str, file: &str| -> Result<String> {
        let words = ["generate", "--name", name, "--out", file, "--passphrase-file", "passphrase"];
        Ok(tool("village-keys", &words)?.trim().to_owned())
    };
    new_key(ORIGIN, "log.key")?;
    let authority = new_key(&format!("{ORIGIN}/authority/1"), "authority.key")?;
    for (code, _) in &towns {
        new_key(&format!("{ORIGIN}/seal/{code}/township"), &format!("{code}.key"))?;
    }

    eprintln!("charter: drafted, signed, the ledger started");
    let draft = ["init", "--origin", ORIGIN, "--district", DISTRICT, "--log-key", "log.key", "--authority"];
    tool("village-ledger", &[&draft[..], &[&authority, "--threshold", "1", "--out", "charter"]].concat())?;
    for key in ["authority.key", "log.key"] {
        tool("village-keys", &["sign", "--key", key, "--in", "charter", "--passphrase-file", "passphrase"])?;
    }
    let init = ["init", "--charter", "charter", "--data", "ledger", "--log-key", "log.key"];
    tool("village-ledger", &[&init[..], &["--passphrase-file", "passphrase"]].concat())?;
    let server = Server::start(folder, listen, viewer)?;
    let url = format!("http://{}/", server.address());
    let clerk = |words: &[&str]| tool("village-clerk", words);

    eprintln!("registry: the divisions' units and the towns' seals");
    let office = ["--key", "authority.key", "--passphrase-file", "passphrase", "--server", &url];
    clerk(&[&["units", "--divisions", divisions][..], &office].concat())?;
    for (code, name) in &towns {
        let (key, holder) = (format!("{code}.key"), format!("{name}农村集体资产管理办公室"));
        clerk(&[&["seal", "add", "--seal-key", &key, "--holder", &holder][..], &office].concat())?;
    }

    eprintln!("table: imported, checked, sealed, published");
    clerk(&["import", table, "--divisions", divisions, "--out", "draft.json"])?;
    clerk(&["check", "draft.json", "--server", &url])?;
    let keys: Vec<String> = towns.iter().map(|(code, _)| format!("{code}.key")).collect();
    let keys: Vec<&str> = keys.iter().flat_map(|key| ["--key", key]).collect();
    clerk(&[&["sign"][..], &keys, &["draft.json", "--passphrase-file", "passphrase"]].concat())?;
    clerk(&["publish", "draft.json", "--server", &url, "--receipts", "receipts"])?;
    Ok(server)
}

/// A passphrase that nobody needs to know, for its owner's eyes only.
fn write_passphrase(path: &Path) -> Result<()> {
    let mut random = [0; 16];
    keys::system_random(&mut random)?;
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    random.iter().try_for_each(|byte| write!(file, "{byte:02x}"))?;
    Ok(writeln!(file)?)
}

/// Nine-digit code and name of each town in a divisions table.
fn towns(table: &str) -> Result<Vec<(String, String)>> {
    let rows = fs::read_to_string(table).with_context(|| format!("can't read {table}"))?;
    let town = |row: &str| {
        let mut cells = row.split(',');
        let (code, name, level) = (cells.next()?, cells.next()?, cells.next()?);
        (level == "乡级").then(|| Some((code.get(..9)?.to_owned(), name.to_owned())))?
    };
    let towns: Vec<_> = rows.lines().filter_map(town).collect();
    ensure!(!towns.is_empty(), "{table} has no towns");
    Ok(towns)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the project's folder has a name that is no text")
}
