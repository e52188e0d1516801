//! `check`: a receipt, and what is handed in beside it.

use super::{Cannot, print, read};
use crate::check::{Checked, Receipt};
use crate::held::{File, Opened};
use crate::row::Asked;
use crate::source::SourceError;
use crate::words;
use clap::ArgGroup;
use client::{LedgerApi, MirrorError, Trust};
use ledger::entry::{Entry, MAX_ATTACHMENT};
use ledger::hash::Hash;
use ledger::payment_rows::{MAX_ROW_PROOF, MAX_ROWS_BLOB};
use ledger::proof::MAX_PROOF;
use ledger::sealed::{MAX_OPENINGS_FILE, Salt};
use ledger::verdict::Code;
use std::io::Read as _;
use std::path::PathBuf;

/// Most bytes of a typed code that are read.
const MAX_TYPED: u64 = 4096;

#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("source").args(["row_proof", "rows", "server"])))]
#[command(group(ArgGroup::new("asks").args(["row_code", "openings"]).multiple(true)))]
pub(super) struct Args {
    /// 凭据 / the receipt
    #[arg(value_name = "FILE.tlog-proof")]
    file: PathBuf,
    /// 信任文件 / trust material
    #[arg(long, value_name = "trust.toml")]
    trust: PathBuf,
    /// 没有人重放过全部条目就算不成立（退出码 1） / exit 1 unless a replayer has cosigned
    #[arg(long)]
    require_replay: bool,
    /// 传单上的本户码：空格不计，大小写都可以；写 - 则从标准输入读，不留在命令记录里 / the leaflet's row code, with or without spaces, in either case; - reads it from standard input, so that no command history keeps it
    #[arg(long, value_name = "CODE", requires = "source")]
    row_code: Option<String>,
    /// 本户那一行的证明 / the proof of the household's row
    #[arg(long, value_name = "FILE", requires = "row_code")]
    row_proof: Option<PathBuf>,
    /// 清单的全部行 / all rows of the list
    #[arg(long, value_name = "FILE", requires = "asks")]
    rows: Option<PathBuf>,
    /// 向账本的网址取这一行的证明；它因此知道有人在问这一行 / fetch the row's proof from the ledger's address, which then knows that somebody asked for this row
    #[arg(long, value_name = "URL", requires = "row_code")]
    server: Option<String>,
    /// 开启值文件，与条目的承诺核对；发放清单另需 --rows / a file of openings, held against the entry's commitments; of a payment list with --rows
    #[arg(long, value_name = "FILE")]
    openings: Option<PathBuf>,
    /// 附件文件，与条目里的摘要核对 / a file, held against the digests of the entry's attachments
    #[arg(long, value_name = "FILE")]
    attachment: Option<PathBuf>,
    /// 不公开附件的盐 / the salt of an attachment that is not public
    #[arg(long, value_name = "BASE64", requires = "attachment", value_parser = salt)]
    salt: Option<Salt>,
    /// 以 JSON 输出 / print JSON
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(args: &Args) -> Result<u8, Cannot> {
    let trust = Trust::read(&args.trust).map_err(Cannot::new)?;
    let receipt = Receipt::open(&read(&args.file, MAX_PROOF as u64)?, &trust);
    let mut checked = Checked::of(&receipt, &trust);
    let beside = [args.row_code.is_some(), args.openings.is_some(), args.attachment.is_some()];
    if let Some(receipt) = receipt.ok().filter(|_| beside.contains(&true)) {
        match receipt.entry() {
            Ok(entry) => hold(args, &entry, &mut checked)?,
            Err(what) => checked.refuse(what),
        }
    }
    print(&checked, args.json);
    let replayed = matches!(checked.verdict, Code::Ok | Code::OkFirstVisit);
    Ok(if args.require_replay && !replayed { 1 } else { checked.verdict.exit() })
}

/// What was handed in beside a receipt that holds.
fn hold(args: &Args, entry: &Entry, checked: &mut Checked) -> Result<(), Cannot> {
    let rows = args.rows.as_ref().map(|file| read(file, MAX_ROWS_BLOB as u64)).transpose()?;
    if let Some(code) = &args.row_code {
        checked.not_checked.extend(words::ROW);
        match row(args, entry, code, rows.as_deref())? {
            Ok(row) => checked.row = Some(row),
            Err(what) => checked.refuse(what),
        }
    }
    if let Some(file) = &args.openings {
        match Opened::of(entry, rows.as_deref(), &read(file, MAX_OPENINGS_FILE as u64)?) {
            Ok(opened) => {
                opened.fault().into_iter().for_each(|what| checked.refuse(what.to_owned()));
                checked.openings = Some(opened);
            }
            Err(what) => checked.refuse(what),
        }
    }
    if let Some(file) = &args.attachment {
        match File::of(entry, &read(file, MAX_ATTACHMENT)?, args.salt.as_ref()) {
            Ok(found) => checked.attachment = Some(found),
            Err(what) => checked.refuse(what),
        }
    }
    Ok(())
}

type Row = Result<crate::row::Shown, String>;

fn row(args: &Args, entry: &Entry, code: &str, rows: Option<&[u8]>) -> Result<Row, Cannot> {
    let mut typed = code.to_owned();
    if code == "-" {
        typed.clear();
        std::io::stdin().take(MAX_TYPED).read_to_string(&mut typed).map_err(Cannot::new)?;
    }
    let asked = match Asked::of(entry, &typed) {
        Ok(asked) => asked,
        Err(what) => return Ok(Err(what)),
    };
    if let Some(rows) = rows {
        return Ok(asked.find(rows));
    }
    if let Some(file) = &args.row_proof {
        return Ok(asked.prove(&read(file, MAX_ROW_PROOF as u64)?));
    }
    let api = LedgerApi::new(args.server.as_deref().unwrap_or_default());
    let proof = api.and_then(|api| api.row_proof(&entry.unit(), entry.seq(), asked.place()));
    Ok(proof.map_err(|e| SourceError::from(MirrorError::from(e)))?.map_or_else(
        || Err("服务器没有这一行 / the server has no such row".to_owned()),
        |proof| asked.shown(&proof),
    ))
}

fn salt(text: &str) -> Result<Salt, String> {
    let salt = Hash::from_base64(text).ok_or("应为 32 字节的 base64 / want base64 of 32 bytes")?;
    Ok(*salt.as_bytes())
}
