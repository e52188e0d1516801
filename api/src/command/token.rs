//! `village-ledger token`: bearer tokens of members and inspectors. A running server takes notice at once.

use super::Failure;
use crate::tokens::{Kept, MAX_HOLDER, Tokens};
use clap::{Args, Subcommand, ValueEnum};
use ledger::entry::Visibility;
use ledger::unit::Scope;
use std::path::{Path, PathBuf};
use store::system_clock;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// What is done about tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// 签发一个令牌，只显示这一次 / issue a token; it is shown this once
    Issue(Issue),
    /// 列出全部令牌 / list all tokens
    List(List),
    /// 撤销一个令牌，立即生效 / revoke a token; it ends at once
    Revoke(Revoke),
}

/// Whose token.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Access {
    /// 成员 / members of the collective
    Members,
    /// 监督检查人员 / inspectors
    Inspectors,
}

/// Arguments of `token issue`.
#[derive(Debug, Args)]
pub struct Issue {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 给谁用 / whose token
    #[arg(long)]
    access: Access,
    /// 管哪些单位：单位编号的前 6、9、12 或全部 15 位 / the units: the first 6, 9, 12 or all 15 characters of their ids
    #[arg(long)]
    scope: String,
    /// 有效天数 / days for which it counts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_100))]
    days: u64,
    /// 持有人或持有单位 / who holds it
    #[arg(long, value_name = "TEXT")]
    holder: String,
}

/// Arguments of `token list`.
#[derive(Debug, Args)]
pub struct List {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Arguments of `token revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 令牌编号，见 token list / the token's id, as token list shows it
    id: String,
}

impl Token {
    /// Runs it.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Token::Issue(issue) => issue.run(),
            Token::List(list) => list.run(),
            Token::Revoke(revoke) => revoke.run(),
        }
    }
}

impl Issue {
    fn run(self) -> Result<(), Failure> {
        let tokens = of(&self.data)?;
        let scope = Scope::parse(&self.scope).ok_or_else(|| {
            Failure::refused("--scope 应为单位编号的前 6、9、12 或全部 15 位 / --scope: want the first 6, 9, 12 or all 15 characters of unit ids")
        })?;
        let holder = self.holder.trim().to_owned();
        let length = holder.chars().count();
        if !(1..=MAX_HOLDER).contains(&length) || holder.contains(char::is_control) {
            return Err(Failure::refused(format!(
                "--holder 应为 1 到 {MAX_HOLDER} 个字 / --holder: want 1 to {MAX_HOLDER} characters"
            )));
        }
        let issued = system_clock();
        let access = match self.access {
            Access::Members => Visibility::Members,
            Access::Inspectors => Visibility::Inspectors,
        };
        let expires = issued + self.days * DAY;
        let kept = Kept { id: String::new(), access, scope, issued, expires, revoked: None, holder };
        println!("{}", tokens.issue(&kept).map_err(trouble)?);
        eprintln!(
            "令牌只显示这一次，请当面交给持有人 / the token is shown this once; hand it to its holder in person"
        );
        Ok(())
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let now = system_clock();
        for kept in of(&self.data)?.list().map_err(trouble)? {
            let state = match kept.revoked {
                Some(_) => "已撤销/revoked",
                None if !kept.counts(now) => "已过期/expired",
                None => "有效/counts",
            };
            let (access, scope) = (kept.access.name(), kept.scope.as_str());
            let until = ledger::time::Date::of_unix(kept.expires);
            println!("{}  {access}  {scope}  {until}  {state}  {}", kept.id, kept.holder);
        }
        Ok(())
    }
}

impl Revoke {
    fn run(self) -> Result<(), Failure> {
        if of(&self.data)?.revoke(&self.id, system_clock()).map_err(trouble)? {
            println!("已撤销 / revoked: {}", self.id);
            return Ok(());
        }
        Err(Failure::refused(
            "没有这个编号的令牌，请用 token list 核对 / there is no token of this id; look with token list",
        ))
    }
}

/// The tokens of a ledger that is there: one in a mistyped folder would never count.
fn of(data: &Path) -> Result<Tokens, Failure> {
    if data.join("checkpoint").is_file() {
        return Ok(Tokens::of(data));
    }
    Err(Failure::could_not(format!(
        "{}：这里没有账本，请核对 --data / no ledger is here; check --data",
        data.display()
    )))
}

fn trouble(error: std::io::Error) -> Failure {
    Failure::could_not(format!(
        "令牌文件读写失败：{error}。请检查账本目录的权限 / the files of tokens can't be read or written; check the permissions of the ledger's folder"
    ))
}
