//! `cargo xtask demo --attack NAME`: a small ledger whose server cheats, and who catches it.

use super::making::program;
use crate::viewer;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Serves the attack until Ctrl-C; Enter shows its next step. What readers know beforehand is in the folder.
pub fn run(name: &str, folder: &Path) -> Result<()> {
    super::build()?;
    let viewer = viewer::build()?;
    std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    let mut server = program("cheating-ledger", &folder)?.arg(name).arg(&folder).arg(viewer).spawn()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        loop {
            tokio::select! {
                _ = interrupt.recv() => return anyhow::Ok(None),
                _ = terminate.recv() => return Ok(None),
                () = tokio::time::sleep(super::WATCH) => {
                    if let Some(status) = server.try_wait()? {
                        return Ok(Some(status));
                    }
                }
            }
        }
    })?;
    let Some(status) = ended else {
        // Ctrl-C has ended it already.
        let _ = server.kill();
        server.wait()?;
        return Ok(());
    };
    ensure!(status.success(), "the server that cheats ended with {status}");
    Ok(())
}
