//! Test-only: a server that cheats, to see who notices. Never part of the product.
//!
//! `cheating-ledger ATTACK DIR [VIEWER]` shows a small honest ledger with fixed keys, and each Enter the next step of the
//! attack; with two books, the other book is shown at a second address from the start. `DIR` gets what readers know
//! beforehand: `trust.toml`, `head` for `audit --remember`, `monitor.toml`. It serves until it is ended.

use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tests::cheat::support::UNIT;
use tests::cheat::{Attack, Door};

/// Who catches what, as the test found it.
const TABLE: &str = include_str!("../../../SECURITY.md");

fn main() -> Result<()> {
    let names: Vec<&str> = Attack::ALL.iter().map(|attack| attack.name()).collect();
    let usage = format!("usage: cheating-ledger {} DIR [VIEWER]", names.join("|"));
    let mut words = std::env::args_os().skip(1);
    let mut word = || words.next();
    let attack = word().and_then(|name| Attack::of_name(name.to_str()?)).context(usage.clone())?;
    let folder: PathBuf = word().context(usage)?.into();
    let viewer = word().map(PathBuf::from);

    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let faces = attack.faces(now);
    let (first, steps) = faces.split_first().context("nothing to show")?;
    let door = Door::open(first, viewer.clone())?;
    let second = match steps.first().filter(|_| attack == Attack::TwoBooks) {
        Some(other) => Some(Door::open(other, viewer)?),
        None => None,
    };
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    std::fs::write(folder.join("trust.toml"), first.trust().text())?;
    std::fs::write(folder.join("head"), first.checkpoint())?;
    let other = second.as_ref().map(|door| format!("mirrors = [\"{}\"]\n", door.url)).unwrap_or_default();
    let monitor =
        format!("silent_after = 0\n[[log]]\ntrust = \"trust.toml\"\nurl = \"{}\"\n{other}", door.url);
    std::fs::write(folder.join("monitor.toml"), monitor)?;

    let mut out = std::io::stdout().lock();
    writeln!(out, "{}/u/{UNIT}", door.url)?;
    if let Some(door) = &second {
        writeln!(out, "{}/u/{UNIT}", door.url)?;
    }
    write!(out, "{}", catchers(attack, &door.url, &folder)?)?;
    for (at, step) in (1..).zip(steps) {
        writeln!(out, "Enter: step {at} of {} at the first address", steps.len())?;
        out.flush()?;
        if std::io::stdin().read_line(&mut String::new())? == 0 {
            break;
        }
        door.show(step);
    }
    writeln!(out, "Ctrl-C ends it")?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}

/// One line for each reader: what will be said, and how to see it.
fn catchers(attack: Attack, url: &str, folder: &Path) -> Result<String> {
    let folder = folder.display();
    let mut lines = String::new();
    let rows = TABLE.lines().filter(|line| line.starts_with("| ")).map(|line| line.split('|').map(str::trim));
    let mut rows = rows.map(Iterator::collect::<Vec<_>>);
    let of = |row: &[&str]| row.iter().position(|cell| *cell == attack.name());
    let column = rows.find_map(|row| of(&row)).context("SECURITY.md has no table of attacks")?;
    for row in rows {
        let (Some(reader), Some(said)) = (row.get(1), row.get(column)) else { continue };
        if said.is_empty() || reader.starts_with('-') {
            continue;
        }
        let command = match reader.trim_matches('`') {
            "phone, first visit" => format!("open {url}/u/{UNIT} after Enter"),
            "phone that remembers" => format!("open {url}/u/{UNIT} before and after Enter"),
            "audit" => format!("village-verifier audit {url} --trust {folder}/trust.toml"),
            "audit --remember" => {
                format!("village-verifier audit {url} --trust {folder}/trust.toml --remember {folder}/head")
            }
            "monitor" => format!("village-verifier monitor --config {folder}/monitor.toml --once"),
            "the log itself, on start" => "cargo test -p api --test witnesses an_old_backup".to_owned(),
            _ => "cargo test -p tests --test attacks".to_owned(),
        };
        let (reader, said) = (reader.trim_matches('`'), said.trim_matches('*'));
        writeln!(lines, "{reader}: {said} | {command}")?;
    }
    Ok(lines)
}
