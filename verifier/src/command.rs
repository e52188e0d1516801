//! The command line.

use crate::audit::audit;
use crate::check::check;
use crate::plain;
use crate::progress::Progress;
use crate::report::Report;
use crate::source::SourceError;
use clap::{Args, Parser, Subcommand};
use client::{Mirror, Trust};
use ledger::note::VerifierKey;
use ledger::proof::MAX_PROOF;
use ledger::verdict::{Code, Level};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit code of usage errors.
const USAGE: u8 = 64;
/// Exit code when nothing could be found out.
const CANNOT: u8 = 2;
/// Longest evidence file in bytes: a bundle in base64, and the head remembered.
const MAX_EVIDENCE: u64 = 48 * 1024 * 1024;

/// 核对账本，不依赖运营者的程序 / Checks a ledger without the operator's programs.
///
/// 退出码 / exit codes: 0 成立 holds, 1 不成立 FAILED, 2 查不了 could not check, 64 用法错误 usage.
#[derive(Debug, Parser)]
#[command(name = "village-verifier", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 核对一张凭据 / check a receipt: one entry's inclusion
    Check(CheckArgs),
    /// 从头核对整个账本 / replay a whole log from its tiles
    Audit(AuditArgs),
    /// 证据文件 / evidence files
    Evidence {
        #[command(subcommand)]
        command: Evidence,
    },
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// 凭据 / the receipt
    #[arg(value_name = "FILE.tlog-proof")]
    file: PathBuf,
    /// 信任文件 / trust material
    #[arg(long, value_name = "trust.toml")]
    trust: PathBuf,
    /// 以 JSON 输出 / print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct AuditArgs {
    /// 账本的网址或文件夹 / address or folder of the log
    #[arg(value_name = "URL|FOLDER")]
    place: String,
    /// 信任文件 / trust material
    #[arg(
        long,
        value_name = "trust.toml",
        required_unless_present = "log_vkey",
        conflicts_with = "log_vkey"
    )]
    trust: Option<PathBuf>,
    /// 只按 C2SP 核对任何日志，不用村务规则 / audit any C2SP tiled log by its key, without village rules
    #[arg(long, value_name = "VKEY")]
    log_vkey: Option<String>,
    /// 以 JSON 输出 / print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Evidence {
    /// 核对证据文件：退出码 1 表示证据成立（账本自相矛盾），2 表示证明不了什么 / exit 1 when it convicts, 2 when it shows nothing
    Check {
        /// 证据文件 / the evidence file
        file: PathBuf,
        /// 信任文件；没有时相信证据里自带的章程 / trust material; without it the charter inside is believed
        #[arg(long, value_name = "trust.toml")]
        trust: Option<PathBuf>,
    },
}

/// Runs the tool with the process's arguments.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { USAGE } else { 0 });
        }
    };
    let code = match cli.command {
        Command::Check(args) => run_check(&args),
        Command::Audit(args) => run_audit(&args),
        Command::Evidence { command: Evidence::Check { file, trust } } => {
            run_evidence(&file, trust.as_deref())
        }
    };
    ExitCode::from(code.unwrap_or_else(|e| {
        eprintln!("查不了：{e}");
        CANNOT
    }))
}

/// Something that keeps the tool from saying anything.
type Cannot = Box<dyn std::error::Error>;

fn run_check(args: &CheckArgs) -> Result<u8, Cannot> {
    let trust = Trust::read(&args.trust)?;
    let checked = check(&read(&args.file, MAX_PROOF as u64)?, &trust);
    print(&checked, args.json)?;
    Ok(checked.code().exit())
}

fn run_audit(args: &AuditArgs) -> Result<u8, Cannot> {
    let mut progress = if args.json { Progress::hidden() } else { Progress::shown() };
    let report = match (&args.log_vkey, &args.trust) {
        (Some(vkey), _) => {
            let key = match VerifierKey::parse(vkey) {
                Ok(key) => key,
                Err(e) => {
                    eprintln!("--log-vkey 不是验证公钥 / no verifier key: {e}");
                    return Ok(USAGE);
                }
            };
            plain::audit(&open(&args.place)?, &key, &mut progress)?
        }
        (None, Some(trust)) => audit(&open(&args.place)?, &Trust::read(trust)?, &mut progress)?,
        (None, None) => return Ok(USAGE),
    };
    drop(progress);
    print(&report, args.json)?;
    Ok(exit(&report))
}

fn open(place: &str) -> Result<Mirror, SourceError> {
    Ok(Mirror::open(place)?)
}

fn exit(report: &Report) -> u8 {
    report.code().exit()
}

fn run_evidence(file: &Path, trust: Option<&Path>) -> Result<u8, Cannot> {
    let charter = trust.map(Trust::read).transpose()?.map(|trust| trust.charter);
    let outcome = ledger::evidence::check(&read(file, MAX_EVIDENCE)?, charter)
        .map_err(|e| format!("不是证据文件 / no evidence file: {e}"))?;
    let verdict = outcome.verdict;
    if verdict.code.level() == Level::Red {
        println!("证据成立：{}（{}）/ the evidence convicts", verdict.detail, verdict.code);
        if charter.is_none() {
            println!(
                "没有给 --trust：章程取自证据本身，请另行核对它是哪个账本 / the charter is the evidence's own"
            );
        }
        return Ok(Code::FailedRewritten.exit());
    }
    println!("证明不了什么：{}（{}）/ the evidence shows nothing", verdict.detail, verdict.code);
    Ok(CANNOT)
}

fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Cannot> {
    let failed =
        |e: std::io::Error| format!("读不到 {}：{e} / can't read the file: check the path", file.display());
    if std::fs::metadata(file).map_err(failed)?.len() > limit {
        return Err(format!("{} 太大，不是这种文件 / too large for such a file", file.display()).into());
    }
    Ok(std::fs::read(file).map_err(failed)?)
}

fn print<T: Display + serde::Serialize>(value: &T, json: bool) -> Result<(), Cannot> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        print!("{value}");
    }
    Ok(())
}
