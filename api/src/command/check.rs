//! fsck
use super::Failure;
use clap::Args;
use std::path::PathBuf;
/// Arguments of `fsck`.
#[derive(Debug, Args)]
pub struct Fsck {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}
impl Fsck {
    /// x
    pub fn run(self) -> Result<(), Failure> {
        Ok(())
    }
}
/// Arguments of `reindex`.
#[derive(Debug, Args)]
pub struct Reindex {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}
impl Reindex {
    /// x
    pub fn run(self) -> Result<(), Failure> {
        Ok(())
    }
}
