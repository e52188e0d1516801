//! The command `village-ledger`. Exit codes: 0 done, 1 refused or damaged, 2 could not, 64 wrong usage.

mod check;
mod init;
mod serve;
mod token;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Exit code of wrong usage.
const USAGE: u8 = 64;

/// 村务阳光账本服务器 / the Village Ledger's server
#[derive(Debug, Parser)]
#[command(name = "village-ledger", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 起草章程（--origin …），或用已签章程开立账本（--charter …）/ draft a charter, or start a ledger from a signed one
    Init(init::Init),
    /// 运行账本 / run the ledger
    Serve(serve::Serve),
    /// 逐条复核整个账本 / re-hash and check the whole ledger
    Fsck(check::Fsck),
    /// 重建查询索引 / rebuild the query index
    Reindex(check::Reindex),
    /// 成员和监督检查人员的令牌 / tokens of members and inspectors
    #[command(subcommand)]
    Token(token::Token),
}

/// How a command failed: what to say, and with which exit code.
#[derive(Debug)]
struct Failure {
    exit: u8,
    message: String,
}

impl Failure {
    /// It was looked at and refused, or found damaged.
    fn refused(message: impl std::fmt::Display) -> Self {
        Failure { exit: 1, message: message.to_string() }
    }

    /// It could not be done or found out.
    fn could_not(message: impl std::fmt::Display) -> Self {
        Failure { exit: 2, message: message.to_string() }
    }
}

impl From<keys::KeyError> for Failure {
    fn from(e: keys::KeyError) -> Self {
        Failure { exit: e.exit_code(), message: e.to_string() }
    }
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { USAGE } else { 0 });
        }
    };
    let result = match args.command {
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(),
        Command::Fsck(fsck) => fsck.run(),
        Command::Reindex(reindex) => reindex.run(),
        Command::Token(token) => token.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.exit)
        }
    }
}
