//! What the commands of `village-clerk` do.

use crate::attachments;
use crate::check;
use crate::cli::{Command, NewKey, Office, Redact, Seal};
use crate::district;
use crate::divisions::Divisions;
use crate::draft::Draft;
use crate::expired::expired;
use crate::failure::Failure;
use crate::findings;
use crate::import::import;
use crate::leaflets;
use crate::office;
use crate::online;
use crate::publish;
use crate::redact::{self, BASES, Reason, Withdrawal};
use crate::seal;
use crate::seal_act::SealAct;
use crate::table::MAX_FILE;
use client::{LedgerApi, Submitter};
use keys::passphrase::Source;
use keys::{Signer, file};
use ledger::note::VerifierKey;
use ledger::time::Date;
use ledger::unit::UnitId;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs one command.
///
/// # Errors
/// [`Failure`].
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Import { table, divisions, out, force } => run_import(&table, &divisions, &out, force),
        Command::Check { draft, server } => run_check(&draft, server.server.as_deref()),
        Command::Sign { keys, draft, server, passphrase } => {
            run_sign(&keys, &draft, server.server.as_deref(), &passphrase)
        }
        Command::Publish { draft: path, server, keys, receipts, passphrase } => {
            let mut draft = Draft::read(&path)?;
            let api = LedgerApi::new(&server.server)?;
            let signers = open(&keys, &passphrase)?;
            let new = publish::publish(&mut draft, &path, &api, &signers, now())?;
            match new {
                0 => println!(
                    "全部 {} 条早已公布，没有新条目 / everything was published before",
                    draft.entries.len()
                ),
                n => println!("已公布 {n} 条，共 {} 条 / published", draft.published()),
            }
            if let Some(folder) = receipts {
                let n = publish::write_receipts(&draft, &api, &folder)?;
                println!("在册证明 {n} 个写入 {} / proof files written", folder.display());
            }
            Ok(())
        }
        Command::Leaflets { draft, out, host, divisions, row } => {
            let divisions = divisions.as_deref().map(read_divisions).transpose()?;
            leaflets::run(&Draft::read(&draft)?, &out, &host, divisions.as_ref(), row)
        }
        Command::Redact(redact) => run_redact(&redact),
        Command::Units { divisions, office } => {
            let divisions = read_divisions(&divisions)?;
            finish(&office::profiles(&divisions), &office, None)
        }
        Command::Catalogue { file, office } => {
            let text = file.as_deref().map(read_text).transpose()?;
            finish(&[district::catalogue(text.as_deref(), district_of(&office)?)?], &office, None)
        }
        Command::Overrides { file, office } => {
            finish(&[district::overrides(&read_text(&file)?, district_of(&office)?)?], &office, None)
        }
        Command::Release { version, folder, hosts, office } => {
            finish(&[district::release(&version, &folder, &hosts, district_of(&office)?)?], &office, None)
        }
        Command::Seal(seal) => run_seal(seal),
        Command::Post { notes, server } => {
            let api = LedgerApi::new(&server.server)?;
            let texts = notes.iter().map(|p| read_text(p)).collect::<Result<Vec<_>, _>>()?;
            Submitter::new(api.http().clone())
                .submit(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
            println!("已提交 {} 件 / posted", notes.len());
            Ok(())
        }
    }
}

fn run_import(table: &Path, divisions: &Path, out: &Path, force: bool) -> Result<(), Failure> {
    if out.exists() && !force {
        return Err(Failure::refused(format!(
            "{} 已存在；要重新录入请加 --force / the draft is there already: --force replaces it",
            out.display()
        )));
    }
    let divisions = read_divisions(divisions)?;
    let name = table.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (bytes, folder) = (read_bytes(table)?, table.parent().unwrap_or(Path::new("")));
    let (draft, told) = attachments::attach(import(&bytes, &divisions, &name), &bytes, folder, out)?;
    draft.write(out)?;
    println!("读取 {}：{} 条 / read", draft.source, draft.entries.len());
    print!("{}{}", check::summary(&draft), attachments::summary(&draft));
    told.iter().for_each(|line| println!("  {line}"));
    warn(&draft);
    println!(
        "草稿已写入 {0}。下一步：village-clerk check {0} --server 网址 / draft written; next: check",
        out.display()
    );
    Ok(())
}

