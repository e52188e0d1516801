//! The project's text files.

use std::path::{Path, PathBuf};

/// Folders that hold what was built or fetched.
const MADE: [&str; 4] = [".git", "target", "build", "node_modules"];

/// A text file.
pub struct File {
    /// Its path from the project's folder, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl File {
    /// What stands behind the name's last dot.
    pub fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether it is program text.
    pub fn is_code(&self) -> bool {
        ["rs", "mjs", "js", "go"].contains(&self.extension()) || self.is_vector()
    }

    /// Whether it is run as a test, or is the data of one.
    pub fn is_test(&self) -> bool {
        let crates_tests = self.path.split('/').nth(1) == Some("tests");
        crates_tests || self.path.starts_with("tests/") || self.path.ends_with("/tests.rs")
    }

    fn is_vector(&self) -> bool {
        self.path.starts_with("tests/vectors/") && self.extension() == "json"
    }
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// All text files that are no folder's product.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && !MADE.iter().any(|made| entry.file_name() == *made) {
                folders.push(path);
            } else if kind.is_file()
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    assert!(files.len() > 100, "only {} files in {}", files.len(), root().display());
    files
}
