//! `village-verifier monitor`: one round, or one after the other until a signal.

use super::Cannot;
use crate::monitor::config::EXAMPLE;
use crate::monitor::follow::Places;
use crate::monitor::{Config, Monitor, Report, Round};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The file on which the one writer of a state's folder holds a lock.
const LOCK: &str = "monitor.lock";
/// Where the state is when nobody says so, beside the configuration.
const STATE: &str = "monitor-state";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLE)]
pub(super) struct Args {
    /// 配置文件 / the configuration
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 只查一轮：退出码 0 没有发现，1 有发现，2 有的查不了 / one round: exit 0 nothing found, 1 something found, 2 something could not be checked
    #[arg(long)]
    once: bool,
    /// 记忆所在的文件夹：见过的每个存证点、证据、报告过的事；不给则在配置文件旁 / folder of what is remembered: every head ever seen, evidence, what was told; beside the configuration unless given
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// 只在标准输出写 JSON，不在标准错误写句子 / JSON on standard output only, no sentences on standard error
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(args: &Args) -> Result<u8, Cannot> {
    let config = Config::read(&args.config).map_err(Cannot::new)?;
    let beside = args.config.parent().unwrap_or(Path::new("")).join(STATE);
    let folder = args.state.clone().unwrap_or(beside);
    let _lock = lock(&folder)?;
    // Reports name files in it, to people who are elsewhere.
    let folder = folder.canonicalize().map_err(Cannot::new)?;
    let places: Vec<Places> = config
        .logs
        .iter()
        .map(|log| log.places().map(Places::new).map_err(Cannot::new))
        .collect::<Result<_, _>>()?;
    let told = |e| Cannot::new(format!("{}：{e}", folder.display()));
    let mut monitor = Monitor::new(&config, &places, &folder, now()).map_err(told)?;
    // Held while a line is written, so that a signal cuts none.
    let line = Arc::new(Mutex::new(()));
    let tell = |report: &Report| {
        let _whole = line.lock().unwrap_or_else(PoisonError::into_inner);
        // That nobody reads there any more is no reason to stop watching.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(report.line().as_bytes()).and_then(|()| out.flush());
        if !args.json {
            eprintln!("{}", report.sentence());
        }
    };
    if args.once {
        let Round { open, unknown } = monitor.round(now(), tell).map_err(told)?;
        monitor.finish().map_err(told)?;
        return Ok(match (open, unknown) {
            (1.., _) => 1,
            (0, 1..) => 2,
            _ => 0,
        });
    }
    end_on_signal(Arc::clone(&line))?;
    monitor.run(config.interval, now, tell, |e| eprintln!("{}：{e}", folder.display()));
    Ok(0)
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// One program at a time remembers in a folder.
fn lock(folder: &Path) -> Result<File, Cannot> {
    let failed = |e: std::io::Error| {
        Cannot::new(format!("{}：{e} / the state's folder can't be used", folder.display()))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let file =
        File::options().create(true).truncate(false).write(true).open(folder.join(LOCK)).map_err(failed)?;
    #[cfg(unix)]
    if rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
        let what = "正被另一个程序使用，请先停掉它 / another program uses it: end that one first";
        return Err(Cannot::new(format!("{}：{what}", folder.display())));
    }
    Ok(file)
}

/// Ends the program with 0 on SIGTERM or Ctrl-C. What is remembered is whole at any point, so nothing is waited for but
/// the line that is being written.
fn end_on_signal(line: Arc<Mutex<()>>) -> Result<(), Cannot> {
    let failed = |e| Cannot::new(format!("无法接收停止信号：{e} / can't listen for signals"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    // Listening begins here, not when the thread gets its turn.
    let signals = {
        let _inside = runtime.enter();
        signals().map_err(failed)?
    };
    std::thread::spawn(move || {
        runtime.block_on(signals);
        let _whole = line.lock().unwrap_or_else(PoisonError::into_inner);
        std::process::exit(0);
    });
    Ok(())
}

#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> std::io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
