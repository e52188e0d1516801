//! The command `village-witness`. Exit codes: 0 done, 1 refused or damaged, 2 could not, 64 wrong usage.

use crate::config::{Config, ConfigError};
use crate::folder::{FolderError, Home};
use crate::record::LoadError;
use crate::serve::{ServeError, Server, Settings};
use clap::{Parser, Subcommand};
use keys::passphrase::Source;
use keys::role::Role;
use keys::{Signer, file};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// 见证人：账本只增不改，才在它的存证点上签名 / the witness: it cosigns heads of logs that only grow
#[derive(Debug, Parser)]
#[command(name = "village-witness", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 新开一个见证人的记录目录，只做一次 / begin a new witness's folder, once
    Init {
        /// 记录目录 / the folder
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// 运行见证人 / run the witness
    Serve(Serve),
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// 配置文件：密钥和账本 / configuration: the key and the logs
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 记录目录 / folder of the records
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 监听地址，端口 0 为任意空闲端口 / address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// 同时从头核对账本的每个叶子，用第二把密钥签署 / also replay the logs that have a url, and sign with the second key
    #[arg(long)]
    replay: bool,
    /// 同时保存并公开账本的完整副本 / also keep and serve a complete copy of the logs that have a url
    #[arg(long)]
    mirror: bool,
    #[command(flatten)]
    passphrase: Source,
}

/// How a command failed: what to say, and with which exit code.
struct Failure {
    exit: u8,
    message: String,
}

impl Failure {
    fn refused(message: impl std::fmt::Display) -> Self {
        Failure { exit: 1, message: message.to_string() }
    }

    fn could_not(message: impl std::fmt::Display) -> Self {
        Failure { exit: 2, message: message.to_string() }
    }
}

impl From<keys::KeyError> for Failure {
    fn from(e: keys::KeyError) -> Self {
        Failure { exit: e.exit_code(), message: e.to_string() }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        match e {
            ConfigError::Io { .. } => Failure::could_not(e),
            ConfigError::Form { .. } => Failure::refused(e),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(e: FolderError) -> Self {
        match e {
            FolderError::None(_) | FolderError::Exists(_) => Failure::refused(e),
            FolderError::Locked { .. } | FolderError::Io { .. } => Failure::could_not(e),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(e: ServeError) -> Self {
        match e {
            ServeError::Folder(e) => e.into(),
            ServeError::Load(LoadError::Damaged { .. }) => Failure::refused(e),
            e => Failure::could_not(e),
        }
    }
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
    let result = match args.command {
        Command::Init { data } => Home::begin(&data).map_err(Failure::from),
        Command::Serve(serve) => serve.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.exit)
        }
    }
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    fn run(self) -> Result<(), Failure> {
        let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
        let _ =
            tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
        let Config { key, replay_key, logs } = Config::read(&self.config)?;
        let signer = self.open(&key)?;
        let replayer = match (self.replay, replay_key) {
            (false, _) => None,
            (true, Some(key)) if logs.iter().any(|log| log.follow.is_some()) => Some(self.open(&key)?),
            (true, _) => {
                return Err(Failure::refused(
                    "--replay 需要配置里有 replay_key，且至少一个 [[log]] 有 url 和 charter / --replay needs replay_key, and a [[log]] with url and charter",
                ));
            }
        };
        if self.mirror && logs.iter().all(|log| log.follow.is_none()) {
            return Err(Failure::refused(
                "--mirror 需要至少一个 [[log]] 有 url 和 charter / --mirror needs a [[log]] with url and charter",
            ));
        }
        // The signed message does not commit to the name (C2SP tlog-cosignature): one key can't state two things.
        if replayer
            .as_ref()
            .is_some_and(|r| r.vkey().key() == signer.vkey().key() || r.name() == signer.name())
        {
            return Err(Failure::refused(
                "两把密钥须不同，名称也须不同 / the two keys must differ, and their names too",
            ));
        }
        let settings =
            Settings { listen: self.listen, mirror: self.mirror, ..Settings::new(self.data, logs) };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Failure::could_not(format!("系统不给线程：{e} / no threads to be had")))?;
        runtime.block_on(async {
            let failed = |e| Failure::could_not(format!("无法接收停止信号：{e} / can't listen for signals"));
            let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
            let server = Server::start(settings, signer, replayer).await?;
            println!("listening on http://{}/", server.address());
            let _ = std::io::stdout().flush();
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            Ok(server.stop().await?)
        })
    }

    fn open(&self, key: &Path) -> Result<Signer, Failure> {
        let header = file::show(key)?;
        if header.role != Role::Cosigner {
            return Err(Failure::refused(format!(
                "{0} 是{1}，不是见证密钥，请用 village-keys generate --cosigner / not a cosigner's key: village-keys generate --cosigner",
                key.display(),
                header.role.zh()
            )));
        }
        Ok(file::open(key, &self.passphrase.read(key)?)?)
    }
}