fn run_check(path: &Path, server: Option<&str>) -> Result<(), Failure> {
    let mut draft = Draft::read(path)?;
    check::check(&draft, now()).map_err(Failure::Faults)?;
    attachments::check(&draft, path)?;
    if let Some(server) = server {
        online::refresh(&mut draft, &LedgerApi::new(server)?)?;
        draft.write(path)?;
    }
    print!("{}{}", check::summary(&draft), attachments::summary(&draft));
    warn(&draft);
    match (&draft.ledger, draft.published() == draft.entries.len()) {
        (_, true) => println!("全部条目都已公布 / everything is published"),
        (Some(ledger), _) => {
            println!("账本 {ledger}。下一步：village-clerk sign --key 印章 {} / next: sign", path.display())
        }
        (None, _) => println!(
            "没有错误。盖章前请再运行一次并加上 --server 网址 / no faults; run it with --server before sealing"
        ),
    }
    Ok(())
}

fn run_sign(keys: &[PathBuf], path: &Path, server: Option<&str>, passphrase: &Source) -> Result<(), Failure> {
    let mut draft = Draft::read(path)?;
    if let Some(server) = server {
        online::refresh(&mut draft, &LedgerApi::new(server)?)?;
    }
    online::number(&mut draft)?;
    print!("{}", check::summary(&draft));
    eprintln!(
        "盖章公布后，谁也改不了，只能再发更正。 / Once sealed and published nobody can change it; only a correction can follow."
    );
    let signers = open(keys, passphrase)?;
    let sealed = seal::seal_all(&mut draft, &signers, now())?;
    draft.write(path)?;
    for (signer, sealed) in signers.iter().zip(&sealed) {
        println!("{} 盖章 {} 条 / sealed", signer.name(), sealed.entries);
    }
    for (row, name) in sealed.last().into_iter().flat_map(|last| &last.again) {
        println!("第{row}行还缺 {name} 的章，请用它再盖一次 / lacks that seal: sign with it again");
    }
    if draft.entries.iter().any(|entry| !entry.tickets.is_empty()) {
        println!(
            "清单和附件请在一天之内公布，过时要再盖章 / publish lists and files within a day, or sign again"
        );
    }
    println!("下一步：village-clerk publish --server 网址 {} / next: publish", path.display());
    Ok(())
}

fn run_seal(command: Seal) -> Result<(), Failure> {
    let (act, office, new) = match command {
        Seal::Add { new, holder, office } => {
            let (key, signer) = new_key(&new, &office)?;
            (SealAct::Add { key, holder }, office, signer)
        }
        Seal::Rotate { new, old, holder, office } => {
            let (key, signer) = new_key(&new, &office)?;
            (SealAct::Rotate { key, old: Box::new(old), holder }, office, signer)
        }
        Seal::Revoke { old, compromised_from, office } => {
            (SealAct::Revoke { old, compromised_from }, office, None)
        }
    };
    let act = act.act(&LedgerApi::new(&office.server.server)?)?;
    finish(&[act], &office, new)
}

fn district_of(office: &Office) -> Result<UnitId, Failure> {
    district::registry(&LedgerApi::new(&office.server.server)?)
}

fn new_key(new: &NewKey, office: &Office) -> Result<(VerifierKey, Option<Signer>), Failure> {
    match (&new.seal_key, &new.vkey) {
        (Some(path), _) => {
            let signer = open_one(path, &office.passphrase)?;
            Ok((signer.vkey().clone(), Some(signer)))
        }
        (None, Some(vkey)) if office.out.is_some() => Ok((vkey.clone(), None)),
        _ => Err(Failure::refused(
            "只有公钥时请加 --out，由持章单位用 village-keys sign 加签，再用 village-clerk post 提交 / with a public key only, give --out: its holder signs, then post",
        )),
    }
}

/// Posts acts signed by the office's keys (and the new seal's), or writes the one act for others to sign.
fn finish(acts: &[office::Act], office: &Office, new: Option<Signer>) -> Result<(), Failure> {
    office::guarded(acts)?;
    let api = LedgerApi::new(&office.server.server)?;
    let mut signers = open(&office.keys, &office.passphrase)?;
    signers.extend(new);
    let (Some(out), [act]) = (&office.out, acts) else {
        if office.out.is_some() {
            return Err(Failure::refused("--out 一次只能写一件登记 / --out takes one act at a time"));
        }
        let done = office::post(acts, &signers, &api, now())?;
        println!("登记 {} 件，已有 {} 件 / enrolled now, there before", done.new, done.known);
        return Ok(());
    };
    let seq = office::past(&api, &act.registry)?.len() as u64 + 1;
    write_for_others(act, seq, &signers, &api, out)
}

/// Writes an act that others are to sign, too.
fn write_for_others(
    act: &office::Act,
    seq: u64,
    signers: &[Signer],
    api: &LedgerApi,
    out: &Path,
) -> Result<(), Failure> {
    let note = office::sign(&act.text(&api.ledger()?, seq, now()), signers)?;
    let io = |source| Failure::Io { path: out.to_owned(), doing: "写入", source };
    std::fs::write(out, note).map_err(io)?;
    println!(
        "已写入 {0}。请其他密钥运行 village-keys sign --in {0}，再运行 village-clerk post / written for others to sign",
        out.display()
    );
    Ok(())
}

