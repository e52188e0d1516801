//! The command line: arguments in, one report out, exit codes 0, 1, 2, 64.

mod check;
mod monitor;

use crate::audit::{self, Ask};
use crate::beside::Wanted;
use crate::evidence::{self, MAX_EVIDENCE};
use crate::head::Head;
use crate::plain;
use crate::progress::Progress;
use crate::remember;
use crate::report::{Report, by_name};
use crate::saving::Saving;
use crate::shelf::Shelf;
use crate::source::SourceError;
use clap::{Args, Parser, Subcommand};
use client::{LedgerApi, Mirror, Trust};
use ledger::catalogue::Catalogue;
use ledger::note::VerifierKey;
use ledger::verdict::Code;
use serde::Serialize;
use std::fmt::{self, Display};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Largest catalogue file in bytes.
const MAX_CATALOGUE: u64 = 1024 * 1024;
/// Largest file with a token in bytes.
const MAX_TOKEN: u64 = 1024;
/// Exit code of usage errors.
const USAGE: u8 = 64;

/// 核对账本，不依赖运营者的程序 / check a ledger without the operator's programs
///
/// 退出码：0 成立，1 不成立，2 查不了（网络、文件、版本），64 用法错误。
/// Exit codes: 0 holds, 1 FAILED or does not verify, 2 could not check, 64 usage.
#[derive(Debug, Parser)]
#[command(name = "village-verifier", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 核对一张凭据：一个条目在不在账本里；本户的一行、开启值或附件是不是它的 / check a receipt: one entry's inclusion; with it one household's row, openings or an attachment
    Check(check::Args),
    /// 从头核对整个账本 / replay a whole log from its tiles
    Audit(AuditArgs),
    /// 盯着账本和它的见证人、副本：两本账、倒退、缺号、逾期、没有见证 / watch logs with their witnesses and mirrors
    Monitor(monitor::Args),
    /// 证据文件 / evidence files
    Evidence {
        #[command(subcommand)]
        command: Evidence,
    },
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
    #[arg(long, value_name = "VKEY", value_parser = log_key)]
    log_vkey: Option<VerifierKey>,
    /// 公开目录，用来判断是否逾期；不给则用本程序自带的 / disclosure catalogue, to judge lateness by; else the built-in one
    #[arg(long, value_name = "FILE", conflicts_with = "log_vkey")]
    catalogue: Option<PathBuf>,
    /// 记住这次的存证点；下次核对账本只增不改 / remember this head; next time the log may only have grown
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
    /// 下载公开附件，核对摘要和大小 / fetch public attachments and hold their digests and sizes
    #[arg(long, conflicts_with = "log_vkey")]
    attachments: bool,
    /// 取来封存的姓名与承诺核对，只对网址有效；不显示姓名 / fetch sealed names and hold them against their commitments, of an address only; they are not printed
    #[arg(long, conflicts_with = "log_vkey")]
    names: bool,
    /// 监察人员令牌的文件，随 --names 或 --attachments / file with an inspector's token, for --names and --attachments
    #[arg(long, value_name = "FILE", conflicts_with = "log_vkey")]
    token_file: Option<PathBuf>,
    /// 读到的都留一份，可离线再查，也是证据；姓名和不公开的附件不留 / keep a copy of everything read: to audit again, and as evidence; names and attachments that are not public are not kept
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// 以 JSON 输出，不显示进度 / print JSON, without a progress bar
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Evidence {
    /// 核对证据文件 / check an evidence file
    ///
    /// 退出码 1：证据成立，账本签名的话自相矛盾；2：证明不了什么；没有 0。
    /// Exit 1: it convicts, signed statements of the ledger contradict each other; 2: it shows nothing; never 0.
    Check {
        /// 证据文件 / the evidence file
        file: PathBuf,
        /// 信任文件；没有时相信证据里自带的章程 / trust material; without it the charter inside is believed
        #[arg(long, value_name = "trust.toml")]
        trust: Option<PathBuf>,
        /// 以 JSON 输出 / print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Why the tool could not find out anything.
#[derive(Debug, Serialize)]
struct Cannot {
    #[serde(serialize_with = "by_name")]
    verdict: Code,
    what: String,
}

impl Cannot {
    fn new(what: impl Display) -> Self {
        Cannot { verdict: Code::CannotCheck, what: what.to_string() }
    }
}

impl From<SourceError> for Cannot {
    fn from(e: SourceError) -> Self {
        let verdict = if e.is_offline() { Code::Offline } else { Code::CannotCheck };
        Cannot { verdict, what: e.to_string() }
    }
}

impl Display for Cannot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "查不了 could not check（{}）：{}", self.verdict, self.what)
    }
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
    let (json, done) = match &cli.command {
        Command::Check(args) => (args.json, check::run(args)),
        Command::Audit(args) => (args.json, run_audit(args)),
        Command::Monitor(args) => (args.json, monitor::run(args)),
        Command::Evidence { command: Evidence::Check { file, trust, json } } => {
            (*json, run_evidence(file, trust.as_deref(), *json))
        }
    };
    ExitCode::from(done.unwrap_or_else(|cannot| {
        if json {
            print(&cannot, true);
        } else {
            eprint!("{cannot}");
        }
        cannot.verdict.exit()
    }))
}

