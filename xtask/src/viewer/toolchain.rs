//! A Rust toolchain that builds for `wasm32-unknown-unknown`: rustup's target, or Debian's compiler for the web.

use crate::workshop::{answers, apt_install, cargo, output, target};
use anyhow::{Context as _, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's packages, when rustup has no target to give.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "wasm-ld-19";

/// Who builds for WASM here.
#[derive(Clone, Copy, Debug)]
pub enum Toolchain {
    /// The compiler of this program, with the target's standard library.
    Own,
    /// Debian's, which builds the standard library along.
    Debian,
}

impl Toolchain {
    /// The one that is there; installs one when there is none.
    pub fn find() -> Result<Self> {
        if let Some(found) = Self::present() {
            return Ok(found);
        }
        if answers("rustup", &["target", "add", TARGET]) && own_has_target() {
            return Ok(Toolchain::Own);
        }
        apt_install(&DEBIAN, "building the viewer").with_context(|| {
            format!(
                "the viewer needs the target {TARGET}: `rustup target add {TARGET}`, or Debian's packages"
            )
        })?;
        Ok(Toolchain::Debian)
    }

    /// The one that is there.
    pub fn present() -> Option<Self> {
        if own_has_target() {
            return Some(Toolchain::Own);
        }
        let has_std = || {
            let root = output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])).ok()?;
            let std = Path::new(root.trim()).join("lib/rustlib/src/rust/library/std");
            (std.is_dir() && answers(DEBIAN_LINKER, &["--version"])).then_some(Toolchain::Debian)
        };
        answers(DEBIAN_CARGO, &["--version"]).then(has_std).flatten()
    }

    /// A cargo command for the target.
    pub fn cargo(self, command: &str) -> Result<Command> {
        let mut cargo = cargo();
        if let Toolchain::Debian = self {
            let folder = cargo.get_current_dir().map(Path::to_owned).unwrap_or_default();
            cargo = Command::new(DEBIAN_CARGO);
            cargo.current_dir(folder).stdin(Stdio::null());
            cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
            // A folder of its own, so that two compilers don't undo each other's work.
            cargo.env("CARGO_TARGET_DIR", self.base()?);
        }
        cargo.arg(command).args(["--target", TARGET]);
        cargo.arg("--config").arg(format!("target.{TARGET}.rustflags={:?}", self.remapped()));
        if let Toolchain::Debian = self {
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
        Ok(cargo)
    }

    /// What panics name is no file of the machine that built this, and shorter to fetch.
    fn remapped(self) -> Vec<String> {
        let rustc = match self {
            Toolchain::Own => own_rustc(),
            Toolchain::Debian => DEBIAN_RUSTC.into(),
        };
        let sysroot = output(Command::new(rustc).args(["--print", "sysroot"])).unwrap_or_default();
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
        let sources = std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
        let folders = [PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust/library")];
        let folders = folders.into_iter().chain(sources.map(|source| source.path()));
        folders.map(|folder| format!("--remap-path-prefix={}=", folder.display())).collect()
    }

    /// Where its builds for the target lie.
    pub fn target(self) -> Result<PathBuf> {
        Ok(self.base()?.join(TARGET))
    }

    fn base(self) -> Result<PathBuf> {
        let shared = target()?;
        Ok(match self {
            Toolchain::Own => shared,
            Toolchain::Debian => shared.join("debian"),
        })
    }
}

fn own_rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn own_has_target() -> bool {
    let folder = output(Command::new(own_rustc()).args(["--target", TARGET, "--print", "target-libdir"]));
    folder.is_ok_and(|folder| {
        let files = std::fs::read_dir(folder.trim()).into_iter().flatten().flatten();
        files.map(|f| f.file_name()).any(|name| name.to_string_lossy().starts_with("libstd-"))
    })
}
