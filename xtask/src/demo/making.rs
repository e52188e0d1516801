//! How the demo's ledger comes to be: the steps that a district, its towns and its villages take once.

use super::server::Server;
use super::witnesses::{self, Witnesses};
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
/// The tables in the order in which they are published.
const TABLES: [&str; 3] = ["sample_disclosures.csv", "disposal_and_zero.csv", "names_and_files.csv"];
/// The village of the last table, and the entry of it whose payee's name is withdrawn again.
const WITHDRAWN: [&str; 2] = ["440811100392-00", "6"];

/// One of the real tools, in the demo's folder and untouched by settings of the one who runs it.
pub fn program(name: &str, folder: &Path) -> Result<Command> {
    let mut command = Command::new(programs()?.join(name));
    command.current_dir(folder);
    for variable in ["VILLAGE_LEDGER_SERVER", "VILLAGE_KEYS_PASSPHRASE", "VILLAGE_KEYS_NEW_PASSPHRASE"] {
        command.env_remove(variable);
    }
    Ok(command)
}

/// Makes keys, charter and ledger in an empty folder, starts the servers, and publishes the sample tables.
pub fn make(
    folder: &Path,
    listen: Option<SocketAddr>,
    viewer: &Path,
    is_witnessed: bool,
) -> Result<(Server, Witnesses)> {
    let tool = |name: &str, words: &[&str]| -> Result<String> {
        output(program(name, folder)?.args(words)).with_context(|| format!("{name} failed"))
    };
    write_secret(&folder.join("passphrase"), &passphrase()?)?;
    let divisions = file("divisions_sample.csv")?;
    let tables = TABLES.map(file).into_iter().collect::<Result<Vec<_>>>()?;
    let seals = seals(&divisions, &tables)?;

    eprintln!(
        "keys: the ledger's, the authority's, {} seals of towns and supervision committees",
        seals.len()
    );
    let generate = |name: &str, file: &str, more: &[&str]| -> Result<String> {
        let words = ["generate", "--name", name, "--out", file, "--passphrase-file", "passphrase"];
        Ok(tool("village-keys", &[&words, more].concat())?.trim().to_owned())
    };
    let new_key = |name: &str, file: &str| generate(name, file, &[]);
    new_key(ORIGIN, "log.key")?;
    let authority = new_key(&format!("{ORIGIN}/authority/1"), "authority.key")?;
    for seal in &seals {
        new_key(&format!("{ORIGIN}/seal/{}/{}", seal.scope, seal.role), &seal.file())?;
    }

    let (mut listen, mut policy) = (listen, Vec::new());
    if is_witnessed {
        eprintln!("witnesses: three with their keys, the last also replays");
        let cosigner = |name: &str, file: &str| generate(name, file, &["--cosigner"]);
        fs::write(folder.join("policy"), witnesses::found(folder, cosigner)?)?;
        policy = vec!["--policy", "policy"];
        listen = Some(witnesses::settled(listen)?);
    }

    eprintln!("charter: drafted, signed, the ledger started");
    let draft = ["init", "--origin", ORIGIN, "--district", DISTRICT, "--log-key", "log.key", "--authority"];
    let rest = [&authority, "--threshold", "1", "--out", "charter"];
    tool("village-ledger", &[&draft[..], &rest, &policy].concat())?;
    for key in ["authority.key", "log.key"] {
        tool("village-keys", &["sign", "--key", key, "--in", "charter", "--passphrase-file", "passphrase"])?;
    }
    let init = ["init", "--charter", "charter", "--data", "ledger", "--log-key", "log.key"];
    tool("village-ledger", &[&init[..], &["--passphrase-file", "passphrase"]].concat())?;
    let witnesses = Witnesses::start(folder, listen)?;
    let server = Server::start(folder, "ledger", listen, viewer)?;
    let url = format!("http://{}/", server.address());
    let clerk = |words: &[&str]| tool("village-clerk", words);

    eprintln!("registry: the divisions' units, the seals");
    let office = ["--key", "authority.key", "--passphrase-file", "passphrase", "--server", &url];
    clerk(&[&["units", "--divisions", &divisions][..], &office].concat())?;
    for seal in &seals {
        let words = ["seal", "add", "--seal-key", &seal.file(), "--holder", &seal.holder];
        clerk(&[&words[..], &office].concat())?;
    }

    eprintln!("district: the disclosure catalogue, the county's own rules");
    clerk(&[&["catalogue"][..], &office].concat())?;
    clerk(&[&["overrides", "--file", &file("overrides.json")?][..], &office].concat())?;

    for table in &tables {
        let name =
            Path::new(table).file_stem().and_then(|name| name.to_str()).context("a table without a name")?;
        eprintln!("{name}: imported, checked, sealed, published");
        let draft = &format!("{name}.json");
        clerk(&["import", table, "--divisions", &divisions, "--out", draft])?;
        clerk(&["check", draft, "--server", &url])?;
        let keys = keys_of(&seals, &fs::read_to_string(table)?);
        clerk(&[&["sign"], &as_flags(&keys)[..], &[draft, "--passphrase-file", "passphrase"]].concat())?;
        clerk(&["publish", draft, "--server", &url, "--receipts", "receipts"])?;
    }

    eprintln!("names: the households' leaflets, one name withdrawn, an inspector's token");
    let host = server.address().to_string();
    let list = ["names_and_files.json", "--divisions", &divisions, "--out", "leaflets.html"];
    clerk(&[&["leaflets", "--host", &host], &list[..]].concat())?;
    let [unit, seq] = WITHDRAWN;
    let keys = keys_of(&seals, &format!(",{unit}"));
    let what =
        ["redact", "--unit", unit, "--seq", seq, "--path", "counterparty.name", "--basis", "privacy_law"];
    let by =
        ["--ordered-by", "石陂村务监督委员会", "--server", &url, "--passphrase-file", "passphrase", "--yes"];
    clerk(&[&what, &by[..], &as_flags(&keys)].concat())?;
    let whom = ["--access", "inspectors", "--scope", DISTRICT, "--days", "365", "--holder", "区纪检监察室"];
    let token = tool("village-ledger", &[&["token", "issue", "--data", "ledger"], &whom[..]].concat())?;
    write_secret(&folder.join("inspector.token"), &token)?;
    Ok((server, witnesses))
}

