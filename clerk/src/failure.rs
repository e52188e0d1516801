//! How a command ends that did not do what was asked.

use crate::fault::Fault;
use client::{HttpError, SubmitError};
use std::path::PathBuf;

/// Why a command stopped. Exit code 1 for what must be corrected, 2 for what could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Cells or entries are faulty; all of them are listed.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
    /// Something must be done first, or differently.
    #[error("{0}")]
    Refused(String),
    /// A key can't be used.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// The server could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server did not take a batch.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// A file can't be read or written.
    #[error("{path}：{doing}失败：{source} / the file can't be read or written", path = path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What was tried, in Chinese.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Failure {
    /// Exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Faults(_) | Failure::Refused(_) => 1,
            Failure::Submit(SubmitError::Http(_)) | Failure::Http(_) | Failure::Io { .. } => 2,
            Failure::Submit(_) => 1,
            Failure::Key(e) => e.exit_code(),
        }
    }

    /// Something that must be done first, or differently.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Failure::Refused(what.into())
    }
}

fn listed(faults: &[Fault]) -> String {
    let lines: String = faults.iter().map(|f| format!("  {f}\n")).collect();
    format!(
        "有 {n} 处需要改正，什么都没有写出或公布。请逐条改好再来：\n{lines}{n} faults: nothing was written or published; correct them and try again",
        n = faults.len()
    )
}
