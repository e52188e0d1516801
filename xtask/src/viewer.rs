//! `cargo xtask viewer`: the phone's page, from `wasm-viewer` to `build/viewer/`.
//!
//! **In scope:** the WASM target, the build with profile `wasm`, wasm-bindgen as a library, the static files, the
//! words, the sizes. **Out of scope (and who does it):** serving it (`village-ledger serve --viewer`).

mod toolchain;

pub use toolchain::Toolchain;

use crate::workshop::{own, root, run};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// Most bytes that the WASM may have when compressed: an old phone on a village's network waits for it.
pub const MAX_WASM: usize = 80_000;
/// The same of the part that is fetched where names are sealed, or a row, a list or a file is looked at.
pub const MAX_SEALED: usize = 47_000;
/// Most bytes that the words of one language may have when compressed.
pub const MAX_WORDS: usize = 12_000;

/// A file's size as it is and as a phone fetches it.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Bytes.
    pub raw: usize,
    /// Bytes after Brotli.
    pub compressed: usize,
}

/// What is built: the features, the profile (each has a folder), the name, and the global of its script.
const PARTS: [[&str; 4]; 2] =
    [["check", "wasm", "viewer", "wasm_bindgen"], ["sealed", "wasm-sealed", "sealed", "sealed_names"]];

/// Where the built viewer lies.
pub fn folder() -> PathBuf {
    root().join("build/viewer")
}

/// The WASM that every page needs.
pub fn wasm() -> PathBuf {
    folder().join("viewer_bg.wasm")
}

/// Builds what is not up to date, and returns its folder.
pub fn build() -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    let folder = folder();
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    for [feature, profile, name, global] in PARTS {
        let mut cargo = toolchain.cargo("build")?;
        cargo.args(["--package", "wasm-viewer", "--lib", "--profile", profile]);
        run(cargo.args(["--no-default-features", "--features", feature]))
            .context("the viewer's WASM was not built")?;
        let built = toolchain.target()?.join(profile).join("wasm_viewer.wasm");
        let bound = folder.join(format!("{name}_bg.wasm"));
        if is_older(&bound, &built)? || is_older(&bound, &own()?)? {
            bind(&built, name, global, &folder)?;
        }
    }
    copy(&[&root().join("wasm-viewer/static"), &root().join("views/data")], &folder)?;
    Ok(folder)
}

/// Builds it and prints the sizes.
pub fn build_and_print() -> Result<()> {
    let folder = build()?;
    let mut files = names(&folder)?;
    files.sort();
    println!("{:>9} {:>11}", "bytes", "compressed");
    for name in files {
        let Size { raw, compressed } = size(&folder.join(&name))?;
        println!("{raw:>9} {compressed:>11}  {name}");
    }
    println!("{}", folder.display());
    Ok(())
}

/// A file's size, raw and compressed as the server does it at its best.
pub fn size(path: &Path) -> Result<Size> {
    let bytes = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut compressed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut compressed, &best)?;
    Ok(Size { raw: bytes.len(), compressed: compressed.len() })
}

fn bind(built: &Path, name: &str, global: &str, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    // Names of functions would be a third of what phones fetch.
    bindgen.input_path(built).out_name(name).typescript(false).remove_name_section(true);
    bindgen.remove_producers_section(true).no_modules(true)?.no_modules_global(global)?;
    bindgen.generate(folder).context("wasm-bindgen can't read the built WASM")
}

/// Copies folders' files; those that they no longer have are removed from the copy, but for what was built.
fn copy(folders: &[&Path], to: &Path) -> Result<()> {
    let mut wanted = Vec::new();
    for from in folders {
        for name in names(from)? {
            fs::copy(from.join(&name), to.join(&name)).with_context(|| format!("can't copy {name}"))?;
            wanted.push(name);
        }
    }
    for name in names(to)? {
        let built = PARTS
            .iter()
            .any(|[_, _, part, _]| [format!("{part}.js"), format!("{part}_bg.wasm")].contains(&name));
        if !wanted.contains(&name) && !built {
            fs::remove_file(to.join(&name)).with_context(|| format!("can't remove {name}"))?;
        }
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let list = fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in list {
        let name = entry?.file_name().into_string();
        let name = name.ok().with_context(|| format!("a name in {} is no text", folder.display()))?;
        ensure!(folder.join(&name).is_file(), "{} holds a folder: {name}", folder.display());
        names.push(name);
    }
    Ok(names)
}

/// Whether a file is missing or older than what it is made from.
fn is_older(made: &Path, from: &Path) -> Result<bool> {
    let source = fs::metadata(from).with_context(|| format!("{} is not there", from.display()))?;
    Ok(match fs::metadata(made) {
        Ok(made) => made.modified()? < source.modified()?,
        Err(_) => true,
    })
}
