//! The command `village-clerk`. Exit codes: 0 done, 1 something must be corrected, 2 could not, 64 wrong usage.

use crate::commands;
use clap::{Args, Parser, Subcommand};
use keys::passphrase::Source;
use ledger::note::VerifierKey;
use ledger::unit::{Scope, UnitId};
use std::path::PathBuf;
use std::process::ExitCode;

/// 录入、核对、盖章、公布村务公开表 / import, check, seal and publish a village's disclosure table
///
/// 一般顺序：import → check --server → sign --key → publish --server。盖章前要知道账本和编号：给 check、sign 中任一个
/// --server 即可，也可设环境变量 VILLAGE_LEDGER_SERVER。
/// The usual order is import, check --server, sign --key, publish --server. Sealing needs the ledger's id and the
/// next numbers: give check or sign a --server, or set VILLAGE_LEDGER_SERVER.
#[derive(Debug, Parser)]
#[command(name = "village-clerk", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made in the life of the process")]
pub(crate) enum Command {
    /// 读取表格，写出草稿；有错则逐行列出，不写草稿 / read a table into a draft; faults are listed and nothing is written
    ///
    /// 姓名列（对方、经手、证明、审批）写全名或“姓*末字”，都只以遮盖形式封存。“姓名公开范围”一列写 公开（公示期内）、本户 或 监督，
    /// 不写是公开。每户一行的发放清单成为一条，各户另行封存。
    /// Names in the columns for people are sealed in masked form only. The column 姓名公开范围 says who may see them: 公开
    /// (while posted; also when empty), 本户 (the household) or 监督 (inspectors). A payment list with a row for each
    /// household becomes one entry.
    Import {
        /// 公开表（CSV；UTF-8 或 GBK） / the table (CSV; UTF-8 or GBK)
        table: PathBuf,
        /// 行政区划表（CSV） / the divisions table (CSV)
        #[arg(long, value_name = "FILE")]
        divisions: PathBuf,
        /// 草稿写到哪里 / where to write the draft
        #[arg(long, value_name = "DRAFT")]
        out: PathBuf,
        /// 覆盖已有的草稿 / replace a draft that is there
        #[arg(long)]
        force: bool,
    },
    /// 核对草稿；给了 --server 时记下账本和编号 / check a draft; with --server, store the ledger's id and numbers
    Check {
        /// 草稿 / the draft
        draft: PathBuf,
        #[command(flatten)]
        server: MaybeServer,
    },
    /// 盖章：印章范围内未公布的条目 / seal the entries in the key's scope that are not published
    Sign {
        /// 印章密钥文件，可多次给出 / key file of a seal; may be given several times
        #[arg(long = "key", value_name = "FILE", required = true)]
        keys: Vec<PathBuf>,
        /// 草稿 / the draft
        draft: PathBuf,
        #[command(flatten)]
        server: MaybeServer,
        #[command(flatten)]
        passphrase: Source,
    },
    /// 公布已盖章的条目；再次运行没有坏处 / publish what is sealed; running it again is harmless
    Publish {
        /// 草稿 / the draft
        draft: PathBuf,
        #[command(flatten)]
        server: Server,
        /// 编号被占用时用这些印章重新编号盖章 / seals to number and seal anew with when numbers are taken
        #[arg(long = "key", value_name = "FILE")]
        keys: Vec<PathBuf>,
        /// 把每条的在册证明（.tlog-proof）写到这个文件夹 / write each entry's proof file into this folder
        #[arg(long, value_name = "DIR")]
        receipts: Option<PathBuf>,
        #[command(flatten)]
        passphrase: Source,
    },
    /// 打印单户凭条：清单里每户一张，带本户码和二维码 / leaflets for the households of payment lists, to print and hand over
    Leaflets {
        /// 草稿 / the draft
        draft: PathBuf,
        /// 网页写到哪里，用浏览器打开打印 / where to write the page; print it from a browser
        #[arg(long, value_name = "HTML")]
        out: PathBuf,
        /// 公开网站的域名，印在二维码里 / the host that the QR codes lead to
        #[arg(long, value_name = "HOST")]
        host: String,
        /// 行政区划表，印村名用 / the divisions table, for the village's name
        #[arg(long, value_name = "FILE")]
        divisions: Option<PathBuf>,
        /// 只打印表格里这一行的那一户 / only the household of this row of the table
        #[arg(long, value_name = "N")]
        row: Option<usize>,
    },
    /// 撤下姓名、清单或附件；撤下本身公开，原有证明都仍有效 / withdraw names, lists or files: publicly, and every proof stays valid
    Redact(Redact),
    /// 主管机关：登记区划表里的单位 / the authority: enrol the units of a divisions table
    Units {
        /// 行政区划表（CSV） / the divisions table (CSV)
        #[arg(long, value_name = "FILE")]
        divisions: PathBuf,
        #[command(flatten)]
        office: Office,
    },
    /// 主管机关：登记、更换、吊销印章 / the authority: enrol, rotate, revoke a seal
    #[command(subcommand)]
    Seal(Seal),
    /// 主管机关：公布公开目录，此后按它要求印章和公示天数 / the authority: put a disclosure catalogue in force
    Catalogue {
        /// 公开目录；不给则用本程序自带的 / the catalogue; the built-in one without it
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        office: Office,
    },
    /// 主管机关：公布地方规定（期限、限额、审批层级、公示天数、印章） / the authority: put the county's own rules in force
    Overrides {
        /// 地方规定（JSON），整份代替以前的 / the rules (JSON); they replace the earlier ones whole
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        office: Office,
    },
    /// 主管机关：登记核对页面的文件和网址 / the authority: enrol the files and hosts of a viewer
    Release {
        /// 版本 / its version
        #[arg(long, value_name = "VERSION")]
        version: String,
        /// 核对页面的文件夹 / the viewer's folder
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        /// 提供它的网站，可多次给出 / a host that serves it; may be given several times
        #[arg(long = "host", value_name = "HOST", required = true)]
        hosts: Vec<String>,
        #[command(flatten)]
        office: Office,
    },
    /// 提交已签好的登记（village-keys sign 加签之后） / post acts that were signed elsewhere with village-keys sign
    Post {
        /// 已签名的条目 / signed entries
        #[arg(required = true)]
        notes: Vec<PathBuf>,
        #[command(flatten)]
        server: Server,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// 单位编号 / the unit
    #[arg(long, value_name = "UNIT", value_parser = unit, required_unless_present = "expired")]
    pub(crate) unit: Option<UnitId>,
    /// 公开编号 / number of the entry
    #[arg(long, value_name = "N", required_unless_present = "expired")]
    pub(crate) seq: Option<u64>,
    /// 要撤下的字段，如 counterparty.name、rows、rows.3.name、attachments.0；可多次给出 / what to withdraw; may be given several times
    #[arg(long = "path", value_name = "PATH", required_unless_present = "expired")]
    pub(crate) paths: Vec<String>,
    /// 依据：privacy_law 依法删除，posting_ended 公示期满，court 法院文书 / the basis
    #[arg(long, value_parser = ["privacy_law", "posting_ended", "court"], required_unless_present = "expired")]
    pub(crate) basis: Option<String>,
    /// 作出决定的单位；会公开，不写个人姓名 / the office that decided; it is public: name no person
    #[arg(long, value_name = "TEXT")]
    pub(crate) ordered_by: String,
    /// 说明；会公开，不写个人姓名 / a remark; it is public: name no person
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// 找出公示期已满、姓名还留着的条目，全部撤下 / find entries whose posting has ended and whose names are still kept
    #[arg(long, requires = "scope", conflicts_with_all = ["unit", "seq", "paths", "basis"])]
    pub(crate) expired: bool,
    /// --expired 找到哪里：单位编号的前 6、9、12 或 15 位 / where to look: the first 6, 9, 12 or 15 characters of a unit id
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    pub(crate) scope: Option<Scope>,
    /// 监督人员的令牌文件；有了它，只撤服务器还留着的 / file with an inspectors' token: then only what the server still keeps
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// 印章密钥文件：镇章和监督章都要 / key files of the seals: the town's and the supervision's
    #[arg(long = "key", value_name = "FILE", required_unless_present = "dry_run")]
    pub(crate) keys: Vec<PathBuf>,
    /// 不提交，写到这个文件，供其他印章加签 / do not post: write it here for other seals to sign
    #[arg(long, value_name = "NOTE", conflicts_with = "expired")]
    pub(crate) out: Option<PathBuf>,
    /// 只看，不撤 / show only
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// 不再询问 / do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) passphrase: Source,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made in the life of the process")]
pub(crate) enum Seal {
    /// 登记新印章 / enrol a new seal
    Add {
        #[command(flatten)]
        new: NewKey,
        /// 持章单位 / the office that holds it
        #[arg(long)]
        holder: String,
        #[command(flatten)]
        office: Office,
    },
    /// 用新印章更换旧印章 / put a new seal in the place of an old one
    Rotate {
        #[command(flatten)]
        new: NewKey,
        /// 旧印章的公钥 / the old seal's public key
        #[arg(long, value_name = "VKEY", value_parser = vkey)]
        old: VerifierKey,
        /// 持章单位；不给则同旧印章 / the office; without it, that of the old seal
        #[arg(long)]
        holder: Option<String>,
        #[command(flatten)]
        office: Office,
    },
    /// 吊销印章 / revoke a seal
    Revoke {
        /// 要吊销的公钥 / the public key
        #[arg(long, value_name = "VKEY", value_parser = vkey)]
        old: VerifierKey,
        /// 自这一天起可能被盗用，其后的条目会标出 / possibly misused from this day on: entries are marked
        #[arg(long, value_name = "YYYY-MM-DD")]
        compromised_from: Option<String>,
        #[command(flatten)]
        office: Office,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct NewKey {
    /// 新印章的密钥文件；它也要在自己的登记上签名 / the new seal's key file, which signs its own enrolment too
    #[arg(long, value_name = "FILE")]
    pub(crate) seal_key: Option<PathBuf>,
    /// 新印章的公钥；配合 --out，由持章单位用 village-keys sign 加签 / its public key; with --out, its holder signs elsewhere
    #[arg(long, value_name = "VKEY", value_parser = vkey)]
    pub(crate) vkey: Option<VerifierKey>,
}

#[derive(Debug, Args)]
pub(crate) struct Server {
    /// 账本服务器网址 / the ledger's address
    #[arg(long, alias = "ledger-url", value_name = "URL", env = "VILLAGE_LEDGER_SERVER")]
    pub(crate) server: String,
}

#[derive(Debug, Args)]
pub(crate) struct MaybeServer {
    /// 账本服务器网址 / the ledger's address
    #[arg(long, alias = "ledger-url", value_name = "URL", env = "VILLAGE_LEDGER_SERVER")]
    pub(crate) server: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Office {
    /// 主管机关密钥文件，可多次给出 / key file of the authority; may be given several times
    #[arg(long = "key", value_name = "FILE", required = true)]
    pub(crate) keys: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) server: Server,
    /// 不提交，写到这个文件，供其他密钥加签 / do not post: write it here for other keys to sign
    #[arg(long, value_name = "NOTE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: Source,
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 64 } else { 0 });
        }
    };
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn vkey(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).map_err(|e| format!("不是验证公钥 / {e}"))
}

fn unit(text: &str) -> Result<UnitId, String> {
    UnitId::parse(text).ok_or_else(|| "应为单位编号，如 440811100391-00 / want a unit id".to_owned())
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text)
        .ok_or_else(|| "应为单位编号的前 6、9、12 或 15 位 / want the beginning of a unit id".to_owned())
}
