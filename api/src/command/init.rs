//! `village-ledger init`: first a charter draft, then, once it is signed, the ledger.

use super::Failure;
use clap::Args;
use keys::file;
use keys::passphrase::Source;
use keys::role::Role;
use ledger::charter::{Authority, Charter};
use ledger::leaf::{Leaf, LeafType, MAX_LEAF};
use ledger::note::{Note, VerifierKey};
use ledger::policy::MAX_POLICY;
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use store::system_clock;

/// Both steps of `init`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("step").args(["origin", "charter"]).required(true))]
pub struct Init {
    /// 起草：账本名称，也是账本密钥的名称 / draft: the ledger's name, which is also its key's name
    #[arg(long, value_name = "NAME", requires_all = ["district", "authority", "threshold", "out"])]
    origin: Option<String>,
    /// 六位区划代码 / 6-digit code of the district
    #[arg(long, value_name = "CODE", conflicts_with = "charter")]
    district: Option<String>,
    /// 主管机关公钥，可多次给出 / public keys of the authority
    #[arg(long, value_name = "VKEY", num_args = 1.., conflicts_with = "charter")]
    authority: Vec<String>,
    /// 须有几把主管机关密钥签署 / how many authority keys must sign
    #[arg(long, value_name = "M", conflicts_with = "charter")]
    threshold: Option<usize>,
    /// 见证规则（C2SP tlog-policy）；不给则为 quorum none / witness policy; without it, `quorum none`
    #[arg(long, value_name = "FILE", conflicts_with = "charter")]
    policy: Option<PathBuf>,
    /// 章程草稿写到哪里 / where to write the draft
    #[arg(long, value_name = "CHARTER_DRAFT", conflicts_with = "charter")]
    out: Option<PathBuf>,
    /// 开立：已签署的章程 / start: the signed charter
    #[arg(long, value_name = "FILE", requires = "data")]
    charter: Option<PathBuf>,
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR", conflicts_with = "origin")]
    data: Option<PathBuf>,
    /// 账本密钥文件 / the log's key file
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    #[command(flatten)]
    passphrase: Source,
}

impl Init {
    /// Runs one of the two steps.
    pub fn run(self) -> Result<(), Failure> {
        match (&self.charter, &self.data) {
            (Some(charter), Some(data)) => self.start(charter, data),
            _ => self.draft(),
        }
    }

    fn draft(&self) -> Result<(), Failure> {
        let log = file::show(&self.log_key)?;
        let origin = self.origin.clone().unwrap_or_default();
        if log.role != Role::Log || log.vkey.name() != origin {
            return Err(Failure::refused(format!(
                "账本密钥的名称应为 {origin}，现为 {0}；请用 village-keys generate --name {origin} / the log key must be named {origin}, not {0}: village-keys generate --name {origin}",
                log.vkey.name()
            )));
        }
        let vkey = |text: &String| {
            VerifierKey::parse(text).map_err(|_| {
                Failure::refused(format!(
                    "“{text}”不是公钥，请用 village-keys show 打印的 vkey / not a public key; give the vkey that village-keys show prints"
                ))
            })
        };
        let policy = match &self.policy {
            Some(path) => read(path, MAX_POLICY)?,
            None => "quorum none\n".to_owned(),
        };
        let charter = Charter {
            origin,
            log: log.vkey,
            authority: Authority {
                keys: self.authority.iter().map(vkey).collect::<Result<_, _>>()?,
                threshold: self.threshold.unwrap_or_default(),
            },
            district: self.district.clone().unwrap_or_default(),
            policy: policy.lines().map(str::to_owned).collect(),
            catalogue: None,
            created: system_clock(),
        };
        let text = charter.text();
        check_draft(&text)?;
        let out = self.out.as_deref().unwrap_or(Path::new("charter"));
        write_new(out, &text)?;
        eprintln!(
            "章程草稿已写入 {0}。请用 {1} 把主管机关密钥和账本密钥依次签署（village-keys sign --key FILE --in {0}），再运行 village-ledger init --charter {0} --data DIR --log-key FILE / draft written; sign it with {1} authority key(s) and the log key, then start the ledger",
            out.display(),
            charter.authority.threshold,
        );
        Ok(())
    }

    fn start(&self, charter: &Path, data: &Path) -> Result<(), Failure> {
        let note = read(charter, MAX_LEAF)?;
        let (opened, hash) = Charter::open(note.as_bytes()).map_err(Failure::refused)?;
        let header = file::show(&self.log_key)?;
        if header.vkey != opened.log {
            return Err(Failure::refused(format!(
                "{} 不是章程里的账本密钥（{}）/ not the log key that the charter names",
                self.log_key.display(),
                opened.log
            )));
        }
        let signer = file::open(&self.log_key, &self.passphrase.read(&self.log_key)?)?;
        store::init_path(data, note.as_bytes(), &signer, system_clock())
            .map_err(super::serve::store_failure)?;
        println!("{}", hash.to_hex());
        eprintln!(
            "账本已开立于 {0}，上面一行是章程指纹，请公布并妥善保存。运行：village-ledger serve --data {0} --log-key {1} / the ledger is started; the line above is the charter hash: publish and keep it",
            data.display(),
            self.log_key.display()
        );
        Ok(())
    }
}

/// Holds a draft against everything that a charter must be, but for its signatures.
fn check_draft(text: &str) -> Result<(), Failure> {
    let json = text.lines().nth(1).unwrap_or_default();
    let json = ledger::json::parse(json)
        .map_err(|e| Failure::refused(format!("章程文字不合规 / the charter's text is not allowed: {e}")))?;
    let leaf = Leaf { leaf_type: LeafType::Charter, json, note: Note { text, signatures: Vec::new() } };
    Charter::parse(&leaf).map(drop).map_err(Failure::refused)
}

fn read(path: &Path, limit: usize) -> Result<String, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::could_not(format!(
            "读不了 {0}：{why}。请检查路径 / can't read {0}; check the path",
            path.display()
        ))
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| failed(&e))?;
    file.take(limit as u64 + 1).read_to_string(&mut text).map_err(|e| failed(&e))?;
    if text.len() > limit {
        return Err(Failure::refused(format!(
            "{0} 超过 {limit} 字节 / {0} has more than {limit} bytes",
            path.display()
        )));
    }
    Ok(text)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |e: std::io::Error| {
        Failure::could_not(format!(
            "写不了 {0}：{e}。文件不会被覆盖，请换一个名字 / can't write {0}; nothing is overwritten, choose another name",
            path.display()
        ))
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}
