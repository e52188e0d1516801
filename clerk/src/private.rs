//! Files that hold names, salts or copies of attachments: for their owner's eyes only.
//!
//! LIMIT: on Windows a file has the access rights of its folder.

use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that others can't read, durably; one that is there is replaced.
///
/// # Errors
/// [`Failure::Io`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|source| Failure::Io { path: path.to_owned(), doing: "写入", source })
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        // One that was there keeps its mode otherwise.
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}
