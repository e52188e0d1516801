//! `village-ledger fsck` and `reindex`.

use super::Failure;
use super::serve::store_failure;
use clap::Args;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::check::{NOT_CHECKED, Report, fsck, reindex};

/// Arguments of `fsck`.
#[derive(Debug, Args)]
pub struct Fsck {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Fsck {
    /// Checks everything: exit 0 holds, 1 damaged, 2 could not check.
    pub fn run(self) -> Result<(), Failure> {
        let mut progress = Progress::new("复核 / checking");
        let result = fsck(&self.data, |done, all| progress.show(done, all));
        progress.end();
        let report = result.map_err(store_failure)?;
        print(&report);
        if report.holds() {
            return Ok(());
        }
        Err(Failure::refused(format!(
            "账本不完好：{} 处不符。请不要改动任何文件，先备份整个目录，再从镜像恢复缺损的文件 / the ledger is damaged in {0} places: change nothing, copy the whole folder, then bring the damaged files back from a mirror",
            report.fault_count
        )))
    }
}

fn print(report: &Report) {
    println!("已检查 / checked:");
    println!("  {} 个叶子重新计算 / leaves hashed again", report.size);
    println!(
        "  {} 条条目、{} 个签名逐一验证 / entries and their signatures verified",
        report.entries, report.seals
    );
    println!(
        "  {} 次公布的目录和存证点 / publications: index leaf and checkpoint of each",
        report.publications
    );
    println!("  {} 个数据块逐字节比对 / tiles and entry bundles compared byte by byte", report.tiles);
    println!("未检查 / not checked:");
    for what in NOT_CHECKED {
        println!("  {what}");
    }
    if report.holds() {
        println!("结果 / result: 完好 / holds");
        return;
    }
    println!("结果 / result: 不完好 / damaged");
    for fault in &report.faults {
        println!("  {fault}");
    }
    let more = report.fault_count.saturating_sub(report.faults.len() as u64);
    if more > 0 {
        println!("  另有 {more} 处 / and {more} more");
    }
}

/// Arguments of `reindex`.
#[derive(Debug, Args)]
pub struct Reindex {
    /// 账本目录 / folder of the ledger
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Reindex {
    /// Builds the query index anew; the server must not run.
    pub fn run(self) -> Result<(), Failure> {
        crate::logs::start();
        let leaves = reindex(&self.data).map_err(store_failure)?;
        println!(
            "查询索引已重建，读了 {leaves} 个叶子 / the query index was built anew from {leaves} leaves"
        );
        Ok(())
    }
}

/// A line on standard error: rewritten in place on a terminal, a new one now and then elsewhere.
struct Progress {
    what: &'static str,
    terminal: bool,
    shown: Instant,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Progress { what, terminal: std::io::stderr().is_terminal(), shown: Instant::now() }
    }

    fn show(&mut self, done: u64, all: u64) {
        let pause = if self.terminal { Duration::from_millis(100) } else { Duration::from_secs(10) };
        if self.shown.elapsed() < pause && done < all {
            return;
        }
        self.shown = Instant::now();
        let percent = done.saturating_mul(100) / all.max(1);
        let (start, end) = if self.terminal { ("\r", "") } else { ("", "\n") };
        eprint!("{start}{} {done} / {all}（{percent}%）{end}", self.what);
        let _ = std::io::stderr().flush();
    }

    fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}
