//! The program's own log: JSON lines on standard error, filtered by `RUST_LOG` (default `info`).
//!
//! No line holds an address of a reader, a unit's path, the text of an entry or a key.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging; a second call changes nothing.
pub fn start() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