fn run_redact(ask: &Redact) -> Result<(), Failure> {
    let token = ask.token_file.as_deref().map(read_text).transpose()?;
    let mut api = LedgerApi::new(&ask.server.server)?;
    if let Some(token) = &token {
        api = api.with_token(token.trim());
    }
    let withdrawals = match (&ask.unit, ask.seq, &ask.scope) {
        (Some(unit), Some(seq), _) => vec![Withdrawal::of(&api, unit, seq, &ask.paths)?],
        (.., Some(scope)) => expired(&api, scope, Date::of_unix(now()), token.is_some())?,
        _ => Vec::new(),
    };
    if withdrawals.is_empty() {
        println!("没有公示期已满而姓名还留着的条目 / nothing to withdraw");
        return Ok(());
    }
    let basis = ask.basis.as_deref().unwrap_or("posting_ended");
    let (basis, why) = BASES.into_iter().find(|(key, _)| *key == basis).unwrap_or_default();
    let reason = Reason { basis, ordered_by: ask.ordered_by.clone(), note: ask.note.clone() };
    let acts = redact::acts(&withdrawals, &reason)?;
    withdrawals.iter().for_each(|one| print!("{}", one.told()));
    println!(
        "依据：{why}；决定：{}。\n撤下以后服务器不再保存这些内容，也找不回来；已经抄走、拍走的收不回。\n不变的：标题、金额、日期和条目的其他内容；原来的证明、回执和海报都仍然核对得上。撤下本身会公开，写明依据和决定单位。\nWhat is withdrawn is gone for good; all else of the entries stays, every proof stays valid, and the withdrawal is public.",
        ask.ordered_by
    );
    if ask.dry_run {
        return Ok(());
    }
    if !ask.yes {
        confirm()?;
    }
    let signers = open(&ask.keys, &ask.passphrase)?;
    match (&ask.out, acts.as_slice()) {
        (Some(out), [act]) => {
            let seq = office::next_seq(&api, &act.registry)?;
            write_for_others(act, seq, &signers, &api, out)
        }
        _ => {
            let n = redact::post(&acts, &signers, &api, now())?;
            println!("已撤下，公布 {n} 条撤下 / withdrawn");
            Ok(())
        }
    }
}

/// Asks at the console; anything but a plain yes is a no.
fn confirm() -> Result<(), Failure> {
    eprintln!("确定撤下请输入 撤下 后回车 / type yes to withdraw:");
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    match (read, line.trim()) {
        (Ok(_), "撤下" | "yes") => Ok(()),
        _ => Err(Failure::refused("没有确认，什么都没有撤下 / not confirmed: nothing was withdrawn")),
    }
}

fn warn(draft: &Draft) {
    let (found, unseen) = (findings::of(draft, now()), check::unseen(draft));
    if !draft.warnings.is_empty() || !found.is_empty() || !unseen.is_empty() {
        println!("请再看一眼（不妨碍公布） / worth a second look, but no fault:");
        draft.warnings.iter().for_each(|w| println!("  {w}"));
        unseen.iter().for_each(|f| println!("  {f}"));
        found.iter().for_each(|f| println!("  疑点提示：{f}"));
    }
}

fn open(keys: &[PathBuf], passphrase: &Source) -> Result<Vec<Signer>, Failure> {
    keys.iter().map(|path| open_one(path, passphrase)).collect()
}

fn open_one(path: &Path, passphrase: &Source) -> Result<Signer, Failure> {
    file::show(path)?;
    Ok(file::open(path, &passphrase.read(path)?)?)
}

fn read_divisions(path: &Path) -> Result<Divisions, Failure> {
    let named = |mut fault: crate::Fault| {
        fault.what = format!("（{}）{}", path.display(), fault.what);
        fault
    };
    Divisions::read(&read_bytes(path)?)
        .map_err(|faults| Failure::Faults(faults.into_iter().map(named).collect()))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let io = |source| Failure::Io { path: path.to_owned(), doing: "读取", source };
    if std::fs::metadata(path).map_err(io)?.len() > MAX_FILE {
        return Err(Failure::refused(format!(
            "{} 太大，请分成几张表 / too large: split the table",
            path.display()
        )));
    }
    std::fs::read(path).map_err(io)
}

fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(path)?)
        .map_err(|_| Failure::refused(format!("{} 不是文本 / not text", path.display())))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
