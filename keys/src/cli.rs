//! The command `village-keys`. Exit codes: 0 done, 1 refused, 2 could not, 64 wrong usage.

use crate::error::KeyError;
use crate::file;
use crate::passphrase::Source;
use crate::role::Role;
use crate::sealed::Cost;
use crate::signer::{Signer, system_random};
use clap::{Parser, Subcommand};
use ledger::charter::Charter;
use ledger::entry::Entry;
use ledger::leaf::{self, Leaf, LeafType, MAX_LEAF};
use ledger::note::Note;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const NEW_VARIABLE: &str = "VILLAGE_KEYS_NEW_PASSPHRASE";

/// 密钥：生成、查看、更换口令、签署 / keys: generate, show, change the passphrase, sign
#[derive(Debug, Parser)]
#[command(name = "village-keys", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 生成密钥并封存，打印公钥 / make a key, seal it, print its public key
    Generate {
        /// 名称，决定职责：<origin>、…/authority/<名>、…/seal/<范围>/township|supervision /
        /// the name gives the role: the origin, …/authority/<x>, …/seal/<scope>/township|supervision
        #[arg(long)]
        name: String,
        /// 新密钥文件，不覆盖已有文件 / the new key file; nothing is overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// 见证密钥（0x04），只会签存证点 / a witness's key (0x04), which cosigns checkpoints only
        #[arg(long)]
        cosigner: bool,
        #[command(flatten)]
        passphrase: Source,
    },
    /// 显示名称、职责和公钥，不需要口令 / show name, role and public key; needs no passphrase
    Show {
        /// 密钥文件 / the key file
        file: PathBuf,
    },
    /// 更换口令 / change the passphrase
    Passwd {
        /// 密钥文件 / the key file
        file: PathBuf,
        #[command(flatten)]
        passphrase: Source,
        /// 新口令文件；不给时读环境变量 VILLAGE_KEYS_NEW_PASSPHRASE，再不然询问 /
        /// file with the new passphrase; otherwise that variable, otherwise asked
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// 给章程或条目加上一行签名 / add a signature line to a charter or entry
    Sign {
        /// 密钥文件 / the key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// 要签的文件：草稿（两行文字）或已有签名的内容 / a draft (two lines of text) or a note that has signatures
        #[arg(long = "in", value_name = "NOTE|DRAFT")]
        input: PathBuf,
        /// 写到哪里；不给则写回原文件，`-` 为屏幕 / where to; the same file when not given, `-` prints
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        passphrase: Source,
    },
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 64 } else { 0 });
        }
    };
    match run(args.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(e.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), KeyError> {
    match command {
        Command::Generate { name, out, cosigner, passphrase } => {
            let role = if cosigner { Role::Cosigner } else { Role::of_name(&name)? };
            if out.exists() {
                return Err(KeyError::Exists { path: out });
            }
            let signer = Signer::generate(&name, role, system_random)?;
            file::write(&out, &signer, &passphrase.read_new()?, Cost::Interactive)?;
            println!("{}", signer.vkey());
        }
        Command::Show { file: path } => {
            let header = file::show(&path)?;
            println!("名称 name  {}", header.vkey.name());
            println!("职责 role  {} {}", header.role.zh(), header.role.key());
            println!("公钥 vkey  {}", header.vkey);
        }
        Command::Passwd { file: path, passphrase, new_passphrase_file } => {
            file::show(&path)?;
            let old = passphrase.read(&path)?;
            file::open(&path, &old)?;
            let new = Source { passphrase_file: new_passphrase_file }.read_new_from(NEW_VARIABLE)?;
            file::change_passphrase(&path, &old, &new, Cost::Interactive)?;
            eprintln!(
                "口令已更换：{0}。旧备份仍用旧口令 / passphrase changed; old copies keep the old one",
                path.display()
            );
        }
        Command::Sign { key, input, out, passphrase } => {
            let text = read(&input)?;
            file::show(&key)?;
            let signer = file::open(&key, &passphrase.read(&key)?)?;
            let signed = sign(&text, &signer)?;
            match out {
                Some(path) if path.as_os_str() == "-" => print!("{signed}"),
                out => replace(out.as_deref().unwrap_or(&input), &signed)?,
            }
        }
    }
    Ok(())
}

/// Adds the signer's line to a draft or note, in the order of leaves, and says on stderr what was signed.
///
/// # Errors
/// [`KeyError::Text`] when it is no charter or entry (checkpoints and index leaves are signed only by the
/// running log), [`KeyError::NotAllowed`].
pub fn sign(whole: &str, signer: &Signer) -> Result<String, KeyError> {
    let refuse = |what: String| KeyError::Text { what };
    if whole.starts_with('{') {
        let what = "这是录入草稿，请用 village-clerk sign / a clerk's draft: use village-clerk sign";
        return Err(refuse(what.to_owned()));
    }
    // A draft is the bare text; only something with a blank line has signatures.
    let draft = whole.strip_suffix("\n\n").map(|t| format!("{t}\n"));
    let draft = draft.or_else(|| (!whole.contains("\n\n")).then(|| whole.to_owned()));
    let (text, mut signatures) = match &draft {
        Some(draft) => (draft.as_str(), Vec::new()),
        None => {
            let note =
                Note::parse(whole.as_bytes()).map_err(|e| refuse(format!("不可读 / unreadable: {e}")))?;
            (note.text, note.signatures)
        }
    };
    let signature = signer.sign_note(text)?;
    signatures.retain(|s| !signer.vkey().claims(s));
    signatures.push(signature);
    let signed = leaf::seal(text, signatures);
    let leaf = leaf::read(signed.as_bytes())
        .map_err(|e| refuse(format!("只签章程和条目 / only charters and entries are signed here: {e}")))?;
    eprintln!("{}", describe(&leaf)?);
    Ok(signed)
}

/// What is being signed, for the eyes of the one who signs.
fn describe(leaf: &Leaf<'_>) -> Result<String, KeyError> {
    match leaf.leaf_type {
        LeafType::Charter => {
            let charter = Charter::parse(leaf).map_err(|e| KeyError::Text { what: e.to_string() })?;
            Ok(format!(
                "签署章程 / charter: {}，区划 {}，主管机关密钥 {} 把、须 {} 把签署，见证规则“{}”",
                charter.origin,
                charter.district,
                charter.authority.keys.len(),
                charter.authority.threshold,
                charter.policy.join("；"),
            ))
        }
        LeafType::Entry => {
            let entry = Entry::of(leaf.json.clone()).map_err(|e| KeyError::Text { what: e.to_string() })?;
            Ok(format!(
                "签署条目 / entry: {} 第 {} 号 {} {}",
                entry.envelope.unit,
                entry.envelope.seq,
                entry.envelope.kind,
                entry.title.as_deref().unwrap_or_default(),
            ))
        }
        LeafType::Index => Err(KeyError::Text {
            what: "目录只由运行中的账本签署 / index leaves are signed by the running log only".to_owned(),
        }),
    }
}

fn read(path: &Path) -> Result<String, KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), doing: "读取", source };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MAX_LEAF as u64 {
        return Err(KeyError::Text { what: format!("{} 太大 / too large", path.display()) });
    }
    std::fs::read_to_string(path).map_err(io)
}

/// Writes beside and renames, so that a crash leaves the old or the new file, never half of one.
fn replace(path: &Path, text: &str) -> Result<(), KeyError> {
    let io = |source| KeyError::Io { path: path.to_owned(), doing: "写入", source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    std::fs::write(&beside, text).map_err(io)?;
    std::fs::rename(&beside, path).map_err(io)
}