fn run_audit(args: &AuditArgs) -> Result<u8, Cannot> {
    let mirror = Mirror::open(&args.place).map_err(SourceError::from)?;
    let log = Saving::new(mirror, args.save.clone());
    let remembered = args.remember.as_deref().map(remember::load).transpose()?.flatten();
    let mut progress = if args.json { Progress::hidden() } else { Progress::shown() };
    let (report, head): (Report, Head) = match (&args.log_vkey, &args.trust) {
        (Some(key), _) => plain::audit(&log, key, remembered.as_ref(), &mut progress)?,
        (None, trust) => {
            let trust =
                Trust::read(trust.as_deref().unwrap_or(Path::new("trust.toml"))).map_err(Cannot::new)?;
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
            let catalogue = args.catalogue.as_deref().map_or_else(|| Ok(Catalogue::standard()), catalogue)?;
            let Some(shelf) = shelf(args)? else { return Ok(USAGE) };
            let wanted =
                Wanted { attachments: args.attachments, names: args.names, token: args.token_file.is_some() };
            let ask = Ask { trust, remembered, catalogue, shelf, wanted, now };
            audit::audit(&log, &ask, &mut progress)?
        }
    };
    drop(progress);
    print(&report, args.json);
    if let Some(file) = args.remember.as_ref().filter(|_| report.verdict.exit() == 0) {
        remember::store(file, &head.bytes)?;
    }
    Ok(report.verdict.exit())
}

/// Where what lies beside the log is; none, and said so, when a folder is asked for what only a server has.
fn shelf(args: &AuditArgs) -> Result<Option<Shelf>, Cannot> {
    let save = args.save.clone();
    if !is_address(&args.place) {
        if args.names || args.token_file.is_some() {
            eprintln!(
                "--names 和 --token-file 只能用于账本的网址 / --names and --token-file take the ledger's address"
            );
            return Ok(None);
        }
        return Ok(Some(Shelf::Folder(PathBuf::from(&args.place), save)));
    }
    let mut api = LedgerApi::new(&args.place).map_err(Cannot::new)?;
    if let Some(file) = &args.token_file {
        let text = String::from_utf8(read(file, MAX_TOKEN)?).unwrap_or_default();
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let what = format!("{} 里应只有一个令牌 / want one token in the file", file.display());
            return Err(Cannot::new(what));
        }
        api = api.with_token(token);
    }
    Ok(Some(Shelf::Server(api, save)))
}

fn is_address(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

fn run_evidence(file: &Path, trust: Option<&Path>, json: bool) -> Result<u8, Cannot> {
    let trust = trust.map(Trust::read).transpose().map_err(Cannot::new)?;
    let judged = evidence::check(&read(file, MAX_EVIDENCE)?, trust.map(|trust| trust.charter));
    print(&judged, json);
    Ok(judged.exit())
}

fn catalogue(file: &Path) -> Result<Catalogue, Cannot> {
    let text = String::from_utf8(read(file, MAX_CATALOGUE)?).map_err(|e| e.to_string());
    text.and_then(|text| Catalogue::parse(&text).map_err(|e| e.to_string()))
        .map_err(|e| Cannot::new(format!("{} 不是公开目录：{e} / no disclosure catalogue", file.display())))
}

fn log_key(text: &str) -> Result<VerifierKey, String> {
    match VerifierKey::parse(text) {
        Ok(key) if key.is_note_key() && !key.is_weak() => Ok(key),
        Ok(_) => Err("应为 Ed25519 签名公钥（0x01） / want the key of an Ed25519 note signer".to_owned()),
        Err(e) => Err(format!("不是可用的验证公钥 / no usable verifier key: {e}")),
    }
}

fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Cannot> {
    let failed = |e: std::io::Error| {
        Cannot::new(format!("读不到 {}：{e} / can't read the file: check the path", file.display()))
    };
    if std::fs::metadata(file).map_err(failed)?.len() > limit {
        return Err(Cannot::new(format!(
            "{} 太大，不是这种文件 / too large for such a file",
            file.display()
        )));
    }
    std::fs::read(file).map_err(failed)
}

/// Prints on standard output; that nobody reads there any more is no reason to fail.
fn print<T: Display + Serialize>(value: &T, json: bool) {
    let text = match serde_json::to_string_pretty(value) {
        Ok(text) if json => format!("{text}\n"),
        _ => value.to_string(),
    };
    let _ = std::io::stdout().write_all(text.as_bytes());
}
