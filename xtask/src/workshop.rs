//! Where things lie in the project, how its programs are run, and how what is missing is installed.

use anyhow::{Context as _, Result, bail, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's folder.
pub fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = own.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map(Path::to_owned).unwrap_or(own)
}

/// The folder of the built programs, this one among them.
pub fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe().context("which program is this?")?;
    Ok(own.parent().context("this program lies in no folder")?.to_owned())
}

/// This program's file as it is now: building all programs may have put a new one in its place meanwhile.
pub fn own() -> Result<PathBuf> {
    Ok(programs()?.join(format!("xtask{}", std::env::consts::EXE_SUFFIX)))
}

/// One shared target folder for everything that is built.
pub fn target() -> Result<PathBuf> {
    Ok(programs()?.parent().context("this program lies in no target folder")?.to_owned())
}

/// The same cargo that runs this.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).stdin(Stdio::null());
    cargo
}

/// Runs a command to its end; what it prints is seen.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("can't run {}", line(command)))?;
    ensure!(status.success(), "{} ended with {status}; see above", line(command));
    Ok(())
}

/// Runs a command to its end and returns what it printed; what it said is in the error.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("can't run {}", line(command)))?;
    let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{} ended with {}:\n{out}{said}", line(command), output.status);
    Ok(out.into_owned())
}

/// Whether a program can be run: it answers to `--version`, or whatever it is asked instead.
pub fn answers(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Installs Debian packages as root, or says how.
pub fn apt_install(packages: &[&str], what_for: &str) -> Result<()> {
    let by_hand = format!("{what_for} needs these packages: apt-get install {}", packages.join(" "));
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || !answers("apt-get", &["--version"]) {
        bail!("{by_hand}");
    }
    eprintln!("installing {} for {what_for}", packages.join(" "));
    let apt = |arguments: &[&str]| {
        output(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-q"]).context(by_hand.clone())?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat()).context(by_hand)?;
    Ok(())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
