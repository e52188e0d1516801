//! How the witness and its logs stand: for machines, and the status page for people.

use crate::follow::{Follower, Status};
use crate::log::Log;
use crate::mirror::{self, Mirrored};
use crate::record::State;
use crate::replay::STATEMENT;
use crate::witness::Witness;
use serde::Serialize;
use std::fmt::Write as _;

/// `/healthz`.
#[derive(Serialize)]
pub struct Health {
    /// `red` when somebody has to act: a log is stopped, has signed two books, or can't be vouched for.
    status: &'static str,
    vkey: String,
    logs: Vec<LogHealth>,
}

impl Health {
    /// How the witness stands now.
    pub fn of(witness: &Witness) -> Self {
        let logs = logs(witness);
        let status = if logs.iter().any(LogHealth::is_red) { "red" } else { "green" };
        Health { status, vkey: witness.vkey().to_string(), logs }
    }

    /// Whether nobody has to act.
    pub fn is_green(&self) -> bool {
        self.status == "green"
    }
}

/// How one log stands.
#[derive(Serialize)]
pub struct LogHealth {
    /// The log.
    pub origin: String,
    /// Place under the monitoring prefix.
    pub origin_hash: String,
    /// Leaves of the head cosigned last.
    pub size: Option<u64>,
    /// Time of the last cosignature.
    pub time: Option<u64>,
    /// Why nothing more is signed until the next start.
    pub stopped: Option<String>,
    /// Whether the log has signed two books.
    pub contradicted: bool,
    /// The replay, where the log is followed.
    pub replay: Option<Status>,
    /// Leaves of the head replayed last.
    pub replayed_size: Option<u64>,
    /// Time of the last replay cosignature.
    pub replayed_time: Option<u64>,
    /// The copy, where one is kept.
    pub mirror: Option<mirror::Status>,
    /// Leaves of the head that the copy serves.
    pub mirrored_size: Option<u64>,
}

impl LogHealth {
    fn is_red(&self) -> bool {
        self.stopped.is_some()
            || self.contradicted
            || matches!(self.replay, Some(Status::Refused { .. } | Status::Withheld { .. }))
            || matches!(self.mirror, Some(mirror::Status::Older { .. } | mirror::Status::Forked { .. }))
    }
}

/// How each log stands.
pub fn logs(witness: &Witness) -> Vec<LogHealth> {
    let each = |(hash, log): (&str, &Log)| {
        let (State { latest, stopped, contradicted }, follower) = (log.state(), witness.follower(hash));
        let copy = witness.copy(hash);
        let replayed = follower.and_then(|follower| follower.state().latest);
        LogHealth {
            origin: log.origin().to_owned(),
            origin_hash: hash.to_owned(),
            size: latest.as_ref().map(|l| l.checkpoint.size),
            time: latest.as_ref().map(|l| l.time),
            stopped,
            contradicted: contradicted || copy.is_some_and(Mirrored::contradicted),
            replay: follower.map(Follower::status),
            replayed_size: replayed.as_ref().map(|l| l.checkpoint.size),
            replayed_time: replayed.as_ref().map(|l| l.time),
            mirror: copy.map(Mirrored::status),
            mirrored_size: copy.and_then(Mirrored::head).map(|head| head.checkpoint.size),
        }
    };
    witness.logs().map(each).collect()
}

/// The status page, for people: what is vouched for, and what is not.
pub fn page(witness: &Witness) -> String {
    let mut page = format!("见证人 witness\n{}\n", witness.vkey());
    if let Some(vkey) = witness.replayer() {
        let _ = write!(page, "\n核对人 replayer\n{vkey}\n\n{STATEMENT}");
    }
    for log in logs(witness) {
        let _ = writeln!(page, "\n{}", log.origin);
        let _ = writeln!(page, "  存证 head  {}", told(log.size, log.time));
        if let Some(why) = log.stopped {
            let _ = writeln!(page, "  停止 stopped  {why}");
        }
        if log.contradicted {
            let _ = writeln!(
                page,
                "  账本签过两本账，两个存证点均已保存 / the log has signed two books; both heads are kept"
            );
        }
        if let Some(mirror) = log.mirror {
            let _ =
                writeln!(page, "  副本 mirror  /mirror/{}  {}", log.origin_hash, leaves(log.mirrored_size));
            let _ = match mirror {
                mirror::Status::Reading { size, of } => writeln!(page, "  正在复制 copying  {size} / {of}"),
                mirror::Status::Current { .. } => Ok(()),
                mirror::Status::Trouble { what } => writeln!(page, "  暂时复制不了 not now  {what}"),
                mirror::Status::Older { shown } => writeln!(
                    page,
                    "  来源只给出 {shown} 个叶子的旧存证点，副本不倒退 / the source shows an older head of {shown} leaves; the copy stays"
                ),
                mirror::Status::Forked { shown } => writeln!(
                    page,
                    "  来源的存证点（{shown} 个叶子）与副本矛盾，拒收，证据已保存 / the source's head of {shown} leaves contradicts the copy: refused, the evidence is kept"
                ),
            };
        }
        let Some(replay) = log.replay else { continue };
        let _ = writeln!(page, "  核对 replayed  {}", told(log.replayed_size, log.replayed_time));
        let _ = match replay {
            Status::Reading { size, of } => writeln!(page, "  正在读取 reading  {size} / {of}"),
            Status::Current { .. } => Ok(()),
            Status::Trouble { what } => writeln!(page, "  暂时核对不了 not now  {what}"),
            Status::Late { size, time, clock } => {
                writeln!(
                    page,
                    "  这个存证点不作证：{size} 个叶子，索引叶时间 {time}，第一次看到时本机时间 {clock}，相差超过 10 分钟；下一个存证点再看 / this head is not vouched for: its time was more than 10 minutes off when first seen; the next one may be"
                )
            }
            Status::Withheld { unit, seq, given } => {
                writeln!(
                    page,
                    "  暂不作证：主管机关 {given} 交来的 {unit} 第 {seq} 号一天后仍未入账 / withheld: an act of the authority is not in the log a day after it was given"
                )
            }
            Status::Refused { fault } => {
                writeln!(
                    page,
                    "  不再作证，依据已保存 / no longer vouched for; what was found is kept:\n{fault}"
                )
            }
        };
    }
    page
}

fn leaves(size: Option<u64>) -> String {
    size.map_or("尚无 none yet".to_owned(), |size| format!("{size} 个叶子 leaves"))
}

fn told(size: Option<u64>, time: Option<u64>) -> String {
    match size.zip(time) {
        Some((size, time)) => format!("{size} 个叶子 leaves，签署于 cosigned at {time}"),
        None => "尚无 none yet".to_owned(),
    }
}