/// A passphrase that nobody needs to know.
fn passphrase() -> Result<String> {
    let mut random = [0; 16];
    keys::system_random(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One line for its owner's eyes only.
fn write_secret(path: &Path, secret: &str) -> Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(writeln!(file, "{}", secret.trim())?)
}

/// The key files of the seals that have rows in their scope.
fn keys_of(seals: &[Seal], rows: &str) -> Vec<String> {
    seals.iter().filter(|seal| seal.is_of(rows)).map(Seal::file).collect()
}

fn as_flags(keys: &[String]) -> Vec<&str> {
    keys.iter().flat_map(|key| ["--key", key]).collect()
}

/// A seal: of a town's office, or of a village's supervision committee.
struct Seal {
    scope: String,
    role: &'static str,
    holder: String,
}

impl Seal {
    fn file(&self) -> String {
        format!("{}.key", self.scope)
    }

    /// Whether a table has rows in its scope.
    fn is_of(&self, rows: &str) -> bool {
        rows.lines().filter_map(|row| row.split(',').nth(1)).any(|code| code.starts_with(&self.scope))
    }
}

/// The seals that the tables need: of the towns and villages in their second column, towns first.
fn seals(divisions: &str, tables: &[String]) -> Result<Vec<Seal>> {
    let read = |path: &String| fs::read_to_string(path).with_context(|| format!("can't read {path}"));
    let rows = tables.iter().map(read).collect::<Result<String>>()?;
    let seal = |row: &str| {
        let mut cells = row.split(',');
        let (code, name, level) = (cells.next()?, cells.next()?, cells.next()?);
        let (scope, role, holder) = match level {
            "乡级" => (code.get(..9)?, "township", format!("{name}农村集体资产管理办公室")),
            "村级" => (code, "supervision", format!("{name}务监督委员会")),
            _ => return None,
        };
        Some(Seal { scope: scope.to_owned(), role, holder })
    };
    let seals: Vec<Seal> =
        read(&divisions.to_owned())?.lines().filter_map(seal).filter(|s| s.is_of(&rows)).collect();
    ensure!(!seals.is_empty(), "{divisions} has no towns");
    Ok(seals)
}

/// A file of the project's folder `demo`.
fn file(name: &str) -> Result<String> {
    let path = root().join("demo").join(name).into_os_string().into_string();
    path.ok().context("the project's folder has a name that is no text")
}
