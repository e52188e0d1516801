//! `village-ledger serve`.

use super::Failure;
use crate::limits::{SUBMISSIONS_PER_MINUTE, UNNAMED, UNNAMED_PER_SEAL};
use crate::serve::{ServeError, Server, Settings};
use crate::witnesses::Settings as WitnessSettings;
use clap::Args;
use keys::file;
use keys::passphrase::Source;
use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use store::StoreError;
use tokio::signal::unix::{SignalKind, signal};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 账本密钥文件 / the log's key file
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    /// 监听地址，端口 0 为任意空闲端口 / address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 查看器文件目录 / folder of the viewer's built files
    #[arg(long, value_name = "DIR")]
    viewer: Option<PathBuf>,
    /// 公开目录文件；不给则用自带的 / disclosure catalogue; without it, the built-in one
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// 村民打开的网址，写入 trust.toml；不给则为监听地址 / address that villagers open, written into trust.toml
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// 两次公布的最短间隔（毫秒）/ least time between two publications, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=600_000))]
    publish_interval_ms: u64,
    /// 每把密钥每分钟最多提交次数 / submissions a minute of one key
    #[arg(long, value_name = "N", default_value_t = SUBMISSIONS_PER_MINUTE, value_parser = clap::value_parser!(u32).range(1..))]
    submissions_per_minute: u32,
    /// 每枚印章已上传而没有条目引用的文件最多多少 MiB / files of one seal that no entry names, in MiB
    #[arg(long, value_name = "N", default_value_t = UNNAMED_PER_SEAL >> 20, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    unnamed_per_seal_mib: u64,
    /// 全部没有条目引用的文件最多多少 MiB / all files that no entry names, in MiB
    #[arg(long, value_name = "N", default_value_t = UNNAMED >> 20, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    unnamed_mib: u64,
    /// 新存证点最多等第一个见证人多少毫秒 / how long a new head waits for its first witness, in milliseconds
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(..=60_000))]
    witness_wait_ms: u64,
    /// 隔多少分钟请见证人重新联署 / minutes after which witnesses are asked again about a head
    #[arg(long, value_name = "N", default_value_t = 480, value_parser = clap::value_parser!(u64).range(1..=1_440))]
    witness_refresh_minutes: u64,
    /// 见证人永久失联时：没听到足够的见证人也签署（先确认目录不是旧备份）/ sign although too few witnesses were heard,
    /// when they are gone for ever; first make sure that the folder is no old backup
    #[arg(long)]
    without_witnesses: bool,
    #[command(flatten)]
    passphrase: Source,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub fn run(self) -> Result<(), Failure> {
        crate::logs::start();
        file::show(&self.log_key)?;
        let signer = file::open(&self.log_key, &self.passphrase.read(&self.log_key)?)?;
        let settings = Settings {
            listen: self.listen,
            viewer: self.viewer,
            catalogue: self.catalogue,
            public: self.public_url,
            interval: Duration::from_millis(self.publish_interval_ms),
            per_minute: NonZeroU32::new(self.submissions_per_minute).unwrap_or(NonZeroU32::MIN),
            unnamed: [self.unnamed_per_seal_mib << 20, self.unnamed_mib << 20],
            witnesses: WitnessSettings {
                patience: Duration::from_millis(self.witness_wait_ms),
                refresh: Duration::from_secs(self.witness_refresh_minutes * 60),
                without: self.without_witnesses,
                ..WitnessSettings::default()
            },
            ..Settings::new(self.data)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Failure::could_not(format!("系统不给线程：{e} / no threads to be had")))?;
        runtime.block_on(async {
            let failed = |e| Failure::could_not(format!("无法接收停止信号：{e} / can't listen for signals"));
            let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
            let server = Server::start(settings, signer).await.map_err(serve_failure)?;
            println!("listening on http://{}/", server.address());
            let _ = std::io::stdout().flush();
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            server.stop().await.map_err(serve_failure)
        })
    }
}

fn serve_failure(error: ServeError) -> Failure {
    match error {
        ServeError::Store(e) => store_failure(e),
        ServeError::Charter(e) => Failure::refused(e),
        e => Failure::could_not(e),
    }
}

/// Damage is told from trouble: 1 and 2.
pub(super) fn store_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Damaged { .. } | StoreError::Exists | StoreError::Key { .. } | StoreError::Refused(_) => {
            Failure::refused(error)
        }
        StoreError::Sign(e) => e.into(),
        e => Failure::could_not(e),
    }
}
